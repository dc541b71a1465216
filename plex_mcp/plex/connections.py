"""The session's connections: each is under its request's watch from the first byte on, and the gauge counts it."""

from __future__ import annotations

from typing import Any

from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

from plex_mcp.telemetry.metrics import PLEX_CONNECTIONS
from plex_mcp.watchdog import watch_socket


class _Watched:
    """A connection that puts its socket under the current request's watch and counts itself while it is open."""

    sock: Any
    _counted = False

    def _new_conn(self) -> Any:
        sock = super()._new_conn()  # type: ignore[misc]
        if not self._counted:
            self._counted = True
            PLEX_CONNECTIONS.inc()
        watch_socket(sock)  # before the TLS handshake, which can drip too
        return sock

    def request(self, *args: Any, **kwargs: Any) -> None:
        if self.sock is not None:
            watch_socket(self.sock)
        super().request(*args, **kwargs)  # type: ignore[misc]

    def close(self) -> None:
        super().close()  # type: ignore[misc]
        if self._counted:
            self._counted = False
            PLEX_CONNECTIONS.dec()


class _Connection(_Watched, HTTPConnection):
    pass


class _TLSConnection(_Watched, HTTPSConnection):
    pass


class Pool(HTTPConnectionPool):
    ConnectionCls = _Connection


class TLSPool(HTTPSConnectionPool):
    ConnectionCls = _TLSConnection

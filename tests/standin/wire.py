"""The bytes of an exchange, without any HTTP library in between."""

import contextlib
import socket
import time
from dataclasses import dataclass

from plex_mcp.standin import StandIn


@dataclass(frozen=True)
class Exchange:
    """What came back: all bytes until the connection closed or fell silent, in the pieces they came in."""

    head: str
    body: bytes
    pieces: int
    closed: bool
    was_reset: bool
    first_byte_s: float

    @property
    def status(self) -> int | None:
        return int(self.head.split(" ")[1]) if self.head.startswith("HTTP/1.1 ") else None

    def header(self, name: str) -> str | None:
        for line in self.head.split("\r\n")[1:]:
            key, _, value = line.partition(":")
            if key.lower() == name.lower():
                return value.strip()
        return None

    @property
    def promised_bytes(self) -> int:
        return int(self.header("Content-Length") or 0)


def exchange(plex: StandIn, path: str, *, method: str = "GET", wait_s: float = 3.0, headers: str = "") -> Exchange:
    """Send one request and read until close, until the promised body is there, or until ``wait_s`` without a byte."""
    data, pieces, closed, was_reset, first = b"", 0, False, False, -1.0
    started = time.monotonic()
    with socket.create_connection(("127.0.0.1", plex.port), timeout=wait_s) as sock:
        sock.sendall(f"{method} {path} HTTP/1.1\r\nHost: x\r\nX-Plex-Token: {plex.token}\r\n{headers}\r\n".encode())
        while True:
            try:
                more = sock.recv(65_536)
            except TimeoutError:
                break
            except ConnectionResetError:
                was_reset = closed = True
                break
            if not more:
                closed = True
                break
            if not data:
                first = time.monotonic() - started
            data += more
            pieces += 1
            if _complete(data):
                with contextlib.suppress(OSError):
                    sock.settimeout(0.05)
                    closed = sock.recv(1) == b""
                break
    head, _, body = data.partition(b"\r\n\r\n")
    return Exchange(head.decode("latin-1"), body, pieces, closed, was_reset, first)


def _complete(data: bytes) -> bool:
    head, found, body = data.partition(b"\r\n\r\n")
    length = next((line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")), None)
    return bool(found) and length is not None and len(body) >= int(length.split(b":")[1])

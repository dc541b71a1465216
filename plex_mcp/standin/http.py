"""One exchange of HTTP/1.1: the request, the answer, and the connection for those who answer in an odd way."""

import contextlib
import select
import socket
import threading
import time
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from email.utils import formatdate
from functools import cached_property
from urllib.parse import unquote, unquote_plus

XML = "text/xml;charset=utf-8"
REASONS = {
    200: "OK",
    201: "Created",
    204: "No Content",
    302: "Found",
    400: "Bad Request",
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not Found",
    405: "Method Not Allowed",
    406: "Not Acceptable",
    422: "Unprocessable Entity",
    429: "Too Many Requests",
    500: "Internal Server Error",
    502: "Bad Gateway",
    503: "Service Unavailable",
}


@dataclass
class Request:
    """One request as it came in; header names are lower case."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes = b""

    @cached_property
    def path(self) -> str:
        """The path, decoded, without the query."""
        return unquote(self.target.partition("?")[0])

    @cached_property
    def pairs(self) -> list[tuple[str, str]]:
        """The query's parameters in order, decoded."""
        return _pairs(self.target.partition("?")[2])

    @cached_property
    def arguments(self) -> dict[str, str]:
        """The query's parameters by name; the last one wins."""
        return dict(self.pairs)

    def plex(self, name: str) -> str | None:
        """An ``X-Plex-…`` value: Plex takes each of them as query parameter or as header."""
        return self.arguments.get(name) or self.headers.get(name.lower())


@dataclass
class Response:
    """An answer; ``deliver`` replaces the one write, and tells whether the connection may be kept.

    ``done`` is called when it has been sent, or could not be; ``wire_bytes`` is then its size.
    """

    body: bytes = b""
    status: int = 200
    content_type: str = XML
    headers: dict[str, str] = field(default_factory=dict)
    close: bool = False
    deliver: "Callable[[Link, bytes], bool] | None" = None
    done: Callable[[], None] = lambda: None
    wire_bytes: int = 0

    def wire(self, request: Request) -> bytes:
        """Head and body as they go onto the socket."""
        body, extra = self.body, ""
        if body and "gzip" in request.headers.get("accept-encoding", ""):
            packer = zlib.compressobj(1, wbits=31)
            packed = packer.compress(body) + packer.flush()
            extra = (
                f"Content-Encoding: gzip\r\nX-Plex-Content-Original-Length: {len(body)}\r\n"
                f"X-Plex-Content-Compressed-Length: {len(packed)}\r\n"
            )
            body = packed
        for name, value in self.headers.items():
            extra += f"{name}: {value}\r\n"
        kept = "close" if self.close else "Keep-Alive\r\nKeep-Alive: timeout=20"
        head = (
            f"HTTP/1.1 {self.status} {REASONS.get(self.status, 'Unknown')}\r\nX-Plex-Protocol: 1.0\r\n"
            f"Content-Type: {self.content_type}\r\nContent-Length: {len(body)}\r\nConnection: {kept}\r\n"
            f"Cache-Control: no-cache\r\n{extra}Date: {formatdate(usegmt=True)}\r\n\r\n"
        )
        return head.encode("latin-1") + (body if request.method != "HEAD" else b"")


class Link:
    """One accepted connection, as those see it who deliver an answer in an odd way."""

    def __init__(self, sock: socket.socket, stopping: threading.Event) -> None:
        self.sock = sock
        self._stopping = stopping

    def pause(self, seconds: float) -> bool:
        """Wait; False when the server stops or the client goes away before the time is over."""
        ends = time.monotonic() + seconds
        while not self._stopping.is_set():
            left = ends - time.monotonic()
            if left <= 0:
                return True
            ready, _, _ = select.select([self.sock], [], [], min(left, 0.05))
            if ready and not self._alive():
                return False
        return False

    def _alive(self) -> bool:
        with contextlib.suppress(BlockingIOError):
            return bool(self.sock.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT))
        return True


def _pairs(query: str) -> list[tuple[str, str]]:
    """The query string in order, decoded; ``title==x`` becomes ``("title=", "x")``."""
    found = []
    for part in query.split("&"):
        if part:
            key, _, value = part.partition("=")
            if value.startswith("="):
                key, value = key + "=", value[1:]
            found.append((unquote_plus(key), unquote_plus(value)))
    return found

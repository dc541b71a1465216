"""A small HTTP/1.1 server on a socket of its own: one thread per connection, each answer in a single write.

The standard library's server parses headers as e-mail, about a millisecond per request; here it is some 30 µs, so
that timings measured against the stand-in are those of the client.
"""

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
from urllib.parse import unquote

from plex_mcp.standin.filters import pairs

XML = "text/xml;charset=utf-8"
IDLE_S = 20.0
_MAX_HEAD_BYTES = 65_536
_REASONS = {
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
        return pairs(self.target.partition("?")[2])

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
    reason: str | None = None
    deliver: "Callable[[Link, bytes], bool] | None" = None
    done: Callable[[], None] = lambda: None
    wire_bytes: int = 0

    def wire(self, request: Request | None) -> bytes:
        """Head and body as they go onto the socket."""
        body, extra = self.body, ""
        if request is not None and body and "gzip" in request.headers.get("accept-encoding", ""):
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
            f"HTTP/1.1 {self.status} {self.reason or _REASONS.get(self.status, 'Unknown')}\r\nX-Plex-Protocol: 1.0\r\n"
            f"Content-Type: {self.content_type}\r\nContent-Length: {len(body)}\r\nConnection: {kept}\r\n"
            f"Cache-Control: no-cache\r\n{extra}Date: {formatdate(usegmt=True)}\r\n\r\n"
        )
        return head.encode("latin-1") + (body if request is None or request.method != "HEAD" else b"")


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


class HttpServer:
    """Listens on 127.0.0.1 and hands every request to ``answer``. ``on_open``/``on_close`` see each connection."""

    def __init__(
        self,
        answer: Callable[[Request], Response],
        *,
        port: int = 0,
        on_open: Callable[[], None] = lambda: None,
        on_close: Callable[[], None] = lambda: None,
    ) -> None:
        self._answer = answer
        self._on_open = on_open
        self._on_close = on_close
        self._stopping = threading.Event()
        self._lock = threading.Lock()
        self._open: set[socket.socket] = set()
        self._listener: socket.socket | None = None
        self.port = port

    def listen(self) -> None:
        """Start accepting; the port chosen the first time is kept ever after."""
        listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", self.port))
        listener.listen(512)
        self.port = listener.getsockname()[1]
        self._stopping = threading.Event()
        self._listener = listener
        threading.Thread(target=self._accept, args=(listener, self._stopping), name="standin", daemon=True).start()

    def stop(self) -> None:
        """Refuse connections from now on and cut those that are open."""
        self._stopping.set()
        listener, self._listener = self._listener, None
        if listener is not None:
            with contextlib.suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)
            listener.close()
        with self._lock:
            still_open = list(self._open)
        for sock in still_open:
            with contextlib.suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)

    def _accept(self, listener: socket.socket, stopping: threading.Event) -> None:
        while not stopping.is_set():
            try:
                sock, _ = listener.accept()
            except OSError:
                return
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            with self._lock:
                self._open.add(sock)
            threading.Thread(target=self._serve, args=(sock, stopping), name="standin-link", daemon=True).start()

    def _serve(self, sock: socket.socket, stopping: threading.Event) -> None:
        self._on_open()
        try:
            sock.settimeout(IDLE_S)
            with contextlib.suppress(OSError):
                self._converse(Link(sock, stopping), stopping)
        finally:
            with self._lock:
                self._open.discard(sock)
            sock.close()
            self._on_close()

    def _converse(self, link: Link, stopping: threading.Event) -> None:
        waiting = b""
        while not stopping.is_set():
            request, waiting = read_request(link.sock, waiting)
            if request is None:
                return
            response = self._answer(request)
            try:
                if not self._send(link, request, response):
                    return
            finally:
                response.done()

    @staticmethod
    def _send(link: Link, request: Request, response: Response) -> bool:
        """Send an answer; False when the connection ends with it."""
        response.close = response.close or request.headers.get("connection", "").lower() == "close"
        wire = response.wire(request)
        response.wire_bytes = len(wire)
        if response.deliver is not None:
            return response.deliver(link, wire)
        link.sock.sendall(wire)
        return not response.close


def read_request(sock: socket.socket, waiting: bytes) -> tuple[Request | None, bytes]:
    """The next request and what came after it; None when the client has closed or sent no HTTP."""
    while b"\r\n\r\n" not in waiting:
        more = sock.recv(65_536)
        if not more or len(waiting) > _MAX_HEAD_BYTES:
            return None, b""
        waiting += more
    head, _, waiting = waiting.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    words = first.split(" ")
    if len(words) != 3:
        return None, b""
    headers = {}
    for line in lines:
        name, _, value = line.partition(":")
        headers[name.lower()] = value.strip()
    length = int(headers.get("content-length") or 0)
    while len(waiting) < length:
        more = sock.recv(65_536)
        if not more:
            return None, b""
        waiting += more
    return Request(words[0], words[1], headers, waiting[:length]), waiting[length:]

"""A small HTTP/1.1 server on a socket of its own: one thread per connection, each answer in a single write.

The standard library's server parses headers as e-mail, about a millisecond per request; here it is some 30 µs, so
that timings measured against the stand-in are those of the client.
"""

import contextlib
import socket
import threading
from collections.abc import Callable

from plex_mcp.standin.http import Link, Request, Response

IDLE_S = 20.0
_MAX_HEAD_BYTES = 65_536


class HttpServer:
    """Listens on 127.0.0.1 and hands every request to ``answer``. ``on_open``/``on_close`` see each connection."""

    def __init__(
        self,
        answer: Callable[[Request], Response],
        *,
        port: int = 0,
        on_open: Callable[[], None],
        on_close: Callable[[], None],
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

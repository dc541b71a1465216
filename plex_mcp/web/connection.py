"""One client's connection: its socket, what has arrived on it, and how long it may take. Who calls what is worker's."""

from __future__ import annotations

import socket
import struct
from http import HTTPStatus
from typing import Any

import structlog
from gunicorn.workers.gthread import TConn

from plex_mcp.web.exchange import LeanParser
from plex_mcp.web.intake import Intake, Unacceptable

log = structlog.get_logger(__name__)

REQUEST_TIMEOUT_S = 10.0
"""From a request's first byte (a connection's beginning) to its last."""

_SEND_BUFFER_BYTES = 256 * 1024  # most answers fit: a client that reads slowly holds no thread


class Connection(TConn):
    """gunicorn's connection with what has arrived on it. `expires_at` is a monotonic instant.

    The socket stays blocking, and who must not wait says so at each call: switching it costs system calls.
    """

    def __init__(self, cfg: Any, sock: socket.socket, client: Any, server: Any) -> None:
        super().__init__(cfg, sock, client, server)
        self.intake = Intake()
        self.place: dict[Connection, None] | None = None  # which of the worker's it is in; none while in a thread
        self.is_counted = False  # among the worker's connections
        self.expires_at = 0.0
        self.gathers_until = 0.0  # 0 while the time of its next request has not begun
        self.held_bytes = 0  # of its intake, as counted against HELD_LIMIT_BYTES
        self.lingered_bytes = 0
        self.is_whole = False  # a whole request is with the parser
        self.refusal: Unacceptable | None = None
        self.was_told_to_continue = False
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _SEND_BUFFER_BYTES)
        # The last resort, should gunicorn's parser want more bytes than were gathered, or a client read nothing.
        limit = struct.pack("ll", int(REQUEST_TIMEOUT_S), 0)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, limit)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, limit)
        sock.setblocking(True)
        self.parser: LeanParser = LeanParser(cfg, sock, client)
        self.initialized = True

    def receive(self) -> bytes:
        """What is there, without waiting. Raise BlockingIOError when that is nothing."""
        return self.sock.recv(65536, socket.MSG_DONTWAIT)

    def give_to_parser(self, request: bytes) -> None:
        """Let gunicorn find a whole request as if it had been received."""
        self.parser.unreader.unread(request)

    def send_at_once(self, data: bytes) -> None:
        """Send without waiting; whoever left no room for so few bytes does not get them."""
        try:
            self.sock.send(data, socket.MSG_DONTWAIT)
        except OSError:
            log.debug("answer.lost")


def answer_bytes(status: HTTPStatus) -> bytes:
    """A whole HTTP answer that ends the connection, for what never reaches the application."""
    body = f'{{"error": "{status.phrase}."}}'
    return (
        f"HTTP/1.1 {status.value} {status.phrase}\r\nConnection: close\r\nContent-Type: application/json\r\n"
        f"Cache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\nContent-Length: {len(body)}\r\n\r\n{body}"
    ).encode("ascii")

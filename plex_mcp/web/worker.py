"""gunicorn's gthread worker, whose threads never wait for a client.

gthread itself reads head and body in a thread and never times that out: 64 half-sent requests would stop the server
without a token. Here a thread takes what has arrived; if that is no whole request, it gives the connection back and the
poller gathers the rest: a slow client costs a socket and a few bytes. (Gathering everything in the poller cost 90 µs a
call more: each read there gives up the GIL.) Refusing a request and waiting for a client to hang up are the poller's
too, and never block it. Plain HTTP/1.1 only: TLS is the ingress's business.
"""

from __future__ import annotations

import errno
import selectors
import socket
import time
from contextlib import suppress
from functools import partial
from http import HTTPStatus
from typing import Any

import structlog
from gunicorn.http import errors as http_errors
from gunicorn.workers.gthread import ThreadWorker

from plex_mcp.web.connection import REQUEST_TIMEOUT_S, Connection, answer_bytes
from plex_mcp.web.exchange import freeze, trim_environ
from plex_mcp.web.intake import Intake, Unacceptable
from plex_mcp.web.threads import Threads, WakingQueue

log = structlog.get_logger(__name__)

HELD_LIMIT_BYTES = 8 * 1024 * 1024
"""Unfinished requests of all connections together: 32 bodies of the largest size."""

_NO_LISTENER = frozenset({errno.EBADF, errno.EINVAL, errno.ENOTSOCK})
_NO_RESOURCES = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM})
_CLIENT_GONE = frozenset({errno.EPIPE, errno.ECONNRESET, errno.ENOTCONN, errno.EAGAIN})
_GATHER = object()  # what `handle` returns when bytes are missing
_IDLE_AFTER_STOP_S = 2.0  # a client may be sending its next request when the worker is told to stop
_LINGER_S = 2.0
_LINGER_BYTES = 1024 * 1024
_LOOK_S = 0.1  # between two looks at what is overdue
_CROWDED_S = 1.0  # how long a half-sent request is safe when all connections are taken


class PatientThreadWorker(ThreadWorker):
    """A connection is idle, gathering or lingering, all three watched by the poller; or it is in a thread."""

    request_timeout_s = REQUEST_TIMEOUT_S
    held_limit_bytes = HELD_LIMIT_BYTES

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.method_queue = WakingQueue()  # type: ignore[assignment]
        self._threads: Threads
        # Each in the order of expires_at, since all members of one wait equally long; but for `_gather`.
        self._idle: dict[Connection, None] = {}
        self._gathering: dict[Connection, None] = {}
        self._lingering: dict[Connection, None] = {}
        self._held_bytes = 0
        self._looks_at = 0.0
        self._stopped_at: float | None = None
        self._is_closed = False  # to new connections

    def init_process(self) -> None:
        from plex_mcp.telemetry import metrics  # not in the master: it would pay the memory for nothing

        self._metrics = metrics
        metrics.HTTP_CONNECTIONS.set_function(lambda: self.nr_conns)
        freeze(self.cfg)
        trim_environ(self.cfg)
        super().init_process()

    def get_thread_pool(self) -> Threads:  # type: ignore[override]
        self._threads = Threads(self._work, limit=self.cfg.threads)
        return self._threads

    def enqueue_req(self, conn: Connection) -> None:  # type: ignore[override]
        self._threads.submit(conn)

    def _work(self, conn: Connection) -> None:
        """In a thread: what `handle` makes of the connection, back to the poller."""
        try:
            outcome = self.handle(conn)
        except BaseException:  # a bug here must cost one connection, not the thread
            log.exception("request.failed")
            outcome = False
        self.method_queue.defer(self.finish_request, conn, outcome)

    def accept(self, listener: socket.socket) -> None:
        """Take one connection; its first bytes may be there already, then the poller says so at once."""
        try:
            sock, address = listener.accept()
        except OSError as error:
            if error.errno in _NO_RESOURCES:
                self._make_room()
            elif error.errno in _NO_LISTENER:
                raise  # a new worker is needed
            return  # anything else Linux says of the connection that was to be accepted
        try:
            connection = Connection(self.cfg, sock, address, listener.getsockname())
            self.poller.register(sock, selectors.EVENT_READ, partial(self._on_readable, connection))
        except OSError:
            sock.close()
            return
        connection.is_counted = True
        self.nr_conns += 1
        self._gather(connection)

    def handle(self, conn: Connection) -> Any:  # type: ignore[override]
        """In a thread: read what is there, without waiting, and answer if it is a whole request."""
        if not conn.is_whole:
            try:
                data = conn.receive()
                conn.intake.feed(data)
                request = conn.intake.take() if data else None
            except (BlockingIOError, InterruptedError):
                return _GATHER
            except Unacceptable as refusal:
                conn.refusal = refusal
                return _GATHER
            except OSError:
                return False
            if not data:
                return False
            if request is None:
                return _GATHER
            conn.give_to_parser(request)
        conn.is_whole = False
        conn.gathers_until = 0.0
        return self._answer(conn)

    def _answer(self, conn: Connection) -> bool:
        """Whether the connection may carry another request. gthread's `handle` for HTTP/1.1 without TLS."""
        request = None
        try:
            request = next(conn.parser)
            keep = self.handle_request(request, conn)
            is_drained: Any = conn.parser.finish_body()  # type: ignore[func-returns-value]
            return bool(keep and is_drained)
        except StopIteration:  # the parser's way to say that nothing more is to be expected
            return False
        except OSError as error:
            if error.errno not in _CLIENT_GONE:
                log.exception("request.failed")
            log.debug("answer.lost")
        except Exception as error:
            self.handle_error(request, conn.sock, conn.client, error)
        return False

    def finish_request(self, conn: Connection, outcome: Any) -> None:  # type: ignore[override]
        """Called in the poller when a thread is done: wait for the next request, or for the client to hang up."""
        self._threads.done()
        try:
            self.poller.register(conn.sock, selectors.EVENT_READ, partial(self._on_readable, conn))
        except (OSError, ValueError, KeyError):  # a socket that is gone
            self._close(conn)
            return
        try:
            if not outcome:
                self._hang_up(conn)
            elif outcome is _GATHER or len(conn.intake):
                self._gather(conn)
            else:
                self._place(conn, self._idle, self.cfg.keepalive if self.alive else _IDLE_AFTER_STOP_S)
        except Exception:
            log.exception("request.failed")
            self._drop(conn)

    def set_accept_enabled(self, enabled: bool | None) -> None:
        """When stopping, serve who is in the backlog, then close: who comes later is refused, not reset."""
        super().set_accept_enabled(enabled)
        if not self.alive and not self._is_closed:
            self._is_closed = True
            for listener in self.sockets:
                before = -1
                while before != self.nr_conns:
                    before = self.nr_conns
                    self.accept(listener)
                listener.close()

    def notify(self) -> None:
        """gunicorn's heartbeat, once a turn of the loop, which is several times a call: a look around now and then will
        do (20 us a call).
        """
        if self.nr_conns >= self.worker_connections:
            self._make_room()
        now = time.monotonic()
        if now >= self._looks_at or not self.alive:
            self._looks_at = now + _LOOK_S
            super().notify()
            self._end_what_is_overdue(now)

    def _end_what_is_overdue(self, now: float) -> None:
        if not self.alive and self._stopped_at is None:
            self._stopped_at = now
            for connection in self._idle:
                connection.expires_at = min(connection.expires_at, now + _IDLE_AFTER_STOP_S)
        for place in (self._idle, self._gathering, self._lingering):
            while place and (oldest := next(iter(place))).expires_at <= now:
                self._end_overdue(oldest)

    def _end_overdue(self, connection: Connection) -> None:
        if connection.place is self._gathering and len(connection.intake):
            self._refuse(connection, HTTPStatus.REQUEST_TIMEOUT, "slow")
        else:
            self._drop(connection)

    def _on_readable(self, connection: Connection, _sock: socket.socket) -> None:
        if connection.place is None:  # it left earlier in this turn of the poller, whose events were fetched before
            return
        try:
            if connection.place is not self._lingering and not len(connection.intake):
                self._leave(connection)
                self.enqueue_req(connection)
            else:
                self._read(connection)
        except Exception:
            log.exception("request.failed")
            self._drop(connection)

    def _read(self, connection: Connection) -> None:
        """In the poller: the rest of a request, or what comes after a refusal."""
        try:
            data = connection.receive()
        except (BlockingIOError, InterruptedError):
            return
        except OSError:
            data = b""
        if not data:
            self._drop(connection)
        elif connection.place is self._lingering:
            connection.lingered_bytes += len(data)
            if connection.lingered_bytes > _LINGER_BYTES:
                self._drop(connection)
        else:
            connection.intake.feed(data)
            self._advance(connection)

    def _gather(self, connection: Connection) -> None:
        """Wait for the rest of a request. Blank lines come back from a thread as nothing, and gain no time."""
        now = time.monotonic()
        connection.gathers_until = connection.gathers_until or now + self.request_timeout_s
        self._place(connection, self._gathering, connection.gathers_until - now)
        if connection.gathers_until > now:
            self._advance(connection)
        else:  # now: its place is behind those who came later
            self._end_overdue(connection)

    def _advance(self, connection: Connection) -> None:
        """Hand a whole request to a thread, once it is there."""
        try:
            if connection.refusal is not None:
                raise connection.refusal
            request = connection.intake.take()
        except Unacceptable as refusal:
            self._refuse(connection, HTTPStatus(refusal.status), refusal.reason)
            return
        if request is not None:
            connection.was_told_to_continue = False
            connection.is_whole = True
            self._leave(connection)
            connection.give_to_parser(request)
            self.enqueue_req(connection)
            return
        self._held_bytes += len(connection.intake) - connection.held_bytes
        connection.held_bytes = len(connection.intake)
        if self._held_bytes > self.held_limit_bytes:
            largest = max(self._gathering, key=lambda held: len(held.intake))
            self._refuse(largest, HTTPStatus.SERVICE_UNAVAILABLE, "crowded")
        elif connection.intake.continue_wanted and not connection.was_told_to_continue:
            connection.was_told_to_continue = True
            connection.send_at_once(b"HTTP/1.1 100 Continue\r\n\r\n")

    def _place(self, connection: Connection, place: dict[Connection, None], wait_s: float) -> None:
        """Move a connection that the poller watches to another place."""
        self._unplace(connection)
        connection.expires_at = time.monotonic() + wait_s
        connection.place = place
        place[connection] = None

    def _unplace(self, connection: Connection) -> None:
        if connection.place is not None:
            del connection.place[connection]
            connection.place = None
        self._held_bytes -= connection.held_bytes
        connection.held_bytes = 0

    def _leave(self, connection: Connection) -> None:
        self._unplace(connection)
        self.poller.unregister(connection.sock)

    def _drop(self, connection: Connection) -> None:
        self._unplace(connection)
        with suppress(KeyError, ValueError, OSError):  # a bug of ours, and no reason to end the worker
            self.poller.unregister(connection.sock)
        self._close(connection)

    def _close(self, connection: Connection) -> None:
        if connection.is_counted:
            connection.is_counted = False
            self.nr_conns -= 1
        connection.close()

    def _hang_up(self, connection: Connection) -> None:
        """End our side, then wait for the client's: closing at once could destroy the answer on its way."""
        self._place(connection, self._lingering, _LINGER_S)
        connection.intake = Intake()  # no longer counted, so no longer kept
        try:
            connection.sock.shutdown(socket.SHUT_WR)
        except OSError:
            self._drop(connection)

    def _refuse(self, connection: Connection, status: HTTPStatus, reason: str) -> None:
        self._metrics.HTTP_REFUSED.labels(reason).inc()
        connection.send_at_once(answer_bytes(status))
        self._hang_up(connection)

    def _make_room(self) -> None:
        """All connections are taken: end half-sent requests first, then the tenth that has been idle longest."""
        limit = time.monotonic() + self.request_timeout_s - _CROWDED_S
        slow = [connection for connection in self._gathering if connection.expires_at < limit]
        idle = list(self._idle)[: max(1, self.worker_connections // 10)]
        for connection in slow or list(self._lingering) or idle:
            self._metrics.HTTP_REFUSED.labels("crowded").inc()
            self._drop(connection)

    def handle_error(self, req: Any, client: socket.socket, addr: Any, exc: BaseException) -> None:  # noqa: ARG002
        """gunicorn's repeats what the client sent, a malformed Authorization header perhaps, in log and answer."""
        if isinstance(exc, (http_errors.ParseException, http_errors.NoMoreData)):
            status = _STATUS_OF_FAULT.get(type(exc).__name__, HTTPStatus.BAD_REQUEST)
            self._metrics.HTTP_REFUSED.labels("malformed").inc()
            log.debug("request.refused", fault=type(exc).__name__, status=int(status))
        else:
            status = HTTPStatus.INTERNAL_SERVER_ERROR
            log.error("request.failed", exc_info=exc)
        try:
            client.sendall(answer_bytes(status))
        except OSError:
            log.debug("answer.lost", status=int(status))


_STATUS_OF_FAULT = {
    "LimitRequestLine": HTTPStatus.REQUEST_URI_TOO_LONG,
    "LimitRequestHeaders": HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE,
    "ExpectationFailed": HTTPStatus.EXPECTATION_FAILED,
    "UnsupportedTransferCoding": HTTPStatus.NOT_IMPLEMENTED,
}

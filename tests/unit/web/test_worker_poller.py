"""The worker's poller, turn by turn: connections of a real selector, no threads, and a clock turned by hand."""

from __future__ import annotations

import errno
import os
import selectors
import socket
import struct
from collections.abc import Iterator
from http.client import HTTPResponse
from types import SimpleNamespace
from typing import Any

import pytest
from gunicorn.config import Config

from plex_mcp.telemetry import metrics
from plex_mcp.web import worker as module
from plex_mcp.web.connection import Connection
from plex_mcp.web.exchange import freeze
from plex_mcp.web.intake import Intake
from plex_mcp.web.worker import PatientThreadWorker
from tests.fakes import Clock

GET = b"GET /here HTTP/1.1\r\nHost: a\r\n\r\n"
BODY = 100_000
HEAD = b"POST /mcp HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n" % (2 * BODY)


class Turns:
    """The worker between its turns. What it gives to threads is done at once, and comes back in the next turn."""

    def __init__(self, clock: Clock, connections: int = 20) -> None:
        self.clock = clock
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.listener.setblocking(False)
        cfg = Config()
        cfg.set("worker_connections", connections)
        cfg.set("keepalive", 30)
        self.worker = PatientThreadWorker(1, os.getppid(), [self.listener], None, 30, cfg, cfg.logger_class(cfg))
        self.worker._metrics = metrics
        freeze(cfg)
        self.worker.wsgi = answer_ok
        self.worker.poller = selectors.DefaultSelector()
        self.worker.method_queue.init()
        self.worker.poller.register(
            self.worker.method_queue.fileno(), selectors.EVENT_READ, self.worker.method_queue.run_callbacks
        )
        self.worker._threads = self  # type: ignore[assignment]
        self.submitted = 0
        self.clients: list[socket.socket] = []

    def submit(self, connection: Connection) -> None:
        self.submitted += 1
        self.worker._work(connection)

    def done(self) -> None:
        pass

    def connect(self) -> tuple[socket.socket, Connection]:
        client = socket.create_connection(self.listener.getsockname(), timeout=5)
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # what is sent is there in the next turn
        self.clients.append(client)
        self.worker.accept(self.listener)
        return client, next(reversed(self.worker._gathering))

    def turn(self) -> None:
        self.worker.wait_for_and_dispatch_events(timeout=0)

    def turn_of(self, events: list[Any]) -> None:
        """One turn with these events, whatever has happened to their connections since."""
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(self.worker.poller, "select", lambda _timeout: events)
            self.turn()

    def settle(self) -> None:
        """Turns until nothing is to be read."""
        while self.worker.poller.select(0):
            self.turn()

    def pass_time(self, seconds: float) -> None:
        self.clock.now += seconds
        self.worker._end_what_is_overdue(self.clock.now)

    def half_sent(self, count: int, size: int = BODY) -> list[tuple[socket.socket, Connection]]:
        """Connections whose bodies have arrived half, the first one's a little more."""
        crowd = [self.connect() for _ in range(count)]
        for number, (client, _) in enumerate(crowd):
            client.sendall(HEAD + b"x" * (size + (number == 0)))
            self.settle()
        return crowd

    def kept_bytes(self) -> int:
        places = (self.worker._idle, self.worker._gathering, self.worker._lingering)
        return sum(len(connection.intake) for place in places for connection in place)

    def close(self) -> None:
        for sock in (*self.clients, self.listener):
            sock.close()
        for key in list(self.worker.poller.get_map().values()):
            if isinstance(key.fileobj, socket.socket):
                key.fileobj.close()
        self.worker.poller.close()
        self.worker.method_queue.close()
        self.worker.tmp.close()


def answer_ok(_environ: dict[str, Any], start_response: Any) -> list[bytes]:
    start_response("200 OK", [("Content-Length", "2")])
    return [b"ok"]


def reset(client: socket.socket) -> None:
    """Go away without a word: the other side's socket is no longer connected."""
    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    client.close()


class Refusing:
    """A listener from which nobody is accepted."""

    def __init__(self, number: int) -> None:
        self.error = OSError(number, os.strerror(number))

    def accept(self) -> Any:
        raise self.error


def fail(*_: object) -> None:
    raise ZeroDivisionError


def is_ended(client: socket.socket) -> bool:
    try:
        return client.recv(1) == b""
    except ConnectionResetError:
        return True


def status_of(client: socket.socket) -> int:
    response = HTTPResponse(client)
    response.begin()
    response.read()
    return response.status


@pytest.fixture
def turns(monkeypatch: pytest.MonkeyPatch) -> Iterator[Turns]:
    clock = Clock(1000.0)
    monkeypatch.setattr(module, "time", SimpleNamespace(monotonic=clock))
    running = Turns(clock)
    yield running
    running.close()


def is_served(turns: Turns) -> bool:
    client, _ = turns.connect()
    client.sendall(GET)
    turns.settle()
    return status_of(client) == 200


def test_a_connection_dropped_earlier_in_a_turn_does_not_end_the_worker_by_its_own_event(turns: Turns) -> None:
    """The largest half-sent request is refused to make room, its client has just gone, and the poller knows that."""
    turns.worker.held_limit_bytes = 5 * BODY
    crowd = turns.half_sent(4)
    largest, _ = crowd[0]
    turns.worker.held_limit_bytes = 4 * BODY
    crowd[1][0].sendall(b"x")  # the first event of the turn
    (first,) = turns.worker.poller.select(0)
    reset(largest)
    events = [first, *(event for event in turns.worker.poller.select(0) if event != first)]
    assert len(events) == 2
    turns.turn_of(events)
    assert turns.worker.nr_conns == 3
    assert is_served(turns)


def test_an_idle_connection_that_makes_room_does_not_end_the_worker_when_it_is_readable(
    turns: Turns,
) -> None:
    """No file descriptor is left for a newcomer, and who is thrown out for it has just sent a request."""
    idle, connection = turns.connect()
    idle.sendall(GET)
    turns.settle()
    assert status_of(idle) == 200
    assert list(turns.worker._idle) == [connection]
    idle.sendall(GET)
    events = turns.worker.poller.select(0)
    assert len(events) == 1
    turns.worker.accept(Refusing(errno.EMFILE))  # type: ignore[arg-type]
    assert turns.worker.nr_conns == 0
    turns.turn_of(events)
    assert turns.submitted == 1
    assert turns.worker.nr_conns == 0


@pytest.mark.parametrize("where", ["receive", "take"])
def test_a_bug_with_one_connection_costs_that_connection_only(
    turns: Turns, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    client, _ = turns.connect()
    client.sendall(GET[:10])
    turns.settle()
    with monkeypatch.context() as patch:
        patch.setattr(Connection if where == "receive" else Intake, where, fail)
        client.sendall(GET[10:])
        turns.turn()
    assert is_ended(client)
    assert turns.worker.nr_conns == 0
    assert turns.worker._held_bytes == 0
    assert is_served(turns)


def test_a_bug_after_an_answer_costs_that_connection_only(turns: Turns, monkeypatch: pytest.MonkeyPatch) -> None:
    client, _ = turns.connect()
    client.sendall(GET)
    with monkeypatch.context() as patch:
        patch.setattr(turns.worker, "_place", fail)
        turns.settle()
    assert status_of(client) == 200
    assert is_ended(client)
    assert turns.worker.nr_conns == 0
    assert is_served(turns)


@pytest.mark.parametrize("number", [errno.ENETDOWN, errno.EPROTO, errno.ENOBUFS, errno.ENOMEM, errno.EPERM])
def test_what_the_system_says_of_a_newcomer_does_not_end_the_worker(turns: Turns, number: int) -> None:
    """accept(2): errors of the network that wait on the new connection are to be taken like EAGAIN."""
    turns.worker.accept(Refusing(number))  # type: ignore[arg-type]
    assert is_served(turns)


def test_a_listener_that_is_gone_ends_the_worker(turns: Turns) -> None:
    with pytest.raises(OSError, match="Bad file"):
        turns.worker.accept(Refusing(errno.EBADF))  # type: ignore[arg-type]


def test_what_is_refused_is_no_longer_kept(turns: Turns) -> None:
    """HELD_LIMIT_BYTES bounds what unfinished requests take; a refused one lingers for two seconds more."""
    turns.worker.held_limit_bytes = 4 * BODY
    crowd = turns.half_sent(20)
    assert turns.kept_bytes() <= turns.worker.held_limit_bytes
    assert len(turns.worker._lingering) == 17
    statuses = [status_of(client) for client, connection in crowd if connection.place is turns.worker._lingering]
    assert statuses == [503] * 17


@pytest.mark.parametrize("begins", ["new", "kept alive"])
def test_blank_lines_before_a_request_gain_no_time(turns: Turns, begins: str) -> None:
    """RFC 9112 section 2.2 has them ignored; they are no request either, and cost a socket and a thread each time."""
    client, _ = turns.connect()
    if begins == "kept alive":
        client.sendall(GET)
        turns.settle()
        assert status_of(client) == 200
    for _ in range(4):
        client.sendall(b"\r\n")
        turns.settle()
        turns.pass_time(turns.worker.request_timeout_s / 4)
    assert is_ended(client)
    assert turns.submitted == 4 + (begins == "kept alive")
    assert turns.worker.nr_conns == 0


def test_blank_lines_gain_no_time_behind_those_who_came_later(turns: Turns) -> None:
    """The oldest place is looked at only: nobody may stay by moving behind newcomers."""
    client, connection = turns.connect()
    for _ in range(6):
        turns.connect()
        client.sendall(b"\r\n")
        turns.settle()
        turns.pass_time(turns.worker.request_timeout_s / 4)
    assert connection.place is None
    assert is_ended(client)


def test_a_request_after_an_answer_has_its_whole_time_again(turns: Turns) -> None:
    client, connection = turns.connect()
    turns.pass_time(turns.worker.request_timeout_s - 1)
    client.sendall(GET + GET[:9])
    turns.settle()
    assert status_of(client) == 200
    turns.pass_time(turns.worker.request_timeout_s - 1)
    assert connection.place is turns.worker._gathering
    client.sendall(GET[9:])
    turns.settle()
    assert status_of(client) == 200
    turns.pass_time(20)
    client.sendall(GET[:9])
    turns.settle()
    turns.pass_time(turns.worker.request_timeout_s - 1)
    assert connection.place is turns.worker._gathering
    turns.pass_time(1)
    assert status_of(client) == 408

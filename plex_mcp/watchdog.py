"""Ends requests whose deadline has passed, however slowly their bytes still drip in: Plex's and Redis'. A leaf.

Socket timeouts start anew with every byte, so a server that sends one a second holds a worker for as long as it
likes (measured: 10 s of dripping headers past a 2 s timeout). One thread shuts down the socket of whatever is overdue;
the blocked read then ends at once. It works on a duplicate of the file descriptor: `SSLSocket.shutdown` from a second
thread would pull the TLS state away from under the reader, and during the handshake there is no SSLSocket yet.
"""

from __future__ import annotations

import math
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_AWAKE = -math.inf  # looks at all watches before it sleeps again
_watch: ContextVar[Watch | None] = ContextVar("watch", default=None)


class Watch:
    """One request under watch: its `deadline` (monotonic instant) and the sockets it has used so far."""

    def __init__(self, deadline: float) -> None:
        self.deadline = deadline
        self.fired = False
        self._lock = threading.Lock()
        self._twins: list[socket.socket] = []

    def add(self, sock: socket.socket) -> None:
        """Watch this socket too. A socket that comes after the deadline is shut down at once."""
        twin = socket.fromfd(sock.fileno(), socket.AF_INET, socket.SOCK_STREAM)
        with self._lock:
            self._twins.append(twin)
            if self.fired:
                _shut_down(twin)

    def fire(self) -> None:
        """Shut down what is open: whoever is blocked on it wakes."""
        with self._lock:
            self.fired = True
            for twin in self._twins:
                _shut_down(twin)

    def close(self) -> None:
        """Let go of the duplicates; the request is over."""
        with self._lock:
            while self._twins:
                self._twins.pop().close()


class Watchdog:
    """Any number of watches, one thread, made with the first watch (threads do not survive a fork)."""

    def __init__(self, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._changed = threading.Condition()
        self._watches: set[Watch] = set()
        self._wakes_at = _AWAKE
        self._thread: threading.Thread | None = None

    @contextmanager
    def until(self, deadline: float) -> Iterator[Watch]:
        """Watch every socket that this thread's connections use inside; `Watch.fired` tells whether it was too slow."""
        watch = Watch(deadline)
        self._begin(watch)
        token = _watch.set(watch)
        try:
            yield watch
        finally:
            _watch.reset(token)
            with self._changed:
                self._watches.discard(watch)
            watch.close()

    def _begin(self, watch: Watch) -> None:
        with self._changed:
            self._watches.add(watch)
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="watchdog", daemon=True)
                self._thread.start()
            elif watch.deadline < self._wakes_at:
                # Deadlines mostly come in order, so it rarely needs waking: when each watch did, and two of three ended
                # before the thread had a look at them, that was 100 us of an uncached call.
                self._changed.notify()

    def _run(self) -> None:
        while True:
            with self._changed:
                now = self._monotonic()
                overdue = [watch for watch in self._watches if watch.deadline <= now]
                self._watches.difference_update(overdue)
                if not overdue:
                    self._wakes_at = min((watch.deadline for watch in self._watches), default=math.inf)
                    self._changed.wait(None if math.isinf(self._wakes_at) else self._wakes_at - now)
                    self._wakes_at = _AWAKE
            for watch in overdue:
                watch.fire()


def watch_socket(sock: socket.socket) -> None:
    """Put a socket under the current request's watch, if there is one."""
    watch = _watch.get()
    if watch is not None:
        watch.add(sock)


def _shut_down(twin: socket.socket) -> None:
    try:
        twin.shutdown(socket.SHUT_RDWR)
    except OSError:
        return  # closed by the other side already

"""The threads that answer, and the way back to the poller: gthread's two queues, with less ceremony.

concurrent.futures makes a Future with a condition, takes a semaphore and calls back for each request, and gthread
writes a byte into its pipe for each that is done: 70 us of a cached call, and as many chances to lose the GIL.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from queue import Empty, SimpleQueue
from typing import Any

HOT = 8
"""Threads that take requests as they come. The others stand by, since all that are awake fight for the GIL at each
system call: 50 clients cost 547 us a cached call with 64 of them, 360 us with eight."""

_STALLED_S = 0.005


class Threads:
    """At most `limit` threads that run `work` on what is submitted; begun when they are needed.

    The hot ones suffice while requests take less than a millisecond. When one waits in the queue and none was taken for
    five, the hot ones all wait, for Plex or for slow clients: then each that waits gets a thread of the reserve.
    `submit` and `done` are the poller's alone: it counts, so no lock is needed.
    """

    def __init__(self, work: Callable[[Any], None], *, limit: int) -> None:
        self._work = work
        self._hot_limit = min(HOT, limit)
        self._reserve_limit = limit - self._hot_limit
        self._jobs: SimpleQueue[Any] = SimpleQueue()
        self._taken = 0
        self._unfinished = 0
        self._hot = 0
        self._crowded = threading.Event()
        self._calls_for_help: SimpleQueue[bool] = SimpleQueue()
        self._reserve: set[int] = set()
        self._helping: set[int] = set()

    def submit(self, job: Any) -> None:
        self._unfinished += 1
        self._jobs.put(job)
        if self._hot < min(self._unfinished, self._hot_limit):
            self._hot += 1
            self._begin(self._serve, f"answer-{self._hot}")
        elif self._unfinished > self._hot_limit and not self._crowded.is_set():
            if not self._reserve and self._reserve_limit:
                self._begin(self._watch, "answer-watch")
                self._reserve.add(0)
            self._crowded.set()

    def done(self) -> None:
        """A job has come back."""
        self._unfinished -= 1

    def shutdown(self, wait: bool = False) -> None:  # noqa: ARG002 - gunicorn's signature
        """Let idle threads end; who is at work ends after it, or with the process."""
        for _ in range(self._hot):
            self._jobs.put(None)
        for _ in self._reserve:
            self._calls_for_help.put(False)

    def _begin(self, target: Callable[..., None], name: str, *args: Any) -> None:
        threading.Thread(target=target, args=args, name=name, daemon=True).start()

    def _serve(self) -> None:
        while (job := self._jobs.get()) is not None:
            self._taken += 1
            self._work(job)

    def _watch(self) -> None:
        """Call the reserve when the queue stands still."""
        while True:
            self._crowded.wait()
            taken = self._taken
            time.sleep(_STALLED_S)
            waiting = self._jobs.qsize()
            if not waiting:
                self._crowded.clear()
                if self._jobs.qsize():  # one came in between
                    self._crowded.set()
            elif self._taken == taken:
                self._call_reserve(waiting)

    def _call_reserve(self, wanted: int) -> None:
        idle = len(self._reserve) - 1 - len(self._helping)
        for _ in range(min(wanted - idle, self._reserve_limit - len(self._reserve) + 1)):
            number = len(self._reserve)
            self._reserve.add(number)
            self._begin(self._help, f"answer-reserve-{number}", number)
        for _ in range(wanted - self._calls_for_help.qsize()):
            self._calls_for_help.put(True)

    def _help(self, number: int) -> None:
        while self._calls_for_help.get():
            self._helping.add(number)
            try:
                job = self._jobs.get_nowait()
                if job is None:  # meant for a hot one
                    self._jobs.put(None)
                    return
                self._taken += 1
                self._work(job)
            except Empty:  # somebody was faster
                continue
            finally:
                self._helping.discard(number)


class WakingQueue:
    """Calls for the poller, as gthread's PollableMethodQueue; woken by the first that waits, not by each."""

    def __init__(self) -> None:
        self._calls: SimpleQueue[Callable[[], object]] = SimpleQueue()
        self._reader = self._writer = -1
        self._awake = False

    def init(self) -> None:
        """Open the pipe: in the worker, after the fork."""
        self._reader, self._writer = os.pipe()
        os.set_blocking(self._reader, False)
        os.set_blocking(self._writer, False)

    def close(self) -> None:
        os.close(self._reader)
        os.close(self._writer)

    def fileno(self) -> int:
        return self._reader

    def defer(self, callback: Callable[..., object], *args: Any) -> None:
        """From any thread, or from a signal handler."""
        self._calls.put(partial(callback, *args))
        if not self._awake:
            self._awake = True
            with suppress(OSError):  # closed already, at the very end
                os.write(self._writer, b"\0")

    def run_callbacks(self, _fileobj: object) -> None:
        """In the poller: what has come until now. What comes meanwhile waits for the next turn, as sockets do."""
        with suppress(BlockingIOError):
            os.read(self._reader, 64)
        self._awake = False  # before the look: a call that comes after it wakes the poller again
        for _ in range(self._calls.qsize()):
            self._calls.get_nowait()()

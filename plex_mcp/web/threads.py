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

import structlog

HOT = 8
"""Threads that take requests as they come. The others stand by, since all that are awake fight for the GIL at each
system call: 50 clients cost 547 us a cached call with 64 of them, 360 us with eight."""

STUCK_LOOKS = 4
"""Looks in which a thread takes nothing, though something waits, until it counts as stuck."""

_LOOK_S = 0.005
_LATE_S = 4 * _LOOK_S

log = structlog.get_logger(__name__)


class Threads:
    """At most `limit` threads that run `work` on what is submitted; begun when they are needed.

    Eight threads that move suffice, and more do harm; so for each that is stuck, waiting for Plex or for a slow client,
    one of the reserve stands in. The age of the queue does not tell: fifty clients that want cached hits wait for
    15 ms, and eight threads are all that can be done for them. Nor does its standing still: a single thread that is
    left moves it. Hence a watch compares what each thread has taken. While more is unfinished than the hot ones have in
    hand, it looks every 5 ms. If a job waits through a whole look, so that whoever was free would have taken it, a
    thread counts as stuck when it has taken nothing for four looks, or when nobody has in this one. Those who stand in
    take jobs until none waits or until more than eight move.

    Under a CPU quota the whole process stands still, 80 ms at a time, and then all look stuck. So spans are counted in
    looks rather than by a clock; a look calls eight at most, and one that comes late, having seen nothing, calls one.

    `submit` and `done` are the poller's alone, and each count has one writer (but for `_dismissed`, where a lost one
    sends one too many back), so no lock is needed, and no request pays for being watched.
    """

    def __init__(
        self,
        work: Callable[[Any], None],
        *,
        limit: int,
        clock: Callable[[], float] = time.monotonic,
        pause: Callable[[float], object] = time.sleep,
    ) -> None:
        self._work = work
        self._clock = clock
        self._pause = pause
        self._hot_limit = min(HOT, limit)
        self._limit = limit
        self._jobs: SimpleQueue[Any] = SimpleQueue()
        self._submitted = 0
        self._finished = 0
        self._hot = 0
        self._reserve = 0
        self._is_watched = False
        self._is_shut = False
        self._crowded = threading.Event()
        self._calls_for_help: SimpleQueue[bool] = SimpleQueue()
        self._helping: set[int] = set()
        self._dismissed = 0  # how many of those who help are too many
        # By number of the thread, the hot ones first.
        self._taken = [0] * limit
        self._stuck_looks = [0] * limit

    def submit(self, job: Any) -> None:
        self._submitted += 1
        self._jobs.put(job)
        unfinished = self._submitted - self._finished
        if self._hot < min(unfinished, self._hot_limit):
            if self._begin(self._serve, f"answer-{self._hot + 1}", self._hot):
                self._hot += 1
        elif unfinished > self._hot_limit and not self._crowded.is_set():
            if not self._is_watched and self._limit > self._hot_limit:
                self._is_watched = self._begin(self._watch, "answer-watch")
            self._crowded.set()

    def done(self) -> None:
        """A job has come back."""
        self._finished += 1

    def shutdown(self, wait: bool = False) -> None:  # noqa: ARG002 - gunicorn's signature
        """Let idle threads end; who is at work ends after it, or with the process."""
        self._is_shut = True
        self._crowded.set()
        for _ in range(self._hot):
            self._jobs.put(None)
        for _ in range(self._reserve):
            self._calls_for_help.put(False)

    def _begin(self, target: Callable[..., None], name: str, *args: Any) -> bool:
        try:
            threading.Thread(target=target, args=args, name=name, daemon=True).start()
        except RuntimeError:  # a limit of the container: those that are there go on, the next call tries again
            log.exception("request.failed")
            return False
        return True

    def _serve(self, number: int) -> None:
        while (job := self._jobs.get()) is not None:
            self._taken[number] += 1
            self._work(job)

    def _watch(self) -> None:
        while True:
            self._crowded.wait()
            began, submitted, taken = self._clock(), self._submitted, self._taken.copy()
            self._pause(_LOOK_S)
            if self._is_shut:
                return
            is_late = self._clock() - began > _LATE_S
            if waiting := self._jobs.qsize():
                self._look(taken, waiting - (self._submitted - submitted), is_late=is_late)
                continue
            self._crowded.clear()
            if self._jobs.qsize():  # one came in between
                self._crowded.set()

    def _look(self, taken: list[int], overdue: int, *, is_late: bool) -> None:
        """Count who moves. `taken` is what each had taken a look ago; `overdue` jobs have waited ever since."""
        stuck = self._stuck_looks
        stands_still = taken == self._taken
        for number, before in enumerate(taken):
            if self._taken[number] != before:
                stuck[number] = 0
            elif overdue > 0:
                stuck[number] = STUCK_LOOKS if stands_still else stuck[number] + 1
        at_work = [*range(self._hot_limit), *self._helping.copy()]
        called = self._calls_for_help.qsize()
        missing = self._hot_limit - called - sum(stuck[number] < STUCK_LOOKS for number in at_work)
        self._dismissed = max(0, -missing)
        self._call_reserve(called, min(missing, overdue, 1 if is_late else HOT))

    def _call_reserve(self, called: int, more: int) -> None:
        more = max(0, more)
        while self._reserve - len(self._helping) < called + more and self._hot_limit + self._reserve < self._limit:
            number = self._hot_limit + self._reserve
            if not self._begin(self._help, f"answer-reserve-{self._reserve + 1}", number):
                break
            self._reserve += 1
        for _ in range(more):
            self._calls_for_help.put(True)

    def _help(self, number: int) -> None:
        while self._calls_for_help.get():
            self._helping.add(number)
            try:
                self._stand_in(number)
            finally:
                self._helping.discard(number)

    def _stand_in(self, number: int) -> None:
        while True:
            try:
                job = self._jobs.get_nowait()
            except Empty:
                return
            if job is None:  # meant for a hot one
                self._jobs.put(None)
                return
            self._taken[number] += 1
            self._work(job)
            if self._dismissed > 0:
                self._dismissed -= 1
                return


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

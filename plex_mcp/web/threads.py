"""The threads that answer, and the way back to the poller: gthread's two queues, with less ceremony.

concurrent.futures makes a Future with a condition, takes a semaphore and calls back for each request, and gthread
writes a byte into its pipe for each that is done: 70 us of a cached call, and as many chances to lose the GIL.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from queue import SimpleQueue
from typing import Any


class Threads:
    """At most `limit` threads that run `work` on what is submitted; begun when they are needed.

    `submit` and `done` are the poller's alone: it counts, so no lock is needed.
    """

    def __init__(self, work: Callable[[Any], None], *, limit: int) -> None:
        self._work = work
        self._limit = limit
        self._jobs: SimpleQueue[Any] = SimpleQueue()
        self._count = 0
        self._unfinished = 0

    def submit(self, job: Any) -> None:
        self._unfinished += 1
        if self._count < min(self._unfinished, self._limit):
            self._count += 1
            threading.Thread(target=self._run, name=f"answer-{self._count}", daemon=True).start()
        self._jobs.put(job)

    def done(self) -> None:
        """A job has come back."""
        self._unfinished -= 1

    def shutdown(self, wait: bool = False) -> None:  # noqa: ARG002 - gunicorn's signature
        """Let idle threads end; who is at work ends after it, or with the process."""
        for _ in range(self._count):
            self._jobs.put(None)

    def _run(self) -> None:
        while (job := self._jobs.get()) is not None:
            self._work(job)


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

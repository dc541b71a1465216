"""The ten workers that talk to Plex, and the room where calls wait for them.

Both are bounded: a worker never waits (retries sleep elsewhere, see `retry`), and the threads that answer HTTP are
never all taken by calls that wait for Plex, so that cached answers and probes get through.
"""

from __future__ import annotations

import contextvars
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import TypeVar

from plex_mcp.telemetry.metrics import POOL_BUSY_WORKERS, POOL_QUEUED_CALLS

_T = TypeVar("_T")


class Closed(Exception):
    """The pool takes no more work."""


class WorkerPool:
    """At most `size` functions at once; the others queue in order. Threads are made when first needed."""

    def __init__(self, size: int) -> None:
        self._executor = ThreadPoolExecutor(size, thread_name_prefix="plex-worker")

    def submit(self, function: Callable[[], _T]) -> Future[_T]:
        """Raise Closed once the pool is. Context variables go along (they do not by themselves)."""
        context = contextvars.copy_context()
        POOL_QUEUED_CALLS.inc()
        try:
            future = self._executor.submit(self._run, context, function)
        except RuntimeError:
            POOL_QUEUED_CALLS.dec()
            raise Closed from None
        future.add_done_callback(_count_cancelled)
        return future

    def close(self) -> None:
        """What runs ends by its own deadline; what waits is cancelled."""
        self._executor.shutdown(wait=False, cancel_futures=True)

    @staticmethod
    def _run(context: contextvars.Context, function: Callable[[], _T]) -> _T:
        POOL_QUEUED_CALLS.dec()
        POOL_BUSY_WORKERS.inc()
        try:
            return context.run(function)
        finally:
            POOL_BUSY_WORKERS.dec()


class Refreshers:
    """Loads that go on after their callers left with a stale copy: each needs a thread to wait and back off in.

    Bounded: `limit` of them are wanted at most, and what does not fit is loaded by a later call.
    """

    def __init__(self, size: int, *, limit: int) -> None:
        self._executor = ThreadPoolExecutor(size, thread_name_prefix="refresher")
        self._slots = threading.Semaphore(limit)

    def submit(self, function: Callable[[], None]) -> bool:
        """False where there is no room."""
        if not self._slots.acquire(blocking=False):
            return False
        context = contextvars.copy_context()
        try:
            self._executor.submit(context.run, function).add_done_callback(lambda _done: self._slots.release())
        except RuntimeError:  # closed
            self._slots.release()
            return False
        return True

    def close(self) -> None:
        self._executor.shutdown(wait=False, cancel_futures=True)


class WaitingRoom:
    """How many threads may wait for Plex at once."""

    def __init__(self, places: int) -> None:
        self._places = threading.Semaphore(places)

    @contextmanager
    def place(self) -> Iterator[bool]:
        """Yield whether there is a place; never block."""
        entered = self._places.acquire(blocking=False)
        try:
            yield entered
        finally:
            if entered:
                self._places.release()


def _count_cancelled(future: Future[_T]) -> None:
    if future.cancelled():
        POOL_QUEUED_CALLS.dec()

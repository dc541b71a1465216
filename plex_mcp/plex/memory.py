"""What Plex said a moment ago and need not be asked again: libraries, tags, names. Bounded, per account, in memory."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from plex_mcp.errors import PlexTimeout
from plex_mcp.plex.session import current_scope

REMEMBERED_S = 60.0
"""Long enough for a conversation, short enough that a new library is noticed."""

_MOST = 500
_LOCK_WAIT_S = 10.0
T = TypeVar("T")


@contextmanager
def holding(lock: threading.Lock) -> Iterator[None]:
    """Hold `lock`, waiting no longer than the call may: behind a hanging Plex ten workers would queue up.

    Raise PlexTimeout when the call's time is over first.
    """
    scope = current_scope()
    wait_s = _LOCK_WAIT_S if scope is None else max(0.0, scope.deadline - time.monotonic())
    if not lock.acquire(timeout=wait_s):
        raise PlexTimeout("Plex did not answer in time.", suggestion="Try again in a moment.")
    try:
        yield
    finally:
        lock.release()


class Memory:
    """Thread-safe. What could not be loaded is not remembered."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._kept: dict[str, tuple[float, Any]] = {}
        self._loading: dict[str, threading.Lock] = {}

    def recall(self, name: str, load: Callable[[], T], *, fresh: bool = False, kept_s: float = REMEMBERED_S) -> T:
        """What `load` returned at most `kept_s` seconds ago; one thread at a time loads it. `fresh` loads it now."""
        kept = self._kept.get(name)
        if kept is not None and not fresh and self._clock() < kept[0]:
            return kept[1]  # type: ignore[no-any-return]
        with self._lock:
            loading = self._loading.setdefault(name, threading.Lock())
        with holding(loading):
            again = self._kept.get(name)
            if again is not None and again is not kept and not fresh:
                return again[1]  # type: ignore[no-any-return]
            try:
                value = load()
            finally:
                with self._lock:
                    # Whoever waits holds this lock already; names come from callers, so none is kept for ever.
                    self._loading.pop(name, None)
            with self._lock:
                if len(self._kept) >= _MOST:
                    self._kept.clear()
                self._kept[name] = (self._clock() + kept_s, value)
            return value

    def forget(self, name: str) -> None:
        """Load it anew the next time."""
        with self._lock:
            self._kept.pop(name, None)

    def __len__(self) -> int:
        """How many things are remembered or being loaded."""
        return len(self._kept) + len(self._loading)

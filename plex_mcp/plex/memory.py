"""What Plex said a moment ago and need not be asked again: libraries, tags, names. Bounded, per account, in memory."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
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


@dataclass(slots=True)
class _Loading:
    """Whose turn it is to load something, and how many have come for it."""

    turn: threading.Lock = field(default_factory=threading.Lock)
    comers: int = 0


class Memory:
    """Thread-safe. What could not be loaded is not remembered."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._kept: dict[str, tuple[float, Any]] = {}
        self._loading: dict[str, _Loading] = {}

    def recall(self, name: str, load: Callable[[], T], *, fresh: bool = False, kept_s: float = REMEMBERED_S) -> T:
        """What `load` returned at most `kept_s` seconds ago; one thread at a time loads it. `fresh` loads it now."""
        kept = self._kept.get(name)
        if kept is not None and not fresh and self._clock() < kept[0]:
            return kept[1]  # type: ignore[no-any-return]
        with self._lock:
            loading = self._loading.setdefault(name, _Loading())
            loading.comers += 1
        try:
            with holding(loading.turn):
                again = self._kept.get(name)
                if again is not None and again is not kept and not fresh:
                    return again[1]  # type: ignore[no-any-return]
                value = load()
                with self._lock:
                    if len(self._kept) >= _MOST:
                        self._kept.clear()
                    self._kept[name] = (self._clock() + kept_s, value)
                return value
        finally:
            with self._lock:
                # The last one clears up, and only the last: whoever comes while others wait must wait behind them.
                loading.comers -= 1
                if not loading.comers:
                    del self._loading[name]

    def forget(self, name: str) -> None:
        """Load it anew the next time."""
        with self._lock:
            self._kept.pop(name, None)

    def __len__(self) -> int:
        """How many things are remembered or being loaded."""
        return len(self._kept) + len(self._loading)

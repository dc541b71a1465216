"""How many calls a minute a token may make: fixed windows of a minute, in one dictionary of bounded size.

Ours, not the `limits` package's: that and what it needs are four packages, 1.5 MiB and 35 ms of start, its own storage
sweeps by starting a timer thread up to a hundred times a second, and with a storage like this one it added 7 us a call.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

_MAX_TOKENS = 64  # accepted at one time, and a few rotations
_WINDOW_S = 60.0


class TokenRate:
    """A window for each token, which begins with the first call in it."""

    def __init__(self, calls_per_minute: int, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._limit = calls_per_minute
        self._clock = clock
        self._lock = threading.Lock()
        self._windows: dict[str, tuple[int, float]] = {}  # calls in it, and its end

    def take(self, token: str) -> float | None:
        """Count one call; None when it may pass, else the seconds until the window ends (at least 1)."""
        now = self._clock()
        with self._lock:
            count, end = self._windows.get(token, (0, 0.0))
            if end <= now:
                count, end = 0, now + _WINDOW_S
                while len(self._windows) >= _MAX_TOKENS:
                    del self._windows[min(self._windows, key=lambda known: self._windows[known][1])]
            self._windows[token] = (count + 1, end)
        return None if count < self._limit else max(1.0, end - now)

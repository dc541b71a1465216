"""How many calls a minute a token may make. `limits` counts; what it counts in is ours.

Its own MemoryStorage sweeps by starting a timer thread up to a hundred times a second: 230 µs CPU a call measured at
300 calls a second, against 7 µs with the storage below.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from limits import RateLimitItemPerMinute
from limits.storage import Storage
from limits.strategies import FixedWindowRateLimiter

_MAX_KEYS = 64  # tokens accepted at one time, and a few rotations


class TokenRate:
    """A window of one minute for each token."""

    def __init__(self, calls_per_minute: int, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._limit = RateLimitItemPerMinute(calls_per_minute)
        self._strategy = FixedWindowRateLimiter(_Windows(clock))

    def take(self, token: str) -> float | None:
        """Count one call; None when it may pass, else the seconds until the window ends (at least 1)."""
        if self._strategy.hit(self._limit, token):
            return None
        return max(1.0, self._strategy.get_window_stats(self._limit, token).reset_time - self._clock())


class _Windows(Storage):
    """Counters with an end, held in one dictionary of bounded size; times are instants of `clock`."""

    STORAGE_SCHEME = None

    def __init__(self, clock: Callable[[], float]) -> None:
        super().__init__()
        self._clock = clock
        self._lock = threading.Lock()
        self._windows: dict[str, tuple[int, float]] = {}

    @property
    def base_exceptions(self) -> type[Exception]:
        return ValueError

    def incr(self, key: str, expiry: float, amount: int = 1) -> int:
        now = self._clock()
        with self._lock:
            count, end = self._windows.get(key, (0, 0.0))
            if end <= now:
                count, end = 0, now + expiry
                while len(self._windows) >= _MAX_KEYS:
                    del self._windows[min(self._windows, key=lambda known: self._windows[known][1])]
            self._windows[key] = (count + amount, end)
            return count + amount

    def get(self, key: str) -> int:
        count, end = self._windows.get(key, (0, 0.0))
        return count if end > self._clock() else 0

    def get_expiry(self, key: str) -> float:
        return self._windows.get(key, (0, self._clock()))[1]

    def check(self) -> bool:
        return True

    def reset(self) -> int | None:
        count = len(self._windows)
        self._windows.clear()
        return count

    def clear(self, key: str) -> None:
        self._windows.pop(key, None)

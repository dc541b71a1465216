"""The breakers: one before Plex, one before Redis.

The library has no lock, lets every thread through once its recovery time has passed, and takes any success or
unrelated exception for a recovery (style.md section 4). So it is used behind a lock, its recovery time never passes,
and only those who know the outcome tell it: workers count failures and successes, the monitor alone closes it.

One broken item must not take everybody down: a chatbot asks again, and each of its calls tries three times. So a
failure that may lie in what was asked for counts once for each question in a row, however often that is tried; a Plex
that fails at whatever it is asked still opens the breaker.
"""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Hashable

from circuitbreaker import CircuitBreaker  # type: ignore[import-untyped]

from plex_mcp.errors import PlexUnavailable

_NEVER_S = 10**9


class BreakerOpen(PlexUnavailable):
    """Plex is left alone for now. Not tried again within the call, and no failure of its own."""

    retryable = False
    trips_breaker = False


class Breaker:
    """Closed until `threshold` failures in a row; then open until `close` is called. `on_change` hears of both."""

    def __init__(
        self,
        threshold: int,
        *,
        on_change: Callable[[bool], None] = lambda _opened: None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._library = CircuitBreaker(failure_threshold=threshold, recovery_timeout=_NEVER_S)
        self._lock = threading.Lock()
        self._on_change = on_change
        self._clock = clock
        self._questions: set[Hashable] = set()  # those that count in the present row
        self.opened = False
        self.opened_at = 0.0
        """Epoch seconds at which it opened last."""
        self.opened_by: Exception | None = None
        """The failure that opened it last."""

    def count_failure(self, error: Exception, *, question: Hashable = None) -> None:
        """One more failure in a row of what is behind the breaker; none if the same `question` counts already."""
        with self._lock:
            if question is not None:
                if question in self._questions:
                    return
                self._questions.add(question)
            with contextlib.suppress(type(error)), self._library:
                raise error
            changed = self._library.opened and not self.opened
            if changed:
                self.opened = True
                self.opened_at = self._clock()
                self.opened_by = error
        if changed:
            self._on_change(True)

    def count_success(self) -> None:
        """Ends a row of failures. An open breaker stays open: the answer may be older than the trouble."""
        if self._library.failure_count:
            with self._lock:
                if not self.opened:
                    self._begin_row()

    def close(self) -> None:
        """For the monitor: what is behind answers again."""
        with self._lock:
            changed = self.opened
            self.opened = False
            self._begin_row()
        if changed:
            self._on_change(False)

    def _begin_row(self) -> None:
        self._library.reset()
        self._questions.clear()

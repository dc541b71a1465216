"""Single flight: of all calls for the same answer one loads it, the others wait for that.

Leading and waiting calls watch the same Flight, so that all of them see the same stale copy, first failure and end.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from plex_mcp.calls.entry import CacheKey, Entry
from plex_mcp.errors import ToolError

_POLL_S = 0.25  # how soon a caller that went away is noticed


class Flight:
    """One load under way. `stale` is the copy that may be served meanwhile, `failure` the latest failed try."""

    def __init__(self, key: CacheKey, *, monotonic: Callable[[], float]) -> None:
        self.key = key
        self.stale: Entry | None = None
        self.failure: ToolError | None = None
        self.entry: Entry | None = None
        self.tier = ""
        self.done = False
        self.waiters = 0
        self._monotonic = monotonic
        self._started = monotonic()
        self._changed = threading.Condition()

    def offer(self, stale: Entry) -> None:
        with self._changed:
            self.stale = stale
            self._changed.notify_all()

    def note_failure(self, failure: ToolError) -> None:
        with self._changed:
            self.failure = failure
            self._changed.notify_all()

    def end(self, *, entry: Entry | None = None, tier: str = "", failure: ToolError | None = None) -> None:
        """The load is over, one way or the other."""
        with self._changed:
            self.entry, self.tier, self.done = entry, tier, True
            self.failure = failure or self.failure
            self._changed.notify_all()

    def wait(self, *, deadline: float, soft_s: float, cancelled: threading.Event | None) -> None:
        """Until it is over, or `deadline` (monotonic), or the caller went away; with a stale copy at hand only until
        the first failure or until the load has taken `soft_s`."""
        with self._changed:
            self.waiters += 1
            try:
                while not (self.done or (self.stale and self.failure) or (cancelled and cancelled.is_set())):
                    until = min(deadline, self._started + soft_s) if self.stale else deadline
                    left_s = until - self._monotonic()
                    if left_s <= 0:
                        return
                    self._changed.wait(min(left_s, _POLL_S) if cancelled else left_s)
            finally:
                self.waiters -= 1


class Flights:
    """The flights under way, by key."""

    def __init__(self, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._flights: dict[CacheKey, Flight] = {}

    def join(self, key: CacheKey) -> tuple[Flight, bool]:
        """The flight, and whether it is this caller's to lead: then it must `end` it, come what may."""
        with self._lock:
            flight = self._flights.get(key)
            if flight is not None:
                return flight, False
            flight = self._flights[key] = Flight(key, monotonic=self._monotonic)
            return flight, True

    def end(
        self, flight: Flight, *, entry: Entry | None = None, tier: str = "", failure: ToolError | None = None
    ) -> None:
        """Only after the entry is in the cache: whoever comes next looks there."""
        with self._lock:
            if self._flights.get(flight.key) is flight:
                del self._flights[flight.key]
        flight.end(entry=entry, tier=tier, failure=failure)

    def forget_all(self, tool: str) -> None:
        """Nobody joins a flight of this tool any more: a command came after they left. Their answers carry the time at
        which they were asked for, which tells the cache the same."""
        with self._lock:
            for key in [key for key in self._flights if key.tool == tool]:
                del self._flights[key]

"""The clock that playback runs by; tests wind it forward instead of waiting."""

import time
from collections.abc import Callable


class Clock:
    """Epoch seconds from ``source``, plus what it was advanced by. Safe to call from any thread."""

    def __init__(self, source: Callable[[], float] = time.time) -> None:
        self._source = source
        self._offset_s = 0.0

    def __call__(self) -> float:
        return self._source() + self._offset_s

    def advance(self, seconds: float) -> None:
        """Move the clock on: a playing session is then that much further."""
        self._offset_s += seconds

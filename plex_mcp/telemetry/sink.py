"""A stream that takes lines at once and writes them from a thread of its own.

Sixty-four threads that each write and flush a line hand the interpreter lock around at every system call: at 460 calls
a second that was 38 % of the time. A leaf. Make it after the fork: threads do not survive one.
"""

from __future__ import annotations

import atexit
import threading
import time
from collections import deque
from collections.abc import Callable
from typing import TextIO

_GATHER_S = 0.05  # how late a line may be; waking the thread for each would cost the caller 40 µs
_MAX_WAITING_LINES = 10_000  # a standard error that nobody reads must not eat the memory


class BatchingStream:
    """Stands for `stream` where logs go: `write` never blocks, what waits is written in one go, the rest at exit."""

    finish: Callable[[list[str]], str]
    """What makes the text to write out of the lines that waited."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self.finish = "".join
        self._lines: deque[str] = deque(maxlen=_MAX_WAITING_LINES)
        self._waiting = threading.Event()
        self._writing = threading.Lock()
        threading.Thread(target=self._run, name="log-sink", daemon=True).start()
        atexit.register(self.drain)

    def write(self, text: str) -> int:
        self._lines.append(text)
        if not self._waiting.is_set():
            self._waiting.set()
        return len(text)

    def flush(self) -> None:
        """The thread does."""

    def isatty(self) -> bool:
        return self._stream.isatty()

    def drain(self) -> None:
        """Write what waits, now."""
        with self._writing:
            self._waiting.clear()  # before the look: a line that comes after it sets it again
            lines = []
            while self._lines:
                lines.append(self._lines.popleft())
            if lines:
                self._stream.write(self.finish(lines))
                self._stream.flush()

    def _run(self) -> None:
        while True:
            self._waiting.wait()
            time.sleep(_GATHER_S)
            try:
                self.drain()
            except OSError:  # a full disk, a pipe that nobody empties: these lines are lost, the next ones perhaps not
                continue
            except ValueError:  # closed: nobody is left to tell
                return

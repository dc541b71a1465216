"""A value that must never be printed. A leaf."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

MASK = "***"
"""What stands for a secret, here and in log lines."""


class Secret:
    """A secret from the environment, or from a file that is read again when it changes.

    `repr`, `str`, f-strings, pickling and JSON never show the value; `reveal()` does. A file counts as changed when its
    mtime, inode or size does: Kubernetes swaps a symbolic link when it rotates a secret, and mtimes alone can be equal.
    A file that vanishes, becomes empty or holds what `accept` raises ValueError for keeps its last good value.
    """

    __slots__ = ("_accept", "_lock", "_path", "_stat", "_value")

    def __init__(
        self, value: str = "", *, path: Path | None = None, accept: Callable[[str], object] | None = None
    ) -> None:
        self._accept = accept
        self._lock = threading.Lock()
        self._path = path
        self._stat: tuple[int, int, int] | None = None
        self._value = value

    @classmethod
    def from_file(cls, path: str | Path, *, accept: Callable[[str], object] | None = None) -> Secret:
        """Raise OSError or UnicodeDecodeError when the file cannot be read at all, ValueError when `accept` does."""
        value = Path(path).read_text(encoding="utf-8").strip()
        if value and accept is not None:
            accept(value)
        return cls(value, path=Path(path), accept=accept)

    def reveal(self) -> str:
        """The value itself: for headers and comparisons only."""
        if self._path is not None:
            self._reload()
        return self._value

    def _reload(self) -> None:
        assert self._path is not None  # noqa: S101 - for the type checker
        try:
            found = self._path.stat()
            stat = (found.st_mtime_ns, found.st_ino, found.st_size)
            if stat == self._stat:
                return
            with self._lock:
                try:
                    value = self._path.read_text(encoding="utf-8").strip()
                    if value and self._accept is not None:
                        self._accept(value)
                    self._value = value or self._value
                except ValueError:  # a bad value is not read again either, until the file changes once more
                    pass
                self._stat = stat
        except OSError:  # perhaps for want of a file descriptor: read again the next time
            return

    def __bool__(self) -> bool:
        return bool(self._value)

    def __repr__(self) -> str:
        return MASK

    __str__ = __repr__

    def __format__(self, spec: str) -> str:
        return MASK

    def __reduce__(self) -> str | tuple[object, ...]:
        raise TypeError("a Secret is never pickled")

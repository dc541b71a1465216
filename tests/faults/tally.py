"""The cells of the fault matrix: tried and right, for the summary at the end of a run."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

TRIED: Counter[str] = Counter()
RIGHT: Counter[str] = Counter()


class Wrong(AssertionError):
    """Some cells were wrong; the text names each."""


class Row:
    """Tries the cells of one row to the end and fails with all that are wrong."""

    def __init__(self, matrix: str) -> None:
        self._matrix = matrix
        self._wrong: list[str] = []

    def cell(self, name: str, check: Callable[[], None]) -> None:
        """Count one cell. `check` raises when it is wrong."""
        TRIED[self._matrix] += 1
        try:
            check()
        except Exception as error:
            self._wrong.append(f"{name}: {type(error).__name__}: {error}")
        else:
            RIGHT[self._matrix] += 1

    def close(self) -> None:
        if self._wrong:
            raise Wrong("\n".join(self._wrong))

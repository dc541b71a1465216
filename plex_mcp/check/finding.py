"""One line of `plex-mcp check`."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Status(StrEnum):
    OK = "ok"
    WARN = "warn"
    FAIL = "fail"
    SKIP = "skip"


@dataclass(frozen=True, slots=True)
class Finding:
    """`what` was looked at, what was found, and what to do about it. Own words only: never a secret, never a body."""

    what: str
    status: Status
    found: str
    advice: str = ""

    def line(self) -> str:
        """For people."""
        word = "FAIL" if self.status is Status.FAIL else f"{self.status:<4}"
        text = f"{word}  {self.what}: {self.found}"
        return f"{text.rstrip('.')}. {self.advice}" if self.advice else text

    def as_dict(self) -> dict[str, str]:
        """For machines."""
        found = {"what": self.what, "status": str(self.status), "found": self.found}
        return found | ({"advice": self.advice} if self.advice else {})

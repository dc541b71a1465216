"""Time stands still while something is recorded, and at the same moment when it is played.

Otherwise "the last seven days" would be seven other days, and every recording a different one.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime, tzinfo
from unittest import mock

SAMPLE_TIME_S = 1_767_902_400
"""When the sample library is recorded: 2026-01-08 20:00 UTC."""


@contextmanager
def standing_at(epoch_s: float) -> Iterator[None]:
    """What plex_mcp takes for now. Deadlines and pauses go on: they use the monotonic clock."""

    class Standing(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override]
            return datetime.fromtimestamp(epoch_s, tz)

    def now_s() -> float:
        return float(epoch_s)

    with ExitStack() as stack:
        for name, module in list(sys.modules.items()):
            if name.startswith("plex_mcp.") and getattr(module, "datetime", None) is datetime:
                stack.enter_context(mock.patch.object(module, "datetime", Standing))
        stack.enter_context(mock.patch.object(time, "time", now_s))
        yield

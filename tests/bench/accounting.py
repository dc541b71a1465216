"""What processes have used: CPU time to the nanosecond, memory without what they share."""

from __future__ import annotations

import re
import time
from pathlib import Path

_SHELLS = {"bash", "limit-run", "sleep", "cat"}
"""limit-run's own processes."""


def group_of(first: int) -> list[int]:
    """The process and its descendants, limit-run's shells left out."""
    found, todo = [], [first]
    while todo:
        pid = todo.pop()
        try:
            children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
            is_shell = Path(f"/proc/{pid}/comm").read_text().strip() in _SHELLS
        except OSError:
            continue
        todo += [int(child) for child in children]
        if not is_shell:
            found.append(pid)
    return found


def cpu_s(pid: int) -> float:
    """User and system time of a process, with its ended threads.

    From the process's own clock, which counts nanoseconds: /proc/PID/stat has ticks of 10 ms, which is a whole call or
    more where few are made, and the threads' schedstat files lose those that have ended. The number of the clock is
    what clock_getcpuclockid(3) gives on Linux.
    """
    try:
        return time.clock_gettime(~pid << 3 | 2)
    except OSError:  # it has ended
        return 0.0


def anonymous_kib(pid: int) -> int:
    """Its anonymous memory; a page that several processes share is divided among them."""
    try:
        text = Path(f"/proc/{pid}/smaps_rollup").read_text()
    except OSError:
        return 0
    found = re.search(r"^Pss_Anon:\s+(\d+)", text, re.MULTILINE)
    return int(found[1]) if found else 0

"""`make bench`: the finished server, other servers beside it, one table. Writes results.json and results.svg.

Ratios are what counts: everything runs in one go on one machine, so a slow machine is slow for all. Figures with
"200m" ran under cgroup limits of 100 MiB and a fifth of a core, where the system lets us set them; else they are left
out.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import requests

from plex_mcp.quickstart.redis import embedded_redis
from tests.bench import cases, peers, production
from tests.bench.plot import plot
from tests.bench.servers import HERE, can_limit
from tests.bench.table import table
from tests.serving import ROOT


def main() -> int:
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--only", default="", help="cases by name, with commas between")
    parser.add_argument("--out", type=Path, help="folder for the results; here, when all cases are asked for")
    asked = parser.parse_args()
    begun, limited = time.monotonic(), can_limit()
    results: dict[str, Any] = {"about": _about(limited)}
    with embedded_redis() as redis_url:
        for name, case in cases.CASES.items():
            if asked.only and name not in asked.only.split(","):
                continue
            started_s = time.monotonic()
            try:
                results[name] = case(redis_url, limited)
            except (AssertionError, OSError, subprocess.SubprocessError, requests.RequestException) as error:
                results[name] = {"failed": f"{type(error).__name__}: {error}"[:500]}
            _say(f"{name}: {time.monotonic() - started_s:.0f} s {results[name].get('failed', '')}")
    results["about"]["took_s"] = round(time.monotonic() - begun)
    shown = table(results)
    _say(shown)
    out = asked.out or (None if asked.only else HERE)
    if out is not None:
        (out / "results.json").write_text(json.dumps(results, indent=1) + "\n")
        (out / "results.svg").write_text(plot(results))
        (out / "results.md").write_text(shown)
    return 1 if any("failed" in part for part in results.values()) else 0


def _about(limited: bool) -> dict[str, Any]:
    commit = subprocess.run(
        ["git", "rev-parse", "--short=12", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    changed = subprocess.run(
        ["git", "status", "--porcelain", "plex_mcp"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    return {
        "commit": commit.stdout.strip() + ("+" if changed.stdout.strip() else ""),
        "date": datetime.now(UTC).date().isoformat(),
        "python": platform.python_version(),
        "cpus": os.cpu_count(),
        "load_before": round(os.getloadavg()[0], 1),
        "limits": "cgroup v1" if limited else "none could be set",
        "reference_us": _reference_us(),
        "measured": production.where(),
        "peers": {"fastmcp": peers.FASTMCP, "market_leader": peers.MARKET_LEADER, "another": peers.KNGUYEN_NAME},
        "missing": peers.missing(),
    }


def _reference_us() -> int:
    """CPU time of 10,000 small function calls on this machine: what to compare runs of different machines by."""

    def nothing(value: int) -> int:
        return value

    best = float("inf")
    for _ in range(20):
        before = time.process_time()
        for number in range(10_000):
            nothing(number)
        best = min(best, time.process_time() - before)
    return round(best * 1e6)


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())

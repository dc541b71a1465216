"""What `make coverage` has run of plex_mcp, by package; fails under the floors. Uses up the data of the run."""

from __future__ import annotations

import json
import sys
import tempfile
from collections import defaultdict
from pathlib import Path

from coverage import Coverage

OVERALL = 95.0
WHOLE = ("protocol", "calls", "errors.py")
"""Of these every line and every branch."""

_COUNTS = ("num_statements", "covered_lines", "num_branches", "covered_branches")


def main() -> int:
    files = measured()
    packages: dict[str, list[int]] = defaultdict(lambda: [0] * len(_COUNTS))
    for path, file in files.items():
        counts = [file["summary"][name] for name in _COUNTS]
        for package in (Path(path).parts[1], "all"):
            packages[package] = [sum(pair) for pair in zip(packages[package], counts, strict=True)]
    _say(f"{'':16}{'lines':>8}{'':9}{'branches':>8}")
    faults = []
    for package, (lines, lines_run, branches, branches_run) in sorted(
        packages.items(), key=lambda item: item[0] == "all"
    ):
        shares = percent(lines_run, lines), percent(branches_run, branches)
        _say(f"{package:16}{lines:8}{shares[0]:8.2f}%{branches:8}{shares[1]:8.2f}%")
        floor = OVERALL if package == "all" else 100.0 if package in WHOLE else 0.0
        if min(shares) < floor:
            faults.append(f"{package}: less than {floor:g} %")
    for path, file in files.items():
        gaps = [str(line) for line in file["missing_lines"]]
        gaps += [f"{line}->{'exit' if to < 0 else to}" for line, to in file["missing_branches"]]
        if gaps:
            _say(f"{path}: {' '.join(gaps)}")
    _say("\n".join(faults) or "Coverage: enough.")
    return 1 if faults else 0


def measured() -> dict[str, dict]:
    """By file, the data of all processes together."""
    coverage = Coverage(messages=False)
    coverage.combine()
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "coverage.json"
        coverage.json_report(outfile=str(target))
        return json.loads(target.read_text())["files"]


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")


def percent(part: int, whole: int) -> float:
    return 100.0 * part / whole if whole else 100.0


if __name__ == "__main__":
    sys.exit(main())

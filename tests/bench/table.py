"""The results as one Markdown table, each figure beside what it must reach."""

from __future__ import annotations

from typing import Any

from tests.bench.rows import Rows


def table(results: dict[str, Any]) -> str:
    about = results["about"]
    rows = [
        (what, f"{value:.6g} {unit}".strip(), target)
        for what, value, unit, target in Rows(results)
        if value is not None
    ]
    lines = ["| Figure | Measured | Target |", "| --- | --- | --- |", *(f"| {' | '.join(row)} |" for row in rows)]
    note = (
        f"\nCommit {about['commit']}, {about['date']}, Python {about['python']}, {about['cpus']} CPUs, load "
        f"{about['load_before']} before, limits: {about['limits']}, {about.get('took_s', 0)} s in all. "
        f"Speed of the machine: 10,000 empty function calls in {about['reference_us']} µs. "
        f"Measured: {about['measured']}.\n"
    )
    return "\n".join(lines) + "\n" + note + "".join(f"\nLeft out: {line}\n" for line in _left_out(results))


def _left_out(results: dict[str, Any]) -> list[str]:
    found = [f"{name}: {why}" for name, why in results["about"]["missing"].items()]
    for case, figures in results.items():
        for name, each in figures.items():
            if name == "skipped":
                found.append(f"{case}: {each}")
            elif isinstance(each, dict) and "skipped" in each:
                found.append(f"{case}, {name}: {each['skipped']}")
    return found

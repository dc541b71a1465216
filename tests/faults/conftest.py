"""Prints the fault matrices after the run."""

from __future__ import annotations

from typing import Any

from tests.faults.tally import RIGHT, TRIED


def pytest_terminal_summary(terminalreporter: Any) -> None:
    for matrix, tried in TRIED.items():
        terminalreporter.write_line(f"fault matrix, {matrix}: {tried} cells tried, {RIGHT[matrix]} right")

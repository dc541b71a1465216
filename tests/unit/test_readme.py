"""The README is true: its tables are the code's, its commands and links exist."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from tests.readme import NOT_MEASURED, README, ROOT, SECTIONS, figures, results, speed, with_sections

TEXT = README.read_text(encoding="utf-8")


def test_generated_sections_are_those_of_the_code() -> None:
    assert with_sections(TEXT) == TEXT, "run `make readme`"


@pytest.mark.parametrize("name", SECTIONS)
def test_a_section_without_its_markers_is_noticed(name: str) -> None:
    with pytest.raises(KeyError, match=name):
        with_sections(TEXT.replace(f"<!-- end of {name} -->", ""))


def test_every_make_target_named_exists() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    assert set(re.findall(r"(?:^|`)make ([a-z][a-z-]+)", TEXT)) - targets == set()


def test_every_file_linked_exists() -> None:
    links = [link.split("#")[0] for link in re.findall(r"\]\(([^)]+)\)", TEXT) if not link.startswith("http")]
    assert [link for link in links if link and not (ROOT / link).exists()] == []


def test_every_heading_linked_exists() -> None:
    headings = {
        re.sub(r"[^\w\- ]", "", title.lower()).strip().replace(" ", "-")
        for title in re.findall(r"^#+ (.+)$", TEXT, re.MULTILINE)
    }
    assert set(re.findall(r"\]\(#([^)]+)\)", TEXT)) - headings == set()


RESULTS = {
    "about": {
        "commit": "0123456789ab", "date": "2026-11-26", "python": "3.11.7", "cpus": 2, "load_before": 0.1,
        "limits": "cgroup v1", "measured": "plex_mcp", "missing": {}, "reference_us": 300,
    },
    "cached": {"plex-mcp": {"per_s": 2000, "cpu_us": 400}},
    "trouble": {"Plex hangs, cached": 2.53, "Plex left alone": 4.0},
    "replicas": {"calls a second, two replicas": 3900},
}  # fmt: skip


def test_figures_are_those_of_the_run_with_its_commit() -> None:
    trouble = figures(RESULTS, "trouble", "case", " ms")
    assert "| case | measured |\n|---|---|\n| Plex hangs, cached | 2.53 ms |\n| Plex left alone | 4 ms |\n" in trouble
    assert "commit 0123456789ab, 2026-11-26" in trouble
    assert "| calls a second, two replicas | 3900 |" in figures(RESULTS, "replicas", "case")
    shown = speed(RESULTS)
    assert "![" in shown
    assert "(tests/bench/results.svg)" in shown
    assert "2000 /s" in shown
    assert "Commit 0123456789ab" in shown


@pytest.mark.parametrize(
    "found",
    [{}, {"about": {}}, {"about": {}, "trouble": {}}, {"about": {}, "trouble": {"failed": "OSError: no"}},
     {"about": {}, "trouble": {"skipped": "no limits"}}],
)  # fmt: skip
def test_what_was_not_measured_is_said_so(found: dict[str, Any]) -> None:
    assert figures(found, "trouble", "case") == NOT_MEASURED
    assert speed({}) == NOT_MEASURED


def test_without_a_run_there_are_no_results(tmp_path: Path) -> None:
    assert results(tmp_path / "results.json") == {}


def test_measured_times_stand_in_generated_sections_only() -> None:
    """Whatever the prose says in milliseconds or microseconds would be of another run, or of none."""
    prose = re.sub(r"<!-- generated: (.+?) -->.*?<!-- end of \1 -->", "", TEXT, flags=re.DOTALL)
    told = re.findall(r".*\d (?:µs|ms|calls a second)\b.*", prose.partition("\n## Decisions")[0])
    assert told == []

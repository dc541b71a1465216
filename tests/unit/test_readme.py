"""The README is true: its tables are the code's, its commands and links exist."""

from __future__ import annotations

import re

import pytest

from tests.readme import README, ROOT, SECTIONS, with_sections

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

"""A new tool is one file: it is found by its name, and a file that holds none is noticed at start."""

from __future__ import annotations

import sys
from pathlib import Path
from types import ModuleType

import pytest

from plex_mcp.discovery import discover


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    folder = tmp_path / "shelf_of_numbers"
    folder.mkdir()
    (folder / "__init__.py").write_text("")
    (folder / "two.py").write_text("two = 2")
    (folder / "one.py").write_text("one = 1")
    (folder / "_helper.py").write_text("_helper = 3")
    monkeypatch.syspath_prepend(tmp_path)
    for name in [name for name in sys.modules if name.startswith("shelf_of_numbers")]:
        monkeypatch.delitem(sys.modules, name)
    return __import__("shelf_of_numbers")


def test_things_are_found_in_the_order_of_their_names_and_helpers_are_not(package: ModuleType) -> None:
    assert list(discover(package, int).items()) == [("one", 1), ("two", 2)]


def test_a_file_without_the_thing_it_is_named_after_is_an_error(package: ModuleType) -> None:
    (Path(str(package.__path__[0])) / "three.py").write_text("four = 4")
    with pytest.raises(TypeError, match="three holds no int"):
        discover(package, int)

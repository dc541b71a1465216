"""The recording of the demonstration: that it is whole, safe to show, and drawn as `draw` draws. That it is still what
the quickstart prints is compared where the quickstart runs, in tests/e2e/test_first_run.py."""

from __future__ import annotations

import json
import re
from xml.etree import ElementTree

import pytest

from plex_mcp.quickstart import shade
from tests.demo.draw import draw
from tests.demo.record import CAST, MASK, PICTURE, cast_of, printed, shape

TEXT = CAST.read_text(encoding="utf-8")


def test_the_picture_is_the_recordings() -> None:
    assert PICTURE.read_text(encoding="utf-8") == draw(TEXT), "run `make recording`"


def test_every_tool_is_asked_in_it_and_no_token_is_shown() -> None:
    shown = printed(TEXT)
    assert len(set(re.findall(r"→ (\w+) \{", shown))) == 10
    for written in (TEXT, PICTURE.read_text(encoding="utf-8")):
        assert set(re.findall(r"Bearer (\S{12})", written)) <= {MASK}
        assert re.findall(r"(?<![\w/.-])[\w-]{32}(?![\w-])", written) == []


def test_the_token_is_masked_wherever_it_was_printed() -> None:
    cast = cast_of([(0.0, "$ make demo\r\n"), (0.1, "  Token     s3cret-s3cret\r\n"), (0.2, "use s3cret-s3cret\r\n")])
    assert printed(cast) == f"$ make demo\n  Token     {MASK}\nuse {MASK}\n"


def test_a_demonstration_that_prints_no_token_where_it_did_is_not_kept() -> None:
    with pytest.raises(RuntimeError, match="masked"):
        cast_of([(0.0, "Token: s3cret\r\n")])


def test_the_picture_is_well_formed_small_and_needs_nothing_from_elsewhere() -> None:
    picture = PICTURE.read_text(encoding="utf-8")
    assert len(picture.encode()) < 60_000
    root = ElementTree.fromstring(picture)
    assert {element.tag.rpartition("}")[2] for element in root.iter()} <= {
        "svg", "style", "rect", "path", "circle", "text", "g", "tspan"
    }  # fmt: skip
    assert re.findall(r"href|url\(|@import|<script", picture) == []


def test_what_was_printed_is_escaped_wrapped_and_colored() -> None:
    head = {"version": 2, "width": 10, "height": 3, "title": "a <b> & c"}
    lines = [[0, "o", "$ x\r\n"], [1.5, "o", '\x1b[1m</text>"&\x1b[0m and more\r\n'], [2.0, "o", "\r\n"]]
    root = ElementTree.fromstring(draw("\n".join(map(json.dumps, [head, *lines]))))
    texts = ["".join(element.itertext()) for element in root.iter() if element.tag.endswith("}text")]
    assert texts == ["a <b> & c (pauses for reading added)", "$ x", '</text>"& ', "and more"]
    bold = [element.text for element in root.iter() if element.get("class") == "b"]
    assert bold == ["x", '</text>"&']


def test_its_shape_leaves_out_what_differs_between_runs() -> None:
    text = "Plex      a stand-in, at http://127.0.0.1:41877\nYou: Hm?\n     → search {}\n     • x\n  Token     abc\n"
    assert shape(text) == [
        "Plex      a stand-in, at http://127.0.0.1#",
        "You: Hm?",
        "     → search {}",
        f"  Token     {MASK}",
    ]


@pytest.mark.parametrize(
    ("is_terminal", "variables", "shown"),
    [
        (True, {"TERM": "xterm"}, "\x1b[1mYou\x1b[0m"),
        (True, {"TERM": "dumb"}, "You"),
        (True, {"TERM": "xterm", "NO_COLOR": "1"}, "You"),
        (False, {"TERM": "xterm"}, "You"),
    ],
)
def test_colors_are_for_terminals_that_want_them(
    monkeypatch: pytest.MonkeyPatch, is_terminal: bool, variables: dict[str, str], shown: str
) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr("sys.stdout.isatty", lambda: is_terminal)
    assert shade("You", 1) == shown

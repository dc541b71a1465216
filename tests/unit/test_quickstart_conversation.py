"""What the demonstration shows of an answer, and what it counts as wrong."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest

from plex_mcp.quickstart import conversation
from plex_mcp.quickstart.conversation import lines_of


def talk(*, is_error: bool = False, text: str = "{}", structured: Any = None) -> conversation._Talk:
    async def call_tool(_tool: str, _arguments: Any) -> Any:
        return SimpleNamespace(is_error=is_error, content=[SimpleNamespace(text=text)], structured_content=structured)

    return conversation._Talk(SimpleNamespace(call_tool=call_tool), frozenset({"list_libraries"}))  # type: ignore[arg-type]


def test_a_tool_that_is_withheld_is_left_out_of_the_demonstration(capsys: Any) -> None:
    one = talk()
    assert asyncio.run(one.ask("Pause it.", "control_playback")) == {}
    assert (one.wrong, capsys.readouterr().out) == ([], "")


@pytest.mark.parametrize("refusal_is_right", [True, False])
def test_a_refusal_is_shown_in_its_words_and_counts_unless_it_is_right(capsys: Any, refusal_is_right: bool) -> None:
    one = talk(is_error=True, text='{"error":{"code":"NOT_FOUND","message":"None.","suggestion":"Ask."}}')
    assert asyncio.run(one.ask("Which?", "list_libraries", refusal_is_right=refusal_is_right)) == {}
    assert "NOT_FOUND: None. Ask." in capsys.readouterr().out
    assert one.wrong == ([] if refusal_is_right else ["list_libraries"])


def test_an_answer_that_is_not_what_was_expected_counts(capsys: Any) -> None:
    one = talk()
    one.expect([1], "something")
    one.expect([], "nothing was added")
    assert one.wrong == ["nothing was added"]
    assert "Wrong: nothing was added" in capsys.readouterr().out


def test_what_is_a_list_of_objects_inside_an_item_is_not_shown() -> None:
    assert lines_of({"items": [{"title": "A", "media_id": "1", "roles": [{"name": "B"}], "played": True}]}) == [
        "• A, played  [1]"
    ]

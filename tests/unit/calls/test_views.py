"""Reading through the tools."""

from __future__ import annotations

from typing import Any

import pytest

from plex_mcp.calls.outcome import CallInfo, CallOutcome
from plex_mcp.calls.views import Views
from plex_mcp.errors import InvalidArgument, NotFound
from plex_mcp.tools._tool import Arguments, Tool
from tests.fakes import TOOLS, list_titles

INFO = CallInfo("claude", "2026-07-28", "req-1")


class Calls:
    def __init__(self, failure: Exception | None = None) -> None:
        self.seen: list[Any] = []
        self.failure = failure

    def __call__(self, tool: Tool, arguments: Arguments, info: CallInfo) -> CallOutcome:
        self.seen.append((tool, arguments, info))
        if self.failure is not None:
            raise self.failure
        return CallOutcome(b"body", b'{"titles":["A"]}', "hit_l1")


def test_a_view_is_a_call_of_the_tool_with_its_defaults_for_the_same_caller() -> None:
    calls = Calls()
    assert Views(TOOLS, calls, INFO).read("list_titles", query="a") == {"titles": ["A"]}
    assert Views(TOOLS, calls, INFO).outcome("list_titles", query="a").body == b"body"
    assert calls.seen == [(list_titles, list_titles.parse({"query": "a"}), INFO)] * 2


def test_what_the_tool_raises_and_what_its_arguments_refuse_comes_through() -> None:
    with pytest.raises(NotFound):
        Views(TOOLS, Calls(NotFound("no")), INFO).read("list_titles")
    with pytest.raises(InvalidArgument):
        Views(TOOLS, Calls(), INFO).read("list_titles", limit=0)

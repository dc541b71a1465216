"""What a host tells the model beforehand."""

from __future__ import annotations

import re

import pytest

from plex_mcp.protocol.instructions import build_instructions
from plex_mcp.tools._catalogue import load_tools

TOOLS = load_tools()


@pytest.mark.parametrize("served", [set(TOOLS), set(load_tools(read_only=True)), {"search_media"}, set()])
def test_instructions_name_no_tool_that_is_not_served(served: set[str]) -> None:
    named = set(re.findall(r"\b[a-z]+_[a-z_]+\b", build_instructions(served))) & set(TOOLS)
    assert named <= served


def test_instructions_are_short_enough_to_sit_in_every_conversation() -> None:
    assert 200 < len(build_instructions(TOOLS)) < 1200

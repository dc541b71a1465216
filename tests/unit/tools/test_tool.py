"""What makes a tool, and how its answer becomes JSON."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field
from typing import Any

import pytest

from plex_mcp.tools._tool import to_json, tool


@dataclass
class Inner:
    name: str
    note: str | None = None


@dataclass
class Answer:
    items: tuple[Inner, ...] = ()
    counts: dict[str, Any] = field(default_factory=dict)


def described(plex: Any) -> Answer:
    """Answer."""
    return Answer()


def undescribed(plex: Any) -> Answer:
    return Answer()


def shapeless(plex: Any) -> str:
    """Answer in any shape."""
    return ""


@pytest.mark.parametrize(
    ("function", "declared"),
    [
        (undescribed, {"ttl_s": 1.0}),
        (shapeless, {"ttl_s": 1.0}),
        (described, {}),
        (described, {"ttl_s": 1.0, "read_only": False}),
    ],
)
def test_a_tool_has_a_docstring_an_answer_with_a_shape_and_a_ttl_only_if_it_reads(
    function: Any, declared: dict[str, Any]
) -> None:
    with pytest.raises(TypeError, match="a tool has a docstring"):
        tool(title="Answer", **declared)(function)


@pytest.mark.parametrize("half", ["view", "fetch_arguments"])
def test_a_view_is_declared_with_what_it_is_cut_from(half: str) -> None:
    with pytest.raises(TypeError, match="declared together"):
        tool(title="Answer", ttl_s=1.0, **{half: lambda *_: {}})(described)


def test_objects_inside_an_answer_lose_their_defaults_wherever_they_stand() -> None:
    counts = OrderedDict(films=1, first=Inner("A"), all=(Inner("A", "B"),))
    assert to_json(Answer((Inner("A"),), counts)) == {
        "items": [{"name": "A"}],
        "counts": {"films": 1, "first": {"name": "A"}, "all": [{"name": "A", "note": "B"}]},
    }
    assert to_json(Answer()) == {}

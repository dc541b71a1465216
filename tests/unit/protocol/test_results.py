"""The members of results, where no tool of ours makes them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from plex_mcp.protocol.results import build_input_required


@pytest.mark.parametrize(
    ("requests", "state", "members"),
    [
        (None, "s1", {"requestState": "s1"}),
        ({"r1": {}}, None, {"inputRequests": {"r1": {}}}),
        ({"r1": {}}, "s1", {"inputRequests": {"r1": {}}, "requestState": "s1"}),
    ],
)
def test_a_call_that_needs_more_asks_for_input_or_hands_out_state_or_both(
    requests: Any, state: str | None, members: dict[str, Any]
) -> None:
    """Specification 2026-07-28: either member may be absent."""
    made = json.loads(b"{%b}" % build_input_required(requests, state))
    assert made.pop("_meta")
    assert made == {"resultType": "input_required", **members}

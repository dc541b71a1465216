"""What we write down ourselves of the protocol, against the official models: names, numbers, shapes of parameters."""

from __future__ import annotations

from typing import Any

import mcp_types
import mcp_types.jsonrpc
import mcp_types.version
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mcp_types.methods import validate_client_request
from pydantic import ValidationError

from plex_mcp.protocol import wire
from plex_mcp.protocol.shapes import fault_in

RIGHT: dict[str, dict[str, Any]] = {
    "initialize": {
        "protocolVersion": "2025-06-18",
        "capabilities": {},
        "clientInfo": {"name": "n", "version": "1", "title": "t"},
    },
    "tools/list": {"cursor": "c"},
    "resources/list": {"cursor": "c"},
    "resources/templates/list": {"cursor": "c"},
    "prompts/list": {"cursor": "c"},
    "resources/read": {"uri": "plex://item/1"},
    "prompts/get": {"name": "n", "arguments": {"a": "b"}},
    "completion/complete": {
        "ref": {"type": "ref/prompt", "name": "n"},
        "argument": {"name": "a", "value": "b"},
        "context": {"arguments": {"c": "d"}},
    },
}
VERSION = "2025-11-25"
junk = st.one_of(
    st.none(), st.booleans(), st.integers(), st.text(max_size=3), st.lists(st.text(max_size=2), max_size=2),
    st.dictionaries(st.sampled_from(["type", "name", "uri", "value", "x"]), st.text(max_size=3), max_size=2),
)  # fmt: skip


def official_accepts(method: str, params: dict[str, Any]) -> bool:
    try:
        validate_client_request(method, VERSION, params)
    except ValidationError:
        return False
    return True


def places(value: Any, path: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    inner = value.items() if isinstance(value, dict) else ()
    return [path, *(place for name, part in inner for place in places(part, (*path, name)))]


def replaced(value: Any, path: tuple[str, ...], by: Any) -> Any:
    """`value` with the member at `path` replaced, or taken out where `by` is Ellipsis."""
    head, *rest = path
    changed = dict(value)
    if rest:
        changed[head] = replaced(value[head], tuple(rest), by)
    elif by is ...:
        del changed[head]
    else:
        changed[head] = by
    return changed


def test_names_and_numbers_are_the_official_ones() -> None:
    ours = {name: value for name, value in vars(wire).items() if name.isupper()}
    official = {**vars(mcp_types.jsonrpc), **vars(mcp_types.version), **vars(mcp_types)}
    assert len(ours) == 16
    assert ours == {name: official[name] for name in ours}


@pytest.mark.parametrize("method", RIGHT)
def test_right_parameters_are_right_to_both(method: str) -> None:
    assert fault_in(method, RIGHT[method]) is None
    assert official_accepts(method, RIGHT[method])


@settings(max_examples=500, deadline=None)
@given(st.data())
def test_one_wrong_member_is_judged_as_the_official_models_judge_it(data: st.DataObject) -> None:
    method = data.draw(st.sampled_from(sorted(RIGHT)))
    path = data.draw(st.sampled_from(places(RIGHT[method])[1:]))
    params = replaced(RIGHT[method], path, data.draw(st.one_of(st.just(...), junk)))
    assert (fault_in(method, params) is None) == official_accepts(method, params), (method, params)


def test_the_fault_is_named_by_its_place_and_never_by_its_value() -> None:
    params = replaced(RIGHT["completion/complete"], ("argument", "value"), 7)
    assert fault_in("completion/complete", params) == "params.argument.value"
    params = replaced(RIGHT["completion/complete"], ("ref",), "n")
    assert fault_in("completion/complete", params) == "params.ref"

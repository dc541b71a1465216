"""Bad input, generated: right requests broken in every way that a client, a proxy or an attacker may break them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st

from tests.conformance.client import HANDSHAKE, LATEST, META, initialize, modern_headers, request


@dataclass(frozen=True)
class Case:
    """One body and the headers that go with it; header names in lower case."""

    body: bytes
    headers: tuple[tuple[str, str], ...]


_REF = {"type": "ref/prompt", "name": "tonights_pick"}
SEEDS: list[tuple[str, dict[str, Any]]] = [
    ("tools/call", {"name": "search_media", "arguments": {"query": "x", "limit": 5}}),
    ("tools/call", {"name": "get_media_details", "arguments": {"media_id": "1"}}),
    ("tools/call", {"name": "list_libraries"}),
    ("tools/list", {}),
    ("initialize", initialize("2025-11-25")),
    ("server/discover", {}),
    ("ping", {}),
    ("resources/list", {}),
    ("resources/read", {"uri": "plex://item/1"}),
    ("prompts/get", {"name": "whats_new", "arguments": {"days": "3"}}),
    ("completion/complete", {"ref": _REF, "argument": {"name": "genre", "value": "c"}}),
    ("notifications/cancelled", {"requestId": 1}),
]
_HUGE = [10**30, -(10**400), 1e308, 2**53 + 1, 0.1, -0.0]
_ODD_TEXT = [
    "",
    "\u0000",
    "\ud800",
    "\U0001f600",
    "\u202e",
    "a" * 3000,
    "' OR 1=1",
    "../../etc/passwd",
    "\r\nX: y",
    "=?base64?!?=",
]
scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-5, 5),
    st.sampled_from(_HUGE),
    st.sampled_from(_ODD_TEXT),
    st.text(max_size=8),
)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)
_VERSIONS = [None, LATEST, *HANDSHAKE, "2099-01-01", "", f"{LATEST},{LATEST}", "\xe9"]
_BREAKS = ["whole"] * 6 + ["cut", "flip", "repeat", "encode", "nest", "digits", "batch", "padding", "nan"]


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """One request: right, or with values replaced, then its bytes broken; then its headers."""
    method, params = draw(st.sampled_from(SEEDS))
    modern = draw(st.booleans())
    message: Any = request(method, {**params, "_meta": META} if modern else dict(params))
    if method.startswith("notifications/"):
        del message["id"]
    for _ in range(draw(st.integers(0, 2))):
        message = _replaced(draw, message)
    headers = modern_headers(method, params) if modern else {}
    version = draw(st.sampled_from(_VERSIONS)) if draw(st.integers(0, 3)) == 0 else headers.get("MCP-Protocol-Version")
    headers.pop("MCP-Protocol-Version", None)
    if version is not None:
        headers["MCP-Protocol-Version"] = version
    return Case(_broken(draw, message), tuple((name.lower(), value) for name, value in headers.items()))


def _replaced(draw: st.DrawFn, message: Any) -> Any:
    """One member somewhere replaced, added or taken away; or the whole message another value."""
    if draw(st.integers(0, 30)) == 0:
        return draw(values)
    spot = message = json.loads(json.dumps(message)) if isinstance(message, dict) else {"value": message}
    while draw(st.booleans()):
        inner = [value for value in spot.values() if isinstance(value, dict) and value]
        if not inner:
            break
        spot = draw(st.sampled_from(inner))
    keys = sorted(spot)
    what = draw(st.sampled_from(["replace", "replace", "add", "drop"]))
    if what == "add" or not keys:
        spot[draw(st.sampled_from(["cursor", "id", "x", "_meta", "arguments", "progressToken"]))] = draw(values)
    elif what == "drop":
        del spot[draw(st.sampled_from(keys))]
    else:
        spot[draw(st.sampled_from(keys))] = draw(values)
    return message


def _broken(draw: st.DrawFn, message: Any) -> bytes:
    body = json.dumps(message).encode()
    match draw(st.sampled_from(_BREAKS)):
        case "cut":
            return body[: draw(st.integers(0, len(body)))]
        case "flip":
            at = draw(st.integers(0, len(body) - 1))
            return body[:at] + bytes([draw(st.integers(0, 255))]) + body[at + 1 :]
        case "repeat":  # the same member twice, another value first
            return body[:1] + b'"method":"ping","id":7,' + body[1:] if body.startswith(b"{") else body
        case "encode":
            return body.decode().encode(draw(st.sampled_from(["utf-16", "utf-16-le", "utf-32", "utf-8-sig", "cp037"])))
        case "nest":
            depth = draw(st.sampled_from([5, 500, 20_000]))
            return body.replace(b'"params":', b'"deep":' + b"[" * depth + b"]" * depth + b',"params":', 1)
        case "digits":
            return body.replace(b'"id":1', b'"id":' + b"9" * draw(st.sampled_from([20, 4_300, 9_000])), 1)
        case "batch":
            return b"[" + b",".join([body] * draw(st.integers(0, 4))) + b"]"
        case "padding":
            return b" " * draw(st.integers(0, 3)) + body + draw(st.binary(max_size=4))
        case "nan":
            return body.replace(b'"id":1', b'"id":1,"x":' + draw(st.sampled_from([b"NaN", b"-Infinity", b"1e999"])), 1)
    return body


def variants(case: Case) -> list[Case]:
    """A generated case and nine more made from it cheaply: cut, flipped, doubled, under other headers."""
    body, headers = case.body, case.headers
    size = len(body)
    flipped = [body[:at] + bytes([body[at] ^ 1 << at % 8]) + body[at + 1 :] for at in {size // 3, size // 2} if size]
    found = [body[: size // 4], body[: size - 1], body + body, b"[" + body + b"]", *flipped]
    return [
        case,
        *(Case(other, headers) for other in found),
        Case(body, ()),
        Case(body, headers[1:]),
        Case(body, (*headers[:-1], ("mcp-protocol-version", "2025-11-25"))),
    ]

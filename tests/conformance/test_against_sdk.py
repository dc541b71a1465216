"""The classifier against the official SDK's, on generated requests; every difference is deliberate and named here.

The oracle is `mcp.shared.inbound`, then the generated validators of `mcp_types`. Differences:

1. Era. The SDK goes by the header alone (its own TODO). Here the body decides first: basic/index "Per-request protocol
   fields" makes a request with an envelope modern, and transports "Protocol Version Header" wants 400 if they differ.
2. `data.supported` of -32022 names both eras, newest first: server/discover "supportedVersions" does, and a client
   without a modern version in common can then fall back to `initialize`. The SDK lists the modern ones only.
3. The inside of capabilities, input responses and the like is not looked at on tools/call: basic/index lets a server
   ignore what it does not use, and the hot path is kept short. Their outer shapes are checked.
4. A progress token that is a float equal to a whole number, or a boolean, is refused: utilities/progress says text or
   integer. Pydantic takes both for integers.
"""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from mcp.shared.inbound import (
    InboundLadderRejection,
    classify_inbound_request,
    decode_header_value,
    encode_header_value,
)
from mcp_types.methods import validate_client_request
from mcp_types.version import HANDSHAKE_PROTOCOL_VERSIONS, MODERN_PROTOCOL_VERSIONS
from pydantic import ValidationError

from plex_mcp.errors import ProtocolError
from plex_mcp.protocol.envelope import decode_header, is_modern, open_modern
from plex_mcp.protocol.jsonrpc import parse_message
from tests.conformance.client import HANDSHAKE, LATEST, META, PREFIX, SUPPORTED, Client, modern_headers, request
from tests.conformance.registry import build_dispatcher

pytestmark = pytest.mark.timeout(600)
GENERATED = settings(
    max_examples=1000, derandomize=True, database=None, deadline=None, suppress_health_check=list(HealthCheck)
)

METHODS = ["tools/list", "tools/call", "prompts/get", "resources/read", "server/discover", "ping", "no/such"]
versions = st.sampled_from([LATEST, *HANDSHAKE, "2099-01-01", ""])
odd = st.sampled_from([None, 5, 1.5, True, [], {}, "x", {"name": "x"}, {"name": "x", "version": "1"}])
names = st.sampled_from(["test_simple_text", "test://static-text", "é", " edge ", "=?base64?eA==?=", "x"])


@st.composite
def requests_and_headers(draw: st.DrawFn) -> tuple[dict[str, Any], dict[str, str]]:
    """A right request with some parts replaced, so that every rung of the ladder is reached often."""
    method = draw(st.sampled_from(METHODS))
    params: dict[str, Any] = {}
    if method in {"tools/call", "prompts/get"}:
        params["name"] = draw(names)
    if method == "resources/read":
        params["uri"] = draw(names)
    meta: dict[str, Any] = dict(META)
    headers = {name.lower(): value for name, value in modern_headers(method, params).items()}
    if "mcp-name" in headers:
        headers["mcp-name"] = encode_header_value(headers["mcp-name"])
    for _ in range(draw(st.integers(0, 3))):
        what = draw(st.sampled_from(["meta", "drop-meta", "version", "header", "drop-header", "name", "both"]))
        if what == "meta":
            meta[PREFIX + draw(st.sampled_from(["clientCapabilities", "clientInfo", "logLevel"]))] = draw(odd)
        elif what == "drop-meta" and meta:
            meta.pop(draw(st.sampled_from(sorted(meta))))
        elif what == "version":
            meta[f"{PREFIX}protocolVersion"] = draw(st.one_of(versions, odd))
        elif what == "both":
            meta[f"{PREFIX}protocolVersion"] = headers["mcp-protocol-version"] = draw(versions)
        elif what == "header" and headers:
            headers[draw(st.sampled_from(sorted(headers)))] = draw(st.one_of(versions, names, st.just("tools/list")))
        elif what == "drop-header" and headers:
            headers.pop(draw(st.sampled_from(sorted(headers))))
        elif what == "name" and params:
            params[next(iter(params))] = draw(st.one_of(names, odd))
    params["_meta"] = draw(st.sampled_from([meta, meta, meta, meta, meta, None, "x", []]))
    message = request(method, params)
    if draw(st.integers(0, 20)) == 0:
        message["params"] = draw(odd)
    return message, headers


@GENERATED
@given(requests_and_headers())
def test_the_ladder_ends_where_the_sdks_does(case: tuple[dict[str, Any], dict[str, str]]) -> None:
    message, headers = case
    expected = classify_inbound_request(message, headers=headers)
    try:
        open_modern(parse_message(message), headers)
        code, data = 0, None
    except ProtocolError as error:
        code, data = error.code, error.data
    if isinstance(expected, InboundLadderRejection):
        assert code == expected.code
        if expected.data is not None:  # difference 2
            assert set(expected.data["supported"]) <= set(data["supported"])
            assert data == {"supported": SUPPORTED, "requested": expected.data["requested"]}
    elif code:
        assert code == -32602
        # The SDK finds these one step later, in the validator of any method's params.
        with pytest.raises(ValidationError):
            validate_client_request("tools/list", LATEST, {"_meta": message["params"]["_meta"]})


@GENERATED
@given(requests_and_headers())
def test_the_era_is_the_sdks_unless_the_body_says_otherwise(case: tuple[dict[str, Any], dict[str, str]]) -> None:
    message, headers = case
    header = headers.get("mcp-protocol-version")
    # The SDK's transport: modern when the header is there and no handshake version.
    by_header = header is not None and header not in HANDSHAKE_PROTOCOL_VERSIONS
    params = message["params"]
    meta = params.get("_meta") if isinstance(params, dict) else None
    enveloped = isinstance(meta, dict) and f"{PREFIX}protocolVersion" in meta
    assert is_modern(parse_message(message), headers) is (by_header or enveloped)  # difference 1


DISPATCHER = build_dispatcher()
call_params = st.fixed_dictionaries(
    {},
    optional={
        "name": st.one_of(st.just("test_simple_text"), odd),
        "arguments": st.one_of(st.just({}), odd),
        "inputResponses": st.one_of(st.just({}), odd),
        "requestState": odd,
    },
)
tokens = st.one_of(st.integers(), st.text(max_size=5), odd, st.just(2.0))


@GENERATED
@given(params=call_params, token=tokens, modern=st.booleans())
def test_tools_call_refuses_what_the_generated_validator_refuses(
    params: dict[str, Any], token: Any, modern: bool
) -> None:
    meta: dict[str, Any] = {"progressToken": token} | (META if modern else {})
    version = MODERN_PROTOCOL_VERSIONS[-1] if modern else "2025-11-25"
    whole = {**params, "_meta": meta}
    headers = {"mcp-protocol-version": version}
    if modern:
        headers |= {"mcp-method": "tools/call"}
        if isinstance(params.get("name"), str):
            headers["mcp-name"] = params["name"]
    reply = DISPATCHER.handle(json.dumps(request("tools/call", whole)).encode(), headers)
    assert reply.body is not None
    answer = json.loads(reply.body)
    code = answer.get("error", {}).get("code", 0)
    try:
        validate_client_request("tools/call", version, whole)
        valid = True
    except ValidationError:
        valid = False
    if isinstance(token, (bool, float)):  # difference 4
        valid = False
    if modern and isinstance(params.get("inputResponses"), dict):  # difference 3
        valid = code == 0
    if not valid:
        assert code in {-32602, -32020}, (whole, answer)
    elif params["name"] == "test_simple_text":
        assert code == 0, (whole, answer)


@GENERATED
@given(
    st.one_of(
        st.text(max_size=20), st.text("=?base64ABab+/ \n\xe9", max_size=20).map(lambda text: f"=?base64?{text}?=")
    )
)
def test_header_values_are_decoded_as_the_sdk_decodes_them(value: str) -> None:
    if "\n" in value:  # no header holds one; the SDK's pattern stops there
        return
    try:
        expected = decode_header_value(value)
    except ValueError:  # the SDK raises for what is not ASCII; a header that equals nothing is meant
        expected = None
    assert decode_header(value) == expected


@GENERATED
@given(st.text(max_size=30))
def test_what_the_sdks_client_encodes_is_read_back(value: str) -> None:
    try:
        header = encode_header_value(value)
    except UnicodeEncodeError:
        return
    assert decode_header(header) == value


def test_the_difference_of_the_eras_is_seen_on_the_wire(client: Client) -> None:
    """Difference 1, in both directions: the SDK serves these as 2025-11-25, HTTP 200."""
    assert client.modern("tools/list", headers={"MCP-Protocol-Version": "2025-11-25"}).refusal == (400, -32020)
    assert client.modern("tools/list", headers={"MCP-Protocol-Version": None}).refusal == (400, -32020)

"""2026-07-28: envelope, headers, versions, results."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from mcp_types.methods import CACHEABLE_METHODS, validate_server_result

from plex_mcp import __version__
from tests.conformance.client import LATEST, META, PREFIX, SUPPORTED, Client, modern_headers, request
from tests.conformance.requirements import requirement

VERSION_KEY = f"{PREFIX}protocolVersion"
CAPABILITIES_KEY = f"{PREFIX}clientCapabilities"
EVERY_RESULT: list[tuple[str, dict[str, Any]]] = [
    ("server/discover", {}),
    ("tools/list", {}),
    ("tools/call", {"name": "test_simple_text"}),
    ("resources/list", {}),
    ("resources/templates/list", {}),
    ("resources/read", {"uri": "test://static-text"}),
    ("prompts/list", {}),
    ("prompts/get", {"name": "test_simple_prompt"}),
    (
        "completion/complete",
        {
            "ref": {"type": "ref/prompt", "name": "test_prompt_with_arguments"},
            "argument": {"name": "arg1", "value": "p"},
        },
    ),
]


@requirement("modern:envelope-required")
@pytest.mark.parametrize("missing", [[VERSION_KEY], [CAPABILITIES_KEY], [VERSION_KEY, CAPABILITIES_KEY]])
def test_an_envelope_that_lacks_a_key_is_told_which(client: Client, missing: list[str]) -> None:
    answer = client.modern("tools/list", meta=dict.fromkeys(missing))
    assert answer.refusal == (400, -32602)
    assert [key for key in missing if key not in answer.json["error"]["message"]] == []


@requirement("modern:envelope-required")
@pytest.mark.parametrize("params", [None, {}, {"_meta": None}, {"_meta": "x"}, {"_meta": []}, [], "x", 5])
def test_params_without_an_envelope_are_refused(client: Client, params: Any) -> None:
    message = {"jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": params}
    answer = client.post(message, modern_headers("tools/list", {}))
    assert answer.refusal == (400, -32602)
    assert answer.json["id"] == 1


@requirement("modern:envelope-shape")
@pytest.mark.parametrize(
    "meta",
    [
        {CAPABILITIES_KEY: "x"},
        {CAPABILITIES_KEY: []},
        {f"{PREFIX}clientInfo": "x"},
        {f"{PREFIX}clientInfo": {"name": "x"}},
        {f"{PREFIX}clientInfo": {"name": 5, "version": "1"}},
    ],
)
@pytest.mark.parametrize("method", ["tools/list", "tools/call", "server/discover"])
def test_a_member_of_the_wrong_shape_is_refused(client: Client, meta: dict[str, Any], method: str) -> None:
    params = {"name": "test_simple_text"} if method == "tools/call" else {}
    assert client.modern(method, meta=meta, **params).refusal == (400, -32602)


@requirement("modern:client-info-optional")
def test_client_info_may_be_missing(client: Client) -> None:
    assert client.modern("tools/list", meta={f"{PREFIX}clientInfo": None}).status == 200


@requirement("modern:log-level")
@pytest.mark.parametrize(("level", "status"), [("info", 200), ("emergency", 200), ("loud", 400), (5, 400), ([], 400)])
@pytest.mark.parametrize("method", ["tools/list", "tools/call"])
def test_an_invalid_log_level_is_refused(client: Client, level: Any, status: int, method: str) -> None:
    params = {"name": "test_simple_text"} if method == "tools/call" else {}
    answer = client.modern(method, meta={f"{PREFIX}logLevel": level}, **params)
    assert answer.status == status
    assert status == 200 or answer.code == -32602


@requirement("modern:headers")
@pytest.mark.parametrize(
    ("method", "params", "header"),
    [
        ("tools/list", {}, "MCP-Protocol-Version"),
        ("tools/list", {}, "Mcp-Method"),
        ("no/such", {}, "Mcp-Method"),
        ("tools/call", {"name": "test_simple_text"}, "Mcp-Name"),
        ("prompts/get", {"name": "test_simple_prompt"}, "Mcp-Name"),
        ("resources/read", {"uri": "test://static-text"}, "Mcp-Name"),
    ],
)
@pytest.mark.parametrize("change", ["missing", "other", "case", "empty"])
def test_a_header_that_is_missing_or_differs_is_refused(
    client: Client, method: str, params: dict[str, Any], header: str, change: str
) -> None:
    right = modern_headers(method, params)[header]
    values = {"missing": None, "other": "else", "case": right.upper() + "X", "empty": ""}
    assert client.modern(method, headers={header: values[change]}, **params).refusal == (400, -32020)


@requirement("modern:headers")
def test_values_are_case_sensitive_and_names_are_not(client: Client) -> None:
    params = {"name": "test_simple_text"}
    assert client.modern("tools/call", headers={"Mcp-Name": "TEST_SIMPLE_TEXT"}, **params).refusal == (400, -32020)
    headers = {"MCP-METHOD": "tools/call", "mcp-NAME": "test_simple_text", "mcp-protocol-version": LATEST}
    whole = request("tools/call", {**params, "_meta": META})
    assert client.post(whole, headers).status == 200


@requirement("modern:header-duplicate")
@pytest.mark.parametrize("header", ["MCP-Protocol-Version", "Mcp-Method", "Mcp-Name"])
def test_a_repeated_header_is_refused(client: Client, header: str) -> None:
    """WSGI servers join repeated headers with a comma (see test_wire.py for the same through a socket)."""
    params = {"name": "test_simple_text"}
    value = modern_headers("tools/call", params)[header]
    answer = client.modern("tools/call", headers={header: f"{value},{value}"}, **params)
    assert answer.refusal == (400, -32020)


def encoded(text: str) -> str:
    return f"=?base64?{base64.b64encode(text.encode()).decode()}?="


@requirement("modern:header-base64")
def test_an_encoded_name_is_decoded_before_it_is_compared(client: Client) -> None:
    for name in ("plex://item/é", "tool with ünïcode", "test://static-text"):
        answer = client.modern("resources/read", headers={"Mcp-Name": encoded(name)}, uri=name)
        assert answer.code == -32602 if name != "test://static-text" else answer.status == 200


@requirement("modern:header-base64")
@pytest.mark.parametrize(
    "value",
    [
        "=?base64?dGVzdDovL3N0YXRpYy10ZXh0?",  # not closed
        "=?base64?dGVzdDovL3N0YXRpYy10ZXh?=",  # cut
        "=?base64?dGVz dDovL3N0YXRpYy10ZXh0?=",  # a space
        "=?BASE64?dGVzdDovL3N0YXRpYy10ZXh0?=",  # case
        "=?base64?/w==?=",  # not UTF-8
        "=?base64?\xe9?=",  # not even ASCII
        encoded("test://else"),
    ],
)
def test_a_malformed_or_different_encoding_is_refused(client: Client, value: str) -> None:
    answer = client.modern("resources/read", headers={"Mcp-Name": value}, uri="test://static-text")
    assert answer.refusal == (400, -32020)


@requirement("modern:header-base64")
def test_base64_in_a_second_spelling_is_refused(client: Client) -> None:
    """`YQ==` and `YR==` both decode to "a": whoever routes by the header would see two names."""
    assert client.modern("resources/read", headers={"Mcp-Name": "=?base64?YQ==?="}, uri="a").code == -32602
    assert client.modern("resources/read", headers={"Mcp-Name": "=?base64?YR==?="}, uri="a").code == -32020


@requirement("modern:version", "modern:versions-agree")
@pytest.mark.parametrize("version", ["2099-01-01", "2025-11-25", "nonsense"])
def test_a_version_that_is_not_served_is_told_which_are(client: Client, version: str) -> None:
    answer = client.modern("tools/list", meta={VERSION_KEY: version}, headers={"MCP-Protocol-Version": version})
    assert answer.refusal == (400, -32022)
    assert answer.json["error"]["data"] == {"supported": SUPPORTED, "requested": version}
    assert client.modern("server/discover").result["supportedVersions"] == SUPPORTED


@requirement("modern:version-after-headers")
def test_headers_that_differ_are_reported_before_the_version(client: Client) -> None:
    wrong = {"MCP-Protocol-Version": "2099-01-01", "Mcp-Method": "else"}
    assert client.modern("tools/list", meta={VERSION_KEY: "2099-01-01"}, headers=wrong).code == -32020


@requirement("modern:discover")
def test_discover_says_what_is_served(client: Client) -> None:
    result = client.modern("server/discover").result
    assert result["capabilities"] == {"tools": {}, "resources": {}, "prompts": {}, "completions": {}}
    assert result["instructions"].startswith("The user's own Plex Media Server")
    validate_server_result("server/discover", LATEST, result)


@requirement("modern:removed-methods", "modern:listen-unserved", "modern:unknown-method")
@pytest.mark.parametrize(
    "method",
    [
        "initialize",
        "ping",
        "logging/setLevel",
        "resources/subscribe",
        "resources/unsubscribe",
        "subscriptions/listen",
        "tasks/get",
        "sampling/createMessage",
        "tools/calls",
        "rpc.discover",
        "\ud800",
    ],
)
def test_a_method_that_is_not_served_is_404_with_the_id(client: Client, method: str) -> None:
    headers = {"Mcp-Method": method if method.isascii() else encoded("x")}
    answer = client.modern(method, headers=headers, request_id="mine")
    assert answer.refusal == ((404, -32601) if method.isascii() else (400, -32020))
    assert answer.json["id"] == "mine"


@requirement("modern:result-type", "modern:server-info", "modern:cache-hints")
@pytest.mark.parametrize(("method", "params"), EVERY_RESULT, ids=[method for method, _ in EVERY_RESULT])
def test_every_result_is_stamped_and_only_what_may_be_kept_says_for_how_long(
    client: Client, method: str, params: dict[str, Any]
) -> None:
    answer = client.modern(method, **params)
    result = answer.result
    assert (answer.status, result["resultType"]) == (200, "complete")
    assert result["_meta"][f"{PREFIX}serverInfo"]["name"] == "plex-mcp"
    assert result["_meta"][f"{PREFIX}serverInfo"]["version"] == __version__
    if method in CACHEABLE_METHODS:
        assert isinstance(result["ttlMs"], int)
        assert result["ttlMs"] > 0
        assert result["cacheScope"] == ("private" if method == "resources/read" else "public")
    else:
        assert not {"ttlMs", "cacheScope"} & set(result)
    validate_server_result(method, LATEST, result)


@requirement("modern:unknown-resource")
@pytest.mark.parametrize("uri", ["test://nope", "", "file:///etc/passwd", "plex://item/1/../2"])
def test_an_unknown_resource_is_invalid_params_with_its_address(client: Client, uri: str) -> None:
    answer = client.modern("resources/read", uri=uri)
    assert answer.refusal == (400, -32602)
    assert answer.json["error"]["data"] == {"uri": uri}


@requirement("modern:cursor")
@pytest.mark.parametrize("method", ["tools/list", "resources/list", "resources/templates/list", "prompts/list"])
@pytest.mark.parametrize("cursor", ["", "1", "eyJ9", 5])
def test_a_cursor_that_was_never_given_is_refused(client: Client, method: str, cursor: Any) -> None:
    assert client.modern(method, cursor=cursor).refusal == (400, -32602)
    assert client.legacy(method, cursor=cursor).refusal == (200, -32602)
    assert "nextCursor" not in client.modern(method).result


@requirement("modern:required-capability")
def test_a_missing_capability_is_named_as_an_object(client: Client) -> None:
    answer = client.modern("tools/call", name="test_missing_capability")
    assert answer.refusal == (400, -32021)
    assert answer.json["error"]["data"] == {"requiredCapabilities": {"sampling": {}}}
    assert client.modern("tools/call", meta={CAPABILITIES_KEY: {"sampling": {}}}, name="test_missing_capability").result


@requirement("modern:required-capability", "modern:input-required")
def test_a_question_to_a_client_that_cannot_answer_it_is_refused(client: Client) -> None:
    answer = client.modern("tools/call", name="test_input_required_result_multiple_inputs")
    assert answer.refusal == (400, -32021)
    assert answer.json["error"]["data"] == {"requiredCapabilities": {"elicitation": {}, "roots": {}, "sampling": {}}}


@requirement("modern:input-required")
def test_a_question_goes_out_as_a_result_and_its_answer_comes_with_the_retry(client: Client) -> None:
    can = {CAPABILITIES_KEY: {"elicitation": {}}}
    name = "test_input_required_result_request_state"
    asked = client.modern("tools/call", meta=can, name=name).result
    assert asked["resultType"] == "input_required"
    assert asked["inputRequests"]["confirm"]["method"] == "elicitation/create"
    assert not {"ttlMs", "cacheScope", "content"} & set(asked)
    validate_server_result("tools/call", LATEST, asked)
    answers = {"confirm": {"action": "accept", "content": {"ok": True}}}
    retry = {"name": name, "inputResponses": answers, "requestState": asked["requestState"]}
    assert client.modern("tools/call", meta=can, **retry).result["resultType"] == "complete"
    tampered = client.modern("tools/call", meta=can, **(retry | {"requestState": asked["requestState"] + "x"}))
    assert tampered.refusal == (400, -32602)


@requirement("modern:input-required")
@pytest.mark.parametrize("wrong", [{"inputResponses": "x"}, {"inputResponses": {}, "requestState": 5}])
def test_answers_of_the_wrong_shape_are_refused(client: Client, wrong: dict[str, Any]) -> None:
    assert client.modern("tools/call", name="test_simple_text", **wrong).refusal == (400, -32602)
    assert client.modern("prompts/get", name="test_input_required_result_prompt", **wrong).refusal == (400, -32602)


@requirement("modern:input-required")
def test_a_question_to_a_handshake_client_says_what_is_needed(client: Client) -> None:
    answer = client.legacy("tools/call", name="test_input_required_result_elicitation")
    assert answer.refusal == (200, -32602)
    assert LATEST in answer.json["error"]["message"]


@requirement("modern:batch")
@pytest.mark.parametrize("messages", [[], [request("tools/list", {"_meta": META})]])
def test_a_batch_is_refused(client: Client, messages: list[Any]) -> None:
    answer = client.post(messages, {"MCP-Protocol-Version": LATEST, "Mcp-Method": "tools/list"})
    assert answer.refusal == (400, -32600)
    assert "id" not in answer.json


@requirement("modern:response")
def test_a_posted_response_is_refused(client: Client) -> None:
    answer = client.post({"jsonrpc": "2.0", "id": 1, "result": {}}, {"MCP-Protocol-Version": LATEST})
    assert answer.refusal == (400, -32600)


@requirement("modern:status")
@pytest.mark.parametrize(
    ("method", "params", "refusal"),
    [
        ("tools/call", {"name": "no_such_tool"}, (400, -32602)),
        ("no/such", {}, (404, -32601)),
        ("tools/call", {"name": "test_bug"}, (200, -32603)),
        ("tools/call", {"name": "test_missing_capability"}, (400, -32021)),
    ],
)
def test_each_error_has_its_status(
    client: Client, method: str, params: dict[str, Any], refusal: tuple[int, int]
) -> None:
    assert client.modern(method, **params).refusal == refusal


@requirement("modern:status", "tools:errors")
def test_a_failed_tool_is_200(client: Client) -> None:
    answer = client.modern("tools/call", name="test_error_handling")
    assert (answer.status, answer.result["isError"]) == (200, True)


@requirement("modern:no-logging")
def test_no_log_message_is_ever_sent(client: Client) -> None:
    meta = {f"{PREFIX}logLevel": "debug", "progressToken": 1}
    answer = client.modern("tools/call", meta=meta, name="test_tool_with_progress")
    assert answer.response.mimetype == "text/event-stream"
    assert b"notifications/progress" in answer.response.data
    assert b"notifications/message" not in answer.response.data
    assert "logging" not in client.modern("server/discover").result["capabilities"]

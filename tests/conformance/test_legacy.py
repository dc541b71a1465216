"""The handshake versions: 2024-11-05, 2025-03-26, 2025-06-18, 2025-11-25."""

from __future__ import annotations

from typing import Any

import pytest
from mcp_types.methods import validate_server_result

from tests.conformance.client import HANDSHAKE, LATEST, META, Client, initialize, request
from tests.conformance.requirements import requirement
from tests.conformance.test_modern import EVERY_RESULT


@requirement("legacy:initialize")
@pytest.mark.parametrize("version", HANDSHAKE)
def test_initialize_answers_the_version_offered(client: Client, version: str) -> None:
    result = client.legacy("initialize", version=None, **initialize(version)).result
    assert result["protocolVersion"] == version
    assert result["serverInfo"]["name"] == "plex-mcp"
    assert result["instructions"]
    assert result["capabilities"]["tools"] == {}
    validate_server_result("initialize", version, result)


@requirement("legacy:initialize-fallback")
@pytest.mark.parametrize("offered", [LATEST, "2099-01-01", "1.0", ""])
def test_initialize_answers_2025_11_25_to_any_other_offer(client: Client, offered: str) -> None:
    result = client.legacy("initialize", version=None, **initialize(offered)).result
    assert result["protocolVersion"] == "2025-11-25"


@requirement("legacy:initialize-header")
@pytest.mark.parametrize("header", [None, *HANDSHAKE])
def test_initialize_is_taken_with_and_without_the_header(client: Client, header: str | None) -> None:
    result = client.legacy("initialize", version=header, **initialize("2025-06-18")).result
    assert result["protocolVersion"] == "2025-06-18"


@requirement("legacy:initialize-params")
@pytest.mark.parametrize(
    "change", [{"protocolVersion": 5}, {"capabilities": "x"}, {"clientInfo": {}}, {"protocolVersion": None}]
)
def test_initialize_with_params_of_the_wrong_shape_is_refused(client: Client, change: dict[str, Any]) -> None:
    params = initialize("2025-11-25") | change
    assert client.legacy("initialize", **params).refusal == (200, -32602)


@requirement("legacy:initialize-params")
def test_refusals_never_repeat_what_was_sent(client: Client) -> None:
    answer = client.legacy("initialize", protocolVersion={"x": "secret-of-the-house"})
    assert answer.code == -32602
    assert b"secret-of-the-house" not in answer.response.data


@requirement("legacy:completions-since-2025-03-26")
@pytest.mark.parametrize("version", HANDSHAKE)
def test_completions_are_offered_since_2025_03_26(client: Client, version: str) -> None:
    capabilities = client.legacy("initialize", **initialize(version)).result["capabilities"]
    assert ("completions" in capabilities) is (version != "2024-11-05")


@requirement("legacy:ping")
@pytest.mark.parametrize("version", [None, *HANDSHAKE])
def test_ping_answers_an_empty_result(client: Client, version: str | None) -> None:
    assert client.legacy("ping", version=version).json == {"jsonrpc": "2.0", "id": 1, "result": {}}


@requirement("legacy:one-way")
@pytest.mark.parametrize("version", [None, *HANDSHAKE])
@pytest.mark.parametrize(
    "message",
    [
        {"jsonrpc": "2.0", "method": "notifications/initialized"},
        {"jsonrpc": "2.0", "method": "notifications/cancelled", "params": {"requestId": 1}},
        {"jsonrpc": "2.0", "id": 7, "result": {}},
        {"jsonrpc": "2.0", "id": "7", "error": {"code": -1, "message": "no"}},
    ],
)
def test_notifications_and_responses_are_202(client: Client, version: str | None, message: Any) -> None:
    answer = client.post(message, {"MCP-Protocol-Version": version} if version else {})
    assert (answer.status, answer.response.data) == (202, b"")


@requirement("legacy:no-initialization-needed", "legacy:no-stamps")
@pytest.mark.parametrize("version", [None, *HANDSHAKE])
@pytest.mark.parametrize(("method", "params"), EVERY_RESULT[1:], ids=[method for method, _ in EVERY_RESULT[1:]])
def test_every_method_answers_at_once_and_without_the_stamps_of_the_modern_era(
    client: Client, version: str | None, method: str, params: dict[str, Any]
) -> None:
    answer = client.legacy(method, version=version, **params)
    assert answer.status == 200
    assert not {"resultType", "ttlMs", "cacheScope", "_meta"} & set(answer.result)
    validate_server_result(method, version or "2025-03-26", answer.result)


@requirement("legacy:errors-are-200")
@pytest.mark.parametrize("version", [None, *HANDSHAKE])
@pytest.mark.parametrize(
    ("method", "params", "code"),
    [
        ("no/such", {}, -32601),
        ("server/discover", {}, -32601),
        ("logging/setLevel", {"level": "info"}, -32601),
        ("resources/subscribe", {"uri": "test://static-text"}, -32601),
        ("tools/call", {"name": "no_such_tool"}, -32602),
        ("tools/call", {}, -32602),
        ("prompts/get", {"name": "nope"}, -32602),
        ("resources/read", {}, -32602),
        ("tools/call", {"name": "test_bug"}, -32603),
    ],
)
def test_errors_of_well_formed_requests_are_200(
    client: Client, version: str | None, method: str, params: dict[str, Any], code: int
) -> None:
    assert client.legacy(method, version=version, **params).refusal == (200, code)


@requirement("legacy:errors-are-200")
def test_params_that_are_no_object_are_invalid_params(client: Client) -> None:
    message = {"jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": [1]}
    assert client.post(message).refusal == (200, -32602)
    assert client.post({"jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": None}).status == 200


@requirement("legacy:resource-not-found")
def test_an_unknown_resource_has_the_older_code(client: Client) -> None:
    answer = client.legacy("resources/read", uri="test://nope")
    assert answer.refusal == (200, -32002)
    assert answer.json["error"]["data"] == {"uri": "test://nope"}


@requirement("legacy:batch")
@pytest.mark.parametrize("version", [None, "2025-03-26"])
def test_a_batch_is_answered_by_an_array_in_its_order(client: Client, version: str | None) -> None:
    batch = [
        request("ping", request_id="a"),
        {"jsonrpc": "2.0", "method": "notifications/initialized"},
        request("tools/call", {"name": "test_simple_text", "_meta": {"progressToken": 1}}, request_id=2),
        request("no/such", request_id=3),
        {"jsonrpc": "2.0", "id": 9, "result": {}},
    ]
    answer = client.post(batch, {"MCP-Protocol-Version": version} if version else {})
    assert (answer.status, answer.response.mimetype) == (200, "application/json")
    assert [(one["id"], "result" in one) for one in answer.json] == [("a", True), (2, True), (3, False)]


@requirement("legacy:batch")
def test_a_batch_without_requests_is_202(client: Client) -> None:
    notification = {"jsonrpc": "2.0", "method": "notifications/initialized"}
    answer = client.post([notification, {"jsonrpc": "2.0", "id": 1, "result": {}}])
    assert (answer.status, answer.response.data) == (202, b"")


@requirement("legacy:batch-only-2025-03-26")
@pytest.mark.parametrize("version", ["2024-11-05", "2025-06-18", "2025-11-25", "2099-01-01"])
def test_a_batch_in_any_other_version_is_refused(client: Client, version: str) -> None:
    answer = client.post([request("ping")], {"MCP-Protocol-Version": version})
    assert answer.refusal == (400, -32600)


@requirement("legacy:batch-no-initialize")
def test_initialize_in_a_batch_is_refused_alone(client: Client) -> None:
    batch = [request("initialize", initialize("2025-03-26"), request_id=1), request("ping", request_id=2)]
    first, second = client.post(batch).json
    assert (first["id"], first["error"]["code"]) == (1, -32600)
    assert second == {"jsonrpc": "2.0", "id": 2, "result": {}}


@requirement("legacy:batch-bounds")
@pytest.mark.parametrize(("count", "status"), [(0, 400), (1, 200), (16, 200), (17, 400)])
def test_a_batch_holds_one_to_sixteen(client: Client, count: int, status: int) -> None:
    answer = client.post([request("ping", request_id=number) for number in range(count)])
    assert answer.status == status
    assert len(answer.json) == count if status == 200 else answer.code == -32600


@requirement("legacy:batch-broken-member")
def test_a_broken_member_is_an_error_among_the_others(client: Client) -> None:
    batch = [
        5,
        [request("ping")],
        {"jsonrpc": "2.0", "id": "broken"},
        request("tools/list", {"_meta": META}, request_id="modern"),
        request("ping", request_id="well"),
    ]
    answers = client.post(batch).json
    assert [(one.get("id"), one.get("error", {}).get("code")) for one in answers] == [
        (None, -32600),
        (None, -32600),
        ("broken", -32600),
        ("modern", -32600),
        ("well", None),
    ]

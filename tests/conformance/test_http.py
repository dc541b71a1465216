"""The HTTP layer, the same for both eras."""

from __future__ import annotations

import json
from typing import Any

import pytest

from plex_mcp.web.intake import BODY_LIMIT_BYTES
from tests.conformance.client import LATEST, Client, modern_headers, request
from tests.conformance.requirements import requirement

PING = json.dumps(request("ping")).encode()
EVERY_METHOD = ["GET", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"]


@requirement("http:post-only")
@pytest.mark.parametrize("method", EVERY_METHOD)
def test_methods_other_than_post_are_405_and_say_post(client: Client, method: str) -> None:
    answer = client.send(b"", method=method)
    assert (answer.status, answer.response.headers["Allow"]) == (405, "POST")


@requirement("http:order")
def test_each_check_comes_before_the_next(client: Client) -> None:
    """A request that is wrong in every way is mended one fault at a time; each mend shows the next fault."""
    wrong: dict[str, Any] = {
        "Host": "evil.example",
        "Authorization": "Bearer wrong",
        "Content-Type": "text/plain",
        "Accept": "text/html",
    }
    big = b"[" + b" " * BODY_LIMIT_BYTES + b"nonsense"
    seen = []

    def send(body: bytes, method: str = "POST") -> None:
        seen.append(client.send(body, dict(wrong), method=method).status)

    send(b"nonsense", "GET")
    del wrong["Host"]
    send(b"nonsense", "GET")
    del wrong["Authorization"]
    send(b"nonsense", "GET")
    send(b"nonsense")
    del wrong["Content-Type"]
    send(b"nonsense")
    del wrong["Accept"]
    send(b"nonsense")
    assert seen == [421, 401, 405, 415, 406, 400]
    assert client.send(big).status == 413
    assert client.send(b"nonsense").refusal == (400, -32700)


@requirement("http:origin")
@pytest.mark.parametrize(
    ("origin", "status"),
    [("http://evil.example", 403), ("null", 403), ("http://localhost:3000", 200), (None, 200)],
)
def test_an_origin_that_is_not_allowed_is_403(client: Client, origin: str | None, status: int) -> None:
    assert client.send(PING, {"Origin": origin} if origin else {}).status == status


@requirement("http:host")
def test_a_host_that_is_not_allowed_is_421(client: Client) -> None:
    assert client.send(PING, {"Host": "rebound.example"}).status == 421


@requirement("http:content-type")
@pytest.mark.parametrize(
    ("content_type", "status"),
    [
        ("application/json", 200),
        ("Application/JSON; charset=utf-8", 200),
        ("text/plain", 415),
        ("application/x-www-form-urlencoded", 415),
        ("application/jsonx", 415),
        ("", 415),
    ],
)
def test_a_content_type_other_than_json_is_415(client: Client, content_type: str, status: int) -> None:
    assert client.send(PING, {"Content-Type": content_type}).status == status


@requirement("http:accept")
@pytest.mark.parametrize(
    ("accept", "status"),
    [
        ("application/json, text/event-stream", 200),
        ("application/json", 200),
        ("*/*", 200),
        ("application/*", 200),
        ("", 200),
        ("text/event-stream, application/json;q=0.1", 200),
        ("text/event-stream", 406),
        ("text/html", 406),
        ("application/json;q=0, text/event-stream", 406),
    ],
)
def test_only_an_accept_that_excludes_json_is_406(client: Client, accept: str, status: int) -> None:
    assert client.send(PING, {"Accept": accept}).status == status


@requirement("http:slash")
def test_a_slash_at_the_end_is_no_redirect(client: Client) -> None:
    answer = client.http.post(
        "/mcp/", data=PING, content_type="application/json", headers={"Authorization": client.authorization}
    )
    assert (answer.status_code, json.loads(answer.data)["result"]) == (200, {})


@requirement("http:parse-error", "http:unreadable-id")
@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"nonsense",
        b'{"jsonrpc":"2.0","id":1,"method":"ping"',
        b'{"jsonrpc":"2.0","id":1,"method":"ping"}{}',
        b'\xef\xbb\xbf{"jsonrpc":"2.0","id":1,"method":"ping"}',
        '{"jsonrpc":"2.0","id":1,"method":"ping"}'.encode("utf-16"),
        b'{"jsonrpc":"2.0","id":1,"method":"p\xff"}',
        b'{"jsonrpc":"2.0","id":NaN,"method":"ping"}',
        b'{"jsonrpc":"2.0","id":1,"method":"ping","params":{"x":Infinity}}',
        b'{"jsonrpc":"2.0","id":1,"method":"ping","params":{"x":' + b"[" * 100_000 + b"]" * 100_000 + b"}}",
        b'{"jsonrpc":"2.0","id":' + b"9" * 5_000 + b',"method":"ping"}',
    ],
    ids=["empty", "open", "word", "cut", "two", "bom", "utf-16", "not-utf-8", "nan", "infinity", "deep", "digits"],
)
def test_what_is_no_json_is_a_parse_error_without_id(client: Client, body: bytes) -> None:
    answer = client.send(body)
    assert answer.refusal == (400, -32700)
    assert set(answer.json) == {"jsonrpc", "error"}


@requirement("http:invalid-request")
@pytest.mark.parametrize(
    "message",
    [
        1,
        "ping",
        None,
        True,
        {},
        {"jsonrpc": "1.0", "id": 1, "method": "ping"},
        {"id": 1, "method": "ping"},
        {"jsonrpc": "2.0", "id": 1},
        {"jsonrpc": "2.0", "id": 1, "method": 5},
        {"jsonrpc": "2.0", "id": 1, "method": ""},
        {"jsonrpc": "2.0", "id": 1, "result": {}, "error": {}},
        {"jsonrpc": "2.0", "result": {}},
    ],
)
def test_what_is_no_request_is_invalid(client: Client, message: Any) -> None:
    answer = client.post(message)
    assert answer.refusal == (400, -32600)
    wanted_id = message.get("id") if isinstance(message, dict) else None
    assert answer.json.get("id") == wanted_id


@requirement("http:unreadable-id")
@pytest.mark.parametrize("request_id", [None, True, False, 1.0, 1.5, [], {}, [1]])
def test_an_id_that_is_no_text_or_whole_number_is_refused_and_not_repeated(client: Client, request_id: Any) -> None:
    answer = client.post(request("ping", request_id=request_id))
    assert answer.refusal == (400, -32600)
    assert "id" not in answer.json


@requirement("http:id")
@pytest.mark.parametrize("request_id", [0, 1, -7, 2**63, 10**400, "", "a", "1", 'ä\u0000"\\', "\ud800", "x" * 5000])
def test_an_id_comes_back_as_it_was_sent_in_results_and_errors(client: Client, request_id: Any) -> None:
    for method, member in (("tools/list", "result"), ("no/such", "error")):
        for answer in (
            client.legacy(method, request_id=request_id),
            client.modern(method, request_id=request_id),
        ):
            assert member in answer.json
            assert answer.json["id"] == request_id
            assert type(answer.json["id"]) is type(request_id)


@requirement("http:body-limit")
def test_a_body_over_the_limit_is_413_with_and_without_a_stated_length(client: Client) -> None:
    whole = json.dumps(request("ping", {"pad": ""})).encode()
    room = BODY_LIMIT_BYTES - len(whole)
    fitting = json.dumps(request("ping", {"pad": "x" * room})).encode()
    assert len(fitting) == BODY_LIMIT_BYTES
    assert client.send(fitting).status == 200
    assert client.send(fitting + b" ").status == 413
    assert client.chunked(fitting + b" ").status == 413
    assert client.chunked(fitting).status == 200


@requirement("http:notification")
@pytest.mark.parametrize("version", [None, "2024-11-05", "2025-11-25", LATEST])
@pytest.mark.parametrize("method", ["notifications/initialized", "notifications/cancelled", "tools/call", "no/such"])
def test_a_notification_is_202_without_body(client: Client, version: str | None, method: str) -> None:
    headers = {"MCP-Protocol-Version": version} if version else {}
    answer = client.post({"jsonrpc": "2.0", "method": method, "params": {"requestId": 1}}, headers)
    assert (answer.status, answer.response.data) == (202, b"")
    assert "Content-Type" not in answer.response.headers


@requirement("http:notification-version")
@pytest.mark.parametrize("version", ["2099-01-01", "nonsense", f"{LATEST}, {LATEST}"])
def test_a_notification_under_an_unknown_version_is_refused(client: Client, version: str) -> None:
    message = {"jsonrpc": "2.0", "method": "notifications/cancelled"}
    answer = client.post(message, {"MCP-Protocol-Version": version})
    assert answer.refusal == (400, -32022)
    assert answer.json["error"]["data"]["requested"] == version


@requirement("http:no-session")
def test_no_session_is_given_and_session_headers_change_nothing(client: Client) -> None:
    plain = client.modern("tools/list")
    session = {"Mcp-Session-Id": "made-up", "Last-Event-ID": "7"}
    with_session = client.modern("tools/list", headers=session)
    assert (with_session.status, with_session.json) == (200, plain.json)
    params = {"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {"name": "t", "version": "1"}}
    for answer in (plain, with_session, client.post(request("initialize", params), session)):
        assert "Mcp-Session-Id" not in answer.response.headers


@requirement("auth:challenge")
@pytest.mark.parametrize(
    ("authorization", "error"),
    [(None, False), ("Bearer wrong", True), ("Basic Zm9v", True), ("bearer", True)],
)
def test_without_the_token_it_is_401_with_a_challenge(
    fresh_client: Client, authorization: str | None, error: bool
) -> None:
    answer = fresh_client.send(PING, {"Authorization": authorization})  # type: ignore[dict-item]
    challenge = answer.response.headers["WWW-Authenticate"]
    assert answer.status == 401
    assert challenge.startswith('Bearer realm="plex-mcp"')
    assert ('error="invalid_token"' in challenge) is error
    assert "resource_metadata" not in challenge
    assert set(answer.json) == {"error"}


@requirement("auth:challenge")
def test_the_scheme_is_case_insensitive_and_a_token_in_the_address_counts_nothing(fresh_client: Client) -> None:
    token = fresh_client.authorization.partition(" ")[2]
    assert fresh_client.send(PING, {"Authorization": f"bEaReR {token}"}).status == 200
    answer = fresh_client.http.post(f"/mcp?access_token={token}&token={token}", data=PING)
    assert answer.status_code == 401


@requirement("auth:no-discovery")
@pytest.mark.parametrize(
    "path",
    [
        "/.well-known/oauth-protected-resource",
        "/.well-known/oauth-protected-resource/mcp",
        "/.well-known/oauth-authorization-server",
        "/.well-known/oauth-authorization-server/mcp",
        "/.well-known/openid-configuration",
        "/mcp/.well-known/openid-configuration",
        "/register",
        "/authorize",
        "/token",
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_oauth_addresses_are_plain_404_without_a_token(client: Client, path: str, method: str) -> None:
    answer = client.http.open(path, method=method)
    assert answer.status_code == 404
    assert "WWW-Authenticate" not in answer.headers


@requirement("modern:header-whitespace")
def test_spaces_around_a_header_do_not_count(client: Client) -> None:
    headers = {name: f" \t{value}\t " for name, value in modern_headers("tools/list", {}).items()}
    assert client.modern("tools/list", headers=headers).status == 200

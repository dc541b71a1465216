"""tools/list and tools/call."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from structlog.testing import capture_logs

from plex_mcp.calls.outcome import CallInfo, CallOutcome
from plex_mcp.errors import Busy, NotFound, PlexTimeout
from plex_mcp.protocol.results import build_body
from plex_mcp.telemetry.metrics import REGISTRY
from plex_mcp.tools._catalogue import load_tools
from plex_mcp.tools._tool import Arguments, Image, Tool
from tests.conformance.client import HANDSHAKE, Client
from tests.conformance.fixture_app import build_app
from tests.conformance.registry import build_dispatcher
from tests.conformance.requirements import requirement

PORTABLE = {
    "type", "properties", "required", "enum", "minimum", "maximum", "minLength", "maxLength", "default", "description",
    "items", "maxItems", "minItems", "pattern", "additionalProperties",
}  # fmt: skip


def answering(structured: bytes = b"{}", *images: Image) -> Any:
    def call(tool: Tool, arguments: Arguments, info: CallInfo) -> CallOutcome:
        return CallOutcome(build_body(structured, images), structured, "miss")

    return call


def failing(error: Exception) -> Any:
    def call(tool: Tool, arguments: Arguments, info: CallInfo) -> CallOutcome:
        raise error

    return call


def client_of(call: Any, **changes: Any) -> Client:
    """The real catalogue, whose calls answer as the test says."""
    parts = {"tools": load_tools(), "resources": {}, "prompts": {}, "call": call} | changes
    return Client(build_app(build_dispatcher(**parts)).test_client())


@pytest.fixture(scope="module")
def real() -> Client:
    return client_of(answering())


@requirement("tools:list")
def test_the_list_is_sorted_whole_and_the_same_every_time(real: Client) -> None:
    first, again = real.modern("tools/list"), real.modern("tools/list")
    assert first.response.data == again.response.data
    names = [tool["name"] for tool in first.result["tools"]]
    assert names == sorted(load_tools())
    for version in HANDSHAKE:
        assert real.legacy("tools/list", version=version).result["tools"] == first.result["tools"]


@requirement("tools:list")
def test_every_hint_of_every_tool_is_explicit(real: Client) -> None:
    tools = load_tools()
    for tool in real.modern("tools/list").result["tools"]:
        known = tools[tool["name"]]
        assert tool["title"]
        assert tool["annotations"] == {
            "title": known.title,
            "readOnlyHint": known.read_only,
            "destructiveHint": known.destructive,
            "idempotentHint": known.idempotent,
            "openWorldHint": False,
        }


@requirement("tools:schemas")
def test_names_and_input_schemas_are_portable(real: Client) -> None:
    for tool in real.modern("tools/list").result["tools"]:
        assert re.fullmatch(r"[A-Za-z0-9_-]{1,64}", tool["name"])
        schema = tool["inputSchema"]
        assert (schema["type"], schema["additionalProperties"]) == ("object", False)
        assert keywords(schema) - PORTABLE == set(), tool["name"]
        assert tool["outputSchema"]["type"] == "object"


def keywords(schema: dict[str, Any]) -> set[str]:
    found = set(schema)
    parts = [*schema.get("properties", {}).values(), *([schema["items"]] if "items" in schema else [])]
    for part in parts:
        found |= keywords(part)
    return found


@requirement("tools:call")
def test_an_answer_is_structure_and_the_same_as_text() -> None:
    structured = '{"items":[{"title":"Amélie \\"x\\" 😀"}],"total":1}'.encode()
    client = client_of(answering(structured))
    for answer in (
        client.modern("tools/call", name="list_libraries", arguments={}),
        client.modern("tools/call", name="list_libraries"),
        client.legacy("tools/call", name="list_libraries", arguments={}),
    ):
        assert answer.result["isError"] is False
        assert answer.result["structuredContent"] == json.loads(structured)
        assert answer.result["content"] == [{"type": "text", "text": structured.decode()}]


@requirement("tools:call")
def test_pictures_follow_the_text() -> None:
    client = client_of(answering(b'{"title":"x"}', Image(b"\x89PNG", "image/png")))
    content = client.modern("tools/call", name="list_libraries").result["content"]
    assert content[1:] == [{"type": "image", "data": "iVBORw==", "mimeType": "image/png"}]


@requirement("tools:unknown")
def test_an_unknown_tool_is_invalid_params_and_not_an_error_result(real: Client) -> None:
    before = counted("unknown", "invalid_argument")
    answer = real.modern("tools/call", name="open_the_door", arguments={})
    assert answer.refusal == (400, -32602)
    assert answer.json["error"]["data"]["tools"] == sorted(load_tools())
    assert real.legacy("tools/call", name="open_the_door").refusal == (200, -32602)
    assert counted("unknown", "invalid_argument") == before + 2


@requirement("tools:params")
@pytest.mark.parametrize(
    "params",
    [{}, {"name": 5}, {"name": None}, {"name": ["x"]}, {"name": "list_libraries", "arguments": []},
     {"name": "list_libraries", "arguments": "x"}],
)  # fmt: skip
def test_malformed_params_are_invalid_params(real: Client, params: dict[str, Any]) -> None:
    assert real.legacy("tools/call", **params).refusal == (200, -32602)
    answer = real.modern("tools/call", **params)
    assert answer.refusal in {(400, -32602), (400, -32020)}  # a name that is no text equals no header


@requirement("tools:bad-arguments")
@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ({"media_id": 5}, "media_id"),
        ({"media_id": "../x"}, "media_id"),
        ({}, "media_id is required"),
        ({"media_id": "5", "colour": "red"}, "colour"),
        ({"media_id": "5", "include": ["everything"]}, "include"),
    ],
)
def test_bad_arguments_are_an_error_result_that_names_them(real: Client, arguments: dict[str, Any], says: str) -> None:
    before = counted("get_media_details", "invalid_argument")
    with capture_logs() as logs:
        answer = real.modern("tools/call", name="get_media_details", arguments=arguments)
    error = json.loads(answer.result["content"][0]["text"])["error"]
    assert (answer.status, answer.result["isError"], error["code"]) == (200, True, "INVALID_ARGUMENT")
    assert says in error["message"]
    assert "structuredContent" not in answer.result
    assert counted("get_media_details", "invalid_argument") == before + 1
    assert [(one["event"], one["outcome"], one["client"]) for one in logs] == [
        ("tool.called", "invalid_argument", "tests")
    ]
    assert logs[0]["request_id"]


@requirement("tools:errors")
@pytest.mark.parametrize(
    ("error", "told"),
    [
        (NotFound("Plex has no item 5."), {"code": "NOT_FOUND", "message": "Plex has no item 5.", "temporary": False}),
        (
            PlexTimeout("Plex took too long.", suggestion="Try again.", retry_after_s=2.04),
            {
                "code": "PLEX_TIMEOUT",
                "message": "Plex took too long.",
                "temporary": True,
                "retry_after_s": 2.0,
                "suggestion": "Try again.",
            },
        ),
        (Busy("Too much at once."), {"code": "BUSY", "message": "Too much at once.", "temporary": True}),
    ],
)
def test_a_failure_is_an_error_result_without_structure(error: Exception, told: dict[str, Any]) -> None:
    client = client_of(failing(error))
    for answer in (
        client.modern("tools/call", name="list_libraries"),
        client.legacy("tools/call", name="list_libraries"),
    ):
        assert answer.status == 200
        assert answer.result["isError"] is True
        assert json.loads(answer.result["content"][0]["text"]) == {"error": told}
        assert "structuredContent" not in answer.result


@requirement("tools:read-only")
def test_a_tool_withheld_by_read_only_is_not_listed_and_says_why() -> None:
    reading = load_tools(read_only=True)
    withheld = set(load_tools()) - set(reading)
    assert withheld == {"control_playback", "set_watch_state"}
    client = client_of(answering(), tools=reading, withheld=withheld)
    assert not withheld & {tool["name"] for tool in client.modern("tools/list").result["tools"]}
    for name in withheld:
        answer = client.modern("tools/call", name=name, arguments={})
        error = json.loads(answer.result["content"][0]["text"])["error"]
        assert (answer.result["isError"], error["code"]) == (True, "READ_ONLY")


@requirement("tools:bug")
def test_a_bug_is_an_internal_error_with_a_request_id_and_a_trace_in_the_log() -> None:
    client = client_of(failing(RuntimeError("secret-of-the-house")))
    with capture_logs() as logs:
        answer = client.modern("tools/call", name="list_libraries", headers={"X-Request-Id": "trace-me"})
    assert answer.refusal == (200, -32603)
    assert answer.json["error"]["data"] == {"requestId": "trace-me"}
    assert b"secret-of-the-house" not in answer.response.data
    assert [(one["event"], one["request_id"], one["exc_info"]) for one in logs] == [
        ("request.failed", "trace-me", True)
    ]


def counted(tool: str, outcome: str) -> float:
    return REGISTRY.get_sample_value("plex_mcp_tool_calls_total", {"tool": tool, "outcome": outcome}) or 0.0

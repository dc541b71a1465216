"""What the conformance suite wants a server to have, mounted on the real dispatcher. Names are the suite's."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from mcp_types.jsonrpc import INVALID_PARAMS, MISSING_REQUIRED_CLIENT_CAPABILITY
from pydantic import BaseModel, ConfigDict

from plex_mcp.calls.outcome import CallInfo, CallOutcome
from plex_mcp.calls.views import Views
from plex_mcp.errors import Internal, ProtocolError
from plex_mcp.prompts._prompt import Prompt, PromptArgument, user_text
from plex_mcp.protocol import Dispatcher
from plex_mcp.protocol.input_required import InputRequired
from plex_mcp.protocol.results import members_of
from plex_mcp.resources._resource import Content, Resource
from plex_mcp.tools._tool import Arguments, Tool

PNG = base64.b64decode(
    b"iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg=="
)
WAV = b"RIFF$\0\0\0WAVEfmt \x10\0\0\0\1\0\1\0D\xac\0\0\x88X\1\0\2\0\x10\0data\0\0\0\0"
IMAGE = {"type": "image", "data": base64.b64encode(PNG).decode(), "mimeType": "image/png"}
AUDIO = {"type": "audio", "data": base64.b64encode(WAV).decode(), "mimeType": "audio/wav"}
_KEY = secrets.token_bytes(32)

Content_ = list[dict[str, Any]]
TOOLS: dict[str, Tool] = {}


class NoArguments(BaseModel):
    model_config = ConfigDict(extra="forbid")


def fixture(function: Callable[[CallInfo], Content_]) -> Callable[[CallInfo], Content_]:
    """A tool that gives content blocks as they go on the wire."""
    TOOLS[function.__name__] = Tool(
        name=function.__name__,
        title=function.__name__,
        description="A fixture of the conformance suite.",
        input_schema={"type": "object", "properties": {}, "additionalProperties": False},
        read_only=True,
        destructive=False,
        idempotent=True,
        ttl_s=None,
        ttl_setting=None,
        stale_retention_s=None,
        function=function,
        arguments_model=NoArguments,
        returns=None,
    )
    return function


_ADDRESS = {
    "$anchor": "addressDef",
    "type": "object",
    "properties": {"street": {"type": "string"}, "city": {"type": "string"}},
}
_CONTACT = ("name", "contactMethod", "phone", "email")
SCHEMA_2020_12: dict[str, Any] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "type": "object",
    "$defs": {"address": _ADDRESS},
    "properties": {name: {"type": "string"} for name in _CONTACT}
    | {"address": {"$ref": "#/$defs/address"}, "contactMethod": {"type": "string", "enum": ["phone", "email"]}},
    "allOf": [{"anyOf": [{"required": ["phone"]}, {"required": ["email"]}]}],
    "if": {"properties": {"contactMethod": {"const": "phone"}}, "required": ["contactMethod"]},
    "then": {"required": ["phone"]},
    "else": {"required": ["email"]},
    "additionalProperties": False,
}


def text(words: str) -> Content_:
    return [{"type": "text", "text": words}]


def embedded(uri: str, mime_type: str, words: str) -> dict[str, Any]:
    return {"type": "resource", "resource": {"uri": uri, "mimeType": mime_type, "text": words}}


def ask(message: str, name: str, kind: str = "string") -> dict[str, Any]:
    schema = {"type": "object", "properties": {name: {"type": kind}}, "required": [name]}
    return {"method": "elicitation/create", "params": {"message": message, "requestedSchema": schema}}


def sample(words: str) -> dict[str, Any]:
    messages = [{"role": "user", "content": {"type": "text", "text": words}}]
    return {"method": "sampling/createMessage", "params": {"messages": messages, "maxTokens": 100}}


ROOTS = {"method": "roots/list", "params": {}}


def signed(state: str) -> str:
    return f"{state}.{hmac.new(_KEY, state.encode(), hashlib.sha256).hexdigest()}"


def verified(info: CallInfo) -> str:
    state = (info.request_state or "").rpartition(".")[0]
    if not hmac.compare_digest(signed(state), info.request_state or ""):
        raise ProtocolError(INVALID_PARAMS, "requestState was tampered with")
    return state


def answers(info: CallInfo, wanted: Mapping[str, Any], state: str | None = None) -> Mapping[str, Any]:
    """The client's answers, or the question once more."""
    given = info.input_responses or {}
    if not all(isinstance(given.get(name), dict) for name in wanted):
        raise InputRequired(wanted, state=signed(state) if state else None)
    return given


@fixture
def test_simple_text(info: CallInfo) -> Content_:
    return text("This is a simple text response for testing.")


@fixture
def test_image_content(info: CallInfo) -> Content_:
    return [IMAGE]


@fixture
def test_audio_content(info: CallInfo) -> Content_:
    return [AUDIO]


@fixture
def test_embedded_resource(info: CallInfo) -> Content_:
    return [embedded("test://embedded-resource", "text/plain", "This is an embedded resource content.")]


@fixture
def test_multiple_content_types(info: CallInfo) -> Content_:
    mixed = embedded("test://mixed-content-resource", "application/json", '{"test":"data","value":123}')
    return [*text("Multiple content types test:"), IMAGE, mixed]


@fixture
def test_error_handling(info: CallInfo) -> Content_:
    raise Internal("This tool intentionally returns an error for testing")


@fixture
def test_tool_with_progress(info: CallInfo) -> Content_:
    for done in (0, 50, 100):
        if info.progress:
            info.progress(done, 100, "")
        time.sleep(0.05)
    return text("done")


@fixture
def test_until_cancelled(info: CallInfo) -> Content_:
    """Ours: reports once and then waits for the client to leave."""
    assert info.progress is not None
    assert info.cancelled is not None
    info.progress(1, None, "waiting")
    CANCELLED.append(info.cancelled.wait(timeout=20))
    return text("cancelled" if CANCELLED[-1] else "not cancelled")


@fixture
def test_was_cancelled(info: CallInfo) -> Content_:
    """Ours: how the calls before ended."""
    return text(json.dumps(CANCELLED))


CANCELLED: list[bool] = []


@fixture
def test_bug(info: CallInfo) -> Content_:
    """Ours: fails as only a bug does."""
    raise RuntimeError("secret-of-the-house")


@fixture
def test_missing_capability(info: CallInfo) -> Content_:
    if "sampling" not in info.capabilities:
        raise ProtocolError(
            MISSING_REQUIRED_CLIENT_CAPABILITY, "needs sampling", data={"requiredCapabilities": {"sampling": {}}}
        )
    return text("has sampling")


@fixture
def test_streaming_elicitation(info: CallInfo) -> Content_:
    if info.progress:
        info.progress(1, 2, "about to ask")
    given = answers(info, {"user_name": ask("What is your name?", "name")})
    return text(json.dumps(given))


@fixture
def test_logging_tool(info: CallInfo) -> Content_:
    return text("nothing is logged to clients")


@fixture
def test_input_required_result_elicitation(info: CallInfo) -> Content_:
    given = answers(info, {"user_name": ask("What is your name?", "name")})
    return text(f"Hello, {given['user_name'].get('content', {}).get('name')}!")


@fixture
def test_input_required_result_sampling(info: CallInfo) -> Content_:
    given = answers(info, {"capital_question": sample("What is the capital of France?")})
    return text(json.dumps(given["capital_question"]))


@fixture
def test_input_required_result_list_roots(info: CallInfo) -> Content_:
    return text(json.dumps(answers(info, {"client_roots": ROOTS})["client_roots"]))


@fixture
def test_input_required_result_request_state(info: CallInfo) -> Content_:
    answers(info, {"confirm": ask("Please confirm", "ok", "boolean")}, state="asked")
    return text(f"state-ok {verified(info)}")


@fixture
def test_input_required_result_tampered_state(info: CallInfo) -> Content_:
    return test_input_required_result_request_state(info)


@fixture
def test_input_required_result_multiple_inputs(info: CallInfo) -> Content_:
    wanted = {
        "user_name": ask("What is your name?", "name"),
        "greeting": sample("Generate a greeting"),
        "client_roots": ROOTS,
    }
    answers(info, wanted, state="asked")
    return text(verified(info))


@fixture
def test_input_required_result_multi_round(info: CallInfo) -> Content_:
    if info.request_state is None:
        answers(info, {"step1": ask("Step 1: What is your name?", "name")}, state="round-1")
    if verified(info) == "round-1":
        raise InputRequired({"step2": ask("Step 2: What is your favorite color?", "color")}, state=signed("round-2"))
    return text(json.dumps(answers(info, {"step2": ask("Step 2: What is your favorite color?", "color")}, "round-2")))


@fixture
def test_input_required_result_capabilities(info: CallInfo) -> Content_:
    wanted = {"greeting": sample("Generate a greeting"), "user_name": ask("What is your name?", "name")}
    kinds = {"greeting": "sampling", "user_name": "elicitation"}
    return text(json.dumps(answers(info, {name: wanted[name] for name in wanted if kinds[name] in info.capabilities})))


@fixture
def json_schema_2020_12_tool(info: CallInfo) -> Content_:
    return text("its schema is the point")


TOOLS["json_schema_2020_12_tool"] = replace(TOOLS["json_schema_2020_12_tool"], input_schema=SCHEMA_2020_12)


def call(tool: Tool, arguments: Arguments, info: CallInfo) -> CallOutcome:
    return CallOutcome(members_of({"content": tool.function(info), "isError": False}), b"{}", "bypass")


def _resource(name: str, uri: str, mime_type: str, read: Callable[..., Content]) -> Resource:
    return Resource(name=name, title=name, description="A fixture.", uri=uri, mime_type=mime_type, read=read)


def _template_data(views: Views, id: str) -> Content:  # noqa: A002 - the suite's name
    data = {"id": id, "templateTest": True, "data": f"Data for ID: {id}"}
    return Content("application/json", text=json.dumps(data))


RESOURCES = {
    one.name: one
    for one in (
        _resource(
            "static-text", "test://static-text", "text/plain", lambda views: Content("text/plain", text="static")
        ),
        _resource("static-binary", "test://static-binary", "image/png", lambda views: Content("image/png", data=PNG)),
        _resource("template", "test://template/{id}/data", "application/json", _template_data),
    )
}


def _input_required_prompt(views: Views) -> list[dict[str, Any]]:
    given = answers(views.info, {"user_context": ask("What context should the prompt use?", "context")})
    return [user_text(json.dumps(given))]


def _embedding_prompt(views: Views, resourceUri: str) -> list[dict[str, Any]]:  # noqa: N803 - the suite's name
    embedded_text = embedded(resourceUri, "text/plain", "Embedded resource content for testing.")
    return [{"role": "user", "content": embedded_text}, user_text("Please process the embedded resource above.")]


def _complete(views: Views, typed: str) -> list[str]:
    return [word for word in ("paris", "park", "party", "test") if word.startswith(typed)]


def _prompt(name: str, build: Callable[..., list[dict[str, Any]]], *arguments: str) -> Prompt:
    known = tuple(PromptArgument(name=one, description="-", required=True, complete=_complete) for one in arguments)
    return Prompt(name=name, title=name, description="A fixture.", build=build, arguments=known)


PROMPTS = {
    one.name: one
    for one in (
        _prompt("test_simple_prompt", lambda views: [user_text("This is a simple prompt for testing.")]),
        _prompt(
            "test_prompt_with_arguments",
            lambda views, arg1, arg2: [user_text(f"Prompt with arguments: arg1='{arg1}', arg2='{arg2}'")],
            "arg1",
            "arg2",
        ),
        _prompt("test_prompt_with_embedded_resource", _embedding_prompt, "resourceUri"),
        _prompt(
            "test_prompt_with_image",
            lambda views: [{"role": "user", "content": IMAGE}, user_text("Please analyze the image above.")],
        ),
        _prompt("test_input_required_result_prompt", _input_required_prompt),
    )
}


def build_dispatcher(**changes: Any) -> Dispatcher:
    """The real dispatcher over the fixtures."""
    parts: dict[str, Any] = {"tools": TOOLS, "resources": RESOURCES, "prompts": PROMPTS, "call": call}
    return Dispatcher(**parts | changes)

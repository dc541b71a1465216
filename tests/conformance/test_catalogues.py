"""Resources, prompts and completion as methods, over the fixtures."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from plex_mcp.errors import InvalidArgument, PlexUnavailable
from plex_mcp.prompts._prompt import Prompt, PromptArgument, user_text
from plex_mcp.resources._resource import Content, Resource
from tests.conformance.client import Client
from tests.conformance.fixture_app import build_app
from tests.conformance.registry import PNG, build_dispatcher
from tests.conformance.requirements import requirement


def unreachable(*_: Any, **__: Any) -> Any:
    raise PlexUnavailable("Plex cannot be reached.", retry_after_s=5)


def refusing(*_: Any, **__: Any) -> Any:
    raise InvalidArgument("That cannot be.")


def many(*_: Any) -> list[str]:
    return [f"value {number}" for number in range(150)]


RESOURCE = Resource(name="r", title="R", description="-", uri="test://r", mime_type="text/plain", read=unreachable)
PROMPT = Prompt(
    name="p",
    title="P",
    description="-",
    build=unreachable,
    arguments=(
        PromptArgument(name="many", description="-", complete=many),
        PromptArgument(name="down", description="-", complete=unreachable),
        PromptArgument(name="none", description="-"),
        PromptArgument(name="wrong", description="-", complete=refusing),
    ),
)
TEMPLATE = Resource(
    name="t", title="T", description="-", uri="test://{a}/{b}", mime_type=None, read=refusing, completers={"a": many}
)
REFUSING = Prompt(name="q", title="Q", description="-", build=refusing)


@pytest.fixture(scope="module")
def failing() -> Client:
    dispatcher = build_dispatcher(resources={"r": RESOURCE, "t": TEMPLATE}, prompts={"p": PROMPT, "q": REFUSING})
    return Client(build_app(dispatcher).test_client())


@requirement("resources:list")
def test_addresses_and_templates_are_listed_apart(client: Client) -> None:
    resources = client.modern("resources/list").result["resources"]
    assert [one["uri"] for one in resources] == ["test://static-text", "test://static-binary"]
    templates = client.modern("resources/templates/list").result["resourceTemplates"]
    assert [one["uriTemplate"] for one in templates] == ["test://template/{id}/data"]


@requirement("resources:read")
@pytest.mark.parametrize(
    ("uri", "contents"),
    [
        ("test://static-text", {"mimeType": "text/plain", "text": "static"}),
        ("test://static-binary", {"mimeType": "image/png", "blob": base64.b64encode(PNG).decode()}),
        (
            "test://template/a%20b%2Fc/data",
            {
                "mimeType": "application/json",
                "text": '{"id": "a b/c", "templateTest": true, "data": "Data for ID: a b/c"}',
            },
        ),
    ],
)
def test_reading_gives_text_or_blob_under_the_address_asked_for(
    client: Client, uri: str, contents: dict[str, str]
) -> None:
    assert client.modern("resources/read", uri=uri).result["contents"] == [{"uri": uri, **contents}]
    assert client.legacy("resources/read", uri=uri).result["contents"] == [{"uri": uri, **contents}]


@requirement("resources:params")
@pytest.mark.parametrize("params", [{}, {"uri": 5}, {"uri": None}])
def test_reading_with_params_of_the_wrong_shape_is_refused(client: Client, params: dict[str, Any]) -> None:
    assert client.legacy("resources/read", **params).refusal == (200, -32602)


@requirement("resources:failure")
def test_a_failed_read_is_an_error_with_its_code(failing: Client) -> None:
    for answer in (
        failing.modern("resources/read", uri="test://r"),
        failing.legacy("resources/read", uri="test://r"),
        failing.modern("prompts/get", name="p"),
        failing.modern(
            "completion/complete", ref={"type": "ref/prompt", "name": "p"}, argument={"name": "down", "value": ""}
        ),
    ):
        assert answer.refusal == (200, -32603)
        assert answer.json["error"]["data"] == {
            "code": "PLEX_UNAVAILABLE",
            "message": "Plex cannot be reached.",
            "temporary": True,
            "retry_after_s": 5,
        }


@requirement("prompts:list")
def test_prompts_are_listed_with_their_arguments(client: Client) -> None:
    prompts = {one["name"]: one for one in client.modern("prompts/list").result["prompts"]}
    assert prompts["test_prompt_with_arguments"]["arguments"] == [
        {"name": name, "description": "-", "required": True} for name in ("arg1", "arg2")
    ]
    assert "arguments" not in prompts["test_simple_prompt"]


@requirement("prompts:get")
def test_a_prompt_gives_messages(client: Client) -> None:
    arguments = {"arg1": "a", "arg2": "b"}
    for answer in (
        client.modern("prompts/get", name="test_prompt_with_arguments", arguments=arguments),
        client.legacy("prompts/get", name="test_prompt_with_arguments", arguments=arguments),
    ):
        assert answer.result["messages"] == [user_text("Prompt with arguments: arg1='a', arg2='b'")]


@requirement("prompts:arguments")
@pytest.mark.parametrize(
    ("params", "says"),
    [
        ({"name": "nope"}, "nope"),
        ({"name": "test_prompt_with_arguments"}, "arg1, arg2"),
        ({"name": "test_prompt_with_arguments", "arguments": {"arg1": "a"}}, "lacks arg2"),
        ({"name": "test_simple_prompt", "arguments": {"x": "y"}}, "nothing"),
        ({"name": "test_prompt_with_arguments", "arguments": {"arg1": 5, "arg2": "b"}}, "arg1"),
        ({"name": "test_prompt_with_arguments", "arguments": []}, "arguments"),
    ],
)
def test_a_wrong_prompt_or_argument_is_refused_by_name(client: Client, params: dict[str, Any], says: str) -> None:
    answer = client.modern("prompts/get", **params)
    assert answer.refusal == (400, -32602)
    assert says in answer.json["error"]["message"]


@requirement("completion:values")
def test_completion_gives_at_most_a_hundred_and_says_how_many_there_are(failing: Client) -> None:
    ref = {"type": "ref/prompt", "name": "p"}
    found = failing.modern("completion/complete", ref=ref, argument={"name": "many", "value": "v"}).result
    assert found["completion"] == {"values": many()[:100], "total": 150, "hasMore": True}
    none = failing.legacy("completion/complete", ref=ref, argument={"name": "none", "value": "v"}).result
    assert none["completion"] == {"values": [], "total": 0, "hasMore": False}


@requirement("completion:values")
def test_variables_of_a_template_complete_and_what_cannot_be_begins_nothing(failing: Client) -> None:
    def completed(ref: dict[str, str], name: str) -> list[str]:
        argument = {"name": name, "value": "v"}
        found: list[str] = failing.modern("completion/complete", ref=ref, argument=argument).result["completion"][
            "values"
        ]
        return found

    template = {"type": "ref/resource", "uri": TEMPLATE.uri}
    assert completed(template, "a") == many()[:100]
    assert completed(template, "b") == []
    assert completed({"type": "ref/prompt", "name": "p"}, "wrong") == []


@requirement("resources:failure", "prompts:arguments")
def test_a_read_that_cannot_be_is_refused_in_the_words_of_its_tool(failing: Client) -> None:
    read = failing.modern("resources/read", uri="test://x/y")
    got = failing.modern("prompts/get", name="q")
    assert read.refusal == got.refusal == (400, -32602)
    assert read.json["error"]["message"] == got.json["error"]["message"] == "That cannot be."


@requirement("completion:unknown")
@pytest.mark.parametrize(
    ("ref", "argument"),
    [
        ({"type": "ref/prompt", "name": "nope"}, {"name": "x", "value": ""}),
        ({"type": "ref/prompt", "name": "test_simple_prompt"}, {"name": "x", "value": ""}),
        ({"type": "ref/resource", "uri": "test://nope/{id}"}, {"name": "id", "value": ""}),
        ({"type": "ref/resource", "uri": "test://template/{id}/data"}, {"name": "x", "value": ""}),
        ({"type": "ref/else", "name": "x"}, {"name": "x", "value": ""}),
        ({"type": "ref/prompt", "name": "test_prompt_with_arguments"}, {"name": "arg1", "value": 5}),
    ],
)
def test_an_unknown_reference_or_argument_is_refused(
    client: Client, ref: dict[str, str], argument: dict[str, Any]
) -> None:
    assert client.modern("completion/complete", ref=ref, argument=argument).refusal == (400, -32602)


@requirement("catalogue:absent")
def test_what_there_is_none_of_is_neither_advertised_nor_served() -> None:
    bare = Client(build_app(build_dispatcher(resources={}, prompts={})).test_client())
    assert bare.modern("server/discover").result["capabilities"] == {"tools": {}}
    assert bare.legacy("initialize", **_initialize()).result["capabilities"] == {"tools": {}}
    for method in ("resources/list", "resources/templates/list", "prompts/list"):
        assert bare.modern(method).refusal == (404, -32601)
    assert bare.modern("resources/read", uri="x").code == -32601


@requirement("catalogue:absent")
def test_what_lacks_its_tools_is_left_out() -> None:
    lame = Resource(
        name="r", title="R", description="-", uri="test://r", mime_type=None, needs=("no_such_tool",),
        read=lambda views: Content("text/plain", text="x"),
    )  # fmt: skip
    assert (
        "resources"
        not in Client(build_app(build_dispatcher(resources={"r": lame})).test_client())
        .modern("server/discover")
        .result["capabilities"]
    )


def _initialize() -> dict[str, Any]:
    return {"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {"name": "t", "version": "1"}}

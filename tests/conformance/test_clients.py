"""Clients that people use, against the real server: tools/list, every tool, resources, prompts; both eras."""

from __future__ import annotations

import asyncio
import importlib.metadata
import json
import subprocess
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import requests

from plex_mcp.prompts._catalogue import load_prompts
from plex_mcp.quickstart.conversation import connect
from plex_mcp.resources._catalogue import load_resources
from plex_mcp.tools._catalogue import load_tools
from tests.conformance.client import LATEST, request
from tests.conformance.conftest import Endpoint
from tests.conformance.node_tools import HERE, node_modules, run_node, version_of

# The first test of a machine installs the packages.
pytestmark = pytest.mark.timeout(600)

PLAYER = "Living Room TV"
ADDRESSES = [one.uri for one in load_resources().values() if not one.is_template]
TEMPLATES = [one.uri for one in load_resources().values() if one.is_template]
FREE_PROMPTS = [one.name for one in load_prompts().values() if not any(a.required for a in one.arguments)]


@pytest.fixture(scope="module")
def calls(real_server: Endpoint) -> list[tuple[str, dict[str, Any]]]:
    """A call of every tool, with the id of a film of the sample library."""
    found = requests.post(
        real_server.url,
        json=request("tools/call", {"name": "search_media", "arguments": {"query": "Sintel", "media_type": "movie"}}),
        headers={"Authorization": f"Bearer {real_server.token}"},
        timeout=30,
    ).json()
    film = found["result"]["structuredContent"]["items"][0]["media_id"]
    made: list[tuple[str, dict[str, Any]]] = [
        ("control_playback", {"action": "play", "media_id": film, "client": PLAYER, "dry_run": True}),
        ("get_media_details", {"media_id": film, "include": ["poster"]}),
        ("get_on_deck", {}),
        ("get_playback_status", {}),
        ("get_recently_added", {"limit": 3}),
        ("get_watch_history", {"limit": 3}),
        ("list_clients", {}),
        ("list_libraries", {}),
        ("search_media", {"query": "Sintel"}),
        ("set_watch_state", {"media_id": film, "state": "watched"}),
    ]
    assert [name for name, _ in made] == sorted(load_tools())
    return made


def show(capsys: pytest.CaptureFixture[str], line: str) -> None:
    with capsys.disabled():
        print(f"\n  {line}")  # noqa: T201 - versions and figures are a product of the run


@pytest.mark.parametrize(
    ("mode", "version"),
    [("auto", LATEST), (LATEST, LATEST), ("legacy", "2025-11-25")],
    ids=["auto", "modern", "legacy"],
)
def test_the_python_client_uses_everything(
    real_server: Endpoint, calls: list[tuple[str, dict[str, Any]]], capsys: pytest.CaptureFixture[str], mode: str,
    version: str,
) -> None:  # fmt: skip
    async def talk() -> None:
        async with connect(real_server.url, real_server.token, mode=mode) as client:
            assert client.protocol_version == version
            assert client.instructions or mode == LATEST  # a pinned client asks for nothing beforehand
            assert [tool.name for tool in (await client.list_tools()).tools] == [name for name, _ in calls]
            for name, arguments in calls:  # the client checks each answer against its tool's output schema
                result = await client.call_tool(name, arguments)
                assert not result.is_error, (name, result.content)
                assert json.loads(result.content[0].text) == result.structured_content  # type: ignore[union-attr]
            assert [str(one.uri) for one in (await client.list_resources()).resources] == ADDRESSES
            for uri in [*ADDRESSES, "plex://library/1", f"plex://item/{calls[1][1]['media_id']}"]:
                contents = (await client.read_resource(uri)).contents
                assert json.loads(contents[0].text)  # type: ignore[union-attr]
            picture = await client.read_resource(f"plex://item/{calls[1][1]['media_id']}/poster")
            assert picture.contents[0].blob  # type: ignore[union-attr]
            for prompt in (await client.list_prompts()).prompts:
                wanted = {one.name: "Pip & Moss" for one in prompt.arguments or [] if one.required}
                assert len((await client.get_prompt(prompt.name, wanted)).messages) >= 2

    asyncio.run(talk())
    show(capsys, f"mcp {importlib.metadata.version('mcp')} (Python), {mode}: {version}, {len(calls)} tools")


TYPESCRIPT = [
    ("client", "auto", LATEST),
    ("client", {"pin": LATEST}, LATEST),
    ("client", "legacy", "2025-11-25"),
    ("sdk", "legacy", None),  # does not say which version was agreed on
]


@pytest.mark.parametrize(("package", "mode", "version"), TYPESCRIPT, ids=["2-auto", "2-modern", "2-legacy", "1-legacy"])
def test_the_typescript_client_uses_everything(
    real_server: Endpoint, calls: list[tuple[str, dict[str, Any]]], capsys: pytest.CaptureFixture[str], package: str,
    mode: Any, version: str | None,
) -> None:  # fmt: skip
    told = typescript(real_server, package, mode, calls)
    assert told.get("version") == version
    assert (told["server"], told["instructions"]) == ("plex-mcp", True)
    assert told["tools"] == [name for name, _ in calls]
    assert [(call["tool"], call["isError"]) for call in told["calls"]] == [(name, False) for name, _ in calls]
    assert all(call["structured"] for call in told["calls"])
    assert (told["resources"], told["templates"]) == (ADDRESSES, TEMPLATES)
    assert [name for name, messages in told["prompts"] if messages >= 2] == FREE_PROMPTS
    released = version_of(f"@modelcontextprotocol/{package}")
    show(capsys, f"@modelcontextprotocol/{package} {released}, {mode}: {version or 'handshake'}, {len(calls)} tools")


@pytest.mark.parametrize(("package", "mode"), [("client", "auto"), ("client", "legacy"), ("sdk", "legacy")])
def test_the_typescript_client_gets_its_progress(fixture_server: Endpoint, package: str, mode: str) -> None:
    told = typescript(fixture_server, package, mode, [("test_tool_with_progress", {})], brief=True)
    assert told["progress"] == [0, 50, 100]


def typescript(
    endpoint: Endpoint, package: str, mode: Any, calls: list[tuple[str, dict[str, Any]]], *, brief: bool = False
) -> dict[str, Any]:
    talk = {"url": endpoint.url, "token": endpoint.token, "modules": str(node_modules()), "package": package}
    done = run_node(str(HERE / "talk.mjs"), TALK=json.dumps(talk | {"mode": mode, "calls": calls, "brief": brief}))
    assert done.returncode == 0, done.stderr[-3000:]
    told: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return told


@pytest.mark.parametrize("era", ["modern", "legacy"])
def test_the_inspector_finds_nothing_to_complain_about(
    real_server: Endpoint, calls: list[tuple[str, dict[str, Any]]], capsys: pytest.CaptureFixture[str], era: str
) -> None:
    listed = inspector(real_server, era, "tools/list", "--strict")
    assert listed.returncode == 0, listed.stdout[-3000:] + listed.stderr[-3000:]
    assert [tool["name"] for tool in json.loads(listed.stdout)["result"]["tools"]] == [name for name, _ in calls]

    def call(one: tuple[str, dict[str, Any]]) -> subprocess.CompletedProcess[str]:
        more = ["--tool-name", one[0], "--tool-args-json", json.dumps(one[1])]
        return inspector(real_server, era, "tools/call", *more)

    with ThreadPoolExecutor(2) as two:
        for (name, _), done in zip(calls, two.map(call, calls), strict=True):
            assert done.returncode == 0, (name, done.stdout[-2000:], done.stderr[-2000:])
            assert json.loads(done.stdout)["result"]["structuredContent"], name
    released = version_of("@modelcontextprotocol/inspector")
    show(capsys, f"@modelcontextprotocol/inspector {released}, {era}, --strict: {len(calls)} tools")


def test_the_inspector_is_told_that_it_lacks_the_token(real_server: Endpoint) -> None:
    refused = inspector(Endpoint(real_server.url, "wrong-token-of-good-length"), "legacy", "tools/list")
    assert refused.returncode == 3, refused.stdout + refused.stderr


def inspector(endpoint: Endpoint, era: str, method: str, *more: str) -> subprocess.CompletedProcess[str]:
    found = json.loads((node_modules() / "@modelcontextprotocol" / "inspector" / "package.json").read_text())
    entry = found["bin"]["mcp-inspector"]
    return run_node(
        str(node_modules() / "@modelcontextprotocol" / "inspector" / entry), "--cli",
        "--server-url", endpoint.url, "--transport", "http", "--header", f"Authorization: Bearer {endpoint.token}",
        "--protocol-era", era, "--method", method, "--format", "json", "-q", *more,
    )  # fmt: skip

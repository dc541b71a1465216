"""The real tools on the real client against the stand-in, with a clock for the cache that is turned by hand."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from plex_mcp.calls.execute import Executor
from plex_mcp.calls.outcome import CallOutcome
from plex_mcp.errors import ToolError
from plex_mcp.plex.client import PlexClient
from plex_mcp.plex.session import build_session
from plex_mcp.protocol.results import build_body
from plex_mcp.standin import StandIn
from plex_mcp.tools._catalogue import load_tools
from plex_mcp.tools._tool import Tool
from tests.fakes import Clock, settings

CATALOGUE = load_tools()
ARGUMENTS: dict[str, dict[str, Any]] = {
    "search_media": {"query": "the"},
    "get_media_details": {"media_id": "1"},
    "control_playback": {"action": "pause", "client": "Living Room TV"},
    "set_watch_state": {"media_id": "8", "state": "watched"},
    "get_playback_status": {"user": "Robin"},
}
"""What each tool is called with; nothing where it is not named."""

READERS = tuple(name for name, tool in CATALOGUE.items() if tool.read_only)
WRITERS = tuple(name for name, tool in CATALOGUE.items() if not tool.read_only)
NOW = 1_800_000_000.0


@dataclass
class World:
    """One replica: its own connections, its own cache."""

    executor: Executor
    client: PlexClient
    clock: Clock

    def call(self, name: str) -> CallOutcome:
        tool = CATALOGUE[name]
        return self.executor.call(tool, tool.parse(ARGUMENTS.get(name, {})))

    def error(self, name: str) -> ToolError:
        try:
            outcome = self.call(name)
        except ToolError as error:
            return error
        raise AssertionError(f"answered {outcome.outcome}: {outcome.structured[:200]!r}")

    def age(self, name: str) -> None:
        """Let what is cached be past its TTL."""
        self.clock.now += self.ttl_s(CATALOGUE[name]) + 1

    def ttl_s(self, tool: Tool) -> float:
        return self.executor._cache.ttl_s(tool)


@contextmanager
def replica(plex: StandIn, **changed: str) -> Iterator[World]:
    """Retries pause for a hundredth of a second; all else is as in production unless changed."""
    quick = {"RETRY_INITIAL": "0.01", "RETRY_MAX": "0.02"}
    its = settings(PLEX_SERVER_URL=plex.url, PLEX_TOKEN=plex.token, **{**quick, **changed})
    clock = Clock(NOW)
    with build_session(its) as session:
        client = PlexClient(its, session)
        executor = Executor(client, its, finish=build_body, tools=CATALOGUE, clock=clock)
        try:
            yield World(executor, client, clock)
        finally:
            executor.close()


def content(outcome: CallOutcome) -> dict[str, Any]:
    """The answer without its marks; the marks have checks of their own."""
    found: dict[str, Any] = json.loads(outcome.structured)
    return {name: value for name, value in found.items() if name not in {"as_of", "stale", "note"}}


def require_marked(outcome: CallOutcome) -> None:
    found = json.loads(outcome.structured)
    assert outcome.outcome == "stale", outcome.outcome
    assert found["stale"] is True
    assert found["as_of"] in found["note"]
    require_whole(outcome)


def require_unmarked(outcome: CallOutcome) -> None:
    found = json.loads(outcome.structured)
    assert outcome.outcome != "stale"
    assert "stale" not in found
    require_whole(outcome)


def require_whole(outcome: CallOutcome) -> None:
    """What is sent is the result that the structured content says, as text too."""
    result = json.loads(b"{" + outcome.body + b"}")
    assert result["structuredContent"] == json.loads(outcome.structured)
    assert json.loads(result["content"][0]["text"]) == result["structuredContent"]
    assert not result.get("isError")


def require_clean(error: ToolError, plex: StandIn) -> None:
    """Our own words: no address, no token, and what to expect of asking again."""
    text = json.dumps(error.as_dict())
    for secret in (plex.token, str(plex.port), "127.0.0.1", "Traceback", "Exception"):
        assert secret not in text, f"{secret} in {text}"
    assert error.as_dict()["temporary"] is error.temporary

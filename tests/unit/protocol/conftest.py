"""Views on the real tools over the stand-in, without cache and pool: `Views.call` runs the tool itself."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from plex_mcp.calls.outcome import CallInfo, CallOutcome
from plex_mcp.calls.views import Views
from plex_mcp.errors import ToolError
from plex_mcp.plex.client import PlexClient
from plex_mcp.plex.session import build_session
from plex_mcp.protocol.results import build_body
from plex_mcp.settings import Settings
from plex_mcp.standin import StandIn
from plex_mcp.tools._catalogue import load_tools
from plex_mcp.tools._tool import Arguments, Tool


@dataclass
class Household:
    """The sample household: `views` reads it, `asked` is what was read, `failure` is raised instead while it is set."""

    plex: PlexClient
    asked: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    failure: ToolError | None = None

    @property
    def views(self) -> Views:
        return Views(load_tools(), self._call, CallInfo())

    def _call(self, tool: Tool, arguments: Arguments, info: CallInfo) -> CallOutcome:
        self.asked.append((tool.name, {name: value for name, value in arguments.items() if value}))
        if self.failure is not None:
            raise self.failure
        result = tool.run(self.plex, arguments)
        structured = json.dumps(result.structured, ensure_ascii=False).encode()
        return CallOutcome(build_body(structured, result.images), structured, "miss")


@pytest.fixture(scope="module")
def plex_client() -> Iterator[PlexClient]:
    with StandIn(library="small") as running:
        environ = {
            "PLEX_SERVER_URL": running.url,
            "PLEX_TOKEN": running.token,
            "REDIS_URL": "redis://127.0.0.1:9/0",
            "AUTH_TOKEN": "a-test-token-of-good-length",
        }
        settings = Settings.from_env(environ)
        with build_session(settings) as session:
            yield PlexClient(settings, session)


@pytest.fixture
def household(plex_client: PlexClient) -> Household:
    return Household(plex_client)

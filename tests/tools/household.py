"""A household for the playback tests: the stand-in over a real socket, and the tools as a caller sees them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from time import monotonic
from typing import Any

import jsonschema
import pytest

from plex_mcp.errors import ToolError
from plex_mcp.plex.client import PlexClient
from plex_mcp.plex.session import CallScope, build_session, call_scope
from plex_mcp.settings import Settings
from plex_mcp.standin import Clock, StandIn
from plex_mcp.standin.playback import Session
from plex_mcp.standin.players import Player
from plex_mcp.tools._catalogue import load_tools
from plex_mcp.tools._tool import Replacement

LIVING_ROOM, DEN, STUDY = "androidtv-living-room", "htpc-den", "plexamp-study"
BEDROOM, KITCHEN, IPHONE = "roku-bedroom", "web-kitchen-laptop", "iphone-away"
ALIASES = "kids=Bedroom Roku; tv=Living Room TV; den=htpc-den; ghost=Attic TV"
FROZEN_S = 1_790_000_000.0
COMMANDS = ("/player/playback/", "/status/sessions/terminate", "POST /playQueues", "/security/token")
TOOLS = load_tools()


@dataclass
class Household:
    """`requests` is how many the last call sent; `replaces` what it left in the cache."""

    plex: StandIn
    client: PlexClient
    requests: int = 0
    replaces: tuple[Replacement, ...] = ()

    def call(self, name: str, **arguments: Any) -> dict[str, Any]:
        """What the tool answers, after its view, and checked against its output schema."""
        tool = TOOLS[name]
        self.requests, self.replaces = 0, ()
        parsed = tool.parse(arguments)
        fetched = tool.fetch_arguments(parsed) if tool.fetch_arguments else parsed
        self.plex.counters.reset()
        scope = CallScope(deadline=monotonic() + 8)
        try:
            with call_scope(scope):
                result = tool.run(self.client, fetched)
        finally:
            self.requests = scope.requests
        assert self.plex.counters.unknown_paths == []
        assert self.plex.counters.tokens_in_urls == []
        self.replaces = result.replaces
        answer = tool.view(result.structured, parsed) if tool.view else result.structured
        jsonschema.validate(answer, tool.output_schema)
        return answer

    def control(self, action: str, **arguments: Any) -> dict[str, Any]:
        return self.call("control_playback", action=action, **arguments)

    def fails(self, kind: type[ToolError], name: str, **arguments: Any) -> ToolError:
        """The error that the call ends with."""
        self.plex.counters.reset()
        with pytest.raises(kind) as caught:
            self.call(name, **arguments)
        assert type(caught.value) is kind
        return caught.value

    def refuses(self, kind: type[ToolError], action: str, **arguments: Any) -> ToolError:
        return self.fails(kind, "control_playback", action=action, **arguments)

    def refuses_any(self, action: str, **arguments: Any) -> ToolError:
        """The error, whichever; for tests that read its code."""
        with pytest.raises(ToolError) as caught:
            self.control(action, **arguments)
        return caught.value

    def sent(self) -> list[str]:
        """The commands among the requests since the last call began: paths with their queries."""
        return [path for path in self.plex.counters.paths if any(part in path for part in COMMANDS)]

    def player(self, client_id: str) -> Player:
        return self.plex.players[client_id]

    def session(self, client_id: str) -> Session | None:
        """The ground truth: what plays on that player."""
        return next((one for one in self.plex.sessions if one.player.machine_identifier == client_id), None)

    def start(self, client_id: str, title: str, kind: str = "movie", *, user: int = 0, **options: Any) -> Session:
        """Begin to play something, behind the tools' back."""
        item = self.plex.library.find(title, kind)
        options.setdefault("offset_ms", 60_000 if kind == "movie" else 0)
        queue = self.plex.home.queues.of_items(list(item.leaves()))
        return self.plex.playback.start(self.player(client_id), self.plex.users[user], queue, **options)

    def silence(self) -> None:
        """Stop everything that plays."""
        for session in self.plex.sessions:
            self.plex.playback.stop(session)

    def media_id(self, title: str, kind: str) -> str:
        return str(self.plex.library.find(title, kind).rating_key)


@contextmanager
def household(*, environ: dict[str, str] | None = None, as_guest: bool = False, **options: Any) -> Iterator[Household]:
    """A stand-in whose clock stands still, and a client of it."""
    options.setdefault("clock", Clock(lambda: FROZEN_S))
    with StandIn(**options) as plex:
        settings = Settings.from_env(
            {
                "PLEX_SERVER_URL": plex.url,
                "PLEX_TOKEN": plex.guest_token if as_guest else plex.token,
                "REDIS_URL": "redis://127.0.0.1:1/0",
                "AUTH_TOKEN": "a-test-token-of-good-length",
                "CLIENT_ALIASES": ALIASES,
                **(environ or {}),
            }
        )
        with build_session(settings) as session:
            client = PlexClient(settings, session)
            assert client.server.machineIdentifier == plex.machine_identifier
            yield Household(plex, client)

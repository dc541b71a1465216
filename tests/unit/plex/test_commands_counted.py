"""A call's scope tells whether something may have been changed in Plex or on a player, before the answer is there."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator

import pytest

from plex_mcp.errors import NotFound
from plex_mcp.plex.client import PlexClient
from plex_mcp.plex.companion import remote_control
from plex_mcp.plex.players import read_household
from plex_mcp.plex.session import CallScope, build_session, call_scope
from plex_mcp.standin import StandIn
from tests.fakes import WAIT_S, settings

WATCHED = {"key": "8", "identifier": "com.plexapp.plugins.library"}


@pytest.fixture(scope="module")
def client() -> Iterator[PlexClient]:
    with StandIn("small") as plex:
        its = settings(PLEX_SERVER_URL=plex.url, PLEX_TOKEN=plex.token)
        with build_session(its) as session:
            yield PlexClient(its, session)


def _pause(client: PlexClient) -> None:
    player = next(player for player in read_household(client).players if player.name == "Living Room TV")
    remote_control(client, player).pause(mtype="video")


@pytest.mark.parametrize(
    ("ask", "commands"),
    [
        (lambda client: client.item("8"), 0),
        (lambda client: client.sections(fresh=True), 0),
        (lambda client: client.item("999999"), 0),
        (lambda client: client.command("/:/scrobble", params=WATCHED), 1),
        (lambda client: client.command("/:/rate", params={**WATCHED, "rating": "7"}, method="put"), 1),
        (_pause, 1),
    ],
    ids=["item", "libraries", "no such item", "scrobble", "rate", "pause"],
)
def test_what_may_change_something_is_counted(
    client: PlexClient, ask: Callable[[PlexClient], object], commands: int
) -> None:
    with call_scope(CallScope(deadline=time.monotonic() + WAIT_S)) as scope:
        with contextlib.suppress(NotFound):
            ask(client)
    assert scope.commands == commands
    assert scope.requests >= 1

"""`list_clients` from recorded answers."""

from __future__ import annotations

import pytest

from plex_mcp.standin import StandIn
from tests.recorded.conftest import Check
from tests.recording.behaviour import Behaviour, Sample, faulty


def nobody_home(plex: StandIn) -> None:
    for session in plex.sessions:
        plex.playback.stop(session)
    plex.players.clear()


BEHAVIOURS = (
    Behaviour(
        name="lists_players_and_why_some_cannot_be_controlled",
        truth={
            "total": 5,
            "items.*.product": [
                "Plex for Android (TV)",
                "Plex HTPC",
                "Plexamp",
                "Plex for Roku",
                "Plex Web",
            ],
            "items.*.controllable": [True, True, True, True, False],
        },
    ),
    Behaviour(
        name="lists_none",
        prepare=nobody_home,
        truth={"items": [], "total": 0},
    ),
    Behaviour(
        name="tells_aliases",
        settings={"CLIENT_ALIASES": ("telly=", Sample("player", "Living Room TV", of="title"))},
        standin_only=True,
        truth={"items.0.aliases": ["telly"]},
    ),
    Behaviour(
        name="tells_that_plex_fails",
        prepare=faulty("status", "/clients", code=500),
        truth={"error.code": "PLEX_UNAVAILABLE", "error.temporary": True},
    ),
)


@pytest.mark.parametrize("behaviour", BEHAVIOURS, ids=lambda behaviour: behaviour.name)
def test_list_clients_answers_as_recorded(replays: Check, behaviour: Behaviour) -> None:
    replays("list_clients", behaviour)

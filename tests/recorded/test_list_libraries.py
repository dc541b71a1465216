"""`list_libraries` from recorded answers."""

from __future__ import annotations

import pytest

from plex_mcp.standin import StandIn
from tests.recorded.conftest import Check
from tests.recording.behaviour import Behaviour, faulty


def empty_photos(plex: StandIn) -> None:
    plex.library.sections[4].items.clear()


BEHAVIOURS = (
    Behaviour(
        name="lists_all",
        truth={
            "items.*.title": ["Movies", "TV Shows", "Music", "Photos", "Home Videos"],
            "items.*.media_type": ["movie", "show", "artist", "photo", "movie"],
            "items.*.count": [26, 5, 5, 9, 2],
            "items.4.home_videos": True,
            "total": 5,
        },
    ),
    Behaviour(
        name="lists_what_was_shared",
        as_guest=True,
        truth={"items.*.title": ["Movies", "TV Shows"], "total": 2},
    ),
    Behaviour(
        name="lists_an_empty_library",
        prepare=empty_photos,
        truth={"items.3.title": "Photos", "items.3.count": 0, "total": 5},
    ),
    Behaviour(
        name="tells_that_plex_is_starting",
        prepare=faulty("maintenance", "/library/sections"),
        truth={"error.code": "PLEX_UNAVAILABLE", "error.temporary": True},
    ),
)


@pytest.mark.parametrize("behaviour", BEHAVIOURS, ids=lambda behaviour: behaviour.name)
def test_list_libraries_answers_as_recorded(replays: Check, behaviour: Behaviour) -> None:
    replays("list_libraries", behaviour)

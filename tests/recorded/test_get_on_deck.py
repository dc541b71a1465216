"""`get_on_deck` from recorded answers."""

from __future__ import annotations

import pytest

from plex_mcp.standin import StandIn
from tests.recorded.conftest import Check
from tests.recording.behaviour import Behaviour, Sample


def plex_tv_is_away(plex: StandIn) -> None:
    plex.plextv.faults.add("status", code=502)


BEHAVIOURS = (
    Behaviour(
        name="lists_what_the_owner_has_begun",
        truth={
            "items.*.title": ["Nora's Log", "Charade", "Metropolis", "The Long Day"],
            "items.*.progress_pct": [35, 42, 71, None],
            "total": 4,
        },
    ),
    Behaviour(
        name="lists_movies_alone",
        arguments={"media_type": "movie"},
        truth={"items.*.title": ["Charade", "Metropolis"], "total": 2},
    ),
    Behaviour(
        name="lists_one_library",
        arguments={"library": "TV Shows"},
        truth={"items.*.title": ["Nora's Log", "The Long Day"]},
    ),
    Behaviour(
        name="lists_at_most_the_limit",
        arguments={"limit": 1},
        truth={"items.*.title": ["Nora's Log"], "total": 4},
    ),
    Behaviour(
        name="lists_what_the_token_s_user_has_begun",
        as_guest=True,
        truth={"items.*.title": ["Decaf"], "items.0.show": "Café Kilometre"},
    ),
    Behaviour(
        name="lists_what_a_friend_has_begun",
        arguments={"user": Sample("user", "friend")},
        truth={"items.*.title": ["Decaf"], "items.0.show": "Café Kilometre", "total": 1},
    ),
    Behaviour(
        name="lists_the_shows_of_a_friend",
        arguments={"user": Sample("user", "friend"), "library": "TV Shows"},
        truth={"items.*.title": ["Decaf"], "total": 1},
    ),
    Behaviour(
        name="does_not_pass_a_pin",
        arguments={"user": Sample("user", "managed")},
        standin_only=True,
        truth={"error.code": "PLEX_FORBIDDEN"},
    ),
    Behaviour(
        name="names_the_users_there_are",
        arguments={"user": "nobody-of-that-name"},
        truth={"error.code": "NOT_FOUND"},
    ),
    Behaviour(
        name="finds_nothing_begun",
        arguments={"library": "Photos"},
        truth={"items": [], "total": 0},
    ),
    Behaviour(
        name="names_the_libraries_there_are",
        arguments={"library": "Cellar"},
        truth={"error.code": "INVALID_ARGUMENT"},
    ),
    Behaviour(
        name="tells_that_plex_tv_is_away",
        arguments={"user": Sample("user", "friend")},
        prepare=plex_tv_is_away,
        truth={"error.code": "PLEX_UNAVAILABLE"},
    ),
)


@pytest.mark.parametrize("behaviour", BEHAVIOURS, ids=lambda behaviour: behaviour.name)
def test_get_on_deck_answers_as_recorded(replays: Check, behaviour: Behaviour) -> None:
    replays("get_on_deck", behaviour)

"""`get_watch_history` from recorded answers."""

from __future__ import annotations

import pytest

from tests.recorded.conftest import Check
from tests.recording.behaviour import Behaviour, Sample, faulty

BEHAVIOURS = (
    Behaviour(
        name="lists_what_everybody_saw",
        arguments={"limit": 3},
        truth={"items.#": 3, "items.0.title": "Moss Says Nothing", "next_cursor": "3"},
    ),
    Behaviour(
        name="gives_the_next_page",
        arguments={"limit": 3, "cursor": "3"},
        truth={"items.#": 3, "next_cursor": "6"},
    ),
    Behaviour(
        name="lists_what_a_friend_saw",
        arguments={"user": Sample("user", "friend")},
        truth={"items.*.title": ["Border, Closed", "Departure", "Charade"], "total": 3},
    ),
    Behaviour(
        name="lists_the_movies_of_a_month",
        arguments={"user": Sample("user", "owner"), "media_type": "movie", "days": 30},
        truth={"items.*.title": ["The General", "His Girl Friday", "Spring"]},
    ),
    Behaviour(
        name="tells_when_a_movie_was_seen",
        arguments={"media_id": Sample("movie", "Charade")},
        truth={"items.*.title": ["Charade"], "total": 1},
    ),
    Behaviour(
        name="finds_nothing_seen",
        arguments={"media_id": Sample("movie", "Battleship Potemkin")},
        truth={"items": [], "total": 0},
    ),
    Behaviour(
        name="names_the_users_there_are",
        arguments={"user": "nobody-of-that-name"},
        truth={"error.code": "NOT_FOUND"},
    ),
    Behaviour(
        name="is_the_owner_s_to_ask",
        as_guest=True,
        truth={"error.code": "PLEX_FORBIDDEN"},
    ),
    Behaviour(
        name="tells_how_long_to_wait",
        prepare=faulty("status", "/status/sessions/history/*", code=429, retry_after_s=7),
        truth={"error.code": "PLEX_UNAVAILABLE", "error.retry_after_s": 7.0},
    ),
)


@pytest.mark.parametrize("behaviour", BEHAVIOURS, ids=lambda behaviour: behaviour.name)
def test_get_watch_history_answers_as_recorded(replays: Check, behaviour: Behaviour) -> None:
    replays("get_watch_history", behaviour)

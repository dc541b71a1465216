"""`set_watch_state` from recorded answers."""

from __future__ import annotations

import pytest

from tests.recorded.conftest import Check
from tests.recording.behaviour import Behaviour, Sample

BEHAVIOURS = (
    Behaviour(
        name="marks_a_movie_watched",
        arguments={"media_id": Sample("movie", "Charade"), "state": "watched"},
        writes=True,
        truth={"title": "Charade", "watched": True, "views": 1},
    ),
    Behaviour(
        name="marks_a_movie_unwatched",
        arguments={"media_id": Sample("movie", "The General"), "state": "unwatched"},
        writes=True,
        truth={"title": "The General", "watched": False, "user_rating": 9.0},
    ),
    Behaviour(
        name="leaves_alone_what_is_watched_already",
        arguments={"media_id": Sample("movie", "Sintel"), "state": "watched"},
        standin_only=True,
        writes=True,
        truth={"title": "Sintel", "watched": True, "views": 1},
    ),
    Behaviour(
        name="marks_all_of_a_show",
        arguments={"media_id": Sample("show", "Pip & Moss"), "state": "watched"},
        writes=True,
        truth={"title": "Pip & Moss", "watched": True, "unwatched": None},
    ),
    Behaviour(
        name="rates",
        arguments={"media_id": Sample("movie", "Nosferatu"), "rating": 8.5},
        writes=True,
        truth={"title": "Nosferatu", "user_rating": 8.5, "watched": False},
    ),
    Behaviour(
        name="refuses_to_mark_a_playlist",
        arguments={"media_id": Sample("playlist", "Rainy Sunday"), "state": "watched"},
        writes=True,
        truth={"error.code": "INVALID_ARGUMENT"},
    ),
    Behaviour(
        name="knows_no_such_item",
        arguments={"media_id": "99999999", "state": "watched"},
        writes=True,
        truth={"error.code": "NOT_FOUND"},
    ),
)


@pytest.mark.parametrize("behaviour", BEHAVIOURS, ids=lambda behaviour: behaviour.name)
def test_set_watch_state_answers_as_recorded(replays: Check, behaviour: Behaviour) -> None:
    replays("set_watch_state", behaviour)

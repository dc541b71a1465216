"""`get_recently_added` from recorded answers."""

from __future__ import annotations

import pytest

from tests.recorded.conftest import Check
from tests.recording.behaviour import Behaviour, faulty

BEHAVIOURS = (
    Behaviour(
        name="lists_what_is_new_everywhere",
        arguments={"limit": 5},
        truth={
            "items.*.title": ["Wing It!", "Season 3", "Sintel", "Slow Weather", "Season 2"],
            "items.*.type": ["movie", "season", "movie", "album", "season"],
            "items.1.show": "The Lighthouse Keepers",
        },
    ),
    Behaviour(
        name="lists_new_movies",
        arguments={"library": "Movies", "days": 7},
        truth={
            "items.*.title": [
                "Wing It!",
                "Sintel",
                "Big Buck Bunny",
                "The General",
                "Sprite Fright",
                "His Girl Friday",
            ],
            "total": 6,
        },
    ),
    Behaviour(
        name="lists_everything_of_the_last_two_days",
        arguments={"days": 2},
        truth={"items.*.title": ["Wing It!", "Season 3", "Sintel", "Slow Weather"]},
    ),
    Behaviour(
        name="folds_the_episodes_of_a_show",
        arguments={"library": "TV Shows", "limit": 3},
        truth={"items.0.title": "The Lighthouse Keepers", "items.0.latest": "S03E03 Wreckers"},
    ),
    Behaviour(
        name="lists_new_albums",
        arguments={"library": "Music", "limit": 3},
        truth={"items.*.title": ["Slow Weather", "Winter Almanac", "Segfault Serenade"], "items.*.type": ["album"] * 3},
    ),
    Behaviour(
        name="lists_new_photos",
        arguments={"media_type": "photo", "limit": 4},
        truth={"items.#": 4, "items.*.type": ["photo"] * 4, "total": 9},
    ),
    Behaviour(
        name="gives_a_first_page",
        arguments={"media_type": "movie", "library": "Movies", "limit": 2},
        truth={"items.*.title": ["Wing It!", "Sintel"], "next_cursor": "2", "total": 26},
    ),
    Behaviour(
        name="gives_a_second_page",
        arguments={"media_type": "movie", "library": "Movies", "limit": 2, "cursor": "2"},
        truth={"items.*.title": ["Big Buck Bunny", "The General"], "next_cursor": "4", "total": 26},
    ),
    Behaviour(
        name="finds_nothing_new",
        arguments={"library": "Photos", "days": 1},
        truth={"items": [], "total": 0},
    ),
    Behaviour(
        name="refuses_a_type_that_a_library_cannot_hold",
        arguments={"library": "Music", "media_type": "movie"},
        truth={"error.code": "INVALID_ARGUMENT"},
    ),
    Behaviour(
        name="tells_that_an_answer_is_cut",
        prepare=faulty("truncated_xml", "/library/recentlyAdded*"),
        truth={"error.code": "PLEX_BAD_ANSWER"},
    ),
)


@pytest.mark.parametrize("behaviour", BEHAVIOURS, ids=lambda behaviour: behaviour.name)
def test_get_recently_added_answers_as_recorded(replays: Check, behaviour: Behaviour) -> None:
    replays("get_recently_added", behaviour)

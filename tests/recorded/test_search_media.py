"""`search_media` from recorded answers."""

from __future__ import annotations

import pytest

from tests.recorded.conftest import Check
from tests.recording.behaviour import Behaviour, Sample, faulty

BEHAVIOURS = (
    Behaviour(
        name="finds_by_a_bare_title",
        arguments={"query": "the lighthouse"},
        truth={"items.0.title": "The Lighthouse Keepers", "items.0.type": "show"},
    ),
    Behaviour(
        name="finds_a_movie",
        arguments={"query": Sample("movie", "Charade", of="title"), "media_type": "movie"},
        truth={"items.*.title": ["Charade"], "items.0.year": 1963, "items.0.minutes": 113, "total": 1},
    ),
    Behaviour(
        name="finds_without_accents",
        arguments={"query": "haxan", "media_type": "movie"},
        truth={"items.*.title": ["Häxan"]},
    ),
    Behaviour(
        name="finds_nothing",
        arguments={"query": "zweihundert Krokodile", "media_type": "movie"},
        truth={"total": 0, "items": [], "next_cursor": None},
    ),
    Behaviour(
        name="suggests_unwatched_comedies",
        arguments={"genre": "Comedy", "watched": "unwatched", "max_minutes": 120, "sort": "title"},
        truth={
            "items.*.title": [
                "Agent 327: Operation Barbershop",
                "Big Buck Bunny",
                "Caminandes: Llamigos",
                "Charade",
                "Safety Last!",
                "Sherlock Jr.",
                "Sprite Fright",
                "Wing It!",
            ],
            "total": 8,
        },
    ),
    Behaviour(
        name="gives_a_first_page",
        arguments={"genre": "Horror", "sort": "year", "limit": 3},
        truth={
            "items.*.title": ["Sprite Fright", "Night of the Living Dead", "The Phantom of the Opera"],
            "total": 6,
            "next_cursor": "3",
        },
    ),
    Behaviour(
        name="gives_the_last_page",
        arguments={"genre": "Horror", "sort": "year", "limit": 3, "cursor": "3"},
        truth={"items.*.year": [1922, 1922, 1920], "total": 6, "next_cursor": None},
    ),
    Behaviour(
        name="finds_by_actor",
        arguments={"actor": "Cary Grant", "sort": "year"},
        truth={"items.*.title": ["Charade", "His Girl Friday"]},
    ),
    Behaviour(
        name="finds_by_two_directors",
        arguments={"director": "Fritz Lang, Howard Hawks", "sort": "year"},
        truth={"items.*.title": ["His Girl Friday", "Metropolis"]},
    ),
    Behaviour(
        name="finds_what_is_half_watched",
        arguments={"watched": "in_progress", "media_type": "movie", "sort": "title"},
        truth={"items.*.title": ["Charade", "Metropolis"], "items.*.progress_pct": [42, 71]},
    ),
    Behaviour(
        name="finds_what_is_new_in_a_library",
        arguments={"library": "movies", "added_within_days": 7, "sort": "newest"},
        truth={
            "items.*.title": [
                "Wing It!",
                "Sprite Fright",
                "Sintel",
                "Big Buck Bunny",
                "His Girl Friday",
                "The General",
            ],
        },
    ),
    Behaviour(
        name="finds_4k",
        arguments={"resolution": "4k", "media_type": "movie", "sort": "title"},
        truth={"items.*.title": ["Big Buck Bunny", "The Daily Dweebs", "Sintel", "Spring", "Tears of Steel"]},
    ),
    Behaviour(
        name="finds_an_episode_by_its_number",
        arguments={"query": "Lighthouse Keepers S02E03"},
        truth={"items.*.title": ["Paraffin"], "items.0.season": 2, "items.0.episode": 3},
    ),
    Behaviour(
        name="finds_a_track",
        arguments={"query": "salt", "media_type": "track"},
        truth={
            "items.*.title": ["Salt on the Road"],
            "items.0.album": "Winter Almanac",
            "items.0.artist": "The Paper Lanterns",
        },
    ),
    Behaviour(
        name="lists_albums_by_year",
        arguments={"media_type": "album", "library": "Music", "sort": "year"},
        truth={
            "items.*.title": [
                "Slow Weather",
                "Winter Almanac",
                "Segfault Serenade",
                "Jökull",
                "Harbour Songs",
                "Deductible",
                "Études for Four",
            ],
        },
    ),
    Behaviour(
        name="finds_a_photo",
        arguments={"query": "frost", "media_type": "photo", "library": "Photos"},
        truth={"items.*.title": ["Frost on kale"], "items.0.type": "photo"},
    ),
    Behaviour(
        name="finds_home_videos",
        arguments={"media_type": "clip", "sort": "title"},
        truth={"items.*.title": ["First snow on the hill", "Garden in the rain"]},
    ),
    Behaviour(
        name="lists_playlists",
        arguments={"media_type": "playlist", "sort": "title"},
        truth={"items.*.title": ["Fresh Tracks", "Rainy Sunday"]},
    ),
    Behaviour(
        name="names_the_genres_there_are",
        arguments={"genre": "Zeppelin", "media_type": "movie"},
        truth={"error.code": "INVALID_ARGUMENT"},
    ),
    Behaviour(
        name="names_the_libraries_there_are",
        arguments={"library": "Cellar", "query": "x"},
        truth={"error.code": "INVALID_ARGUMENT"},
    ),
    Behaviour(
        name="finds_no_music_with_the_token_of_somebody_without_music",
        arguments={"query": "salt", "media_type": "track"},
        as_guest=True,
        truth={"total": 0, "items": []},
    ),
    Behaviour(
        name="tells_that_something_else_answers",
        arguments={"query": "charade", "media_type": "movie"},
        prepare=faulty("html_200", "/library/all*"),
        truth={"error.code": "PLEX_BAD_ANSWER"},
    ),
)


@pytest.mark.parametrize("behaviour", BEHAVIOURS, ids=lambda behaviour: behaviour.name)
def test_search_media_answers_as_recorded(replays: Check, behaviour: Behaviour) -> None:
    replays("search_media", behaviour)

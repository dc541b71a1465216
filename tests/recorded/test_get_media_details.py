"""`get_media_details` from recorded answers."""

from __future__ import annotations

import pytest

from tests.recorded.conftest import Check
from tests.recording.behaviour import Behaviour, Sample, faulty

BEHAVIOURS = (
    Behaviour(
        name="tells_about_a_movie",
        arguments={"media_id": Sample("movie", "Charade")},
        truth={
            "title": "Charade",
            "type": "movie",
            "year": 1963,
            "minutes": 113,
            "cast_total": 5,
            "progress_pct": 42,
            "directors": ["Stanley Donen"],
        },
    ),
    Behaviour(
        name="cuts_a_long_cast_to_ten",
        arguments={"media_id": Sample("movie", "His Girl Friday")},
        truth={"cast.#": 10, "cast_total": 17, "watched": True},
    ),
    Behaviour(
        name="leaves_the_cast_out",
        arguments={"media_id": Sample("movie", "Metropolis"), "include_cast": False},
        truth={"title": "Metropolis", "cast": None, "edition": "Restored"},
    ),
    Behaviour(
        name="tells_versions_and_chapters",
        arguments={
            "media_id": Sample("movie", "Big Buck Bunny"),
            "include_chapters": True,
            "include": ["versions"],
        },
        truth={"versions.#": 2, "chapters.#": 4},
    ),
    Behaviour(
        name="shows_a_poster",
        arguments={"media_id": Sample("movie", "Sintel"), "include": ["poster"]},
        truth={"title": "Sintel"},
    ),
    Behaviour(
        name="tells_about_a_show_and_what_is_next",
        arguments={"media_id": Sample("show", "The Lighthouse Keepers")},
        truth={
            "title": "The Lighthouse Keepers",
            "seasons.*.season": [0, 1, 2, 3],
            "seasons.*.count": [2, 6, 6, 3],
            "next_episode.title": "Nora's Log",
            "latest_episode.title": "Wreckers",
        },
    ),
    Behaviour(
        name="tells_about_a_season",
        arguments={"media_id": Sample("season", "Season 2"), "include": ["children"]},
        truth={"type": "season"},
    ),
    Behaviour(
        name="tells_about_an_episode",
        arguments={"media_id": Sample("episode", "Paraffin")},
        truth={"type": "episode", "show": "The Lighthouse Keepers", "season": 2, "episode": 3, "watched": True},
    ),
    Behaviour(
        name="lists_the_tracks_of_an_album",
        arguments={"media_id": Sample("album", "Slow Weather"), "include": ["children"]},
        truth={"children.*.title": ["Isobar", "Föhn", "Petrichor"], "artist": "Ólafía Berg", "children_total": 3},
    ),
    Behaviour(
        name="lists_the_albums_of_an_artist",
        arguments={"media_id": Sample("artist", "The Paper Lanterns"), "include": ["children"]},
        truth={"children.#": 2, "children_total": 2},
    ),
    Behaviour(
        name="tells_about_a_photo",
        arguments={"media_id": Sample("photo", "Stile")},
        truth={"type": "photo", "title": "Stile"},
    ),
    Behaviour(
        name="lists_the_members_of_a_collection",
        arguments={"media_id": Sample("collection", "Midnight Horror"), "include": ["children"]},
        truth={
            "children.*.title": [
                "The Cabinet of Dr. Caligari",
                "Nosferatu",
                "Häxan",
                "The Phantom of the Opera",
                "Night of the Living Dead",
                "Sprite Fright",
            ],
        },
    ),
    Behaviour(
        name="lists_the_items_of_a_playlist",
        arguments={"media_id": Sample("playlist", "Rainy Sunday"), "include": ["children"]},
        truth={"children.*.title": ["Charade", "Sherlock Jr.", "Spring", "The General"]},
    ),
    Behaviour(
        name="finds_similar_movies",
        arguments={"media_id": Sample("movie", "Nosferatu"), "include": ["similar"]},
        truth={"title": "Nosferatu"},
    ),
    Behaviour(
        name="knows_no_such_item",
        arguments={"media_id": "99999999"},
        truth={"error.code": "NOT_FOUND"},
    ),
    Behaviour(
        name="tells_that_the_token_is_refused",
        arguments={"media_id": "1"},
        prepare=faulty("status", "/library/metadata/*", code=401),
        truth={"error.code": "PLEX_REFUSED_TOKEN", "error.temporary": False},
    ),
)


@pytest.mark.parametrize("behaviour", BEHAVIOURS, ids=lambda behaviour: behaviour.name)
def test_get_media_details_answers_as_recorded(replays: Check, behaviour: Behaviour) -> None:
    replays("get_media_details", behaviour)

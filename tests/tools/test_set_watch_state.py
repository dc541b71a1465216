"""Marking and rating: the owner's account, read back, and never twice."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from plex_mcp.errors import InvalidArgument, NotFound
from plex_mcp.tools._catalogue import load_tools
from tests.tools.household import Household, household


@pytest.fixture
def home() -> Iterator[Household]:
    with household() as running:
        yield running


def views(home: Household, title: str, kind: str) -> int:
    return home.plex.home.views.of(1, home.plex.library.find(title, kind)).view_count


def commands(home: Household) -> list[str]:
    return [path.split("?")[0] for path in home.plex.counters.paths if "/:/" in path]


def test_an_episode_is_marked_watched_and_read_back(home: Household) -> None:
    answer = home.call("set_watch_state", media_id=home.media_id("Nora's Log", "episode"), state="watched")
    assert answer == {
        "media_id": home.media_id("Nora's Log", "episode"),
        "type": "episode",
        "title": "Nora's Log",
        "show": "The Lighthouse Keepers",
        "watched": True,
        "changed": "marked watched",
        "views": 1,
    }
    assert views(home, "Nora's Log", "episode") == 1


def test_what_is_watched_already_is_not_counted_again(home: Household) -> None:
    media_id = home.media_id("The General", "movie")
    answer = home.call("set_watch_state", media_id=media_id, state="watched")
    assert answer["watched"] is True
    assert commands(home) == []
    assert views(home, "The General", "movie") == 1


def test_a_show_is_marked_with_all_its_episodes(home: Household) -> None:
    media_id = home.media_id("The Lighthouse Keepers", "show")
    assert home.call("set_watch_state", media_id=media_id, state="watched")["watched"] is True
    again = home.call("set_watch_state", media_id=media_id, state="unwatched")
    assert (again["watched"], again["unwatched"]) == (False, 17)


def test_a_rating_is_set_alone_or_with_a_state(home: Household) -> None:
    media_id = home.media_id("Nosferatu", "movie")
    assert home.call("set_watch_state", media_id=media_id, rating=7.5)["user_rating"] == 7.5
    assert commands(home) == ["PUT /:/rate"]
    both = home.call("set_watch_state", media_id=media_id, rating=9, state="watched")
    assert (both["user_rating"], both["watched"], both["changed"]) == (9.0, True, "marked watched and rated 9 of 10")


def test_music_can_be_marked_and_photos_rated(home: Household) -> None:
    assert home.call("set_watch_state", media_id=home.media_id("Vatn", "track"), state="watched")["watched"] is True
    assert home.call("set_watch_state", media_id=home.media_id("Shed door", "photo"), rating=8)["user_rating"] == 8.0


@pytest.mark.parametrize(("title", "kind"), [("Deductible", "album"), ("Brass Tax", "artist")])
def test_an_album_or_artist_that_was_marked_is_said_to_be(home: Household, title: str, kind: str) -> None:
    media_id = home.media_id(title, kind)
    track = next(home.plex.library.find(title, kind).leaves())
    home.call("set_watch_state", media_id=str(track.rating_key), state="watched")
    assert home.call("set_watch_state", media_id=media_id, rating=5)["watched"] is (kind == "artist")
    marked = home.call("set_watch_state", media_id=media_id, state="watched")
    assert (marked["watched"], marked["changed"]) == (True, "marked watched")
    assert commands(home) == ["GET /:/scrobble"]
    assert all(views(home, leaf.title, "track") for leaf in home.plex.library.find(title, kind).leaves())
    assert home.call("set_watch_state", media_id=media_id, state="unwatched")["watched"] is False


def test_an_album_that_was_played_throughout_is_not_counted_again(home: Household) -> None:
    media_id = home.media_id("Deductible", "album")
    for _ in range(2):
        home.call("set_watch_state", media_id=media_id, state="watched")
    assert commands(home) == []


def test_what_cannot_be_marked_is_refused_before_anything_is_sent(home: Household) -> None:
    error = home.fails(
        InvalidArgument, "set_watch_state", media_id=home.media_id("Midnight Horror", "collection"), state="watched"
    )
    assert "collection" in error.message
    assert commands(home) == []


def test_an_unknown_id_is_not_marked(home: Household) -> None:
    home.fails(NotFound, "set_watch_state", media_id="999999", state="watched")
    assert commands(home) == []


def test_a_server_that_only_reads_hides_it() -> None:
    assert {"set_watch_state", "control_playback"}.isdisjoint(load_tools(read_only=True))

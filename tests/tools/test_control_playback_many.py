"""Starting several things at once: albums, artists, playlists, collections, shuffled or in their order."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import pytest

from plex_mcp.plex import commands
from tests.tools.household import LIVING_ROOM, STUDY, Household, household


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(commands, "PAUSES_S", (0.0, 0.0))


@pytest.fixture
def home() -> Iterator[Household]:
    with household() as running:
        running.silence()
        yield running


def play(home: Household, title: str, kind: str, **arguments: object) -> dict[str, object]:
    return home.control("play", client="Living Room TV", media_id=home.media_id(title, kind), **arguments)


def now_playing(home: Household, client_id: str = LIVING_ROOM) -> tuple[str, int]:
    """Title and position in seconds, from the stand-in."""
    session = home.session(client_id)
    return session.item.title, session.offset_ms(home.plex.clock()) // 1000


@pytest.mark.parametrize("kind", ["album", "artist"])
def test_music_plays_as_music(home: Household, kind: str) -> None:
    album = home.plex.library.find("Slow Weather", "album")
    item = album if kind == "album" else album.parent
    answer = home.control("play", client="Study Plexamp", media_id=str(item.rating_key))
    session = home.session(STUDY)
    assert session.item is next(iter(item.leaves()))
    assert [track.title for track in session.queue.items] == [leaf.title for leaf in item.leaves()]
    assert answer["confirmed"] is True
    command = parse_qs(urlsplit(next(path for path in home.sent() if "playMedia" in path)).query)
    assert command["type"] == ["music"]


def test_shuffle_shuffles_the_whole_of_it(home: Household) -> None:
    answer = play(home, "The Lighthouse Keepers", "show", shuffle=True)
    queue = home.session(LIVING_ROOM).queue
    assert queue.shuffled is True
    assert len(queue.items) == 17
    assert answer["confirmed"] is True
    assert "shuffled" in answer["sent"]


def test_a_playlist_plays_in_its_order(home: Household) -> None:
    playlist = next(one for one in home.plex.library.playlists.values() if one.title == "Rainy Sunday")
    answer = home.control("play", client="tv", media_id=str(playlist.rating_key))
    assert [item.title for item in home.session(LIVING_ROOM).queue.items] == [item.title for item in playlist.items]
    assert answer["item"]["title"] == "Rainy Sunday"
    assert answer["session"]["item"]["title"] == "Charade"
    assert answer["confirmed"] is True


def test_a_collection_plays_its_members(home: Household) -> None:
    collection = home.plex.library.find("Blender Open Films", "collection")
    answer = play(home, "Blender Open Films", "collection")
    assert home.session(LIVING_ROOM).queue.items == list(collection.leaves())
    assert answer["confirmed"] is True


def test_a_track_and_a_photo_album_play_too(home: Household) -> None:
    track = next(iter(home.plex.library.find("Slow Weather", "album").leaves()))
    home.control("play", client="Study Plexamp", media_id=str(track.rating_key))
    assert now_playing(home, STUDY)[0] == track.title
    album = home.plex.library.of_kind("photoalbum")[0]
    answer = home.control("play", client="tv", media_id=str(album.rating_key))
    assert home.session(LIVING_ROOM).item.kind == "photo"
    assert answer["confirmed"] is True

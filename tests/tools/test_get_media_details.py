"""Details: facts per type, never paths, addresses or tokens."""

from __future__ import annotations

import json
from collections.abc import Iterator
from time import monotonic

import pytest

from plex_mcp.errors import NotFound
from plex_mcp.plex.session import CallScope, call_scope
from tests.tools.household import TOOLS, Household, household


@pytest.fixture(scope="module")
def home() -> Iterator[Household]:
    with household() as running:
        yield running


def test_a_movie_is_told_with_cast_languages_ids_and_state(home: Household) -> None:
    answer = home.call("get_media_details", media_id=home.media_id("Charade", "movie"))
    assert home.requests == 1
    assert answer["title"] == "Charade"
    assert answer["directors"] == ["Stanley Donen"]
    assert answer["cast"][0]["name"] == "Cary Grant"
    assert answer["cast_total"] == len(answer["cast"]) <= 10
    assert answer["genres"] == ["Comedy", "Mystery", "Romance"]
    assert answer["position_s"] == 2847
    assert answer["progress_pct"] == 42
    assert answer["resolution"] == "1080"
    assert "English" in answer["audio_languages"]
    assert answer["imdb"].startswith("tt")
    assert "versions" not in answer
    assert "chapters" not in answer


def test_cast_is_left_out_on_request(home: Household) -> None:
    answer = home.call("get_media_details", media_id=home.media_id("Charade", "movie"), include_cast=False)
    assert "cast" not in answer
    assert "cast_total" not in answer


def test_chapters_and_markers_are_told_on_request_in_seconds(home: Household) -> None:
    answer = home.call("get_media_details", media_id=home.media_id("Charade", "movie"), include_chapters=True)
    starts = [chapter["start_s"] for chapter in answer["chapters"]]
    assert starts == sorted(starts)
    assert starts[-1] < 113 * 60
    episode = home.call("get_media_details", media_id=home.media_id("Landfall", "episode"), include_chapters=True)
    assert {marker["title"] for marker in episode["markers"]} >= {"credits"}


def test_versions_name_resolution_codec_and_languages(home: Household) -> None:
    answer = home.call("get_media_details", media_id=home.media_id("Sintel", "movie"), include=["versions"])
    assert [version["resolution"] for version in answer["versions"]] == ["4k", "1080"]
    first = answer["versions"][0]
    assert first["hdr"] == "HDR10"
    assert first["size_gb"] > 0
    assert any("English" in track for track in first["audio"])
    assert first["subtitles"]


def test_a_show_names_its_seasons_the_next_and_the_latest_episode_in_two_requests(home: Household) -> None:
    answer = home.call("get_media_details", media_id=home.media_id("The Lighthouse Keepers", "show"))
    assert home.requests == 2
    assert (answer["count"], answer["unwatched"]) == (17, 7)
    assert answer["next_episode"]["title"] == "Nora's Log"
    assert answer["next_episode"]["media_id"] == home.media_id("Nora's Log", "episode")
    assert answer["latest_episode"]["title"] == "Wreckers"
    assert [season["season"] for season in answer["seasons"]] == [0, 1, 2, 3]
    assert answer["seasons"][3]["unwatched"] == 3


def test_a_show_nobody_began_has_its_first_episode_next(home: Household) -> None:
    answer = home.call("get_media_details", media_id=home.media_id("Pip & Moss", "show"))
    assert answer["next_episode"]["title"] == "Rain"
    assert answer["latest_episode"]["title"] == "Good Night"


def test_a_season_names_its_next_episode_and_its_show(home: Household) -> None:
    season = home.plex.library.find("The Lighthouse Keepers", "show").children[2]
    answer = home.call("get_media_details", media_id=str(season.rating_key), include=["children"])
    assert home.requests == 1
    assert answer["show"] == "The Lighthouse Keepers"
    assert answer["next_episode"]["episode"] == 5
    assert [child["episode"] for child in answer["children"]] == [1, 2, 3, 4, 5, 6]
    assert answer["children_total"] == 6


@pytest.mark.parametrize(
    ("title", "kind", "facts", "children", "requests"),
    [
        ("Ólafía Berg", "artist", {"type": "artist", "count": 2}, ["Jökull", "Slow Weather"], 1),
        ("Jökull", "album", {"artist": "Ólafía Berg", "year": 2020, "count": 4}, ["Ís", "Vatn", "Steinn", "Ljós"], 1),
        ("Vatn", "track", {"artist": "Ólafía Berg", "album": "Jökull"}, None, 1),
        ("Allotment", "photoalbum", {"type": "photo"}, ["First beans", "Shed door", "Frost on kale"], 2),
        ("Shed door", "photo", {"type": "photo"}, None, 2),
        ("Midnight Horror", "collection", {"type": "collection", "count": 6}, 6, 2),
        ("Garden in the rain", "movie", {"library": "Home Videos"}, None, 1),
    ],
)
def test_every_type_is_told_with_what_is_inside(
    home: Household, title: str, kind: str, facts: dict[str, object], children: object, requests: int
) -> None:
    answer = home.call("get_media_details", media_id=home.media_id(title, kind), include=["children"])
    assert home.requests == requests
    assert answer["title"] == title
    assert {name: answer[name] for name in facts} == facts
    if isinstance(children, int):
        assert len(answer["children"]) == children
    elif children is not None:
        assert [child["title"] for child in answer["children"]] == children


def test_a_playlist_is_told_with_its_items(home: Household) -> None:
    playlist = next(p for p in home.plex.library.playlists.values() if p.title == "Rainy Sunday")
    answer = home.call("get_media_details", media_id=str(playlist.rating_key), include=["children"])
    assert (answer["type"], answer["count"], len(answer["children"])) == ("playlist", 4, 4)


def test_similar_items_carry_their_ids(home: Household) -> None:
    answer = home.call("get_media_details", media_id=home.media_id("Nosferatu", "movie"), include=["similar"])
    assert home.requests == 2
    assert 0 < len(answer["similar"]) <= 10
    assert all(item["media_id"] for item in answer["similar"])


def run_with_images(home: Household, media_id: str) -> tuple[dict[str, object], tuple[object, ...]]:
    tool = TOOLS["get_media_details"]
    with call_scope(CallScope(deadline=monotonic() + 8)):
        result = tool.run(home.client, tool.parse({"media_id": media_id, "include": ["poster"]}))
    return result.structured, result.images


def test_the_poster_comes_as_an_image_of_at_most_100_kb(home: Household) -> None:
    _, images = run_with_images(home, home.media_id("Charade", "movie"))
    assert len(images) == 1
    assert images[0].mime_type in {"image/jpeg", "image/png"}
    assert 0 < len(images[0].data) <= 100_000
    assert home.plex.counters.tokens_in_urls == []


def test_a_poster_that_is_too_large_is_asked_for_smaller_then_left_out(
    home: Household, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("plex_mcp.plex.pictures.POSTER_MAX_BYTES", 10)
    home.plex.counters.reset()
    structured, images = run_with_images(home, home.media_id("Charade", "movie"))
    assert images == ()
    assert "poster" in str(structured["note"])
    widths = [path for path in home.plex.counters.paths if "/photo/" in path]
    assert len(widths) == 3


def test_a_poster_that_plex_does_not_find_is_left_out(home: Household) -> None:
    home.plex.faults.add("status", path="/photo/:/transcode", code=404)
    try:
        structured, images = run_with_images(home, home.media_id("Charade", "movie"))
    finally:
        home.plex.faults.clear()
    assert images == ()
    assert "poster" in str(structured["note"])


def test_an_unknown_id_is_not_found_and_says_what_to_do(home: Household) -> None:
    error = home.fails(NotFound, "get_media_details", media_id="999999")
    assert "999999" in error.message
    assert "search_media" in str(error.suggestion)


def test_no_answer_holds_paths_addresses_or_tokens(home: Household) -> None:
    everything = []
    for item in list(home.plex.library.items.values())[::5]:
        arguments = {"include": ["children", "versions", "similar"], "include_chapters": True}
        everything.append(home.call("get_media_details", media_id=str(item.rating_key), **arguments))
    text = json.dumps(everything)
    for forbidden in ("/data/", "file=", "127.0.0.1", "http", "thumb", home.plex.token, home.plex.guest_token):
        assert forbidden not in text

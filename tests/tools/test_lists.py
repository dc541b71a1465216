"""Libraries, recently added, on deck and history."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from plex_mcp.errors import InvalidArgument, NotFound, PlexForbidden
from plex_mcp.standin import Clock
from tests.tools.household import Household, household


@pytest.fixture(scope="module")
def home() -> Iterator[Household]:
    with household(clock=Clock(time.time)) as running:
        yield running


def test_libraries_are_listed_with_ids_types_and_counts(home: Household) -> None:
    answer = home.call("list_libraries")
    assert answer["total"] == 5
    assert [(entry["title"], entry["media_type"], entry["count"]) for entry in answer["items"]] == [
        ("Movies", "movie", 26),
        ("TV Shows", "show", 5),
        ("Music", "artist", 5),
        ("Photos", "photo", 9),
        ("Home Videos", "movie", 2),
    ]
    assert [entry["library_id"] for entry in answer["items"] if entry.get("home_videos")] == ["5"]


def test_a_new_library_is_seen_at_the_next_call(home: Household) -> None:
    section = home.plex.library.section("movie", "Documentaries")
    try:
        assert "Documentaries" in [entry["title"] for entry in home.call("list_libraries")["items"]]
    finally:
        del home.plex.library.sections[section.key]


def test_everything_recently_added_is_newest_first_and_names_its_library(home: Household) -> None:
    answer = home.call("get_recently_added", limit=50)
    added = [item["added"] for item in answer["items"]]
    assert added == sorted(added, reverse=True)
    assert {item["library"] for item in answer["items"]} >= {"Movies", "TV Shows", "Music"}
    assert all(item["media_id"] for item in answer["items"])


def test_episodes_of_one_show_are_one_entry_that_names_the_latest(home: Household) -> None:
    answer = home.call("get_recently_added", library="TV Shows", days=40)
    shows = [item["title"] for item in answer["items"]]
    assert len(shows) == len(set(shows)) == 4
    assert answer["total"] == sum(item["new_episodes"] for item in answer["items"])
    entry = answer["items"][0]
    assert entry["type"] == "show"
    assert entry["media_id"] == home.media_id("The Lighthouse Keepers", "show")
    assert entry["latest"] == "S03E03 Wreckers"
    assert entry["latest_id"] == home.media_id("Wreckers", "episode")


def test_a_single_new_episode_is_itself(home: Household) -> None:
    answer = home.call("get_recently_added", library="TV Shows", days=4)
    assert [(item["type"], item["title"]) for item in answer["items"]] == [
        ("episode", "Wreckers"),
        ("episode", "Blight"),
    ]


def test_days_limit_the_list_with_and_without_a_library(home: Household) -> None:
    oldest = datetime.fromtimestamp(time.time() - 8 * 86400, UTC).date().isoformat()
    everything = home.call("get_recently_added", days=7, limit=50)
    movies = home.call("get_recently_added", days=7, media_type="movie", limit=50)
    for answer in (everything, movies):
        assert answer["items"]
        assert all(item["added"] >= oldest for item in answer["items"])
        assert "next_cursor" not in answer
    assert home.call("get_recently_added", limit=50)["total"] > everything["total"]


@pytest.mark.parametrize("limit", [1, 5, 50])
def test_total_of_the_last_days_does_not_depend_on_the_page(home: Household, limit: int) -> None:
    whole = home.call("get_recently_added", days=30, limit=50)
    assert whole["total"] < home.call("get_recently_added")["total"]
    seen, cursor = [], {}
    while True:
        answer = home.call("get_recently_added", days=30, limit=limit, **cursor)
        assert (answer["total"], home.requests) == (whole["total"], 1)
        assert "note" not in answer
        seen += [item["media_id"] for item in answer["items"]]
        if "next_cursor" not in answer:
            break
        cursor = {"cursor": answer["next_cursor"]}
    assert {item["media_id"] for item in whole["items"]} <= set(seen)


def test_arrivals_of_many_days_are_said_to_be_counted_in_part(home: Household, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("plex_mcp.tools.get_recently_added._MOST", 10)
    answer = home.call("get_recently_added", days=30, limit=50)
    assert answer["total"] == 10
    assert answer["note"].startswith("total counts only the newest 10")
    assert answer["next_cursor"] == "10"
    last = home.call("get_recently_added", days=30, limit=50, cursor="9999999")
    assert last["items"] == []
    assert "next_cursor" not in last


def test_pages_of_recently_added_cover_all_arrivals(home: Household) -> None:
    seen: list[str] = []
    cursor: str | None = None
    for _ in range(30):
        more = {"cursor": cursor} if cursor else {}
        answer = home.call("get_recently_added", media_type="movie", limit=4, **more)
        assert len(answer["items"]) <= 4
        seen += [item["media_id"] for item in answer["items"]]
        cursor = answer.get("next_cursor")
        if cursor is None:
            break
    assert len(seen) == len(set(seen)) == answer["total"] == 28


@pytest.mark.parametrize(
    ("media_type", "kinds"),
    [
        ("album", {"album"}),
        ("track", {"track"}),
        ("photo", {"photo"}),
        ("episode", {"episode", "show"}),
        ("clip", {"movie"}),
        ("playlist", {"playlist"}),
    ],
)
def test_music_photos_and_home_videos_are_among_what_is_new(home: Household, media_type: str, kinds: set[str]) -> None:
    answer = home.call("get_recently_added", media_type=media_type)
    assert answer["items"]
    assert {item["type"] for item in answer["items"]} <= kinds


def test_a_library_that_cannot_hold_the_type_is_refused(home: Household) -> None:
    error = home.fails(InvalidArgument, "get_recently_added", library="Music", media_type="movie")
    assert "Music" in error.message
    assert "artist" in error.message


def test_on_deck_tells_progress_and_what_comes_next(home: Household) -> None:
    answer = home.call("get_on_deck")
    found = {item["title"]: item for item in answer["items"]}
    assert found["Charade"]["progress_pct"] == 42
    assert found["Nora's Log"]["progress_pct"] == 35
    assert found["Nora's Log"]["show"] == "The Lighthouse Keepers"
    assert "progress_pct" not in found["The Long Day"]


@pytest.mark.parametrize(
    ("media_type", "kinds"), [("movie", {"movie"}), ("show", {"episode"}), ("episode", {"episode"})]
)
def test_on_deck_can_be_of_one_kind_or_one_library(home: Household, media_type: str, kinds: set[str]) -> None:
    answer = home.call("get_on_deck", media_type=media_type)
    assert {item["type"] for item in answer["items"]} == kinds
    assert answer["total"] == len(answer["items"])
    library = "Movies" if media_type == "movie" else "TV Shows"
    assert home.call("get_on_deck", library=library)["items"] == [
        {name: value for name, value in item.items() if name != "library"} for item in answer["items"]
    ]


def test_history_tells_who_watched_what_and_when(home: Household) -> None:
    answer = home.call("get_watch_history")
    at = [item["at"] for item in answer["items"]]
    assert at == sorted(at, reverse=True)
    assert {item["user"] for item in answer["items"]} >= {"Robin", "Mila"}
    assert all(item["media_id"] and item["at"].endswith("Z") for item in answer["items"])


def test_history_of_a_show_is_that_of_its_episodes(home: Household) -> None:
    answer = home.call("get_watch_history", media_id=home.media_id("The Lighthouse Keepers", "show"))
    assert {item["show"] for item in answer["items"]} == {"The Lighthouse Keepers"}
    assert answer["total"] == 10


def test_history_of_an_unknown_id_does_not_pass_for_never_watched(home: Household) -> None:
    answer = home.call("get_watch_history", media_id="9999999999")
    assert (answer["items"], answer["total"]) == ([], 0)
    assert "make sure of the id with search_media" in answer["note"]
    assert "note" not in home.call("get_watch_history", media_id=home.media_id("The Lighthouse Keepers", "show"))


def test_history_of_one_type_ends_its_page_where_enough_is_found(home: Household) -> None:
    first = home.call("get_watch_history", media_type="movie", limit=2)
    assert [item["type"] for item in first["items"]] == ["movie", "movie"]
    assert "every type" in first["note"]
    second = home.call("get_watch_history", media_type="movie", limit=50, cursor=first["next_cursor"])
    ids = [item["at"] for item in first["items"] + second["items"]]
    assert len(ids) == len(set(ids))
    everything = home.call("get_watch_history", limit=50)["items"]
    assert len(ids) == sum(item["type"] == "movie" for item in everything)


def test_history_of_the_last_days_is_cut_by_plex(home: Household) -> None:
    assert home.call("get_watch_history", days=2)["total"] < home.call("get_watch_history")["total"]


def test_history_of_an_unknown_user_names_those_there_are(home: Household) -> None:
    assert "Robin, Mila, Jonas" in home.fails(NotFound, "get_watch_history", user="Zed").message


def test_history_is_the_owners_to_ask_for() -> None:
    with household(as_guest=True) as home:
        home.fails(PlexForbidden, "get_watch_history")


def _pages(home: Household, name: str, **arguments: Any) -> tuple[list[dict[str, Any]], int]:
    """All pages of a list, and the total that the last one tells; the library is said where a page has several."""
    found, cursor = [], {}
    for _ in range(60):
        answer = home.call(name, **arguments, limit=2, **cursor)
        found += [{field: value for field, value in item.items() if field != "library"} for item in answer["items"]]
        if "next_cursor" not in answer:
            return found, answer["total"]
        cursor = {"cursor": answer["next_cursor"]}
    raise AssertionError("no end")


@pytest.mark.parametrize("odd", [{1}, {0, 1, 2, 3, 4, 5}], ids=["one", "whole pages"])
@pytest.mark.parametrize(
    ("name", "arguments", "path"),
    [
        ("search_media", {"media_type": "movie", "sort": "title"}, "/library/all"),
        ("get_recently_added", {"media_type": "movie"}, "/library/all"),
        ("get_recently_added", {"days": 30}, "/library/recentlyAdded"),
        ("get_watch_history", {}, "/status/sessions/history/all"),
        ("get_watch_history", {"media_type": "episode"}, "/status/sessions/history/all"),
    ],
    ids=str,
)
def test_what_cannot_be_shown_neither_repeats_nor_hides_anything(
    home: Household, name: str, arguments: dict[str, Any], path: str, odd: set[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Plex counts into its pages what means nothing to us."""
    monkeypatch.setattr("plex_mcp.tools.get_recently_added._MOST", 4)
    monkeypatch.setattr("plex_mcp.tools.get_watch_history._READ_AT_ONCE", 4)
    plain, total = _pages(home, name, **arguments)
    asked, lost = home.client.query, set()

    def query(requested: str, **more: Any) -> Any:
        answer = asked(requested, **more)
        if requested == path:
            for place, element in enumerate(answer, int(more["headers"]["X-Plex-Container-Start"])):
                if place in odd:
                    lost.add((element.get("ratingKey"), element.get("viewedAt")))
                    element.set("type", "hologram")
        return answer

    monkeypatch.setattr(home.client, "query", query)
    found, counted = _pages(home, name, **arguments)
    assert (counted, len(lost)) == (total, len(odd))
    if arguments == {"days": 30}:  # arrivals of one show are one entry, whatever is missing of them
        assert found[-1] == plain[-1]
    elif name == "get_watch_history":
        at = {datetime.fromtimestamp(int(played), UTC).isoformat().replace("+00:00", "Z") for _, played in lost}
        assert found == [item for item in plain if item["at"] not in at]
    else:
        assert found == [item for item in plain if item["media_id"] not in {media_id for media_id, _ in lost}]

"""Search: Plex does the filtering, one request a page, titles as people say them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from plex_mcp.errors import InvalidArgument
from plex_mcp.plex.client import PlexClient
from plex_mcp.plex.session import build_session
from tests.tools.household import Household, household


@pytest.fixture(scope="module")
def home() -> Iterator[Household]:
    with household() as running:
        yield running


def titles(home: Household, **arguments: Any) -> list[str]:
    return [item["title"] for item in home.call("search_media", **arguments)["items"]]


def paths(home: Household) -> list[str]:
    """What was asked, less what Plex was asked to leave out."""
    return [path.partition("&excludeElements=")[0] for path in home.plex.counters.paths]


def test_a_title_alone_is_plexs_own_search_in_one_request(home: Household) -> None:
    answer = home.call("search_media", query="the general")
    assert answer == {
        "items": [
            {
                "media_id": home.media_id("The General", "movie"),
                "type": "movie",
                "title": "The General",
                "year": 1926,
                "minutes": 79,
                "rating": 8.1,
                "content_rating": "NR",
                "genres": ["Comedy", "Action"],
                "watched": True,
                "added": "2026-09-18",
            }
        ],
        "total": 1,
    }
    assert [path.split("?")[0] for path in paths(home)] == ["GET /hubs/search"]


@pytest.mark.parametrize(
    ("query", "title"),
    [
        ("haxan", "Häxan"),
        ("HÄXAN", "Häxan"),
        ("safety last", "Safety Last!"),
        ("general", "The General"),
        ("a general", "The General"),
        ("cafe kilometre", "Café Kilometre"),
        ("sintl", "Sintel"),
        ("Metropolis (1927)", "Metropolis"),
        ("metropolis 1927", "Metropolis"),
    ],
)
def test_titles_are_found_as_people_say_them(home: Household, query: str, title: str) -> None:
    assert title in titles(home, query=query)


@pytest.mark.parametrize(
    ("query", "title"),
    [
        ("the häxan", "Häxan"),
        ("sintl", "Sintel"),
        ("agent 327 operation barbershop", "Agent 327: Operation Barbershop"),
    ],
)
def test_a_typed_search_that_finds_nothing_asks_plexs_own_search(home: Household, query: str, title: str) -> None:
    assert titles(home, query=query, media_type="movie") == [title]
    assert home.requests <= 2


@pytest.mark.parametrize(
    "said",
    [
        "Lighthouse Keepers S02E05",
        "the lighthouse keepers season 2 episode 5",
        "episode 5 of season 2 of the lighthouse keepers",
        "lighthouse keepers 2x05",
    ],
)
def test_an_episode_said_in_a_sentence_is_one_request(home: Household, said: str) -> None:
    assert titles(home, query=said) == ["Nora's Log"]
    assert home.requests == 1


def test_plex_is_asked_to_leave_out_what_no_list_shows(home: Household) -> None:
    home.call("search_media", media_type="movie", limit=20)
    (asked,) = home.plex.counters.paths
    assert "&excludeElements=Media%2C" in asked
    assert asked.endswith("&excludeFields=summary%2Ctagline")
    home.plex.counters.reset()
    home.call("search_media", query="the general")
    (asked,) = home.plex.counters.paths
    assert "&excludeFields=summary%2Ctagline" in asked


def test_show_season_and_episode_are_predicates_sent_to_plex(home: Household) -> None:
    answer = home.call("search_media", show="The Lighthouse Keepers", season=2, episode=5)
    assert [item["media_id"] for item in answer["items"]] == [home.media_id("Nora's Log", "episode")]
    assert paths(home) == ["GET /library/all?type=4&show.title=Lighthouse+Keepers&season.index=2&episode.index=5"]


def test_a_misspelt_show_is_looked_up_and_asked_again(home: Household) -> None:
    assert titles(home, show="Lighthose Keepers", season=1, episode=1) == ["Landfall"]
    assert home.requests == 3


def test_of_two_films_of_one_title_the_year_tells_which() -> None:
    with household() as other:
        remake = other.plex.library.find("Charade", "movie")
        remake.title, remake.year = "Nosferatu", 2024
        assert next(item["year"] for item in other.call("search_media", query="nosferatu 2024")["items"]) == 2024
        assert next(item["year"] for item in other.call("search_media", query="nosferatu (1922)")["items"]) == 1922
        typed = other.call("search_media", query="nosferatu (2024)", media_type="movie")
        assert typed["items"][0]["year"] == 2024


def test_a_film_whose_title_looks_like_a_season_is_found() -> None:
    with household() as other:
        other.plex.library.find("Spring", "movie").title = "Open Season 2"
        assert titles(other, query="open season 2") == ["Open Season 2"]
        assert other.requests <= 3


def test_a_show_without_that_episode_is_an_empty_list_in_few_requests(home: Household) -> None:
    assert home.call("search_media", show="Pip & Moss", season=9, episode=9)["items"] == []
    assert home.requests <= 2
    assert home.call("search_media", show="no such show", season=1)["items"] == []
    assert home.requests <= 2


def test_an_episode_is_found_by_its_title_in_a_library_of_shows(home: Household) -> None:
    assert titles(home, query="fog signal", library="TV Shows") == ["Fog Signal"]


def test_a_season_is_searched_for_by_a_sentence_that_names_an_episode_too(home: Household) -> None:
    answer = home.call("search_media", query="lighthouse keepers s02e05", media_type="season")
    assert [item["season"] for item in answer["items"]] == [2]


def test_seasons_can_be_searched_for_themselves(home: Household) -> None:
    answer = home.call("search_media", query="lighthouse keepers season 2", media_type="season")
    assert [(item["type"], item["season"]) for item in answer["items"]] == [("season", 2)]


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ({"genre": "War"}, ["Battleship Potemkin", "The General"]),
        ({"genre": "war,HISTORY"}, ["Battleship Potemkin", "The General"]),
        ({"genre": "Horror", "year_min": 1922, "year_max": 1922}, ["Häxan", "Nosferatu"]),
        (
            {"genre": "Comedy", "year_min": 1920, "year_max": 1930, "watched": "unwatched"},
            ["Safety Last!", "Sherlock Jr."],
        ),
        ({"media_type": "movie", "watched": "in_progress"}, ["Charade", "Metropolis"]),
        ({"media_type": "movie", "watched": "watched", "genre": "Horror"}, ["Häxan"]),
        ({"actor": "buster keaton"}, ["The General", "Sherlock Jr."]),
        ({"actor": "Buster Keaton,Fritz Lang Nobody"}, InvalidArgument),
        ({"director": "Fritz Lang"}, ["Metropolis"]),
        ({"actor": "Cary Grant", "watched": "unwatched"}, ["Charade"]),
        (
            {"media_type": "movie", "max_minutes": 3},
            ["Caminandes: Llamigos", "Coffee Run", "Garden in the rain", "The Daily Dweebs"],
        ),
        ({"media_type": "movie", "min_rating": 8.2}, ["Metropolis", "Sherlock Jr."]),
        ({"content_rating": "g", "max_minutes": 2}, ["The Daily Dweebs"]),
        ({"resolution": "2160p", "content_rating": "G"}, ["Big Buck Bunny", "The Daily Dweebs", "Spring"]),
        ({"library": "Home Videos"}, ["First snow on the hill", "Garden in the rain"]),
        ({"library": "home videos", "query": "snow"}, ["First snow on the hill"]),
        ({"library": "5", "media_type": "clip"}, ["First snow on the hill", "Garden in the rain"]),
        ({"media_type": "show", "watched": "watched"}, []),
        (
            {"media_type": "show", "genre": "Mystery", "watched": "in_progress"},
            ["An Index of Small Crimes", "The Lighthouse Keepers"],
        ),
        ({"media_type": "show", "show": "Pip & Moss"}, ["Pip & Moss"]),
        ({"media_type": "artist", "query": "olafia"}, ["Ólafía Berg"]),
        ({"media_type": "album", "query": "winter almanac"}, ["Winter Almanac"]),
        ({"media_type": "track", "query": "etude no. 2"}, ["Étude No. 2"]),
        ({"media_type": "photo", "query": "shed"}, ["Shed door"]),
        ({"media_type": "playlist", "query": "rainy"}, ["Rainy Sunday"]),
        ({"media_type": "collection", "query": "horror"}, ["Midnight Horror"]),
        ({"media_type": "movie", "sort": "newest", "limit": 2}, ["Wing It!", "Charge"]),
        ({"media_type": "movie", "sort": "rating", "limit": 1}, ["Metropolis"]),
        ({"media_type": "movie", "sort": "length", "limit": 1}, ["Metropolis"]),
        ({"media_type": "movie", "sort": "year", "limit": 1}, ["Wing It!"]),
        ({"media_type": "movie", "sort": "oldest_watched", "limit": 1}, ["Häxan"]),
        ({"media_type": "movie", "added_within_days": 1}, ["Wing It!"]),
    ],
    ids=str,
)
def test_every_filter_is_plexs_and_says_what_it_means(
    home: Household, arguments: dict[str, Any], expected: Any
) -> None:
    if expected is InvalidArgument:
        home.fails(InvalidArgument, "search_media", **arguments)
    else:
        assert sorted(titles(home, **arguments)) == sorted(expected)


def test_random_order_has_no_further_page(home: Household) -> None:
    answer = home.call("search_media", media_type="movie", sort="random", limit=5)
    assert len({item["media_id"] for item in answer["items"]}) == 5
    assert answer["total"] == 28
    assert "next_cursor" not in answer


def test_pages_are_cut_by_plex_and_join_without_gap_or_repeat(home: Household) -> None:
    seen: list[str] = []
    cursor: str | None = None
    for _ in range(20):
        more = {"cursor": cursor} if cursor else {}
        answer = home.call("search_media", media_type="movie", sort="title", limit=5, **more)
        assert home.requests == 1
        seen += [item["media_id"] for item in answer["items"]]
        cursor = answer.get("next_cursor")
        if cursor is None:
            break
    assert len(seen) == answer["total"] == len(set(seen)) == 28


def test_a_show_title_ranks_the_show_that_was_named_first(home: Household) -> None:
    assert titles(home, query="pip & moss")[0] == "Pip & Moss"


@pytest.mark.parametrize(
    ("arguments", "names"),
    [
        ({"genre": "Westernn"}, ["genre", "Comedy", "Horror"]),
        ({"content_rating": "FSK 12"}, ["content_rating", "PG-13"]),
        ({"library": "Filme"}, ["library", "Movies", "TV Shows", "id 1"]),
        ({"actor": "Nobody Atall"}, ["actor"]),
        ({"actor": "Fritz Lang"}, ["actor", "Fritz Lang"]),
        ({"resolution": "8k"}, ["resolution", "4k, 1080"]),
    ],
)
def test_an_unknown_value_is_answered_with_the_valid_ones(
    home: Household, arguments: dict[str, Any], names: list[str]
) -> None:
    error = home.fails(InvalidArgument, "search_media", **arguments)
    for name in names:
        assert name in error.message


def test_nothing_among_movies_is_not_told_as_nothing_at_all(home: Household) -> None:
    answer = home.call("search_media", query="Lighthouse Keepers", watched="unwatched")
    assert answer["items"] == []
    assert answer["note"] == "Only movies were looked at; give media_type for shows, episodes or music."
    for said in ({"media_type": "movie"}, {"library": "Movies"}, {"media_type": "show", "genre": "Comedy"}):
        assert "note" not in home.call("search_media", query="no such title", year_min=2199, **said)


def test_nothing_found_is_an_empty_list_not_an_error(home: Household) -> None:
    assert home.call("search_media", query="zzzz qqqq") == {"items": [], "total": 0}


def test_a_library_among_several_is_named_only_when_results_mix(home: Household) -> None:
    mixed = home.call("search_media", media_type="collection")["items"]
    assert {item["library"] for item in mixed} == {"Movies", "TV Shows"}
    assert all(
        "library" not in item for item in home.call("search_media", media_type="collection", library="Movies")["items"]
    )


def test_genres_are_asked_for_once(home: Household) -> None:
    fresh = PlexClient(home.client.settings, build_session(home.client.settings))
    other = Household(home.plex, fresh)
    other.call("search_media", genre="Comedy")
    assert sum("/genre" in path for path in paths(other)) == 1
    other.call("search_media", genre="Horror")
    assert other.requests == 1
    fresh.session.close()


@pytest.mark.parametrize("sort", ["random", "oldest_watched"])
def test_a_sort_that_a_title_alone_cannot_have_is_not_left_out_in_silence(home: Household, sort: str) -> None:
    plain = home.call("search_media", query="the")
    answer = home.call("search_media", query="the", sort=sort)
    assert answer["items"] == plain["items"]
    assert answer["note"].startswith(f"sort {sort} needs media_type; these are in order of relevance.")
    for more in ({"sort": sort, "media_type": "movie"}, {"sort": "newest"}):
        assert "needs media_type" not in home.call("search_media", query="the", **more).get("note", "")

"""Sorts, and pages cut from them."""

import random
from collections.abc import Callable

import pytest
from plexapi.server import PlexServer

from plex_mcp.standin import StandIn
from plex_mcp.standin.filters import Condition, Group
from plex_mcp.standin.model import Item

SORTS: dict[str, Callable[[Item], object]] = {
    "titleSort": lambda i: i.sort_key,
    "addedAt:desc": lambda i: -i.added_at,
    "movie.addedAt:desc": lambda i: -i.added_at,
    "year": lambda i: i.year,
    "audienceRating:desc": lambda i: -i.audience_rating,
    "duration:asc": lambda i: i.duration_ms,
    "originallyAvailableAt:desc": lambda i: tuple(-int(n) for n in i.released.split("-")),
    "year:desc,titleSort": lambda i: (-i.year, i.sort_key),
    "mediaHeight": lambda i: i.media[0].profile.height,
}


@pytest.mark.parametrize("sort", SORTS)
def test_a_sort_orders_and_pages_join_up(big: StandIn, sort: str) -> None:
    index = big.home.index([big.library.sections[1]], "movie")
    tree = Group((Condition("decade", "=", ("1990", "2000", "2010")),))
    total, whole = index.page(tree, sort, big.users[0])
    keys = [SORTS[sort](item) for item in whole]
    assert keys == sorted(keys)  # type: ignore[type-var]
    pages = [item for start in range(0, total, 7) for item in index.page(tree, sort, big.users[0], start, 7)[1]]
    assert pages == whole


def test_small_and_large_results_are_ordered_alike(big: StandIn) -> None:
    """Two ways of sorting, chosen by size, must agree."""
    index = big.home.index([big.library.sections[1]], "movie")
    chance = random.Random(3)
    for _ in range(40):
        years = ",".join(str(chance.randint(1960, 2025)) for _ in range(chance.randint(1, 40)))
        tree = Group((Condition("year", "=", tuple(years.split(","))),))
        total, whole = index.page(tree, "titleSort", big.users[0])
        start = chance.randint(0, max(total - 1, 0))
        assert index.page(tree, "titleSort", big.users[0], start, 3)[1] == whole[start : start + 3]


def test_a_random_sort_is_another_each_time_and_complete(big: StandIn) -> None:
    index = big.home.index([big.library.sections[1]], "movie")
    orders = [[i.rating_key for i in index.page(Group(()), "random", big.users[0])[1]] for _ in range(2)]
    assert orders[0] != orders[1]
    assert sorted(orders[0]) == sorted(orders[1])


def test_the_least_recently_watched_sorts_by_this_users_views(server: PlexServer, plex: StandIn, get) -> None:
    movies = server.library.section("Movies")
    found = movies.search(unwatched=False, sort="lastViewedAt:asc")
    assert [i.title for i in found][:2] == ["Häxan", "Sintel"]
    movies.get("Häxan").markPlayed()
    found = movies.search(unwatched=False, sort="lastViewedAt:asc")
    assert [i.title for i in found][::4] == ["Sintel", "Häxan"]
    jonas = get("/library/sections/1/all?sort=lastViewedAt", plex.guest_token)
    assert (jonas[-1].get("title"), jonas[-2].get("lastViewedAt")) == ("Charade", None)


def test_titles_sort_without_their_article(server: PlexServer) -> None:
    found = [i.title for i in server.library.section("Movies").search(sort="titleSort:asc")]
    assert found.index("The Cabinet of Dr. Caligari") < found.index("Charade") < found.index("The General")

"""Filters, operators and sorts, checked against the library itself."""

import random
from collections.abc import Callable
from urllib.parse import quote

import pytest
import requests
from plexapi.server import PlexServer

from plex_mcp.standin import Clock, StandIn, build_library
from plex_mcp.standin.filters import Condition, Group, parse
from plex_mcp.standin.http import Request
from plex_mcp.standin.model import Item, fold

NOW_S = 1_760_000_000.0


@pytest.fixture(scope="module")
def big() -> StandIn:
    """Of the first hundred films the owner has rated every third, 0 to 10, and seen every fourth."""
    made = StandIn("500", clock=Clock(lambda: NOW_S))
    for n, item in enumerate(made.library.sections[1].of_kind("movie")[:100]):
        if n % 3 == 0:
            made.views.rate(1, item, float(n % 11), int(NOW_S))
        if n % 4 == 0:
            made.views.scrobble(1, item, int(NOW_S) - n * 86_400)
    return made


def some_title(big: StandIn) -> str:
    return big.library.sections[1].of_kind("movie")[9].title


def rating(big: StandIn, item: Item) -> float | None:
    return big.views.of(1, item).user_rating


def found(big: StandIn, query: str, kind: str = "movie", section: int = 1, sort: str = "id") -> list[Item]:
    index = big.home.index([big.library.sections[section]], kind)
    total, items = index.page(parse(Request("GET", f"/?{query}", {}).pairs), sort, big.users[0])
    assert total == len(items)
    return items


def tag(big: StandIn, kind: str, n: int = 0) -> int:
    return [t.tag_id for t in big.library.tags.values() if t.kind == kind and big.library.tag_uses[t.tag_id]][n]


def has(item: Item, tag_id: int) -> bool:
    tags = [t for of in item.tags.values() for t in of] + [role.tag for role in item.roles]
    return tag_id in [t.tag_id for t in tags]


CASES: dict[str, tuple[Callable[[StandIn], str], Callable[[StandIn, Item], bool]]] = {
    "one genre": (lambda b: f"genre={tag(b, 'genre')}", lambda b, i: has(i, tag(b, "genre"))),
    "any of two genres": (
        lambda b: f"genre={tag(b, 'genre')},{tag(b, 'genre', 5)}",
        lambda b, i: has(i, tag(b, "genre")) or has(i, tag(b, "genre", 5)),
    ),
    "both of two genres": (
        lambda b: f"genre={tag(b, 'genre')}&genre={tag(b, 'genre', 1)}",
        lambda b, i: has(i, tag(b, "genre")) and has(i, tag(b, "genre", 1)),
    ),
    "not a genre": (lambda b: f"genre!={tag(b, 'genre')}", lambda b, i: not has(i, tag(b, "genre"))),
    "an actor": (lambda b: f"actor={tag(b, 'actor', 3)}", lambda b, i: has(i, tag(b, "actor", 3))),
    "a director": (lambda b: f"director={tag(b, 'director', 3)}", lambda b, i: has(i, tag(b, "director", 3))),
    "a year": (lambda b: "year=2010", lambda b, i: i.year == 2010),
    "some years": (lambda b: "year=2010,2011", lambda b, i: i.year in (2010, 2011)),
    "after a year": (lambda b: "year>>=2010", lambda b, i: i.year > 2010),
    "after a year, encoded": (lambda b: "year%3E%3E=2010", lambda b, i: i.year > 2010),
    "before a year": (lambda b: "year<<=1990", lambda b, i: i.year < 1990),
    "not a year": (lambda b: "year!=2010", lambda b, i: i.year != 2010),
    "neither of two years": (lambda b: "year!=2010,2011", lambda b, i: i.year not in (2010, 2011)),
    "some decades": (lambda b: "decade=1990,2010", lambda b, i: i.year // 10 in (199, 201)),
    "a decade": (lambda b: "decade=1990", lambda b, i: 1990 <= i.year <= 1999),
    "a range of years": (lambda b: "year>>=1989&year<<=2000", lambda b, i: 1989 < i.year < 2000),
    "a rating": (lambda b: "audienceRating>>=7.5", lambda b, i: i.audience_rating > 7.5),
    "a length": (lambda b: "duration<<=5400000", lambda b, i: i.duration_ms < 5_400_000),
    "a content rating": (lambda b: "contentRating=PG-13", lambda b, i: i.content_rating == "PG-13"),
    "two content ratings": (lambda b: "contentRating=G,PG", lambda b, i: i.content_rating in ("G", "PG")),
    "a resolution": (lambda b: "resolution=4k", lambda b, i: i.media[0].profile.resolution == "4k"),
    "a picture with hdr": (lambda b: "hdr=1", lambda b, i: i.media[0].profile.hdr),
    "no hdr": (lambda b: "hdr!=1", lambda b, i: not i.media[0].profile.hdr),
    "a sound": (lambda b: "audioLanguage=deu", lambda b, i: "deu" in i.media[0].profile.languages(2)),
    "a subtitle": (lambda b: "subtitleLanguage=spa", lambda b, i: "spa" in i.media[0].profile.languages(3)),
    "letters of a title": (lambda b: "title=CAFE", lambda b, i: "cafe" in fold(i.title)),
    "letters that many titles have": (lambda b: "title=the", lambda b, i: "the" in fold(i.title)),
    "not letters of a title": (lambda b: "title!=cafe", lambda b, i: "cafe" not in fold(i.title)),
    "a whole title": (lambda b: f"title=={quote(some_title(b))}", lambda b, i: i.title == some_title(b)),
    "another title": (lambda b: f"title!=={quote(some_title(b))}", lambda b, i: i.title != some_title(b)),
    "the start of a title": (lambda b: "title<=the", lambda b, i: fold(i.title).startswith("the")),
    "the end of a title": (lambda b: "title>=river", lambda b, i: fold(i.title).endswith("river")),
    "a studio": (lambda b: "studio=amber", lambda b, i: "amber" in fold(i.studio or "")),
    "added within days": (lambda b: "addedAt>>=-200d", lambda b, i: i.added_at > NOW_S - 200 * 86400),
    "added before a date": (lambda b: "addedAt<<=2024-01-01", lambda b, i: i.added_at < 1_704_067_200),
    "released since": (lambda b: "originallyAvailableAt>>=2015-06-01", lambda b, i: i.released > "2015-06-01"),
    "unwatched": (lambda b: "unwatched=1", lambda b, i: not b.views.of(1, i).view_count),
    "not unwatched": (lambda b: "unwatched!=1", lambda b, i: bool(b.views.of(1, i).view_count)),
    "a rating of one's own": (lambda b: "userRating=3", lambda b, i: rating(b, i) == 3),
    "liked": (lambda b: "userRating>>=7", lambda b, i: (rating(b, i) or 0) > 7),
    "neither of two ratings of one's own": (lambda b: "userRating!=3,4", lambda b, i: rating(b, i) not in (3, 4)),
    "a guid": (lambda b: f"guid=imdb://tt9{7:07d}", lambda b, i: i.rating_key == 7),
    "either of two": (
        lambda b: "push=1&year=2010&or=1&decade=1980&pop=1",
        lambda b, i: i.year == 2010 or 1980 <= i.year <= 1989,
    ),
    "either of two, and a third": (
        lambda b: "push=1&year>>=2010&or=1&decade=1980&pop=1&contentRating=PG",
        lambda b, i: (i.year > 2010 or 1980 <= i.year <= 1989) and i.content_rating == "PG",
    ),
    "everything at once": (
        lambda b: f"genre={tag(b, 'genre')}&year>>=1980&audienceRating>>=6&duration<<=7200000&contentRating!=R",
        lambda b, i: (
            has(i, tag(b, "genre"))
            and i.year > 1980
            and i.audience_rating > 6
            and i.duration_ms < 7_200_000
            and i.content_rating != "R"
        ),
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_a_filter_finds_exactly_what_it_says(big: StandIn, name: str) -> None:
    query, matches = CASES[name]
    everything = big.library.sections[1].of_kind("movie")
    expected = [item for item in everything if matches(big, item)]
    assert found(big, query(big)) == expected
    assert 0 < len(expected) < len(everything)


def test_filters_together_find_what_each_of_them_finds(big: StandIn) -> None:
    """What one has left over decides how the next is looked up, so many mixtures are tried."""
    everything, chance = big.library.sections[1].of_kind("movie"), random.Random(4)
    asked = {name: make(big) for name, (make, _) in CASES.items()}
    fitting = {name: {item for item in everything if fits(big, item)} for name, (_, fits) in CASES.items()}
    for _ in range(1500):
        names = chance.sample(list(CASES), chance.randint(2, 4))
        both = set.intersection(*(fitting[name] for name in names))
        assert found(big, "&".join(asked[name] for name in names)) == [i for i in everything if i in both], names


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


def test_unwatched_and_in_progress_follow_the_user(
    plex: StandIn, server: PlexServer, session: requests.Session
) -> None:
    movies = server.library.section("Movies")
    seen = {i.title for i in movies.search(unwatched=False)}
    assert seen == {"His Girl Friday", "Sintel", "The General", "Spring", "Häxan"}
    assert len(movies.search(unwatched=True)) == 26 - len(seen)
    assert {i.title for i in movies.search(inProgress=True)} == {"Charade", "Metropolis"}
    mila = PlexServer(plex.url, plex.managed_token, session=session)
    begun = mila.fetchItems("/library/sections/1/all?inProgress=1")
    assert [i.title for i in begun] == ["Big Buck Bunny"]
    movies.get("Charge").markPlayed()
    assert "Charge" in {i.title for i in movies.search(unwatched=False)}


def test_shows_with_something_unwatched_and_by_their_newest_episode(server: PlexServer) -> None:
    shows = server.library.section("TV Shows")
    shows.get("Pip & Moss").markPlayed()
    assert "Pip & Moss" not in {s.title for s in shows.search(unwatched=True)}
    assert shows.search(sort="episode.addedAt:desc")[0].title == "The Lighthouse Keepers"


def test_the_least_recently_watched_sorts_by_this_users_views(server: PlexServer, plex: StandIn, get) -> None:
    movies = server.library.section("Movies")
    found = movies.search(unwatched=False, sort="lastViewedAt:asc")
    assert [i.title for i in found][:2] == ["Häxan", "Sintel"]
    movies.get("Häxan").markPlayed()
    found = movies.search(unwatched=False, sort="lastViewedAt:asc")
    assert [i.title for i in found][::4] == ["Sintel", "Häxan"]
    jonas = get("/library/sections/1/all?sort=lastViewedAt", plex.guest_token)
    assert (jonas[-1].get("title"), jonas[-2].get("lastViewedAt")) == ("Charade", None)


def test_a_date_before_now_moves_with_the_clock(get, clock: Clock) -> None:
    asked = "/library/sections/1/all?addedAt>>=-3d"
    assert {i.get("title") for i in get(asked)} == {"Big Buck Bunny", "Sintel", "Wing It!"}
    clock.advance(86_400)
    assert {i.get("title") for i in get(asked)} == {"Sintel", "Wing It!"}


def test_episodes_filter_by_their_show_and_sort_in_its_order(server: PlexServer) -> None:
    shows = server.library.section("TV Shows")
    found = shows.search(libtype="episode", filters={"show.title": "lighthouse"})
    assert [(e.seasonNumber, e.index) for e in found][:4] == [(0, 1), (0, 2), (1, 1), (1, 2)]
    drama = shows.search(libtype="episode", filters={"show.genre": "Comedy"})
    assert {e.grandparentTitle for e in drama} == {"Café Kilometre", "Orbital Gardeners"}


def test_meta_names_every_filter_that_can_be_listed(server: PlexServer) -> None:
    for section in server.library.sections():
        for kind in section.filterTypes():
            for field in kind.filters:
                if field.filterType != "boolean":
                    assert isinstance(section.listFilterChoices(field.filter, kind.type), list)


def test_choices_carry_what_the_filter_takes(server: PlexServer) -> None:
    movies = server.library.section("Movies")
    for name in (
        "genre",
        "year",
        "decade",
        "contentRating",
        "resolution",
        "director",
        "actor",
        "audioLanguage",
        "collection",
        "country",
        "studio",
    ):
        choices = movies.listFilterChoices(name)
        assert choices, name
        for choice in choices[:5]:
            assert movies.fetchItems(choice.fastKey), choice.fastKey


def test_a_limit_caps_the_total(get) -> None:
    page = get("/library/sections/1/all?limit=4&X-Plex-Container-Start=0&X-Plex-Container-Size=3")
    assert (len(page), page.get("totalSize")) == (3, "4")
    assert len(get("/library/sections/1/all?limit=4")) == 4


def test_size_zero_tells_the_total_alone(get) -> None:
    page = get("/library/sections/2/all?type=4&X-Plex-Container-Start=0&X-Plex-Container-Size=0")
    assert (len(page), page.get("totalSize")) == (0, "52")


def test_one_query_reaches_over_all_libraries(server: PlexServer) -> None:
    assert {i.title for i in server.library.search(libtype="movie", title="garden")} == {"Garden in the rain"}
    assert len(server.library.search(libtype="track")) == 27


def test_generated_libraries_are_the_same_each_time_and_differ_by_seed() -> None:
    one, two, other = (build_library("500", NOW_S, seed) for seed in (1, 1, 2))
    assert [i.title for i in one.items.values()] == [i.title for i in two.items.values()]
    assert [i.title for i in one.items.values()] != [i.title for i in other.items.values()]
    assert sum(len(one.of_kind(kind)) for kind in ("movie", "episode", "track")) == 500


@pytest.mark.parametrize(("name", "size"), [("500", 500), ("10k", 10_000)])
def test_a_generated_library_has_the_size_of_its_name(name: str, size: int) -> None:
    library = build_library(name, NOW_S)
    assert sum(len(library.of_kind(kind)) for kind in ("movie", "episode", "track")) == size


def test_an_unknown_library_is_refused() -> None:
    with pytest.raises(ValueError, match="library must be small, 500, 10k, 100k or a Library, not 'huge'"):
        StandIn("huge")

"""Filters and their operators, checked against the library itself."""

import random
from collections.abc import Callable
from urllib.parse import quote

import pytest
import requests
from plexapi.server import PlexServer

from plex_mcp.standin import Clock, StandIn
from plex_mcp.standin.filters import parse
from plex_mcp.standin.http import Request
from plex_mcp.standin.model import Item, fold
from tests.standin.conftest import NOW_S


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


def test_flags_are_read_from_the_files(get, plex: StandIn) -> None:
    films = plex.library.sections[1].of_kind("movie")
    for query, expected in (
        ("dovi=1", {"Big Buck Bunny"}),
        ("duplicate=1", {film.title for film in films if len(film.media) == 2}),
        ("trash=1", set()),
    ):
        assert {i.get("title") for i in get(f"/library/sections/1/all?{query}")} == expected


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

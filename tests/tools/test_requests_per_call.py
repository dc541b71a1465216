"""How often a call asks Plex: as the design says, on a small library and on ten thousand items; 0 from the cache."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from plex_mcp.calls.execute import Executor
from plex_mcp.protocol.results import build_body
from tests.tools.household import IPHONE, LIVING_ROOM, TOOLS, Household, household


@dataclass(frozen=True)
class Case:
    """A call and the most requests it may cost; `library` adds one for each library."""

    name: str
    most: int
    arguments: dict[str, Any] = field(default_factory=dict)
    library: int = 0
    first: int = 0  # more for lists that are remembered afterwards: genres, names of libraries and users


CASES = [
    Case("search_media", 1, {"query": "the"}),
    Case("search_media", 1, {"media_type": "movie", "sort": "rating"}),
    Case("search_media", 1, {"media_type": "movie", "watched": "unwatched", "max_minutes": 120, "sort": "random"}),
    Case("search_media", 1, {"show": "first", "season": 1, "episode": 1}),
    # A title that no title contains: Plex's own search has the second word.
    Case("search_media", 2, {"query": "zzz not there", "media_type": "movie"}),
    Case("search_media", 1, {"genre": "Comedy", "year_min": 1900, "year_max": 1999}, first=2),
    Case("search_media", 1, {"library": "Movies"}, first=1),
    Case("get_media_details", 1, {"media_id": "movie"}),
    Case("get_media_details", 1, {"media_id": "episode"}),
    Case("get_media_details", 2, {"media_id": "show"}),
    Case("list_libraries", 1, library=1),
    Case("get_playback_status", 1),
    Case("list_clients", 2),
    Case("get_recently_added", 1),
    Case("get_recently_added", 1, {"library": "TV Shows", "days": 30}, first=1),
    Case("get_on_deck", 1),
    Case("get_watch_history", 1, first=1),
    Case("get_watch_history", 1, {"media_type": "movie", "days": 30}, first=1),
]


@pytest.fixture(scope="module", params=["small", "10k"])
def home(request: pytest.FixtureRequest) -> Iterator[Household]:
    with household(library=request.param) as running:
        yield running


def arguments_of(home: Household, case: Case) -> dict[str, Any]:
    """`media_id` in a case names a kind, `show` any show: the first of them is meant."""
    if "show" in case.arguments:
        return {**case.arguments, "show": home.plex.library.of_kind("show")[0].title}
    kind = case.arguments.get("media_id")
    if kind is None:
        return case.arguments
    return {**case.arguments, "media_id": str(home.plex.library.of_kind(kind)[0].rating_key)}


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.name} {case.arguments}")
def test_a_call_costs_no_more_requests_than_the_design_allows(
    home: Household, case: Case, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = arguments_of(home, case)
    home.call(case.name, **arguments)
    first = home.requests
    home.call(case.name, **arguments)
    again = home.requests
    libraries = len(home.plex.library.sections) * case.library
    with capsys.disabled():
        size = len(home.plex.library.items)
        sys.stdout.write(f"\n  {case.name} {case.arguments}: {again} requests (first {first}), {size} items")
    assert again <= case.most + libraries
    assert first <= case.most + libraries + case.first
    assert again >= 1


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.name} {case.arguments}")
def test_a_cached_answer_costs_none(home: Household, executor: Executor, case: Case) -> None:
    tool = TOOLS[case.name]
    arguments = tool.parse(arguments_of(home, case))
    before = executor.call(tool, arguments)
    home.plex.counters.reset()
    after = executor.call(tool, arguments)
    assert home.plex.counters.requests == 0
    assert after.outcome == "hit_l1"
    assert after.body == before.body or case.name in {"get_playback_status", "list_clients"}


@pytest.fixture(scope="module")
def executor(home: Household) -> Iterator[Executor]:
    with_cache = Executor(home.client, home.client.settings, finish=build_body, tools=TOOLS)
    yield with_cache
    with_cache.close()


def test_what_is_asked_of_plex_is_a_page_whatever_the_library_holds(home: Household) -> None:
    """The size of a page is a header; what comes back holds no more items than were asked for."""
    answer = home.call("search_media", media_type="movie", limit=20)
    assert len(answer["items"]) <= 20
    assert answer["total"] == len(home.plex.library.of_kind("movie"))


def test_commands_cost_what_they_must_and_say_so(capsys: pytest.CaptureFixture[str]) -> None:
    counts: dict[str, int] = {}
    with household() as home:
        home.call("set_watch_state", media_id=home.media_id("Nosferatu", "movie"), state="watched")
        counts["mark watched"] = home.requests
        home.control("pause", client="tv")
        counts["pause"] = home.requests
        home.control("play", client="tv", media_id=home.media_id("Charade", "movie"))
        counts["play a movie"] = home.requests
        home.control("play", client="tv", media_id=home.media_id("The Lighthouse Keepers", "show"))
        counts["play a show"] = home.requests
        assert home.session(LIVING_ROOM) is not None
        assert home.session(IPHONE) is None
    with capsys.disabled():
        sys.stdout.write("\n  " + ", ".join(f"{name}: {count} requests" for name, count in counts.items()))
    assert counts["mark watched"] == 3
    assert all(count <= 10 for count in counts.values())

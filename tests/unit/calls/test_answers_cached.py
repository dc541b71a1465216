"""What is answered without asking Plex, and when it is asked again."""

from __future__ import annotations

from dataclasses import replace

import pytest

from plex_mcp.calls.entry import Packed, pack
from plex_mcp.telemetry.metrics import CACHE_LOOKUPS
from tests.fakes import FakePlex, Titles, content, list_playing, show_poster
from tests.unit.calls.execution import Make, counted


def test_the_first_call_asks_plex_and_the_next_does_not(make: Make) -> None:
    it = make(["Amélie"])
    first, second = it.titles(), it.titles()
    assert (first.outcome, second.outcome) == ("miss", "hit_l1")
    assert first.body == second.body
    assert first.structured.decode() == '{"titles":["Amélie"],"as_of":"2027-01-15T08:00:00Z"}'
    assert it.plex.requests == 1


def test_other_arguments_are_another_question(make: Make) -> None:
    it = make()
    it.titles(query="a")
    it.titles(query="b")
    it.titles(kinds=["movie"])
    assert it.plex.requests == 3


def test_pictures_come_from_the_cache_too(make: Make) -> None:
    it = make()
    for _ in range(2):
        assert it.executor.call(show_poster, {}).body.endswith(b',"pictures":1')
    assert it.plex.requests == 1


def test_an_answer_past_its_ttl_is_asked_for_again(make: Make) -> None:
    it = make(["old"], ["new"])
    it.titles()
    it.clock.now += 61
    outcome = it.titles()
    assert content(outcome) == {"titles": ["new"], "as_of": "2027-01-15T08:01:01Z"}
    assert outcome.outcome == "miss"


def test_as_of_is_when_plex_was_asked_not_when_it_answered(make: Make) -> None:
    it = make()

    def slow() -> list[str]:
        it.clock.now += 5
        return ["A"]

    it.plex.answers = [slow]
    assert content(it.titles())["as_of"] == "2027-01-15T08:00:00Z"


def test_what_a_view_is_cut_from_is_asked_for_whole(make: Make) -> None:
    it = make()
    asked: list[str | None] = []

    def function(plex: FakePlex, *, user: str | None) -> Titles:
        asked.append(user)
        return Titles(plex.fetch())

    it.executor.call(replace(list_playing, function=function), {"user": "anna"})
    assert asked == [None]


def test_what_redis_holds_is_served_without_asking_plex(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    it = make()
    stored = pack(Packed(it.clock(), 60.0, b'{"titles":["B"]}'))
    monkeypatch.setattr(it.executor._redis, "load", lambda *_names: [stored, None])
    outcome = it.titles()
    assert (outcome.outcome, content(outcome)["titles"], it.plex.requests) == ("hit_l2", ["B"], 0)
    assert it.titles().outcome == "hit_l1"


def test_the_hit_rate_of_repeated_questions_is_above_seventy_percent_by_the_metrics(make: Make) -> None:
    """Ten questions, each asked five times within the TTL, as a chatbot does over a conversation."""
    hits = counted(CACHE_LOOKUPS, outcome="hit_l1")
    misses = counted(CACHE_LOOKUPS, outcome="miss")
    it = make()
    for _ in range(5):
        for question in range(10):
            it.titles(query=str(question))
    hits, misses = counted(CACHE_LOOKUPS, outcome="hit_l1") - hits, counted(CACHE_LOOKUPS, outcome="miss") - misses
    assert (hits, misses) == (40, 10)

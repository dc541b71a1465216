"""When a copy past its time is served, what it says of itself, and what goes on behind it."""

from __future__ import annotations

import threading

import pytest

from plex_mcp.errors import NotFound, PlexBadAnswer, PlexRefusedToken, PlexTimeout, PlexUnavailable, ToolError
from plex_mcp.telemetry.metrics import CACHE_LOOKUPS
from tests.fakes import WAIT_S, content, list_titles, raised
from tests.unit.calls.execution import DOWN, Make, counted, stale


def test_a_stale_copy_is_served_at_the_first_failure_and_says_so(make: Make) -> None:
    it = make(["old"], DOWN)
    stale(it)
    outcome = it.titles()
    assert outcome.outcome == "stale"
    assert content(outcome) == {
        "titles": ["old"],
        "as_of": "2027-01-15T08:00:00Z",
        "stale": True,
        "note": "Plex answers with an error at the moment;"
        " this is a copy from 2027-01-15T08:00:00Z and may be out of date.",
    }
    assert outcome.body == b'"structuredContent":' + outcome.structured + b',"pictures":0'


@pytest.mark.parametrize(
    ("failure", "why"),
    [
        (PlexUnavailable("refused"), "Plex cannot be reached"),
        (PlexUnavailable("a gateway", status=502), "Plex cannot be reached"),
        (PlexTimeout("silence"), "Plex is slow to answer"),
        (PlexUnavailable("fewer requests", status=429), "Plex answers with an error"),
        (PlexUnavailable("broken", status=500), "Plex answers with an error"),
        (PlexUnavailable("starting", status=503), "Plex answers with an error"),
        (PlexBadAnswer("a web page"), "Plex answers with an error"),
    ],
    ids=lambda value: getattr(value, "message", None),
)
def test_a_stale_copy_says_what_plex_did(make: Make, failure: ToolError, why: str) -> None:
    it = make(["old"], failure)
    stale(it)
    assert content(it.titles())["note"].startswith(f"{why} at the moment; this is a copy")


def test_retries_go_on_behind_a_stale_answer_and_refresh_the_cache(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    it = make(["old"], DOWN, ["new"])
    stale(it)
    answered = threading.Event()
    monkeypatch.setattr(it.executor._reader, "_sleep", lambda _pause_s: answered.wait(WAIT_S))
    assert it.titles().outcome == "stale"
    answered.set()
    it.wait_for_plex(2)
    for _ in range(1000):
        if it.executor._cache.recent(it.executor._cache.key(list_titles, list_titles.parse({})), list_titles):
            break
        threading.Event().wait(0.01)
    outcome = it.titles()
    assert (outcome.outcome, content(outcome)["titles"]) == ("hit_l1", ["new"])


def test_past_the_soft_deadline_a_stale_copy_is_served_and_the_load_goes_on(make: Make) -> None:
    it = make(["old"], ["new"], CALL_SOFT_DEADLINE="0.1")
    stale(it)
    it.plex.gate.clear()
    before = counted(CACHE_LOOKUPS, outcome="stale")
    outcome = it.titles()
    assert outcome.outcome == "stale"
    assert counted(CACHE_LOOKUPS, outcome="stale") - before == 1
    assert content(outcome)["note"].startswith("Plex is slow to answer at the moment;")
    again = it.titles()
    assert again.outcome == "stale", "one who comes later waits no longer"
    it.plex.gate.set()
    for _ in range(1000):
        if (outcome := it.titles()).outcome == "hit_l1":
            break
        threading.Event().wait(0.01)
    assert content(outcome)["titles"] == ["new"]
    assert it.plex.requests == 2, "the load under way was joined, not doubled"


def test_an_answer_within_the_soft_deadline_is_fresh(make: Make) -> None:
    it = make(["old"], ["new"], CALL_SOFT_DEADLINE="7")
    stale(it)
    it.plex.gate.clear()
    waiting = it.aside(it.titles)
    it.wait_for_plex()
    assert not waiting.done()
    it.plex.gate.set()
    assert content(waiting.result(WAIT_S)) == {"titles": ["new"], "as_of": "2027-01-15T08:01:01Z"}


def test_with_the_breaker_open_a_stale_copy_is_served_without_asking(make: Make) -> None:
    it = make(["old"])
    stale(it)
    it.open_breaker()
    assert it.titles().outcome == "stale"
    assert it.plex.requests == 1


def test_a_copy_past_its_retention_is_not_served(make: Make) -> None:
    it = make(["old"], DOWN, CACHE_STALE_RETENTION="100", RETRY_ATTEMPTS="1")
    stale(it)
    it.clock.now += 100
    assert raised(it.titles).message == "Plex is down"


@pytest.mark.parametrize("error", [NotFound("gone"), PlexRefusedToken("no")], ids=lambda error: type(error).__name__)
def test_an_error_that_is_an_answer_is_not_hidden_by_a_stale_copy(make: Make, error: ToolError) -> None:
    it = make(["old"], error)
    stale(it)
    assert raised(it.titles).code == error.code


def test_no_background_load_is_begun_when_there_is_no_room_for_one(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    it = make(["old"])
    stale(it)
    monkeypatch.setattr(it.executor._refreshers, "submit", lambda _load: False)
    outcome = it.titles()
    assert content(outcome)["note"].startswith("Too many calls are waiting for Plex at the moment;")
    assert it.plex.requests == 1

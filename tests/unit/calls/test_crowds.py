"""Many calls at once: one load for equal ones, ten workers for different ones, BUSY for too many."""

from __future__ import annotations

import threading

import pytest
from structlog.testing import capture_logs

from plex_mcp.calls.entry import Packed, pack
from plex_mcp.errors import NotFound, ToolError
from plex_mcp.telemetry.metrics import CACHE_LOOKUPS
from tests.fakes import WAIT_S, content, pause, raised
from tests.unit.calls.execution import Make, counted, stale


def test_fifty_equal_calls_on_a_cold_cache_send_one_request(make: Make) -> None:
    it = make()
    it.plex.gate.clear()
    calls = [it.aside(it.titles) for _ in range(50)]
    it.wait_for_plex()
    it.plex.gate.set()
    outcomes = [call.result(WAIT_S) for call in calls]
    assert it.plex.requests == 1
    assert {outcome.body for outcome in outcomes} == {outcomes[0].body}
    assert content(outcomes[0])["titles"] == ["Amélie"]


def test_of_two_hundred_at_once_those_without_a_place_are_busy_at_once(make: Make) -> None:
    it = make()
    it.plex.gate.clear()
    calls = [it.aside(it.titles) for _ in range(200)]
    it.wait_for_plex()
    busy = 0
    while busy < 144:  # THREADS - 8 wait, the others must be told while Plex still hangs
        errors = [call.exception(WAIT_S) for call in calls if call.done()]
        assert all(isinstance(error, ToolError) and error.code == "BUSY" and error.temporary for error in errors)
        busy = len(errors)
    it.plex.gate.set()
    right = [call.result(WAIT_S) for call in calls if not (call.done() and call.exception())]
    assert (len(right), it.plex.requests) == (56, 1)


def test_fifty_different_calls_at_once_are_never_busy_and_use_ten_workers(make: Make) -> None:
    it = make()
    it.plex.gate.clear()
    calls = [it.aside(it.titles, query=str(number)) for number in range(50)]
    it.wait_for_plex(10)
    assert it.plex.running_peak == 10
    it.plex.gate.set()
    assert [call.result(WAIT_S).outcome for call in calls] == ["miss"] * 50
    assert it.plex.running_peak == 10


def test_all_who_wait_get_the_failure(make: Make) -> None:
    it = make(NotFound("No such thing."))
    it.plex.gate.clear()
    calls = [it.aside(it.titles) for _ in range(5)]
    it.wait_for_plex()
    while it.executor._flights._flights and sum(f.waiters for f in it.executor._flights._flights.values()) < 4:
        threading.Event().wait(0.005)
    it.plex.gate.set()
    errors = [call.exception(WAIT_S) for call in calls]
    assert [error.message for error in errors if isinstance(error, ToolError)] == ["No such thing."] * 5
    assert len({id(error) for error in errors}) == 5, "each its own: a traceback belongs to one thread"
    assert it.plex.requests == 1


def test_a_crowded_server_still_answers_from_the_cache(make: Make) -> None:
    it = make(THREADS="16")
    it.titles(query="fresh")
    stale(it, query="stale")
    it.titles(query="fresh")
    it.plex.gate.clear()
    calls = [it.aside(it.titles, query=str(number)) for number in range(8)]
    it.wait_for_plex(8)
    assert it.titles(query="fresh").outcome == "hit_l1"
    with capture_logs() as lines:
        crowded = it.titles(query="stale")
    assert crowded.outcome == "stale"
    assert [(line["outcome"], line["age_s"]) for line in lines if line["event"] == "tool.called"] == [("stale", 61.0)]
    assert content(crowded)["note"].startswith("Too many calls are waiting")
    assert raised(lambda: it.titles(query="nothing cached")).code == "BUSY"
    assert raised(lambda: it.executor.call(pause, {"forget": False})).code == "BUSY"
    it.plex.gate.set()
    assert [call.result(WAIT_S).outcome for call in calls] == ["miss"] * 8


def test_a_crowded_server_counts_what_its_cache_had(make: Make) -> None:
    it = make(THREADS="16")
    stale(it, query="old")
    before = [counted(CACHE_LOOKUPS, outcome=outcome) for outcome in ("stale", "miss")]
    for _ in range(8):
        it.executor._room._places.acquire()
    it.titles(query="old")
    raised(lambda: it.titles(query="unknown"))
    after = [counted(CACHE_LOOKUPS, outcome=outcome) for outcome in ("stale", "miss")]
    assert [then - now for then, now in zip(after, before, strict=True)] == [1, 1]


def test_a_crowded_server_still_answers_from_redis(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    it = make(THREADS="16")
    stored = pack(Packed(it.clock(), 60.0, b'{"titles":["B"]}'))
    monkeypatch.setattr(it.executor._redis, "load", lambda *_names: [stored, None])
    with it.executor._room.place():
        for _ in range(7):
            it.executor._room._places.acquire()
        outcome = it.titles()
    assert (outcome.outcome, content(outcome)["titles"]) == ("hit_l2", ["B"])

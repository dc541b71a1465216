"""How long a call waits, and for whom."""

from __future__ import annotations

import threading

from plex_mcp.calls.outcome import CallInfo
from plex_mcp.errors import PlexTimeout
from tests.fakes import WAIT_S, raised
from tests.unit.calls.execution import DOWN, Make


def test_a_call_ends_at_its_deadline_though_its_worker_hangs(make: Make) -> None:
    it = make(CALL_DEADLINE="0.5", CALL_SOFT_DEADLINE="0.1", PLEX_READ_TIMEOUT="0.2", PLEX_CONNECT_TIMEOUT="0.2")
    it.plex.gate.clear()
    leading, joining = it.aside(it.titles), it.aside(it.titles)
    for call in (leading, joining):
        error = call.exception(WAIT_S)
        assert isinstance(error, PlexTimeout)
        assert error.temporary


def test_a_call_that_never_had_its_turn_is_busy_and_plex_is_not_asked(make: Make) -> None:
    it = make(
        CALL_DEADLINE="0.5",
        CALL_SOFT_DEADLINE="0.1",
        PLEX_READ_TIMEOUT="0.2",
        PLEX_CONNECT_TIMEOUT="0.2",
        PLEX_POOL_SIZE="1",
    )
    it.plex.gate.clear()
    hanging = it.aside(it.titles, query="hangs")
    it.wait_for_plex()
    assert raised(lambda: it.titles(query="queued")).code == "BUSY"
    it.plex.gate.set()
    hanging.exception(WAIT_S)
    assert it.plex.requests == 1


def test_a_job_that_comes_to_its_turn_too_late_is_not_run(make: Make) -> None:
    it = make()
    it.executor._asker._monotonic = iter([0.0, 10**9]).__next__
    assert raised(it.titles).code == "BUSY"
    assert it.plex.requests == 0


def test_a_caller_who_went_away_is_not_waited_for(make: Make) -> None:
    it = make(CALL_DEADLINE="60")
    it.plex.gate.clear()
    leading = it.aside(it.titles)
    it.wait_for_plex()
    cancelled = threading.Event()
    joining = it.aside(it.titles, CallInfo(cancelled=cancelled))
    while not any(flight.waiters for flight in it.executor._flights._flights.values()):
        threading.Event().wait(0.005)
    cancelled.set()
    assert "cancelled" in str(joining.exception(WAIT_S))
    assert not leading.done()
    it.plex.gate.set()
    assert leading.result(WAIT_S).outcome == "miss"


def test_a_read_is_not_tried_again_for_a_caller_who_went_away(make: Make) -> None:
    cancelled = threading.Event()
    cancelled.set()
    it = make(DOWN)
    raised(lambda: it.titles(CallInfo(cancelled=cancelled)))
    assert it.plex.requests == 1

"""The small parts: flights, pool, refreshers, waiting room, warm-up, health."""

from __future__ import annotations

import contextvars
import threading
from typing import Any

import pytest

from plex_mcp.calls.breaker import Breaker
from plex_mcp.calls.entry import build_key
from plex_mcp.calls.flight import Flights
from plex_mcp.calls.health import Health, snapshot
from plex_mcp.calls.pool import Closed, Refreshers, WaitingRoom, WorkerPool
from plex_mcp.calls.warmup import WarmUp
from plex_mcp.errors import PlexUnavailable
from plex_mcp.telemetry.metrics import POOL_BUSY_WORKERS, POOL_QUEUED_CALLS
from tests.fakes import WAIT_S, Clock, list_titles, raised

DOWN = PlexUnavailable("down")
KEY = build_key("s", "t", {})


def level(gauge: Any) -> float:
    return float(gauge._value.get())


class TestFlights:
    def test_the_first_leads_and_the_others_join_until_it_ends(self) -> None:
        flights = Flights()
        flight, leads = flights.join(KEY)
        assert leads
        assert flights.join(KEY) == (flight, False)
        flights.end(flight)
        other, leads = flights.join(KEY)
        assert leads
        assert other is not flight

    def test_nobody_joins_a_flight_that_left_before_a_command(self) -> None:
        flights = Flights()
        flights.forget_all("t")
        flight, _ = flights.join(KEY)
        flights.forget_all("other")
        assert flights.join(KEY) == (flight, False)
        flights.forget_all("t")
        later, leads = flights.join(KEY)
        assert leads
        flights.end(flight)
        assert flights.join(KEY) == (later, False), "the end of the old one does not end the new one"

    def test_without_a_stale_copy_a_failure_is_waited_out(self) -> None:
        clock = Clock(0.0)
        flight, _ = Flights(monotonic=clock).join(KEY)
        flight.note_failure(DOWN)
        waiting = threading.Thread(target=flight.wait, kwargs={"deadline": 8.0, "soft_s": 1.5, "cancelled": None})
        waiting.start()
        while not flight.waiters:
            pass
        flight.end()
        waiting.join(WAIT_S)
        assert not waiting.is_alive()
        assert flight.failure is DOWN, "the failure before the end is kept"

    def test_a_wait_that_is_already_over_its_time_returns(self) -> None:
        clock = Clock(0.0)
        flight, _ = Flights(monotonic=clock).join(KEY)
        flight.stale = object()  # type: ignore[assignment]
        clock.now = 1.5
        flight.wait(deadline=8.0, soft_s=1.5, cancelled=None)
        assert flight.waiters == 0


class TestWorkerPool:
    def test_workers_and_queue_are_counted_and_counted_back(self) -> None:
        pool, gate = WorkerPool(1), threading.Event()
        before = level(POOL_BUSY_WORKERS), level(POOL_QUEUED_CALLS)
        running = pool.submit(lambda: gate.wait(WAIT_S))
        queued, cancelled = pool.submit(lambda: "ran"), pool.submit(lambda: "never")
        while level(POOL_BUSY_WORKERS) == before[0]:
            pass
        assert level(POOL_QUEUED_CALLS) == before[1] + 2
        assert cancelled.cancel()
        gate.set()
        assert (running.result(WAIT_S), queued.result(WAIT_S)) == (True, "ran")
        pool.close()
        pool._executor.shutdown(wait=True)
        assert (level(POOL_BUSY_WORKERS), level(POOL_QUEUED_CALLS)) == before

    def test_context_variables_go_along(self) -> None:
        variable: contextvars.ContextVar[str] = contextvars.ContextVar("request_id", default="none")
        variable.set("r1")
        pool = WorkerPool(1)
        assert pool.submit(variable.get).result(WAIT_S) == "r1"
        pool.close()

    def test_a_closed_pool_takes_nothing(self) -> None:
        pool = WorkerPool(1)
        before = level(POOL_QUEUED_CALLS)
        pool.close()
        with pytest.raises(Closed):
            pool.submit(lambda: None)
        assert level(POOL_QUEUED_CALLS) == before


def test_refreshers_take_no_more_than_their_limit_and_nothing_once_closed() -> None:
    refreshers, gate, done = Refreshers(1, limit=2), threading.Event(), threading.Semaphore(0)

    def load() -> None:
        assert gate.wait(WAIT_S)
        done.release()

    assert [refreshers.submit(load) for _ in range(3)] == [True, True, False]
    gate.set()
    for _ in range(2):
        assert done.acquire(timeout=WAIT_S)
    while not refreshers.submit(lambda: None):
        pass
    refreshers.close()
    assert not refreshers.submit(load)


def test_a_place_in_the_waiting_room_is_given_back() -> None:
    room = WaitingRoom(1)
    for _ in range(2):
        with room.place() as first, room.place() as second:
            assert (first, second) == (True, False)


class TestWarmUp:
    def run(self, call: Any, tools: Any = None) -> tuple[WarmUp, Clock]:
        clock = Clock(0.0)
        warm_up = WarmUp(tools or {"list_libraries": list_titles}, call, monotonic=clock)
        warm_up._gives_up_at = 20.0
        warm_up._run()
        return warm_up, clock

    def test_it_calls_with_the_keys_of_a_call_without_arguments(self) -> None:
        calls: list[Any] = []
        warm_up, _ = self.run(lambda tool, arguments, info: calls.append((tool, arguments, info.client_name)))
        assert calls == [(list_titles, list_titles.parse({}), "warm-up")]
        assert warm_up.is_over()

    def test_a_tool_that_fails_does_not_stop_the_next(self) -> None:
        asked: list[str] = []

        def fail(*_: Any) -> None:
            asked.append("x")
            raise DOWN

        warm_up, _ = self.run(fail, {"list_libraries": list_titles, "get_on_deck": list_titles})
        assert len(asked) == 2
        assert warm_up.is_over()

    def test_it_counts_as_over_after_twenty_seconds(self) -> None:
        clock, gate, began = Clock(0.0), threading.Event(), threading.Event()

        def hang(*_: Any) -> None:
            began.set()
            assert gate.wait(WAIT_S)

        warm_up = WarmUp({"list_libraries": list_titles, "get_on_deck": list_titles}, hang, monotonic=clock)
        assert not warm_up.is_over()
        warm_up.start()
        assert began.wait(WAIT_S)
        assert not warm_up.is_over()
        clock.now = 20.0
        assert warm_up.is_over()
        gate.set()
        assert warm_up._over.wait(WAIT_S)

    def test_it_may_be_skipped(self) -> None:
        warm_up = WarmUp({}, lambda *_: None)
        warm_up.skip()
        assert warm_up.is_over()


@pytest.mark.parametrize(
    ("plex_down", "redis_down", "cached", "ready"),
    [
        (False, False, 0, True),
        (True, False, 0, True),
        (True, True, 3, True),
        (True, True, 0, False),
        (False, True, 0, True),
    ],
)
def test_ready_means_that_answers_can_be_given(plex_down: bool, redis_down: bool, cached: int, ready: bool) -> None:
    plex, redis = Breaker(1, clock=Clock()), Breaker(1, clock=Clock())
    for breaker, down in ((plex, plex_down), (redis, redis_down)):
        if down:
            breaker.count_failure(DOWN)
    found = snapshot(started=True, cached=cached, plex=plex, redis=redis)
    names = [name for name, down in (("plex", plex_down), ("redis", redis_down)) if down]
    assert found == Health(True, ready, [{"what": name, "since": "2027-01-15T08:00:00Z"} for name in names])


def test_the_helper_of_these_tests_tells_when_nothing_is_raised() -> None:
    with pytest.raises(AssertionError, match="nothing was raised"):
        raised(lambda: 1)

"""An executor from its start to its end."""

from __future__ import annotations

import threading

import pytest

from plex_mcp.calls.execute import Executor
from plex_mcp.calls.health import Health
from tests.fakes import WAIT_S, Clock, FakePlex, finish, list_titles, raised, settings
from tests.unit.calls.execution import Make


@pytest.mark.parametrize("warm", ["true", "false"])
def test_it_starts_watching_and_warms_what_it_is_told_to(warm: str) -> None:
    plex = FakePlex()
    executor = Executor(
        plex,  # type: ignore[arg-type]
        settings(CACHE_WARM=warm),
        finish=finish,
        tools={"list_libraries": list_titles, "no_warm_tool": list_titles},
    )
    executor.start()
    for _ in range(1000):
        if executor.health().started and plex.pings:
            break
        threading.Event().wait(0.01)
    assert executor.health().started
    assert plex.pings == 1
    assert plex.requests == (1 if warm == "true" else 0)
    executor.close()


def test_health_tells_what_is_down_and_since_when(make: Make) -> None:
    it = make()
    assert it.executor.health() == Health(started=False, ready=True)
    it.titles()
    it.clock.now += 60
    it.open_breaker()
    assert it.executor.health().degraded == [
        {"what": "plex", "since": "2027-01-15T08:01:00Z"},
        {"what": "redis", "since": "2027-01-15T08:00:00Z"},
    ]
    assert it.executor.monitor._redis_failures == 1, "the monitor looks for it"


def test_the_monitor_and_the_warm_up_go_by_the_clock_of_the_executor() -> None:
    clock, plex = Clock(1000.0), FakePlex()
    plex.gate.clear()
    executor = Executor(
        plex,  # type: ignore[arg-type]
        settings(),
        finish=finish,
        tools={"list_libraries": list_titles},
        monotonic=clock,
        draw=lambda: 1.0,
    )
    executor.monitor.plex_lost()
    assert executor.monitor.next_probe_s() == 1.0
    executor._warm_up.start()
    assert plex.waiting.acquire(timeout=WAIT_S)
    assert not executor.health().started
    clock.now += 20
    assert executor.health().started
    plex.gate.set()
    executor.close()


def test_a_closed_executor_takes_no_more_work_and_may_be_closed_again(make: Make) -> None:
    it = make()
    it.titles(query="cached")
    it.executor.close()
    it.executor.close()
    assert raised(lambda: it.titles(query="new")).code == "BUSY"
    assert it.titles(query="cached").outcome == "hit_l1"


def test_a_queued_call_is_told_when_the_server_shuts_down(make: Make) -> None:
    it = make(PLEX_POOL_SIZE="1")
    it.plex.gate.clear()
    running = it.aside(it.titles, query="runs")
    it.wait_for_plex()
    queued = it.aside(it.titles, query="queued")
    while not it.executor._pool._executor._work_queue.qsize():
        threading.Event().wait(0.005)
    it.executor.close()
    assert "shutting down" in str(queued.exception(WAIT_S))
    it.plex.gate.set()
    assert running.result(WAIT_S).outcome == "miss", "what runs is finished"

"""Who probes, when, and what comes of it. Time is turned by hand."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import Future
from types import SimpleNamespace

import pytest
import requests
from structlog.testing import capture_logs

from plex_mcp.calls import monitor as monitor_module
from plex_mcp.errors import PlexUnavailable
from plex_mcp.plex.session import current_scope
from tests.fakes import WAIT_S, settings
from tests.unit.calls.monitoring import DOWN, Fixture


@pytest.fixture
def it() -> Iterator[Fixture]:
    fixture = Fixture()
    yield fixture
    fixture.pool.close()


def test_a_healthy_plex_is_asked_every_interval(it: Fixture) -> None:
    assert it.run(200) == [0, 60, 120, 180]


def test_it_is_not_asked_while_workers_reach_it_anyway(it: Fixture) -> None:
    assert it.run(1) == [0]
    for _ in range(10):
        it.clock.now += 30
        it.monitor.note_reached()
        it.monitor.tick()
    assert it.plex.pings == 1
    assert it.run(59) == []
    assert len(it.run(2)) == 1


def test_a_plex_that_is_down_is_asked_by_the_backoff_schedule_and_opens_the_breaker(it: Fixture) -> None:
    it.plex.ping_answer = DOWN
    assert it.run(100) == [0, 1, 3, 7, 15, 31, 61, 91]
    assert it.breaker.opened


def test_the_next_probe_after_it_comes_back_closes_the_breaker(it: Fixture) -> None:
    it.plex.ping_answer = DOWN
    it.run(20)
    assert it.breaker.opened
    assert 10 < it.monitor.next_probe_s() <= 11
    it.plex.ping_answer = None
    it.run(12)
    assert not it.breaker.opened
    assert it.run(60) == [91.0], "and the schedule is the healthy one again"


def test_calls_that_open_the_breaker_bring_the_next_probe_forward(it: Fixture) -> None:
    it.run(10)
    for _ in range(3):
        it.breaker.count_failure(DOWN)
    assert it.run(1.1) == [11.0]
    assert not it.breaker.opened


def test_the_breaker_does_not_flap_every_second_when_only_identity_answers(it: Fixture) -> None:
    it.run(10)
    pauses = []
    for _ in range(6):
        for _ in range(3):
            it.breaker.count_failure(DOWN)
        pauses.append(it.monitor.next_probe_s())
        it.run(pauses[-1])
        assert not it.breaker.opened
    assert pauses == [1, 2, 4, 8, 16, 30]
    it.monitor.note_reached()
    for _ in range(3):
        it.breaker.count_failure(DOWN)
    assert it.monitor.next_probe_s() == 1, "a call that got through proves it well"


def test_a_lost_redis_is_looked_for_every_few_seconds_and_only_while_it_is_lost(it: Fixture) -> None:
    it.run(30)
    assert it.redis.probes == 0
    it.redis.breaker.count_failure(DOWN)
    it.monitor.redis_lost()
    it.run(3.1)
    assert it.redis.probes == 2  # after 1 s and 2 s more
    it.run(30)
    assert it.redis.probes == 8  # 4 s more, then every 5 s
    it.redis.back = True
    it.run(10)
    assert it.redis.probes == 9


def test_a_lost_redis_is_looked_for_while_the_probe_of_plex_waits_for_a_worker(it: Fixture) -> None:
    gate = threading.Event()
    taken = [it.pool.submit(lambda: gate.wait(WAIT_S)) for _ in range(2)]
    it.redis.breaker.count_failure(DOWN)
    it.monitor.redis_lost()
    probing = threading.Thread(target=it.monitor.tick)
    probing.start()
    for _ in range(1000):
        it.clock.now += 1
        if it.redis.probes >= 2:
            break
        threading.Event().wait(0.01)
    assert it.redis.probes >= 2
    assert it.plex.pings == 0, "and Plex is not even asked yet"
    gate.set()
    probing.join(WAIT_S)
    assert all(future.result(WAIT_S) for future in taken)


def test_a_lost_redis_is_looked_for_before_plex_is_asked(it: Fixture) -> None:
    it.redis.breaker.count_failure(DOWN)
    it.monitor.redis_lost()
    it.clock.now += 1
    seen: list[int] = []
    it.monitor._ping = lambda: seen.append(it.redis.probes)
    it.monitor.tick()
    assert seen == [1]


def test_what_is_due_now_is_done_now(it: Fixture) -> None:
    summed: list[float] = []
    it.monitor._summarize = lambda: summed.append(it.clock.now)
    it.run(0)
    it.redis.breaker.count_failure(DOWN)
    it.monitor.redis_lost()
    it.clock.now = 0.999
    it.monitor.tick()
    assert it.redis.probes == 0
    it.clock.now = 1.0
    it.monitor.tick()
    assert it.redis.probes == 1
    it.monitor.note_reached()
    it.clock.now = 60.0
    it.monitor.tick()
    assert summed == [60.0]
    assert it.plex.pings == 1, "reached a second after the last probe"
    it.clock.now = 61.0
    assert it.monitor.tick() > 0
    assert it.plex.pings == 2
    it.clock.now = 300.0
    assert it.monitor._until_due_s() == 0


def test_each_failure_is_logged_with_its_kind_and_number(it: Fixture) -> None:
    it.plex.ping_answer = DOWN
    with capture_logs() as lines:
        it.run(1)
    assert lines == [
        {"event": "monitor.plex_failed", "cause": "PlexUnavailable", "failures": failures, "log_level": "warning"}
        for failures in (1, 2)
    ]


def test_a_probe_has_the_time_of_one_connection_and_one_answer(it: Fixture, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(monitor_module, "time", SimpleNamespace(monotonic=lambda: 1000.0))
    seen: list[float] = []
    it.monitor._ping = lambda: seen.append(current_scope().deadline)  # type: ignore[union-attr]
    it.monitor._tick_plex()
    assert seen == [1000.0 + 2 + 5]


def test_what_a_probe_asks_is_named_in_its_error(it: Fixture) -> None:
    def fail() -> None:
        raise requests.ConnectionError

    it.monitor._ping = fail
    error = it.monitor._probe()
    assert isinstance(error, PlexUnavailable)
    assert error.endpoint == "/identity"


def test_a_probe_that_finds_no_free_worker_counts_as_a_failure(it: Fixture) -> None:
    it.monitor._settings = settings(
        CALL_DEADLINE="0.5", CALL_SOFT_DEADLINE="0.1", PLEX_CONNECT_TIMEOUT="0.1", PLEX_READ_TIMEOUT="0.1"
    )
    gate = threading.Event()
    taken = [it.pool.submit(lambda: gate.wait(WAIT_S)) for _ in range(2)]
    it.monitor.tick()
    gate.set()
    assert all(future.result(WAIT_S) for future in taken)
    assert it.plex.pings == 0
    assert it.monitor._failures == 1


def test_a_probe_that_ends_just_as_its_slice_of_waiting_does_counts_as_what_it_was(it: Fixture) -> None:
    class Ending(Future[None]):
        def result(self, timeout: float | None = None) -> None:
            if not self.done():
                self.set_result(None)
                raise TimeoutError
            super().result(timeout)

    it.pool.submit = lambda _ask: Ending()  # type: ignore[method-assign,assignment,return-value]
    it.monitor.tick()
    assert it.monitor._failures == 0


def test_the_cache_is_summed_up_at_every_interval_whatever_plex_does() -> None:
    it = Fixture()
    at: list[float] = []
    it.monitor._summarize = lambda: at.append(it.clock.now)
    it.run(130.5)
    it.plex.ping_answer = DOWN
    it.run(60)
    assert [round(instant) for instant in at] == [60, 120, 180]
    it.pool.close()


def test_a_probe_is_waited_for_until_its_time_is_over_and_no_longer(
    it: Fixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(monitor_module, "time", SimpleNamespace(monotonic=iter([1000.0, 1000.25, 1008.0]).__next__))
    slices_s: list[float | None] = []

    class Silent(Future[None]):
        def result(self, timeout: float | None = None) -> None:
            slices_s.append(timeout)
            raise TimeoutError

    with pytest.raises(TimeoutError):
        it.monitor._wait(Silent(), 8.0)
    assert slices_s == [0.25, 0.25]

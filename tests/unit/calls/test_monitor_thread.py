"""The monitor's thread: its start, its end, and what it survives."""

from __future__ import annotations

import threading

from structlog.testing import capture_logs

from tests.fakes import WAIT_S
from tests.unit.calls.monitoring import DOWN, Fixture


def test_a_bug_in_a_probe_is_no_reason_to_probe_without_a_pause() -> None:
    it = Fixture()

    def crash() -> None:
        it.monitor._stopped = True  # one round
        raise ZeroDivisionError

    it.monitor._ping = crash
    it.monitor._run()
    assert it.monitor._plex_due == it.clock.now + 30
    it.pool.close()


def test_its_thread_has_a_name_and_keeps_no_process_alive() -> None:
    it = Fixture()
    seen: list[threading.Thread] = []
    ended = threading.Event()

    def run() -> None:
        seen.append(threading.current_thread())
        ended.set()

    it.monitor._run = run  # type: ignore[method-assign]
    it.monitor.start()
    assert ended.wait(WAIT_S)
    assert [(thread.name, thread.daemon) for thread in seen] == [("monitor", True)]
    it.pool.close()


def test_the_thread_probes_wakes_when_the_breaker_opens_and_survives_a_bug() -> None:
    it = Fixture(RETRY_INITIAL="0.01", RETRY_MAX="0.02")
    import time

    it.monitor._monotonic = time.monotonic
    it.monitor._plex_due = time.monotonic()
    it.monitor._summary_due = time.monotonic() + 60
    asked = threading.Semaphore(0)
    answers: list[Exception | None] = [ZeroDivisionError("a bug"), DOWN, None]

    def ping() -> None:
        answer = answers.pop(0) if answers else None
        asked.release()
        if answer is not None:
            raise answer

    it.monitor._ping = ping
    with capture_logs() as lines:
        it.monitor.start()
        for _ in range(3):
            assert asked.acquire(timeout=WAIT_S)
        while it.monitor.next_probe_s() < 30:
            threading.Event().wait(0.005)
        for _ in range(3):
            it.breaker.count_failure(DOWN)
        assert asked.acquire(timeout=WAIT_S), "woken, not after 60 s"
        it.monitor.stop()
    assert [line["event"] for line in lines][:2] == ["monitor.crashed", "monitor.plex_failed"]
    it.pool.close()


def test_the_thread_ends_with_the_pool() -> None:
    it = Fixture()
    it.pool.close()
    it.monitor._run()  # returns
    assert it.plex.pings == 0


def test_the_thread_ends_when_the_pool_is_closed_while_its_probe_waits_for_a_worker() -> None:
    it = Fixture()
    gate, began = threading.Event(), threading.Semaphore(0)

    def hang() -> None:
        began.release()
        assert gate.wait(WAIT_S)

    taken = [it.pool.submit(hang) for _ in range(2)]
    for _ in taken:
        assert began.acquire(timeout=WAIT_S)
    with capture_logs() as lines:
        watching = threading.Thread(target=it.monitor._run, daemon=True)
        watching.start()
        while not it.pool._executor._work_queue.qsize():
            threading.Event().wait(0.005)
        it.pool.close()
        watching.join(WAIT_S)
    gate.set()
    assert not watching.is_alive()
    assert lines == []


def test_a_monitor_that_is_stopped_before_its_thread_runs_ends_at_once() -> None:
    it = Fixture()
    it.monitor.stop()
    it.monitor._run()
    it.pool.close()

"""Workers, refreshers and the waiting room: bounded, counted, closed."""

from __future__ import annotations

import contextvars
import threading
from typing import Any

import pytest

from plex_mcp.calls.pool import Closed, Refreshers, WaitingRoom, WorkerPool
from plex_mcp.telemetry.metrics import POOL_BUSY_WORKERS, POOL_QUEUED_CALLS
from tests.fakes import WAIT_S


def level(gauge: Any) -> float:
    return float(gauge._value.get())


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

    def test_workers_are_known_by_their_names(self) -> None:
        pool = WorkerPool(1)
        assert pool.submit(lambda: threading.current_thread().name).result(WAIT_S) == "plex-worker_0"
        pool.close()

    def test_a_closed_pool_takes_nothing(self) -> None:
        pool = WorkerPool(1)
        before = level(POOL_QUEUED_CALLS)
        pool.close()
        with pytest.raises(Closed):
            pool.submit(lambda: None)
        assert level(POOL_QUEUED_CALLS) == before


def test_refreshers_take_no_more_than_their_limit_and_nothing_once_closed() -> None:
    variable: contextvars.ContextVar[str] = contextvars.ContextVar("request_id", default="none")
    variable.set("r1")
    seen: list[str] = []
    refreshers, gate, done = Refreshers(1, limit=2), threading.Event(), threading.Semaphore(0)

    def load() -> None:
        assert gate.wait(WAIT_S)
        seen.append(f"{threading.current_thread().name} {variable.get()}")
        done.release()

    assert [refreshers.submit(load) for _ in range(3)] == [True, True, False]
    gate.set()
    for _ in range(2):
        assert done.acquire(timeout=WAIT_S)
    assert seen == ["refresher_0 r1", "refresher_0 r1"], "one after the other; context variables go along"
    while not refreshers.submit(lambda: None):
        pass
    refreshers.close()
    assert not refreshers.submit(load)


def test_closing_the_refreshers_waits_for_nothing_and_begins_nothing_more() -> None:
    refreshers, gate, began = Refreshers(1, limit=2), threading.Event(), threading.Semaphore(0)
    ended: list[bool] = []

    def load() -> None:
        began.release()
        ended.append(gate.wait(WAIT_S))

    assert [refreshers.submit(load) for _ in range(2)] == [True, True]
    assert began.acquire(timeout=WAIT_S)
    refreshers.close()
    assert ended == []
    gate.set()
    refreshers._executor.shutdown(wait=True)
    assert ended == [True], "the second never began"


def test_a_place_in_the_waiting_room_is_given_back() -> None:
    room = WaitingRoom(1)
    for _ in range(2):
        with room.place() as first, room.place() as second:
            assert (first, second) == (True, False)

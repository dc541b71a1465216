"""Few threads take the requests; when they all wait, the reserve steps in, up to the limit."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from plex_mcp.web.threads import HOT, Threads, WakingQueue


def wait_for(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.002)


class Held:
    """Work that lasts until the gate opens."""

    def __init__(self) -> None:
        self.gate = threading.Event()
        self.begun: list[int] = []
        self.ended: list[int] = []

    def __call__(self, job: int) -> None:
        self.begun.append(job)
        self.gate.wait(10)
        self.ended.append(job)


def test_work_that_waits_does_not_keep_other_work_from_beginning() -> None:
    held = Held()
    threads = Threads(held, limit=HOT + 12)
    for job in range(HOT + 12):
        threads.submit(job)
    wait_for(lambda: len(held.begun) == HOT + 12)
    held.gate.set()
    wait_for(lambda: len(held.ended) == HOT + 12)
    threads.shutdown()


def test_more_than_the_limit_never_run_at_once_and_all_are_done() -> None:
    held = Held()
    threads = Threads(held, limit=HOT + 2)
    for job in range(3 * HOT):
        threads.submit(job)
    wait_for(lambda: len(held.begun) == HOT + 2)
    time.sleep(0.05)
    assert len(held.begun) == HOT + 2
    held.gate.set()
    wait_for(lambda: len(held.ended) == 3 * HOT)
    assert sorted(held.ended) == list(range(3 * HOT))
    threads.shutdown()


def test_a_limit_below_the_hot_ones_holds() -> None:
    held = Held()
    threads = Threads(held, limit=2)
    for job in range(5):
        threads.submit(job)
    wait_for(lambda: len(held.begun) == 2)
    time.sleep(0.05)
    assert len(held.begun) == 2
    held.gate.set()
    wait_for(lambda: len(held.ended) == 5)
    threads.shutdown()


def test_the_reserve_steps_in_again_and_again() -> None:
    threads_seen: set[str] = set()
    finished = threading.Semaphore(0)

    def work(_job: int) -> None:
        threads_seen.add(threading.current_thread().name)
        time.sleep(0.02)
        finished.release()

    threads = Threads(work, limit=HOT + 8)
    for _ in range(3):
        for job in range(2 * HOT):
            threads.submit(job)
        for _ in range(2 * HOT):
            assert finished.acquire(timeout=10)
            threads.done()
    assert len(threads_seen) > HOT
    threads.shutdown()


def test_every_call_reaches_the_poller_however_many_come_at_once() -> None:
    queue, came = WakingQueue(), []
    queue.init()
    writers = [
        threading.Thread(target=lambda start=start: [queue.defer(came.append, start + n) for n in range(200)])
        for start in range(0, 1600, 200)
    ]
    for writer in writers:
        writer.start()
    deadline = time.monotonic() + 10
    while len(came) < 1600:
        assert time.monotonic() < deadline
        queue.run_callbacks(None)
    for writer in writers:
        writer.join()
    assert sorted(came) == list(range(1600))
    queue.close()

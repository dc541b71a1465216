"""When the reserve is called: looks at the threads are taken one at a time, work goes on when a test says so."""

from __future__ import annotations

import sys
import threading
from collections import Counter, defaultdict
from collections.abc import Iterator

import pytest

from plex_mcp.web import threads as module
from plex_mcp.web.threads import HOT, Threads
from tests.fakes import WAIT_S, Clock


class Stage:
    """Threads whose looks and whose work are let go one by one."""

    def __init__(self, limit: int) -> None:
        self.clock = Clock(0.0)
        self.settled = threading.Event()
        self.was_paused = False
        self.pauses = threading.Semaphore(0)
        self.looks = threading.Semaphore(0)
        self.begun = threading.Semaphore(0)
        self.turns: defaultdict[str, threading.Semaphore] = defaultdict(lambda: threading.Semaphore(0))
        self.taken = Counter[str]()
        self.busy: set[str] = set()
        self.late_s = 0.0
        self.is_over = False
        self.threads = Threads(self._work, limit=limit, clock=self._clock, pause=self._pause)

    def _work(self, _job: int) -> None:
        name = threading.current_thread().name
        self.taken[name] += 1
        self.busy.add(name)
        self.begun.release()
        if not self.is_over:
            assert self.turns[name].acquire(timeout=WAIT_S)
        self.busy.discard(name)

    def _pause(self, seconds: float) -> None:
        self.pauses.release()
        assert self.looks.acquire(timeout=WAIT_S)
        self.clock.now += seconds + self.late_s
        self.was_paused = True

    def _clock(self) -> float:
        """What the watch asks before a look, then after it; before one it waits until all has come to rest."""
        if not self.was_paused:
            assert self.settled.wait(WAIT_S)
        self.was_paused = False
        return self.clock()

    def submit(self, count: int) -> None:
        """All at once, as far as the watch can see."""
        self.settled.clear()
        for job in range(count):
            self.threads.submit(job)
        self.settled.set()

    def await_begun(self, count: int) -> None:
        for _ in range(count):
            assert self.begun.acquire(timeout=WAIT_S)

    def look(self, *moving: str, called: int = 0) -> None:
        """One look, before which each of `moving` takes a job more, and after which `called` of the reserve have."""
        assert self.pauses.acquire(timeout=WAIT_S)
        self.let(*moving)
        self.await_begun(len(moving))
        self.settled.clear()
        self.looks.release()
        self.await_begun(called)
        self.settled.set()
        assert self.pauses.acquire(timeout=WAIT_S), "the look is over when the next pause begins"
        self.pauses.release()

    def let(self, *moving: str) -> None:
        for name in moving:
            self.turns[name].release()

    def helpers(self) -> list[str]:
        """Of the reserve, who is at work."""
        return sorted(name for name in self.busy if "reserve" in name)

    def end(self) -> None:
        self.is_over = True
        self.settled.set()
        self.threads.shutdown()
        for name in list(self.taken):
            for _ in range(200):
                self.turns[name].release()
        for _ in range(50):
            self.looks.release()


def hot(*numbers: int) -> list[str]:
    return [f"answer-{number}" for number in numbers]


ALL_HOT = hot(*range(1, HOT + 1))


@pytest.fixture
def stage() -> Iterator[Stage]:
    stage = Stage(limit=HOT + 24)
    stage.submit(HOT)
    stage.await_begun(HOT)
    assert sorted(stage.busy) == ALL_HOT
    yield stage
    stage.end()


def test_one_thread_that_moves_does_not_keep_help_from_the_others_work(stage: Stage) -> None:
    """Seven hang, and the eighth takes one job after another: the queue never stands still, and is one thread's."""
    stage.submit(300)
    for _ in range(module.STUCK_LOOKS - 1):
        stage.look(ALL_HOT[0])
    assert stage.helpers() == []
    stage.look(ALL_HOT[0], called=HOT - 1)
    assert len(stage.helpers()) == HOT - 1
    for _ in range(20):
        stage.look(ALL_HOT[0], *stage.helpers())
    assert len(stage.helpers()) == HOT - 1, "eight move: nobody else is called"


def test_a_queue_that_stands_still_gets_help_at_once_and_again_when_the_help_hangs_too(stage: Stage) -> None:
    stage.submit(20)
    stage.look(called=HOT)
    stage.look(called=HOT)
    stage.look(called=20 - 2 * HOT)
    assert len(stage.helpers()) == 20


def test_who_only_works_is_not_helped_however_long_the_queue(stage: Stage) -> None:
    """Fifty clients in a closed loop of cached hits: each waits longer than a look takes, and all eight are at it."""
    stage.submit(500)
    for number in range(30):
        stage.look(*(ALL_HOT if number % 3 == 0 else ALL_HOT[: HOT // 2] if number % 3 == 1 else ALL_HOT[HOT // 2 :]))
    assert [name for name in stage.taken if "reserve" in name] == []


def test_jobs_that_came_since_the_last_look_need_no_help_yet(stage: Stage) -> None:
    stage.submit(1)
    for _ in range(10):
        assert stage.pauses.acquire(timeout=WAIT_S)
        stage.let(ALL_HOT[0])
        stage.await_begun(1)
        stage.submit(1)
        stage.looks.release()
        assert stage.pauses.acquire(timeout=WAIT_S)
        stage.pauses.release()
    assert stage.helpers() == []


def test_a_look_that_comes_late_calls_one_only(stage: Stage) -> None:
    """Under a CPU quota the whole process stands for 80 ms: then everything looks stuck."""
    stage.submit(50)
    stage.late_s = 0.08
    stage.look(called=1)
    stage.look(called=1)
    assert len(stage.helpers()) == 2
    stage.late_s = 0.0
    stage.look(called=HOT)
    assert len(stage.helpers()) == HOT + 2


def test_help_goes_back_when_enough_move_again(stage: Stage) -> None:
    stage.submit(200)
    stage.look(called=HOT)
    helpers = stage.helpers()
    stage.look(*ALL_HOT, *helpers)  # the hot ones are back: sixteen move
    stage.let(*helpers)
    for _ in range(4):
        stage.look(*ALL_HOT)
    assert stage.helpers() == []


def test_never_more_than_the_reserve(stage: Stage) -> None:
    stage.submit(100)
    for _ in range(3):
        stage.look(called=HOT)
    for _ in range(10):
        stage.look()
    assert len(stage.busy) == HOT + 24


def test_stopping_while_the_reserve_grows_raises_nothing() -> None:
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    gate = threading.Event()
    try:
        for _ in range(5):
            gate.clear()
            begun = threading.Semaphore(0)
            threads = Threads(lambda _job, begun=begun: (begun.release(), gate.wait(WAIT_S)), limit=64)
            for job in range(64):
                threads.submit(job)
            for _ in range(HOT + 1):  # the first of the reserve: others are about to be begun
                assert begun.acquire(timeout=WAIT_S)
            for _ in range(3):
                threads.shutdown()
            gate.set()
    finally:
        gate.set()
        sys.setswitchinterval(interval)


def test_a_thread_that_cannot_be_begun_is_begun_with_a_later_job(monkeypatch: pytest.MonkeyPatch) -> None:
    """A container's limit of processes: RuntimeError, and not the end of the poller that submits."""
    done = threading.Semaphore(0)
    threads = Threads(lambda _job: done.release(), limit=4)

    def refuse(_thread: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    with monkeypatch.context() as patch:
        patch.setattr(threading.Thread, "start", refuse)
        threads.submit(1)
    threads.submit(2)
    assert done.acquire(timeout=WAIT_S)
    assert done.acquire(timeout=WAIT_S)
    threads.shutdown()

"""Open after failures in a row, closed by the monitor only."""

from __future__ import annotations

import threading

import pytest

from plex_mcp.calls.breaker import Breaker
from plex_mcp.errors import PlexUnavailable
from tests.fakes import Clock

DOWN = PlexUnavailable("down")


def test_it_opens_at_the_threshold_and_says_so_once() -> None:
    clock, told = Clock(), []
    breaker = Breaker(3, on_change=told.append, clock=clock)
    breaker.count_failure(DOWN)
    breaker.count_failure(DOWN)
    assert not breaker.opened
    breaker.count_failure(DOWN)
    assert breaker.opened
    assert breaker.opened_at == clock.now
    clock.now += 5
    breaker.count_failure(DOWN)
    assert told == [True]
    assert breaker.opened_at == clock.now - 5


def test_a_question_that_fails_again_and_again_counts_once_until_something_succeeds() -> None:
    breaker = Breaker(3)
    for _ in range(5):
        breaker.count_failure(DOWN, question="one")
    breaker.count_failure(DOWN, question="two")
    assert not breaker.opened
    breaker.count_success()
    for question in ("one", "two"):
        breaker.count_failure(DOWN, question=question)
    assert not breaker.opened, "both begin a new row"
    breaker.count_failure(DOWN)
    assert breaker.opened
    breaker.close()
    for question in ("one", "two", "three"):
        assert not breaker.opened
        breaker.count_failure(DOWN, question=question)
    assert breaker.opened, "closing it forgot them"


def test_a_success_ends_a_row_of_failures() -> None:
    breaker = Breaker(3)
    for _ in range(5):
        breaker.count_failure(DOWN)
        breaker.count_failure(DOWN)
        breaker.count_success()
    assert not breaker.opened


def test_a_late_success_does_not_close_it() -> None:
    breaker = Breaker(1)
    breaker.count_failure(DOWN)
    breaker.count_success()
    assert breaker.opened


def test_time_does_not_close_it(monkeypatch: pytest.MonkeyPatch) -> None:
    import circuitbreaker

    breaker = Breaker(1)
    breaker.count_failure(DOWN)
    far = circuitbreaker.monotonic() + 10**7
    monkeypatch.setattr(circuitbreaker, "monotonic", lambda: far)
    breaker.count_success()
    assert breaker.opened
    assert breaker._library.opened, "no half-open state in the library either"


def test_closing_it_starts_the_count_anew_and_says_so() -> None:
    told: list[bool] = []
    breaker = Breaker(2, on_change=told.append)
    breaker.close()
    assert told == [], "it was closed already"
    breaker.count_failure(DOWN)
    breaker.count_failure(DOWN)
    breaker.close()
    breaker.count_failure(DOWN)
    assert told == [True, False]
    assert not breaker.opened


def test_failures_of_many_threads_are_all_counted() -> None:
    told: list[bool] = []
    breaker = Breaker(400, on_change=told.append)
    barrier = threading.Barrier(8)

    def fail() -> None:
        barrier.wait(5)
        for _ in range(50):
            breaker.count_failure(PlexUnavailable("down"))

    threads = [threading.Thread(target=fail) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert told == [True]

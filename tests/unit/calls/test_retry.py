"""1 s, 2 s, 4 s … at most 30 s, inside the deadline, reads only."""

from __future__ import annotations

from typing import Any

import pytest

from plex_mcp.calls.breaker import BreakerOpen
from plex_mcp.calls.retry import backoff_s, retried
from plex_mcp.errors import Busy, NotFound, PlexBadAnswer, PlexForbidden, PlexTimeout, PlexUnavailable, ToolError
from tests.fakes import Clock, raised, settings


class Run:
    def __init__(self, *answers: Any, deadline_s: float = 1000.0, cancelled: bool = False, **changed: str) -> None:
        self.clock = Clock(0.0)
        self.tries = 0
        self.reports: list[tuple[str, int, float]] = []
        left = list(answers)

        def attempt() -> Any:
            self.tries += 1
            answer = left.pop(0)
            if isinstance(answer, Exception):
                raise answer
            return answer

        self.go = lambda: retried(
            attempt,
            settings(**changed),
            deadline=deadline_s,
            monotonic=self.clock,
            sleep=self.clock.sleep,
            draw=lambda: 1.0,
            on_failure=lambda error, tried, pause_s: self.reports.append((str(error.code), tried, pause_s)),
            give_up=lambda: cancelled,
        )


@pytest.mark.parametrize(
    ("failures", "least_s", "most_s"),
    [(1, 0.75, 1), (2, 1.5, 2), (3, 3, 4), (5, 12, 16), (6, 22.5, 30), (500, 22.5, 30)],
)
def test_pauses_double_up_to_thirty_seconds_with_a_quarter_drawn_by_lot(
    failures: int, least_s: float, most_s: float
) -> None:
    assert backoff_s(failures, settings(), lambda: 0.0) == least_s
    assert backoff_s(failures, settings(), lambda: 1.0) == most_s


def test_a_read_that_fails_twice_is_tried_three_times() -> None:
    run = Run(PlexUnavailable("down"), PlexTimeout("slow"), "answer")
    assert run.go() == "answer"
    assert run.clock.slept == [1.0, 2.0]
    assert run.reports == [("PLEX_UNAVAILABLE", 1, 1.0), ("PLEX_TIMEOUT", 2, 2.0)]


def test_the_last_error_is_raised_when_tries_are_spent() -> None:
    run = Run(PlexUnavailable("a"), PlexUnavailable("b"), PlexBadAnswer("c"), "never")
    assert raised(run.go).message == "c"
    assert run.tries == 3


@pytest.mark.parametrize(
    "error", [NotFound("x"), PlexForbidden("x"), Busy("x"), BreakerOpen("x")], ids=lambda e: type(e).__name__
)
def test_what_trying_again_cannot_mend_is_not_tried_again(error: ToolError) -> None:
    run = Run(error, "never")
    assert raised(run.go) is error
    assert run.clock.slept == []


def test_a_second_try_without_a_turn_does_not_hide_why_the_first_failed() -> None:
    with pytest.raises(PlexTimeout, match="slow"):
        Run(PlexTimeout("slow"), Busy("full")).go()
    with pytest.raises(Busy, match="full"):
        Run(Busy("full")).go()


def test_a_bug_is_not_tried_again() -> None:
    run = Run(ZeroDivisionError(), "never")
    with pytest.raises(ZeroDivisionError):
        run.go()
    assert run.tries == 1


def test_no_pause_goes_past_the_deadline() -> None:
    run = Run(PlexUnavailable("a"), PlexUnavailable("b"), "never", deadline_s=2.9)
    assert raised(run.go).message == "b"
    assert run.clock.slept == [1.0]
    run = Run(PlexUnavailable("a"), "never", deadline_s=1.0)
    raised(run.go)
    assert run.tries == 1, "at the deadline itself nobody is left who waits"


def test_nothing_is_tried_again_for_a_caller_who_went_away() -> None:
    run = Run(PlexUnavailable("a"), "never", cancelled=True)
    assert raised(run.go).message == "a"
    assert run.tries == 1


def test_a_pause_is_never_shorter_than_plex_asked_for() -> None:
    run = Run(PlexUnavailable("busy", pause_s=5.0), PlexUnavailable("busy", pause_s=0.5), "answer")
    assert run.go() == "answer"
    assert run.clock.slept == [5.0, 2.0]
    assert [pause_s for _, _, pause_s in run.reports] == [5.0, 2.0]


def test_nothing_is_tried_again_when_plex_asks_for_more_time_than_is_left() -> None:
    run = Run(PlexUnavailable("starting", pause_s=10.0), "never", deadline_s=8.0)
    assert raised(run.go).message == "starting"
    assert (run.tries, run.clock.slept) == (1, [])


def test_what_callers_are_told_to_wait_is_no_pause_that_plex_asked_for() -> None:
    run = Run(PlexUnavailable("starting", retry_after_s=10.0), "answer", deadline_s=8.0)
    assert run.go() == "answer"
    assert run.clock.slept == [1.0]


def test_figures_come_from_the_settings() -> None:
    run = Run(*[PlexUnavailable("down")] * 9, RETRY_ATTEMPTS="5", RETRY_INITIAL="0.5", RETRY_MAX="1.5")
    raised(run.go)
    assert run.clock.slept == [0.5, 1.0, 1.5, 1.5]

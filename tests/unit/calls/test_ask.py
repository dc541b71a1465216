"""How long a call waits for its worker, and what it may still do when its turn comes."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from typing import Any

import pytest

from plex_mcp.calls.ask import Asker
from plex_mcp.calls.breaker import Breaker
from plex_mcp.calls.call import Call
from plex_mcp.calls.outcome import CallInfo
from plex_mcp.errors import Busy, PlexTimeout, PlexUnavailable, ToolError
from tests.fakes import FakePlex, list_titles, raised


class Patient(Future[Any]):
    waits_s: list[float | None]

    def result(self, timeout: float | None = None) -> Any:
        self.waits_s.append(timeout)
        return super().result(0)


class Pool:
    """Runs a job at once; `waits_s` are the seconds for which its end was waited."""

    def __init__(self) -> None:
        self.waits_s: list[float | None] = []

    def submit(self, job: Callable[[], Any]) -> Patient:
        future = Patient()
        future.waits_s = self.waits_s
        try:
            future.set_result(job())
        except Exception as error:
            future.set_exception(error)
        return future


def asker_for(plex: Any, pool: Any, monotonic: Callable[[], float]) -> Asker:
    """The read timeout is 5 s; there is no monitor to tell that Plex was reached."""
    return Asker(
        plex,
        pool=pool,
        breaker=Breaker(1),
        monitor=None,  # type: ignore[arg-type]
        read_timeout_s=5.0,
        monotonic=monotonic,
    )


def test_a_call_waits_until_its_deadline_and_a_moment_more_and_adds_up_its_time_in_the_queue() -> None:
    pool, instants = Pool(), iter([10.0, 10.5, 12.0, 12.25, 17.5, 17.75])
    asker = asker_for(None, pool, instants.__next__)
    call = Call(list_titles, {}, CallInfo(), deadline=18.0)
    assert [asker.in_worker(call, lambda: "done") for _ in range(3)] == ["done"] * 3
    assert call.trace.queue_s == 1.0
    assert pool.waits_s == [8.25, 6.25, 0.75]


@pytest.mark.parametrize("late_s", [0.0, 5.0])
def test_nothing_is_asked_at_the_deadline_or_past_it(late_s: float) -> None:
    pool = Pool()
    asker = asker_for(None, pool, lambda: 18.0 + late_s)
    with pytest.raises(Busy):
        asker.in_worker(Call(list_titles, {}, CallInfo(), deadline=18.0), lambda: "done")
    assert pool.waits_s == [0.25]


@pytest.mark.parametrize(
    ("error", "begun", "ended", "opens"),
    [
        (PlexTimeout("slow"), 13.5, 18.0, False),
        (PlexTimeout("slow"), 17.9, 18.1, False),
        (PlexTimeout("slow"), 13.0, 18.0, True),
        (PlexTimeout("no connection"), 13.5, 17.5, True),
        (PlexUnavailable("down", status=503), 13.5, 18.0, True),
    ],
)
def test_a_plex_that_was_given_less_than_its_read_timeout_has_not_failed_at_our_deadline(
    error: ToolError, begun: float, ended: float, opens: bool
) -> None:
    """Else the calls that a crowd has kept in the queue would open the breaker before a slow and healthy Plex."""
    instants = iter([begun, ended])
    asker = asker_for(FakePlex(error), Pool(), lambda: next(instants, ended))
    assert raised(lambda: asker.ask(Call(list_titles, {}, CallInfo(), deadline=18.0), {})) is error
    assert asker._breaker.opened is opens

"""Of all calls for the same answer one loads it; how long the others wait for that."""

from __future__ import annotations

import threading

import pytest

from plex_mcp.calls.entry import build_key
from plex_mcp.calls.flight import Flights
from plex_mcp.errors import PlexUnavailable
from tests.fakes import WAIT_S, Clock

DOWN = PlexUnavailable("down")


KEY = build_key("s", "t", {})


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
        assert (flight.failure, flight.tier) == (DOWN, ""), "the failure before the end is kept"

    @pytest.mark.parametrize("gone", [False, True])
    def test_a_stale_copy_and_a_failure_end_a_wait_and_so_does_a_caller_who_went_away(self, gone: bool) -> None:
        flight, _ = Flights(monotonic=Clock(0.0)).join(KEY)
        cancelled = threading.Event()
        if gone:
            cancelled.set()
        else:
            flight.offer(object())  # type: ignore[arg-type]
            flight.note_failure(DOWN)
        arguments = {"deadline": 8.0, "soft_s": 1.5, "cancelled": cancelled}
        waiting = threading.Thread(target=flight.wait, kwargs=arguments, daemon=True)
        waiting.start()
        waiting.join(WAIT_S)
        assert not waiting.is_alive()

    def test_nobody_joins_the_flights_of_a_tool_whose_answers_a_command_made_old(self) -> None:
        flights = Flights()
        of_tool, of_another = build_key("s", "t", {"a": 1}), build_key("s", "u", {})
        flights.join(of_tool)
        flights.join(of_another)
        flights.forget_all("t")
        assert (flights.join(of_tool)[1], flights.join(of_another)[1]) == (True, False)


class Waits(threading.Condition):
    """Remembers for how long it was waited, and lets that time pass."""

    def __init__(self, clock: Clock) -> None:
        super().__init__()
        self.clock = clock
        self.waits_s: list[float] = []

    def wait(self, timeout: float | None = None) -> bool:
        assert timeout is not None
        self.waits_s.append(timeout)
        self.clock.now += timeout
        return False


@pytest.mark.parametrize(
    ("began_s", "stale", "watched", "waits_s"),
    [
        (0.0, False, False, [8.0]),
        (7.5, False, False, [0.5]),
        (0.0, True, False, [1.5]),
        (1.0, True, False, [0.5]),
        (1.5, True, False, []),
        (0.0, True, True, [0.25] * 6),
        (7.875, False, True, [0.125]),
    ],
)
def test_who_waits_does_so_until_the_deadline_or_the_soft_one_and_looks_whether_its_caller_is_there(
    began_s: float, stale: bool, watched: bool, waits_s: list[float]
) -> None:
    clock = Clock(0.0)
    flight, _ = Flights(monotonic=clock).join(KEY)
    flight._changed = waits = Waits(clock)
    if stale:
        flight.offer(object())  # type: ignore[arg-type]
    clock.now = began_s
    flight.wait(deadline=8.0, soft_s=1.5, cancelled=threading.Event() if watched else None)
    assert waits.waits_s == waits_s
    assert flight.waiters == 0

"""Commands are sent once, and what they changed is not answered from the cache."""

from __future__ import annotations

import threading

import pytest

from plex_mcp.errors import Ambiguous, InvalidArgument, NotControllable, NotFound, ToolError
from tests.fakes import WAIT_S, content, list_playing, mark, pause, raised
from tests.unit.calls.execution import DOWN, Make


def test_a_command_is_carried_out_each_time_and_says_when(make: Make) -> None:
    it = make("paused")
    for _ in range(2):
        outcome = it.executor.call(pause, {"forget": False})
        assert outcome.outcome == "bypass"
        assert content(outcome) == {"state": "paused", "as_of": "2027-01-15T08:00:00Z"}
    assert it.plex.requests == 2


def test_a_command_whose_answer_has_no_time_says_none(make: Make) -> None:
    it = make(True)
    assert it.executor.call(mark, {}).structured == b'{"marked":true}'


def test_a_command_is_never_tried_again(make: Make) -> None:
    it = make(DOWN, "paused")
    assert raised(lambda: it.executor.call(pause, {"forget": False})) is DOWN
    assert it.plex.requests == 1


def test_a_command_is_not_sent_while_the_breaker_is_open(make: Make) -> None:
    it = make("paused")
    it.open_breaker()
    assert raised(lambda: it.executor.call(pause, {"forget": False})).code == "PLEX_UNAVAILABLE"
    assert it.plex.requests == 0


def test_a_command_is_refused_where_the_server_only_reads(make: Make) -> None:
    it = make("paused", READ_ONLY="true")
    assert raised(lambda: it.executor.call(pause, {"forget": False})).as_dict() == {
        "code": "READ_ONLY",
        "message": "pause is switched off: this server runs with READ_ONLY.",
        "temporary": False,
        "suggestion": "Tell the user that only its owner can allow commands.",
    }
    assert it.plex.requests == 0


def test_what_a_command_re_read_is_what_the_next_reader_gets(make: Make) -> None:
    it = make(["anna: playing", "ben: playing"], "paused")
    assert content(it.executor.call(list_playing, {"user": "anna"}))["titles"] == ["anna: playing"]
    it.clock.now += 1
    it.executor.call(pause, {"forget": False})
    outcome = it.executor.call(list_playing, {"user": "anna"})
    assert (outcome.outcome, content(outcome)["titles"]) == ("hit_l1", ["anna: paused"])
    assert it.plex.requests == 2


def test_what_a_command_could_not_re_read_is_asked_for_anew(make: Make) -> None:
    it = make(["anna: playing"], "paused", ["anna: paused"])
    it.executor.call(list_playing, {"user": None})
    it.clock.now += 1
    it.executor.call(pause, {"forget": True})
    assert content(it.executor.call(list_playing, {"user": None}))["titles"] == ["anna: paused"]


@pytest.mark.parametrize("forget", [True, False])
def test_a_read_that_left_before_a_command_does_not_overwrite_what_came_of_it(make: Make, forget: bool) -> None:
    it = make()
    answering = threading.Event()

    def slow_read() -> list[str]:
        assert answering.wait(WAIT_S)
        return ["anna: playing"]

    it.plex.answers = [slow_read, "paused", ["anna: paused"]]
    reading = it.aside(it.executor.call, list_playing, {"user": None})
    it.wait_for_plex()
    it.clock.now += 1
    it.executor.call(pause, {"forget": forget})
    answering.set()
    seen = "anna: playing" if forget else "anna: paused"
    assert content(reading.result(WAIT_S))["titles"] == [seen], "what was so when it asked, or what is known since"
    assert content(it.executor.call(list_playing, {"user": None}))["titles"] == ["anna: paused"]


@pytest.mark.parametrize(
    "refusal",
    [InvalidArgument("x"), NotFound("x"), Ambiguous("x"), NotControllable("x"), DOWN],
    ids=lambda error: type(error).__name__,
)
def test_a_command_that_was_not_sent_leaves_the_cache_as_it_is(make: Make, refusal: ToolError) -> None:
    it = make(["anna: playing"])
    it.executor.call(list_playing, {"user": None})
    it.clock.now += 1
    it.plex.refusal = refusal
    assert raised(lambda: it.executor.call(pause, {"forget": False})) is refusal
    assert it.executor.call(list_playing, {"user": None}).outcome == "hit_l1"


@pytest.mark.parametrize("failure", [DOWN, NotControllable("It did not answer."), ZeroDivisionError()], ids=repr)
def test_a_command_that_failed_once_it_was_sent_outdates_what_it_may_have_changed(
    make: Make, failure: Exception
) -> None:
    it = make(["anna: playing"], failure, ["anna: paused"])
    it.executor.call(list_playing, {"user": None})
    it.clock.now += 1
    raised(lambda: it.executor.call(pause, {"forget": False}))
    assert content(it.executor.call(list_playing, {"user": None}))["titles"] == ["anna: paused"]


def test_a_command_that_hangs_outdates_what_it_may_still_change(make: Make) -> None:
    it = make(CALL_DEADLINE="0.5", CALL_SOFT_DEADLINE="0.1", PLEX_READ_TIMEOUT="0.2", PLEX_CONNECT_TIMEOUT="0.2")
    it.executor.call(list_playing, {"user": None})
    it.clock.now += 1
    it.plex.gate.clear()
    raised(lambda: it.executor.call(pause, {"forget": False}))
    assert it.executor.call(list_playing, {"user": None}).outcome == "stale"


def test_a_command_that_hangs_says_that_it_may_have_been_carried_out(make: Make) -> None:
    it = make(CALL_DEADLINE="0.5", CALL_SOFT_DEADLINE="0.1", PLEX_READ_TIMEOUT="0.2", PLEX_CONNECT_TIMEOUT="0.2")
    it.plex.gate.clear()
    error = raised(lambda: it.executor.call(pause, {"forget": False}))
    assert (error.code, "may have been carried out" in error.message) == ("PLEX_TIMEOUT", True)

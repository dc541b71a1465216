"""Which failures open the breaker before Plex, and what calls meet then."""

from __future__ import annotations

import pytest
from structlog.testing import capture_logs

from plex_mcp.errors import InvalidArgument, NotFound, PlexBadAnswer, PlexTimeout, PlexUnavailable, ToolError
from plex_mcp.telemetry.metrics import REGISTRY
from plex_mcp.tools._tool import tool
from tests.fakes import WAIT_S, FakePlex, Titles, pause, raised, refuse_arguments, tell
from tests.unit.calls.execution import DOWN, Make

BROKEN = [PlexBadAnswer("lacks what it should hold"), PlexUnavailable("failed", status=500)]


@tool(title="Item and poster", ttl_s=60.0)
def show_item_and_poster(plex: FakePlex) -> Titles:
    """Show an item and its poster."""
    return Titles([*plex.fetch(), *plex.fetch()])


def test_the_breaker_opens_after_failures_in_a_row_and_calls_fail_without_asking(make: Make) -> None:
    it = make(DOWN)
    for number in range(2):
        raised(lambda n=number: it.titles(query=str(n)))
    error = raised(lambda: it.titles(query="next"))
    assert it.plex.requests == 5
    told = error.as_dict()
    assert told.pop("retry_after_s") == pytest.approx(1.0, abs=0.6)
    assert told == {
        "code": "PLEX_UNAVAILABLE",
        "message": "Plex is down",  # what opened it
        "temporary": True,
        "suggestion": "It may be restarting; this server keeps looking for it. Ask again later.",
    }
    assert it.executor.health().degraded[0]["what"] == "plex"


def test_a_breaker_that_knows_no_cause_of_plexs_says_that_it_cannot_be_reached(make: Make) -> None:
    it = make(["never asked"])
    for _ in range(5):
        it.executor._breaker.count_failure(ValueError("not ours"))
    error = raised(it.titles)
    assert error.message == "Plex cannot be reached."
    assert "not ours" not in str(error.as_dict())


def test_calls_that_wait_for_a_worker_fail_at_once_when_the_breaker_opens(make: Make) -> None:
    it = make(PlexTimeout("slow"), RETRY_ATTEMPTS="1")
    it.plex.gate.clear()
    calls = [it.aside(it.titles, query=str(number)) for number in range(30)]
    it.wait_for_plex(10)
    it.plex.gate.set()
    errors = [call.exception(WAIT_S) for call in calls]
    assert it.plex.requests < 25, "those in the queue were not sent"
    assert {type(error).__name__ for error in errors} == {"PlexTimeout", "BreakerOpen"}


def test_errors_that_are_answers_do_not_open_the_breaker(make: Make) -> None:
    it = make(NotFound("no"))
    for number in range(20):
        raised(lambda n=number: it.titles(query=str(n)))
    assert it.plex.requests == 20


def test_arguments_refused_before_plex_was_asked_do_not_touch_the_breaker(make: Make) -> None:
    it = make(InvalidArgument("no"), BREAKER_THRESHOLD="2")
    for _ in range(2):
        it.executor._breaker.count_failure(DOWN)
        raised(lambda: it.executor.call(refuse_arguments, {}))
    assert it.executor._breaker.opened, "nor do they end a row of failures"


def test_a_call_that_waited_in_vain_for_anothers_request_counts_as_a_failure(make: Make) -> None:
    """The client connects once for all workers: behind a hanging connection nine of ten never send a request."""
    it = make(PlexTimeout("slow"), RETRY_ATTEMPTS="1", BREAKER_THRESHOLD="1")
    raised(lambda: it.executor.call(refuse_arguments, {}))
    assert it.executor._breaker.opened


def test_a_deaf_player_does_not_open_the_breaker(make: Make) -> None:
    it = make(PlexTimeout("deaf", endpoint="/player/playback/{command}"), BREAKER_THRESHOLD="1")
    raised(lambda: it.executor.call(pause, {"forget": False}))
    assert not it.executor._breaker.opened


@pytest.mark.parametrize("failure", BROKEN, ids=lambda error: type(error).__name__)
def test_one_broken_item_asked_for_again_and_again_takes_nobody_down(make: Make, failure: ToolError) -> None:
    it = make(failure)
    for _ in range(10):
        assert raised(lambda: it.titles(query="broken")).code == failure.code
    it.plex.answers = [["Amélie"]]
    assert it.titles(query="whole").outcome == "miss"


@pytest.mark.parametrize("failure", BROKEN, ids=lambda error: type(error).__name__)
def test_a_plex_that_fails_at_whatever_it_is_asked_is_left_alone(make: Make, failure: ToolError) -> None:
    it = make(failure)
    for number in range(5):
        assert not it.executor._breaker.opened
        raised(lambda n=number: it.titles(query=str(n)))
    assert it.executor._breaker.opened


def test_a_call_whose_earlier_request_was_answered_begins_a_new_row_of_failures(make: Make) -> None:
    """The item is there and its poster hangs: however many posters do, Plex is not down."""
    it = make(*[["item"], PlexTimeout("slow")] * 10, RETRY_ATTEMPTS="1")
    for _ in range(10):
        assert raised(lambda: it.executor.call(show_item_and_poster, {})).code == "PLEX_TIMEOUT"
    assert not it.executor._breaker.opened


@pytest.mark.parametrize("failure", BROKEN, ids=lambda error: type(error).__name__)
def test_a_redirect_before_a_failure_is_no_answer_of_plexs(make: Make, failure: ToolError) -> None:
    it = make(failure)
    it.plex.redirects = 3
    for number in range(5):
        raised(lambda n=number: it.titles(query=str(n)))
    assert it.executor._breaker.opened


def test_an_answer_for_which_plex_was_not_asked_says_nothing_about_plex(make: Make) -> None:
    it = make(BREAKER_THRESHOLD="2")
    for _ in range(2):
        it.executor._breaker.count_failure(DOWN)
        if not it.executor._breaker.opened:
            it.executor.call(tell, {})
    assert it.executor._breaker.opened


def test_a_breaker_that_closes_again_lets_calls_through(make: Make) -> None:
    def is_open() -> float | None:
        return REGISTRY.get_sample_value("plex_mcp_breaker_open")

    it = make()
    assert is_open() == 0
    with capture_logs() as lines:
        it.open_breaker()
        assert is_open() == 1
        assert raised(it.titles).code == "PLEX_UNAVAILABLE"
        it.executor._breaker.close()
        assert is_open() == 0
    changes = [line for line in lines if line["event"].startswith("breaker.")]
    assert changes == [{"event": f"breaker.{state}", "log_level": "warning"} for state in ("opened", "closed")]
    assert it.titles().outcome == "miss"

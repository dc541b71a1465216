"""The policy of one call, over a Plex that does as it is told. No Redis: its absence is a miss and nothing else."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest
from structlog.testing import capture_logs

from plex_mcp.calls.entry import Packed, pack
from plex_mcp.calls.execute import Executor
from plex_mcp.calls.health import Health
from plex_mcp.calls.outcome import CallInfo, CallOutcome
from plex_mcp.errors import (
    Ambiguous,
    InvalidArgument,
    NotControllable,
    NotFound,
    PlexBadAnswer,
    PlexRefusedToken,
    PlexTimeout,
    PlexUnavailable,
    ToolError,
)
from plex_mcp.telemetry.metrics import CACHE_LOOKUPS, REGISTRY, STALE_ANSWERS, TOOL_CALLS
from plex_mcp.tools._tool import tool
from tests.fakes import (
    TOOLS,
    WAIT_S,
    Clock,
    FakePlex,
    Titles,
    content,
    finish,
    list_playing,
    list_titles,
    mark,
    pause,
    raised,
    refuse_arguments,
    settings,
    show_poster,
    tell,
)

DOWN = PlexUnavailable("Plex is down", status=503, endpoint="/x", cause="test")


@tool(title="Item and poster", ttl_s=60.0)
def show_item_and_poster(plex: FakePlex) -> Titles:
    """Show an item and its poster."""
    return Titles([*plex.fetch(), *plex.fetch()])


class Fixture:
    def __init__(self, *answers: Any, **changed: str) -> None:
        self.clock = Clock()
        self.plex = FakePlex(*answers)
        self.executor = Executor(
            self.plex,  # type: ignore[arg-type]
            settings(**changed),
            finish=finish,
            tools=TOOLS,
            clock=self.clock,
            sleep=self.clock.sleep,
            draw=lambda: 1.0,
        )
        self.threads = ThreadPoolExecutor(250)

    def titles(self, info: CallInfo = CallInfo(), **arguments: Any) -> CallOutcome:  # noqa: B008
        return self.executor.call(list_titles, list_titles.parse(arguments), info)

    def aside(self, function: Callable[..., CallOutcome], *args: Any, **arguments: Any) -> Future[CallOutcome]:
        return self.threads.submit(function, *args, **arguments)

    def wait_for_plex(self, requests: int = 1) -> None:
        """Until that many more requests have arrived."""
        for _ in range(requests):
            assert self.plex.waiting.acquire(timeout=WAIT_S)

    def open_breaker(self) -> None:
        for _ in range(50):
            self.executor._breaker.count_failure(DOWN)


@pytest.fixture
def make() -> Iterator[Callable[..., Fixture]]:
    made: list[Fixture] = []

    def build(*answers: Any, **changed: str) -> Fixture:
        made.append(Fixture(*answers, **changed))
        return made[-1]

    yield build
    for fixture in made:
        fixture.plex.gate.set()
        fixture.executor.close()
        fixture.threads.shutdown()


Make = Callable[..., Fixture]


# Cached answers ---------------------------------------------------------------------------------------------------


def test_the_first_call_asks_plex_and_the_next_does_not(make: Make) -> None:
    it = make(["Amélie"])
    first, second = it.titles(), it.titles()
    assert (first.outcome, second.outcome) == ("miss", "hit_l1")
    assert first.body == second.body
    assert first.structured.decode() == '{"titles":["Amélie"],"as_of":"2027-01-15T08:00:00Z"}'
    assert it.plex.requests == 1


def test_other_arguments_are_another_question(make: Make) -> None:
    it = make()
    it.titles(query="a")
    it.titles(query="b")
    it.titles(kinds=["movie"])
    assert it.plex.requests == 3


def test_pictures_come_from_the_cache_too(make: Make) -> None:
    it = make()
    for _ in range(2):
        assert it.executor.call(show_poster, {}).body.endswith(b',"pictures":1')
    assert it.plex.requests == 1


def test_an_answer_past_its_ttl_is_asked_for_again(make: Make) -> None:
    it = make(["old"], ["new"])
    it.titles()
    it.clock.now += 61
    outcome = it.titles()
    assert content(outcome) == {"titles": ["new"], "as_of": "2027-01-15T08:01:01Z"}
    assert outcome.outcome == "miss"


def test_as_of_is_when_plex_was_asked_not_when_it_answered(make: Make) -> None:
    it = make()

    def slow() -> list[str]:
        it.clock.now += 5
        return ["A"]

    it.plex.answers = [slow]
    assert content(it.titles())["as_of"] == "2027-01-15T08:00:00Z"


# Stale answers ----------------------------------------------------------------------------------------------------


def stale(it: Fixture, **arguments: Any) -> None:
    """Let the fixture hold a copy past its TTL."""
    it.titles(**arguments)
    it.clock.now += 61
    while it.plex.waiting.acquire(blocking=False):
        pass


def test_a_stale_copy_is_served_at_the_first_failure_and_says_so(make: Make) -> None:
    it = make(["old"], DOWN)
    stale(it)
    outcome = it.titles()
    assert outcome.outcome == "stale"
    assert content(outcome) == {
        "titles": ["old"],
        "as_of": "2027-01-15T08:00:00Z",
        "stale": True,
        "note": "Plex answers with an error at the moment;"
        " this is a copy from 2027-01-15T08:00:00Z and may be out of date.",
    }
    assert outcome.body == b'"structuredContent":' + outcome.structured + b',"pictures":0'


@pytest.mark.parametrize(
    ("failure", "why"),
    [
        (PlexUnavailable("refused"), "Plex cannot be reached"),
        (PlexUnavailable("a gateway", status=502), "Plex cannot be reached"),
        (PlexTimeout("silence"), "Plex is slow to answer"),
        (PlexUnavailable("fewer requests", status=429), "Plex answers with an error"),
        (PlexUnavailable("broken", status=500), "Plex answers with an error"),
        (PlexUnavailable("starting", status=503), "Plex answers with an error"),
        (PlexBadAnswer("a web page"), "Plex answers with an error"),
    ],
    ids=lambda value: getattr(value, "message", None),
)
def test_a_stale_copy_says_what_plex_did(make: Make, failure: ToolError, why: str) -> None:
    it = make(["old"], failure)
    stale(it)
    assert content(it.titles())["note"].startswith(f"{why} at the moment; this is a copy")


def test_retries_go_on_behind_a_stale_answer_and_refresh_the_cache(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    it = make(["old"], DOWN, ["new"])
    stale(it)
    answered = threading.Event()
    monkeypatch.setattr(it.executor._reader, "_sleep", lambda _pause_s: answered.wait(WAIT_S))
    assert it.titles().outcome == "stale"
    answered.set()
    it.wait_for_plex(2)
    for _ in range(1000):
        if it.executor._cache.recent(it.executor._cache.key(list_titles, list_titles.parse({})), list_titles):
            break
        threading.Event().wait(0.01)
    outcome = it.titles()
    assert (outcome.outcome, content(outcome)["titles"]) == ("hit_l1", ["new"])


def test_past_the_soft_deadline_a_stale_copy_is_served_and_the_load_goes_on(make: Make) -> None:
    it = make(["old"], ["new"], CALL_SOFT_DEADLINE="0.1")
    stale(it)
    it.plex.gate.clear()
    outcome = it.titles()
    assert outcome.outcome == "stale"
    assert content(outcome)["note"].startswith("Plex is slow to answer at the moment;")
    again = it.titles()
    assert again.outcome == "stale", "one who comes later waits no longer"
    it.plex.gate.set()
    for _ in range(1000):
        if (outcome := it.titles()).outcome == "hit_l1":
            break
        threading.Event().wait(0.01)
    assert content(outcome)["titles"] == ["new"]
    assert it.plex.requests == 2, "the load under way was joined, not doubled"


def test_an_answer_within_the_soft_deadline_is_fresh(make: Make) -> None:
    it = make(["old"], ["new"], CALL_SOFT_DEADLINE="7")
    stale(it)
    it.plex.gate.clear()
    waiting = it.aside(it.titles)
    it.wait_for_plex()
    assert not waiting.done()
    it.plex.gate.set()
    assert content(waiting.result(WAIT_S)) == {"titles": ["new"], "as_of": "2027-01-15T08:01:01Z"}


def test_with_the_breaker_open_a_stale_copy_is_served_without_asking(make: Make) -> None:
    it = make(["old"])
    stale(it)
    it.open_breaker()
    assert it.titles().outcome == "stale"
    assert it.plex.requests == 1


def test_a_copy_past_its_retention_is_not_served(make: Make) -> None:
    it = make(["old"], DOWN, CACHE_STALE_RETENTION="100", RETRY_ATTEMPTS="1")
    stale(it)
    it.clock.now += 100
    assert raised(it.titles).message == "Plex is down"


@pytest.mark.parametrize("error", [NotFound("gone"), PlexRefusedToken("no")], ids=lambda error: type(error).__name__)
def test_an_error_that_is_an_answer_is_not_hidden_by_a_stale_copy(make: Make, error: ToolError) -> None:
    it = make(["old"], error)
    stale(it)
    assert raised(it.titles).code == error.code


def test_no_background_load_is_begun_when_there_is_no_room_for_one(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    it = make(["old"])
    stale(it)
    monkeypatch.setattr(it.executor._refreshers, "submit", lambda _load: False)
    outcome = it.titles()
    assert content(outcome)["note"].startswith("Too many calls are waiting for Plex at the moment;")
    assert it.plex.requests == 1


# Single flight ----------------------------------------------------------------------------------------------------


def test_fifty_equal_calls_on_a_cold_cache_send_one_request(make: Make) -> None:
    it = make()
    it.plex.gate.clear()
    calls = [it.aside(it.titles) for _ in range(50)]
    it.wait_for_plex()
    it.plex.gate.set()
    outcomes = [call.result(WAIT_S) for call in calls]
    assert it.plex.requests == 1
    assert {outcome.body for outcome in outcomes} == {outcomes[0].body}
    assert content(outcomes[0])["titles"] == ["Amélie"]


def test_of_two_hundred_at_once_those_without_a_place_are_busy_at_once(make: Make) -> None:
    it = make()
    it.plex.gate.clear()
    calls = [it.aside(it.titles) for _ in range(200)]
    it.wait_for_plex()
    busy = 0
    while busy < 144:  # THREADS - 8 wait, the others must be told while Plex still hangs
        errors = [call.exception(WAIT_S) for call in calls if call.done()]
        assert all(isinstance(error, ToolError) and error.code == "BUSY" and error.temporary for error in errors)
        busy = len(errors)
    it.plex.gate.set()
    right = [call.result(WAIT_S) for call in calls if not (call.done() and call.exception())]
    assert (len(right), it.plex.requests) == (56, 1)


def test_fifty_different_calls_at_once_are_never_busy_and_use_ten_workers(make: Make) -> None:
    it = make()
    it.plex.gate.clear()
    calls = [it.aside(it.titles, query=str(number)) for number in range(50)]
    it.wait_for_plex(10)
    assert it.plex.running_peak == 10
    it.plex.gate.set()
    assert [call.result(WAIT_S).outcome for call in calls] == ["miss"] * 50
    assert it.plex.running_peak == 10


def test_all_who_wait_get_the_failure(make: Make) -> None:
    it = make(NotFound("No such thing."))
    it.plex.gate.clear()
    calls = [it.aside(it.titles) for _ in range(5)]
    it.wait_for_plex()
    while it.executor._flights._flights and sum(f.waiters for f in it.executor._flights._flights.values()) < 4:
        threading.Event().wait(0.005)
    it.plex.gate.set()
    errors = [call.exception(WAIT_S) for call in calls]
    assert [error.message for error in errors if isinstance(error, ToolError)] == ["No such thing."] * 5
    assert len({id(error) for error in errors}) == 5, "each its own: a traceback belongs to one thread"
    assert it.plex.requests == 1


def test_a_crowded_server_still_answers_from_the_cache(make: Make) -> None:
    it = make(THREADS="16")
    it.titles(query="fresh")
    stale(it, query="stale")
    it.titles(query="fresh")
    it.plex.gate.clear()
    calls = [it.aside(it.titles, query=str(number)) for number in range(8)]
    it.wait_for_plex(8)
    assert it.titles(query="fresh").outcome == "hit_l1"
    with capture_logs() as lines:
        crowded = it.titles(query="stale")
    assert crowded.outcome == "stale"
    assert [(line["outcome"], line["age_s"]) for line in lines if line["event"] == "tool.called"] == [("stale", 61.0)]
    assert content(crowded)["note"].startswith("Too many calls are waiting")
    assert raised(lambda: it.titles(query="nothing cached")).code == "BUSY"
    assert raised(lambda: it.executor.call(pause, {"forget": False})).code == "BUSY"
    it.plex.gate.set()
    assert [call.result(WAIT_S).outcome for call in calls] == ["miss"] * 8


def test_a_crowded_server_counts_what_its_cache_had(make: Make) -> None:
    it = make(THREADS="16")
    stale(it, query="old")
    before = [counted(CACHE_LOOKUPS, outcome=outcome) for outcome in ("stale", "miss")]
    for _ in range(8):
        it.executor._room._places.acquire()
    it.titles(query="old")
    raised(lambda: it.titles(query="unknown"))
    after = [counted(CACHE_LOOKUPS, outcome=outcome) for outcome in ("stale", "miss")]
    assert [then - now for then, now in zip(after, before, strict=True)] == [1, 1]


def test_a_stale_copy_says_whether_plex_is_slow_or_gone(make: Make) -> None:
    for failure, why in ((DOWN, "Plex cannot be reached"), (PlexTimeout("slow"), "Plex is slow to answer")):
        it = make(["old"], failure, RETRY_ATTEMPTS="1")
        stale(it)
        assert content(it.titles())["note"].startswith(f"{why} at the moment;")


def test_a_crowded_server_still_answers_from_redis(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    it = make(THREADS="16")
    stored = pack(Packed(it.clock(), 60.0, b'{"titles":["B"]}'))
    monkeypatch.setattr(it.executor._redis, "load", lambda *_names: [stored, None])
    with it.executor._room.place():
        for _ in range(7):
            it.executor._room._places.acquire()
        outcome = it.titles()
    assert (outcome.outcome, content(outcome)["titles"]) == ("hit_l2", ["B"])


# Failures ---------------------------------------------------------------------------------------------------------


def test_a_read_is_tried_again_outside_the_worker(make: Make) -> None:
    it = make(DOWN, DOWN, ["A"])
    assert content(it.titles())["titles"] == ["A"]
    assert it.clock.slept == [1.0, 2.0]
    assert it.plex.requests == 3


def test_each_further_try_is_logged_with_its_pause(make: Make) -> None:
    it = make(DOWN, DOWN, ["A"], RETRY_INITIAL="1.2344")
    with capture_logs() as lines:
        it.titles()
    assert [line for line in lines if line["event"].startswith("upstream.")] == [
        {
            "event": "upstream.retry_scheduled",
            "tool": "list_titles",
            "tried": tried,
            "pause_s": pause_s,
            "log_level": "warning",
        }
        for tried, pause_s in ((1, 1.23), (2, 2.47))
    ]


def test_what_a_view_is_cut_from_is_asked_for_whole(make: Make) -> None:
    it = make()
    asked: list[str | None] = []

    def function(plex: FakePlex, *, user: str | None) -> Titles:
        asked.append(user)
        return Titles(plex.fetch())

    it.executor.call(replace(list_playing, function=function), {"user": "anna"})
    assert asked == [None]


def test_ten_reads_that_back_off_hold_no_worker(make: Make) -> None:
    it = make(*[DOWN] * 10, ["A"], BREAKER_THRESHOLD="100")
    sleeping, wake = threading.Semaphore(0), threading.Event()

    def sleep(_seconds: float) -> None:
        sleeping.release()
        assert wake.wait(WAIT_S)

    it.executor._reader._sleep = sleep
    calls = [it.aside(it.titles, query=str(number)) for number in range(10)]
    for _ in range(10):
        assert sleeping.acquire(timeout=WAIT_S)
    assert it.titles(query="healthy").outcome == "miss", "while ten back off"
    wake.set()
    assert [call.result(WAIT_S).outcome for call in calls] == ["miss"] * 10


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
        "message": "Plex cannot be reached.",
        "temporary": True,
        "suggestion": "It may be restarting; this server keeps looking for it. Ask again later.",
    }
    assert it.executor.health().degraded[0]["what"] == "plex"


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


BROKEN = [PlexBadAnswer("lacks what it should hold"), PlexUnavailable("failed", status=500)]


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


def test_a_bug_is_told_in_our_words_and_logged(make: Make) -> None:
    it = make(ZeroDivisionError("secret detail"))
    with capture_logs() as lines:
        error = raised(it.titles)
    assert error.code == "INTERNAL"
    assert "secret" not in str(error.as_dict())
    assert [line["event"] for line in lines] == ["redis.lost", "tool.crashed", "tool.called"]
    assert not it.executor._breaker.opened, "a bug of ours is not Plex's fault"


def test_a_bug_in_a_view_is_told_in_our_words_on_a_miss_and_on_a_hit(make: Make) -> None:
    it = make(["A"])
    for _ in range(2):
        assert raised(lambda: it.executor.call(list_playing, {"user": "crash"})).code == "INTERNAL"


def test_a_bug_in_the_cache_ends_the_flight(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    it = make()
    monkeypatch.setattr(it.executor._cache, "lookup", lambda *_: 1 / 0)
    assert raised(it.titles).code == "INTERNAL"
    assert it.executor._flights._flights == {}


def test_a_bug_while_storing_ends_the_flight(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    it = make()
    monkeypatch.setattr(it.executor._cache, "store", lambda *_, **__: 1 / 0)
    assert raised(it.titles).code == "INTERNAL"
    assert it.executor._flights._flights == {}


# Deadlines and cancelling -----------------------------------------------------------------------------------------


def test_a_call_ends_at_its_deadline_though_its_worker_hangs(make: Make) -> None:
    it = make(CALL_DEADLINE="0.5", CALL_SOFT_DEADLINE="0.1", PLEX_READ_TIMEOUT="0.2", PLEX_CONNECT_TIMEOUT="0.2")
    it.plex.gate.clear()
    leading, joining = it.aside(it.titles), it.aside(it.titles)
    for call in (leading, joining):
        error = call.exception(WAIT_S)
        assert isinstance(error, PlexTimeout)
        assert error.temporary


def test_a_call_that_never_had_its_turn_is_busy_and_plex_is_not_asked(make: Make) -> None:
    it = make(
        CALL_DEADLINE="0.5",
        CALL_SOFT_DEADLINE="0.1",
        PLEX_READ_TIMEOUT="0.2",
        PLEX_CONNECT_TIMEOUT="0.2",
        PLEX_POOL_SIZE="1",
    )
    it.plex.gate.clear()
    hanging = it.aside(it.titles, query="hangs")
    it.wait_for_plex()
    assert raised(lambda: it.titles(query="queued")).code == "BUSY"
    it.plex.gate.set()
    hanging.exception(WAIT_S)
    assert it.plex.requests == 1


def test_a_job_that_comes_to_its_turn_too_late_is_not_run(make: Make) -> None:
    it = make()
    it.executor._asker._monotonic = iter([0.0, 10**9]).__next__
    assert raised(it.titles).code == "BUSY"
    assert it.plex.requests == 0


def test_a_caller_who_went_away_is_not_waited_for(make: Make) -> None:
    it = make(CALL_DEADLINE="60")
    it.plex.gate.clear()
    leading = it.aside(it.titles)
    it.wait_for_plex()
    cancelled = threading.Event()
    joining = it.aside(it.titles, CallInfo(cancelled=cancelled))
    while not any(flight.waiters for flight in it.executor._flights._flights.values()):
        threading.Event().wait(0.005)
    cancelled.set()
    assert "cancelled" in str(joining.exception(WAIT_S))
    assert not leading.done()
    it.plex.gate.set()
    assert leading.result(WAIT_S).outcome == "miss"


def test_a_read_is_not_tried_again_for_a_caller_who_went_away(make: Make) -> None:
    cancelled = threading.Event()
    cancelled.set()
    it = make(DOWN)
    raised(lambda: it.titles(CallInfo(cancelled=cancelled)))
    assert it.plex.requests == 1


def test_progress_tells_of_retries_and_what_plex_did(make: Make) -> None:
    it = make(PlexTimeout("slow"), DOWN, ["A"])
    told: list[Any] = []
    it.titles(CallInfo(progress=lambda *args: told.append(args)))
    assert told == [
        (1, 3, "Plex did not answer; asking again in 1 s."),
        (2, 3, "Plex answered with an error; asking again in 2 s."),
    ]


# Commands ---------------------------------------------------------------------------------------------------------


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


def test_a_command_that_may_have_been_carried_out_makes_what_it_changes_old(make: Make) -> None:
    it = make(["old"], DOWN, ["new"])
    it.titles()
    it.clock.now += 1
    raised(lambda: it.executor.call(mark, {}))
    assert content(it.titles())["titles"] == ["new"]


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
        "message": "This server only reads: READ_ONLY is set.",
        "temporary": False,
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


# What is told -----------------------------------------------------------------------------------------------------


def counted(metric: Any, **labels: str) -> float:
    return REGISTRY.get_sample_value(f"{metric._name}_total", labels) or 0.0


def test_one_line_a_call_tells_what_it_cost(make: Make) -> None:
    it = make(["A"], DOWN, RETRY_ATTEMPTS="1")
    info = CallInfo("claude", "2026-07-28", "req-1")
    with capture_logs() as lines:
        it.titles(info)
        it.clock.now += 9.96
        it.titles(info)
        raised(lambda: it.titles(info, query="fails"))
    called = [{**line, "total_ms": 0, "queue_ms": 0, "plex_ms": 0} for line in lines if line["event"] == "tool.called"]
    common = {
        "event": "tool.called",
        "tool": "list_titles",
        "queue_ms": 0,
        "plex_ms": 0,
        "total_ms": 0,
        "request_id": "req-1",
        "client": "claude",
        "protocol_version": "2026-07-28",
    }
    ok = {"log_level": "info"}
    assert called == [
        common | ok | {"outcome": "miss", "cache": "none", "age_s": 0.0, "plex_requests": 1},
        common | ok | {"outcome": "hit_l1", "cache": "l1", "age_s": 10.0, "plex_requests": 0},
        common
        | {
            "log_level": "warning",
            "outcome": "plex_unavailable",
            "plex_requests": 1,
            "status": 503,
            "endpoint": "/x",
            "cause": "test",
        },
    ]


def test_calls_and_lookups_are_counted_by_outcome(make: Make) -> None:
    def figures() -> list[float]:
        calls = [
            counted(TOOL_CALLS, tool="list_titles", outcome=outcome)
            for outcome in ("miss", "hit_l1", "stale", "plex_unavailable")
        ]
        lookups = [counted(CACHE_LOOKUPS, outcome=outcome) for outcome in ("miss", "hit_l1", "stale")]
        return [*calls, *lookups, counted(STALE_ANSWERS, tool="list_titles")]

    before = figures()
    it = make(["A"], DOWN, RETRY_ATTEMPTS="1")
    it.titles()
    it.titles()
    it.clock.now += 61
    it.titles()
    raised(lambda: it.titles(query="fails"))
    assert [after - then for after, then in zip(figures(), before, strict=True)] == [1, 1, 1, 1, 2, 1, 1, 1]


def test_the_hit_rate_of_repeated_questions_is_above_seventy_percent_by_the_metrics(make: Make) -> None:
    """Ten questions, each asked five times within the TTL, as a chatbot does over a conversation."""
    hits = counted(CACHE_LOOKUPS, outcome="hit_l1")
    misses = counted(CACHE_LOOKUPS, outcome="miss")
    it = make()
    for _ in range(5):
        for question in range(10):
            it.titles(query=str(question))
    hits, misses = counted(CACHE_LOOKUPS, outcome="hit_l1") - hits, counted(CACHE_LOOKUPS, outcome="miss") - misses
    assert (hits, misses) == (40, 10)


def test_what_redis_holds_is_served_without_asking_plex(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    it = make()
    stored = pack(Packed(it.clock(), 60.0, b'{"titles":["B"]}'))
    monkeypatch.setattr(it.executor._redis, "load", lambda *_names: [stored, None])
    outcome = it.titles()
    assert (outcome.outcome, content(outcome)["titles"], it.plex.requests) == ("hit_l2", ["B"], 0)
    assert it.titles().outcome == "hit_l1"


def test_an_answer_for_which_plex_was_not_asked_says_nothing_about_plex(make: Make) -> None:
    it = make(BREAKER_THRESHOLD="2")
    for _ in range(2):
        it.executor._breaker.count_failure(DOWN)
        if not it.executor._breaker.opened:
            it.executor.call(tell, {})
    assert it.executor._breaker.opened


# Life -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("warm", ["true", "false"])
def test_it_starts_watching_and_warms_what_it_is_told_to(warm: str) -> None:
    plex = FakePlex()
    executor = Executor(
        plex,  # type: ignore[arg-type]
        settings(CACHE_WARM=warm),
        finish=finish,
        tools={"list_libraries": list_titles, "no_warm_tool": list_titles},
    )
    executor.start()
    for _ in range(1000):
        if executor.health().started and plex.pings:
            break
        threading.Event().wait(0.01)
    assert executor.health().started
    assert plex.pings == 1
    assert plex.requests == (1 if warm == "true" else 0)
    executor.close()


def test_health_tells_what_is_down_and_since_when(make: Make) -> None:
    it = make()
    assert it.executor.health() == Health(started=False, ready=True)
    it.titles()
    it.clock.now += 60
    it.open_breaker()
    assert it.executor.health().degraded == [
        {"what": "plex", "since": "2027-01-15T08:01:00Z"},
        {"what": "redis", "since": "2027-01-15T08:00:00Z"},
    ]
    assert it.executor.monitor._redis_failures == 1, "the monitor looks for it"


def test_the_monitor_and_the_warm_up_go_by_the_clock_of_the_executor() -> None:
    clock, plex = Clock(1000.0), FakePlex()
    plex.gate.clear()
    executor = Executor(
        plex,  # type: ignore[arg-type]
        settings(),
        finish=finish,
        tools={"list_libraries": list_titles},
        monotonic=clock,
        draw=lambda: 1.0,
    )
    executor.monitor.plex_lost()
    assert executor.monitor.next_probe_s() == 1.0
    executor._warm_up.start()
    assert plex.waiting.acquire(timeout=WAIT_S)
    assert not executor.health().started
    clock.now += 20
    assert executor.health().started
    plex.gate.set()
    executor.close()


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


def test_a_closed_executor_takes_no_more_work_and_may_be_closed_again(make: Make) -> None:
    it = make()
    it.titles(query="cached")
    it.executor.close()
    it.executor.close()
    assert raised(lambda: it.titles(query="new")).code == "BUSY"
    assert it.titles(query="cached").outcome == "hit_l1"


def test_a_queued_call_is_told_when_the_server_shuts_down(make: Make) -> None:
    it = make(PLEX_POOL_SIZE="1")
    it.plex.gate.clear()
    running = it.aside(it.titles, query="runs")
    it.wait_for_plex()
    queued = it.aside(it.titles, query="queued")
    while not it.executor._pool._executor._work_queue.qsize():
        threading.Event().wait(0.005)
    it.executor.close()
    assert "shutting down" in str(queued.exception(WAIT_S))
    it.plex.gate.set()
    assert running.result(WAIT_S).outcome == "miss", "what runs is finished"

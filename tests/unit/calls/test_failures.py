"""A failure of Plex is tried again; a bug of ours is told in our words."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from structlog.testing import capture_logs

from plex_mcp.calls.outcome import CallInfo
from plex_mcp.errors import PlexTimeout
from tests.fakes import WAIT_S, content, list_playing, raised
from tests.unit.calls.execution import DOWN, Make


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


def test_progress_tells_of_retries_and_what_plex_did(make: Make) -> None:
    it = make(PlexTimeout("slow"), DOWN, ["A"])
    told: list[Any] = []
    it.titles(CallInfo(progress=lambda *args: told.append(args)))
    assert told == [
        (1, 3, "Plex did not answer; asking again in 1 s."),
        (2, 3, "Plex answered with an error; asking again in 2 s."),
    ]


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

"""The words for the ends of a call that are nobody's in particular: a chatbot reads them out."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from structlog.testing import capture_logs

from plex_mcp.calls.call import Call, crashed, shutting_down, too_late, too_many
from plex_mcp.calls.outcome import CallInfo
from tests.fakes import list_titles, mark

SOON = "Ask again in a moment."


def test_a_crash_is_logged_with_its_tool_and_told_without_its_reason() -> None:
    with capture_logs() as lines:
        try:
            _ = 1 / 0
        except ZeroDivisionError:
            told = crashed(list_titles)
    assert lines == [{"event": "tool.crashed", "tool": "list_titles", "exc_info": True, "log_level": "error"}]
    assert told.as_dict() == {
        "code": "INTERNAL",
        "message": "This server failed to answer; that is a fault of its own, and it was logged.",
        "temporary": False,
    }


@pytest.mark.parametrize(
    ("build", "message", "retry_after_s"),
    [
        (too_many, "Too many calls are waiting for Plex.", 1.0),
        (shutting_down, "This server is shutting down.", 2.0),
    ],
)
def test_who_finds_no_place_is_told_when_to_come_again(build: Any, message: str, retry_after_s: float) -> None:
    assert build().as_dict() == {
        "code": "BUSY",
        "message": message,
        "temporary": True,
        "retry_after_s": retry_after_s,
        "suggestion": SOON,
    }


def test_a_read_that_came_too_late_may_be_asked_again() -> None:
    assert too_late(Call(list_titles, {}, CallInfo(), 0.0)).as_dict() == {
        "code": "PLEX_TIMEOUT",
        "message": "Plex did not answer in time.",
        "temporary": True,
        "retry_after_s": 2.0,
        "suggestion": SOON,
    }


def test_a_command_that_came_too_late_may_have_been_carried_out() -> None:
    assert too_late(Call(mark, {}, CallInfo(), 0.0)).as_dict() == {
        "code": "PLEX_TIMEOUT",
        "message": "Plex did not answer in time; the command may have been carried out all the same.",
        "temporary": True,
        "suggestion": "Look before trying again: get_playback_status tells what plays now.",
    }


def test_a_caller_who_went_away_is_told_nothing_about_plex() -> None:
    call = Call(list_titles, {}, CallInfo(cancelled=threading.Event()), 0.0)
    assert not call.is_cancelled
    assert call.info.cancelled is not None
    call.info.cancelled.set()
    assert too_late(call).as_dict() == {
        "code": "BUSY",
        "message": "The call was cancelled by its caller.",
        "temporary": True,
    }

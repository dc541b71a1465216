"""Stopping: by the player; by ending the session at the server only where its id was given."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from plex_mcp.errors import (
    Ambiguous,
    NotControllable,
    PlexForbidden,
)
from plex_mcp.plex import commands, companion
from plex_mcp.plex.stops import TERMINATE_REASON
from tests.tools.household import BEDROOM, DEN, KITCHEN, LIVING_ROOM, Household, household


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(commands, "PAUSES_S", (0.0, 0.0))


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Players get 0.3 s to answer; Plex itself keeps its 5 s."""
    monkeypatch.setattr(companion, "COMMAND_TIMEOUT_S", 0.3)


@pytest.fixture
def home() -> Iterator[Household]:
    with household() as running:
        yield running


def test_stop_by_name_never_ends_a_session_at_the_server_but_names_that_way(home: Household) -> None:
    session_id = home.session(KITCHEN).session_id
    error = home.refuses(NotControllable, "stop", client="Kitchen Laptop")
    assert f'action="stop" and session_id="{session_id}"' in error.suggestion
    assert "Plex Pass" in error.suggestion
    assert home.session(KITCHEN) is not None
    assert home.plex.playback.terminated == []
    assert home.sent() == []


def test_stop_by_session_id_ends_at_the_server_what_takes_no_command(home: Household) -> None:
    session_id = home.session(KITCHEN).session_id
    answer = home.control("stop", session_id=session_id)
    assert home.session(KITCHEN) is None
    assert home.plex.playback.terminated == [(session_id, TERMINATE_REASON)]
    assert (answer["channel"], answer["confirmed"], answer["state"]) == ("terminate", True, "stopped")
    assert home.requests == 4
    assert home.session(LIVING_ROOM) is not None


def test_stop_by_session_id_ends_at_the_server_what_refuses_the_command(home: Household) -> None:
    session = home.start(BEDROOM, "Charade")
    answer = home.control("stop", session_id=session.session_id)
    assert home.session(BEDROOM) is None
    assert answer["channel"] == "terminate"
    assert answer["note"].startswith("Bedroom Roku refused the command (403)")
    assert answer["note"].endswith("The session was ended at the server instead.")


@pytest.mark.usefixtures("impatient")
def test_stop_by_session_id_ends_at_the_server_what_is_silent_and_goes_on(
    home: Household, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = home.start(DEN, "Charade")
    monkeypatch.setattr(home.plex.playback, "command", lambda *_: True)
    answer = home.control("stop", session_id=session.session_id)
    assert home.session(DEN) is None
    assert answer["channel"] == "terminate"


def test_stop_by_session_id_ends_at_the_server_what_says_yes_and_goes_on(
    home: Household, monkeypatch: pytest.MonkeyPatch
) -> None:
    session_id = home.session(LIVING_ROOM).session_id
    monkeypatch.setattr(home.plex.playback, "command", lambda *_: True)
    answer = home.control("stop", session_id=session_id)
    assert home.plex.playback.terminated == [(session_id, TERMINATE_REASON)]
    assert answer["note"].startswith("Living Room TV took the command and went on playing.")


def test_a_session_is_said_to_be_ended_at_the_server_only_when_that_shows(
    home: Household, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = home.start(BEDROOM, "Charade")
    monkeypatch.setattr(home.plex.playback, "terminate", lambda *_: True)
    answer = home.control("stop", session_id=session.session_id)
    assert (answer["channel"], answer["confirmed"]) == ("terminate", False)
    assert "The server was told to end the session instead. Plex took the command, but no effect" in answer["note"]
    assert "was ended" not in answer["note"]


def test_stop_by_name_of_a_refusing_player_names_the_other_way(home: Household) -> None:
    session = home.start(BEDROOM, "Charade")
    error = home.refuses(NotControllable, "stop", client="kids")
    assert f'session_id="{session.session_id}"' in error.suggestion
    assert home.session(BEDROOM) is session
    assert home.plex.playback.terminated == []


def test_without_plex_pass_ending_a_session_says_that_it_needs_it() -> None:
    with household(plex_pass=False) as home:
        session_id = home.session(KITCHEN).session_id
        error = home.refuses(NotControllable, "stop", session_id=session_id)
        assert "needs a Plex Pass" in error.message
        assert home.session(KITCHEN) is not None


def test_a_token_that_may_not_end_sessions_is_said_to_be_that(home: Household) -> None:
    asked = home.client.query

    def query(path: str, **more: object) -> object:
        if path.startswith("/status/sessions/terminate"):
            raise PlexForbidden("no", status=403)
        return asked(path, **more)

    home.client.query = query
    error = home.refuses(NotControllable, "stop", session_id=home.session(KITCHEN).session_id)
    assert error.message == "Plex refused to end the session: only the token of the server's owner may."


def test_a_session_without_an_id_of_its_own_cannot_be_ended_at_the_server(home: Household) -> None:
    home.plex.playback.stop(home.session(LIVING_ROOM))
    asked = home.client.query

    def query(path: str, **more: object) -> object:
        answer = asked(path, **more)
        if path == "/status/sessions":
            answer[0].remove(answer[0].find("Session"))
        return answer

    home.client.query = query
    error = home.refuses(NotControllable, "stop", session_id=str(home.session(KITCHEN).key))
    assert error.message.startswith("Kitchen Laptop cannot be controlled: Plex Web")
    assert "at the server" not in error.suggestion
    assert home.sent() == []


def test_two_sessions_on_one_player_are_told_apart_by_their_ids(home: Household) -> None:
    asked = home.client.query

    def query(path: str, **more: object) -> object:
        answer = asked(path, **more)
        if path == "/status/sessions":
            for element in answer:
                element.find("Player").set("machineIdentifier", LIVING_ROOM)
        return answer

    home.client.query = query
    error = home.refuses(Ambiguous, "pause", client="tv")
    assert error.suggestion == "Give session_id, or the client's name or id."
    assert home.sent() == []
    home.control("pause", session_id=home.session(LIVING_ROOM).session_id)
    assert home.session(LIVING_ROOM).state == "paused"


def test_a_session_that_ended_by_itself_meanwhile_is_stopped_all_the_same(home: Household) -> None:
    session = home.session(KITCHEN)
    asked = home.client.query

    def query(path: str, **more: object) -> object:
        if path.startswith("/status/sessions/terminate"):
            home.plex.playback.stop(session)
        return asked(path, **more)

    home.client.query = query
    answer = home.control("stop", session_id=session.session_id)
    assert (answer["confirmed"], answer["state"]) == (True, "stopped")


def test_dry_run_of_a_termination_ends_nothing(home: Household) -> None:
    session_id = home.session(KITCHEN).session_id
    answer = home.control("stop", session_id=session_id, dry_run=True)
    assert answer["channel"] == "terminate"
    assert f"at the server (session {session_id})" in answer["would_send"]
    assert home.session(KITCHEN) is not None
    assert home.sent() == []

"""Playback while Plex misbehaves: odd sessions are shown as far as they go, and a failed read is never silence."""

from __future__ import annotations

from collections.abc import Iterator
from time import monotonic
from types import SimpleNamespace

import pytest

from plex_mcp.errors import NotControllable, PlexBadAnswer, PlexUnavailable, ToolError
from plex_mcp.plex import commands, companion
from plex_mcp.plex.session import CallScope, call_scope
from plex_mcp.standin.faults import Rule
from tests.tools.household import KITCHEN, LIVING_ROOM, Household, household


@pytest.fixture(autouse=True)
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(commands, "PAUSES_S", (0.0, 0.0))
    monkeypatch.setattr(companion, "COMMAND_TIMEOUT_S", 0.3)


@pytest.fixture
def home() -> Iterator[Household]:
    with household() as running:
        yield running


@pytest.mark.parametrize("fault", ["no_user", "no_session", "no_player", "no_type", "no_title", "control_characters"])
def test_odd_sessions_are_shown_as_far_as_they_go(home: Household, fault: str) -> None:
    home.plex.faults.add(fault, path="/status/sessions")
    answer = home.call("get_playback_status")
    assert answer["total"] == 2
    missing = {
        "no_user": lambda item: "user" not in item,
        "no_session": lambda item: item["session_id"].isdecimal() and "kbps" not in item,
        "no_player": lambda item: item["client"] == "(unnamed player)" and "client_id" not in item,
        "no_type": lambda item: item["item"]["type"] in {"clip", "movie", "episode"},
        "no_title": lambda item: item["item"]["title"] == "(untitled)",
        "control_characters": lambda item: item["item"]["title"].isprintable(),
    }[fault]
    assert any(missing(item) for item in answer["items"])
    assert home.call("list_clients")["total"] >= 5


def test_a_session_without_its_user_can_still_be_paused(home: Household) -> None:
    home.plex.faults.add("no_user", path="/status/sessions")
    assert home.control("pause", client="tv")["confirmed"] is True
    assert home.session(LIVING_ROOM).state == "paused"


def test_sessions_without_their_players_are_not_one_player(home: Household) -> None:
    home.plex.faults.add("no_player", path="/status/sessions")
    players = [item for item in home.call("list_clients")["items"] if "client_id" not in item]
    assert len(players) == 2
    assert not any(player["controllable"] for player in players)
    home.refuses(NotControllable, "pause", session_id=str(home.session(LIVING_ROOM).key))
    assert home.session(LIVING_ROOM).state == "playing"


@pytest.mark.parametrize("tool", ["get_playback_status", "list_clients"])
@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        ("maintenance", PlexUnavailable),
        ("close_early", PlexUnavailable),
        ("truncated_xml", PlexBadAnswer),
        ("html_200", PlexBadAnswer),
        ("empty_200", PlexBadAnswer),
    ],
)
def test_a_failed_read_is_an_error_and_never_nobody(
    home: Household, tool: str, fault: str, kind: type[ToolError]
) -> None:
    home.plex.faults.add(fault, path="/status/sessions")
    home.fails(kind, tool)


@pytest.mark.parametrize("path", ["/clients", "/status/sessions"])
def test_what_cannot_be_read_is_not_acted_on(home: Household, path: str) -> None:
    home.plex.faults.add("status", path=path, code=500)
    home.refuses(PlexUnavailable, "pause", client="tv")
    home.refuses(PlexUnavailable, "stop", session_id=home.session(KITCHEN).session_id)
    assert home.sent() == []
    assert len(home.plex.sessions) == 2


LOST = [("short_body", {}), ("drip_headers", {}), ("drip_body", {"bytes_each": 1, "every_s": 0.1}), ("delay", {})]


@pytest.mark.parametrize(("fault", "figures"), LOST)
def test_a_command_whose_answer_is_lost_but_which_was_carried_out_is_confirmed(
    home: Household, fault: str, figures: dict[str, float]
) -> None:
    home.plex.faults.add(fault, path="/player/playback/*", **figures)
    answer = home.control("pause", client="tv")
    assert home.session(LIVING_ROOM).state == "paused"
    assert (answer["confirmed"], answer["state"]) == (True, "paused")
    assert answer["note"] == "Living Room TV did not answer the command, but carried it out."
    assert len(home.sent()) == 1


@pytest.mark.parametrize("fault", ["close_early", "silence"])
def test_a_command_that_was_lost_is_said_to_have_no_effect(home: Household, fault: str) -> None:
    home.plex.faults.add(fault, path="/player/playback/*")
    error = home.refuses(NotControllable, "pause", client="tv")
    assert "no effect shows" in error.message
    assert home.session(LIVING_ROOM).state == "playing"
    assert len(home.sent()) == 1


@pytest.mark.parametrize("status", [502, 503, 504, 520])
def test_a_gateways_failure_does_not_say_that_the_command_was_not_carried_out(
    home: Household, status: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Plex may have passed it on: sent again, `next` would skip twice."""
    home.start(LIVING_ROOM, "Pip & Moss", "show")
    home.plex.faults.add("status", path="/player/playback/*", code=status)
    with monkeypatch.context() as patched:
        patched.setattr(Rule, "instead", False)  # carried out, and then the answer is lost
        answer = home.control("next", client="tv")
    assert (answer["confirmed"], answer["session"]["item"]["title"]) == (True, "The Other Side of the Path")
    assert answer["note"] == "Living Room TV did not answer the command, but carried it out."
    error = home.refuses(NotControllable, "next", client="tv")
    assert "It may still act on it late." in error.message
    assert "get_playback_status" in error.suggestion
    assert len(home.sent()) == 1


def test_a_queue_that_cannot_be_made_starts_nothing(home: Household) -> None:
    home.plex.faults.add("status", path="/playQueues", code=500)
    home.refuses(PlexUnavailable, "play", client="tv", media_id=home.media_id("Nosferatu", "movie"))
    assert home.session(LIVING_ROOM).item.title == "Night of the Living Dead"
    assert not any("playMedia" in path for path in home.sent())


def test_a_queue_answer_without_a_queue_starts_nothing(home: Household) -> None:
    home.plex.faults.add("json_200", path="/playQueues")
    home.refuses(PlexBadAnswer, "play", client="tv", media_id=home.media_id("Nosferatu", "movie"))
    assert not any("playMedia" in path for path in home.sent())


def test_readings_stop_when_the_call_has_no_time_left(home: Household, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(commands, "PAUSES_S", (5.0,))
    # Of this module only: the stand-in's threads sleep as they please.
    own = SimpleNamespace(monotonic=monotonic, sleep=lambda _: pytest.fail("slept past the deadline"))
    monkeypatch.setattr(commands, "time", own)
    with call_scope(CallScope(deadline=monotonic() + 4)):
        sessions, confirmed = commands._read_again(home.client, lambda _: False)
    assert (len(sessions), confirmed) == (2, False)


def test_what_plays_already_is_only_started_again_when_it_moves(
    home: Household, monkeypatch: pytest.MonkeyPatch
) -> None:
    home.start(LIVING_ROOM, "Nosferatu", offset_ms=600_000)
    film = home.media_id("Nosferatu", "movie")
    with monkeypatch.context() as patched:
        patched.setattr(home.plex.playback, "command", lambda *_: True)
        assert home.control("play", client="tv", media_id=film, position=0)["confirmed"] is False
    assert home.control("play", client="tv", media_id=film, position=0)["confirmed"] is True
    assert home.session(LIVING_ROOM).offset_ms(home.plex.clock()) == 0


def test_the_silence_between_two_items_is_not_taken_for_the_end(home: Household) -> None:
    home.start(LIVING_ROOM, "Pip & Moss", "show")
    asked = home.client.query
    readings = iter(range(9))

    def query(path: str, **more: object) -> object:
        answer = asked(path, **more)
        if path == "/status/sessions" and next(readings) == 1:
            answer[:] = [one for one in answer if one.find("Player").get("machineIdentifier") != LIVING_ROOM]
        return answer

    home.client.query = query
    answer = home.control("next", client="tv")
    assert (answer["state"], answer["session"]["item"]["title"]) == ("playing", "The Other Side of the Path")
    assert home.requests == 5

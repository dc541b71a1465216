"""Players as they are: silent, terse, refusing, remote, gone. What is then so, and what the answer admits."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from plex_mcp.errors import (
    NotControllable,
    PlexUnavailable,
)
from plex_mcp.plex import commands, companion
from tests.tools.household import BEDROOM, DEN, IPHONE, KITCHEN, LIVING_ROOM, STUDY, Household, household

REAL_PAUSES_S = commands.PAUSES_S


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


@pytest.mark.usefixtures("impatient")
def test_a_silent_player_that_obeyed_is_reported_as_it_is(home: Household) -> None:
    home.start(DEN, "Charade")
    answer = home.control("pause", client="Den HTPC")
    assert home.session(DEN).state == "paused"
    assert (answer["confirmed"], answer["state"]) == (True, "paused")
    assert answer["note"] == "Den HTPC did not answer the command, but carried it out."
    assert len(home.sent()) == 1, "a command is never sent twice"
    assert home.requests == 4


@pytest.mark.usefixtures("impatient")
def test_a_silent_player_starts_what_it_is_told(home: Household) -> None:
    answer = home.control("play", client="den", media_id=home.media_id("Nosferatu", "movie"))
    assert home.session(DEN).item.title == "Nosferatu"
    assert answer["confirmed"] is True
    assert home.requests == 7


@pytest.mark.usefixtures("impatient")
def test_a_silent_player_that_did_nothing_is_an_error(home: Household, monkeypatch: pytest.MonkeyPatch) -> None:
    home.start(DEN, "Charade")
    monkeypatch.setattr(home.plex.playback, "command", lambda *_: True)
    error = home.refuses(NotControllable, "pause", client="den")
    assert error.message.startswith("Den HTPC did not answer the command, and no effect shows: ")
    assert '"Charade" (1963, media_id ' in error.message
    assert "is playing at 60 s" in error.message
    assert "It may still act on it late." in error.message
    assert error.suggestion == "Call get_playback_status before trying again."
    assert len(home.sent()) == 1


@pytest.mark.usefixtures("impatient")
def test_after_silence_a_dead_plex_is_said_to_leave_it_open(home: Household) -> None:
    home.start(DEN, "Charade")
    asked = home.client.query
    readings = iter(range(9))

    def query(path: str, **more: object) -> object:
        if path == "/status/sessions" and next(readings):
            home.plex.stop_listening()
        return asked(path, **more)

    home.client.query = query
    error = home.refuses(PlexUnavailable, "pause", client="den")
    assert error.message == "Plex stopped answering: whether Den HTPC carried the command out is not known."


def test_players_get_less_time_than_plex_and_leave_room_for_the_reading() -> None:
    with household() as home:
        settings = home.client.settings
        assert settings.plex_read_timeout_s > companion.COMMAND_TIMEOUT_S
        assert companion.COMMAND_TIMEOUT_S + sum(REAL_PAUSES_S) < settings.call_deadline_s


def test_a_plain_ok_counts_as_an_answer_whatever_the_product(home: Household) -> None:
    home.player(STUDY).product = "Some New Player"
    home.start(STUDY, "Slow Weather", "album")
    answer = home.control("next", client="Study Plexamp")
    assert home.session(STUDY).position == 1
    assert answer["confirmed"] is True
    assert "note" not in answer


def test_a_player_that_refuses_says_so_and_what_to_allow(home: Household) -> None:
    home.start(BEDROOM, "Charade")
    error = home.refuses(NotControllable, "pause", client="Bedroom Roku")
    assert error.message == "Bedroom Roku refused the command (403): it does not accept this controller."
    assert "Allow remote control" in error.suggestion
    assert home.session(BEDROOM).state == "playing"
    assert len(home.sent()) == 1


@pytest.mark.parametrize("version", ["1.41.3.9314-a", "1.20.0.3125-b"])
def test_a_player_that_left_between_looking_and_telling_is_said_to_be_gone(version: str) -> None:
    with household(version=version) as home:
        asked = home.client.query

        def query(path: str, **more: object) -> object:
            answer = asked(path, **more)
            if path == "/clients":
                home.player(LIVING_ROOM).advertised = False
            return answer

        home.client.query = query
        error = home.refuses(NotControllable, "pause", client="tv")
        assert error.message == "Plex does not reach Living Room TV: it was closed, or left, since it was last seen."
        assert home.session(LIVING_ROOM).state == "playing"


def test_a_command_that_the_player_does_not_know_is_said_so(home: Household, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(home.plex.playback, "command", lambda *_: False)
    error = home.refuses(NotControllable, "next", client="tv")
    assert error.message == "Living Room TV does not take this command."


@pytest.mark.parametrize("product", ["Plex Web", "Plex for Windows", "Plex for Mac", "Plex for Linux"])
def test_browsers_and_desktop_apps_are_refused_before_anything_is_sent(home: Household, product: str) -> None:
    home.player(KITCHEN).product = product
    error = home.refuses(NotControllable, "pause", client="Kitchen Laptop")
    assert error.message == f"Kitchen Laptop cannot be controlled: {product} has refused remote control since 2022."
    assert error.suggestion == "Call list_clients for the players that can be controlled."
    assert home.sent() == []


def test_a_remote_player_is_refused_because_it_is_remote(home: Household) -> None:
    home.start(IPHONE, "Charade", user=2)
    error = home.refuses(NotControllable, "seek", client="Jonas's iPhone", offset=60)
    assert "it plays from outside the home network" in error.message
    assert home.sent() == []


def test_a_player_that_is_not_advertised_is_refused_with_the_way_to_change_it(home: Household) -> None:
    home.player(LIVING_ROOM).advertised = False
    error = home.refuses(NotControllable, "pause", client="tv")
    assert "Plex does not see it" in error.message
    assert "Advertise as player" in error.suggestion
    assert home.sent() == []

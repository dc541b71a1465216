"""Which player a command is for: the one that was named, or none."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from plex_mcp.errors import (
    Ambiguous,
    InvalidArgument,
    NotFound,
)
from plex_mcp.plex import commands
from tests.tools.household import BEDROOM, DEN, KITCHEN, LIVING_ROOM, STUDY, TOOLS, Household, household


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(commands, "PAUSES_S", (0.0, 0.0))


@pytest.fixture
def home() -> Iterator[Household]:
    with household() as running:
        yield running


@pytest.mark.parametrize("name", ["Living Room TV", "living room", "tv", "TV", "LivingRoom TV", LIVING_ROOM])
def test_a_player_goes_by_name_part_of_it_alias_and_id(home: Household, name: str) -> None:
    assert home.control("pause", client=name)["client_id"] == LIVING_ROOM


@pytest.mark.parametrize("name", ["livingroom", "Living Room TV 2", "room tvs", "androidtv", "living-room-tv-upstairs"])
def test_one_session_is_no_licence_when_a_name_was_given(home: Household, name: str) -> None:
    home.plex.playback.stop(home.session(KITCHEN))
    error = home.refuses(NotFound, "pause", client=name)
    assert error.message.startswith(f'No client matches "{name}". Controllable now: Living Room TV (')
    assert error.suggestion == "Call list_clients."
    assert home.session(LIVING_ROOM).state == "playing"
    assert home.sent() == []


def test_the_error_says_who_is_seen_but_not_controllable_and_why(home: Household) -> None:
    error = home.refuses(NotFound, "pause", client="Attic")
    assert (
        "Seen but not controllable: Kitchen Laptop (Plex Web has refused remote control since 2022)." in error.message
    )


def test_an_alias_of_a_player_that_is_not_there_says_what_it_stands_for(home: Household) -> None:
    error = home.refuses(NotFound, "pause", client="Ghost")
    assert 'No client matches "Ghost" (an alias for "Attic TV").' in error.message


def test_a_name_that_fits_two_players_lists_both_with_ids(home: Household) -> None:
    home.player(DEN).title = "Bedroom Roku"
    home.start(DEN, "Charade")
    error = home.refuses(Ambiguous, "pause", client="Bedroom Roku")
    assert f"Bedroom Roku ({DEN})" in error.message
    assert f"Bedroom Roku ({BEDROOM})" in error.message
    assert home.session(DEN).state == "playing"
    assert home.sent() == []
    home.plex.players[DEN].behaviour = "obeys"
    assert home.control("pause", client=DEN)["confirmed"] is True


def test_without_a_name_several_sessions_are_listed_and_none_is_touched(home: Household) -> None:
    error = home.refuses(Ambiguous, "pause")
    for client_id in (LIVING_ROOM, KITCHEN):
        assert home.session(client_id).session_id in error.message
    assert "for Jonas" in error.message
    assert home.session(LIVING_ROOM).state == "playing"
    assert home.sent() == []


def test_without_a_name_the_only_session_is_meant(home: Household) -> None:
    home.plex.playback.stop(home.session(KITCHEN))
    assert home.control("pause")["client_id"] == LIVING_ROOM
    assert home.session(LIVING_ROOM).state == "paused"


def test_without_a_name_and_without_a_session_nothing_is_done(home: Household) -> None:
    home.silence()
    error = home.refuses(NotFound, "pause")
    assert error.message == "Nothing is playing now."
    assert home.sent() == []


def test_playing_without_a_name_where_several_players_could_lists_them(home: Household) -> None:
    error = home.refuses(Ambiguous, "play", media_id=home.media_id("Nosferatu", "movie"))
    for client_id in (LIVING_ROOM, DEN, STUDY, BEDROOM):
        assert client_id in error.message
    assert home.session(LIVING_ROOM).item.title == "Night of the Living Dead"
    assert home.sent() == []


def test_session_and_client_that_differ_are_refused(home: Household) -> None:
    error = home.refuses(InvalidArgument, "pause", session_id=home.session(LIVING_ROOM).session_id, client="Den HTPC")
    assert error.message == (
        f"session_id is a session on Living Room TV ({LIVING_ROOM}), but client names Den HTPC ({DEN})."
    )
    assert home.session(LIVING_ROOM).state == "playing"
    assert home.sent() == []


def test_a_session_that_is_over_is_not_replaced_by_another(home: Household) -> None:
    over = home.session(KITCHEN)
    home.plex.playback.stop(over)
    error = home.refuses(NotFound, "pause", session_id=over.session_id)
    assert error.message.startswith(f'There is no session "{over.session_id}"; it may have ended. Playing now: ')
    assert home.session(LIVING_ROOM).state == "playing"
    assert home.sent() == []


def test_the_hints_say_that_it_writes() -> None:
    tool = TOOLS["control_playback"]
    assert (tool.read_only, tool.ttl_s, tool.idempotent) == (False, None, False)
    assert TOOLS["list_clients"].read_only

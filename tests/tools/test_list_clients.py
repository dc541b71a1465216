"""Which players there are, and for each whether it can be controlled, or why not."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.tools.household import BEDROOM, DEN, IPHONE, KITCHEN, LIVING_ROOM, STUDY, Household, household


@pytest.fixture
def home() -> Iterator[Household]:
    with household() as running:
        yield running


def by_id(home: Household) -> dict[str, dict[str, Any]]:
    return {item["client_id"]: item for item in home.call("list_clients")["items"]}


def test_players_that_are_advertised_and_players_that_play_are_one_list(home: Household) -> None:
    home.start(IPHONE, "Charade", user=2)
    answer = home.call("list_clients")
    assert home.requests == 2
    assert {item["client_id"] for item in answer["items"]} == {LIVING_ROOM, DEN, STUDY, BEDROOM, KITCHEN, IPHONE}
    assert answer["total"] == 6
    assert "note" not in answer


def test_a_player_says_what_it_plays_for_whom_and_by_which_names_it_goes(home: Household) -> None:
    found = by_id(home)
    media_id = home.media_id("Night of the Living Dead", "movie")
    assert found[LIVING_ROOM] == {
        "client_id": LIVING_ROOM,
        "name": "Living Room TV",
        "controllable": True,
        "aliases": ["tv"],
        "product": "Plex for Android (TV)",
        "device": "SHIELD Android TV",
        "state": "playing",
        "playing": f'"Night of the Living Dead" (1968, media_id {media_id})',
        "user": "Robin",
        "session_id": home.session(LIVING_ROOM).session_id,
    }
    assert found[BEDROOM]["aliases"] == ["kids"]
    assert found[DEN]["aliases"] == ["den"]
    assert "playing" not in found[STUDY]


def test_plex_web_is_not_controllable_and_nothing_helps(home: Household) -> None:
    web = by_id(home)[KITCHEN]
    assert web["controllable"] is False
    assert web["why_not"] == "Plex Web has refused remote control since 2022"
    assert "remedy" not in web


def test_a_remote_player_is_not_controllable_because_it_is_remote(home: Household) -> None:
    home.start(IPHONE, "Charade", user=2)
    phone = by_id(home)[IPHONE]
    assert phone["controllable"] is False
    assert phone["why_not"] == "it plays from outside the home network, where Plex relays no commands"


def test_a_player_that_is_not_advertised_says_how_to_change_that(home: Household) -> None:
    home.player(LIVING_ROOM).advertised = False
    television = by_id(home)[LIVING_ROOM]
    assert television["controllable"] is False
    assert television["why_not"] == "Plex does not see it as a remote-controllable player"
    assert "Advertise as player" in television["remedy"]


def test_a_player_without_the_playback_capability_is_not_controllable(home: Household) -> None:
    home.player(DEN).capabilities = "timeline,navigation"
    assert by_id(home)[DEN]["why_not"] == "it is advertised without playback control"


def test_no_advertised_player_is_a_blind_spot_that_is_named(home: Household) -> None:
    for player in home.plex.players.values():
        player.advertised = False
    home.silence()
    answer = home.call("list_clients")
    assert answer["items"] == []
    assert answer["note"].startswith("Plex advertises no player now")


def test_two_players_of_one_name_stay_two(home: Household) -> None:
    home.player(DEN).title = home.player(STUDY).title = "Roku"
    found = by_id(home)
    assert (found[DEN]["name"], found[STUDY]["name"]) == ("Roku", "Roku")


def test_an_advertised_player_without_port_is_listed_like_any_other(home: Household) -> None:
    home.player(LIVING_ROOM).port = None
    assert by_id(home)[LIVING_ROOM]["controllable"] is True
    assert home.requests == 2

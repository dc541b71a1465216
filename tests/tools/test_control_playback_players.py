"""Players as they are: silent, terse, refusing, remote, gone. What is then so, and what the answer admits."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from plex_mcp.errors import (
    Ambiguous,
    InvalidArgument,
    NotControllable,
    NotFound,
    PlexForbidden,
    PlexUnavailable,
    ReadOnly,
)
from plex_mcp.plex import commands, companion
from plex_mcp.plex.stops import TERMINATE_REASON
from tests.tools.household import BEDROOM, DEN, IPHONE, KITCHEN, LIVING_ROOM, STUDY, TOOLS, Household, household

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


# -- a player that obeys and never answers -----------------------------------------------------------------------------


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


# -- a player that answers OK, and one that refuses --------------------------------------------------------------------


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


# -- players that take no commands -------------------------------------------------------------------------------------


def test_plex_web_is_refused_before_anything_is_sent(home: Household) -> None:
    error = home.refuses(NotControllable, "pause", client="Kitchen Laptop")
    assert error.message == ("Kitchen Laptop cannot be controlled: Plex Web has refused remote control since 2022.")
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


# -- stopping ----------------------------------------------------------------------------------------------------------


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


# -- which player ------------------------------------------------------------------------------------------------------


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


def test_read_only_refuses_even_a_dry_run_and_hides_the_tool() -> None:
    from plex_mcp.tools._catalogue import load_tools

    with household(environ={"READ_ONLY": "true"}) as home:
        home.refuses(ReadOnly, "pause", client="tv")
        home.refuses(ReadOnly, "pause", client="tv", dry_run=True)
        assert home.plex.counters.requests == 0
        assert home.call("list_clients")["total"] > 0
    assert "control_playback" not in load_tools(read_only=True)


def test_the_hints_say_that_it_writes() -> None:
    tool = TOOLS["control_playback"]
    assert (tool.read_only, tool.ttl_s, tool.idempotent) == (False, None, False)
    assert TOOLS["list_clients"].read_only

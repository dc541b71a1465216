"""Commands to a player that obeys: what is sent, what is then so, and what the answer says about it."""

from __future__ import annotations

from collections.abc import Iterator
from xml.etree import ElementTree

import pytest
from plexapi import BASE_HEADERS

from plex_mcp.errors import InvalidArgument, NotControllable, NotFound
from plex_mcp.plex import commands
from plex_mcp.tools.get_playback_status import get_playback_status
from tests.tools.household import KITCHEN, LIVING_ROOM, STUDY, Household, household

REAL_PAUSES_S = commands.PAUSES_S
WHOLE = {"user": None, "client": None}


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(commands, "PAUSES_S", (0.0, 0.0))


@pytest.fixture
def home() -> Iterator[Household]:
    with household() as running:
        yield running


def test_pause_pauses_and_reports_the_state_that_was_read_afterwards(home: Household) -> None:
    answer = home.control("pause", client="Living Room TV")
    assert home.session(LIVING_ROOM).state == "paused"
    assert answer["confirmed"] is True
    assert answer["state"] == "paused"
    assert answer["channel"] == "companion"
    assert answer["session"]["position_s"] == 1320
    assert answer["sent"].startswith('pause "Night of the Living Dead"')
    assert "note" not in answer
    assert home.requests == 4, "players, sessions, the command, sessions again"


def test_commands_go_through_the_server_and_leave_the_process_as_it_was(home: Household) -> None:
    before = dict(BASE_HEADERS)
    home.control("pause", client="Living Room TV")
    (sent,) = home.sent()
    assert sent.startswith("GET /player/playback/pause?")
    assert "type=video" in sent
    assert dict(BASE_HEADERS) == before
    home.call("get_playback_status")
    assert "X-Plex-Target-Client-Identifier" not in BASE_HEADERS


def test_what_was_read_afterwards_replaces_the_cached_status(home: Household) -> None:
    home.control("pause", client="tv")
    replaced, players = home.replaces
    assert (players.tool, players.arguments, players.answer) == ("list_clients", {}, None)
    assert (replaced.tool, replaced.arguments) == ("get_playback_status", WHOLE)
    assert replaced.answer == get_playback_status.run(home.client, WHOLE).structured
    assert replaced.answer["total"] == 2
    assert replaced.answer["items"][0]["state"] == "paused"


def test_play_without_an_item_resumes(home: Household) -> None:
    home.control("pause", client="tv")
    answer = home.control("play", client="tv")
    assert home.session(LIVING_ROOM).state == "playing"
    assert (answer["confirmed"], answer["state"]) == (True, "playing")
    assert home.requests == 4


def test_a_session_id_names_the_player(home: Household) -> None:
    session = home.session(LIVING_ROOM)
    assert home.control("pause", session_id=session.session_id)["client_id"] == LIVING_ROOM
    assert session.state == "paused"
    assert home.control("play", session_id=str(session.key), client="tv")["confirmed"] is True
    assert session.state == "playing"


def test_stop_is_a_companion_command_where_the_player_takes_one(home: Household) -> None:
    session_id = home.session(LIVING_ROOM).session_id
    answer = home.control("stop", session_id=session_id)
    assert home.session(LIVING_ROOM) is None
    assert home.plex.playback.terminated == []
    assert (answer["channel"], answer["confirmed"], answer["state"]) == ("companion", True, "stopped")
    assert "session" not in answer
    assert home.requests == 4


@pytest.mark.parametrize(
    ("arguments", "expected_s"),
    [
        ({"position": 4800}, 4800),
        ({"position": 0}, 0),
        ({"offset": 600}, 1920),
        ({"offset": -20}, 1300),
        ({"offset": 2}, 1322),
    ],
)
def test_seek_goes_to_a_place_or_by_a_distance(home: Household, arguments: dict[str, int], expected_s: int) -> None:
    answer = home.control("seek", client="tv", **arguments)
    assert home.session(LIVING_ROOM).offset_ms(home.plex.clock()) == expected_s * 1000
    assert answer["session"]["position_s"] == expected_s
    assert answer["confirmed"] is True
    assert f"offset={expected_s * 1000}" in home.sent()[0]
    assert home.requests == 4


@pytest.mark.parametrize(("arguments", "expected_s"), [({"position": 86400}, 5760), ({"offset": -86400}, 0)])
def test_seek_stays_inside_the_item_and_says_so(home: Household, arguments: dict[str, int], expected_s: int) -> None:
    home.control("pause", client="tv")
    answer = home.control("seek", client="tv", **arguments)
    assert home.session(LIVING_ROOM).offset_ms(home.plex.clock()) == expected_s * 1000
    assert answer["note"] == f"That place is outside of it; cut to {expected_s} s of 5760 s."
    assert answer["confirmed"] is True


def test_seek_in_something_without_a_length_is_refused(home: Household, monkeypatch: pytest.MonkeyPatch) -> None:
    live = """<MediaContainer><Video type="episode" ratingKey="9" sessionKey="9" title="News" live="1" duration="1000">
    <Player machineIdentifier="androidtv-living-room" title="Living Room TV" state="playing"/><Session id="s9"/></Video>
    </MediaContainer>"""
    asked = home.client.query

    def query(path: str, **more: object) -> ElementTree.Element:
        return ElementTree.fromstring(live) if "sessions" in path else asked(path, **more)

    monkeypatch.setattr(home.client, "query", query)
    error = home.refuses(NotControllable, "seek", client="tv", offset=30)
    assert "live television" in error.message
    assert home.sent() == []


def test_next_and_previous_move_in_the_queue_and_name_what_plays_then(home: Household) -> None:
    home.start(LIVING_ROOM, "Pip & Moss", "show")
    answer = home.control("next", client="tv")
    assert home.session(LIVING_ROOM).item.title == "The Other Side of the Path"
    assert answer["session"]["item"]["title"] == "The Other Side of the Path"
    assert answer["confirmed"] is True
    assert home.requests == 4
    answer = home.control("previous", client="tv")
    assert home.session(LIVING_ROOM).item.title == "Rain"
    assert (answer["confirmed"], answer["session"]["item"]["episode"]) == (True, 1)


def test_next_at_the_end_of_the_queue_ends_playback_and_the_answer_says_so(home: Household) -> None:
    home.start(LIVING_ROOM, "Charade")
    answer = home.control("next", client="tv")
    assert home.session(LIVING_ROOM) is None
    assert (answer["confirmed"], answer["state"]) == (True, "stopped")


def test_previous_that_changes_nothing_is_not_called_done(home: Household) -> None:
    home.start(LIVING_ROOM, "Charade", offset_ms=0)
    answer = home.control("previous", client="tv")
    assert answer["confirmed"] is False
    assert "no effect shows yet" in answer["note"]
    assert "There may be no previous item." in answer["note"]


def test_music_is_commanded_as_music(home: Household) -> None:
    home.start(STUDY, "Slow Weather", "album")
    assert home.control("pause", client=STUDY)["confirmed"] is True
    assert "type=music" in home.sent()[0]
    assert home.session(STUDY).state == "paused"


def test_volume_is_set_though_it_cannot_be_read_back(home: Household) -> None:
    answer = home.control("set_volume", client="tv", volume=0)
    assert home.player(LIVING_ROOM).volume == 0
    assert answer["confirmed"] is False
    assert answer["note"] == "Plex does not tell a player's volume, so the change could not be checked."
    assert answer["session"]["state"] == "playing"
    assert home.requests == 4


def test_volume_needs_nothing_to_be_playing(home: Household) -> None:
    assert home.control("set_volume", client="Study Plexamp", volume=35)["state"] == "stopped"
    assert home.player(STUDY).volume == 35
    assert "type=music" in home.sent()[0]


def stream_language(home: Household, kind: str) -> str | None:
    session = home.session(LIVING_ROOM)
    chosen = session.audio_stream_id if kind == "audio" else session.subtitle_stream_id
    numbered = {number: stream for k in (2, 3) for number, stream in session.media.stream_ids(k)}
    return numbered[chosen].language if chosen else None


@pytest.mark.parametrize("language", ["de", "deu", "ger", "German", "Deutsch", "german", "de-AT"])
def test_subtitles_are_chosen_by_any_name_of_their_language(home: Household, language: str) -> None:
    home.start(LIVING_ROOM, "Big Buck Bunny", version=0)
    answer = home.control("set_streams", client="tv", subtitle_language=language)
    assert stream_language(home, "subtitle") == "deu"
    assert answer["confirmed"] is True
    assert "subtitles Deutsch" in answer["sent"]
    assert home.requests == 5, "players, sessions, the item's streams, the command, sessions again"


def test_audio_and_subtitles_can_be_set_at_once_and_subtitles_turned_off(home: Household) -> None:
    home.start(LIVING_ROOM, "Big Buck Bunny", version=0)
    home.control("set_streams", client="tv", audio_language="French", subtitle_language="es")
    assert (stream_language(home, "audio"), stream_language(home, "subtitle")) == ("fra", "spa")
    answer = home.control("set_streams", client="tv", subtitle_language="off")
    assert (stream_language(home, "audio"), stream_language(home, "subtitle")) == ("fra", None)
    assert (answer["confirmed"], "subtitles off" in answer["sent"]) == (True, True)


def test_ordinary_subtitles_come_before_forced_ones_and_those_for_the_deaf(home: Household) -> None:
    session = home.start(LIVING_ROOM, "Elephants Dream")
    home.control("set_streams", client="tv", subtitle_language="en")
    chosen = next(s for number, s in session.media.stream_ids(3) if number == session.subtitle_stream_id)
    assert (chosen.language, chosen.forced, chosen.hearing_impaired) == ("eng", False, False)


def test_the_streams_are_those_of_the_version_that_plays(home: Household) -> None:
    session = home.start(LIVING_ROOM, "Big Buck Bunny", version=1)
    error = home.refuses(InvalidArgument, "set_streams", client="tv", subtitle_language="fr")
    assert error.message == 'subtitle_language: there is no "fr" here. There is: English, or off.'
    home.control("set_streams", client="tv", subtitle_language="en")
    assert session.subtitle_stream_id in dict(session.media.stream_ids(3))


def test_a_language_that_is_not_there_is_refused_with_those_that_are(home: Household) -> None:
    session = home.start(LIVING_ROOM, "Big Buck Bunny", version=0)
    error = home.refuses(InvalidArgument, "set_streams", client="tv", audio_language="Klingon")
    assert error.message == 'audio_language: there is no "Klingon" here. There is: English, Deutsch, Français.'
    assert home.sent() == []
    assert session.audio_stream_id == session.media.stream_ids(2)[0][0]


def test_dry_run_says_what_would_be_done_and_sends_nothing(home: Household) -> None:
    state = home.session(LIVING_ROOM).state
    answer = home.control("seek", client="tv", offset=600, dry_run=True)
    assert answer["would_send"].startswith('move "Night of the Living Dead"')
    assert answer["would_send"].endswith("on Living Room TV from 1320 s to 1920 s of 5760 s")
    assert answer["note"] == "Nothing was sent: this was a dry run."
    assert not {"sent", "confirmed", "session", "state"} & set(answer)
    assert home.sent() == []
    assert home.replaces == ()
    assert home.session(LIVING_ROOM).state == state
    assert home.session(LIVING_ROOM).offset_ms(home.plex.clock()) == 1_320_000


def test_nothing_playing_there_is_an_error_that_says_what_plays_elsewhere(home: Household) -> None:
    error = home.refuses(NotFound, "pause", client="Den HTPC")
    assert error.message.startswith("Nothing is playing on Den HTPC. Playing now: ")
    assert home.session(KITCHEN).session_id in error.message
    assert home.sent() == []


def test_a_command_without_effect_forgets_the_cached_status(home: Household, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(home.plex.playback, "command", lambda *_: True)
    answer = home.control("pause", client="tv")
    assert (answer["confirmed"], answer["state"]) == (False, "playing")
    assert '"Night of the Living Dead"' in answer["note"]
    assert "do not send it again at once" in answer["note"]
    assert home.requests == 3 + len(commands.PAUSES_S) + 1
    assert [(one.tool, one.answer) for one in home.replaces] == [("get_playback_status", None), ("list_clients", None)]


def test_a_state_that_cannot_be_read_afterwards_is_said_to_be_unknown(
    home: Household, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = home.client.query
    readings = iter(range(9))

    def once(path: str, **more: object) -> ElementTree.Element:
        if path == "/status/sessions" and next(readings):
            home.plex.stop_listening()
        return asked(path, **more)

    monkeypatch.setattr(home.client, "query", once)
    answer = home.control("pause", client="tv")
    assert home.plex.playback.on(home.player(LIVING_ROOM)).state == "paused"
    assert answer["confirmed"] is False
    assert answer["note"].startswith("The command was taken, but what plays now could not be read")
    assert not {"state", "session"} & set(answer)
    assert home.replaces[0].answer is None


def test_readings_after_a_command_are_few_and_soon_over() -> None:
    assert len(REAL_PAUSES_S) <= 4
    assert sum(REAL_PAUSES_S) < 3

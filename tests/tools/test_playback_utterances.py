"""What people say to a chatbot about playback: the calls it takes, what the answer must hold, and what is then so.

Each row is one conversation turn. `search_media` is left out where another table asks it: here the id is looked up.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from plex_mcp.errors import Ambiguous, NotControllable
from plex_mcp.plex import commands
from tests.tools.household import BEDROOM, DEN, IPHONE, KITCHEN, LIVING_ROOM, STUDY, Household, household


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(commands, "PAUSES_S", (0.0, 0.0))


@pytest.fixture
def home() -> Iterator[Household]:
    """The sample household: Robin has a film on in the living room, Jonas a paused episode in a browser."""
    with household() as running:
        yield running


Row = Callable[[Household], None]
ROWS: dict[str, Row] = {}


def says(utterance: str) -> Callable[[Row], Row]:
    def add(row: Row) -> Row:
        assert utterance not in ROWS
        ROWS[utterance] = row
        return row

    return add


def holds(answer: dict[str, Any], *facts: str) -> None:
    text = json.dumps(answer, ensure_ascii=False)
    for fact in facts:
        assert fact in text, f"{fact!r} is not in {text}"


def position_s(home: Household, client_id: str) -> int:
    return home.session(client_id).offset_ms(home.plex.clock()) // 1000


@says("play the latest episode of The Lighthouse Keepers on the living room TV")
def _(home: Household) -> None:
    show = home.media_id("The Lighthouse Keepers", "show")
    answer = home.control("play", media_id=show, episode="latest", client="living room TV")
    holds(answer, "Wreckers", '"season": 3', '"episode": 3', "Living Room TV")
    assert home.session(LIVING_ROOM).item.title == "Wreckers"


@says("continue The Lighthouse Keepers in the living room")
def _(home: Household) -> None:
    answer = home.control("play", media_id=home.media_id("The Lighthouse Keepers", "show"), client="living room")
    holds(answer, "Nora's Log", '"season": 2', '"episode": 5')
    assert home.session(LIVING_ROOM).item.title == "Nora's Log"
    assert position_s(home, LIVING_ROOM) > 0


@says("play S2E3 of Café Kilometre in the living room")
def _(home: Household) -> None:
    found = home.call("search_media", show="Café Kilometre", season=2, episode=3)["items"]
    assert [item["title"] for item in found] == ["Crème"]
    answer = home.control("play", media_id=found[0]["media_id"], client="living room")
    holds(answer, "Crème", '"season": 2', '"episode": 3')
    assert home.session(LIVING_ROOM).item.title == "Crème"


@says("play the movie Nosferatu")
def _(home: Household) -> None:
    found = home.call("search_media", query="nosferatu", media_type="movie")["items"]
    error = home.refuses(Ambiguous, "play", media_id=found[0]["media_id"])
    holds(error.as_dict(), "client says where to play", LIVING_ROOM, DEN, STUDY)
    home.control("play", media_id=found[0]["media_id"], client="tv")
    assert home.session(LIVING_ROOM).item.title == "Nosferatu"


@says("pause")
def _(home: Household) -> None:
    error = home.refuses(Ambiguous, "pause")
    holds(error.as_dict(), home.session(LIVING_ROOM).session_id, home.session(KITCHEN).session_id)
    assert home.session(LIVING_ROOM).state == "playing"
    home.plex.playback.stop(home.session(KITCHEN))
    holds(home.control("pause"), '"confirmed": true', '"state": "paused"')
    assert home.session(LIVING_ROOM).state == "paused"


@says("skip ahead 10 minutes in the living room")
def _(home: Household) -> None:
    holds(home.control("seek", offset=600, client="living room"), '"position_s": 1920', '"confirmed": true')
    assert position_s(home, LIVING_ROOM) == 1920


@says("go back to 1h20")
def _(home: Household) -> None:
    home.plex.playback.stop(home.session(KITCHEN))
    holds(home.control("seek", position=4800), '"position_s": 4800')
    assert position_s(home, LIVING_ROOM) == 4800


@says("turn on German subtitles")
def _(home: Household) -> None:
    home.plex.playback.stop(home.session(KITCHEN))
    session = home.start(LIVING_ROOM, "Big Buck Bunny")
    holds(home.control("set_streams", subtitle_language="de"), "subtitles Deutsch", '"confirmed": true')
    assert dict(session.media.stream_ids(3))[session.subtitle_stream_id].language == "deu"


@says("what can I play on?")
def _(home: Household) -> None:
    answer = home.call("list_clients")
    able = {item["name"] for item in answer["items"] if item["controllable"]}
    assert able == {"Living Room TV", "Den HTPC", "Study Plexamp", "Bedroom Roku"}
    holds(answer, "Plex Web has refused remote control since 2022")


@says("who is watching now?")
def _(home: Household) -> None:
    answer = home.call("get_playback_status")
    holds(answer, "Robin", "Jonas", "Living Room TV", "Kitchen Laptop", "Night of the Living Dead", "Café Kilometre")
    assert "192.0.2." not in json.dumps(answer)


@says("is anyone transcoding? is the server busy?")
def _(home: Household) -> None:
    answer = home.call("get_playback_status")
    assert answer["transcodes"] == 1
    assert answer["kbps"] == 12700
    holds(answer, "audio eac3 to aac")


@says("what's playing in the kids' room?")
def _(home: Household) -> None:
    holds(home.call("get_playback_status", client="kids"), '"total": 0', "Nothing that plays now matches")
    home.start(BEDROOM, "Sintel", user=1)
    holds(home.call("get_playback_status", client="kids"), '"total": 1', "Sintel", "Mila", "Bedroom Roku")


@says("stop Jonas's stream")
def _(home: Household) -> None:
    (stream,) = home.call("get_playback_status", user="jonas")["items"]
    error = home.refuses(NotControllable, "stop", client=stream["client_id"])
    holds(error.as_dict(), "refused remote control", f'session_id=\\"{stream["session_id"]}\\"', "Plex Pass")
    assert home.session(KITCHEN) is not None
    holds(home.control("stop", session_id=stream["session_id"]), '"channel": "terminate"', '"confirmed": true')
    assert home.session(KITCHEN) is None


@says("resume it")
def _(home: Household) -> None:
    home.plex.playback.stop(home.session(KITCHEN))
    home.control("pause")
    holds(home.control("play"), '"state": "playing"')
    assert home.session(LIVING_ROOM).state == "playing"


@says("how much is left of the film?")
def _(home: Household) -> None:
    holds(home.call("get_playback_status", client="living room"), f'"remaining_s": {96 * 60 - 1320}')


@says("put on some Slow Weather in the study, shuffled")
def _(home: Household) -> None:
    answer = home.control("play", media_id=home.media_id("Slow Weather", "album"), shuffle=True, client="study")
    holds(answer, "shuffled", "Study Plexamp", '"type": "track"')
    assert home.session(STUDY).queue.shuffled is True


@says("next song")
def _(home: Household) -> None:
    home.silence()
    home.start(STUDY, "Slow Weather", "album")
    second = home.session(STUDY).queue.items[1].title
    holds(home.control("next"), second)
    assert home.session(STUDY).item.title == second


@says("turn the music in the study down to 20")
def _(home: Household) -> None:
    holds(home.control("set_volume", volume=20, client="study"), "could not be checked")
    assert home.player(STUDY).volume == 20


@says("start the film over")
def _(home: Household) -> None:
    home.plex.playback.stop(home.session(KITCHEN))
    holds(home.control("seek", position=0), '"position_s": 0')
    assert position_s(home, LIVING_ROOM) == 0


@says("play Charade from the beginning in the living room")
def _(home: Household) -> None:
    holds(home.control("play", media_id=home.media_id("Charade", "movie"), position=0, client="tv"), "Charade")
    assert (home.session(LIVING_ROOM).item.title, position_s(home, LIVING_ROOM)) == ("Charade", 0)


@says("switch to French audio without subtitles")
def _(home: Household) -> None:
    session = home.start(LIVING_ROOM, "Big Buck Bunny")
    answer = home.control("set_streams", audio_language="French", subtitle_language="off", client="tv")
    holds(answer, "audio Français", "subtitles off")
    assert dict(session.media.stream_ids(2))[session.audio_stream_id].language == "fra"
    assert session.subtitle_stream_id is None


@says("pause the TV upstairs")
def _(home: Household) -> None:
    error = home.refuses_any("pause", client="TV upstairs")
    holds(error.as_dict(), "NOT_FOUND", "Controllable now: Living Room TV")
    assert home.session(LIVING_ROOM).state == "playing"


@says("what would happen if you played the Rainy Sunday playlist in the living room?")
def _(home: Household) -> None:
    playlist = next(one for one in home.plex.library.playlists.values() if one.title == "Rainy Sunday")
    answer = home.control("play", media_id=str(playlist.rating_key), client="tv", dry_run=True)
    holds(answer, "Rainy Sunday", "in place of", "Night of the Living Dead", "Nothing was sent")
    assert home.session(LIVING_ROOM).item.title == "Night of the Living Dead"


@says("play something random from Pip & Moss for the kids")
def _(home: Household) -> None:
    show = home.media_id("Pip & Moss", "show")
    error = home.refuses_any("play", media_id=show, episode="random", client="kids")
    holds(error.as_dict(), "NOT_CONTROLLABLE", "Bedroom Roku refused the command", "Allow remote control")
    assert home.session(BEDROOM) is None
    home.player(BEDROOM).behaviour = "obeys"
    home.control("play", media_id=show, episode="random", client="kids")
    assert home.session(BEDROOM).item.grandparent.title == "Pip & Moss"


@says("fast-forward Jonas's phone two minutes")
def _(home: Household) -> None:
    home.start(IPHONE, "Charade", user=2)
    error = home.refuses_any("seek", offset=120, client="Jonas's iPhone")
    holds(error.as_dict(), "NOT_CONTROLLABLE", "outside the home network")
    assert position_s(home, IPHONE) == 60


@says("is Jonas watching from outside?")
def _(home: Household) -> None:
    home.start(IPHONE, "Charade", user=2)
    answer = home.call("get_playback_status", user="Jonas")
    assert {item["client"]: item["location"] for item in answer["items"]} == {
        "Kitchen Laptop": "lan", "Jonas's iPhone": "wan",
    }  # fmt: skip


@says("go back to the previous episode")
def _(home: Household) -> None:
    home.silence()
    home.start(LIVING_ROOM, "Pip & Moss", "show")
    home.control("next")
    holds(home.control("previous"), "Rain", '"episode": 1')
    assert home.session(LIVING_ROOM).item.title == "Rain"


@pytest.mark.parametrize("utterance", list(ROWS))
def test_request(home: Household, utterance: str) -> None:
    ROWS[utterance](home)


def test_the_table_covers_the_sample_and_ten_more() -> None:
    assert len(ROWS) >= 13 + 10

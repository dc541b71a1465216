"""Who is watching what, where and how: one request, all sessions, none lost for an odd one."""

from __future__ import annotations

import json
from collections.abc import Iterator
from xml.etree import ElementTree

import pytest

from plex_mcp.errors import PlexForbidden, PlexRefusedToken, UpstreamError
from plex_mcp.plex import sessions
from plex_mcp.settings import Settings
from tests.tools.household import IPHONE, KITCHEN, LIVING_ROOM, STUDY, TOOLS, Household, household


@pytest.fixture
def home() -> Iterator[Household]:
    with household() as running:
        yield running


def test_status_says_who_watches_what_where_and_how_far(home: Household) -> None:
    answer = home.call("get_playback_status")
    assert home.requests == 1
    film, episode = answer["items"]
    assert film == {
        "session_id": home.session(LIVING_ROOM).session_id,
        "state": "playing",
        "user": "Robin",
        "client": "Living Room TV",
        "client_id": LIVING_ROOM,
        "aliases": ["tv"],
        "item": {
            "title": "Night of the Living Dead",
            "type": "movie",
            "media_id": home.media_id("Night of the Living Dead", "movie"),
            "year": 1968,
        },
        "position_s": 1320,
        "remaining_s": 96 * 60 - 1320,
        "stream": "direct",
        "kbps": film["kbps"],
        "location": "lan",
    }
    assert episode["user"] == "Jonas"
    assert episode["state"] == "paused"
    assert episode["item"]["show"] == "Café Kilometre"
    assert (episode["item"]["season"], episode["item"]["episode"]) == (1, 3)
    assert answer["total"] == 2
    assert answer["kbps"] == film["kbps"] + episode["kbps"]


def test_status_says_what_is_transcoded_and_why(home: Household) -> None:
    answer = home.call("get_playback_status", client="Kitchen Laptop")
    (item,) = answer["items"]
    assert item["stream"] == "transcode"
    assert item["why"] == "video reduced, audio eac3 to aac"
    assert answer["transcodes"] == 1


def test_status_tells_a_remote_viewer_from_one_in_the_house(home: Household) -> None:
    home.start(IPHONE, "Charade", user=2)
    (item,) = home.call("get_playback_status", client="Jonas's iPhone")["items"]
    assert item["location"] == "wan"


def test_status_shows_music_with_artist_and_album(home: Household) -> None:
    home.start(STUDY, "Slow Weather", "album")
    (item,) = home.call("get_playback_status", client="plexamp")["items"]
    track = home.session(STUDY).item
    assert item["item"]["type"] == "track"
    assert (item["item"]["album"], item["item"]["artist"]) == ("Slow Weather", track.grandparent.title)


def test_no_address_of_a_viewer_leaves(home: Household) -> None:
    home.start(IPHONE, "Charade", user=2)
    home.player(IPHONE).title = "198.51.100.7"
    text = json.dumps([home.call("get_playback_status"), home.call("list_clients")])
    for player in home.plex.players.values():
        assert player.address not in text
    assert "203.0.113." not in text
    assert '"client": "Plex for iOS"' in text


def test_status_of_a_user_leaves_the_others_out(home: Household) -> None:
    answer = home.call("get_playback_status", user="jonas")
    assert [item["client_id"] for item in answer["items"]] == [KITCHEN]
    assert (answer["total"], answer["transcodes"]) == (1, 1)
    assert answer["kbps"] == answer["items"][0]["kbps"]


@pytest.mark.parametrize("name", ["Living Room TV", "living room", "LIVINGROOM TV", "tv", "TV", LIVING_ROOM])
def test_status_of_a_client_takes_its_name_an_alias_or_its_id(home: Household, name: str) -> None:
    answer = home.call("get_playback_status", client=name)
    assert [item["client_id"] for item in answer["items"]] == [LIVING_ROOM]
    assert "transcodes" not in answer


def test_a_name_that_nothing_plays_for_is_answered_with_what_does(home: Household) -> None:
    answer = home.call("get_playback_status", client="kids", user="Robin")
    assert answer["items"] == []
    assert answer["total"] == 0
    assert answer["note"] == (
        'Nothing that plays now matches user "Robin" and client "kids". '
        "Playing: Robin on Living Room TV, Jonas on Kitchen Laptop."
    )


def test_silence_is_no_items_and_needs_no_note(home: Household) -> None:
    home.silence()
    assert home.call("get_playback_status", client="kids") == {"items": [], "total": 0}


def test_all_arguments_share_one_cached_answer_which_the_view_leaves_alone(home: Household) -> None:
    tool = TOOLS["get_playback_status"]
    wanted = tool.parse({"user": "jonas"})
    assert tool.fetch_arguments(wanted) == tool.fetch_arguments(tool.parse({})) == {"user": None, "client": None}
    whole = tool.run(home.client, tool.fetch_arguments(wanted)).structured
    before = json.dumps(whole)
    tool.view(whole, wanted)
    assert json.dumps(whole) == before


@pytest.mark.parametrize(("version", "kind"), [("1.41.3.9314-a", PlexRefusedToken), ("1.41.8.9834-b", PlexForbidden)])
def test_a_token_that_may_not_see_sessions_is_an_error_and_not_silence(version: str, kind: type[UpstreamError]) -> None:
    with household(version=version, as_guest=True) as guests:
        guests.fails(kind, "get_playback_status")
        guests.fails(kind, "list_clients")


ODD = """<MediaContainer size="6">
<Video type="movie" ratingKey="1" sessionKey="1" title="No user" duration="60000" viewOffset="1000">
<Player machineIdentifier="p1" title="One" state="playing" local="1"/><Session id="s1" location="lan"/></Video>
<Video type="movie" ratingKey="2" sessionKey="2" title="No session" duration="60000" viewOffset="61000">
<User title="Robin"/><Player machineIdentifier="p2" title="Two" state="paused" local="0"/></Video>
<Video type="clip" sessionKey="3" title="Nothing but a preview"/>
<Video type="episode" ratingKey="4" sessionKey="4" title="News at Ten" live="1" duration="60000">
<Player machineIdentifier="p4" title="Four" state="buffering"/><Session id="s4" bandwidth="none" location="cellular"/>
</Video>
<Video type="movie" ratingKey="5" sessionKey="5" title="Repacked" duration="60000" viewOffset="-5"><User title=""/>
<Player machineIdentifier="p5" title="Fi&#x202e;ve" state="playing"/><Session id="s5"/>
<TranscodeSession videoDecision="copy" audioDecision="copy" container="mkv"/></Video>
<Video type="movie" ratingKey="6" sessionKey="6" title="Burnt"><Player title="" product="" state="playing"/>
<Session id="s6"/><TranscodeSession videoDecision="transcode" sourceVideoCodec="hevc" videoCodec="h264"
 transcodeHwFullPipeline="1" audioDecision="copy" subtitleDecision="burn"/></Video>
<Wrong/>
</MediaContainer>"""


def test_a_session_that_lacks_parts_hides_neither_itself_nor_the_others(home: Household, monkeypatch) -> None:
    monkeypatch.setattr(home.client, "query", lambda path, **_: ElementTree.fromstring(ODD))
    found = {one.shown.item.title: one.shown for one in sessions.read_sessions(home.client)}
    assert list(found) == ["No user", "No session", "Nothing but a preview", "News at Ten", "Repacked", "Burnt"]
    assert (found["No user"].user, found["No user"].session_id, found["No user"].remaining_s) == (None, "s1", 59)
    assert (found["No session"].session_id, found["No session"].location, found["No session"].remaining_s) == (
        "2", "wan", 0,
    )  # fmt: skip
    preview = found["Nothing but a preview"]
    assert (preview.client, preview.client_id, preview.item.media_id) == ("(unnamed player)", None, None)
    news = found["News at Ten"]
    assert (news.live, news.remaining_s, news.kbps) == (True, None, None)
    assert (found["Repacked"].stream, found["Repacked"].why) == ("remux", "repacked as mkv")
    assert (found["Repacked"].client, found["Repacked"].position_s, found["Repacked"].user) == ("Five", 0, None)
    assert found["Burnt"].why == "video hevc to h264, subtitles burned in (hardware)"


def test_aliases_are_joined_to_players_by_name_and_by_id() -> None:
    aliases = Settings.from_env(
        {
            "PLEX_SERVER_URL": "http://plex.home:32400",
            "PLEX_TOKEN": "t",
            "REDIS_URL": "redis://127.0.0.1/0",
            "AUTH_TOKEN": "a-test-token-of-good-length",
            "CLIENT_ALIASES": "kids=Bedroom Roku; den=htpc-den; pip=bedroom roku",
        }
    ).client_aliases
    assert sessions.aliases_of("x", "Bedroom Roku", aliases) == ("kids", "pip")
    assert sessions.aliases_of("htpc-den", "Den HTPC", aliases) == ("den",)
    assert sessions.aliases_of("", "", aliases) == ()


def test_a_crowd_is_cut_and_counted(home: Household, monkeypatch: pytest.MonkeyPatch) -> None:
    crowd = "".join(
        f'<Video type="movie" ratingKey="{n}" sessionKey="{n}" title="T{n}"><Session id="s{n}" bandwidth="10"/>'
        f'<Player machineIdentifier="p{n}" title="P{n}" state="playing"/></Video>'
        for n in range(1, 61)
    )
    monkeypatch.setattr(home.client, "query", lambda path, **_: ElementTree.fromstring(f"<MC>{crowd}</MC>"))
    answer = home.call("get_playback_status")
    assert (len(answer["items"]), answer["total"], answer["kbps"]) == (50, 60, 600)
    assert answer["note"] == "Only the first 50 of 60 sessions are shown."
    players = home.call("list_clients")
    assert (len(players["items"]), players["total"]) == (50, 60)
    assert "50 of 60 players" in players["note"]

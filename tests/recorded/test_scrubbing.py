"""What is private is taken out of a recording before it is written, and what belongs together still does."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from vcr.request import Request

from tests.recording import tape
from tests.recording.leaks import leaks_in_file, place, shapes_in
from tests.recording.scrub import PIXEL, Scrubber

BASE = "https://192-168-7-9.0123456789abcdef0123456789abcdef.plex.direct:32400"
OWNER_TOKEN = "zX9-kQ2_owner-Tok3nQQ"
CANARIES = {
    "owner's token": OWNER_TOKEN,
    "friend's token": "yW8friendTok3n_abcde",
    "server's machine id": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b",
    "player's machine id": "canary-player-7781",
    "hardware address": "0242ac1f0c3d",
    "name of a recording machine": "canary-workstation",
    "owner's name": "Canarina",
    "e-mail": "canarina@household.example.net",
    "friend's account": "48213377",
    "player's name": "Canarina's Projector",
    "server's name": "Canary Tower",
    "home address": "192.168.7.9",
    "public address": "81.2.69.142",
    "plex.direct": "plex.direct",
    "path": "/volume1/canary-films",
    "pin": "7413",
    "picture of a user": "5ca4a7beef",
    "session": "q7canarysession9",
    "cookie": "canary-cookie",
    "place": "Canaryville",
    "transcode session": "c4narytranscode0session9",
    "experiment": "96cac76e-c5bc-4596-87eb-4fdfef9aaa11",
}

SESSIONS = """<?xml version="1.0" encoding="UTF-8"?>
<MediaContainer size="1" friendlyName="Canary Tower" machineIdentifier="9f86d081884c7d659a2feaa0c55ad015a3bf4f1b"
 ownerFeatures="pass,96cac76e-c5bc-4596-87eb-4fdfef9aaa11"
 myPlexUsername="canarina@household.example.net" publicAddress="81.2.69.142" version="1.41.3.93">
<Video title="Canarina's wedding &amp; more" type="movie" ratingKey="12" librarySectionTitle="Films">
<Media id="1"><Part id="2" file="/volume1/canary-films/Wedding (2020).mkv" key="/library/parts/2/17/file.mkv"/></Media>
<User id="48213377" thumb="https://plex.tv/users/5ca4a7beef/avatar?c=1" title="Canarina"/>
<Player address="192.168.7.9" remotePublicAddress="81.2.69.142" machineIdentifier="canary-player-7781"
 title="Canarina&apos;s Projector" product="Plex Web" userID="48213377"/>
<Session id="q7canarysession9" location="lan" bandwidth="20"/>
<TranscodeSession key="/transcode/sessions/c4narytranscode0session9" videoDecision="copy"/>
<Geolocation city="Canaryville" lat="52.1" lng="4.3"/>
</Video>
</MediaContainer>
"""
SHARES = """<MediaContainer machineIdentifier="9f86d081884c7d659a2feaa0c55ad015a3bf4f1b">
<SharedServer id="1" username="Canarina" email="canarina@household.example.net" userID="48213377"
 accessToken="yW8friendTok3n_abcde" name="Canary Tower"/></MediaContainer>
"""
RESOURCES = """{"accessToken": "yW8friendTok3n_abcde", "connections": [{"uri":
 "https://192-168-7-9.0123456789abcdef0123456789abcdef.plex.direct:32400", "address": "192.168.7.9"}]}"""


def interaction(uri: str, body: str | bytes, *, content_type: str = "text/xml", **headers: str) -> Any:
    sent = {
        "X-Plex-Token": OWNER_TOKEN,
        "X-Plex-Client-Identifier": "0x0242ac1f0c3d",
        "X-Plex-Device-Name": "canary-workstation",
        "Accept": "*/*",
    } | {name.replace("_", "-"): value for name, value in headers.items()}
    answer = {
        "status": {"code": 200, "message": "OK"},
        "headers": {"Content-Type": [content_type], "Set-Cookie": ["sid=canary-cookie"], "Date": ["Mon"]},
        "body": {"string": body.encode() if isinstance(body, str) else body},
    }
    return Request("GET", uri, None, sent), answer


INTERACTIONS = [
    interaction(f"{BASE}/status/sessions", SESSIONS),
    interaction(
        f"{BASE}/player/playback/pause?commandID=7&type=video",
        "OK",
        X_Plex_Target_Client_Identifier="canary-player-7781",
    ),
    interaction(f"{BASE}/status/sessions/terminate?sessionId=q7canarysession9&reason=Bye", ""),
    interaction(f"{BASE}/status/sessions/history/all?accountID=48213377", "<MediaContainer size='0'/>"),
    interaction("https://plex.tv/api/servers/9f86d081884c7d659a2feaa0c55ad015a3bf4f1b/shared_servers", SHARES),
    interaction("https://plex.tv/api/home/users/48213377/switch?pin=7413", "<User authToken='yW8friendTok3n_abcde'/>"),
    interaction("https://plex.tv/api/v2/resources", RESOURCES, content_type="application/json"),
    interaction(f"{BASE}/library/onDeck", "<MediaContainer/>", X_Plex_Token="yW8friendTok3n_abcde"),
    interaction(f"{BASE}/photo/:/transcode?url=x", b"\xff\xd8a real poster", content_type="image/jpeg"),
]


@pytest.fixture
def scrubber() -> Scrubber:
    return Scrubber(BASE, tape.PLEX_URL, secrets=((OWNER_TOKEN, "token"), ("canary-workstation", "host")))


@pytest.fixture
def written(tmp_path: Path, scrubber: Scrubber) -> Path:
    recorded = tape.blank()
    for request, response in INTERACTIONS:
        recorded.append(request, response)
    file = tmp_path / "cassette.yaml"
    tape.save(recorded, file, scrubber, recorded_from="pms 1.41.3.93", recorded_at_s=1)
    return file


def test_no_planted_canary_reaches_the_file(written: Path) -> None:
    """Source: plex-wire section 7, the list of what to scrub; one canary for each entry of it."""
    text = written.read_text()
    assert [name for name, canary in CANARIES.items() if canary.casefold() in text.casefold()] == []


def test_the_check_for_leaks_passes_what_was_scrubbed(written: Path) -> None:
    assert leaks_in_file(written, CANARIES.values()) == []


@pytest.mark.parametrize("name", sorted(set(CANARIES) - {"plex.direct", "cookie"}))
def test_the_check_for_leaks_finds_each_canary_put_back(written: Path, name: str) -> None:
    text = written.read_text()
    written.write_text(text.replace('title="Person 1', f'summary="{CANARIES[name]}" title="Person 1', 1))
    assert leaks_in_file(written, CANARIES.values()) != []


@pytest.mark.parametrize(
    "value",
    [
        "somebody@mail.example.org",
        "10.11.12.13",
        "fe80:0:0:0:42:acff:fe1f:c3d",
        "02:42:ac:1f:0c:3d",
        "0242ac1f0c3d",
        "https://nas.fritz.box:32400/x",
        "1-2-3-4.abc.plex.direct",
        "/home/somebody/films",
        "/mnt/films/a.mkv",
        r"D:\films\a.mkv",
        "abcdefghij0123456789",
        "zX9kQ2ownerTokenQQAb",
        "a1b2-c3d4_e5f6-g7h8-i9",
    ],
)
def test_an_unlearnt_secret_is_known_by_its_shape(value: str) -> None:
    assert list(shapes_in("summary", f"see {value} there")) != []


@pytest.mark.parametrize(
    "value",
    [
        "plex://movie/5d776825880197001ec967c6",
        "imdb://tt0017925",
        "/library/metadata/12/thumb/1700000000",
        "com.plexapp.plugins.library",
        "the-well-hyphenated-and-long-winded title",
        "https://metadata-static.plex.tv/people/1.jpg",
        "0.0.0.7",
        "person-2@example.invalid",
    ],
)
def test_what_plex_always_says_is_no_secret(value: str) -> None:
    assert list(shapes_in("summary", value)) == []


def test_a_version_that_looks_like_an_address_is_none() -> None:
    assert list(place(("Player", "version", "8.45.1.12"))) == []
    assert list(place(("Player", "title", "8.45.1.12"))) != []


def test_a_private_place_holding_an_ordinary_word_is_a_leak() -> None:
    assert list(place(("User", "title", "Robin"))) != []
    assert list(place(("Video", "title", "Robin"))) == []


def test_replacements_still_join_sessions_players_users_and_tokens(written: Path) -> None:
    """Without this, a replayed command would look for its player in vain."""
    cassette = tape.load(written)
    sessions, pause, terminate, history, shares, switch, resources, on_deck, poster = cassette.data
    body = sessions[1]["body"]["string"].decode()
    player = pause[0].headers["X-Plex-Target-Client-Identifier"]
    assert f'machineIdentifier="{player}"' in body
    assert f'<Session id="{dict(terminate[0].query)["sessionId"]}"' in body
    account = dict(history[0].query)["accountID"]
    assert f'<User id="{account}"' in body
    assert f'userID="{account}"' in shares[1]["body"]["string"].decode()
    assert switch[0].path == f"/api/home/users/{account}/switch"
    token = on_deck[0].headers["X-Plex-Token"]
    assert token != sessions[0].headers["X-Plex-Token"]
    for answer in (shares, switch, resources):
        assert token in answer[1]["body"]["string"].decode()
    assert poster[1]["body"]["string"] == PIXEL


@pytest.mark.parametrize("cut_after", ["Canari", 'title="Canarina"', "address", 'address="192.168'])
def test_an_answer_that_breaks_off_in_a_tag_keeps_its_secrets(
    tmp_path: Path, scrubber: Scrubber, cut_after: str
) -> None:
    recorded = tape.blank()
    body = '<MediaContainer><Video><User id="48213377" title="Canarina" address="192.168.7.9"/>'
    recorded.append(*interaction(f"{BASE}/status/sessions", body[: body.index(cut_after) + len(cut_after)]))
    tape.save(recorded, tmp_path / "cut.yaml", scrubber, recorded_from="pms 1", recorded_at_s=1)
    kept = tape.load(tmp_path / "cut.yaml").data[0][1]["body"]["string"].decode()
    assert kept.startswith('<MediaContainer><Video><User id="900000001"')
    assert [part for part in ("Canari", "192.168", "48213377") if part in kept] == []


def test_what_is_not_private_stays_as_plex_sent_it(written: Path) -> None:
    body = tape.load(written).data[0][1]["body"]["string"].decode()
    assert 'version="1.41.3.93"' in body
    assert 'title="Person 1\'s wedding &amp; more" type="movie" ratingKey="12" librarySectionTitle="Films"' in body
    assert 'product="Plex Web"' in body
    assert 'location="lan" bandwidth="20"' in body


def test_a_cassette_says_first_what_it_was_recorded_from(written: Path) -> None:
    assert written.read_text().startswith("metadata:\n  recorded_from: pms 1.41.3.93\n")


def test_an_argument_is_given_as_one_who_sees_the_scrubbed_answers_would(written: Path, scrubber: Scrubber) -> None:
    given = {"user": "canarina", "client": "Canarina's Projector", "session_id": "q7canarysession9", "position": 60}
    assert scrubber.value(given) == {
        "user": "Person 1",
        "client": "Player 1",
        "session_id": "scrubbed-session-1",
        "position": 60,
    }

"""The shape of HTTP itself."""

import gzip
from xml.etree import ElementTree

import pytest
import requests
from plexapi.server import PlexServer

from plex_mcp.standin import StandIn
from tests.standin.wire import exchange


def test_headers_are_plexs(plex: StandIn) -> None:
    answer = exchange(plex, "/library/sections/1/all?X-Plex-Container-Size=2")
    assert {
        name: answer.header(name)
        for name in (
            "X-Plex-Protocol",
            "Content-Type",
            "Connection",
            "Keep-Alive",
            "Cache-Control",
            "X-Plex-Container-Start",
            "X-Plex-Container-Total-Size",
        )
    } == {
        "X-Plex-Protocol": "1.0",
        "Content-Type": "text/xml;charset=utf-8",
        "Connection": "Keep-Alive",
        "Keep-Alive": "timeout=20",
        "Cache-Control": "no-cache",
        "X-Plex-Container-Start": "0",
        "X-Plex-Container-Total-Size": "26",
    }
    assert answer.header("Content-Encoding") is None


def test_gzip_only_when_asked_for_with_both_lengths(plex: StandIn) -> None:
    plain = exchange(plex, "/library/sections")
    packed = exchange(plex, "/library/sections", headers="Accept-Encoding: gzip, deflate\r\n")
    assert gzip.decompress(packed.body) == plain.body
    assert packed.header("X-Plex-Content-Original-Length") == str(len(plain.body))
    assert packed.header("X-Plex-Content-Compressed-Length") == str(len(packed.body))
    assert len(packed.body) < len(plain.body) // 2


def test_one_connection_serves_many_requests(plex: StandIn, session: requests.Session) -> None:
    for _ in range(5):
        session.get(plex.url + "/identity", timeout=5)
    assert plex.counters.connections_peak == 1


def test_head_has_the_length_and_no_body(plex: StandIn, session: requests.Session) -> None:
    answer = session.head(plex.url + "/identity", timeout=5)
    assert int(answer.headers["Content-Length"]) > 50
    assert answer.content == b""


def test_what_needs_escaping_survives(server: PlexServer) -> None:
    assert server.library.section("TV Shows").get("Pip & Moss").title == "Pip & Moss"
    found = server.search('"quotes" <and> & ampersands')
    assert found == []


def test_the_servers_version_is_what_it_was_told(session: requests.Session) -> None:
    with StandIn(version="1.43.0.9999-abc") as plex:
        assert PlexServer(plex.url, plex.token, session=session).version == "1.43.0.9999-abc"
        root = ElementTree.fromstring(session.get(plex.url + "/identity", timeout=5).content)
        assert (root.get("version"), root.get("machineIdentifier")) == ("1.43.0.9999-abc", plex.machine_identifier)


@pytest.mark.parametrize("token", ["", "nonsense"])
def test_without_a_known_token_nothing_is_told(plex: StandIn, session: requests.Session, token: str) -> None:
    answer = session.get(plex.url + "/", headers={"X-Plex-Token": token}, timeout=5)
    assert (answer.status_code, len(answer.content), answer.headers["Connection"]) == (401, 193, "close")
    assert session.get(plex.url + "/identity", timeout=5).status_code == 200


def test_an_unknown_path_is_404_and_counted(session: requests.Session) -> None:
    with StandIn() as plex:
        answer = session.get(plex.url + "/nowhere", headers={"X-Plex-Token": plex.token}, timeout=5)
        assert answer.status_code == 404
        assert plex.counters.unknown_paths == ["GET /nowhere"]

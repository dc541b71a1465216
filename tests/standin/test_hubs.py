"""Search over everything, hubs, posters, and the shape of HTTP itself."""

import gzip
import struct
from xml.etree import ElementTree

import pytest
import requests
from plexapi.exceptions import BadRequest, NotFound
from plexapi.server import PlexServer

from plex_mcp.standin import StandIn
from tests.standin.wire import exchange


def test_every_hub_is_there_even_when_empty(get) -> None:
    hubs = get("/hubs/search?query=nosferatu")
    assert [(h.get("type"), h.get("size")) for h in hubs] == [
        ("movie", "1"),
        ("show", "0"),
        ("episode", "0"),
        ("artist", "0"),
        ("album", "0"),
        ("track", "0"),
        ("photoalbum", "0"),
        ("photo", "0"),
        ("actor", "0"),
        ("director", "0"),
        ("genre", "0"),
        ("collection", "0"),
        ("playlist", "0"),
    ]


def test_a_hub_holds_three_unless_a_limit_is_given_and_says_when_there_is_more(get) -> None:
    hub = next(h for h in get("/hubs/search?query=the") if h.get("type") == "movie")
    assert (hub.get("size"), hub.get("more")) == ("3", "1")
    hub = next(h for h in get("/hubs/search?query=the&limit=50") if h.get("type") == "movie")
    assert int(hub.get("size")) > 3
    assert hub.get("more") == "0"


def test_search_finds_by_the_start_of_any_word_without_accents(server: PlexServer) -> None:
    assert {i.title for i in server.search("kilom")} >= {"Café Kilometre"}
    assert "Häxan" in {i.title for i in server.search("haxan")}


def test_a_wrong_spelling_is_guessed_and_marked(get) -> None:
    hub = next(h for h in get("/hubs/search?query=nosferatoo") if h.get("type") == "movie")
    assert [(v.get("title"), v.get("reason")) for v in hub] == [("Nosferatu", "spellcheck")]


def test_people_and_genres_come_as_tags_that_lead_to_their_films(server: PlexServer, get) -> None:
    hub = next(h for h in get("/hubs/search?query=cary%20grant") if h.get("type") == "actor")
    tag = hub[0]
    assert (tag.get("tag"), tag.get("count")) == ("Cary Grant", "2")
    assert {i.title for i in server.fetchItems(tag.get("key"))} == {"Charade", "His Girl Friday"}


def test_search_needs_words(server: PlexServer) -> None:
    with pytest.raises(BadRequest, match="400"):
        server.query("/hubs/search?query=")


def test_the_home_screen_starts_with_continue_watching(server: PlexServer) -> None:
    hubs = server.library.hubs()
    assert hubs[0].hubIdentifier == "home.continue"
    assert hubs[0].items()[0].title == "Nora's Log"
    assert {h.title for h in hubs} >= {"Recently Added in Movies", "Recent Playlists"}
    assert [h.title for h in server.library.section("Movies").hubs()] == [
        "Continue Watching",
        "Recently Added in Movies",
    ]


def test_recently_added_mixes_films_seasons_and_albums(server: PlexServer) -> None:
    found = server.library.recentlyAdded()
    assert {i.type for i in found} == {"movie", "season", "album", "photo"}
    assert [i.addedAt for i in found] == sorted((i.addedAt for i in found), reverse=True)


def size_of(png: bytes) -> tuple[int, int]:
    assert png.startswith(b"\x89PNG\r\n\x1a\n")
    return struct.unpack(">II", png[16:24])


def test_posters_are_pictures_of_the_size_asked_for(
    plex: StandIn, session: requests.Session, server: PlexServer
) -> None:
    film = server.library.section("Movies").get("Sintel")
    plain = session.get(server.url(film.thumb), headers={"X-Plex-Token": plex.token}, timeout=5)
    small = session.get(
        f"{plex.url}/photo/:/transcode",
        params={"width": 100, "height": 150, "url": film.thumb},
        headers={"X-Plex-Token": plex.token},
        timeout=5,
    )
    assert (plain.headers["Content-Type"], size_of(plain.content)) == ("image/png", (240, 360))
    assert size_of(small.content) == (100, 150)
    assert 100 < len(small.content) < 20_000
    other = server.library.section("Movies").get("Charge")
    different = session.get(server.url(other.thumb), headers={"X-Plex-Token": plex.token}, timeout=5)
    assert different.content != plain.content


@pytest.mark.parametrize(
    ("query", "error"),
    [
        ("width=0&height=10&url=/library/metadata/1/thumb/1", BadRequest),
        ("url=/library/metadata/1/thumb/1", BadRequest),
        ("width=9&height=9&url=/library/metadata/99999/thumb/1", NotFound),
        ("width=9&height=9&url=http://evil/x", NotFound),
    ],
)
def test_odd_poster_requests_are_refused(server: PlexServer, query: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        server.query(f"/photo/:/transcode?{query}")


def test_similar_films_share_a_genre(server: PlexServer) -> None:
    film = server.library.section("Movies").get("Nosferatu")
    found = server.fetchItems(f"/library/metadata/{film.ratingKey}/similar")
    assert all({"Horror", "Fantasy"} & {g.tag for g in server.fetchItem(i.ratingKey).genres} for i in found)
    assert found


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


def test_storage_and_durations_add_up(server: PlexServer, plex: StandIn) -> None:
    section = server.library.section("Movies")
    media = [m for i in plex.library.sections[1].of_kind("movie") for m in i.media]
    assert (section.totalStorage, section.totalDuration) == (
        sum(m.size_bytes for m in media),
        sum(m.duration_ms for m in media),
    )

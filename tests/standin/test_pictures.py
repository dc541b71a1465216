"""Posters, and the resizing of them."""

import struct

import pytest
import requests
from plexapi.exceptions import BadRequest, NotFound
from plexapi.server import PlexServer

from plex_mcp.standin import StandIn


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

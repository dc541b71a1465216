"""The stand-in on a loopback port, and ways to talk to it."""

import os

os.environ.setdefault("PLEXAPI_PLEXAPI_AUTORELOAD", "false")
os.environ.setdefault("PLEXAPI_CONFIG_PATH", os.devnull)

from collections.abc import Callable, Iterator
from xml.etree import ElementTree

import pytest
import requests
from plexapi.server import PlexServer

from plex_mcp.standin import Clock, StandIn

NOW_S = 1_760_000_000.0


@pytest.fixture
def clock() -> Clock:
    return Clock(lambda: NOW_S)


@pytest.fixture
def plex(clock: Clock) -> Iterator[StandIn]:
    with StandIn(clock=clock, control=True) as standin:
        yield standin
        assert standin.counters.unknown_paths == []
        assert standin.counters.failures == []


@pytest.fixture(scope="session")
def big() -> StandIn:
    """Of the first hundred films the owner has rated every third, 0 to 10, and seen every fourth."""
    made = StandIn("500", clock=Clock(lambda: NOW_S))
    for n, item in enumerate(made.library.sections[1].of_kind("movie")[:100]):
        if n % 3 == 0:
            made.views.rate(1, item, float(n % 11), int(NOW_S))
        if n % 4 == 0:
            made.views.scrobble(1, item, int(NOW_S) - n * 86_400)
    return made


@pytest.fixture
def session() -> Iterator[requests.Session]:
    with requests.Session() as made:
        made.trust_env = False
        yield made


@pytest.fixture
def server(plex: StandIn, session: requests.Session) -> PlexServer:
    return PlexServer(plex.url, plex.token, session=session, timeout=5)


Get = Callable[..., ElementTree.Element]


@pytest.fixture
def get(plex: StandIn, session: requests.Session) -> Get:
    """GET a path as XML; the owner's token unless another is given."""

    def fetch(path: str, token: str | None = None, **headers: str) -> ElementTree.Element:
        names = {name.replace("_", "-"): value for name, value in headers.items()}
        answer = session.get(plex.url + path, headers={"X-Plex-Token": token or plex.token, **names}, timeout=5)
        answer.raise_for_status()
        return ElementTree.fromstring(answer.content)

    return fetch

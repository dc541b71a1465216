"""The whole thing: a stand-in Plex, a real Redis, the real server. One set for the module."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from plex_mcp.quickstart.redis import embedded_redis
from plex_mcp.standin import StandIn
from tests.serving import Serving, serving


@pytest.fixture(scope="module")
def plex() -> Iterator[StandIn]:
    with StandIn(library="small") as running:
        yield running


@pytest.fixture(scope="module")
def redis_url() -> Iterator[str]:
    with embedded_redis() as url:
        yield url


@pytest.fixture(scope="module")
def server(plex: StandIn, redis_url: str) -> Iterator[Serving]:
    with serving(PLEX_SERVER_URL=plex.url, PLEX_TOKEN=plex.token, REDIS_URL=redis_url) as running:
        yield running

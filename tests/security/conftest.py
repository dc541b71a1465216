"""One whole server for each module: a stand-in Plex, a real Redis, gunicorn in a process of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from plex_mcp.quickstart.redis import embedded_redis
from plex_mcp.standin import StandIn
from tests.serving import Serving, serving


@pytest.fixture(scope="module")
def plex() -> Iterator[StandIn]:
    with StandIn(library="small") as running:
        yield running


@pytest.fixture(scope="module")
def server(plex: StandIn) -> Iterator[Serving]:
    with (
        embedded_redis() as redis_url,
        serving(PLEX_SERVER_URL=plex.url, PLEX_TOKEN=plex.token, REDIS_URL=redis_url, LOG_LEVEL="DEBUG") as running,
    ):
        yield running


@pytest.fixture
def say(capsys: pytest.CaptureFixture[str]) -> Callable[[str], None]:
    """Print a figure though pytest captures."""

    def say(text: str) -> None:
        with capsys.disabled():
            print(f"\n    {text}", end="")  # noqa: T201 - a figure for people

    return say

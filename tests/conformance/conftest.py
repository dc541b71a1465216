"""The fixture registry on a real gunicorn, once for the session."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import requests

from plex_mcp.quickstart.redis import embedded_redis, free_port
from plex_mcp.standin import StandIn
from tests.conformance.client import Client
from tests.conformance.fixture_app import ENVIRON, TOKEN, build_app
from tests.serving import ROOT, environment, serving


@dataclass(frozen=True)
class Endpoint:
    """Where a server speaks MCP, and the token that it wants."""

    url: str
    token: str
    pid: int = 0


@pytest.fixture(scope="session")
def fixture_server() -> Iterator[Endpoint]:
    bind = f"127.0.0.1:{free_port()}"
    settings = ENVIRON | {"BIND": bind}
    command = [sys.executable, "-m", "gunicorn", "-c", "python:plex_mcp.gunicorn_conf"]
    command.append("tests.conformance.fixture_app:wsgi()")
    with tempfile.TemporaryFile() as log:
        process = subprocess.Popen(command, cwd=ROOT, env=environment(**settings), stdout=log, stderr=log)
        try:
            _wait_until_up(f"http://{bind}/mcp", process)
            yield Endpoint(f"http://{bind}/mcp", TOKEN, process.pid)
        finally:
            process.terminate()
            process.wait(timeout=30)


def _wait_until_up(url: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        assert process.poll() is None, "the fixture server ended"
        try:
            if requests.get(url, timeout=5).status_code == 401:
                return
        except (requests.ConnectionError, requests.Timeout):  # the socket is open before the worker is up
            time.sleep(0.05)
    raise AssertionError("the fixture server did not come up")


@pytest.fixture(scope="session")
def real_server() -> Iterator[Endpoint]:
    """The real server with the real catalogue, a stand-in Plex and a real Redis."""
    with (
        embedded_redis() as redis_url,
        StandIn(library="small") as plex,
        serving(PLEX_SERVER_URL=plex.url, PLEX_TOKEN=plex.token, REDIS_URL=redis_url) as running,
    ):
        yield Endpoint(f"{running.url}/mcp", running.token)


@pytest.fixture(scope="session")
def out_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("conformance")


@pytest.fixture(scope="session")
def client() -> Client:
    """The fixtures in this process: guard, authentication, endpoint and dispatcher are the real ones."""
    return Client(build_app().test_client())


@pytest.fixture
def fresh_client() -> Client:
    """One of its own for tests that fail to authenticate: failed attempts are counted."""
    return Client(build_app().test_client())

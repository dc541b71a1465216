"""What a call may cost, in counts that are the same on every machine: no clock, so nothing here can flake.

Function calls stand for CPU time (about 1 us each), modules for memory and start, blocks for what a call leaves behind.
A budget that is exceeded names what was called most: decide whether it is worth it, then raise the budget or cut.
"""

from __future__ import annotations

import gc
import json
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator

import pytest

from plex_mcp.plex.client import PlexClient
from plex_mcp.plex.session import build_session
from plex_mcp.settings import Settings
from plex_mcp.tools._catalogue import load_tools
from tests.bench.inprocess import InProcess, count_calls, in_process

MOVIES = {"media_type": "movie", "limit": 20}

CACHED_CALLS = 265
"""Python functions of a cached call from socket to socket; 565 before web/lean.py and web/exchange.py."""

HEALTH_CALLS = 320
"""A probe goes through werkzeug's own response, which nobody made lean: it comes once in seconds."""

MODULES = 840
"""Imported by a worker that serves; 1,010 with mcp_types, 903 with all of redis and with limits."""

LIST_CALLS = 1_800
"""Python functions of a list of 20 that is not cached, in the worker; 2,319 before Plex was asked for less."""

PER_ITEM_CALLS = 36
"""Python functions for one more item of such a list."""

PAGE_BYTES = 17_000
"""What Plex sends for 20 movies; 40,000 with all that no list shows."""

START_CALLS = 345_000
"""Python functions until the application stands; 438,000 with the output schemas of all tools."""

ABSENT = (
    "mcp",
    "mcp_types",
    "redis.client",
    "redis.asyncio",
    "charset_normalizer.api",
    "limits",
    "pytest",
    "plex_mcp.standin",
)

OF_TESTS = {"rich", "pygments", "markdown_it", "mdurl"}
"""structlog takes them where they are; they are not among what we install."""


@pytest.fixture(scope="module")
def server() -> Iterator[InProcess]:
    with in_process() as running:
        running.call("search_media", **MOVIES)  # connects, fills the caches of every library
        running.call("search_media", **MOVIES)
        yield running


def test_a_cached_call_takes_few_function_calls(server: InProcess) -> None:
    request = server.request("search_media", **MOVIES)
    counts = sorted((count_calls(lambda: server.send(request)) for _ in range(3)), key=Counter.total)
    assert counts[0].total() <= CACHED_CALLS, _most(counts[0])


def test_a_cached_call_grows_neither_with_the_answer_nor_with_the_tool(server: InProcess) -> None:
    server.call("search_media", media_type="movie", limit=50)
    server.call("list_libraries")
    few = min(count_calls(lambda: server.call("search_media", **MOVIES)).total() for _ in range(3))
    many = min(count_calls(lambda: server.call("search_media", media_type="movie", limit=50)).total() for _ in range(3))
    other = min(count_calls(lambda: server.call("list_libraries")).total() for _ in range(3))
    assert abs(many - few) <= 10
    assert abs(other - few) <= 25


def test_a_cached_call_asks_plex_nothing_and_a_search_asks_once(server: InProcess) -> None:
    server.plex.counters.reset()
    server.call("search_media", **MOVIES)
    assert server.plex.counters.requests == 0
    assert json.loads(server.call("search_media", media_type="movie", limit=20, year_min=1950))["result"]
    assert server.plex.counters.requests == 1, list(server.plex.counters.paths)


def test_a_cached_call_leaves_nothing_behind(server: InProcess) -> None:
    request = server.request("search_media", **MOVIES)
    for _ in range(50):
        server.send(request)
    gc.collect()
    before = sys.getallocatedblocks()
    for _ in range(500):
        server.send(request)
    gc.collect()
    assert sys.getallocatedblocks() - before < 250  # half a block a call; a log queue or two may be filling


def test_items_are_built_lean(server: InProcess) -> None:
    """Called as the pool's thread calls it: a profile does not look into other threads."""
    tool = load_tools()["search_media"]
    plex = _client_of(server)

    def run(limit: int) -> Counter[str]:
        arguments = tool.parse({"media_type": "movie", "limit": limit})
        return count_calls(lambda: tool.run(plex, arguments))

    run(1)
    few, twenty, many = run(10), run(20), run(50)
    assert (many.total() - few.total()) / 40 <= PER_ITEM_CALLS, _most(many)
    assert twenty.total() <= LIST_CALLS, _most(twenty)


def test_plex_sends_little_more_than_a_list_shows(server: InProcess) -> None:
    plex, tool = _client_of(server), load_tools()["search_media"]
    tool.run(plex, tool.parse({"media_type": "movie", "limit": 1}))
    server.plex.counters.reset()
    tool.run(plex, tool.parse({"media_type": "movie", "limit": 20}))
    assert server.plex.counters.bytes_sent <= PAGE_BYTES


def test_a_worker_starts_with_few_function_calls() -> None:
    code = (
        "import os, sys\n"
        "calls = 0\n"
        "def note(frame, event, argument):\n"
        "    global calls\n"
        "    calls += event == 'call'\n"
        "sys.setprofile(note)\n"
        "import gunicorn.app.wsgiapp, plex_mcp.gunicorn_conf, plex_mcp.web.worker\n"
        "from plex_mcp.app import build\n"
        "build(os.environ)\n"
        "sys.setprofile(None)\n"
        "print(calls)"
    )
    assert int(_run(code)) <= START_CALLS


def test_what_a_worker_imports_stays_small() -> None:
    code = (
        "import os, sys, json\n"
        "import gunicorn.app.wsgiapp, plex_mcp.gunicorn_conf, plex_mcp.web.worker\n"
        "from plex_mcp.app import build\n"
        "build(os.environ)\n"
        "print(json.dumps(sorted(sys.modules)))"
    )
    modules = [name for name in json.loads(_run(code)) if name.split(".")[0] not in OF_TESTS]
    packages = Counter(name.split(".")[0] for name in modules)
    assert [name for name in ABSENT if name in modules] == []
    assert len(modules) <= MODULES, packages.most_common(12)


def _run(code: str) -> str:
    """What it prints in a process of its own, with settings."""
    environment = {
        "PLEX_SERVER_URL": "http://127.0.0.1:1",
        "PLEX_TOKEN": "x",
        "REDIS_URL": "redis://127.0.0.1:1/0",
        "AUTH_TOKEN": "a-token-of-good-length",
        "PYTHONPATH": ".",
    }
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    return done.stdout


def _client_of(server: InProcess) -> PlexClient:
    settings = Settings.from_env(
        {
            "PLEX_SERVER_URL": server.plex.url,
            "PLEX_TOKEN": server.plex.token,
            "REDIS_URL": "redis://127.0.0.1:1/0",
            "AUTH_TOKEN": "a-token-of-good-length",
        }
    )
    return PlexClient(settings, build_session(settings))


def _most(calls: Counter[str]) -> str:
    files = Counter[str]()
    for where, count in calls.items():
        files[where.partition(":")[0]] += count
    return f"{calls.total()} calls; most in {files.most_common(8)}"

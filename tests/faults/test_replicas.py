"""Two real servers that share a Redis: what one has loaded the other serves, and either may be killed."""

from __future__ import annotations

import json
import signal
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from typing import Any

import pytest

from plex_mcp.standin import StandIn
from tests.conftest import RedisServer
from tests.serving import Serving, serving


class Pair:
    def __init__(self, plex: StandIn, first: Serving, second: Serving) -> None:
        self.plex = plex
        self.first = first
        self.second = second


@pytest.fixture
def pair(redis_server: RedisServer) -> Iterator[Pair]:
    with ExitStack() as stack:
        plex = stack.enter_context(StandIn("small"))
        common = {"PLEX_SERVER_URL": plex.url, "PLEX_TOKEN": plex.token, "REDIS_URL": redis_server.url}
        yield Pair(plex, *(stack.enter_context(serving(**common)) for _ in range(2)))


def items(result: dict[str, Any]) -> list[dict[str, Any]]:
    assert not result.get("isError"), result
    found: list[dict[str, Any]] = result["structuredContent"]["items"]
    return found


def outcomes(server: Serving) -> list[str]:
    """What the server logged of its calls, but for the warm-up's."""
    lines = [json.loads(line) for line in server.log().splitlines() if '"tool.called"' in line]
    return [line["outcome"] for line in lines if line["client"] != "warm-up"]


def test_what_one_has_loaded_the_other_serves_without_asking_plex(pair: Pair) -> None:
    first = items(pair.first.call("search_media", query="caligari"))
    assert first[0]["title"] == "The Cabinet of Dr. Caligari"
    pair.plex.counters.reset()
    assert items(pair.second.call("search_media", query="caligari")) == first
    assert pair.plex.counters.requests == 0
    for _ in range(500):  # lines are written by a thread of their own
        if outcomes(pair.second):
            break
        time.sleep(0.02)
    assert outcomes(pair.second) == ["hit_l2"]


def test_a_command_through_one_is_seen_through_the_other_within_five_seconds(pair: Pair) -> None:
    def state(server: Serving) -> str:
        found = items(server.call("get_playback_status", client="Living Room TV"))
        return str(found[0]["state"])

    assert state(pair.second) == "playing"
    answer = pair.first.call("control_playback", action="pause", client="Living Room TV")
    assert answer["structuredContent"]["state"] == "paused", answer
    assert state(pair.first) == "paused"
    deadline = time.monotonic() + 20  # a bound, not a measure: 5 s are the promise
    pair.plex.counters.reset()
    while state(pair.second) != "paused":
        assert time.monotonic() < deadline
        time.sleep(0.1)
    assert pair.plex.counters.by_path["/status/sessions"] == 0, "by Redis, not by asking Plex again"


@pytest.mark.parametrize("killed", ["first", "second"])
def test_either_killed_the_other_goes_on(pair: Pair, killed: str) -> None:
    victim, survivor = (pair.first, pair.second) if killed == "first" else (pair.second, pair.first)
    expected = items(victim.call("search_media", query="caligari"))

    def busy(number: int) -> None:
        try:
            victim.rpc({"jsonrpc": "2.0", "id": number, "method": "ping"})
            victim.call("search_media", query=f"word {number}")
        except (OSError, AssertionError):
            return  # it is being killed

    with ThreadPoolExecutor(8) as threads:
        work = [threads.submit(busy, number) for number in range(40)]
        victim.process.send_signal(signal.SIGKILL)
        for _ in range(10):
            assert items(survivor.call("search_media", query="caligari")) == expected
        for future in work:
            future.result(30)
    assert survivor.process.poll() is None
    fresh = survivor.call("search_media", query="metropolis")
    assert items(fresh)[0]["title"] == "Metropolis"
    assert "stale" not in fresh["structuredContent"]

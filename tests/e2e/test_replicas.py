"""Three replicas as the overlay `scaled` runs them: three real servers, one Redis, one Plex that counts connections."""

from __future__ import annotations

import itertools
import os
import signal
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
import requests

from plex_mcp.standin import StandIn
from tests.manifests.policy import PLEX_CONNECTIONS, settings
from tests.manifests.rendered import named, objects
from tests.serving import Serving, serving

SCALED = objects("scaled")
REPLICAS = named(SCALED, "Deployment", "plex-mcp")["spec"]["replicas"]
POOL_SIZE = settings(SCALED)["PLEX_POOL_SIZE"]


@pytest.fixture(scope="module")
def environ(plex: StandIn, redis_url: str) -> dict[str, str]:
    """What the replicas share."""
    return {
        "PLEX_SERVER_URL": plex.url,
        "PLEX_TOKEN": plex.token,
        "REDIS_URL": redis_url,
        "PLEX_POOL_SIZE": POOL_SIZE,
        "CACHE_WARM": "false",
    }


@pytest.fixture(scope="module")
def replicas(environ: dict[str, str]) -> Iterator[list[Serving]]:
    with ExitStack() as stack, ThreadPoolExecutor(REPLICAS) as starters:
        started = list(starters.map(lambda _: stack.enter_context(serving(**environ)), range(REPLICAS)))
        yield started
        for replica in started:  # all at once: each takes its seconds to go
            if replica.process.poll() is None:
                replica.process.terminate()


class Service:
    """Gives each request to the next replica, as a Service does; who gets no answer tries once more, elsewhere."""

    def __init__(self, replicas: list[Serving]) -> None:
        self.replicas = replicas
        self._turns = itertools.count()
        self.tried_again = 0

    def call(self, tool: str, **arguments: Any) -> dict[str, Any]:
        turn = next(self._turns)
        try:
            return self._once(turn, tool, arguments)
        except (requests.ConnectionError, requests.exceptions.ChunkedEncodingError):
            self.tried_again += 1
            return self._once(turn + 1, tool, arguments)

    def _once(self, turn: int, tool: str, arguments: dict[str, Any]) -> dict[str, Any]:
        replica = self.replicas[turn % len(self.replicas)]
        params = {"name": tool, "arguments": arguments}
        message = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params}
        headers = {"Authorization": f"Bearer {replica.token}", "Accept": "application/json, text/event-stream"}
        with requests.Session() as session:
            session.trust_env = False
            answer = session.post(f"{replica.url}/mcp", json=message, headers=headers, timeout=30)
        assert answer.status_code == 200, answer.text
        result: dict[str, Any] = answer.json()["result"]
        return result


def kill(replica: Serving) -> None:
    """What an out-of-memory kill does to a pod: every process of it ends at once, without a word."""
    children = Path(f"/proc/{replica.process.pid}/task/{replica.process.pid}/children").read_text(encoding="ascii")
    assert children.split(), "gunicorn has no worker"
    replica.process.send_signal(signal.SIGSTOP)  # lest it start another worker meanwhile
    for pid in children.split():
        os.kill(int(pid), signal.SIGKILL)
    replica.process.kill()
    replica.process.wait()


def test_what_one_replica_loaded_the_others_serve(replicas: list[Serving], plex: StandIn) -> None:
    first, *others = replicas
    loaded = first.call("search_media", media_type="movie", sort="title", limit=7)
    assert loaded["structuredContent"]["items"]
    asked = plex.counters.requests
    for other in others:
        assert other.call("search_media", media_type="movie", sort="title", limit=7) == loaded
    assert plex.counters.requests == asked
    first.call("search_media", media_type="movie", sort="title", limit=8)
    assert plex.counters.requests > asked


def test_three_busy_replicas_and_one_that_goes_open_ten_plex_connections_at_most(
    replicas: list[Serving], environ: dict[str, str], plex: StandIn
) -> None:
    """The worst moment of a rollout: the old pod still answers while its successor is busy already."""
    plex.counters.reset()
    plex.latency_ms = 100
    try:
        with serving(**environ) as successor, ThreadPoolExecutor(48) as clients:
            service = Service([*replicas, successor])
            results = list(clients.map(lambda n: service.call("search_media", query=f"film {n}", limit=3), range(96)))
    finally:
        plex.latency_ms = 0
    assert not [result for result in results if result.get("isError")]
    assert plex.counters.in_flight_peak > int(POOL_SIZE), "the replicas were not busy at once"
    assert plex.counters.connections_peak <= PLEX_CONNECTIONS


def test_a_killed_replica_costs_no_answer_of_clients_that_try_twice(replicas: list[Serving]) -> None:
    """Last in this file: the replica stays dead."""
    service = Service(replicas)
    killed = threading.Event()

    def client(number: int) -> list[dict[str, Any]]:
        found = []
        for turn in range(12):
            found.append(service.call("search_media", query=f"{number % 4} {turn}", limit=3))
            if number == 0 and turn == 3:
                kill(replicas[0])
                killed.set()
        return found

    with ThreadPoolExecutor(8) as clients:
        results = list(itertools.chain.from_iterable(clients.map(client, range(8))))
    assert killed.is_set()
    assert len(results) == 96
    assert not [result for result in results if result.get("isError")]
    assert service.tried_again > 0, "nobody noticed: the replica was not killed"

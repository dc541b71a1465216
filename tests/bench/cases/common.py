"""What several cases do."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator
from typing import Any

import requests

from tests.bench.peers import LIST_HOLDS, Peer, call_body
from tests.bench.servers import Server

Figures = dict[str, Any]
DISTINCT = call_body("search_media", '{"media_type":"movie","limit":20,"max_minutes":{n}}')


def unasked() -> Iterator[int]:
    """Values of {n}, each for one call: all films are shorter, so the answers are alike, and none is cached."""
    return iter(range(400, 1441))


def distinct(server: Server, numbers: Iterator[int], *, connections: int, requests: int) -> Figures:
    """As many lists that no cache knows."""
    taken = [next(numbers) for _ in range(requests)]
    return server.load(DISTINCT, connections=connections, requests=requests, first=taken[0], holds=LIST_HOLDS)


def median(rounds: list[Figures], figure: str) -> Figures:
    return sorted(rounds, key=lambda found: float(found[figure]))[len(rounds) // 2]


def best(server: Server, body: str, holds: str, *, seconds: float = 2, rounds: int = 3) -> Figures:
    """The same call from 50 connections: the best of the rounds, and what the server has cost so far."""
    server.load(body, connections=4, requests=20, holds=holds)
    found = [server.load(body, connections=50, seconds=seconds, holds=holds) for _ in range(rounds)]
    fastest = max(found, key=lambda one: float(one["per_s"]))
    cost = {"cpu_us": min(one["cpu_us"] for one in found), "memory_mib": server.memory_mib(), "live_s": server.live_s}
    return fastest | cost


def of_peer(peer: Peer, measure: Callable[[Server], Figures], *, limits: tuple[int, int] | None = None) -> Figures:
    """The figures of a peer; a peer that does not run, or answers rubbish, says why, and spoils nothing else."""
    try:
        with peer.start(limits=limits) as server:
            return measure(peer.verified(server))
    except (
        AssertionError,
        LookupError,
        OSError,
        ValueError,
        subprocess.SubprocessError,
        requests.RequestException,
    ) as e:
        return {"skipped": f"{type(e).__name__}: {e}"[:400]}

"""Two servers behind one Redis and one Plex, each with half of the ten connections that Plex may see."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

from plex_mcp.standin import StandIn
from tests.bench.cases.common import DISTINCT, Figures
from tests.bench.peers import LIST, LIST_HOLDS
from tests.bench.plexes import Plex
from tests.bench.servers import POD, Server, load, ours

_SETTINGS = {"PLEX_POOL_SIZE": "5", "CACHE_WARM": "false"}
_FIRST, _SHARED = 400, 40
_AT_ONCE = 96


def replicas(redis_url: str, limited: bool) -> Figures:
    with StandIn("500", latency_ms=50) as counted:  # in this process: a question about its counters is a connection too
        plex = Plex(counted.url, counted.token)
        with _two(plex, redis_url) as both:
            figures = _per_s(both, "") | _shared(counted, both, _FIRST) | _connections(counted, both, _FIRST + _SHARED)
        if limited:
            with _two(plex, redis_url, limits=POD) as both:
                figures |= _per_s(both, " at 200m each", seconds=4)
    return figures


def _per_s(both: list[Server], where: str, *, seconds: float = 2) -> Figures:
    """Cached calls a second of 50 connections, to one of them and over both; best of three."""
    found = {}
    for name, asked in (("one replica", both[:1]), ("two replicas", both)):
        load(asked, LIST, connections=4, requests=20, holds=LIST_HOLDS)
        rounds = [load(asked, LIST, connections=50, seconds=seconds, holds=LIST_HOLDS) for _ in range(3)]
        found[f"Cached calls a second{where}: {name}"] = max(float(one["per_s"]) for one in rounds)
    return found


def _shared(plex: StandIn, both: list[Server], first: int) -> Figures:
    """What the first has loaded, asked of the second for the first time."""
    plan: dict[str, Any] = {"connections": 1, "requests": _SHARED, "first": first, "holds": LIST_HOLDS}
    both[0].load(DISTINCT, **plan)
    plex.counters.reset()
    hits = both[1].load(DISTINCT, **plan)
    return {
        f"Requests to Plex for {_SHARED} answers that the other has loaded": plex.counters.requests,
        "First answer out of Redis, ms": hits["p50_ms"],
    }


def _connections(plex: StandIn, both: list[Server], first: int) -> Figures:
    """The worst that Plex sees: both are asked more at once than there are connections."""
    plex.counters.reset()
    done = load(both, DISTINCT, connections=_AT_ONCE, requests=_AT_ONCE, first=first, holds=LIST_HOLDS)
    seen = plex.counters
    assert seen.requests >= _AT_ONCE, f"not all were uncached: {seen.requests} requests"
    return {
        f"Connections to Plex at most, {_AT_ONCE} uncached calls at once on both": seen.connections_peak,
        f"{_AT_ONCE} uncached calls at once on both, all answered, ms": done["took_ms"],
    }


@contextmanager
def _two(plex: Plex, redis_url: str, *, limits: tuple[int, int] | None = None) -> Iterator[list[Server]]:
    """Each on a core of its own where there are two: PIN_CPU chooses among those that a process may use."""
    mine = os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else {0}
    cores = sorted(mine)
    with ExitStack() as stack:
        started = []
        for number in range(2):
            with _only_on(cores[number % len(cores)], mine):
                started.append(stack.enter_context(ours(plex, redis_url, limits=limits, **_SETTINGS)))
        yield started


@contextmanager
def _only_on(core: int, usual: set[int]) -> Iterator[None]:
    """What is started meanwhile has this core only."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {core})
    try:
        yield
    finally:
        if hasattr(os, "sched_setaffinity"):
            os.sched_setaffinity(0, usual)

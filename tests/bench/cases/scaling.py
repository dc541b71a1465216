"""An uncached list of 20 on libraries of 500, 10,000 and 100,000 items: time, CPU, memory, what Plex sends for it."""

from __future__ import annotations

import http.client
import re
import statistics
import time
from collections.abc import Callable
from functools import partial

from tests.bench import peers
from tests.bench.cases.common import Figures, distinct, of_peer, unasked
from tests.bench.plexes import Plex, standin
from tests.bench.servers import Server, ours

_LONGEST = re.compile(r"(\bduration[^=]*=)\d+")
"""What differs from one list to the next: how long a film may last, in ms."""


def scaling(redis_url: str, _limited: bool) -> Figures:
    figures: Figures = {}
    for library in ("500", "10k", "100k"):
        with standin(library) as plex:
            with ours(plex, redis_url) as server:
                numbers = unasked()
                distinct(server, numbers, connections=1, requests=5)
                figures[library] = _with_traffic(
                    plex, server, partial(distinct, server, numbers, connections=1, requests=100)
                )
                figures[library]["plex_ms"] = _plex_alone(plex)
            for peer in peers.finished(plex) if library != "100k" else []:

                def measure(server: Server, peer: peers.Peer = peer, plex: Plex = plex) -> Figures:
                    server.load(peer.body, connections=1, requests=2, holds=peer.holds)
                    return _with_traffic(
                        plex, server, lambda: server.load(peer.body, connections=1, requests=30, holds=peer.holds)
                    )

                figures[f"{peer.name}, {library}"] = of_peer(peer, measure)
    return figures


def _plex_alone(plex: Plex) -> float:
    """What the stand-in itself takes for such a list, in ms: it looks at every film, and the time grows with them."""
    target = plex.counters()["paths"][-1].removeprefix("GET ")
    assert _LONGEST.search(target), target
    sent = {"X-Plex-Token": plex.token, "X-Plex-Container-Start": "0", "X-Plex-Container-Size": "20"}
    connection = http.client.HTTPConnection(plex.url.removeprefix("http://"), timeout=30)
    taken = []
    for number in range(40):
        begun = time.perf_counter()
        new = _LONGEST.sub(rf"\g<1>{100_000_000 + number}", target)
        connection.request("GET", new, headers=sent | {"Accept-Encoding": "identity"})
        answer = connection.getresponse()
        assert answer.status == 200, f"{target}: {answer.status}"
        answer.read()
        taken.append((time.perf_counter() - begun) * 1000)
    connection.close()
    return round(statistics.median(taken), 2)


def _with_traffic(plex: Plex, server: Server, work: Callable[[], Figures]) -> Figures:
    """The figures of the work, with Plex' requests and bytes for each of its calls."""
    before = plex.counters()
    found = work()
    after, calls = plex.counters(), max(1, found["calls"])
    return found | {
        "plex_requests": round((after["requests"] - before["requests"]) / calls, 2),
        "plex_bytes": round((after["bytes_sent"] - before["bytes_sent"]) / calls),
        "memory_mib": server.memory_mib(),
    }

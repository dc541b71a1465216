"""Searches that no cache knows, with 50 ms added to each answer of Plex."""

from __future__ import annotations

from tests.bench import peers
from tests.bench.cases.common import DISTINCT, Figures, distinct, median, of_peer, unasked
from tests.bench.peers import LIST_HOLDS, Peer
from tests.bench.plexes import standin
from tests.bench.servers import Server, ours


def uncached(redis_url: str, _limited: bool) -> Figures:
    figures: Figures = {}
    with standin("500", latency_ms=50) as plex:
        with ours(plex, redis_url) as server:
            numbers = unasked()
            distinct(server, numbers, connections=10, requests=20)  # connections to Plex, caches of every library
            figures["one after another"] = distinct(server, numbers, connections=1, requests=40)
            for at_once in (20, 50):
                rounds = [distinct(server, numbers, connections=at_once, requests=at_once) for _ in range(5)]
                figures[f"{at_once} at once"] = median(rounds, "took_ms")
            same = [DISTINCT.replace("{n}", str(next(numbers))) for _ in range(5)]
            alike = [server.load(body, connections=20, requests=20, holds=LIST_HOLDS) for body in same]
            figures["20 identical at once"] = median(alike, "took_ms")
        for peer in peers.finished(plex):
            found = of_peer(peer, lambda server, peer=peer: _of_peer(server, peer))
            figures |= {f"{peer.name}, {what}": each for what, each in found.items() if isinstance(each, dict)}
            if "skipped" in found:
                figures[peer.name] = found
    return figures


def _of_peer(server: Server, peer: Peer) -> Figures:
    server.load(peer.body, connections=1, requests=2, holds=peer.holds)
    return {
        "one after another": server.load(peer.body, connections=1, requests=20, holds=peer.holds),
        "20 at once": server.load(peer.body, connections=20, requests=20, holds=peer.holds),
        "50 at once": server.load(peer.body, connections=50, requests=50, holds=peer.holds),
    }

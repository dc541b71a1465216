"""The same call from 50 connections, of ours and of others; best of three rounds of two seconds."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

from tests.bench import peers
from tests.bench.cases.common import Figures, best, of_peer
from tests.bench.peers import LIST, LIST_HOLDS
from tests.bench.plexes import standin
from tests.bench.servers import OURS, POD, UNDEFENDED, ours


def cached(redis_url: str, limited: bool) -> Figures:
    """Those for Plex have no cache: they ask it again for the same films."""
    figures: Figures = {}
    with standin("500") as plex, tempfile.TemporaryDirectory() as folder:
        answer = Path(folder) / "answer.json"
        with ours(plex, redis_url) as server:
            result = server.post(LIST.replace("{n}", "1")).json()["result"]
            answer.write_text(json.dumps(result["structuredContent"]))
            figures[OURS] = best(server, LIST, LIST_HOLDS)
        with ours(plex, redis_url, GUNICORN_CMD_ARGS="--worker-class gthread") as server:
            figures[UNDEFENDED] = best(server, LIST, LIST_HOLDS)
        rivals = [*peers.in_memory(answer), *peers.finished(plex)]
        for peer in rivals:
            figures[peer.name] = of_peer(peer, lambda server, peer=peer: best(server, peer.body, peer.holds))
        if limited:
            with ours(plex, redis_url, limits=POD) as server:
                figures[f"{OURS} at 200m"] = best(server, LIST, LIST_HOLDS, seconds=4)
            for peer in rivals:
                figures[f"{peer.name} at 200m"] = of_peer(
                    peer,
                    lambda server, peer=peer: best(server, peer.body, peer.holds, seconds=4, rounds=1),
                    limits=peer.limits,
                )
    return figures

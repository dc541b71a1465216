"""Where a cached call's function calls are, and what the small methods take."""

from __future__ import annotations

import json

from tests.bench.cases.common import Figures
from tests.bench.inprocess import count_calls, in_process
from tests.bench.plexes import standin
from tests.bench.servers import ours

_PARTS = ("gunicorn", "flask", "werkzeug", "plex_mcp/web", "plex_mcp/protocol", "plex_mcp/calls", "prometheus")


def parts(redis_url: str, _limited: bool) -> Figures:
    figures: Figures = {}
    with in_process() as server:
        request = server.request("search_media", media_type="movie", limit=20)
        for _ in range(3):
            server.send(request)
        counts = count_calls(lambda: server.send(request))
        figures["python calls of a cached call"] = counts.total()
        for part in _PARTS:
            figures[f"of them {part}"] = sum(
                count for where, count in counts.items() if part in where.partition(":")[0]
            )
    with standin("500") as plex, ours(plex, redis_url) as running:
        for method in ("ping", "tools/list"):
            body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": method})
            figures[method] = running.load(body, connections=1, requests=300)
    return figures

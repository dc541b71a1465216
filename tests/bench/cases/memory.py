"""Anonymous memory of the whole group through its life, on a library of 100,000 items."""

from __future__ import annotations

import time

from tests.bench.cases.common import Figures
from tests.bench.peers import LIST, LIST_HOLDS, call_body
from tests.bench.plexes import standin
from tests.bench.servers import POD, ours, peak_memory

_LONG = call_body("search_media", '{"limit":50,"max_minutes":{n}}')


def memory(redis_url: str, limited: bool) -> Figures:
    with standin("100k") as plex:
        with ours(plex, redis_url, limits=(POD[0], -1) if limited else None) as server:
            time.sleep(2)
            figures: Figures = {"idle_mib": server.memory_mib()}
            with peak_memory(server) as seen:
                server.load(LIST, connections=50, seconds=3, holds=LIST_HOLDS)
                figures["after 50 clients_mib"] = server.memory_mib()
                # Fifty at once on a stand-in that looks at 100,000 items each time: some come late on a busy machine.
                lists = server.load(_LONG, connections=50, requests=200, first=400, holds=LIST_HOLDS, may_fail=True)
                figures["lists answered of 200"] = lists["calls"]
                figures["after 200 lists of 50_mib"] = server.memory_mib()
                server.process.terminate()
                server.process.wait(timeout=40)
            figures["peak_mib"] = seen[0]
        figures["cgroup peak with page cache_mib"], figures["oom_kills"] = server.peak_mib, server.oom_kills
    return figures

"""What `make bench` measures. A case gives plain figures; units are in their names."""

from __future__ import annotations

import json
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import requests

from tests.bench import peers
from tests.bench.inprocess import count_calls, in_process
from tests.bench.peers import call_body
from tests.bench.servers import POD, Server, ours, peak_memory, standin

Figures = dict[str, Any]
LIST = call_body("search_media", '{"media_type":"movie","limit":20}')
DISTINCT = call_body("search_media", '{"media_type":"movie","limit":20,"max_minutes":{n}}')
_UNASKED = range(400, 1441)
"""Values of {n}, each for one call to a server: all movies are shorter, so the answers are alike and none is cached."""
PEERS_SEARCH = call_body("media_search", '{"query":"the","content_type":"movie"}')


def cached(redis_url: str, limited: bool) -> Figures:
    """The same call from 50 connections, of ours and of others; best of three rounds of two seconds."""
    figures: Figures = {}
    with standin("500") as plex, tempfile.TemporaryDirectory() as folder:
        answer = Path(folder) / "answer.json"
        with ours(plex, redis_url) as server:
            answer.write_text(json.dumps(_call(server, LIST)["structuredContent"]))
            figures["plex-mcp"] = _best(server, LIST)
        rivals = {"SDK MCPServer": lambda **how: peers.sdk(answer, **how)}
        if peers.python_with(peers.FASTMCP):
            rivals["FastMCP"] = lambda **how: peers.fastmcp(answer, **how)
        if peers.python_with(peers.MARKET_LEADER):
            rivals[peers.MARKET_LEADER] = lambda **how: peers.market_leader(plex, **how)
        for name, start in rivals.items():
            with start() as server:
                figures[name] = _best(server, PEERS_SEARCH if name == peers.MARKET_LEADER else LIST)
        if limited:
            with ours(plex, redis_url, limits=POD) as server:
                figures["plex-mcp at 200m"] = _best(server, LIST, seconds=4)
            for name, start in rivals.items():
                with start(limits=POD if name != peers.MARKET_LEADER else (400 << 20, POD[1])) as server:
                    body = PEERS_SEARCH if name == peers.MARKET_LEADER else LIST
                    figures[f"{name} at 200m"] = _best(server, body, seconds=4, rounds=1)
    return figures


def uncached(redis_url: str, _limited: bool) -> Figures:
    """Searches that no cache knows, with 50 ms added to each answer of Plex."""
    figures: Figures = {}
    with standin("500", latency_ms=50) as plex:
        with ours(plex, redis_url) as server:
            unasked = iter(_UNASKED)
            _distinct(server, unasked, connections=10, requests=20)  # connections to Plex, caches of every library
            figures["one after another"] = _distinct(server, unasked, connections=1, requests=40)
            for at_once in (20, 50):
                rounds = [_distinct(server, unasked, connections=at_once, requests=at_once) for _ in range(5)]
                figures[f"{at_once} at once"] = _median(rounds, "took_ms")
            same = [
                server.load(DISTINCT.replace("{n}", str(next(unasked))), connections=20, requests=20) for _ in range(5)
            ]
            figures["20 identical at once"] = _median(same, "took_ms")
        if peers.python_with(peers.MARKET_LEADER):
            with peers.market_leader(plex) as server:
                server.load(PEERS_SEARCH, connections=1, requests=2)
                figures[f"{peers.MARKET_LEADER}, one after another"] = server.load(
                    PEERS_SEARCH, connections=1, requests=8
                )
                figures[f"{peers.MARKET_LEADER}, 20 at once"] = server.load(PEERS_SEARCH, connections=20, requests=20)
    return figures


def pod(redis_url: str, limited: bool) -> Figures:
    """The specification's own figures: 50 clients at once on 200m and 100 MiB, and the probe meanwhile."""
    if not limited:
        return {"skipped": "no cgroup limits can be set here"}
    figures: Figures = {}
    with standin("500") as plex, ours(plex, redis_url, limits=POD) as server:
        figures["start to live_s"], figures["start to warm_s"] = server.live_s, server.warm_s
        _call(server, LIST)
        time.sleep(2)
        bursts = [(server.load(LIST, connections=50, requests=50), time.sleep(2))[0] for _ in range(5)]
        figures["burst of 50 cached"] = _median(bursts, "max_ms")
        unasked = iter(_UNASKED)
        lists = [(_distinct(server, unasked, connections=50, requests=50), time.sleep(2))[0] for _ in range(5)]
        figures["burst of 50 uncached"] = _median(lists, "max_ms")
        figures["health at 100 calls a second"] = _probed(server, rate=100)
    return figures


def memory(redis_url: str, limited: bool) -> Figures:
    """Anonymous memory of the whole group through its life, on a library of 100,000 items."""
    with standin("100k") as plex:
        with ours(plex, redis_url, limits=(POD[0], -1) if limited else None) as server:
            time.sleep(2)
            figures: Figures = {"idle_mib": server.memory_mib()}
            with peak_memory(server) as seen:
                server.load(LIST, connections=50, seconds=3)
                figures["after 50 clients_mib"] = server.memory_mib()
                server.load(
                    call_body("search_media", '{"limit":50,"max_minutes":{n}}'), connections=50, requests=200, first=400
                )
                figures["after 200 lists of 50_mib"] = server.memory_mib()
                server.process.terminate()
                server.process.wait(timeout=40)
            figures["peak_mib"] = seen[0]
        figures["cgroup peak with page cache_mib"], figures["oom_kills"] = server.peak_mib, server.oom_kills
    return figures


def scaling(redis_url: str, _limited: bool) -> Figures:
    """An uncached list of 20 on libraries of 500, 10,000 and 100,000 items."""
    figures: Figures = {}
    for library in ("500", "10k", "100k"):
        with standin(library) as plex, ours(plex, redis_url) as server:
            unasked = iter(_UNASKED)
            _distinct(server, unasked, connections=1, requests=5)
            found = _distinct(server, unasked, connections=1, requests=100)
            figures[library] = found | {"memory_mib": server.memory_mib()}
            if library != "100k" and peers.python_with(peers.MARKET_LEADER):
                with peers.market_leader(plex) as other:
                    other.load(PEERS_SEARCH, connections=1, requests=2)
                    figures[f"{peers.MARKET_LEADER}, {library}"] = other.load(PEERS_SEARCH, connections=1, requests=10)
    return figures


def parts(redis_url: str, _limited: bool) -> Figures:
    """Where a cached call's function calls are, and what the small methods take."""
    figures: Figures = {}
    with in_process() as server:
        request = server.request("search_media", media_type="movie", limit=20)
        for _ in range(3):
            server.send(request)
        counts = count_calls(lambda: server.send(request))
        figures["python calls of a cached call"] = counts.total()
        for part in (
            "gunicorn",
            "flask",
            "werkzeug",
            "plex_mcp/web",
            "plex_mcp/protocol",
            "plex_mcp/calls",
            "prometheus",
        ):
            figures[f"of them {part}"] = sum(
                count for where, count in counts.items() if part in where.partition(":")[0]
            )
    with standin("500") as plex, ours(plex, redis_url) as server:
        for method in ("ping", "tools/list"):
            body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": method})
            figures[method] = server.load(body, connections=1, requests=300)
    return figures


CASES: dict[str, Callable[[str, bool], Figures]] = {
    "cached": cached,
    "uncached": uncached,
    "pod": pod,
    "memory": memory,
    "scaling": scaling,
    "parts": parts,
}


def _best(server: Server, body: str, *, seconds: float = 2, rounds: int = 3) -> Figures:
    server.load(body, connections=4, requests=20)
    found = [server.load(body, connections=50, seconds=seconds) for _ in range(rounds)]
    best = max(found, key=lambda one: float(one["per_s"]))
    return best | {"cpu_us": min(one["cpu_us"] for one in found), "memory_mib": server.memory_mib()}


def _distinct(server: Server, unasked: Iterator[int], *, connections: int, requests: int) -> Figures:
    """As many lists that no cache knows."""
    numbers = [next(unasked) for _ in range(requests)]
    return server.load(DISTINCT, connections=connections, requests=requests, first=numbers[0])


def _median(rounds: list[Figures], figure: str) -> Figures:
    return sorted(rounds, key=lambda found: float(found[figure]))[len(rounds) // 2]


def _probed(server: Server, *, rate: int) -> Figures:
    """`/health/live` by a new connection each time, while 50 connections call at `rate` a second."""
    times: list[float] = []
    over = threading.Event()

    def probe() -> None:
        while not over.wait(0.02):
            begun = time.perf_counter()
            requests.get(f"{server.url}/health/live", timeout=10)
            times.append((time.perf_counter() - begun) * 1000)

    thread = threading.Thread(target=probe)
    thread.start()
    load = server.load(LIST, connections=50, seconds=8, rate=rate)
    over.set()
    thread.join()
    times.sort()
    return {
        "p50_ms": round(times[len(times) // 2], 1),
        "p99_ms": round(times[int(len(times) * 0.99)], 1),
        "calls": load,
    }


def _call(server: Server, body: str) -> Any:
    answer = requests.post(
        server.url + server.path,
        data=body.replace("{n}", "1"),
        headers={"Content-Type": "application/json", **server.headers},
        timeout=30,
    )
    return answer.json()["result"]

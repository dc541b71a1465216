"""The specification's own figures: 50 clients at once on 200m and 100 MiB, and the probe meanwhile."""

from __future__ import annotations

import threading
import time

import requests

from tests.bench.cases.common import Figures, distinct, median, unasked
from tests.bench.peers import LIST, LIST_HOLDS
from tests.bench.plexes import standin
from tests.bench.servers import POD, Server, ours


def pod(redis_url: str, limited: bool) -> Figures:
    if not limited:
        return {"skipped": "no cgroup limits can be set here"}
    figures: Figures = {}
    with standin("500") as plex, ours(plex, redis_url, limits=POD) as server:
        figures["start to live_s"], figures["start to warm_s"] = server.live_s, server.warm_s
        server.post(LIST.replace("{n}", "1"))
        time.sleep(2)
        bursts = [
            (server.load(LIST, connections=50, requests=50, holds=LIST_HOLDS), time.sleep(2))[0] for _ in range(5)
        ]
        figures["burst of 50 cached"] = median(bursts, "max_ms")
        numbers = unasked()
        lists = [(distinct(server, numbers, connections=50, requests=50), time.sleep(2))[0] for _ in range(5)]
        figures["burst of 50 uncached"] = median(lists, "max_ms")
        figures["health at 100 calls a second"] = _probed(server, rate=100)
    return figures


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
    try:
        calls = server.load(LIST, connections=50, seconds=8, rate=rate, holds=LIST_HOLDS)
    finally:
        over.set()
        thread.join()
    times.sort()
    return {
        "p50_ms": round(times[len(times) // 2], 1),
        "p99_ms": round(times[int(len(times) * 0.99)], 1),
        "calls": calls,
    }

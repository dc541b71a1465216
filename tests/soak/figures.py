"""How long one client waits while Plex or Redis is in trouble: `python -m tests.soak.figures`. Medians of 40 calls."""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from typing import Any

from plex_mcp.quickstart.redis import server_binary
from plex_mcp.standin import StandIn
from tests.conftest import RedisServer
from tests.serving import Serving, serving

_COUNT = 40


def median_ms(call: Callable[[int], Any]) -> str:
    taken = []
    for number in range(_COUNT):
        began = time.perf_counter()
        call(number)
        taken.append((time.perf_counter() - began) * 1000)
    return f"median {statistics.median(taken):.1f} ms, longest {max(taken):.0f} ms"


def say(what: str, figure: str) -> None:
    sys.stdout.write(f"{what}: {figure}\n")
    sys.stdout.flush()


def rpc(server: Serving, method: str) -> Callable[[int], Any]:
    return lambda number: server.rpc({"jsonrpc": "2.0", "id": number, "method": method})


def code_of(result: dict[str, Any]) -> str:
    text: str = result["content"][0]["text"]
    return text.split('"code":"')[1].split('"', maxsplit=1)[0] if result.get("isError") else "answer"


def until(reached: Callable[[], bool]) -> float:
    began = time.perf_counter()
    while not reached():
        time.sleep(0.02)
    return time.perf_counter() - began


def main() -> None:
    with tempfile.TemporaryDirectory() as directory, StandIn("small") as plex:
        redis = RedisServer(server_binary(), "--dir", directory)
        redis.start()
        ttl = {"CACHE_TTL_SEARCH": "2", "CACHE_TTL_DETAILS": "600", "RATE_LIMIT": "0"}
        try:
            with serving(PLEX_SERVER_URL=plex.url, PLEX_TOKEN=plex.token, REDIS_URL=redis.url, **ttl) as server:
                measure(plex, redis, server)
        finally:
            redis.kill()


def measure(plex: StandIn, redis: RedisServer, server: Serving) -> None:
    def cached(_number: int) -> Any:
        return server.call("get_media_details", media_id="1")

    def stale(_number: int) -> Any:
        answer = server.call("search_media", query="caligari")
        assert answer["structuredContent"]["stale"] is True
        return answer

    def uncached(number: int) -> Any:
        return server.call("search_media", query=f"word {number} {time.time()}")

    cached(0)
    server.call("search_media", query="caligari")
    say("all well, cached call", median_ms(cached))
    say("all well, uncached call", median_ms(uncached))

    redis.freeze()
    say("Redis hanging, cached call", median_ms(cached))
    say("Redis hanging, uncached call", median_ms(uncached))
    redis.thaw()
    time.sleep(6)

    plex.faults.add("silence")
    say("Plex hanging, ping", median_ms(rpc(server, "ping")))
    say("Plex hanging, tools/list", median_ms(rpc(server, "tools/list")))
    say("Plex hanging, cached call", median_ms(cached))
    time.sleep(2)
    began = time.perf_counter()
    stale(0)
    say("Plex hanging, breaker closed, stale copy", f"{(time.perf_counter() - began) * 1000:.0f} ms")
    plex.faults.clear()
    until(lambda: code_of(uncached(0)) == "answer")

    time.sleep(3)
    plex.stop_listening()
    began = time.perf_counter()
    stale(0)
    say("Plex refusing, breaker closed, stale copy", f"{(time.perf_counter() - began) * 1000:.0f} ms")
    until(
        lambda: (
            code_of(uncached(0)) == "PLEX_UNAVAILABLE"
            and server.session.get(f"{server.url}/health/ready").json().get("degraded") not in (None, [])
        )
    )
    say("Plex refusing, breaker open, stale copy", median_ms(stale))
    say("Plex refusing, breaker open, nothing cached", median_ms(uncached))
    plex.listen_again()
    back_s = until(lambda: "stale" not in server.call("search_media", query="caligari")["structuredContent"])
    say("Plex back, first fresh answer after", f"{back_s:.1f} s")


if __name__ == "__main__":
    main()

"""How long one client waits while Plex or Redis is in trouble: medians of 40 calls, a label each, in milliseconds."""

from __future__ import annotations

import json
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from plex_mcp.quickstart.redis import server_binary
from plex_mcp.standin import StandIn
from tests.bench.cases.common import Figures
from tests.bench.peers import call_body
from tests.bench.plexes import Plex
from tests.bench.servers import Server, ours
from tests.conftest import RedisServer

_TTL_S = 2
_SETTINGS = {"CACHE_TTL_SEARCH": str(_TTL_S), "CACHE_TTL_DETAILS": "600"}
_CACHED = call_body("get_media_details", '{"media_id":"1"}')
_KNOWN = call_body("search_media", '{"query":"caligari"}')
_KNOWN_TOO = [call_body("search_media", f'{{"query":"caligari","limit":{limit}}}') for limit in (2, 3, 4)]
_UNKNOWN = call_body("search_media", '{"query":"word {n}"}')
_STALE, _UNAVAILABLE, _TIMED_OUT, _ANSWER = '"stale":true', "PLEX_UNAVAILABLE", "PLEX_TIMEOUT", '"isError":false'
_WAIT_S = 40


class Client:
    """One client with one connection. No two of its unknown words are the same."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self._words = 1000

    def median_and_longest(self, body: str, holds: str, *, calls: int = 40) -> tuple[float, float]:
        found = self.server.load(body, connections=1, requests=calls, first=self._next(calls), holds=holds)
        return found["p50_ms"], found["max_ms"]

    def median(self, body: str, holds: str, *, calls: int = 40) -> float:
        return self.median_and_longest(body, holds, calls=calls)[0]

    def once(self, body: str) -> tuple[str, float]:
        """The answer to one call, and how long it took."""
        body = body.replace("{n}", str(self._next(1)))
        begun = time.perf_counter()
        text = self.server.post(body).text
        return text, round((time.perf_counter() - begun) * 1000, 2)

    def until(self, body: str, reached: Callable[[str], bool]) -> float:
        """Milliseconds until an answer is as it should be, asked for every 20 ms."""
        begun = time.perf_counter()
        while not reached(text := self.once(body)[0]):
            assert time.perf_counter() - begun < _WAIT_S, f"still {text[:300]}"
            time.sleep(0.02)
        return round((time.perf_counter() - begun) * 1000)

    def _next(self, calls: int) -> int:
        self._words += calls
        return self._words - calls


def trouble(_redis_url: str, _limited: bool) -> Figures:
    with tempfile.TemporaryDirectory() as directory, StandIn("small") as plex:
        redis = RedisServer(server_binary(), "--dir", directory)
        redis.start()
        try:
            with ours(Plex(plex.url, plex.token), redis.url, **_SETTINGS) as server:
                client = Client(server)
                for body in (_CACHED, _KNOWN, *_KNOWN_TOO):
                    client.once(body)
                figures = {
                    "All well: cached call": client.median(_CACHED, _ANSWER),
                    "All well: uncached call": client.median(_UNKNOWN, _ANSWER),
                }
                return figures | _redis_hangs(client, redis) | _plex_hangs(client, plex) | _plex_gone(client, plex)
        finally:
            redis.kill()


def _redis_hangs(client: Client, redis: RedisServer) -> Figures:
    redis.freeze()
    try:
        cached, longest_cached = client.median_and_longest(_CACHED, _ANSWER)
        uncached, longest = client.median_and_longest(_UNKNOWN, _ANSWER)
    finally:
        redis.thaw()
    time.sleep(6)  # it is looked for every 5 s at most
    return {
        "Redis hangs: cached call": cached,
        "Redis hangs: uncached call": uncached,
        "Redis hangs: slowest call": max(longest_cached, longest),
    }


def _plex_hangs(client: Client, plex: StandIn) -> Figures:
    for body in _KNOWN_TOO:
        client.once(body)
    time.sleep(_TTL_S + 1)
    plex.faults.add("silence")
    try:
        stale = sorted(took_ms for text, took_ms in map(client.once, _KNOWN_TOO) if _STALE in text)
        assert len(stale) == len(_KNOWN_TOO), "an answer was not the stale copy"
        with _waiting_for_plex(client) as waited:
            meanwhile = {
                "Plex hangs: cached call": client.median(_CACHED, _ANSWER),
                "Plex hangs: ping": client.median(_rpc("ping"), '"result":{'),
                "Plex hangs: tools/list": client.median(_rpc("tools/list"), '"tools":['),
            }
    finally:
        plex.faults.clear()
    client.until(_UNKNOWN, lambda text: _ANSWER in text)
    # Those that time out last find Plex left alone already.
    assert all(_TIMED_OUT in text or _UNAVAILABLE in text for text, _ in waited), waited
    nothing = {"Plex hangs: nothing cached": max(took_ms for _, took_ms in waited)}
    return {"Plex hangs: stale copy": stale[len(stale) // 2]} | nothing | meanwhile


@contextmanager
def _waiting_for_plex(client: Client) -> Iterator[list[tuple[str, float]]]:
    """Four other clients whose calls hang with Plex; afterwards, what each got, and after how long."""
    waited: list[tuple[str, float]] = []
    bodies = [_UNKNOWN.replace("{n}", f"9{number}") for number in range(4)]
    others = [threading.Thread(target=lambda body=body: waited.append(client.once(body))) for body in bodies]
    for other in others:
        other.start()
    time.sleep(0.2)
    assert not waited, "Plex does not hang"
    try:
        yield waited
        assert not waited, "the calls that hang ended while others were measured"
    finally:
        for other in others:
            other.join()


def _plex_gone(client: Client, plex: StandIn) -> Figures:
    client.until(_KNOWN, lambda text: _STALE not in text)
    time.sleep(_TTL_S + 1)
    plex.stop_listening()
    try:
        first_stale = client.once(_KNOWN)
        assert _STALE in first_stale[0], first_stale
        client.until(_UNKNOWN, lambda text: _UNAVAILABLE in text and client.once(_UNKNOWN)[1] < 200)  # left alone
        stale = client.median(_KNOWN, _STALE)
        nothing = client.median(_UNKNOWN, _UNAVAILABLE)
    finally:
        plex.listen_again()
    return {
        "Plex refuses, not yet left alone: stale copy": first_stale[1],
        "Plex left alone: stale copy": stale,
        "Plex left alone: nothing cached": nothing,
        "Plex back: first fresh answer after": client.until(
            _KNOWN, lambda text: _ANSWER in text and _STALE not in text
        ),
    }


def _rpc(method: str) -> str:
    return json.dumps({"jsonrpc": "2.0", "id": 1, "method": method})

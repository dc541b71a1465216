"""Plex says nothing and Redis is frozen: the probes and the cached answers do not care."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

import requests

from plex_mcp.quickstart.redis import server_binary
from plex_mcp.standin import StandIn
from tests.conftest import RedisServer
from tests.serving import serving


def test_probes_answer_while_plex_and_redis_hang(tmp_path: Path, say: Callable[[str], None]) -> None:
    redis = RedisServer(server_binary(), "--dir", str(tmp_path))
    redis.start()
    with StandIn(library="small") as plex:
        try:
            settings = {"PLEX_SERVER_URL": plex.url, "PLEX_TOKEN": plex.token, "REDIS_URL": redis.url}
            with serving(**settings, HEALTH_CHECK_INTERVAL="1") as server:
                plex.faults.add("silence")
                redis.freeze()
                answered = threading.Event()

                def call(number: int) -> None:
                    server.call("search_media", query=f"film {number}")
                    answered.set()

                callers = [threading.Thread(target=call, args=(number,)) for number in range(40)]
                for thread in callers:
                    thread.start()
                elapsed_ms = []
                for path in ("live", "ready", "startup") * 20:
                    probe = requests.get(f"{server.url}/health/{path}", timeout=30)
                    assert probe.status_code == 200, probe.text
                    assert plex.token not in probe.text
                    elapsed_ms.append(probe.elapsed.total_seconds() * 1000)
                assert not answered.is_set(), "all forty calls were hanging all the time"
                for thread in callers:
                    thread.join(60)
                degraded = requests.get(f"{server.url}/health/ready", timeout=30).json()
                assert degraded["status"] == "degraded"
                assert {part["what"] for part in degraded["degraded"]} == {"plex", "redis"}
                assert all(part["since"].endswith("Z") for part in degraded["degraded"])
                elapsed_ms.sort()
                say(
                    f"60 probes while 40 calls hang: p50 {elapsed_ms[30]:.1f} ms, slowest {elapsed_ms[-1]:.1f} ms; "
                    f"then /health/ready says {degraded['status']}"
                )
        finally:
            redis.thaw()
            redis.kill()

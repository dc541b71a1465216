"""Every fault of Plex and Redis, every tool, everything logged: no secret in anything that leaves the process."""

from __future__ import annotations

import base64
import io
import itertools
import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import quote

import pytest

from plex_mcp import check
from plex_mcp.quickstart.redis import server_binary
from plex_mcp.standin import StandIn
from plex_mcp.standin.faults import KINDS
from plex_mcp.tools._catalogue import load_tools
from tests.conftest import RedisServer
from tests.serving import ROOT, Serving, environment, serving

AUTH = "canary-auth-5f3c1e9b77d0"
AUTH_OLD = "canary-auth-old-9b77d05f3c1e"
REDIS_PASSWORD = "canary-redis-3c1e9b77"
# Failures are wanted quickly and each from Plex itself: no old copies, no pause worth the name, no open breaker.
IMPATIENT = {
    "CALL_DEADLINE": "1.5",
    "CALL_SOFT_DEADLINE": "0.5",
    "PLEX_READ_TIMEOUT": "0.7",
    "PLEX_CONNECT_TIMEOUT": "0.5",
    "RETRY_ATTEMPTS": "2",
    "RETRY_INITIAL": "0.01",
    "RETRY_MAX": "0.02",
    "BREAKER_THRESHOLD": "100",
    "CACHE_STALE_RETENTION": "0",
    "CACHE_WARM": "false",
    "LOG_LEVEL": "DEBUG",
    "TRACE_REQUESTS": "true",
}
_numbers = itertools.count(1)


def forms(secret: str) -> set[str]:
    """A secret as it is, and as it might hide."""
    return {
        secret,
        quote(secret, safe=""),
        secret[::-1],
        base64.b64encode(secret.encode()).decode().rstrip("="),
        base64.b64encode(f":{secret}".encode()).decode().rstrip("="),
        secret.encode().hex(),
    }


class Harvest:
    """All strings that left, and which of the canaries is in one."""

    def __init__(self, *secrets: str) -> None:
        self._forms = set().union(*map(forms, secrets))
        self._lock = threading.Lock()
        self.count = 0
        self.leaks: list[str] = []
        self.successes: list[str] = []

    def add(self, where: str, *texts: str) -> None:
        for text in texts:
            found = [form for form in self._forms if form in text]
            with self._lock:
                self.count += 1
                if found:
                    self.leaks.append(f"{where}: {text[:500]}")


def arguments_of(plex: StandIn) -> dict[str, dict[str, object]]:
    """For each tool a call that asks Plex; numbers make it one that is not cached."""
    number = next(_numbers)
    film = next(item for item in plex.library.items.values() if item.kind == "movie")
    player = next(player for player in plex.players.values() if player.advertised)
    return {
        "search_media": {"query": f"film {number}"},
        "get_media_details": {"media_id": str(film.rating_key)},
        "list_libraries": {},
        "get_playback_status": {"client": f"nowhere {number}"},
        "control_playback": {"action": "play", "client": player.title, "media_id": str(film.rating_key)},
        "get_recently_added": {"limit": number % 50 + 1},
        "get_on_deck": {"limit": number % 50 + 1},
        "list_clients": {},
        "get_watch_history": {"days": number},
        "set_watch_state": {"media_id": str(film.rating_key), "state": "watched"},
    }


def call_all(server: Serving, plex: StandIn, harvest: Harvest, fault: str) -> int:
    """Call every tool at once; how many answers were errors."""

    def call(name: str, arguments: dict[str, object]) -> bool:
        message = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": name, "arguments": arguments}}
        answer = server.rpc(message)
        harvest.add(f"answer of {name} with {fault}", answer.text, *map(": ".join, answer.headers.items()))
        assert plex.url not in answer.text, (name, fault)
        assert "Traceback" not in answer.text
        if '"isError":true' not in answer.text:
            harvest.successes.append(f"{name} with {fault}: {answer.text[:300]}")
        return '"isError":true' in answer.text

    wanted = arguments_of(plex)
    assert set(wanted) == set(load_tools(read_only=False)), "every tool"
    with ThreadPoolExecutor(len(wanted)) as threads:
        return sum(threads.map(lambda item: call(*item), wanted.items()))


def harvest_process(server: Serving, harvest: Harvest) -> None:
    """Log, metrics, probes, and what `ps` shows of master and worker."""
    harvest.add("log", *server.log().splitlines())
    for path in ("metrics", "health/live", "health/ready", "health/startup", "nothing"):
        answer = server.session.get(
            f"{server.url}/{path}", headers={"Authorization": f"Bearer {server.token}"}, timeout=30
        )
        harvest.add(path, *answer.text.splitlines(), *map(": ".join, answer.headers.items()))
    children = Path(f"/proc/{server.process.pid}/task/{server.process.pid}/children").read_text().split()
    for pid in [str(server.process.pid), *children]:
        for name in ("cmdline", "comm"):
            harvest.add("process title", Path(f"/proc/{pid}/{name}").read_text())


@contextmanager
def broken(fault: str, plex: StandIn, redis: RedisServer) -> Iterator[None]:
    """One thing wrong, then right again."""
    if fault == "redis frozen":
        redis.freeze()
        yield
        redis.thaw()
    elif fault == "redis killed":
        redis.kill()
        yield
        redis.start()
    elif fault == "plex refuses connections":
        plex.stop_listening()
        yield
        plex.listen_again()
    else:
        kind, _, code = fault.partition(" ")
        figures: dict[str, object] = {"code": int(code)} if code else {}
        if kind == "redirect":
            figures = {"to": f"http://127.0.0.2:9/?X-Plex-Token={plex.token}"}
        plex.faults.add(kind, **figures)  # type: ignore[arg-type]
        yield
        plex.faults.clear()


FAULTS = [
    *sorted(set(KINDS) - {"status"}),
    *(f"status {code}" for code in (301, 400, 401, 403, 404, 429, 500, 502, 503, 520)),
    "plex refuses connections",
    "redis frozen",
    "redis killed",
]


def test_no_fault_of_any_tool_leaks_a_secret(tmp_path: Path, say: Callable[[str], None]) -> None:
    redis = RedisServer(server_binary(), "--dir", str(tmp_path), "--requirepass", REDIS_PASSWORD)
    redis.start()
    with StandIn(library="small") as plex:
        secrets = (AUTH, AUTH_OLD, REDIS_PASSWORD, plex.token, plex.guest_token, plex.managed_token)
        harvest = Harvest(*secrets)
        settings = {
            "PLEX_SERVER_URL": plex.url,
            "PLEX_TOKEN": plex.token,
            "REDIS_URL": redis.url.replace("redis://", f"redis://:{REDIS_PASSWORD}@"),
            "AUTH_TOKEN": f"{AUTH},{AUTH_OLD}",
            **IMPATIENT,
        }
        errors = 0
        try:
            with serving(**settings) as server:
                assert call_all(server, plex, harvest, "nothing wrong") <= 1
                for fault in FAULTS:
                    with broken(fault, plex, redis):
                        errors += call_all(server, plex, harvest, fault)
                        out = io.StringIO()
                        if "drip" not in fault:
                            check.main({**settings, "BIND": server.url.removeprefix("http://")}, out=out)
                        harvest.add(f"check with {fault}", *out.getvalue().splitlines())
                    server.call("list_libraries")
                harvest_process(server, harvest)
                lines = server.log().splitlines()
        finally:
            redis.kill()
    assert harvest.leaks == []
    assert errors >= 100, "the faults were felt"
    assert sum("urllib3" in line for line in lines) >= 100, "DEBUG was on"
    assert sum("request.traced" in line for line in lines) >= 10 * len(FAULTS), "so was TRACE_REQUESTS"
    say(
        f"{len(FAULTS)} faults x 10 tools at DEBUG with TRACE_REQUESTS: {errors} calls failed, "
        f"{harvest.count} strings searched for {len(secrets)} secrets in 6 forms: none found"
    )


def test_a_plex_that_repeats_the_token_in_its_answers_does_not_make_us_repeat_it(
    tmp_path: Path, say: Callable[[str], None]
) -> None:
    """What market-leading servers pass on to the chat: the upstream's own error page."""
    token = "canary-plex-77d05f3c1e9b"
    statuses = itertools.cycle([500, 502, 401, 403, 404, 429, 200, 302])

    class Parrot(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            repeated = self.headers.get("X-Plex-Token", "") or token
            body = f"<html>Error at {self.path} with X-Plex-Token={repeated}</html>".encode()
            status = next(statuses)
            self.send_response(status, f"Sorry {repeated}")
            self.send_header("X-Plex-Token", repeated)
            self.send_header("Location", f"http://127.0.0.2:9/?X-Plex-Token={repeated}")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_POST = do_PUT = do_GET  # noqa: N815 - http.server's names

        def log_message(self, *_arguments: object) -> None:
            pass

    parrot = ThreadingHTTPServer(("127.0.0.1", 0), Parrot)
    thread = threading.Thread(target=parrot.serve_forever, args=(0.05,))
    thread.start()
    harvest = Harvest(token, AUTH)
    settings = {
        "PLEX_SERVER_URL": f"http://127.0.0.1:{parrot.server_address[1]}",
        "PLEX_TOKEN": token,
        "REDIS_URL": "redis://127.0.0.1:1/0",
        "AUTH_TOKEN": AUTH,
        **IMPATIENT,
    }
    try:
        with serving(**settings) as server, StandIn(library="small") as ids:
            failed = sum(call_all(server, ids, harvest, "a parrot") for _ in range(8))
            harvest_process(server, harvest)
    finally:
        parrot.shutdown()
        thread.join()
        parrot.server_close()
    assert harvest.leaks == []
    assert failed == 80, harvest.successes
    say(f"80 calls to a Plex that repeats the token: {harvest.count} strings searched, none holds it")


@pytest.mark.parametrize("command", ["serve", "check"])
def test_settings_at_fault_are_told_without_their_values(command: str) -> None:
    """The worst moment: secrets in the wrong variables, and everything printed."""
    canary = "canary-5f3c1e9b77d0"
    names = ("PLEX_SERVER_URL", "PLEX_TOKEN", "REDIS_URL", "AUTH_TOKEN")
    swapped = {name: f"{canary} {name}" for name in names} | dict.fromkeys(
        ("BIND", "THREADS", "LOG_LEVEL", "READ_ONLY", "CLIENT_ALIASES", "PLEX_CA_FILE", "POD_IP"), canary
    )
    swapped |= {"ALLOWED_HOSTS": f"http://{canary}", "ALLOWED_ORIGINS": canary, "CACHE_TTL_SEARCH": canary}
    ended = subprocess.run(
        [sys.executable, "-m", "plex_mcp", command],
        env=environment(**swapped),
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ended.returncode == 78
    assert (ended.stdout + ended.stderr).count("must") >= 10
    assert "canary" not in ended.stdout + ended.stderr
    assert os.fspath(ROOT) not in ended.stdout + ended.stderr


def test_the_search_itself_finds_each_form() -> None:
    for form in forms(AUTH):
        harvest = Harvest(AUTH)
        harvest.add("here", json.dumps({"text": f"before {form} after"}))
        assert len(harvest.leaks) == 1

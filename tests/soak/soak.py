"""Fifty clients for minutes, with Plex and Redis being stopped, frozen and started: `make soak`.

Every answer is checked against what the stand-in held at the time. All movies carry the number of the library's version
as their year, and the version changes every second: an answer must show a version that was in force when it says it
was asked for (`as_of`), and an unmarked one must not be older than its TTL. Prints what was seen; exit status 1 if
anything was wrong.

    python -m tests.soak.soak [--minutes 3] [--clients 50]
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import requests

from plex_mcp.quickstart.redis import server_binary
from plex_mcp.standin import StandIn
from tests.conftest import RedisServer
from tests.serving import Serving, serving


def say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


TTL_S = 3
IMAGE = {
    "MALLOC_ARENA_MAX": "1",
    "MALLOC_TRIM_THRESHOLD_": "131072",
    "MALLOC_MMAP_THRESHOLD_": "131072",
}
"""As in the Containerfile: without them each thread's arena grows on its own."""
LOAD_S = 9.0
"""The longest that a load may take, and a little: CALL_DEADLINE is 8 s."""
SETTLE_S = 12.0
"""After trouble ends: the monitor's longest pause, a load, a little."""
FIRST_YEAR = 1950
VERSIONS = 70
TEMPORARY = {"BUSY", "PLEX_UNAVAILABLE", "PLEX_TIMEOUT", "PLEX_BAD_ANSWER"}
CALLS: list[tuple[str, dict[str, Any]]] = [
    ("search_media", {"query": "the"}),
    ("search_media", {"media_type": "movie", "limit": 20}),
    ("search_media", {"media_type": "movie", "limit": 50, "sort": "newest"}),
    ("search_media", {"genre": "Comedy"}),
    ("get_media_details", {"media_id": "1"}),
    ("get_media_details", {"media_id": "2"}),
    ("get_recently_added", {"limit": 20}),
    ("get_on_deck", {}),
    ("list_libraries", {}),
    ("get_playback_status", {}),
    ("list_clients", {}),
    ("get_watch_history", {"limit": 10}),
]


class _Forgetful(dict[Any, Any]):
    def __setitem__(self, key: Any, value: Any) -> None:
        return


class Truth:
    """Which version of the library was in force when."""

    def __init__(self, plex: StandIn) -> None:
        plex.home.renderer._kept = _Forgetful()  # the stand-in takes its library for unchanging
        self._movies = plex.library.of_kind("movie")
        self._changes: list[tuple[float, float, int]] = []
        self._lock = threading.Lock()
        self.version = -1
        self.next()

    def next(self) -> None:
        began = time.time()
        self.version += 1
        for movie in self._movies:
            movie.year = FIRST_YEAR + self.version % VERSIONS
        with self._lock:
            self._changes.append((began, time.time(), self.version))

    def allows(self, year: int, since: float, until: float) -> bool:
        """Whether a movie could be seen with that year at some time in between."""
        with self._lock:
            ends = [change[1] for change in self._changes[1:]] + [float("inf")]
            return any(
                began <= until and end >= since and FIRST_YEAR + version % VERSIONS == year
                for (began, _, version), end in zip(self._changes, ends, strict=True)
            )


@dataclass
class Seen:
    """What all clients saw together."""

    answers: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    durations_s: list[float] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def note(self, kind: str, duration_s: float, wrong: str | None = None) -> None:
        with self.lock:
            self.answers[kind] += 1
            self.durations_s.append(duration_s)
            if wrong is not None:
                self.wrong.append(wrong)


class Trouble:
    """What is the matter at the moment."""

    def __init__(self) -> None:
        self.what = ""
        self._ended_at = time.monotonic()

    def begin(self, what: str) -> None:
        self.what = what

    def end(self) -> None:
        self.what, self._ended_at = "", time.monotonic()

    def explains(self, began: float) -> bool:
        """Whether a call that began then (monotonic) may fail, or answer with a stale copy."""
        return bool(self.what) or began - self._ended_at < SETTLE_S


def judge(name: str, result: dict[str, Any], truth: Truth, sent_at: float, excused: bool) -> tuple[str, str | None]:
    """The kind of answer, and what is wrong with it."""
    if result.get("isError"):
        error = json.loads(result["content"][0]["text"])["error"]
        right = error["code"] in TEMPORARY and error["temporary"] is True and excused
        return error["code"], None if right else f"{name}: {error}"
    content = result["structuredContent"]
    stale = content.get("stale", False)
    asked_at = datetime.fromisoformat(content["as_of"]).timestamp()
    if stale and not (excused and content["as_of"] in content.get("note", "")):
        return "stale", f"{name}: stale without reason or words: {content.get('note')}"
    # as_of has whole seconds; the load may have begun just before the call did.
    if not stale and sent_at - asked_at > TTL_S + 1 + LOAD_S:
        return "fresh", f"{name}: unmarked and {sent_at - asked_at:.1f} s old"
    for item in [*content.get("items", ()), content]:
        is_movie = item.get("type") == "movie" and "year" in item
        if is_movie and not truth.allows(item["year"], asked_at, asked_at + 1 + LOAD_S):
            return "stale" if stale else "fresh", f"{name}: {item['title']} had no year {item['year']} then"
    return "stale" if stale else "fresh", None


def client(number: int, server: Serving, truth: Truth, trouble: Trouble, seen: Seen, stop: threading.Event) -> None:
    lot = random.Random(number)
    headers = {"Authorization": f"Bearer {server.token}", "Accept": "application/json, text/event-stream"}
    with requests.Session() as session:
        session.trust_env = False
        while not stop.wait(lot.uniform(0.2, 0.6)):
            name, arguments = lot.choice(CALLS)
            message = {
                "jsonrpc": "2.0",
                "id": number,
                "method": "tools/call",
                "params": {"name": name, "arguments": arguments},
            }
            sent_at, began = time.time(), time.monotonic()
            excused = trouble.explains(began)
            try:
                answer = session.post(f"{server.url}/mcp", json=message, headers=headers, timeout=30)
            except requests.RequestException as error:
                seen.note("no answer", time.monotonic() - began, f"{name}: {type(error).__name__}")
                continue
            took_s = time.monotonic() - began
            excused = excused or trouble.explains(began)
            if answer.status_code != 200:
                seen.note(str(answer.status_code), took_s, f"{name}: HTTP {answer.status_code}")
                continue
            kind, wrong = judge(name, answer.json()["result"], truth, sent_at, excused)
            seen.note(kind, took_s, wrong)


def troubles(plex: StandIn, redis: RedisServer) -> list[tuple[str, Callable[[], None], Callable[[], None]]]:
    def fault(kind: str, **figures: Any) -> tuple[str, Callable[[], None], Callable[[], None]]:
        return kind, lambda: (plex.faults.add(kind, **figures), None)[1], plex.faults.clear

    def both_down() -> None:
        plex.stop_listening()
        redis.kill()

    def both_up() -> None:
        redis.start()
        plex.listen_again()

    return [
        ("Plex stopped", plex.stop_listening, plex.listen_again),
        ("Redis killed", redis.kill, redis.start),
        ("Redis frozen", redis.freeze, redis.thaw),
        fault("silence"),
        fault("maintenance"),
        ("Plex and Redis stopped", both_down, both_up),
        fault("drip_body", bytes_each=50, every_s=0.2),
        fault("status", code=500, probability=0.3),
        fault("truncated_xml", probability=0.5),
    ]


def wreck(
    plex: StandIn, redis: RedisServer, trouble: Trouble, stop: threading.Event, told: Callable[[str], None]
) -> None:
    """One trouble after the other; time to settle in between."""
    while not stop.is_set():
        for what, begin, end in troubles(plex, redis):
            if stop.wait(SETTLE_S + 2):
                return
            told(what)
            trouble.begin(what)
            begin()
            stop.wait(8)
            end()
            trouble.end()


@dataclass(frozen=True)
class Process:
    """What the serving process holds."""

    threads: int
    sockets: int
    memory_mib: float

    @classmethod
    def of(cls, server: Serving) -> Process:
        pid = int(Path(f"/proc/{server.process.pid}/task/{server.process.pid}/children").read_text().split()[0])
        status = dict(
            line.split(":", 1) for line in Path(f"/proc/{pid}/status").read_text(encoding="utf-8").splitlines()
        )
        links = [path.readlink() for path in Path(f"/proc/{pid}/fd").iterdir() if path.is_symlink()]
        sockets = sum(str(link).startswith("socket:") for link in links)
        return cls(int(status["Threads"]), sockets, int(status["VmRSS"].split()[0]) / 1024)


def run(minutes: float, clients: int) -> int:
    stop, calm = threading.Event(), threading.Event()
    trouble, seen = Trouble(), Seen()
    memory_mib: list[float] = []
    brief = {
        f"CACHE_TTL_{name}": str(TTL_S)
        for name in (
            "SEARCH",
            "DETAILS",
            "LIBRARIES",
            "PLAYBACK",
            "RECENTLY_ADDED",
            "ON_DECK",
            "CLIENTS",
            "HISTORY",
        )
    }
    with tempfile.TemporaryDirectory() as directory, StandIn("small") as plex:
        redis = RedisServer(server_binary(), "--dir", directory)
        redis.start()
        truth = Truth(plex)
        settings = {
            "PLEX_SERVER_URL": plex.url,
            "PLEX_TOKEN": plex.token,
            "REDIS_URL": redis.url,
            "RETRY_MAX": "4",
            "RATE_LIMIT": "0",
            "LOG_LEVEL": "ERROR",
            **IMAGE,
            **brief,
        }
        try:
            with serving(**settings) as server:
                threads = [
                    threading.Thread(target=client, args=(number, server, truth, trouble, seen, stop), daemon=True)
                    for number in range(clients)
                ]
                for thread in threads:
                    thread.start()
                time.sleep(15)
                before = Process.of(server)
                wrecker = threading.Thread(
                    target=wreck, args=(plex, redis, trouble, calm, lambda what: say(f"  {what}"))
                )
                wrecker.start()
                end = time.monotonic() + minutes * 60
                while time.monotonic() < end:
                    time.sleep(1)
                    truth.next()
                    if truth.version % 10 == 0:
                        memory_mib.append(Process.of(server).memory_mib)
                calm.set()
                wrecker.join()
                time.sleep(SETTLE_S + 3)
                after = Process.of(server)
                stop.set()
                for thread in threads:
                    thread.join(60)
                metrics = server.session.get(
                    f"{server.url}/metrics", headers={"Authorization": f"Bearer {server.token}"}, timeout=10
                ).text
                log = server.log()
        finally:
            redis.kill()
        say(f"memory every 10 s: {' '.join(f'{each:.0f}' for each in memory_mib)} MiB")
        return report(seen, before, after, plex, metrics, log)


def report(seen: Seen, before: Process, after: Process, plex: StandIn, metrics: str, log: str) -> int:
    durations = sorted(seen.durations_s)
    say(f"calls: {sum(seen.answers.values())}: {dict(seen.answers.most_common())}")
    say(f"wrong: {len(seen.wrong)}")
    for line in seen.wrong[:20]:
        say(f"  {line}")
    say(
        f"duration: median {statistics.median(durations) * 1000:.1f} ms,"
        f" p99 {durations[int(len(durations) * 0.99)] * 1000:.0f} ms, longest {durations[-1]:.2f} s"
    )
    say(f"process before: {before}\nprocess after:  {after}")
    say(f"connections to Plex at once, at most: {plex.counters.connections_peak}")
    for line in metrics.splitlines():
        if line.startswith(("plex_mcp_cache_lookups_total", "plex_mcp_redis_faults_total", "plex_mcp_plex_retries")):
            say(f"  {line}")
    held = {
        # Pools make their threads when first needed: HTTP, workers, refreshers, and what runs once.
        "threads": after.threads <= 64 + 10 + 10 + 8,
        "sockets": after.sockets <= before.sockets + 5,
        "memory": after.memory_mib <= before.memory_mib + 12,
        "connections to Plex": plex.counters.connections_peak <= 10,
        "no bug logged": "crashed" not in log and "Traceback" not in log,
        "no bug in the stand-in": not plex.counters.failures,
        "answers": not seen.wrong,
    }
    for what, right in held.items():
        say(f"{'right' if right else 'WRONG'}: {what}")
    return 0 if all(held.values()) else 1


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=3.5)
    parser.add_argument("--clients", type=int, default=50)
    chosen = parser.parse_args()
    sys.exit(run(chosen.minutes, chosen.clients))

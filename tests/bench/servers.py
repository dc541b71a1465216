"""The servers that are compared, each in processes of its own, under limits where asked and possible."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import requests

from plex_mcp.quickstart.redis import free_port
from tests.bench import production
from tests.bench.accounting import anonymous_kib, cpu_s, group_of
from tests.bench.plexes import Plex
from tests.serving import ROOT, TOKEN, environment

HERE = Path(__file__).parent
POD = (104_857_600, 20_000)  # 100 MiB and 200m
OURS = "plex-mcp"
UNDEFENDED = f"{OURS} on gunicorn's own gthread"
"""Without `web/worker.py` and what it brings: 64 half-sent requests stop it."""
MALLOC = {
    "MALLOC_ARENA_MAX": "1",
    "MALLOC_TRIM_THRESHOLD_": "131072",
    "MALLOC_MMAP_THRESHOLD_": "131072",
}  # the image's


@dataclass
class Server:
    """A running server; `peak_mib` is what limit-run said at its end. `sessions`: headers, one after another."""

    name: str
    port: int
    process: subprocess.Popen[bytes]
    log: Path
    path: str = "/mcp"
    headers: dict[str, str] = field(default_factory=dict)
    sessions: list[dict[str, str]] = field(default_factory=lambda: [{}])
    live_s: float = 0.0
    warm_s: float = 0.0
    peak_mib: float | None = None
    oom_kills: int | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def cpu_s(self) -> float:
        return sum(cpu_s(pid) for pid in group_of(self.process.pid))

    def memory_mib(self) -> float:
        """Anonymous memory of the group, shared pages once."""
        return round(sum(anonymous_kib(pid) for pid in group_of(self.process.pid)) / 1024, 1)

    def post(self, body: str) -> requests.Response:
        """One message in the first session."""
        with requests.Session() as session:
            session.trust_env = False
            return session.post(self.url + self.path, data=body.encode(), headers=self._sent(0), timeout=30)

    def load(self, body: str, **plan: Any) -> dict[str, Any]:
        return load([self], body, **plan)

    def targets(self) -> list[dict[str, Any]]:
        """What load.py connects to: a target for each session."""
        found = []
        for number in range(len(self.sessions)):
            lines = "".join(f"{name}: {value}\r\n" for name, value in self._sent(number).items())
            head = f"POST {self.path} HTTP/1.1\r\nHost: 127.0.0.1:{self.port}\r\n{lines}"
            found.append({"host": "127.0.0.1", "port": self.port, "head": head})
        return found

    def _sent(self, session: int) -> dict[str, str]:
        usual = {"Content-Type": "application/json", "Accept": "application/json, text/event-stream"}
        return usual | self.headers | self.sessions[session]


def load(servers: Sequence[Server], body: str, *, may_fail: bool = False, **plan: Any) -> dict[str, Any]:
    """Run the load generator against all of them; adds `cpu_us`, CPU time of their groups for each call.

    A call that fails spoils the figures of ours, unless it `may_fail`; those of others say how many did.
    """
    before = sum(server.cpu_s() for server in servers)
    targets = [target for server in servers for target in server.targets()]
    done = subprocess.run(
        [sys.executable, HERE / "load.py"],
        input=json.dumps({"targets": targets, "body": body, **plan}),
        capture_output=True,
        text=True,
        check=True,
        timeout=300,
    )
    result: dict[str, Any] = json.loads(done.stdout)
    used_s = sum(server.cpu_s() for server in servers) - before
    assert may_fail or servers[0].name != OURS or not result["failed"], f"refused: {result}"
    return result | {"cpu_us": round(used_s / max(1, result["calls"]) * 1e6)}


@contextmanager
def started(
    name: str,
    command: list[str],
    *,
    port: int,
    limits: tuple[int, int] | None = None,
    live: str = "",
    cwd: Path = ROOT,
    **settings: str,
) -> Iterator[Server]:
    """Run `command` until the block ends. `live` is what is asked until it answers; without it, the port is tried."""
    if limits is not None:
        command = [str(HERE / "limit-run"), *map(str, limits), *command]
    with tempfile.NamedTemporaryFile(suffix=".log", delete=False) as log:
        begun = time.monotonic()
        process = subprocess.Popen(command, env=environment(**settings), stdout=log, stderr=log, cwd=cwd)
    server = Server(name, port, process, Path(log.name))
    try:
        server.live_s = _wait(server, live, begun)
        yield server
    finally:
        process.terminate()
        try:
            process.wait(timeout=40)
        except subprocess.TimeoutExpired:
            for pid in [*group_of(process.pid), process.pid]:
                os.kill(pid, 9)
            process.wait()
        text = server.log.read_text(encoding="utf-8", errors="replace")
        if found := re.search(r"limit-run: .*peak (\d+) KiB, oom_kill (\d+)", text):
            server.peak_mib, server.oom_kills = round(int(found[1]) / 1024, 1), int(found[2])
        server.log.unlink(missing_ok=True)


@contextmanager
def ours(plex: Plex, redis_url: str, *, limits: tuple[int, int] | None = None, **settings: str) -> Iterator[Server]:
    """`plex-mcp serve` as the image runs it."""
    port = free_port()
    python, away, folder = production.interpreter()
    settings = {
        "PLEX_SERVER_URL": plex.url,
        "PLEX_TOKEN": plex.token,
        "REDIS_URL": redis_url,
        "AUTH_TOKEN": TOKEN,
        "BIND": f"127.0.0.1:{port}",
        "RATE_LIMIT": "0",
        "PIN_CPU": "true",
        **MALLOC,
        **away,
        **settings,
    }
    command = [python, "-m", "plex_mcp", "serve"]
    begun = time.monotonic()
    with started(OURS, command, port=port, limits=limits, live="/health/live", cwd=folder, **settings) as server:
        server.headers["Authorization"] = f"Bearer {TOKEN}"
        server.warm_s = _wait(server, "/health/startup", begun)
        yield server


@contextmanager
def peak_memory(server: Server) -> Iterator[list[float]]:
    """The highest sample of the group's memory, in the list, while the block runs."""
    seen, over = [server.memory_mib()], threading.Event()

    def watch() -> None:
        while not over.wait(0.05):
            seen.append(server.memory_mib())

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield seen
    finally:
        over.set()
        thread.join()
        seen[:] = [max(seen)]


def can_limit() -> bool:
    """Whether limit-run works here: root, and cgroup v1 controllers that may be written."""
    done = subprocess.run([HERE / "limit-run", *map(str, POD), "true"], capture_output=True, check=False)
    return done.returncode == 0


def _wait(server: Server, path: str, begun: float) -> float:
    with requests.Session() as session:
        session.trust_env = False
        while True:
            assert server.process.poll() is None, server.log.read_text(encoding="utf-8", errors="replace")[-2000:]
            assert time.monotonic() - begun < 90, f"{server.name} is not up"
            try:
                answer = session.get(server.url + path, timeout=5)
                if not path or answer.status_code == 200:
                    return round(time.monotonic() - begun, 2)
            except requests.RequestException:
                pass
            time.sleep(0.02)

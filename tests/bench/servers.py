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
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import requests

from plex_mcp.quickstart.redis import free_port
from tests.serving import ROOT, TOKEN, environment

HERE = Path(__file__).parent
POD = (104_857_600, 20_000)  # 100 MiB and 200m
_TICK_S = 1 / os.sysconf("SC_CLK_TCK")
MALLOC = {
    "MALLOC_ARENA_MAX": "1",
    "MALLOC_TRIM_THRESHOLD_": "131072",
    "MALLOC_MMAP_THRESHOLD_": "131072",
}  # the image's


@dataclass
class Server:
    """A running server; `peak` is what limit-run said at its end."""

    name: str
    port: int
    process: subprocess.Popen[bytes]
    log: Path
    path: str = "/mcp"
    headers: dict[str, str] = field(default_factory=dict)
    live_s: float = 0.0
    warm_s: float = 0.0
    peak_mib: float | None = None
    oom_kills: int | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def group(self) -> list[int]:
        """The process and its descendants, limit-run's shells left out."""
        found, todo = [], [self.process.pid]
        while todo:
            pid = todo.pop()
            try:
                children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
                is_shell = Path(f"/proc/{pid}/comm").read_text().strip() in {"bash", "limit-run", "sleep", "cat"}
            except OSError:
                continue
            todo += [int(child) for child in children]
            if not is_shell:
                found.append(pid)
        return found

    def cpu_s(self) -> float:
        return sum(_cpu_s(pid) for pid in self.group())

    def memory_mib(self) -> float:
        """Anonymous memory of the group, shared pages once."""
        return round(sum(_pss_anon_kib(pid) for pid in self.group()) / 1024, 1)

    def load(self, body: str, **plan: Any) -> dict[str, Any]:
        """Run the load generator against it; adds `cpu_us`, CPU time of the group for each call."""
        lines = {"Content-Type": "application/json", "Accept": "application/json, text/event-stream", **self.headers}
        method, path = ("POST", self.path) if body else ("GET", plan.pop("path"))
        head = f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1:{self.port}\r\n"
        head += "".join(f"{name}: {value}\r\n" for name, value in lines.items())
        before = self.cpu_s()
        given = json.dumps({"host": "127.0.0.1", "port": self.port, "head": head, "body": body, **plan})
        done = subprocess.run(
            [sys.executable, HERE / "load.py"], input=given, capture_output=True, text=True, check=True, timeout=300
        )
        result: dict[str, Any] = json.loads(done.stdout)
        assert self.name != "plex-mcp" or not result["failed"], f"refused: {result}"
        result["cpu_us"] = round((self.cpu_s() - before) / max(1, result["calls"]) * 1e6)
        return result


@contextmanager
def started(
    name: str, command: list[str], *, port: int, limits: tuple[int, int] | None = None, live: str = "", **settings: str
) -> Iterator[Server]:
    """Run `command` until the block ends. `live` is what is asked until it answers; without it, the port is tried."""
    if limits is not None:
        command = [str(HERE / "limit-run"), *map(str, limits), *command]
    with tempfile.NamedTemporaryFile(suffix=".log", delete=False) as log:
        begun = time.monotonic()
        process = subprocess.Popen(command, env=environment(**settings), stdout=log, stderr=log, cwd=ROOT)
    server = Server(name, port, process, Path(log.name))
    try:
        server.live_s = _wait(server, live, begun)
        yield server
    finally:
        process.terminate()
        try:
            process.wait(timeout=40)
        except subprocess.TimeoutExpired:
            for pid in [*server.group(), process.pid]:
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
    settings = {
        "PLEX_SERVER_URL": plex.url,
        "PLEX_TOKEN": plex.token,
        "REDIS_URL": redis_url,
        "AUTH_TOKEN": TOKEN,
        "BIND": f"127.0.0.1:{port}",
        "RATE_LIMIT": "0",
        "PIN_CPU": "true",
        **MALLOC,
        **settings,
    }
    command = [os.environ.get("BENCH_PYTHON", sys.executable), "-m", "plex_mcp", "serve"]
    begun = time.monotonic()
    with started("plex-mcp", command, port=port, limits=limits, live="/health/live", **settings) as server:
        server.headers["Authorization"] = f"Bearer {TOKEN}"
        server.warm_s = _wait(server, "/health/startup", begun)
        yield server


@dataclass
class Plex:
    """A stand-in in a process of its own."""

    url: str
    token: str

    def requests_of(self, work: Callable[[], object]) -> int:
        """How many requests `work` made it answer."""
        before = self._count()
        work()
        return self._count() - before

    def _count(self) -> int:
        return int(requests.get(f"{self.url}/standin/counters", timeout=10).json()["requests"])


@contextmanager
def standin(library: str, *, latency_ms: float = 0) -> Iterator[Plex]:
    command = [
        sys.executable,
        "-m",
        "plex_mcp.standin",
        "--library",
        library,
        "--latency-ms",
        str(latency_ms),
        "--control",
    ]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT, env=environment())
    try:
        assert process.stdout is not None
        said: dict[str, str] = {}
        for line in process.stdout:
            if line.strip() == "ready":
                break
            key, _, value = line.strip().partition("=")
            said[key] = value
        yield Plex(said["url"], said["token"])
    finally:
        process.terminate()
        process.wait(timeout=20)


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
    session = requests.Session()
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


def _cpu_s(pid: int) -> float:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) * _TICK_S


def _pss_anon_kib(pid: int) -> int:
    try:
        text = Path(f"/proc/{pid}/smaps_rollup").read_text()
    except OSError:
        return 0
    found = re.search(r"^Pss_Anon:\s+(\d+)", text, re.MULTILINE)
    return int(found[1]) if found else 0

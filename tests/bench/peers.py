"""Other servers to compare with, each in a virtual environment of its own: their requirements contradict ours.

Two have one tool with its answer at hand: no Plex, no cache, no token, no log. Two are finished servers for Plex; all
are asked for twenty films, and what they answer is looked at before it is measured: these report errors as success.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import requests

from plex_mcp.quickstart.redis import free_port
from tests.bench.plexes import Plex
from tests.bench.servers import HERE, POD, Server, started
from tests.serving import ROOT

CACHE = ROOT / ".cache" / "bench"
SDK = "SDK MCPServer"
FASTMCP = "fastmcp==4.1.2"
MARKET_LEADER = "plex-mcp-server==1.5.0"
KNGUYEN = "plex-mcp==0.2.0"
"""knguyen1's; on PyPI it has the name that ours has. It wants Python 3.12."""
FASTMCP_NAME, KNGUYEN_NAME = "FastMCP", "knguyen1 plex-mcp 0.2.0"
FINISHED = (MARKET_LEADER, KNGUYEN_NAME)
"""The peers that ask Plex."""
_SESSIONS = 20
"""As many clients; a session that several connections share is asked one after the other by some servers."""


@dataclass
class Peer:
    """How to start it, what to ask, what a right answer to that holds, and the limits that it needs to run at 200m."""

    name: str
    start: Callable[..., AbstractContextManager[Server]]
    body: str
    holds: str
    limits: tuple[int, int] = POD

    def verified(self, server: Server) -> Server:
        """The server itself, once it has given twenty films."""
        answer = server.post(self.body.replace("{n}", "1"))
        assert answer.status_code == 200, f"HTTP {answer.status_code}: {answer.text[:200]}"
        found = films_of(answer.text)
        assert found == 20, f"{found} films instead of 20: {answer.text[:300]}"
        assert self.holds in answer.text, f"no {self.holds} in {answer.text[:200]}"
        return server


def call_body(tool: str, arguments: str) -> str:
    """The body of a tools/call; `arguments` is JSON and may hold `{n}`, as the id does.

    Each call has an id of its own: a server with sessions mixes up equal ones and leaves some unanswered.
    """
    name = json.dumps(tool)
    return f'{{"jsonrpc":"2.0","id":{{n}},"method":"tools/call","params":{{"name":{name},"arguments":{arguments}}}}}'


LIST = call_body("search_media", '{"media_type":"movie","limit":20}')
LIST_HOLDS = '"items":[{'


def in_memory(answer: Path) -> list[Peer]:
    """Those that have one tool with the answer of a file; the ones that are to be had."""
    found = [Peer(SDK, lambda **how: _of_the_sdk(answer, **how), LIST, LIST_HOLDS)]
    if python_with(FASTMCP):
        found.append(Peer(FASTMCP_NAME, lambda **how: _of_fastmcp(answer, **how), LIST, LIST_HOLDS))
    return found


def finished(plex: Plex) -> list[Peer]:
    """Other servers for Plex. Their searches want a JSON that the stand-in has not; their newest films come as XML."""
    found, roomy = [], (400 << 20, POD[1])
    if python_with(MARKET_LEADER):
        body = call_body("library_get_recently_added", '{"count":20,"library_name":"Movies"}')
        start = _of(MARKET_LEADER, "plex-mcp-server", "--plex-url", plex.url, "--plex-token", plex.token)
        found.append(Peer(MARKET_LEADER, start, body, r"{\"count\": 20, ", roomy))
    if python_with(KNGUYEN, at_least=(3, 12)):
        body = call_body("get_recently_added_movies", '{"limit":20}')
        start = _of(KNGUYEN, "plex-mcp", "--baseurl", plex.url, "--token", plex.token)
        found.append(Peer(KNGUYEN_NAME, start, body, '"total_results":20,', roomy))
    return found


def missing() -> dict[str, str]:
    """Which could not be had."""
    asked = {FASTMCP_NAME: python_with(FASTMCP), MARKET_LEADER: python_with(MARKET_LEADER)}
    asked[KNGUYEN_NAME] = python_with(KNGUYEN, at_least=(3, 12))
    return {
        name: "no Python that it wants, or not to be installed here" for name, python in asked.items() if not python
    }


@cache
def python_with(package: str, *, at_least: tuple[int, int] = (3, 11)) -> str | None:
    """An interpreter that has `package`, installed at first use; None when that fails, as without a network."""
    folder = CACHE / package.replace("==", "-")
    python, done = folder / "bin" / "python", folder / "installed"
    if not done.exists():
        base = _python_of(at_least)
        if base is None:
            return None
        made = subprocess.run([base, "-m", "venv", folder], capture_output=True, check=False)
        pip = [str(python), "-m", "pip", "install", "-q", "--disable-pip-version-check", package]
        if made.returncode or subprocess.run(pip, capture_output=True, check=False).returncode:
            return None
        done.touch()
    return str(python)


def films_of(text: str) -> int:
    """How many films the answer to a call shows: things with a title; it comes as JSON or as server-sent event."""
    events = [line.removeprefix("data:") for line in text.splitlines() if line.startswith("data:")]
    result = json.loads(events[-1] if events else text)["result"]
    if result.get("isError"):
        return 0
    return max((_titles(_json(block.get("text", ""))) for block in result["content"]), default=0)


def _titles(value: Any) -> int:
    if isinstance(value, dict):
        return ("title" in value) + sum(_titles(each) for each in value.values())
    return sum(_titles(each) for each in value) if isinstance(value, list) else 0


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return None


def _python_of(at_least: tuple[int, int]) -> str | None:
    """This interpreter, or the oldest newer one of the machine."""
    if sys.version_info >= at_least:
        return sys.executable
    for minor in range(at_least[1], at_least[1] + 4):
        name = f"python3.{minor}"
        kept_by_pyenv = sorted(map(str, Path.home().glob(f".pyenv/versions/*/bin/{name}")))
        for candidate in (*kept_by_pyenv, shutil.which(name)):
            if candidate and not subprocess.run([candidate, "-c", ""], capture_output=True, check=False).returncode:
                return candidate  # pyenv has shims that only say that they are not what is chosen
    return None


@contextmanager
def _of_the_sdk(answer: Path, *, limits: tuple[int, int] | None = None) -> Iterator[Server]:
    port = free_port()
    command = [sys.executable, str(HERE / "peer_sdk.py"), str(port), str(answer)]
    with started(SDK, command, port=port, limits=limits, PYTHONPATH="", PYTHONWARNINGS="") as server:
        yield server


@contextmanager
def _of_fastmcp(answer: Path, *, limits: tuple[int, int] | None = None) -> Iterator[Server]:
    port = free_port()
    command = [str(python_with(FASTMCP)), str(HERE / "peer_fastmcp.py"), str(port), str(answer)]
    with started(FASTMCP_NAME, command, port=port, limits=limits, PYTHONPATH="", PYTHONWARNINGS="") as server:
        yield server


def _of(package: str, script: str, *options: str) -> Callable[..., AbstractContextManager[Server]]:
    """A finished server over streamable HTTP, which keeps sessions."""

    @contextmanager
    def start(*, limits: tuple[int, int] | None = None) -> Iterator[Server]:
        folder, port = CACHE / package.replace("==", "-") / "bin", free_port()
        command = [str(folder / script), "--transport", "streamable-http", "--host", "127.0.0.1"]
        command += ["--port", str(port), *options]
        with started(
            package, command, port=port, limits=limits, cwd=folder, PYTHONPATH="", PYTHONWARNINGS=""
        ) as server:
            server.sessions = _sessions(server)
            yield server

    return start


def _sessions(server: Server) -> list[dict[str, str]]:
    """Headers of as many sessions, opened as a client does."""
    asked = {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "bench", "version": "1"}}
    message = {"jsonrpc": "2.0", "id": 0, "method": "initialize", "params": asked}
    note = {"jsonrpc": "2.0", "method": "notifications/initialized"}
    found = []
    with requests.Session() as session:
        session.trust_env = False
        for _ in range(_SESSIONS):
            headers = {"Accept": "application/json, text/event-stream"}
            answer = session.post(server.url + server.path, json=message, headers=headers, timeout=60)
            mine = {"Mcp-Session-Id": answer.headers["mcp-session-id"]}
            session.post(server.url + server.path, json=note, headers=headers | mine, timeout=60)
            found.append(mine)
    return found

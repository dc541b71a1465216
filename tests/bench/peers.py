"""Other servers to compare with, each in a virtual environment of its own: their requirements contradict ours."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import requests

from plex_mcp.quickstart.redis import free_port
from tests.bench.servers import HERE, Plex, Server, started
from tests.serving import ROOT

CACHE = ROOT / ".cache" / "bench"
FASTMCP = "fastmcp==4.1.2"
MARKET_LEADER = "plex-mcp-server==1.5.0"


def python_with(package: str) -> str | None:
    """An interpreter that has `package`, installed at first use; None when that fails, as without a network."""
    folder = CACHE / package.replace("==", "-")
    python, done = folder / "bin" / "python", folder / "installed"
    if not done.exists():
        made = subprocess.run([sys.executable, "-m", "venv", folder], capture_output=True, check=False)
        pip = [str(python), "-m", "pip", "install", "-q", "--disable-pip-version-check", package]
        if made.returncode or subprocess.run(pip, capture_output=True, check=False).returncode:
            return None
        done.touch()
    return str(python)


@contextmanager
def sdk(answer: Path, *, limits: tuple[int, int] | None = None) -> Iterator[Server]:
    """The SDK's MCPServer with one tool that has its answer at hand: no Plex, no cache, no token, no log."""
    port = free_port()
    command = [sys.executable, str(HERE / "peer_sdk.py"), str(port), str(answer)]
    with started("SDK MCPServer", command, port=port, limits=limits) as server:
        yield server


@contextmanager
def fastmcp(answer: Path, *, limits: tuple[int, int] | None = None) -> Iterator[Server]:
    """The same with FastMCP."""
    port, python = free_port(), python_with(FASTMCP)
    assert python is not None
    command = [python, str(HERE / "peer_fastmcp.py"), str(port), str(answer)]
    with started("FastMCP", command, port=port, limits=limits) as server:
        yield server


@contextmanager
def market_leader(plex: Plex, *, limits: tuple[int, int] | None = None) -> Iterator[Server]:
    """plex-mcp-server over streamable HTTP, which keeps sessions: one is opened, and used by all connections."""
    port, python = free_port(), python_with(MARKET_LEADER)
    assert python is not None
    command = [str(Path(python).parent / "plex-mcp-server"), "--transport", "streamable-http", "--port", str(port)]
    command += ["--host", "127.0.0.1", "--plex-url", plex.url, "--plex-token", plex.token]
    with started(MARKET_LEADER, command, port=port, limits=limits, PYTHONWARNINGS="ignore") as server:
        asked = {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "bench", "version": "1"}}
        headers = {"Accept": "application/json, text/event-stream"}
        message = {"jsonrpc": "2.0", "id": 0, "method": "initialize", "params": asked}
        answer = requests.post(server.url + server.path, json=message, headers=headers, timeout=30)
        server.headers["Mcp-Session-Id"] = headers["Mcp-Session-Id"] = answer.headers["mcp-session-id"]
        note = {"jsonrpc": "2.0", "method": "notifications/initialized"}
        requests.post(server.url + server.path, json=note, headers=headers, timeout=30)
        yield server


def call_body(tool: str, arguments: str) -> str:
    """The body of a tools/call; `arguments` is JSON and may hold `{n}`, as the id does.

    Each call has an id of its own: a server with sessions mixes up equal ones and leaves some unanswered.
    """
    name = json.dumps(tool)
    return f'{{"jsonrpc":"2.0","id":{{n}},"method":"tools/call","params":{{"name":{name},"arguments":{arguments}}}}}'

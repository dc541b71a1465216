"""A real `plex-mcp serve` for tests: gunicorn in a process of its own, on a free loopback port."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import requests

from plex_mcp.quickstart.redis import free_port

ROOT = Path(__file__).parents[1]
TOKEN = "a-test-token-of-good-length"
_START_TIMEOUT_S = 60


@dataclass
class Serving:
    """A running server. `call` speaks the modern era; `rpc` whatever you give it."""

    url: str
    process: subprocess.Popen[bytes]
    log_path: Path
    token: str = TOKEN
    session: requests.Session = field(default_factory=requests.Session)

    def rpc(self, message: Any, *, headers: dict[str, str] | None = None, timeout_s: float = 30) -> requests.Response:
        sent = {"Authorization": f"Bearer {self.token}", "Accept": "application/json, text/event-stream"}
        return self.session.post(f"{self.url}/mcp", json=message, headers=sent | (headers or {}), timeout=timeout_s)

    def call(self, tool: str, **arguments: Any) -> dict[str, Any]:
        """The `result` of one tools/call, in the handshake era without a handshake: nothing is remembered anyway."""
        params = {"name": tool, "arguments": arguments}
        answer = self.rpc({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params})
        assert answer.status_code == 200, (answer.status_code, answer.text)
        result: dict[str, Any] = answer.json()["result"]
        return result

    def log(self) -> str:
        return self.log_path.read_text(encoding="utf-8")

    def stop(self) -> int:
        self.process.terminate()
        return self.process.wait(timeout=30)


def environment(**settings: str) -> dict[str, str]:
    """The machine's environment without settings of anybody's, and with these."""
    names = ("PATH", "HOME", "LANG", "TMPDIR", "COVERAGE_PROCESS_CONFIG")  # the last is how servers are measured too
    kept = {name: os.environ[name] for name in names if name in os.environ}
    return kept | {"PYTHONPATH": str(ROOT), "PYTHONWARNINGS": "error"} | settings


@contextmanager
def serving(*, wait_until: str = "startup", **settings: str) -> Iterator[Serving]:
    """Run `plex-mcp serve` with these settings; AUTH_TOKEN and BIND are filled in. Waits for a health endpoint."""
    settings = {"AUTH_TOKEN": TOKEN, "BIND": f"127.0.0.1:{free_port()}", **settings}
    with tempfile.NamedTemporaryFile(suffix=".log", delete=False) as log:
        command = [sys.executable, "-m", "plex_mcp", "serve"]
        process = subprocess.Popen(command, env=environment(**settings), stdout=log, stderr=log, cwd=ROOT)
    running = Serving(f"http://{settings['BIND']}", process, Path(log.name), settings["AUTH_TOKEN"].split(",")[0])
    running.session.trust_env = False
    try:
        deadline = time.monotonic() + _START_TIMEOUT_S
        while True:
            assert process.poll() is None, f"ended with {process.returncode}:\n{running.log()}"
            assert time.monotonic() < deadline, f"not up:\n{running.log()}"
            try:
                if running.session.get(f"{running.url}/health/{wait_until}", timeout=5).status_code == 200:
                    break
            except (requests.ConnectionError, requests.Timeout):
                pass
            time.sleep(0.05)
        yield running
    finally:
        running.session.close()
        if process.poll() is None:
            process.terminate()
            try:
                process.wait(timeout=30)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        running.log_path.unlink(missing_ok=True)

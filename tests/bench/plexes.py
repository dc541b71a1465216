"""The stand-in for Plex in a process of its own: the bench's own process must not share a GIL with it."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import requests

from tests.serving import ROOT, environment


@dataclass
class Plex:
    """Where it is, and what it was asked."""

    url: str
    token: str

    def counters(self) -> dict[str, Any]:
        answer = requests.get(f"{self.url}/standin/counters", headers={"X-Plex-Token": self.token}, timeout=10)
        answer.raise_for_status()
        found: dict[str, Any] = answer.json()
        return found


@contextmanager
def standin(library: str, *, latency_ms: float = 0) -> Iterator[Plex]:
    command = [sys.executable, "-m", "plex_mcp.standin", "--library", library, "--latency-ms", str(latency_ms)]
    process = subprocess.Popen([*command, "--control"], stdout=subprocess.PIPE, text=True, cwd=ROOT, env=environment())
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
        assert process.stdout is not None
        process.stdout.close()

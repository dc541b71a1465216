"""Many clients at once, and what they were answered."""

from __future__ import annotations

import http.client
import json
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import urlsplit

CALL = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "list_libraries", "arguments": {}}}


@dataclass
class Answers:
    """What all clients got: statuses, bodies that were errors, exceptions by class, seconds each."""

    statuses: list[int] = field(default_factory=list)
    errors: list[bytes] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)
    refused: int = 0
    seconds: list[float] = field(default_factory=list)

    def percentile_ms(self, share: float) -> float:
        ordered = sorted(self.seconds)
        return 1000 * ordered[min(len(ordered) - 1, int(len(ordered) * share))]


class Client:
    """A keep-alive connection that calls `list_libraries`; plain http.client costs little on a small machine."""

    def __init__(self, url: str, token: str) -> None:
        parts = urlsplit(url)
        self._address = (parts.hostname or "", parts.port or 0)
        self._headers = {
            "Authorization": f"Bearer {token}",
            "Content-Type": "application/json",
            "Accept": "application/json, text/event-stream",
        }
        self._body = json.dumps(CALL).encode()
        self._connection: http.client.HTTPConnection | None = None

    def call(self) -> tuple[int, bytes]:
        if self._connection is None:
            self._connection = http.client.HTTPConnection(*self._address, timeout=30)
            self._connection.connect()
        try:
            self._connection.request("POST", "/mcp", self._body, self._headers)
            answer = self._connection.getresponse()
            body = answer.read()
        except BaseException:
            self.close()
            raise
        if answer.will_close:
            self.close()
        return answer.status, body

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def crowd(url: str, token: str, *, clients: int, go_on: Callable[[int], bool], pause_s: float = 0.0) -> Answers:
    """`clients` threads call until `go_on(number of calls made)` says no; returns when all have ended."""
    answers, lock = Answers(), threading.Lock()
    ready = threading.Barrier(clients)

    def work() -> None:
        client, made = Client(url, token), 0
        ready.wait(30)
        while go_on(made):
            started = time.perf_counter()
            try:
                status, body = client.call()
            except ConnectionRefusedError:
                with lock:
                    answers.refused += 1
                time.sleep(0.05)
                continue
            except (OSError, http.client.HTTPException) as error:
                with lock:
                    answers.broken.append(repr(error))
                made += 1
                continue
            with lock:
                answers.statuses.append(status)
                answers.seconds.append(time.perf_counter() - started)
                if status != 200 or b'"isError":true' in body or b'"structuredContent"' not in body:
                    answers.errors.append(body[:200])
            made += 1
            if pause_s:
                time.sleep(pause_s)
        client.close()

    threads = [threading.Thread(target=work) for _ in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
        assert not thread.is_alive()
    return answers

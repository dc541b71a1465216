"""Two hundred slow clients without a token, and fifty real ones that go on working."""

from __future__ import annotations

import random
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

import requests

from tests.security.crowd import crowd
from tests.serving import Serving

ATTACKERS = 200
HEAD = b"POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 100000\r\n\r\n"


@contextmanager
def slow_clients(url: str, count: int) -> Iterator[Callable[[], int]]:
    """Half send heads, half bodies; all drip a byte now and then, and come back when they are thrown out.

    Yields what tells how many of them are connected now.
    """
    address = (urlsplit(url).hostname, urlsplit(url).port)
    stop = threading.Event()
    sockets: dict[int, socket.socket] = {}

    def begin(number: int) -> None:
        sock = socket.create_connection(address, timeout=5)
        sock.sendall(HEAD if number % 2 else HEAD[: random.Random(number).randrange(1, len(HEAD) - 4)])
        sock.setblocking(False)
        sockets[number] = sock

    def drip() -> None:
        while not stop.wait(0.5):
            for number, sock in list(sockets.items()):
                try:
                    sock.send(b"x")
                except OSError:
                    sock.close()
                    begin(number)

    for number in range(count):
        begin(number)
    thread = threading.Thread(target=drip)
    thread.start()
    try:
        yield lambda: len(sockets)
    finally:
        stop.set()
        thread.join()
        for sock in sockets.values():
            sock.close()


def test_fifty_clients_go_on_working_while_two_hundred_drip(server: Serving, say: Callable[[str], None]) -> None:
    calls = 40
    server.call("list_libraries")
    quiet = crowd(server.url, server.token, clients=50, go_on=lambda made: made < calls, pause_s=0.1)
    with slow_clients(server.url, ATTACKERS) as connected:
        under = crowd(server.url, server.token, clients=50, go_on=lambda made: made < calls, pause_s=0.1)
        probes = [requests.get(f"{server.url}/health/live", timeout=30) for _ in range(20)]
        assert connected() == ATTACKERS
        metrics = requests.get(
            f"{server.url}/metrics", headers={"Authorization": f"Bearer {server.token}"}, timeout=30
        ).text
    (open_now,) = [
        float(line.split()[1]) for line in metrics.splitlines() if line.startswith("plex_mcp_http_connections ")
    ]
    assert open_now >= ATTACKERS, "the attack was on"
    for answers in (quiet, under):
        assert answers.statuses == [200] * 50 * calls
        assert (answers.errors, answers.broken, answers.refused) == ([], [], 0)
    assert [probe.status_code for probe in probes] == [200] * 20
    health_ms = max(probe.elapsed.total_seconds() * 1000 for probe in probes)
    say(
        f"2,000 calls of 50 clients: p50 {quiet.percentile_ms(0.5):.0f} ms, p99 {quiet.percentile_ms(0.99):.0f} ms; "
        f"with {ATTACKERS} slow clients p50 {under.percentile_ms(0.5):.0f} ms, p99 {under.percentile_ms(0.99):.0f} ms, "
        f"slowest of 20 probes {health_ms:.0f} ms"
    )

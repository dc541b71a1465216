"""A small HTTP/1.1 load generator: keep-alive connections over epoll or kqueue, closed loop or at a rate. Prints JSON.

Its own process, and its own code: wrk and hey are no Python packages, and `make bench` brings what it needs. It costs
about 60 us a call, which on two cores leaves the server one of them.
"""

from __future__ import annotations

import json
import selectors
import socket
import sys
import time
from typing import Any

PATIENCE_S = 20.0
"""A call that takes longer counts as failed, and its connection is replaced."""


class Caller:
    """One connection. `started_s` is the instant of its request under way, 0 while it waits."""

    def __init__(self, address: tuple[str, int]) -> None:
        self.address = address
        self.started_s = 0.0
        self.connect()

    def connect(self) -> None:
        self.sock = socket.create_connection(self.address, timeout=60)
        self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.received = b""

    def send(self, request: bytes) -> None:
        self.received = b""
        self.started_s = time.perf_counter()
        self.sock.sendall(request)

    def read(self) -> int | None:
        """The status once the answer is whole, else None; 0 when the server hung up."""
        data = self.sock.recv(1 << 18)
        if not data:
            return 0
        self.received += data
        head, found, body = self.received.partition(b"\r\n\r\n")
        if not found:
            return None
        lower = head.lower()
        if b"content-length:" in lower:
            whole = len(body) >= int(lower.split(b"content-length:")[1].split(b"\r\n")[0])
        else:
            whole = body.endswith(b"0\r\n\r\n") or b" 202 " in head[:20]
        return int(head[9:12]) if whole else None


def run(plan: dict[str, Any]) -> dict[str, Any]:
    """`plan`: host, port, head (lines), body (`{n}` counts), connections, and seconds, or requests; perhaps rate."""
    callers = [Caller((plan["host"], plan["port"])) for _ in range(plan["connections"])]
    poller = selectors.DefaultSelector()
    for caller in callers:
        poller.register(caller.sock, selectors.EVENT_READ, caller)
    times: list[float] = []
    failed: dict[str, int] = {}
    last_body = b""
    sent, begun = 0, time.perf_counter()
    rate, limit = plan.get("rate"), plan.get("requests")
    until = begun + plan.get("seconds", 1e9)
    idle = callers[:]
    while True:
        now = time.perf_counter()
        while idle and now < until and (limit is None or sent < limit):
            if rate and begun + sent / rate > now:
                break
            idle.pop().send(_request(plan, sent))
            sent += 1
        under_way = len(callers) - len(idle)
        if not under_way and (now >= until or (limit is not None and sent >= limit)):
            break
        wait_s = 5.0
        if rate:
            wait_s = 0.002 if under_way else max(0.0, begun + sent / rate - now)
        ended = [(key.data, key.data.read()) for key, _ in poller.select(wait_s)]
        ended += [(caller, 0) for caller in callers if 0 < caller.started_s < now - PATIENCE_S]
        for caller, status in ended:
            if status is None:
                continue
            times.append(time.perf_counter() - caller.started_s)
            caller.started_s = 0.0
            if not 200 <= status < 300 or b'"isError":true' in caller.received[-4096:]:
                failed[str(status)] = failed.get(str(status), 0) + 1
            last_body = caller.received
            if not status:  # it hung up, or does not answer: a new connection for the next
                poller.unregister(caller.sock)
                caller.connect()
                poller.register(caller.sock, selectors.EVENT_READ, caller)
            idle.append(caller)
    took_s = time.perf_counter() - begun
    times.sort()
    return {
        "calls": len(times),
        "failed": failed,
        "per_s": round(len(times) / took_s, 1),
        "took_ms": round(took_s * 1000, 1),
        "p50_ms": _at(times, 0.5),
        "p99_ms": _at(times, 0.99),
        "max_ms": _at(times, 1.0),
        "answer_bytes": len(last_body),
    }


def _request(plan: dict[str, Any], number: int) -> bytes:
    body = plan["body"].replace("{n}", str(plan.get("first", 0) + number)).encode()
    return (
        f"{plan['head']}Content-Length: {len(body)}\r\n\r\n".encode() + body if body else f"{plan['head']}\r\n".encode()
    )


def _at(times: list[float], share: float) -> float:
    return round(times[min(len(times) - 1, int(len(times) * share))] * 1000, 2) if times else 0.0


if __name__ == "__main__":
    sys.stdout.write(json.dumps(run(json.load(sys.stdin))))

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

    def __init__(self, target: dict[str, Any]) -> None:
        self.address = (target["host"], target["port"])
        self.head = target["head"]
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
    """`plan`: targets (host, port, head: shared out among the connections), body (`{n}` counts), connections, and
    seconds, or requests; perhaps rate, and what each right answer holds. Times are those of right answers.
    """
    targets = plan["targets"]
    callers = [Caller(targets[number % len(targets)]) for number in range(plan["connections"])]
    poller = selectors.DefaultSelector()
    for caller in callers:
        poller.register(caller.sock, selectors.EVENT_READ, caller)
    times: list[float] = []
    failed: dict[str, int] = {}
    last_body = last_wrong = b""
    sent, begun = 0, time.perf_counter()
    rate, limit, holds = plan.get("rate"), plan.get("requests"), plan.get("holds", "").encode()
    until = begun + plan.get("seconds", 1e9)
    idle = callers[:]
    while True:
        now = time.perf_counter()
        while idle and now < until and (limit is None or sent < limit):
            if rate and begun + sent / rate > now:
                break
            caller = idle.pop()
            caller.send(_request(caller.head, plan, sent))
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
            what = _wrong(status, caller.received, holds)
            if what:
                failed[what] = failed.get(what, 0) + 1
                last_wrong = caller.received
            else:
                times.append(time.perf_counter() - caller.started_s)
                last_body = caller.received
            caller.started_s = 0.0
            if not status:  # it hung up, or does not answer: a new connection for the next
                poller.unregister(caller.sock)
                caller.sock.close()
                caller.connect()
                poller.register(caller.sock, selectors.EVENT_READ, caller)
            idle.append(caller)
    took_s = time.perf_counter() - begun
    poller.close()
    for caller in callers:
        caller.sock.close()
    times.sort()
    return {
        "calls": len(times),
        "failed": failed,
        "per_s": round(len(times) / took_s, 1),
        "took_ms": round(took_s * 1000, 1),
        "p50_ms": _at(times, 0.5),
        "p99_ms": _at(times, 0.99),
        "max_ms": _at(times, 1.0),
        "answer_bytes": len(last_body.partition(b"\r\n\r\n")[2]),
    } | ({"last_wrong": last_wrong.partition(b"\r\n\r\n")[2][:300].decode(errors="replace")} if failed else {})


def _wrong(status: int, received: bytes, holds: bytes) -> str:
    """What is wrong with an answer, or nothing. Many servers report errors as success: hence `holds`."""
    if not 200 <= status < 300:
        return str(status)
    if holds:
        return "" if holds in received else "not what was asked"
    return "isError" if b'"isError":true' in received else ""


def _request(head: str, plan: dict[str, Any], number: int) -> bytes:
    body = plan["body"].replace("{n}", str(plan.get("first", 0) + number)).encode()
    return f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body


def _at(times: list[float], share: float) -> float:
    return round(times[min(len(times) - 1, int(len(times) * share))] * 1000, 2) if times else 0.0


if __name__ == "__main__":
    sys.stdout.write(json.dumps(run(json.load(sys.stdin))))

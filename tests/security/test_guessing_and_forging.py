"""Guessing tokens, forging hosts, and requests made to break out of where they belong."""

from __future__ import annotations

import itertools
import json
import re
import socket
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

import pytest

from plex_mcp.standin import StandIn
from plex_mcp.tools._catalogue import load_tools
from tests.security.crowd import crowd
from tests.serving import Serving

GUESS_S = 3.0
GUESS = b"POST /mcp HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer guess-%032d\r\nContent-Length: 2\r\n\r\n{}"
STATUS = re.compile(rb"HTTP/1\.1 (\d+) ")
BATCH = 20


def test_a_thousand_guesses_a_second_find_nothing_and_lock_nobody_out(
    server: Serving, say: Callable[[str], None]
) -> None:
    parts = urlsplit(server.url)
    statuses: Counter[int] = Counter()
    lock, numbers = threading.Lock(), itertools.count()
    end = time.monotonic() + GUESS_S

    def guess() -> None:
        mine: Counter[int] = Counter()
        with socket.create_connection((parts.hostname, parts.port), timeout=30) as sock:
            while time.monotonic() < end:
                sock.sendall(b"".join(GUESS % next(numbers) for _ in range(BATCH)))  # sent ahead: cheap for the guesser
                received = b""
                while len(found := STATUS.findall(received)) < BATCH:
                    received += sock.recv(65536)
                mine.update(int(status) for status in found)
                while not received.endswith(b"}"):
                    received += sock.recv(65536)
        with lock:
            statuses.update(mine)

    guessers = [threading.Thread(target=guess) for _ in range(4)]
    for thread in guessers:
        thread.start()
    valid = crowd(server.url, server.token, clients=5, go_on=lambda _made: time.monotonic() < end, pause_s=0.02)
    for thread in guessers:
        thread.join(60)
    assert set(statuses) <= {401, 429}
    assert statuses[401] <= 20, "ten a minute, and a minute may end meanwhile"
    assert statuses[429] > 100
    assert (set(valid.statuses), valid.errors, valid.broken) == ({200}, [], [])
    lines = [line for line in server.log().splitlines() if "auth.refused" in line]
    assert len(lines) <= 4
    assert "guess-" not in "".join(lines)
    say(
        f"{statuses.total() / GUESS_S:.0f} guesses a second from one address: {statuses[401]} answered 401, "
        f"{statuses[429]} answered 429, {len(lines)} log lines; meanwhile {len(valid.statuses)} calls with the token "
        f"from the same address, none refused, p99 {valid.percentile_ms(0.99):.0f} ms"
    )


def raw(server: Serving, *lines: str, body: bytes = b"{}") -> tuple[int, bytes]:
    """Send these lines as they are; the status and everything that came back."""
    parts = urlsplit(server.url)
    head = "\r\n".join(
        [*lines, f"Authorization: Bearer {server.token}", f"Content-Length: {len(body)}", "Connection: close"]
    )
    with socket.create_connection((parts.hostname, parts.port), timeout=30) as sock:
        sock.sendall(head.encode("latin-1") + b"\r\n\r\n" + body)
        received = b""
        while data := sock.recv(65536):
            received += data
    return int(received.split(b" ", 2)[1]), received


def test_forged_hosts_and_origins_are_refused_with_a_valid_token(server: Serving, say: Callable[[str], None]) -> None:
    names = [
        "evil.example",
        "localhost.evil.example",
        "127.0.0.1.nip.io",
        "0.0.0.0",
        "0",
        "[::]",
        "2130706433",
        "127.1",
        "",
    ]
    forgeries = [f"{name}{port}" for name in names for port in ("", ":80", f":{urlsplit(server.url).port}")]
    tried = Counter(raw(server, "POST /mcp HTTP/1.1", f"Host: {host}")[0] for host in forgeries)
    assert set(tried) <= {400, 421}
    two = raw(server, "POST /mcp HTTP/1.1", "Host: localhost", "Host: evil.example")[0]
    absolute = raw(server, "POST http://evil.example/mcp HTTP/1.1", "Host: evil.example")[0]
    forwarded = raw(server, "POST /mcp HTTP/1.1", "Host: evil.example", "X-Forwarded-Host: localhost")[0]
    assert {two, absolute, forwarded} <= {400, 421}
    origins = [f"{scheme}://{name}" for scheme in ("http", "https") for name in names if name] + ["null", "file://", ""]
    origins = [origin for origin in origins if origin != "http://localhost"]
    refused = Counter(
        raw(server, "POST /mcp HTTP/1.1", "Host: localhost", f"Origin: {origin}")[0] for origin in origins
    )
    assert set(refused) == {403}
    say(f"{tried.total() + 3} forged hosts: 0 served; {refused.total()} forged origins: 0 served")


def test_headers_cannot_be_injected_or_smuggled(server: Serving) -> None:
    good = ["POST /mcp HTTP/1.1", "Host: localhost", "Content-Type: application/json"]
    for bad in (
        "X-Request-Id: a\r\n b",
        "X-Request-Id: a\rSet-Cookie: b",
        "X-Request-Id: a\nSet-Cookie: b",
        "X-Request-Id: a\x00b",
        "X-Request-Id : a",
        "Transfer-Encoding: chunked",
        "Transfer-Encoding: chunked, identity",
        "Transfer-Encoding: \x0bchunked",
        "Content-Length: 0",
        "Content-Length: +2",
        "Host: evil.example",
    ):
        status, received = raw(server, *good, bad)
        assert status in {400, 408, 421, 501}, bad
        assert b"set-cookie" not in received.lower()
        assert received.count(b"HTTP/1.1 ") == 1, "one request in, one answer out"


def test_what_a_caller_names_itself_cannot_forge_log_lines_or_headers(server: Serving) -> None:
    message = {
        "jsonrpc": "2.0",
        "id": "x\r\nSet-Cookie: canary=1",
        "method": "initialize",
        "params": {
            "protocolVersion": "2025-06-18",
            "capabilities": {},
            "clientInfo": {"name": 'evil"}\n{"event": "forged.line"', "version": "\u202e\r\n1"},
        },
    }
    answer = server.rpc(message)
    assert answer.status_code == 200
    assert "Set-Cookie" not in answer.headers
    server.session.headers["User-Agent"] = 'evil"} {"event": "forged.line"'
    server.call("list_libraries")
    time.sleep(0.2)
    assert all(json.loads(line)["event"] != "forged.line" for line in server.log().splitlines())


HOSTILE = [
    "../../../etc/passwd",
    "1/../../identity",
    "1/../2",
    "1?X-Plex-Token=canary",
    "1#fragment",
    "1%2F..%2Fidentity",
    "1;rm -rf /",
    "1,2",
    "-1",
    "1e3",
    "0x10",
    " 1 2",
    "\u0661\u0662",
    "1\r\nX-Injected: canary",
    "1\x00",
    "9" * 400,
    "//127.0.0.1:{port}/",
    "http://127.0.0.1:{port}/latest/meta-data",
    "@127.0.0.1:{port}/",
    "file:///etc/passwd",
]


@pytest.fixture
def trap() -> Iterator[tuple[int, list[object]]]:
    """A server that must never be connected to, and who connected."""
    caught: list[object] = []
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0.1)
        stop = threading.Event()

        def listen() -> None:
            while not stop.is_set():
                try:
                    caught.append(listener.accept())
                except TimeoutError:
                    continue

        thread = threading.Thread(target=listen)
        thread.start()
        yield listener.getsockname()[1], caught
        stop.set()
        thread.join()


def test_no_argument_leaves_its_place_in_the_request_to_plex(
    server: Serving, plex: StandIn, trap: tuple[int, list[object]], say: Callable[[str], None]
) -> None:
    """Every text argument of every tool, with everything that could become a path, a query, a header or a host."""
    port, caught = trap
    plex.counters.reset()
    sent = refused = 0
    for tool in load_tools(read_only=False).values():
        properties = tool.input_schema["properties"]
        texts = [name for name, schema in properties.items() if schema.get("type") == "string" and "enum" not in schema]
        needed = {
            name: properties[name]["enum"][0]
            for name in tool.input_schema.get("required", [])
            if "enum" in properties[name]
        }
        for name, text in itertools.product(texts, HOSTILE):
            result = server.call(tool.name, **{**needed, name: text.replace("{port}", str(port))})
            sent += 1
            refused += bool(result.get("isError"))
            assert "canary" not in json.dumps(result).replace(json.dumps(text)[1:-1], "")
    assert sent >= 10 * len(HOSTILE)
    assert caught == []
    assert plex.counters.unknown_paths == []
    assert plex.counters.tokens_in_urls == []
    assert plex.counters.failures == []
    for line in plex.counters.paths:
        path = line.split(" ", 1)[1].split("?")[0]
        assert ".." not in path
        assert path.isascii()
        assert path.isprintable()
    say(f"{sent} hostile arguments: {refused} refused, the rest were searched for as text; 0 requests left their place")

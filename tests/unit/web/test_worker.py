"""The gunicorn worker over real sockets: whole requests only, and nobody holds a thread by being slow."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from http.client import HTTPResponse
from pathlib import Path
from typing import Any

import pytest

THREADS = 4
CONNECTIONS = 60
GET = b"GET /here HTTP/1.1\r\nHost: a\r\n\r\n"
ROOT = Path(__file__).parents[3]


class Running:
    def __init__(self, port: int, process: subprocess.Popen[bytes], log: Path, release: Path) -> None:
        self.port, self.process, self.log_path, self.release = port, process, log, release

    def connect(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), timeout=15)

    def log(self) -> str:
        return self.log_path.read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def start(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[], Running]]:
    running: list[Running] = []

    def run() -> Running:
        folder = tmp_path_factory.mktemp("worker")
        with socket.create_server(("127.0.0.1", 0)) as probe:
            port = probe.getsockname()[1]
        command = [sys.executable, "-m", "gunicorn", "--bind", f"127.0.0.1:{port}", "--threads", str(THREADS)]
        command += ["--worker-class", "tests.unit.web.quick_worker.QuickWorker", "--keep-alive", "30"]
        command += ["--worker-connections", str(CONNECTIONS), "--no-control-socket", "--graceful-timeout", "15"]
        command += ["--logger-class", "plex_mcp.telemetry.logs.GunicornLogger", "tests.unit.web.echo_app:app"]
        environment = {**os.environ, "RELEASE": str(folder / "release"), "PYTHONPATH": str(ROOT)}
        with (folder / "log").open("wb") as log:
            process = subprocess.Popen(command, env=environment, stdout=log, stderr=log, cwd=ROOT)
        server = Running(port, process, folder / "log", folder / "release")
        running.append(server)
        deadline = time.monotonic() + 30
        while True:
            assert process.poll() is None, server.log()
            assert time.monotonic() < deadline, server.log()
            try:
                with server.connect() as sock:
                    sock.sendall(GET)
                    if answer(sock)[0] == 200:
                        return server
            except OSError:
                time.sleep(0.05)

    yield run
    for server in running:
        server.release.touch()
        server.process.terminate()
        server.process.wait(30)


@pytest.fixture(scope="module")
def server(start: Callable[[], Running]) -> Running:
    return start()


def answer(sock: socket.socket) -> tuple[int, dict[str, str], Any]:
    response = HTTPResponse(sock)
    response.begin()
    body = response.read()
    return response.status, {name.lower(): value for name, value in response.getheaders()}, json.loads(body or b"null")


def is_closed(sock: socket.socket) -> bool:
    """Whether the server ends the connection (waits for it, bounded by the socket's timeout)."""
    try:
        return sock.recv(1) == b""
    except ConnectionResetError:
        return True


def post(body: bytes, path: bytes = b"/mcp", extra: bytes = b"") -> bytes:
    head = b"POST %s HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n%s\r\n" % (path, len(body), extra)
    return head + body


def test_a_connection_serves_one_request_after_another(server: Running) -> None:
    with server.connect() as sock:
        for number in range(5):
            sock.sendall(post(b"x" * number))
            status, headers, body = answer(sock)
            assert (status, body["bytes"], headers["connection"]) == (200, number, "keep-alive")


def test_no_answer_names_the_server(server: Running) -> None:
    with server.connect() as sock:
        sock.sendall(GET)
        assert "server" not in answer(sock)[1]
        sock.sendall(b"nonsense\r\n\r\n")
        assert "server" not in answer(sock)[1]


def test_requests_sent_ahead_are_answered_in_order(server: Running) -> None:
    with server.connect() as sock:
        sock.sendall(post(b"a" * 10, b"/1") + post(b"b" * 20, b"/2") + GET + post(b"c" * 30, b"/4")[:-5])
        stream = sock.makefile("rb")
        paths = [read_one(stream)["path"] for _ in range(3)]
        sock.sendall(b"c" * 5)
        assert [*paths, read_one(stream)["path"]] == ["/1", "/2", "/here", "/4"]


def read_one(stream: Any) -> Any:
    length = 0
    while (line := stream.readline().strip()) != b"":
        if line.lower().startswith(b"content-length:"):
            length = int(line.split(b":")[1])
    return json.loads(stream.read(length))


def test_a_large_body_in_many_pieces_arrives_whole(server: Running) -> None:
    body = os.urandom(200_000)
    with server.connect() as sock:
        request = post(body)
        for at in range(0, len(request), 7_001):
            sock.sendall(request[at : at + 7_001])
        assert answer(sock)[2]["bytes"] == len(body)


def test_a_chunked_body_arrives_whole(server: Running) -> None:
    with server.connect() as sock:
        sock.sendall(b"POST /mcp HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n")
        time.sleep(0.05)
        sock.sendall(b"6\r\n world\r\n0\r\n\r\n")
        assert answer(sock)[2]["bytes"] == 11
        sock.sendall(GET)
        assert answer(sock)[2]["path"] == "/here"


def test_a_client_that_waits_for_continue_is_told_once(server: Running) -> None:
    with server.connect() as sock:
        request = post(b"hello", extra=b"Expect: 100-continue\r\n")
        sock.sendall(request[:-5])
        interim = b""
        while not interim.endswith(b"\r\n\r\n"):
            interim += sock.recv(1)
        assert interim == b"HTTP/1.1 100 Continue\r\n\r\n"
        sock.sendall(request[-5:])
        status, _, body = answer(sock)
        assert (status, body["bytes"], body["expect"]) == (200, 5, None)


def test_a_body_over_the_limit_is_refused_without_being_read_and_the_refusal_arrives(server: Running) -> None:
    with server.connect() as sock:
        sock.sendall(b"POST /mcp HTTP/1.1\r\nHost: a\r\nContent-Length: 300000\r\n\r\n" + b"x" * 200_000)
        assert answer(sock)[0] == 413
        assert is_closed(sock)


def test_a_header_over_the_limit_is_refused(server: Running) -> None:
    with server.connect() as sock:
        sock.sendall(b"GET / HTTP/1.1\r\nCookie: " + b"x" * 20_000)
        assert answer(sock)[0] == 431


def test_half_sent_requests_leave_all_threads_free_and_end_with_408(server: Running) -> None:
    """With gunicorn's own gthread, THREADS of these stop the server."""
    slow = [server.connect() for _ in range(THREADS * 5)]
    try:
        for number, sock in enumerate(slow):
            sock.sendall([b"POST /mcp HT", post(b"x" * 100)[:-50], GET[:-2]][number % 3])
        time.sleep(0.2)
        for _ in range(5):
            with server.connect() as sock:
                sock.sendall(GET)
                assert answer(sock)[0] == 200
        assert [answer(sock)[0] for sock in slow] == [408] * len(slow)
    finally:
        for sock in slow:
            sock.close()


def test_a_client_that_drips_is_ended_though_it_never_pauses_long(server: Running) -> None:
    with server.connect() as sock:
        started, status = time.monotonic(), 0
        sock.settimeout(0.1)
        for byte in b"GET /" + b"a" * 1000:
            try:
                sock.send(bytes([byte]))
                status = answer(sock)[0]
                break
            except TimeoutError:
                assert time.monotonic() - started < 12, "never ended"
        assert status == 408


def test_a_client_that_does_not_hang_up_delays_nobody(server: Running) -> None:
    """gunicorn's own worker waits for it in the poller, two seconds each, while nobody else is served."""
    lingering = [server.connect() for _ in range(6)]
    try:
        for sock in lingering:
            sock.sendall(b"GET /bye HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
            assert answer(sock)[0] == 200
        with server.connect() as sock:
            sock.settimeout(1.0)  # six of them would take twelve seconds
            sock.sendall(GET)
            assert answer(sock)[0] == 200
    finally:
        for sock in lingering:
            sock.close()


def test_connections_beyond_the_limit_push_out_idle_ones(server: Running) -> None:
    crowd = []
    try:
        for _ in range(CONNECTIONS + 20):
            sock = server.connect()
            crowd.append(sock)
            sock.sendall(GET)
            assert answer(sock)[0] == 200
    finally:
        for sock in crowd:
            sock.close()


def test_unfinished_bodies_are_held_up_to_a_total_only(server: Running) -> None:
    """QuickWorker holds 1 MiB; nine bodies of 200 kB are more."""
    crowd = [server.connect() for _ in range(9)]
    try:
        for sock in crowd:
            sock.sendall(post(b"x" * 200_000)[:-1])
        statuses = [answer(sock)[0] for sock in crowd]
        assert 503 in statuses
        assert set(statuses) == {503, 408}
        with server.connect() as sock:
            sock.sendall(post(b"x" * 200_000))
            assert answer(sock)[0] == 200
    finally:
        for sock in crowd:
            sock.close()


@pytest.mark.parametrize(
    ("request_bytes", "status"),
    [
        (b"GET / HTTP/1.1\r\nHost: a\r\nAuthorization : Bearer canary-canary-canary\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost: a\r\nBearer canary-canary-canary\r\n\r\n", 400),
        (b"canary-canary-canary\r\n\r\n", 400),
        (b"GET /canary-canary-canary HTTP/9.9\r\n\r\n", 400),
        (b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: canary-canary-canary\r\n\r\n", 400),
        (b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab", 400),
        (b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: canary-canary-canary\r\n\r\n", 501),
        (b"POST / HTTP/1.1\r\nHost: a\r\nExpect: canary-canary-canary\r\n\r\n", 417),
        (b"GET /crash?canary-canary-canary HTTP/1.1\r\nHost: a\r\n\r\n", 500),
    ],
    ids=lambda value: None if isinstance(value, bytes) else str(value),
)
def test_what_a_client_sent_is_repeated_neither_to_it_nor_in_the_log(
    server: Running, request_bytes: bytes, status: int
) -> None:
    with server.connect() as sock:
        sock.sendall(request_bytes)
        response = HTTPResponse(sock)
        response.begin()
        body = response.read()
    assert response.status == status
    assert b"canary" not in body + str(response.headers).encode()
    assert "canary" not in server.log()


def test_stopping_finishes_what_runs_and_answers_who_is_connected(start: Callable[[], Running]) -> None:
    server = start()
    held, idle, half = server.connect(), server.connect(), server.connect()
    idle.sendall(GET)
    assert answer(idle)[0] == 200
    held.sendall(b"GET /held HTTP/1.1\r\nHost: a\r\n\r\n")
    half.sendall(post(b"hello")[:-1])
    time.sleep(0.3)
    server.process.terminate()
    time.sleep(0.3)
    idle.sendall(GET)
    status, headers, _ = answer(idle)
    assert (status, headers["connection"]) == (200, "close")
    half.sendall(b"o")
    assert answer(half)[2]["bytes"] == 5
    with pytest.raises(ConnectionRefusedError):
        server.connect()
    threading.Timer(0.2, server.release.touch).start()
    assert answer(held)[2]["path"] == "/held"
    for sock in (held, idle, half):
        sock.close()
    assert server.process.wait(15) == 0


def test_who_is_in_the_backlog_when_it_stops_is_answered_too(start: Callable[[], Running]) -> None:
    """Frozen, so that five connect without being accepted; then told to stop before it goes on."""
    server = start()
    (worker,) = Path(f"/proc/{server.process.pid}/task/{server.process.pid}/children").read_text().split()
    os.kill(int(worker), signal.SIGSTOP)
    waiting = [server.connect() for _ in range(5)]
    for sock in waiting:
        sock.sendall(GET)
    server.process.terminate()
    time.sleep(0.5)
    os.kill(int(worker), signal.SIGCONT)
    assert [answer(sock)[0] for sock in waiting] == [200] * 5
    for sock in waiting:
        sock.close()
    assert server.process.wait(15) == 0

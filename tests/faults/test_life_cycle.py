"""A year's accidents: restarts under load, a worker that dies, secrets that are rotated."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import requests

from plex_mcp.quickstart.redis import embedded_redis, free_port
from plex_mcp.standin import StandIn
from tests.security.crowd import Client, crowd
from tests.serving import TOKEN, Serving, serving

CLIENTS = 50


@pytest.fixture(scope="module")
def household() -> Iterator[tuple[StandIn, dict[str, str]]]:
    with StandIn(library="small") as plex, embedded_redis() as redis_url:
        yield plex, {"PLEX_SERVER_URL": plex.url, "PLEX_TOKEN": plex.token, "REDIS_URL": redis_url}


@pytest.fixture
def say(capsys: pytest.CaptureFixture[str]) -> Callable[[str], None]:
    def say(text: str) -> None:
        with capsys.disabled():
            print(f"\n    {text}", end="")  # noqa: T201 - a figure for people

    return say


def test_a_restart_under_fifty_clients_loses_no_answer(
    household: tuple[StandIn, dict[str, str]], say: Callable[[str], None]
) -> None:
    """Kubernetes takes a pod out of the Service first; here clients go on calling the one that leaves."""
    _, settings = household
    address = f"127.0.0.1:{free_port()}"
    over = threading.Event()
    took_s: list[float] = []

    def restart_twice() -> None:
        for _ in range(2):
            with serving(**settings, BIND=address) as running:
                time.sleep(2)
                began = time.monotonic()
                assert running.stop() == 0
                took_s.append(time.monotonic() - began)
        with serving(**settings, BIND=address):
            time.sleep(2)
            over.set()
            time.sleep(1)

    failure: list[BaseException] = []

    def guarded() -> None:
        try:
            restart_twice()
        except BaseException as error:
            failure.append(error)
        finally:
            over.set()

    restarts = threading.Thread(target=guarded)
    restarts.start()
    answers = crowd(f"http://{address}", TOKEN, clients=CLIENTS, go_on=lambda _: not over.is_set(), pause_s=0.05)
    restarts.join(120)
    assert failure == []
    assert answers.broken == []
    assert answers.errors == []
    assert set(answers.statuses) == {200}
    assert len(answers.statuses) > 500
    assert answers.refused > 0, "there was a time without a server"
    say(
        f"{len(answers.statuses)} calls of {CLIENTS} clients through 2 restarts: 0 failed, {answers.refused} refused "
        f"before they were accepted; drained in {max(took_s):.1f} s at most"
    )


def worker_of(server: Serving) -> int:
    (pid,) = Path(f"/proc/{server.process.pid}/task/{server.process.pid}/children").read_text().split()
    return int(pid)


def test_a_worker_that_dies_comes_back(household: tuple[StandIn, dict[str, str]], say: Callable[[str], None]) -> None:
    _, settings = household
    with serving(**settings) as server:
        first = worker_of(server)
        os.kill(first, signal.SIGKILL)
        began = time.monotonic()
        client = Client(server.url, server.token)
        while True:
            assert time.monotonic() - began < 60
            try:
                status, body = client.call()
                break
            except OSError:
                time.sleep(0.05)
        client.close()
        assert status == 200
        assert b'"structuredContent"' in body
        assert worker_of(server) != first
        say(f"answers again {time.monotonic() - began:.1f} s after its worker was killed")


def test_rotated_tokens_are_noticed_at_the_next_request(
    household: tuple[StandIn, dict[str, str]], tmp_path: Path
) -> None:
    """As Kubernetes does it: the name stays, the link behind it is swapped."""
    plex, settings = household
    for number, (auth, token) in enumerate(
        (("first-5f3c1e9b77d0", "no-longer-valid"), ("second-77d05f3c1e9b", plex.token))
    ):
        version = tmp_path / f"..{number}"
        version.mkdir()
        (version / "AUTH_TOKEN").write_text(auth)
        (version / "PLEX_TOKEN").write_text(token)
    (tmp_path / "data").symlink_to(tmp_path / "..0")
    files = {f"{name}_FILE": str(tmp_path / "data" / name) for name in ("AUTH_TOKEN", "PLEX_TOKEN")}
    environ = {**settings, **files, "AUTH_TOKEN": "", "PLEX_TOKEN": "", "CACHE_WARM": "false"}
    with serving(**environ) as server:

        def call(auth: str) -> requests.Response:
            params = {"name": "list_libraries", "arguments": {}}
            message = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params}
            return server.rpc(message, headers={"Authorization": f"Bearer {auth}"})

        assert "PLEX_REFUSED_TOKEN" in call("first-5f3c1e9b77d0").text
        assert call("second-77d05f3c1e9b").status_code == 401
        (tmp_path / "swapped").symlink_to(tmp_path / "..1")
        (tmp_path / "swapped").rename(tmp_path / "data")
        assert call("first-5f3c1e9b77d0").status_code == 401
        assert '"structuredContent"' in call("second-77d05f3c1e9b").text


def test_start_up_is_measured_and_logged(household: tuple[StandIn, dict[str, str]]) -> None:
    import json

    _, settings = household
    with serving(**settings) as server:
        deadline = time.monotonic() + 10
        while "warmup.ended" not in server.log() and time.monotonic() < deadline:
            time.sleep(0.05)
        lines = {line["event"]: line for line in map(json.loads, server.log().splitlines())}
    assert lines["server.serving"]["startup_s"] > 0
    assert lines["warmup.ended"]["warm"] == 3
    assert lines["warmup.ended"]["took_s"] >= 0
    assert lines["settings.loaded"]["PLEX_TOKEN"] == "***"

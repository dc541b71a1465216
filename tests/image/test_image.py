"""The image, built and run as a pod runs it: 100 MiB, 0.2 CPU, read-only root, no capability, no root."""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import requests

from plex_mcp.quickstart.redis import embedded_redis
from plex_mcp.standin import StandIn
from tests.image.container import IMAGE, Container, build, fails_at_once, obstacle, podman, running, tidy

_MAY_ADD_BYTES = 45_000_000
_LIMIT_BYTES = 100 * 2**20
_CLIENTS = 50

_OBSTACLE = obstacle() if os.environ.get("PLEX_MCP_IMAGE_TEST") else "`make image-test` does"
pytestmark = [
    pytest.mark.skipif(bool(_OBSTACLE), reason=f"the image is not built and run here: {_OBSTACLE}"),
    pytest.mark.timeout(900),  # the first run makes the bases
]


@pytest.fixture(scope="module")
def run_base() -> Iterator[str]:
    yield build()
    tidy()


@pytest.fixture(scope="module")
def plex() -> Iterator[StandIn]:
    with StandIn() as server:
        yield server


@pytest.fixture(scope="module")
def settings(run_base: str, plex: StandIn) -> Iterator[dict[str, str]]:
    with embedded_redis() as redis_url:
        yield {"PLEX_SERVER_URL": plex.url, "PLEX_TOKEN": plex.token, "REDIS_URL": redis_url}


@pytest.fixture(scope="module")
def pod(settings: dict[str, str]) -> Iterator[Container]:
    with running(**settings) as container:
        yield container


def say(capsys: pytest.CaptureFixture[str], words: str) -> None:
    with capsys.disabled():
        sys.stdout.write(f"\nimage: {words}\n")


def test_the_image_adds_little_to_its_base(run_base: str, capsys: pytest.CaptureFixture[str]) -> None:
    whole, base = (json.loads(podman("image", "inspect", name))[0]["Size"] for name in (IMAGE, run_base))
    say(capsys, f"{(whole - base) / 1e6:.1f} MB above its base of {base / 1e6:.1f} MB")
    assert 0 < whole - base <= _MAY_ADD_BYTES


def test_the_image_holds_no_shell_no_tools_and_no_root(run_base: str) -> None:
    config = json.loads(podman("image", "inspect", IMAGE))[0]["Config"]
    assert config["User"] == "65532:65532"
    assert config["Labels"]["org.opencontainers.image.title"] == "plex-mcp"
    tree = Path(podman("image", "mount", IMAGE).strip())
    try:
        programs = {path.name for folder in ("usr/bin", "usr/sbin", "app/bin") for path in (tree / folder).glob("*")}
        assert programs == {"python", "python3", "python3.11"}
        assert not list(tree.rglob("pip"))
        assert not (tree / "app" / "plex_mcp" / "standin").exists()
        modules = list((tree / "app" / "plex_mcp").rglob("*.py"))
        compiled = {path.name.split(".")[0] for path in (tree / "app" / "plex_mcp").rglob("*.pyc")}
        assert {path.stem for path in modules} <= compiled
        assert list((tree / "usr/lib/python3.11/__pycache__").glob("socket.*.pyc"))
        assert (tree / "app" / "async_timeout").is_dir(), "the run base's Python is older than 3.11.3 and needs it"
    finally:
        podman("image", "unmount", IMAGE)


def test_the_process_is_locked_in(pod: Container) -> None:
    status = dict(
        line.split(":", 1) for line in Path(f"/proc/{pod.pid}/status").read_text(encoding="utf-8").splitlines()
    )
    assert status["Uid"].split() == ["65532"] * 4
    assert int(status["CapEff"], 16) == int(status["CapBnd"], 16) == 0
    assert status["NoNewPrivs"].strip() == "1"
    mounts = [line.split() for line in Path(f"/proc/{pod.pid}/mountinfo").read_text(encoding="utf-8").splitlines()]
    [root] = [fields for fields in mounts if fields[4] == "/"]
    assert "ro" in root[5].split(",")
    command = Path(f"/proc/{pod.pid}/cmdline").read_bytes().split(b"\0")
    assert command[0].endswith(b"python3")
    assert pod.inspect()["HostConfig"]["Memory"] == _LIMIT_BYTES


def calls(pod: Container) -> dict[str, dict[str, Any]]:
    """Arguments for every tool, with ids that the library really has."""
    film = pod.call("search_media", query="Sintel")["structuredContent"]["items"][0]["media_id"]
    return {
        "list_libraries": {},
        "search_media": {"media_type": "movie", "sort": "title", "limit": 50},
        "get_media_details": {"media_id": film, "include": ["children", "versions", "similar", "poster"]},
        "get_playback_status": {},
        "get_recently_added": {"limit": 50},
        "get_on_deck": {},
        "list_clients": {},
        "get_watch_history": {"limit": 50},
        "control_playback": {"action": "play", "media_id": film, "client": "Living Room TV"},
        "set_watch_state": {"media_id": film, "state": "watched"},
    }


def test_every_tool_answers(pod: Container) -> None:
    listed = pod.rpc({"jsonrpc": "2.0", "id": 1, "method": "tools/list"}).json()["result"]["tools"]
    arguments = calls(pod)
    assert {tool["name"] for tool in listed} == arguments.keys()
    for name, given in arguments.items():
        result = pod.call(name, **given)
        assert not result.get("isError"), (name, result)
        assert result["structuredContent"], name


def test_what_one_container_loaded_the_next_serves_from_redis(
    settings: dict[str, str], pod: Container, plex: StandIn
) -> None:
    """A restart: a new container with the same settings."""
    film = pod.call("search_media", query="Sintel")["structuredContent"]["items"][0]["media_id"]
    asked = {"media_id": film, "include_chapters": True}
    first = pod.call("get_media_details", **asked)["structuredContent"]
    with running(**settings) as again:
        before = plex.counters.by_path.get(f"/library/metadata/{film}", 0)
        assert again.call("get_media_details", **asked)["structuredContent"] == first
        assert plex.counters.by_path.get(f"/library/metadata/{film}", 0) == before
        assert again.stop() == 0


def test_a_rotated_token_needs_no_restart(pod: Container) -> None:
    """The Secret's file is replaced, as the kubelet does: old and new are good for a while, then the new one alone."""
    old, new = pod.token, "8c1e5b20d94f73a6"

    def accepted(token: str) -> bool:
        headers = {"Authorization": f"Bearer {token}"}
        return pod.rpc({"jsonrpc": "2.0", "id": 1, "method": "tools/list"}, headers=headers).status_code == 200

    def replace(text: str) -> None:
        fresh = pod.log_path.with_name("fresh")
        fresh.write_text(text, encoding="utf-8")
        fresh.rename(pod.log_path.with_name("AUTH_TOKEN"))

    assert (accepted(old), accepted(new)) == (True, False)
    replace(f"{old},{new}")
    assert (accepted(old), accepted(new)) == (True, True)
    replace(new)
    assert (accepted(old), accepted(new)) == (False, True)
    replace(old)


def test_fifty_clients_and_sigterm_cost_no_answer_and_no_kill(
    pod: Container, capsys: pytest.CaptureFixture[str]
) -> None:
    """Last: it ends the container. Whatever was accepted is answered in full; what was not is refused at the door."""
    begun, ended = threading.Barrier(_CLIENTS + 1), threading.Event()
    headers = {"Authorization": f"Bearer {pod.token}", "Accept": "application/json, text/event-stream"}

    def client(number: int) -> tuple[int, list[str]]:
        answered, wrong = 0, []
        with requests.Session() as session:
            session.trust_env = False
            begun.wait()
            while True:
                # every fifth client asks what nobody has asked before: that reaches Plex
                other = {"query": f"{number} {answered}"} if number % 5 == 0 else {}
                params = {"name": "search_media", "arguments": {"media_type": "movie", "limit": 50} | other}
                message = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params}
                try:
                    answer = session.post(f"{pod.url}/mcp", json=message, headers=headers, timeout=30)
                except requests.ConnectionError as error:  # an answer cut short is another error, and fails the test
                    return answered, wrong if ended.is_set() else [*wrong, repr(error)]
                if answer.status_code != 200 or answer.json()["result"].get("isError"):
                    wrong.append(f"{answer.status_code} {answer.text[:200]}")
                answered += 1

    with ThreadPoolExecutor(_CLIENTS) as clients:
        futures = [clients.submit(client, number) for number in range(_CLIENTS)]
        begun.wait()
        threading.Event().wait(8)
        ended.set()
        pod.process.send_signal(signal.SIGTERM)
        status = pod.process.wait(timeout=40)
        results = [future.result() for future in futures]
    assert [wrong for _, found in results for wrong in found] == []
    assert status == 0, pod.log()[-2000:]
    state = pod.inspect()["State"]
    say(
        capsys,
        f"first answer {pod.first_answer_s:.1f} s after podman run at 0.2 CPU; "
        f"{sum(done for done, _ in results)} calls of {_CLIENTS} clients; through start, load and SIGTERM a peak of "
        f"{pod.peak_own_bytes / 2**20:.0f} MiB of its own, {pod.peak_bytes / 2**20:.0f} MiB with the page cache; "
        f"{pod.oom_kills} out-of-memory kills",
    )
    assert not state["OOMKilled"]
    assert pod.oom_kills == 0
    assert 0 < pod.peak_own_bytes < _LIMIT_BYTES


def test_a_setting_at_fault_ends_the_container_with_words(run_base: str) -> None:
    done = fails_at_once()
    assert done.returncode == 78, done.stderr
    assert "PLEX_SERVER_URL is required" in done.stderr

"""The main job, all the way through: official client → gunicorn → pool → python-plexapi → a Plex on a socket."""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
import socket
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import requests

from plex_mcp.quickstart.conversation import connect, lines_of
from plex_mcp.quickstart.redis import free_port
from plex_mcp.standin import StandIn
from tests.demo.record import CAST, printed, shape
from tests.serving import ROOT, TOKEN, Serving, environment, serving

ERAS = ["legacy", "2026-07-28", "auto"]


def talk(server: Serving, mode: str, calls: list[tuple[str, dict[str, Any]]]) -> list[dict[str, Any]]:
    """Make the calls through the official client; it checks every answer against its tool's output schema."""

    async def run() -> list[dict[str, Any]]:
        async with connect(f"{server.url}/mcp", server.token, mode=mode) as client:
            await client.list_tools()
            answers = []
            for name, arguments in calls:
                result = await client.call_tool(name, arguments)
                assert not result.is_error, result.content
                assert result.structured_content is not None
                assert json.loads(result.content[0].text) == result.structured_content  # type: ignore[union-attr]
                answers.append(result.structured_content)
            return answers

    return asyncio.run(run())


@pytest.mark.parametrize("mode", ERAS)
def test_every_required_tool_answers_through_the_official_client(server: Serving, mode: str) -> None:
    (libraries, film, recent, deck, status) = talk(
        server,
        mode,
        [
            ("list_libraries", {}),
            ("search_media", {"query": "Sintel"}),
            ("get_recently_added", {"limit": 5}),
            ("get_on_deck", {}),
            ("get_playback_status", {}),
        ],
    )
    assert {item["media_type"] for item in libraries["items"]} == {"movie", "show", "artist", "photo"}
    assert film["items"][0]["title"] == "Sintel"
    assert len(recent["items"]) == 5
    assert deck["items"]
    assert status["items"]
    media_id = film["items"][0]["media_id"]
    details, dry = talk(
        server,
        mode,
        [
            ("get_media_details", {"media_id": media_id}),
            ("control_playback", {"action": "play", "media_id": media_id, "client": "Living Room TV", "dry_run": True}),
        ],
    )
    assert details["title"] == "Sintel"
    assert "Sintel" in dry["would_send"]


def test_a_command_changes_what_plays(server: Serving, plex: StandIn) -> None:
    film = server.call("search_media", query="Sintel")["structuredContent"]["items"][0]
    played = server.call("control_playback", action="play", media_id=film["media_id"], client="Living Room TV")
    assert not played.get("isError"), played
    status = server.call("get_playback_status", client="Living Room TV")["structuredContent"]
    assert [(one["item"]["title"], one["state"]) for one in status["items"]] == [("Sintel", "playing")]
    server.call("control_playback", action="pause", client="Living Room TV")
    status = server.call("get_playback_status", client="Living Room TV")["structuredContent"]
    assert [one["state"] for one in status["items"]] == ["paused"]


def test_the_same_question_again_asks_plex_nothing_even_after_a_restart(plex: StandIn, redis_url: str) -> None:
    settings = {"PLEX_SERVER_URL": plex.url, "PLEX_TOKEN": plex.token, "REDIS_URL": redis_url, "CACHE_WARM": "false"}
    question = {"media_type": "movie", "sort": "title", "limit": 7}
    with serving(**settings) as server:
        first = server.call("search_media", **question)
        plex.counters.reset()
        again = server.call("search_media", **question)
        assert plex.counters.by_path.get("/library/sections/{id}/all", 0) == 0
    with serving(**settings) as server:
        plex.counters.reset()
        restarted = server.call("search_media", **question)
        assert [path for path in plex.counters.paths if "identity" not in path] == []
    assert first["structuredContent"] == again["structuredContent"] == restarted["structuredContent"]


def test_fifty_clients_at_once_never_open_more_than_ten_connections_to_plex(redis_url: str) -> None:
    with (
        StandIn(library="small", latency_ms=50) as plex,
        serving(PLEX_SERVER_URL=plex.url, PLEX_TOKEN=plex.token, REDIS_URL=redis_url, CACHE_WARM="false") as server,
    ):

        def ask(number: int) -> dict[str, Any]:
            with requests.Session() as session:
                session.trust_env = False
                one = Serving(server.url, server.process, server.log_path, session=session)
                return one.call("search_media", media_type="movie", max_minutes=100 + number)

        with ThreadPoolExecutor(50) as clients:
            answers = list(clients.map(ask, range(50)))
        assert [answer for answer in answers if answer.get("isError")] == []
        assert 2 <= plex.counters.connections_peak <= 10


def test_a_wrong_token_is_refused_and_nothing_is_done(server: Serving, plex: StandIn) -> None:
    plex.counters.reset()
    message = {
        "jsonrpc": "2.0",
        "id": 1,
        "method": "tools/call",
        "params": {"name": "get_playback_status", "arguments": {}},
    }
    for header in (
        {"Authorization": "Bearer not-the-token-at-all"},
        {"Authorization": "Basic Zm9v"},
        {"Authorization": ""},
    ):
        refused = server.rpc(message, headers=header)
        assert refused.status_code == 401
        assert refused.headers["WWW-Authenticate"].startswith("Bearer ")
    assert [path for path in plex.counters.paths if "identity" not in path] == []


@pytest.mark.parametrize(
    ("tool", "arguments", "code", "says"),
    [
        ("search_media", {}, "INVALID_ARGUMENT", "query"),
        ("search_media", {"query": "x", "limit": 0}, "INVALID_ARGUMENT", "limit"),
        ("search_media", {"query": "x", "colour": "red"}, "INVALID_ARGUMENT", "colour"),
        ("get_media_details", {"media_id": "99999999"}, "NOT_FOUND", "99999999"),
        ("get_media_details", {"media_id": "@host/x"}, "INVALID_ARGUMENT", "media_id"),
        ("control_playback", {"action": "pause", "client": "Nowhere"}, "NOT_FOUND", "Nowhere"),
    ],
)
def test_a_bad_call_tells_the_model_what_to_do(
    server: Serving, tool: str, arguments: dict[str, Any], code: str, says: str
) -> None:
    result = server.call(tool, **arguments)
    assert result["isError"] is True
    error = json.loads(result["content"][0]["text"])["error"]
    assert error["code"] == code
    assert says in error["message"]


def test_the_metrics_of_a_serving_process_tell_its_calls_and_connections(server: Serving) -> None:
    server.call("list_libraries")
    answer = server.session.get(
        f"{server.url}/metrics", headers={"Authorization": f"Bearer {server.token}"}, timeout=30
    )
    assert answer.status_code == 200, answer.text
    found = dict(line.rsplit(" ", 1) for line in answer.text.splitlines() if not line.startswith("#"))
    assert float(found["plex_mcp_redis_connections"]) >= 1
    assert float(found["plex_mcp_plex_connections"]) >= 1
    assert float(found["plex_mcp_http_connections"]) >= 1
    assert [name for name in found if name.startswith('plex_mcp_tool_calls_total{outcome="hit_l1"')]


def test_an_unknown_tool_is_a_protocol_error(server: Serving) -> None:
    message = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "open_the_door", "arguments": {}}}
    assert server.rpc(message).json()["error"]["code"] == -32602


def test_the_server_starts_while_plex_is_unreachable_and_says_so(redis_url: str) -> None:
    nowhere = f"http://127.0.0.1:{free_port()}"
    with serving(
        wait_until="live", PLEX_SERVER_URL=nowhere, PLEX_TOKEN="tok", REDIS_URL=redis_url, CALL_DEADLINE="6",
        RETRY_ATTEMPTS="1",
    ) as server:  # fmt: skip
        result = server.call("list_libraries")
        error = json.loads(result["content"][0]["text"])["error"]
        assert (result["isError"], error["code"], error["temporary"]) == (True, "PLEX_UNAVAILABLE", True)


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="Linux alone pins")
def test_what_is_set_unusually_is_done_and_what_looks_wrong_is_told(plex: StandIn, redis_url: str) -> None:
    with serving(
        PLEX_SERVER_URL=plex.url, PLEX_TOKEN=plex.token, REDIS_URL=redis_url, PIN_CPU="true", METRICS_PUBLIC="true",
        PLEX_VERIFY_TLS="false", CACHE_TTL_SERCH="5",
    ) as server:  # fmt: skip
        workers = Path(f"/proc/{server.process.pid}/task/{server.process.pid}/children").read_text().split()
        assert [len(os.sched_getaffinity(int(worker))) for worker in workers] == [1]
        assert server.session.get(f"{server.url}/metrics", timeout=5).status_code == 200
        told = [line for line in server.log().splitlines() if "warning" in line]
    assert len([line for line in told if "CACHE_TTL_SERCH" in line]) == 1
    assert len([line for line in told if "PLEX_VERIFY_TLS=false" in line]) == 1


def test_settings_at_fault_are_all_listed_and_end_with_78() -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "plex_mcp", "serve"],
        env=environment(PLEX_SERVER_URL="plex.home", BIND="nowhere"),
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ended.returncode == 78
    assert [
        name
        for name in ("PLEX_SERVER_URL", "PLEX_TOKEN", "REDIS_URL", "AUTH_TOKEN", "BIND")
        if name not in ended.stderr
    ] == []


def test_quickstart_once_shows_every_tool_and_ends_well() -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "plex_mcp", "quickstart", "--once"],
        env=environment(),
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    called = set(re.findall(r"→ (\w+) \{", ended.stdout))
    assert {"search_media", "get_media_details", "list_libraries", "get_playback_status", "control_playback"} <= called
    assert {"get_recently_added", "get_on_deck"} <= called
    assert '"mcpServers"' in ended.stdout
    assert TOKEN not in ended.stdout
    assert shape(ended.stdout) == shape(printed(CAST.read_text(encoding="utf-8"))), "run `make recording`"


def test_quickstart_with_ones_own_plex_only_reads(plex: StandIn) -> None:
    plex.counters.reset()
    ended = subprocess.run(
        [sys.executable, "-m", "plex_mcp", "quickstart", "--once"],
        env=environment(PLEX_SERVER_URL=plex.url, PLEX_TOKEN=plex.token),
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    written = [path for path in plex.counters.paths if re.search(r"/player/playback|/:/|terminate|playQueues", path)]
    assert written == []
    assert plex.token not in ended.stdout + ended.stderr


@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_quickstart_leaves_no_process_behind_however_it_is_ended(ending: signal.Signals) -> None:
    port = free_port()
    with subprocess.Popen(
        [sys.executable, "-m", "plex_mcp", "quickstart"],
        env=environment(BIND=f"127.0.0.1:{port}"),
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
        # Whoever runs the tests may ignore some of them, as nohup and a shell's background jobs do.
        preexec_fn=lambda: [signal.signal(each, signal.SIG_DFL) for each in (signal.SIGINT, signal.SIGHUP)],  # noqa: PLW1509
    ) as running:
        assert running.stdout is not None
        redis_port = 0
        for line in running.stdout:
            if found := re.search(r"redis://127\.0\.0\.1:(\d+)", line):
                redis_port = int(found[1])
            if line.startswith("Serving until"):
                break
        assert (listens(port), listens(redis_port)) == (True, True)
        running.send_signal(ending)
        assert running.wait(timeout=40) == 0
    assert (listens(port), listens(redis_port)) == (False, False)


def test_quickstart_ends_quietly_when_nobody_reads_on() -> None:
    """`plex-mcp quickstart --once | head -3`: no traceback, and no server or Redis left behind."""
    port = free_port()
    with subprocess.Popen(
        [sys.executable, "-m", "plex_mcp", "quickstart", "--once"],
        env=environment(BIND=f"127.0.0.1:{port}"),
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as running:
        assert running.stdout is not None
        assert running.stderr is not None
        redis_port = 0
        for line in running.stdout:
            if found := re.search(r"redis://127\.0\.0\.1:(\d+)", line):
                redis_port = int(found[1])
            if line.startswith("Connected"):
                break
        running.stdout.close()
        said = running.stderr.read()
        assert (running.wait(timeout=60), said) == (141, "")
    assert (listens(port), listens(redis_port)) == (False, False)


def listens(port: int) -> bool:
    with socket.socket() as caller:
        return caller.connect_ex(("127.0.0.1", port)) == 0


def test_the_demonstration_cuts_long_lines_between_words_and_shows_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("COLUMNS", raising=False)
    (line,) = lines_of({"items": [{"title": "Decaf", "media_id": "53", "genres": ["Science Fiction"] * 12}]})
    assert re.fullmatch(r"• Decaf, genres .*\b(Science|Fiction), …  \[53\]|• Decaf, genres .*Science …  \[53\]", line)
    assert len(line) <= 160


@pytest.mark.parametrize("columns", [60, 80, 120])
def test_the_demonstration_stays_inside_the_terminal(monkeypatch: pytest.MonkeyPatch, columns: int) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    item = {"title": "Decaf", "session_id": "sess0003androidtvliv", "genres": ["Science Fiction"] * 12}
    lines = lines_of({"items": [item], "item": item, "sent": "play it " * 30, "total": 1})
    assert max(map(len, lines)) <= columns - 5
    assert [line for line in lines if "Decaf" in line and not line.endswith("…  [sess0003androidtvliv]")] == []
    assert " ".join(lines).split().count("play") == 30

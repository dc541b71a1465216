"""`plex-mcp check` in a healthy household and in every broken state we could think of: the right diagnosis."""

from __future__ import annotations

import io
import json
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import redis

from plex_mcp import check
from plex_mcp.check import plex as check_plex
from plex_mcp.check import redis as check_redis
from plex_mcp.check.plex import _TOKEN_ADVICE
from plex_mcp.quickstart.redis import free_port
from plex_mcp.settings import Settings
from plex_mcp.standin import StandIn
from tests.check.conftest import (
    answering,
    certificate,
    forwarding,
    http_server,
    mcp_answer,
    redis_server,
    silent_server,
)
from tests.serving import ROOT, environment

Environ = dict[str, str]


def diagnosed(environ: Mapping[str, str]) -> tuple[int, dict[str, dict[str, str]]]:
    """Exit status and findings by what was looked at."""
    out = io.StringIO()
    status = check.main(environ, as_json=True, out=out)
    report: dict[str, Any] = json.loads(out.getvalue())
    assert report["exit_status"] == status
    assert report["ok"] is (status == 0)
    for secret in ("PLEX_TOKEN", "AUTH_TOKEN"):
        assert environ[secret] not in out.getvalue()
    return status, {finding["what"]: finding for finding in report["findings"]}


def require(environ: Mapping[str, str], what: str, found: str, advice: str, *, status: str = "fail") -> None:
    """`what` was diagnosed so, the exit status says so, and no other check failed."""
    exit_status, findings = diagnosed(environ)
    finding = findings[what]
    assert finding["status"] == status, findings
    assert found in finding["found"], finding
    assert advice in finding["advice"], finding
    assert exit_status == (1 if status == "fail" else 0)
    assert [name for name, other in findings.items() if other["status"] == "fail" and name != what] == []


def test_a_healthy_household_passes(healthy: Environ) -> None:
    status, findings = diagnosed(healthy)
    assert status == 0
    assert {name: finding["status"] for name, finding in findings.items()} == {
        "settings": "ok",
        "plex dns": "ok",
        "plex tcp": "ok",
        "plex version": "ok",
        "plex token": "ok",
        "plex libraries": "ok",
        "plex players": "ok",
        "redis": "ok",
        "redis latency": "ok",
        "redis eviction": "ok",
        "mcp call": "skip",
    }


def test_lines_for_people_say_the_same_in_one_line_each(healthy: Environ) -> None:
    out = io.StringIO()
    assert check.main(healthy | {"PLEX_TOKEN": "not-the-token"}, out=out) == 1
    lines = out.getvalue().splitlines()
    assert [line for line in lines if line.startswith("FAIL")] == [
        f"FAIL  plex token: Plex refuses the token (401). {_TOKEN_ADVICE}",
    ]
    assert lines[-1] == "1 of 9 checks failed."
    assert "not-the-token" not in out.getvalue()


@pytest.mark.parametrize("how", [["--json"], []])
def test_a_reader_that_has_gone_ends_it_without_a_word(healthy: Environ, how: list[str]) -> None:
    """`plex-mcp check --json | head` ended with a traceback, and status 120, of Python's last flush."""
    reader, writer = os.pipe()
    os.close(reader)
    ended = subprocess.run(
        [sys.executable, "-m", "plex_mcp", "check", *how],
        env=environment(**healthy),
        cwd=ROOT,
        stdout=writer,
        stderr=subprocess.PIPE,
        text=True,
        timeout=60,
        check=False,
    )
    os.close(writer)
    assert (ended.returncode, ended.stderr) == (141, "")


def test_settings_at_fault_end_the_check_with_78_and_all_faults(healthy: Environ) -> None:
    out = io.StringIO()
    assert check.main(healthy | {"AUTH_TOKEN": "short", "THREADS": "many"}, out=out) == 78
    assert "AUTH_TOKEN needs at least 16" in out.getvalue()
    assert "THREADS must be a whole number" in out.getvalue()
    assert "plex" not in out.getvalue().lower().replace("plex-mcp", "")


def test_a_misspelt_setting_is_a_warning(healthy: Environ) -> None:
    status, findings = diagnosed(healthy | {"CACHE_TTL_SERCH": "5"})
    assert status == 0
    assert findings["settings"]["status"] == "ok"
    out = io.StringIO()
    check.main(healthy | {"CACHE_TTL_SERCH": "5"}, out=out)
    assert "did you mean CACHE_TTL_SEARCH" in out.getvalue()


def test_host_without_address(healthy: Environ) -> None:
    broken = healthy | {"PLEX_SERVER_URL": "http://plex.invalid:32400"}
    require(broken, "plex dns", "no address", "PLEX_SERVER_URL")


def test_wrong_port(healthy: Environ) -> None:
    broken = healthy | {"PLEX_SERVER_URL": f"http://127.0.0.1:{free_port()}"}
    require(broken, "plex tcp", "refuses port", "Start Plex")


def test_something_else_than_plex_listens(healthy: Environ) -> None:
    with http_server(answering(200, "<html><body>It works!</body></html>")) as port:
        broken = healthy | {"PLEX_SERVER_URL": f"http://127.0.0.1:{port}"}
        require(broken, "plex identity", "not from a Plex", "host and port")


def test_plex_is_starting(healthy: Environ) -> None:
    with http_server(answering(503, "")) as port:
        broken = healthy | {"PLEX_SERVER_URL": f"http://127.0.0.1:{port}"}
        require(broken, "plex identity", "503", "wait")


def test_plex_accepts_and_says_nothing(healthy: Environ) -> None:
    with silent_server() as port:
        broken = healthy | {"PLEX_SERVER_URL": f"http://127.0.0.1:{port}", "PLEX_READ_TIMEOUT": "0.3"}
        require(broken, "plex identity", "no answer within 0.3 s", "PLEX_READ_TIMEOUT")


def test_https_where_plex_speaks_http(healthy: Environ) -> None:
    broken = healthy | {"PLEX_SERVER_URL": healthy["PLEX_SERVER_URL"].replace("http:", "https:")}
    require(broken, "plex tls", "does not complete a TLS handshake", "use http://")


def test_http_where_plex_speaks_tls(healthy: Environ, tmp_path: Path) -> None:
    context, _ = certificate(tmp_path)
    with http_server(answering(200, ""), context) as port:
        broken = healthy | {"PLEX_SERVER_URL": f"http://127.0.0.1:{port}"}
        require(broken, "plex identity", "without an HTTP answer", "https://")


@pytest.mark.parametrize(
    ("name", "days", "trusted", "found", "advice"),
    [
        ("127.0.0.1", 1, False, "signed by nobody we trust", "PLEX_CA_FILE"),
        ("elsewhere.example", 1, True, "for another name", "plex.direct"),
        ("127.0.0.1", -1, True, "expired", "Renew"),
    ],
)
def test_certificate_at_fault(
    healthy: Environ, tmp_path: Path, name: str, days: int, trusted: bool, found: str, advice: str
) -> None:
    context, file = certificate(tmp_path, name=name, days=days)
    with http_server(answering(200, ""), context) as port:
        broken = healthy | {"PLEX_SERVER_URL": f"https://127.0.0.1:{port}"}
        require(broken | ({"PLEX_CA_FILE": str(file)} if trusted else {}), "plex tls", found, advice)


def test_a_certificate_of_our_own_authority_is_accepted(healthy: Environ, tmp_path: Path) -> None:
    context, file = certificate(tmp_path)
    with http_server(forwarding(healthy["PLEX_SERVER_URL"]), context) as port:
        ours = healthy | {"PLEX_SERVER_URL": f"https://127.0.0.1:{port}", "PLEX_CA_FILE": str(file)}
        status, findings = diagnosed(ours)
        assert (status, findings["plex tls"]["status"], findings["plex libraries"]["status"]) == (0, "ok", "ok")
        require(
            healthy | {"PLEX_SERVER_URL": f"https://127.0.0.1:{port}", "PLEX_VERIFY_TLS": "false"},
            "plex tls",
            "not verified",
            "PLEX_VERIFY_TLS=true",
            status="warn",
        )


def test_wrong_token(healthy: Environ) -> None:
    require(healthy | {"PLEX_TOKEN": "not-the-token"}, "plex token", "401", "PLEX_TOKEN")


def test_old_version(healthy: Environ) -> None:
    with StandIn(library="small", version="1.29.2.6364-6d72b0cf6") as old:
        broken = healthy | {"PLEX_SERVER_URL": old.url, "PLEX_TOKEN": old.token}
        require(broken, "plex version", "older than 1.30", "Update")


def test_redis_down(healthy: Environ) -> None:
    require(healthy | {"REDIS_URL": f"redis://127.0.0.1:{free_port()}/0"}, "redis", "refused", "Start Redis")


def test_redis_host_without_address(healthy: Environ) -> None:
    require(healthy | {"REDIS_URL": "redis://redis.invalid:6379/0"}, "redis", "no address", "host")


def test_redis_says_nothing(healthy: Environ) -> None:
    with silent_server() as port:
        require(healthy | {"REDIS_URL": f"redis://127.0.0.1:{port}/0"}, "redis", "no answer", "firewalls")


def test_what_listens_is_no_redis(healthy: Environ) -> None:
    with http_server(answering(200, "")) as port:
        require(healthy | {"REDIS_URL": f"redis://127.0.0.1:{port}/0"}, "redis", "", "host and port")


def test_tls_to_a_plain_redis(healthy: Environ) -> None:
    broken = healthy | {"REDIS_URL": healthy["REDIS_URL"].replace("redis:", "rediss:")}
    require(broken, "redis", "TLS handshake", "redis://")


def test_redis_database_that_does_not_exist(healthy: Environ) -> None:
    require(healthy | {"REDIS_URL": healthy["REDIS_URL"][:-1] + "999"}, "redis", "error", "database number")


def test_redis_passwords(healthy: Environ) -> None:
    with redis_server(
        "--requirepass", "the-password", "--maxmemory", "32mb", "--maxmemory-policy", "allkeys-lru"
    ) as at:
        require(healthy | {"REDIS_URL": f"redis://{at}/0"}, "redis", "password", "REDIS_URL")
        require(healthy | {"REDIS_URL": f"redis://:a-wrong-one@{at}/0"}, "redis", "refuses the password", "Correct")
        status, _ = diagnosed(healthy | {"REDIS_URL": f"redis://:the-password@{at}/0"})
        assert status == 0


@pytest.mark.parametrize(
    ("allowed", "found"),
    [
        (("~*", "+get", "+set", "+ping", "+info"), "SET and MGET"),
        (("~other:*", "+mget", "+set", "+ping", "+info"), "SET and MGET"),
        (("~*", "+mget", "+set", "+ping"), "may not run these commands"),
    ],
)
def test_redis_user_who_may_not_do_what_the_cache_does(healthy: Environ, allowed: tuple[str, ...], found: str) -> None:
    with redis_server("--maxmemory", "32mb", "--maxmemory-policy", "allkeys-lru") as at:
        with redis.Redis.from_url(f"redis://{at}/0") as owner:
            owner.execute_command("ACL", "SETUSER", "cache", "on", ">the-password", *allowed)
        require(healthy | {"REDIS_URL": f"redis://cache:the-password@{at}/0"}, "redis", found, "MGET")


def test_redis_that_is_a_node_of_a_cluster(healthy: Environ, tmp_path: Path) -> None:
    """A node that holds all slots does for the cache, one of several refuses most names."""
    options = ("--cluster-enabled", "yes", "--dir", str(tmp_path), "--maxmemory", "32mb")
    with redis_server(*options, "--maxmemory-policy", "allkeys-lru") as at:
        broken = healthy | {"REDIS_URL": f"redis://{at}/0"}
        with redis.Redis.from_url(f"redis://{at}/0") as owner:
            owner.config_set("cluster-require-full-coverage", "no")
            owner.execute_command("CLUSTER", "ADDSLOTSRANGE", 0, 8191)
            require(broken, "redis", "cluster", "no cluster")
            owner.execute_command("CLUSTER", "ADDSLOTSRANGE", 8192, 16383)
            noticing = threading.Event()
            assert any(diagnosed(broken)[0] == 0 or noticing.wait(0.1) for _ in range(100)), "it takes 2 s to notice"
            held = owner.info("keyspace")["db0"]
            assert held["keys"] == held["expires"], "what was tried is gone soon"


def test_redis_that_takes_nothing(healthy: Environ) -> None:
    with redis_server("--maxmemory", "32mb", "--maxmemory-policy", "allkeys-lru", "--replicaof", "127.0.0.1 9") as at:
        require(healthy | {"REDIS_URL": f"redis://{at}/0"}, "redis", "replica", "primary")


def test_redis_that_is_full(healthy: Environ) -> None:
    with redis_server("--maxmemory", "1kb", "--maxmemory-policy", "noeviction") as at:
        status, findings = diagnosed(healthy | {"REDIS_URL": f"redis://{at}/0"})
    assert (status, findings["redis"]["status"], findings["redis"]["found"]) == (1, "fail", "memory is full")


def test_redis_that_does_not_evict(healthy: Environ) -> None:
    with redis_server("--maxmemory", "32mb", "--maxmemory-policy", "noeviction") as at:
        require(healthy | {"REDIS_URL": f"redis://{at}/0"}, "redis eviction", "noeviction at 32 MiB", "allkeys-lru")


def test_redis_without_a_memory_limit_is_a_warning(healthy: Environ) -> None:
    with redis_server() as at:
        broken = healthy | {"REDIS_URL": f"redis://{at}/0"}
        require(broken, "redis eviction", "not limited", "maxmemory", status="warn")


@pytest.mark.parametrize(
    ("answer", "status", "found", "advice"),
    [
        ((401, "{}"), "fail", "refuses AUTH_TOKEN", "another one"),
        ((500, "{}"), "fail", "HTTP 500", "log"),
        ((200, "hello"), "fail", "not JSON", "BIND"),
        ((200, "[]"), "fail", "no MCP result", "Something else"),
        ((200, mcp_answer(isError=True)), "fail", "list_libraries fails", "log"),
        ((200, mcp_answer(structuredContent={"stale": True})), "warn", "stale copy", "remembers"),
    ],
)
def test_what_the_server_beside_us_answers(
    healthy: Environ, answer: tuple[int, str], status: str, found: str, advice: str
) -> None:
    with http_server(answering(*answer)) as port:
        require(healthy | {"BIND": f"127.0.0.1:{port}"}, "mcp call", found, advice, status=status)


def test_a_server_that_answers_well(healthy: Environ) -> None:
    with http_server(answering(200, mcp_answer(structuredContent={"items": []}))) as port:
        _, findings = diagnosed(healthy | {"BIND": f"127.0.0.1:{port}"})
    assert findings["mcp call"]["status"] == "ok"


IDENTITY = '<MediaContainer machineIdentifier="m1" version="1.40.0.1"/>'
EMPTY = "<MediaContainer/>"


@pytest.mark.parametrize(
    ("answers", "what", "found", "advice", "status"),
    [
        ({"/": (403, "")}, "plex token", "may not use this server", "PLEX_TOKEN", "fail"),
        ({"/": (500, "")}, "plex token", "HTTP 500", "log", "fail"),
        ({"/library/sections": (403, "")}, "plex libraries", "HTTP 403", "token", "fail"),
        ({"/library/sections": (200, EMPTY)}, "plex libraries", "none is visible", "Share a library", "warn"),
        ({"/clients": (403, "")}, "plex players", "may not be listed", "owner", "warn"),
        ({"/status/sessions": (401, "<html/>")}, "plex players", "may not be listed", "owner", "warn"),
        ({}, "plex players", "none is on", "let it be controlled", "warn"),
    ],
)
def test_what_plex_shows_to_this_token(
    healthy: Environ, answers: dict[str, tuple[int, str]], what: str, found: str, advice: str, status: str
) -> None:
    library = '<MediaContainer><Directory key="1"/></MediaContainer>'
    all_well = {"/identity": (200, IDENTITY), "/library/sections": (200, library)}

    def answer(request: Any) -> None:
        answering(*(all_well | answers).get(request.path, (200, EMPTY)))(request)

    with http_server(answer) as port:
        broken = healthy | {"PLEX_SERVER_URL": f"http://127.0.0.1:{port}"}
        require(broken, what, found, advice, status=status)


@pytest.mark.parametrize(
    ("error", "found", "advice"),
    [(TimeoutError(), "does not answer", "firewall"), (OSError(), "cannot be reached", "route")],
)
def test_plex_behind_a_wall(
    healthy: Environ, monkeypatch: pytest.MonkeyPatch, error: OSError, found: str, advice: str
) -> None:
    def refuse(*_: Any, **__: Any) -> None:
        raise error

    monkeypatch.setattr(check_plex, "socket", SimpleNamespace(**vars(socket) | {"create_connection": refuse}))
    require(healthy, "plex tcp", found, advice)


@pytest.mark.parametrize(
    ("error", "found"),
    [
        (redis.exceptions.AuthorizationError("denied"), "may not run these commands"),
        (redis.ResponseError("NOPERM this user has no permissions"), "wants a password, or another user"),
        (redis.ConnectionError("[SSL: WRONG_VERSION_NUMBER]"), "the TLS handshake fails"),
        (redis.RedisError("what"), "does not speak Redis"),
    ],
)
def test_what_redis_refuses(
    healthy: Environ, monkeypatch: pytest.MonkeyPatch, error: redis.RedisError, found: str
) -> None:
    def fail(*_: Any) -> None:
        raise error

    monkeypatch.setattr(check_redis, "_look", fail)
    require(healthy, "redis", found, "Until then answers are kept in the process alone.")


def test_a_redis_that_is_old_and_far_away(healthy: Environ) -> None:
    settings = Settings.from_env(healthy)
    info = {"redis_version": "5.0.14", "maxmemory_policy": "allkeys-lru", "maxmemory": 64 << 20}
    client = SimpleNamespace(
        ping=lambda: threading.Event().wait(0.02),
        info=lambda: info,
        set=lambda *_args, **_options: True,
        mget=lambda *names: [b"1"] * len(names),
    )
    looked = list(check_redis._look(client, replace(settings, redis_timeout_s=0.01)))  # type: ignore[arg-type]
    assert [(each.what, each.status.value) for each in looked] == [
        ("redis", "fail"),
        ("redis latency", "fail"),
        ("redis eviction", "ok"),
    ]
    assert looked[0].found == "version 5.0.14 is older than 6.0"

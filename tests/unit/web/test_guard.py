"""Host, Origin, sizes, and what every answer carries."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from plex_mcp.telemetry.metrics import REGISTRY
from plex_mcp.web.guard import is_listed, name_of
from plex_mcp.web.intake import BODY_LIMIT_BYTES
from tests.unit.web.conftest import BEARER

Build = Callable[..., Flask]


def status(app: Flask, path: str = "/mcp", **headers: str) -> int:
    client = app.test_client()
    sent = BEARER | {name.replace("_", "-"): value for name, value in headers.items()}
    return (client.post if path.startswith("/mcp") else client.get)(path, headers=sent).status_code


@pytest.mark.parametrize("path", ["/mcp//", "//mcp", "/health//live"])
def test_nothing_is_redirected(build: Build, path: str) -> None:
    answer = build().test_client().post(path, base_url="http://localhost")
    assert answer.status_code == 404
    assert answer.mimetype == "application/json"


@pytest.mark.parametrize(
    "host", ["localhost", "LOCALHOST:8000", "127.0.0.1", "127.0.0.1:1", "[::1]:8000", "localhost.:8000"]
)
def test_loopback_names_are_served(build: Build, host: str) -> None:
    assert status(build(), Host=host) == 200


@pytest.mark.parametrize(
    "host",
    [
        "",
        "evil.example",
        "evil.example:8000",
        "localhost.evil.example",
        "127.0.0.1.evil.example",
        "127.0.0.1@evil.example",
        "evil.example#localhost",
        "localhost, evil.example",
        "0.0.0.0:8000",
        "0:8000",
        "[::]",
        "[::ffff:127.0.0.1]",
        "::1",
        "localhost:8000:8000",
        "localhost:evil",
        "2130706433",
    ],
)
def test_other_hosts_are_misdirected_on_every_route_but_health(build: Build, host: str) -> None:
    app = build(BIND="0.0.0.0:8000")
    for path in ("/mcp", "/metrics", "/nothing", "/.well-known/oauth-protected-resource"):
        assert status(app, path, Host=host) == 421, path
    assert status(app, "/health/live", Host=host) == 200


def test_allowed_hosts_add_to_loopback_and_the_bound_address(build: Build) -> None:
    app = build(BIND="192.168.1.5:8000", ALLOWED_HOSTS="plex-mcp.media, mcp.example.com:8443")
    assert [status(app, Host=host) for host in ("192.168.1.5:8000", "plex-mcp.media:80", "127.0.0.1")] == [200] * 3
    assert [status(app, Host=host) for host in ("mcp.example.com:8443", "mcp.example.com")] == [200, 421]


def test_the_pods_address_is_served_for_metrics_only(build: Build) -> None:
    app = build(POD_IP="10.42.0.7", BIND="0.0.0.0:8000")
    assert status(app, "/metrics", Host="10.42.0.7:8000") == 200
    assert status(app, "/mcp", Host="10.42.0.7:8000") == 421
    six = build(POD_IP="fd00:0::7", BIND="[::]:8000")
    assert status(six, "/metrics", Host="[fd00::7]:8000") == 200


@pytest.mark.parametrize(
    ("origin", "expected"),
    [
        ("http://localhost:6274", 200),
        ("http://127.0.0.1", 200),
        ("https://chat.example.com", 200),
        ("https://CHAT.example.com", 200),
        ("http://chat.example.com", 403),
        ("https://chat.example.com.evil.example", 403),
        ("https://evil.example", 403),
        ("https://localhost@evil.example", 403),
        ("https://evil.example@localhost", 403),
        ("http://localhost/evil", 403),
        ("http://[::1", 403),
        ("file://", 403),
        ("null", 403),
        ("", 403),
    ],
)
def test_origins_are_listed_or_loopback_or_absent(build: Build, origin: str, expected: int) -> None:
    app = build(ALLOWED_ORIGINS="https://chat.example.com")
    assert status(app, Origin=origin) == expected
    assert status(app) == 200


def test_a_forged_host_is_refused_before_the_token_is_looked_at(build: Build) -> None:
    app = build()
    assert app.test_client().post("/mcp", headers={"Host": "evil.example"}).status_code == 421
    assert app.test_client().post("/mcp", headers={"Origin": "https://evil.example"}).status_code == 403


def test_a_body_over_the_limit_is_refused_and_one_at_the_limit_is_not(build: Build) -> None:
    client = build().test_client()
    assert client.post("/mcp", headers=BEARER, data=b"x" * BODY_LIMIT_BYTES).status_code == 200
    assert client.post("/mcp", headers=BEARER, data=b"x" * (BODY_LIMIT_BYTES + 1)).status_code == 413


@pytest.mark.parametrize("path", ["/mcp", "/metrics", "/health/live", "/nothing", "/mcp/bug"])
def test_every_answer_carries_the_secure_headers_once(build: Build, path: str) -> None:
    client = build().test_client()
    answer = (client.post if path.startswith("/mcp") else client.get)(path, headers=BEARER)
    assert {
        name: answer.headers.getlist(name) for name in ("Cache-Control", "X-Content-Type-Options", "Referrer-Policy")
    } == {
        "Cache-Control": ["no-store"],
        "X-Content-Type-Options": ["nosniff"],
        "Referrer-Policy": ["no-referrer"],
    }
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; frame-ancestors 'none'"
    assert "Server" not in answer.headers
    assert "Strict-Transport-Security" not in answer.headers
    assert "Access-Control-Allow-Origin" not in answer.headers


def test_a_stream_keeps_its_own_cache_control(build: Build) -> None:
    answer = build().test_client().post("/mcp/stream", headers=BEARER)
    assert answer.headers.getlist("Cache-Control") == ["no-cache, no-transform"]


def test_forwarded_headers_count_only_from_configured_proxies(build: Build) -> None:
    forged = BEARER | {
        "X-Forwarded-For": "203.0.113.9",
        "X-Forwarded-Proto": "https",
        "X-Forwarded-Host": "evil.example",
        "X-Forwarded-Port": "1",
        "X-Forwarded-Prefix": "/evil",
    }
    plain = build().test_client().get("/mcp/caller", headers=forged)
    assert plain.data == b"127.0.0.1 http localhost"
    behind = build(TRUSTED_PROXIES="1").test_client().get("/mcp/caller", headers=forged)
    assert behind.data == b"203.0.113.9 https localhost"
    assert behind.headers["Strict-Transport-Security"] == "max-age=31536000"


def test_only_the_last_proxies_say_is_believed(build: Build) -> None:
    forged = BEARER | {"X-Forwarded-For": "10.0.0.1, 203.0.113.9"}
    assert build(TRUSTED_PROXIES="1").test_client().get("/mcp/caller", headers=forged).data.startswith(b"203.0.113.9 ")


def test_oauth_discovery_and_registration_are_plain_404_without_a_token(build: Build) -> None:
    """Clients that find anything else there ignore the configured token, or fail on it (mcp-wire.md section 3)."""
    client = build().test_client()
    for path in (
        "/.well-known/oauth-protected-resource",
        "/.well-known/oauth-protected-resource/mcp",
        "/.well-known/oauth-authorization-server",
        "/.well-known/openid-configuration",
        "/register",
    ):
        for method in (client.get, client.post):
            answer = method(path)
            assert (answer.status_code, answer.json) == (404, {"error": "Not Found."})
            assert "WWW-Authenticate" not in answer.headers


def test_a_bug_is_a_500_that_says_nothing(build: Build) -> None:
    answer = build().test_client().post("/mcp/bug", headers=BEARER)
    assert (answer.status_code, answer.json) == (500, {"error": "Internal error."})


def test_refusals_are_counted_by_reason(build: Build) -> None:
    def count(reason: str) -> float:
        return REGISTRY.get_sample_value("plex_mcp_http_refused_total", {"reason": reason}) or 0

    before = [count("host"), count("origin"), count("too_large")]
    app = build()
    status(app, Host="evil.example")
    status(app, Origin="null")
    app.test_client().post("/mcp", headers=BEARER, data=b"x" * (BODY_LIMIT_BYTES + 1))
    assert [count("host"), count("origin"), count("too_large")] == [number + 1 for number in before]


@given(st.text(max_size=40))
def test_no_text_is_listed_unless_its_name_is(host: str) -> None:
    hosts = frozenset({"localhost", "[::1]"})
    if is_listed(host, hosts):
        assert name_of(host) in hosts
        assert (
            host.removeprefix(name_of(host)).removeprefix(".").removeprefix(":").isdecimal()
            or host.rstrip(".:") in hosts
        )

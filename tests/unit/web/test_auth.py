"""Who may call."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask
from structlog.testing import capture_logs

from plex_mcp.web.auth import FAILURES_PER_MINUTE, FailedAttempts, address_group
from plex_mcp.web.rate import TokenRate
from tests.unit.web.conftest import BEARER, TOKEN, FakeClock

Build = Callable[..., Flask]
OTHER = "canary-15b0f00a08aa0c97"


def post(app: Flask, authorization: str | None = None, address: str = "192.0.2.1", path: str = "/mcp") -> object:
    headers = {} if authorization is None else {"Authorization": authorization}
    return app.test_client().post(path, headers=headers, environ_overrides={"REMOTE_ADDR": address})


def status(app: Flask, authorization: str | None = None, address: str = "192.0.2.1") -> int:
    return post(app, authorization, address).status_code  # type: ignore[attr-defined,no-any-return]


@pytest.mark.parametrize("authorization", [f"Bearer {TOKEN}", f"bearer {TOKEN}", f"BEARER  {TOKEN} "])
def test_the_token_is_accepted_whatever_the_case_of_the_scheme(build: Build, authorization: str) -> None:
    assert status(build(), authorization) == 200


@pytest.mark.parametrize(
    "authorization",
    [
        "",
        "Bearer",
        "Bearer ",
        TOKEN,
        f"Basic {TOKEN}",
        f"Bearer{TOKEN}",
        f"Bearer {TOKEN}x",
        f"Bearer {TOKEN[:-1]}",
        f"Bearer {TOKEN.upper()}",
        f"Bearer x,{TOKEN}",
        f"Bearer {TOKEN},{OTHER}",
        "Bearer \u00ff\u00fe",
        f"Bearer {'x' * 8000}",
    ],
)
def test_anything_else_is_401_with_a_challenge(build: Build, authorization: str) -> None:
    answer = post(build(), authorization)
    assert answer.status_code == 401  # type: ignore[attr-defined]
    assert answer.headers["WWW-Authenticate"].startswith('Bearer realm="plex-mcp"')  # type: ignore[attr-defined]
    assert TOKEN.encode() not in answer.data  # type: ignore[attr-defined]


def test_the_challenge_tells_a_missing_token_from_a_wrong_one(build: Build) -> None:
    app = build()
    assert post(app).headers["WWW-Authenticate"] == 'Bearer realm="plex-mcp"'  # type: ignore[attr-defined]
    wrong = post(app, "Bearer wrong").headers["WWW-Authenticate"]  # type: ignore[attr-defined]
    assert wrong == 'Bearer realm="plex-mcp", error="invalid_token"'


@pytest.mark.parametrize(
    "place", [f"/mcp?token={TOKEN}", f"/mcp?access_token={TOKEN}", f"/mcp?Authorization=Bearer+{TOKEN}"]
)
def test_a_token_in_the_address_does_not_count(build: Build, place: str) -> None:
    assert post(build(), path=place).status_code == 401  # type: ignore[attr-defined]


def test_two_authorization_headers_are_none(build: Build) -> None:
    """gunicorn joins them with a comma; neither may then pass."""
    assert status(build(), f"Bearer {TOKEN},Bearer {TOKEN}") == 401


def test_each_of_several_tokens_is_accepted(build: Build) -> None:
    app = build(AUTH_TOKEN=f"{TOKEN},{OTHER}")
    assert [status(app, f"Bearer {token}") for token in (TOKEN, OTHER, f"{TOKEN},{OTHER}")] == [200, 200, 401]


def test_a_rotated_token_file_counts_from_the_next_request_on(build: Build, tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text(TOKEN)
    app = build(AUTH_TOKEN="", AUTH_TOKEN_FILE=str(file))
    assert [status(app, f"Bearer {TOKEN}"), status(app, f"Bearer {OTHER}")] == [200, 401]
    new = tmp_path / "new"
    new.write_text(OTHER)
    new.replace(file)
    assert [status(app, f"Bearer {TOKEN}"), status(app, f"Bearer {OTHER}")] == [401, 200]


def test_guessing_is_answered_429_with_the_time_to_wait(build: Build, clock: FakeClock) -> None:
    app = build()
    assert [status(app, f"Bearer guess-{number}") for number in range(FAILURES_PER_MINUTE + 2)] == [
        *[401] * FAILURES_PER_MINUTE,
        429,
        429,
    ]
    clock.now += 20
    assert post(app, "Bearer x").headers["Retry-After"] == "40"  # type: ignore[attr-defined]
    clock.now += 40
    assert status(app, "Bearer x") == 401


def test_a_valid_token_is_never_refused_because_others_guess_from_its_address(build: Build) -> None:
    app = build()
    for number in range(100):
        status(app, f"Bearer guess-{number}")
    assert status(app, f"Bearer {TOKEN}") == 200


def test_one_address_guessing_does_not_change_what_another_is_told(build: Build) -> None:
    app = build()
    for number in range(20):
        status(app, f"Bearer guess-{number}", address="192.0.2.1")
    assert status(app, "Bearer x", address="192.0.2.2") == 401


def test_a_guesser_writes_two_lines_a_minute_and_never_what_it_guessed(build: Build) -> None:
    app = build()
    with capture_logs() as lines:
        for number in range(200):
            status(app, f"Bearer canary-guess-{number}")
    assert [(line["event"], line["limited"]) for line in lines] == [("auth.refused", False), ("auth.refused", True)]
    assert "canary" not in repr(lines)


def test_the_memory_of_failures_is_bounded(clock: FakeClock) -> None:
    failures = FailedAttempts(clock=clock)
    for number in range(20_000):
        failures.add(f"10.{number >> 16}.{number >> 8 & 255}.{number & 255}")
    assert len(failures._windows) == 4096


@pytest.mark.parametrize(
    ("address", "group"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"),
        ("2001:db8:1:2:ffff::", "2001:db8:1:2::"),
        ("", "unknown"),
        ("canary\nforged", "unknown"),
    ],
)
def test_an_ipv6_network_counts_as_one_address(address: str, group: str) -> None:
    assert address_group(address) == group


def test_the_rate_limit_is_per_token_and_ends_with_its_minute(build: Build) -> None:
    app = build(AUTH_TOKEN=f"{TOKEN},{OTHER}", RATE_LIMIT="3")
    assert [status(app, f"Bearer {TOKEN}") for _ in range(4)] == [200, 200, 200, 429]
    assert status(app, f"Bearer {OTHER}") == 200
    refused = post(app, f"Bearer {TOKEN}")
    assert 1 <= int(refused.headers["Retry-After"]) <= 60  # type: ignore[attr-defined]


def test_zero_switches_the_rate_limit_off(build: Build) -> None:
    app = build(RATE_LIMIT="0")
    assert {status(app, f"Bearer {TOKEN}") for _ in range(50)} == {200}


def test_a_window_lets_exactly_its_number_through(clock: FakeClock) -> None:
    rate = TokenRate(5, clock=clock)
    assert [rate.take("a") for _ in range(6)] == [None] * 5 + [60.0]
    clock.now += 59.5
    assert rate.take("a") == 1.0
    clock.now += 0.5
    assert rate.take("a") is None


def test_the_rate_of_so_many_tokens_is_remembered_and_no_more(clock: FakeClock) -> None:
    rate = TokenRate(1, clock=clock)
    for number in range(65):
        assert rate.take(str(number)) is None
        clock.now += 0.1
    assert rate.take("1") is not None
    assert rate.take("0") is None, "the one whose minute ends first was forgotten"


def test_the_default_rate_limit_lets_fifty_busy_clients_work() -> None:
    """A replica at its limits answers 450 calls a second (deploy.md)."""
    from plex_mcp.settings import OPTIONS

    (default,) = [option.default for option in OPTIONS if option.name == "RATE_LIMIT"]
    assert int(default or 0) >= 2 * 450 * 60


@pytest.mark.parametrize(("public", "expected"), [("false", 401), ("true", 200)])
def test_metrics_need_the_token_unless_public(build: Build, public: str, expected: int) -> None:
    client = build(METRICS_PUBLIC=public).test_client()
    assert client.get("/metrics").status_code == expected
    assert client.get("/metrics", headers=BEARER).status_code == 200

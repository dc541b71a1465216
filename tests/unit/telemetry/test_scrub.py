"""The second line: whatever form a secret takes on its way into a line."""

from __future__ import annotations

import json
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plex_mcp.telemetry.scrub import Scrubber

TOKEN = 'canary-"quo\\ted"/+=-token'
REDIS = "redis://user:canary%2Fpass@10.0.0.1:6379/0"
TOKENS = "canary-first-token,canary-second-token"


@pytest.fixture
def scrub() -> Scrubber:
    return Scrubber([lambda: TOKEN, lambda: REDIS, lambda: TOKENS])


@pytest.mark.parametrize(
    "line",
    [
        f"token {TOKEN} used",
        json.dumps({"token": TOKEN}),
        f"GET /library?X-Plex-Token={quote(TOKEN, safe='')}",
        f"connecting to {REDIS}",
        "password canary/pass refused",
        "password canary%2Fpass refused",
        "redis://user:canary%2Fpass@10.0.0.1:6379/5",
        "Authorization: Bearer canary-first-token",
        "canary-second-token",
        f"[{TOKENS}]",
    ],
)
def test_known_secrets_are_masked_in_every_form(scrub: Scrubber, line: str) -> None:
    assert "***" in scrub(line)
    assert "canary" not in scrub(line)


@pytest.mark.parametrize(
    "line",
    [
        "GET /x?X-Plex-Token=canary1234&y=1",
        "GET /x?y=1&x-plex-token=canary1234",
        "X-Plex-Token%3Dcanary1234",
        "{'X-Plex-Token': 'canary1234'}",
        '{"X-Plex-Token": "canary1234"}',
        '{\\"X-Plex-Token\\": \\"canary1234\\"}',
        "('X-Plex-Token', 'canary1234')",
        '<User authToken="canary1234" />',
        "accessToken=canary1234",
        "access_token: canary1234",
        "/player/playback/playMedia?key=1&token=canary1234-x&type=video",
        "?token=canary1234",
        "%3Fkey%3D1%26token%3Dcanary1234",
        '<MediaContainer size="0" token="canary1234" />',
        '{"token": "canary1234"}',
        '{\\"token\\": \\"canary1234\\"}',
        "{'token': 'canary1234'}",
        "Authorization: Bearer canary1234",
        "authorization: bearer canary.1234~x",
        "Basic Y2FuYXJ5OjEyMzQ=canary",
        "rediss://:canary1234@host/0",
        "http://name:canary1234@plex:32400",
    ],
)
def test_tokens_that_nobody_told_us_about_are_masked_by_their_look(line: str) -> None:
    assert "canary1" not in Scrubber()(line)
    assert "***" in Scrubber()(line)


@pytest.mark.parametrize(
    "line",
    [
        "",
        "nothing here",
        "token",
        "5 tokens left",
        "kate@example.com",
        "at http://plex:32400/x",
        '{"progressToken": "abc123"}',
        "continuationToken=abc123",
        '{"had_token": true}',
        "had_token=True",
        "AUTH_TOKEN: must have 16 characters",
    ],
)
def test_other_lines_are_left_alone(scrub: Scrubber, line: str) -> None:
    assert scrub(line) == line


def test_what_a_secret_once_was_stays_masked_after_a_rotation() -> None:
    value = ["canary-old-token"]
    scrub = Scrubber([lambda: value[0]])
    assert scrub("canary-old-token") == "***"
    value[0] = "canary-new-token"
    assert scrub("canary-old-token canary-new-token") == "*** ***"


@given(
    st.text(alphabet=st.characters(min_codepoint=33, max_codepoint=126), min_size=16, max_size=60), st.text(), st.text()
)
def test_no_printable_token_survives_wherever_it_stands(token: str, before: str, after: str) -> None:
    scrub = Scrubber([lambda: token])
    for line in (
        before + token + after,
        json.dumps([before, token, after]),
        f"/x?X-Plex-Token={quote(token, safe='')}",
    ):
        scrubbed = scrub(line)
        for form in {token, json.dumps(token)[1:-1], quote(token, safe="")}:
            assert form not in scrubbed


def test_after_many_rotations_the_oldest_secrets_are_forgotten_and_the_others_are_not() -> None:
    numbers = iter(range(70))
    scrub = Scrubber([lambda: f"canary-rotation-{next(numbers):02}"])
    for number in range(66):
        assert scrub(f"canary-rotation-{number:02}") == "***"
    lines = [f"canary-rotation-{number:02}" for number in (0, 1, 60)]
    assert [scrub(line) == line for line in lines] == [True, True, False]

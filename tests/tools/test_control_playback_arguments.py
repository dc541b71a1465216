"""Arguments that cannot be meant: refused in words that name the argument, before Plex is asked anything."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from plex_mcp.errors import InvalidArgument, NotFound
from tests.tools.household import LIVING_ROOM, Household, household


@pytest.fixture(scope="module")
def home() -> Iterator[Household]:
    with household() as running:
        yield running


LONG = "x" * 10_000
CONTRADICTIONS = [
    ("seek", {}, "position"),
    ("seek", {"position": 5, "offset": 5}, "position"),
    ("seek", {"position": 0, "offset": 0}, "position"),
    ("seek", {"position": 5, "media_id": "1"}, "media_id"),
    ("set_volume", {}, "volume"),
    ("set_streams", {}, "audio_language"),
    ("set_streams", {"audio_language": "off"}, "audio_language"),
    ("play", {"episode": "latest"}, "episode"),
    ("play", {"position": 60}, "position"),
    ("play", {"position": 0}, "position"),
    ("play", {"shuffle": True}, "shuffle"),
    ("play", {"offset": 60, "media_id": "1"}, "offset"),
    ("play", {"media_id": "1", "shuffle": True, "episode": "first"}, "shuffle"),
    ("play", {"media_id": "1", "shuffle": True, "position": 0}, "shuffle"),
    ("play", {"media_id": "1", "volume": 0}, "volume"),
    ("play", {"media_id": "1", "subtitle_language": "de"}, "subtitle_language"),
    ("pause", {"media_id": "1"}, "media_id"),
    ("pause", {"position": 0}, "position"),
    ("pause", {"volume": 0}, "volume"),
    ("stop", {"episode": "next"}, "episode"),
    ("next", {"offset": -1}, "offset"),
    ("set_volume", {"volume": 5, "audio_language": "de"}, "audio_language"),
]


@pytest.mark.parametrize(("action", "arguments", "named"), CONTRADICTIONS)
def test_contradictions_name_the_argument_at_fault(
    home: Household, action: str, arguments: dict[str, Any], named: str
) -> None:
    error = home.refuses(InvalidArgument, action, client="tv", **arguments)
    assert error.message.startswith(f"{named}: ")
    assert home.plex.counters.requests == 0


OUT_OF_RANGE = [
    ({"action": "dance"}, "action must be one of play, pause, stop, seek, next, previous, set_volume, set_streams"),
    ({"action": ""}, "action must be one of"),
    ({"action": None}, "action must be one of"),
    ({}, "action is required"),
    ({"action": "seek", "position": -1}, "position must be a whole number from 0 to 86400"),
    ({"action": "seek", "position": 86_401}, "position must be a whole number from 0 to 86400"),
    ({"action": "seek", "position": 1.5}, "position must be a whole number"),
    ({"action": "seek", "position": "60"}, "position must be a whole number"),
    ({"action": "seek", "position": True}, "position must be a whole number"),
    ({"action": "seek", "offset": 90_000}, "offset must be a whole number from -86400 to 86400"),
    ({"action": "set_volume", "volume": 101}, "volume must be a whole number from 0 to 100"),
    ({"action": "set_volume", "volume": -1}, "volume must be a whole number from 0 to 100"),
    ({"action": "play", "media_id": 12}, "media_id must be text of 1 to 10 digits"),
    ({"action": "play", "media_id": ""}, "media_id must be text of 1 to 10 digits"),
    ({"action": "play", "media_id": "12 or 1"}, "media_id must be text of 1 to 10 digits"),
    ({"action": "play", "media_id": "../1"}, "media_id must be text of 1 to 10 digits"),
    ({"action": "play", "media_id": "@host/x"}, "media_id must be text of 1 to 10 digits"),
    ({"action": "play", "media_id": "/:/scrobble?key=1"}, "media_id must be text of 1 to 10 digits"),
    ({"action": "play", "media_id": "١٢"}, "media_id must be text of 1 to 10 digits"),
    ({"action": "play", "media_id": "1" * 11}, "media_id must be text of 1 to 10 digits"),
    ({"action": "play", "media_id": "1", "episode": "last"}, "episode must be one of next, latest, first, random"),
    ({"action": "play", "media_id": "1", "shuffle": "yes"}, "shuffle must be true or false"),
    ({"action": "pause", "client": ""}, "client must be text from 1 to 100 characters"),
    ({"action": "pause", "client": "   "}, "client must be text from 1 to 100 characters"),
    ({"action": "pause", "client": LONG}, "client must be text from 1 to 100 characters"),
    ({"action": "pause", "client": "Living\x00Room"}, "client must be plain text without control characters"),
    ({"action": "pause", "client": 7}, "client must be text from 1 to 100 characters"),
    ({"action": "pause", "client": ["tv"]}, "client must be text from 1 to 100 characters"),
    ({"action": "pause", "session_id": LONG}, "session_id must be text from 1 to 100 characters"),
    ({"action": "pause", "session_id": "a\nb"}, "session_id must be plain text without control characters"),
    ({"action": "set_streams", "subtitle_language": ""}, "subtitle_language must be text from 1 to 100 characters"),
    ({"action": "pause", "dry_run": 1}, "dry_run must be true or false"),
    ({"action": "pause", "user": "Robin"}, "unknown argument 'user'"),
]


@pytest.mark.parametrize(("arguments", "said"), OUT_OF_RANGE)
def test_values_out_of_range_are_refused_with_what_is_allowed(
    home: Household, arguments: dict[str, Any], said: str
) -> None:
    error = home.fails(InvalidArgument, "control_playback", **arguments)
    assert said in error.message
    assert len(error.message) < 400
    assert home.plex.counters.requests == 0


@pytest.mark.parametrize("tool", ["get_playback_status", "list_clients"])
@pytest.mark.parametrize("arguments", [{"limit": 3}, {"user": ""}, {"client": LONG}, {"user": "a\x1bb"}, {"client": 3}])
def test_reading_tools_refuse_what_they_do_not_know(home: Household, tool: str, arguments: dict[str, Any]) -> None:
    error = home.fails(InvalidArgument, tool, **arguments)
    assert next(iter(arguments)) in error.message
    assert home.plex.counters.requests == 0


@pytest.mark.parametrize(
    "name", ["../", "@host/x", "/:/scrobble", "*", "%", "' OR 1=1", "…", "<Player>", "http://evil", "-", "'"]
)
def test_odd_names_match_nobody_and_never_reach_plex(home: Household, name: str) -> None:
    error = home.refuses(NotFound, "pause", client=name)
    assert "No client matches" in error.message
    error = home.refuses(NotFound, "pause", session_id=name)
    assert "There is no session" in error.message
    asked = {path.partition("?")[0] for path in home.plex.counters.paths}
    assert asked <= {"GET /clients", "GET /status/sessions"}
    assert home.session(LIVING_ROOM).state == "playing"


def test_bidirectional_tricks_in_a_name_are_not_repeated(home: Household) -> None:
    error = home.refuses(NotFound, "pause", client="TV \u202egnip")
    assert "\u202e" not in error.message

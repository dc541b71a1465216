"""Commands and the cached playback status, through the real executor: what a command learnt is what is read next."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest

from plex_mcp.calls.execute import Executor
from plex_mcp.errors import NotControllable, ReadOnly, ToolError
from plex_mcp.plex import commands, companion
from plex_mcp.protocol.results import build_body
from tests.tools.household import DEN, LIVING_ROOM, TOOLS, Household, household


@pytest.fixture(autouse=True)
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(commands, "PAUSES_S", (0.0, 0.0))
    monkeypatch.setattr(companion, "COMMAND_TIMEOUT_S", 0.3)


class Server:
    """Tool calls as the protocol makes them. `plex_requests` is what the last one cost Plex."""

    def __init__(self, home: Household, executor: Executor) -> None:
        self.home = home
        self.executor = executor
        self.plex_requests = 0

    def call(self, name: str, **arguments: Any) -> dict[str, Any]:
        self.home.plex.counters.reset()
        try:
            outcome = self.executor.call(TOOLS[name], TOOLS[name].parse(arguments))
        finally:
            self.plex_requests = self.home.plex.counters.requests
        answer: dict[str, Any] = json.loads(outcome.structured)
        return answer

    def states(self) -> dict[str, str]:
        return {item["client_id"]: item["state"] for item in self.call("get_playback_status")["items"]}


@pytest.fixture
def server() -> Iterator[Server]:
    with household(environ={"CACHE_WARM": "false"}) as home:
        clock = itertools.count(1.79e9, 0.001).__next__  # nothing expires, and no two things happen at once
        with closing(
            Executor(home.client, home.client.settings, finish=build_body, tools=TOOLS, clock=clock)
        ) as executor:
            yield Server(home, executor)


def test_players_are_asked_for_anew_after_a_command(server: Server) -> None:
    def playing() -> dict[str, str | None]:
        return {player["client_id"]: player.get("session_id") for player in server.call("list_clients")["items"]}

    assert playing()[LIVING_ROOM] is not None
    server.call("control_playback", action="stop", client="tv", dry_run=True)
    playing()
    assert server.plex_requests == 0, "a dry run changes nothing"
    server.call("control_playback", action="stop", client="tv")
    assert playing()[LIVING_ROOM] is None, "a session_id that is void must not be offered"


def test_the_status_after_a_command_is_the_new_one_and_costs_plex_nothing(server: Server) -> None:
    assert server.states()[LIVING_ROOM] == "playing"
    server.call("control_playback", action="pause", client="tv")
    assert server.states()[LIVING_ROOM] == "paused"
    assert server.plex_requests == 0
    assert server.call("get_playback_status", client="tv")["items"][0]["state"] == "paused"
    assert server.plex_requests == 0


def test_commands_never_read_the_cached_status(server: Server) -> None:
    assert server.states()[LIVING_ROOM] == "playing"
    server.home.silence()
    with pytest.raises(ToolError, match="Nothing is playing on Living Room TV"):
        server.call("control_playback", action="pause", client="tv")
    assert server.plex_requests == 2


def test_a_failed_command_leaves_no_old_status_behind(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    session = server.home.start(DEN, "Charade")
    assert server.states()[DEN] == "playing"
    monkeypatch.setattr(server.home.plex.playback, "command", lambda *_: True)
    with pytest.raises(NotControllable):
        server.call("control_playback", action="pause", client="den")
    session.state = "paused"  # it acts late
    assert server.states()[DEN] == "paused"
    assert server.plex_requests == 1


def test_an_unconfirmed_command_leaves_no_old_status_behind(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    assert server.states()[LIVING_ROOM] == "playing"
    monkeypatch.setattr(server.home.plex.playback, "command", lambda *_: True)
    assert server.call("control_playback", action="pause", client="tv")["confirmed"] is False
    server.home.session(LIVING_ROOM).state = "paused"
    assert server.states()[LIVING_ROOM] == "paused"
    assert server.plex_requests == 1


def test_players_that_hang_do_not_make_plex_look_dead(server: Server) -> None:
    server.home.start(DEN, "Charade")
    for action in ("pause", "play") * 3:
        assert server.call("control_playback", action=action, client="den")["confirmed"] is True
    assert [part["what"] for part in server.executor.health().degraded if part["what"] != "redis"] == []


def test_the_clients_list_is_cached_and_the_views_of_status_share_one_answer(server: Server) -> None:
    server.call("list_clients")
    assert server.plex_requests == 2
    server.call("list_clients")
    assert server.plex_requests == 0
    server.call("get_playback_status", user="jonas")
    assert server.plex_requests == 1
    for arguments in ({}, {"client": "tv"}, {"user": "robin"}, {"user": "nobody"}):
        server.call("get_playback_status", **arguments)
        assert server.plex_requests == 0


def test_read_only_is_refused_without_a_request() -> None:
    with household(environ={"READ_ONLY": "true", "CACHE_WARM": "false"}) as home:
        with closing(Executor(home.client, home.client.settings, finish=build_body, tools=TOOLS)) as executor:
            server = Server(home, executor)
            for name, arguments in (
                ("control_playback", {"action": "pause", "client": "tv"}),
                ("control_playback", {"action": "pause", "client": "tv", "dry_run": True}),
                ("set_watch_state", {"media_id": "8", "state": "watched"}),
            ):
                with pytest.raises(ReadOnly, match=f"{name} is switched off"):
                    server.call(name, **arguments)
                assert server.plex_requests == 0

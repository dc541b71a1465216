"""What was marked and the answers that were cached before, through the real executor: nobody is told the old state."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest

from plex_mcp.calls.execute import Executor
from plex_mcp.errors import ToolError
from plex_mcp.protocol.results import build_body
from tests.fakes import Clock
from tests.tools.household import TOOLS, Household, household


class Server:
    """Tool calls as the protocol makes them, a second apart. `plex_requests` is what the last one cost Plex."""

    def __init__(self, home: Household) -> None:
        self.home = home
        self.clock = Clock()
        self.executor = Executor(home.client, home.client.settings, finish=build_body, tools=TOOLS, clock=self.clock)
        self.plex_requests = 0

    def call(self, name: str, **arguments: Any) -> dict[str, Any]:
        self.clock.now += 1
        self.home.plex.counters.reset()
        try:
            outcome = self.executor.call(TOOLS[name], TOOLS[name].parse(arguments))
        finally:
            self.plex_requests = self.home.plex.counters.requests
        answer: dict[str, Any] = json.loads(outcome.structured)
        return answer


@pytest.fixture
def server() -> Iterator[Server]:
    with household(environ={"CACHE_WARM": "false"}) as home:
        made = Server(home)
        with closing(made.executor):
            yield made


def test_details_lists_and_history_know_at_once_what_was_marked(server: Server) -> None:
    film = str(server.home.plex.library.find("Caminandes: Llamigos").rating_key)
    unwatched = {"media_type": "movie", "watched": "unwatched", "limit": 50}

    def seen() -> tuple[bool, bool, str]:
        details = server.call("get_media_details", media_id=film)
        listed = {item["media_id"] for item in server.call("search_media", **unwatched)["items"]}
        newest = server.call("get_watch_history", limit=1)["items"][0]["title"]
        return details.get("watched", False), film in listed, newest

    assert seen()[:2] == (False, True)
    server.call("set_watch_state", media_id=film, state="watched")
    assert seen() == (True, False, "Caminandes: Llamigos")
    seen()
    assert server.plex_requests == 0, "cached again"
    server.call("set_watch_state", media_id=film, state="unwatched")
    assert seen()[:2] == (False, True)


def test_a_show_knows_how_many_episodes_are_left_after_one_was_marked(server: Server) -> None:
    show = server.home.plex.library.find("Pip & Moss", "show")
    before = server.call("get_media_details", media_id=str(show.rating_key))
    server.call("set_watch_state", media_id=before["next_episode"]["media_id"], state="watched")
    after = server.call("get_media_details", media_id=str(show.rating_key))
    assert after.get("unwatched", 0) == before["unwatched"] - 1
    assert after.get("next_episode") != before["next_episode"]


def test_a_mark_that_failed_may_have_been_set_so_the_item_is_asked_for_anew(server: Server) -> None:
    film = str(server.home.plex.library.find("Caminandes: Llamigos").rating_key)
    server.call("get_media_details", media_id=film)
    server.home.plex.faults.add("close_early", path="/:/scrobble")
    with pytest.raises(ToolError):
        server.call("set_watch_state", media_id=film, state="watched")
    server.call("get_media_details", media_id=film)
    assert server.plex_requests == 1


def test_with_plex_gone_the_state_before_is_told_as_an_old_copy(server: Server) -> None:
    film = str(server.home.plex.library.find("Caminandes: Llamigos").rating_key)
    server.call("get_media_details", media_id=film)
    server.call("set_watch_state", media_id=film, state="watched")
    server.home.plex.stop_listening()
    assert server.call("get_media_details", media_id=film)["stale"] is True

"""Playing hands the player a token of the owner's by way of an address, and DEBUG logs addresses."""

from __future__ import annotations

import time

from plex_mcp.standin import StandIn
from tests.security.test_leaks import Harvest
from tests.serving import Serving


def test_playing_at_debug_logs_the_command_without_the_token_it_hands_over(server: Serving, plex: StandIn) -> None:
    film = next(item for item in plex.library.items.values() if item.kind == "movie")
    player = next(player for player in plex.players.values() if player.advertised)
    answer = server.call("control_playback", action="play", client=player.title, media_id=str(film.rating_key))
    assert not answer.get("isError"), answer
    deadline = time.monotonic() + 10
    while not (commands := [line for line in server.log().splitlines() if "/playback/playMedia?" in line]):
        assert time.monotonic() < deadline, "at DEBUG urllib3 names each address"
        time.sleep(0.02)  # a line may be late
    handed_over = list(plex.home.transient_tokens)
    assert handed_over
    harvest = Harvest(*handed_over)
    harvest.add("log", *server.log().splitlines())
    assert harvest.leaks == []
    assert all("token=***" in line and "commandID=" in line for line in commands), "and nothing but the token is masked"

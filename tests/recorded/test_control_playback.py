"""`control_playback` from recorded answers."""

from __future__ import annotations

import pytest

from plex_mcp.standin import StandIn
from tests.recorded.conftest import Check
from tests.recording.behaviour import Behaviour, Sample


def paused_in_the_living_room(plex: StandIn) -> None:
    player = next(player for player in plex.players.values() if player.device_class == "stb")
    session = plex.playback.on(player)
    assert session is not None
    session.state = "paused"


def a_show_in_the_living_room(plex: StandIn) -> None:
    player = next(player for player in plex.players.values() if player.device_class == "stb")
    episodes = list(plex.library.find("Café Kilometre", "show").leaves())
    plex.playback.start(player, plex.users[0], plex.home.queues.of_items(episodes), offset_ms=60_000)


def music_in_the_study(plex: StandIn) -> None:
    tracks = list(plex.library.find("Slow Weather", "album").leaves())
    study = next(player for player in plex.players.values() if player.product == "Plexamp")
    plex.playback.start(study, plex.users[0], plex.home.queues.of_items(tracks))


BEHAVIOURS = (
    Behaviour(
        name="pauses",
        arguments={"action": "pause", "client": Sample("player", "Living Room TV", of="title")},
        writes=True,
        truth={"confirmed": True, "state": "paused", "channel": "companion", "item.title": "Night of the Living Dead"},
    ),
    Behaviour(
        name="resumes",
        arguments={"action": "play", "client": Sample("player", "Living Room TV", of="title")},
        prepare=paused_in_the_living_room,
        writes=True,
        truth={"confirmed": True, "state": "playing", "session.position_s": 1320},
    ),
    Behaviour(
        name="seeks_to_a_place",
        arguments={"action": "seek", "client": Sample("player", "Living Room TV", of="title"), "position": 600},
        writes=True,
        truth={"confirmed": True, "session.position_s": 600},
    ),
    Behaviour(
        name="seeks_back",
        arguments={"action": "seek", "client": Sample("player", "Living Room TV", of="title"), "offset": -120},
        writes=True,
        truth={"confirmed": True, "session.position_s": 1200},
    ),
    Behaviour(
        name="stops",
        arguments={"action": "stop", "client": Sample("player", "Living Room TV", of="title")},
        writes=True,
        truth={"confirmed": True, "state": "stopped", "channel": "companion", "session": None},
    ),
    Behaviour(
        name="ends_a_session_that_no_command_reaches",
        arguments={"action": "stop", "session_id": Sample("session", "Kitchen Laptop")},
        writes=True,
        truth={"confirmed": True, "state": "stopped", "channel": "terminate"},
    ),
    Behaviour(
        name="goes_to_the_next_episode",
        arguments={"action": "next", "client": Sample("player", "Living Room TV", of="title")},
        prepare=a_show_in_the_living_room,
        writes=True,
        truth={"confirmed": True, "session.item.title": "Border, Closed"},
    ),
    Behaviour(
        name="sets_the_volume",
        arguments={"action": "set_volume", "client": Sample("player", "Living Room TV", of="title"), "volume": 35},
        writes=True,
        truth={"error": None, "channel": "companion"},
    ),
    Behaviour(
        name="switches_subtitles_off",
        arguments={
            "action": "set_streams",
            "client": Sample("player", "Living Room TV", of="title"),
            "subtitle_language": "off",
        },
        writes=True,
        truth={"confirmed": True},
    ),
    Behaviour(
        name="plays_a_movie",
        arguments={
            "action": "play",
            "client": Sample("player", "Living Room TV", of="title"),
            "media_id": Sample("movie", "Sintel"),
        },
        writes=True,
        truth={"confirmed": True, "state": "playing", "session.item.title": "Sintel"},
    ),
    Behaviour(
        name="plays_the_next_episode_of_a_show",
        arguments={
            "action": "play",
            "client": Sample("player", "Living Room TV", of="title"),
            "media_id": Sample("show", "The Lighthouse Keepers"),
        },
        writes=True,
        truth={"confirmed": True, "session.item.title": "Nora's Log"},
    ),
    Behaviour(
        name="plays_an_album_on_a_player_that_answers_plain_ok",
        arguments={
            "action": "play",
            "client": Sample("player", "Study Plexamp", of="title"),
            "media_id": Sample("album", "Slow Weather"),
        },
        writes=True,
        truth={"confirmed": True, "session.item.title": "Isobar", "session.item.type": "track"},
    ),
    Behaviour(
        name="only_says_what_it_would_do",
        arguments={"action": "pause", "client": Sample("player", "Living Room TV", of="title"), "dry_run": True},
        standin_only=True,
        truth={"confirmed": None, "sent": None, "item.title": "Night of the Living Dead"},
    ),
    Behaviour(
        name="refuses_a_browser",
        arguments={"action": "pause", "client": Sample("player", "Kitchen Laptop", of="title")},
        writes=True,
        truth={"error.code": "NOT_CONTROLLABLE"},
    ),
    Behaviour(
        name="reports_a_player_that_refuses",
        arguments={
            "action": "play",
            "client": Sample("player", "Bedroom Roku", of="title"),
            "media_id": Sample("movie", "Sintel"),
        },
        standin_only=True,
        writes=True,
        truth={"error.code": "NOT_CONTROLLABLE"},
    ),
    Behaviour(
        name="names_the_players_there_are",
        arguments={"action": "pause", "client": "nothing-of-that-name"},
        writes=True,
        truth={"error.code": "NOT_FOUND"},
    ),
    Behaviour(
        name="asks_which_of_several",
        arguments={"action": "pause"},
        prepare=music_in_the_study,
        writes=True,
        truth={"error.code": "AMBIGUOUS"},
    ),
)


@pytest.mark.parametrize("behaviour", BEHAVIOURS, ids=lambda behaviour: behaviour.name)
def test_control_playback_answers_as_recorded(replays: Check, behaviour: Behaviour) -> None:
    replays("control_playback", behaviour)

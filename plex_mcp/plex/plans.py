"""What a command is, from the wish to what will be sent and how its effect will show."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from plex_mcp.plex.players import Player
from plex_mcp.plex.selection import EpisodeChoice
from plex_mcp.plex.sessions import Playing, Session

Action = Literal["play", "pause", "stop", "seek", "next", "previous", "set_volume", "set_streams"]
Channel = Literal["companion", "terminate"]
Effect = Callable[[Sequence[Session]], bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """The validated arguments of `control_playback`; times are seconds."""

    action: Action
    session_id: str | None = None
    client: str | None = None
    media_id: str | None = None
    episode: EpisodeChoice | None = None
    shuffle: bool = False
    position: int | None = None
    offset: int | None = None
    volume: int | None = None
    audio_language: str | None = None
    subtitle_language: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """One command, ready to be sent.

    `doing` says it in words; `send` sends it; `shows` tells from sessions read afterwards whether it worked, None
    where Plex does not show it. `item` is what it is about, `note` what the user should know in any case, `fallback`
    the way to take when the player does not obey, `doubt` what to add when no effect shows; `stops` marks a stop.
    """

    player: Player
    session: Session | None
    doing: str
    send: Callable[[], None]
    shows: Effect | None
    channel: Channel = "companion"
    item: Playing | None = None
    note: str | None = None
    doubt: str | None = None
    fallback: Plan | None = None
    stops: bool = False


def session_on(sessions: Sequence[Session], player: Player, than: Session | None = None) -> Session | None:
    """What plays on the player now: the same session as `than` where that still runs."""
    own = [one for one in sessions if player.client_id and one.client_id == player.client_id]
    if than is not None:
        own = [one for one in sessions if one.session_key == than.session_key] or own
    return own[0] if own else None


def state_is(player: Player, session: Session, *states: str) -> Effect:
    """That the session is in one of these states."""

    def shows(sessions: Sequence[Session]) -> bool:
        now = session_on(sessions, player, session)
        return now is not None and now.shown.state in states

    return shows

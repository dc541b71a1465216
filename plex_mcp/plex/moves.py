"""Plans for what already plays: pause, resume, seek, skip, volume and streams."""

from __future__ import annotations

import time
from collections.abc import Sequence

from plex_mcp.errors import NotControllable
from plex_mcp.plex.client import PlexClient
from plex_mcp.plex.companion import remote_control
from plex_mcp.plex.plans import Order, Plan, session_on, state_is
from plex_mcp.plex.players import Player, Target
from plex_mcp.plex.sessions import MediaKind, Session
from plex_mcp.plex.streams import choose_streams

_RESTARTS_BELOW_MS = 15_000
_SEEK_SLACK_MS = 5_000
_READINGS_OF_SILENCE = 3


def plan_resume(plex: PlexClient, _order: Order, player: Player, session: Session) -> Plan:
    """`play` without an item."""
    return Plan(
        player=player,
        session=session,
        doing=f"resume {session.shown.item.named()} on {player.name}",
        send=lambda: remote_control(plex, player).play(mtype=session.kind),
        shows=state_is(player, session, "playing", "buffering"),
        item=session.shown.item,
    )


def plan_pause(plex: PlexClient, _order: Order, player: Player, session: Session) -> Plan:
    """`pause`."""
    return Plan(
        player=player,
        session=session,
        doing=f"pause {session.shown.item.named()} on {player.name}",
        send=lambda: remote_control(plex, player).pause(mtype=session.kind),
        shows=state_is(player, session, "paused"),
        item=session.shown.item,
    )


def plan_seek(plex: PlexClient, order: Order, player: Player, session: Session) -> Plan:
    """`seek`, to a place or by a distance, kept inside the item. Raise NotControllable when its length is unknown."""
    item, length_ms = session.shown.item, session.duration_ms
    if not length_ms:
        raise NotControllable(
            f"{item.named()} has no length that Plex knows, as live television and photos have none: no seeking.",
            suggestion="Use pause and play instead.",
        )
    here_ms = session.position_ms
    asked_ms = order.position * 1000 if order.position is not None else here_ms + (order.offset or 0) * 1000
    goal_ms = max(0, min(asked_ms, length_ms))
    note = None
    if goal_ms != asked_ms:
        note = f"That place is outside of it; cut to {goal_ms // 1000} s of {length_ms // 1000} s."
    planned = time.monotonic()

    def shows(sessions: Sequence[Session]) -> bool:
        now = session_on(sessions, player, session)
        if now is None or now.session_key != session.session_key or now.media_id != session.media_id:
            return goal_ms >= length_ms - _SEEK_SLACK_MS  # at the very end it is over
        ran_ms = (time.monotonic() - planned) * 1000 if session.shown.state == "playing" else 0
        missed_ms = abs(now.position_ms - min(goal_ms + ran_ms, length_ms))
        # A short jump must be told from playback that merely went on.
        return missed_ms <= _SEEK_SLACK_MS and missed_ms <= abs(now.position_ms - (here_ms + ran_ms))

    return Plan(
        player=player,
        session=session,
        doing=f"move {item.named()} on {player.name} from {here_ms // 1000} s to {goal_ms // 1000} s"
        f" of {length_ms // 1000} s",
        send=lambda: remote_control(plex, player).seekTo(goal_ms, mtype=session.kind),
        shows=shows,
        item=item,
        note=note,
    )


def plan_skip(plex: PlexClient, order: Order, player: Player, session: Session) -> Plan:
    """`next` and `previous`."""
    forward = order.action == "next"
    silent: list[bool] = []

    def shows(sessions: Sequence[Session]) -> bool:
        now = session_on(sessions, player, session)
        if now is None:
            # Players fall silent for a moment between two items; only after the last one they stay so.
            silent.append(True)
            return forward and len(silent) >= _READINGS_OF_SILENCE
        silent.clear()
        if now.media_id != session.media_id:
            return True
        # Players answer "previous" by starting the same item again when it has run for a while.
        return not forward and now.position_ms < min(session.position_ms, _RESTARTS_BELOW_MS)

    def send() -> None:
        remote = remote_control(plex, player)
        (remote.skipNext if forward else remote.skipPrevious)(mtype=session.kind)

    return Plan(
        player=player,
        session=session,
        doing=f"go from {session.shown.item.named()} to the {order.action} item on {player.name}",
        send=send,
        shows=shows,
        doubt=f"There may be no {order.action} item.",
    )


def plan_volume(plex: PlexClient, order: Order, target: Target) -> Plan:
    """`set_volume`, which needs nothing to be playing."""
    player, session = target.player, target.session
    kind: MediaKind = session.kind if session else "music" if player.product == "Plexamp" else "video"
    return Plan(
        player=player,
        session=session,
        doing=f"set the volume of {player.name} to {order.volume} %",
        send=lambda: remote_control(plex, player).setVolume(order.volume, mtype=kind),
        shows=None,
        item=session.shown.item if session else None,
        note="Plex does not tell a player's volume, so the change could not be checked.",
    )


def plan_streams(plex: PlexClient, order: Order, player: Player, session: Session) -> Plan:
    """`set_streams`. One more request: the streams that the item has."""
    item = session.shown.item
    if session.media_id is None:
        raise NotControllable(
            f"{item.named()} is not in the library, so its streams are not known.",
            suggestion="Choose the language on the player.",
        )
    choice = choose_streams(plex, session, audio=order.audio_language, subtitle=order.subtitle_language)

    def shows(sessions: Sequence[Session]) -> bool:
        now = session_on(sessions, player, session)
        return now is not None and choice.shows(now.streams)

    return Plan(
        player=player,
        session=session,
        doing=f"set {choice.described} for {item.named()} on {player.name}",
        send=lambda: remote_control(plex, player).setStreams(
            audioStreamID=choice.audio_id, subtitleStreamID=choice.subtitle_id, mtype=session.kind
        ),
        shows=shows,
        item=item,
    )

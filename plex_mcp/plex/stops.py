"""Plans for stopping: by the player, or by ending the session at the server, which only a session_id asks for."""

from __future__ import annotations

from urllib.parse import urlencode

from plex_mcp.errors import NotControllable, NotFound, PlexForbidden, PlexRefusedToken
from plex_mcp.plex.client import PlexClient
from plex_mcp.plex.companion import remote_control
from plex_mcp.plex.plans import Effect, Order, Plan
from plex_mcp.plex.players import Player, refuse
from plex_mcp.plex.sessions import Session

TERMINATE_REASON = "Playback was stopped by the household's assistant."
"""What the viewer reads when a session is ended at the server."""

_TERMINATE = "/status/sessions/terminate"


def plan_stop(plex: PlexClient, order: Order, player: Player, session: Session) -> Plan:
    """`stop`: by companion command where the player takes one; else, or when it does not obey, by terminating the
    session, but only when `session_id` was given.
    """
    ending = _plan_ending(plex, player, session) if order.session_id is not None and session.terminate_id else None
    if not player.controllable:
        if ending is None:
            raise refuse(player, "stop")
        return ending
    return Plan(
        player=player,
        session=session,
        doing=f"stop {session.shown.item.named()} on {player.name}",
        send=lambda: remote_control(plex, player).stop(mtype=session.kind),
        shows=_gone(session),
        item=session.shown.item,
        fallback=ending,
        stops=True,
    )


def _plan_ending(plex: PlexClient, player: Player, session: Session) -> Plan:
    query = urlencode({"sessionId": session.terminate_id or "", "reason": TERMINATE_REASON})
    return Plan(
        player=player,
        session=session,
        channel="terminate",
        doing=f"end {session.shown.item.named()} on {player.name} at the server (session {session.shown.session_id})",
        send=lambda: _end(plex, query),
        shows=_gone(session),
        item=session.shown.item,
    )


def _end(plex: PlexClient, query: str) -> None:
    try:
        plex.query(f"{_TERMINATE}?{query}", endpoint=_TERMINATE)
    except (PlexForbidden, PlexRefusedToken) as error:
        # 401 means a wrong token everywhere but here, where the token has just been good for two reads.
        if error.status == 403:
            raise NotControllable(
                "Plex refused to end the session: only the token of the server's owner may.",
                suggestion="PLEX_TOKEN must be the owner's; or ask the viewer to stop it.",
            ) from None
        raise NotControllable(
            "Plex refused to end the session: that needs a Plex Pass of the server's owner.",
            suggestion="Ask the viewer to stop it, or stop it on the player itself.",
        ) from None
    except NotFound:
        return  # it ended by itself meanwhile, which the next reading shows


def _gone(session: Session) -> Effect:
    return lambda sessions: all(one.session_key != session.session_key for one in sessions)

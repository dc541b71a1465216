"""What is playing now, for whom and where."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import Field

from plex_mcp.plex.client import PlexClient
from plex_mcp.plex.names import listed, matching, quoted
from plex_mcp.plex.sessions import PlaybackSession, Session, read_sessions
from plex_mcp.tools._answers import Answer, Text
from plex_mcp.tools._tool import Arguments, Replacement, tool

_MOST = 50
_WHOLE: Arguments = {"user": None, "client": None}


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaybackStatus(Answer):
    """Everything that plays, or what was asked for of it. `kbps` and `transcodes` are the sums of the items."""

    items: Sequence[PlaybackSession]
    total: int
    transcodes: int = 0
    kbps: int = 0


def status_of(sessions: Sequence[Session]) -> PlaybackStatus:
    """The answer for these sessions."""
    every = tuple(session.shown for session in sessions)
    return PlaybackStatus(
        items=every[:_MOST],
        total=len(every),
        transcodes=sum(item.stream == "transcode" for item in every),
        kbps=sum(item.kbps or 0 for item in every),
        note=f"Only the first {_MOST} of {len(every)} sessions are shown." if len(every) > _MOST else None,
    )


def replacement(sessions: Sequence[Session] | None) -> Replacement:
    """What a command leaves in the cache: the sessions that it read afterwards, or nothing at all."""
    return Replacement("get_playback_status", _WHOLE, None if sessions is None else status_of(sessions))


def _fetched(_arguments: Arguments) -> Arguments:
    return _WHOLE


def _view(whole: dict[str, Any], arguments: Arguments) -> dict[str, Any]:
    """The items of that user and player. Nothing found says what there is: it may be the name that is wrong."""
    user, client = arguments["user"], arguments["client"]
    if user is None and client is None:
        return whole
    items = every = whole["items"]
    if user is not None:
        items = matching(user, items, lambda item: str(item.get("user", "")))
    if client is not None:
        meant = [
            item for item in items if client == item.get("client_id") or client.casefold() in item.get("aliases", ())
        ]
        items = meant or matching(client, items, lambda item: str(item["client"]))
    part = {**whole, "items": list(items), "total": len(items)}
    for name, figure in (
        ("transcodes", sum(item["stream"] == "transcode" for item in items)),
        ("kbps", sum(item.get("kbps", 0) for item in items)),
    ):
        part.pop(name, None)
        if figure:
            part[name] = figure
    if every and not items:
        part["note"] = _nobody(user, client, every)
    return part


def _nobody(user: str | None, client: str | None, every: Sequence[dict[str, Any]]) -> str:
    asked = " and ".join(
        f"{kind} {quoted(name)}" for kind, name in (("user", user), ("client", client)) if name is not None
    )
    there = [f"{item.get('user', 'somebody')} on {item['client']}" for item in every]
    return f"Nothing that plays now matches {asked}. Playing: {listed(there)}."


@tool(
    title="What is playing",
    ttl_s=30,
    ttl_setting="cache_ttl_playback_s",
    stale_retention_s=300,
    local_max_s=5,
    fetch_arguments=_fetched,
    view=_view,
)
def get_playback_status(
    plex: PlexClient,
    *,
    user: Annotated[Text | None, Field(description="Only this user's sessions")] = None,  # noqa: ARG001
    client: Annotated[  # noqa: ARG001
        Text | None, Field(description="Only on this player: name, alias or client_id")
    ] = None,
) -> PlaybackStatus:
    """What is playing now: user, player, item, position, direct or transcoded and why, bandwidth.

    Use it for "who is watching", "what's on in the kids' room", "is anyone transcoding". The session_id of an item goes
    to control_playback. For what was watched before use get_watch_history; for idle players list_clients.

    Returns: all sessions; `view` cuts out those of `user` and `client`, so that all calls share one cached answer.
    Source: GET /status/sessions (one request)
    """
    return status_of(read_sessions(plex))

"""The players of the household, and for each whether it can be controlled, or why not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from plex_mcp.plex.client import PlexClient
from plex_mcp.plex.players import Player, read_household
from plex_mcp.tools._answers import Answer
from plex_mcp.tools._tool import tool

_MOST = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientEntry:
    """One player. `aliases` are the household's own names for it; `playing` what it plays, and `session_id` that."""

    client_id: str | None = None
    name: str
    controllable: bool
    why_not: str | None = None
    remedy: str | None = None
    aliases: tuple[str, ...] = ()
    product: str | None = None
    device: str | None = None
    state: str | None = None
    playing: str | None = None
    user: str | None = None
    session_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientList(Answer):
    """Every player that Plex advertises or that plays."""

    items: Sequence[ClientEntry]
    total: int


def _entry(player: Player) -> ClientEntry:
    session = player.sessions[0].shown if player.sessions else None
    return ClientEntry(
        client_id=player.shown_id or None,
        name=player.name,
        controllable=player.controllable,
        why_not=player.why_not or None,
        remedy=player.remedy or None,
        aliases=player.aliases,
        product=player.product or None,
        device=player.device or None,
        state=session.state if session else None,
        playing=session.item.named() if session else None,
        user=session.user if session else None,
        session_id=session.session_id if session else None,
    )


@tool(title="Players", ttl_s=30, ttl_setting="cache_ttl_clients_s", stale_retention_s=300, local_max_s=5)
def list_clients(plex: PlexClient) -> ClientList:
    """The players in the house (TVs, phones, browsers): which can be controlled, and for the others why not.

    Use it for "what can I play on" and before control_playback when its client is not known. Give the name, an alias or
    the client_id to control_playback. What plays in detail is in get_playback_status.

    Returns: those that Plex advertises and those that only show up in a session.
    Source: GET /clients, GET /status/sessions (two requests)
    """
    household = read_household(plex)
    items = tuple(_entry(player) for player in household.players[:_MOST])
    total, notes = len(household.players), []
    if total > _MOST:
        notes.append(f"Only the first {_MOST} of {total} players are shown.")
    if not any(player.capabilities is not None for player in household.players):
        notes.append(
            "Plex advertises no player now; a player that is off, asleep or not announced on the server's network is "
            "not seen. Open the Plex app on it and turn on 'Advertise as player'."
        )
    return ClientList(items=items, total=total, note=" ".join(notes) or None)

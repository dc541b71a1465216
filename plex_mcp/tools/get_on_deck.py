"""`get_on_deck`: what somebody has begun, and what comes next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import Field

from plex_mcp.plex.client import PlexClient
from plex_mcp.plex.models import Item, same_library_unsaid
from plex_mcp.tools._answers import Answer, Library, Limit, Text, items_schema
from plex_mcp.tools._tool import tool

_MOST = 100
_TYPES = {"movie": {"movie", "clip"}, "show": {"episode"}, "episode": {"episode"}}


@dataclass(frozen=True, slots=True, kw_only=True)
class OnDeck(Answer):
    items: Annotated[Sequence[Item], items_schema(progress_pct="integer", show="string")]
    total: int


@tool(title="On deck", ttl_s=120, ttl_setting="cache_ttl_on_deck_s", local_max_s=15)
def get_on_deck(
    plex: PlexClient,
    *,
    user: Annotated[Text | None, Field(description="Whose; the owner's if left out")] = None,
    library: Library = None,
    media_type: Annotated[Literal["movie", "show", "episode"] | None, Field(description="show is episode")] = None,
    limit: Limit = 10,
) -> OnDeck:
    """Show what is half watched and the next episode of each show under way, most recent first.

    Use it for "what was I watching", "continue" or "what is next". For new arrivals call get_recently_added; to
    resume one, call control_playback with action play and its media_id.

    Returns: items with progress_pct where begun.
    Raises: InvalidArgument - no such library; NotFound, PlexForbidden - no such user, or no view of theirs.
    Source: GET /library/onDeck or /library/sections/{id}/onDeck, as the user.
    """
    view = plex.as_user(user) if user else plex
    path = "/library/onDeck"
    if library:
        path = f"/library/sections/{view.section(library).library_id}/onDeck"
    # Plex keeps this list short (OnDeckLimit, 40 by default), and cannot filter it.
    page = view.page(path, size=_MOST, endpoint="/library/sections/{id}/onDeck" if library else path)
    wanted = _TYPES.get(media_type or "")
    found = [item for item in page.items if wanted is None or item.type in wanted]
    return OnDeck(items=same_library_unsaid(found[:limit]), total=len(found) if wanted else page.total)

"""`get_watch_history`: who watched what, and when."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Literal

from pydantic import Field

from plex_mcp.plex.client import PlexClient, require_id
from plex_mcp.plex.plays import LeanPlay, Play
from plex_mcp.tools._answers import Answer, Cursor, Days, Limit, MediaId, Text, cursor_after
from plex_mcp.tools._tool import tool

_READ_AT_ONCE = 150
_TYPES = {"show": "episode", "artist": "track", "album": "track"}


@dataclass(frozen=True, slots=True, kw_only=True)
class PlayEntry(Play):
    """`media_id` is missing when the item has been deleted since."""

    user: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class History(Answer):
    items: Sequence[PlayEntry]
    total: int
    next_cursor: str | None = None


@tool(title="Watch history", ttl_s=120, ttl_setting="cache_ttl_history_s", local_max_s=15)
def get_watch_history(
    plex: PlexClient,
    *,
    user: Annotated[Text | None, Field(description="Whose; everybody's if left out")] = None,
    media_id: Annotated[MediaId | None, Field(description="Only this item, or a show's episodes")] = None,
    media_type: Literal["movie", "show", "episode", "track", "artist", "album"] | None = None,
    days: Annotated[Days | None, Field(description="Only the last so many days")] = None,
    limit: Limit = 20,
    cursor: Cursor = None,
) -> History:
    """List what was watched or played to the end, latest first, and by whom.

    Use it for "what did the kids watch this week" or "when did we last see X". For what is half watched call
    get_on_deck, for what runs now get_playback_status. Next: get_media_details with a media_id.

    Returns: plays with the time and the user.
    Raises: NotFound - no such user; PlexForbidden - PLEX_TOKEN is not the owner's.
    Source: GET /status/sessions/history/all, GET /accounts (remembered) for the names.
    """
    names = {account.account_id: account.name for account in plex.users.accounts()}
    # The key ends in ">": with its value Plex reads "viewedAt>=…".
    params: dict[str, str | int] = {"sort": "viewedAt:desc"}
    if user:
        params["accountID"] = plex.users.account(user).account_id
    if media_id:
        params["metadataItemID"] = require_id(media_id)
    if days is not None:
        params["viewedAt>"] = int((datetime.now(UTC) - timedelta(days=days)).timestamp())
    start, path = int(cursor or 0), "/status/sessions/history/all"
    wanted = _TYPES.get(media_type or "", media_type)
    # Plex cannot select by type here, so more is read at once and the page ends where enough is found.
    size = limit if wanted is None else _READ_AT_ONCE
    page = plex.page(path, LeanPlay, params=params, start=start, size=size)
    kept: list[PlayEntry] = []
    used = 0
    for used, (play, account_id) in enumerate(page.items, 1):  # noqa: B007 - it is looked at after the loop
        if wanted is None or play.type == wanted:
            kept.append(_named(play, names.get(account_id)))
        if len(kept) == limit:
            break
    return History(
        items=tuple(kept),
        total=page.total,
        next_cursor=cursor_after(start, page.taken(used), page.total),
        note=_note(media_id, wanted, page.total),
    )


def _note(media_id: str | None, wanted: str | None, total: int) -> str | None:
    if media_id is not None and not total:
        # Asked for an id that it does not know, Plex answers like this too.
        return f"No play of {media_id} fits. If it should, make sure of the id with search_media."
    return f"total counts plays of every type: Plex does not count {wanted}s alone." if wanted else None


def _named(play: Play, user: str | None) -> PlayEntry:
    facts: dict[str, Any] = {name: getattr(play, name) for name in Play.__dataclass_fields__}
    return PlayEntry(**facts, user=user)

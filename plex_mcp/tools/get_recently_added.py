"""`get_recently_added`: what is new, with the episodes of one show as one entry."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import takewhile
from typing import Annotated

from pydantic import Field

from plex_mcp.plex.client import PlexClient
from plex_mcp.plex.models import Entry, Item, LeanEntry, same_library_unsaid
from plex_mcp.tools._answers import Cursor, Days, Library, Limit, Listing, MediaType, cursor_after, items_schema
from plex_mcp.tools._source import Source, source_of
from plex_mcp.tools._tool import tool

_ENTRIES_PER_ITEM = 3
_MOST = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class RecentItem(Item):
    """`new_episodes` of a show that arrived together, of which `latest_id` is the last one."""

    new_episodes: int | None = None
    latest: str | None = None
    latest_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RecentlyAdded(Listing):
    items: Annotated[
        Sequence[Item],
        items_schema(added="string", show="string", new_episodes="integer", latest="string", latest_id="string"),
    ]


@tool(title="Recently added", ttl_s=120, ttl_setting="cache_ttl_recently_added_s", local_max_s=15)
def get_recently_added(
    plex: PlexClient,
    *,
    library: Library = None,
    media_type: Annotated[MediaType | None, Field(description="All kinds if left out")] = None,
    days: Annotated[Days | None, Field(description="Only the last so many days")] = None,
    limit: Limit = 20,
    cursor: Cursor = None,
) -> RecentlyAdded:
    """List what was added to Plex, newest first; episodes of one show that came together are one entry.

    Use it for "what is new". For what somebody has begun call get_on_deck; to choose by genre, year or rating call
    search_media. Then get_media_details or control_playback with a media_id.
    Example: {"library":"TV Shows","days":7}

    Returns: entries with the date they were added. `total` counts arrivals before episodes are grouped.
    Raises: InvalidArgument - no such library, or one that holds no such media.
    Source: GET /library/recentlyAdded; with a library or type GET …/all?sort=addedAt:desc.
    """
    start = int(cursor or 0)
    source, params = _question(plex, library, media_type, days)
    uncut_days = None if params else days
    size = min(_MOST, limit * _ENTRIES_PER_ITEM) if uncut_days is None else _MOST
    page = plex.page(source.path, LeanEntry, params=params, start=start, size=size, endpoint=source.endpoint)
    entries, total, note = page.items, page.total, None
    if uncut_days is not None:
        entries = _since(entries, uncut_days)
        total = min(start, page.total) + page.taken(len(entries))
        if len(entries) == len(page.items) and total < page.total:
            note = f"total counts only the newest {total}: Plex does not count the arrivals of {days} days."
    items, used = _grouped(entries, limit)
    more = uncut_days is None or used < len(entries) or note
    cursor = cursor_after(start, page.taken(used), page.total) if more else None
    return RecentlyAdded(items=same_library_unsaid(items), total=total, next_cursor=cursor, note=note)


def _question(
    plex: PlexClient, library: str | None, media_type: str | None, days: int | None
) -> tuple[Source, dict[str, str | int]]:
    """Where to ask and what. Of everything at once Plex has a list of its own, which takes no filter."""
    if library is None and media_type is None:
        return Source("/library/recentlyAdded", "/library/recentlyAdded"), {}
    source = source_of(plex, library, media_type, arriving=True)
    params = {**source.params, "sort": "addedAt:desc"}
    if days is not None:
        params["addedAt>>"] = f"-{days}d"
    return source, params


def _since(entries: tuple[Entry, ...], days: int) -> tuple[Entry, ...]:
    """The entries of the last so many days: they come newest first, so the first older one ends the list."""
    oldest_s = (datetime.now(UTC) - timedelta(days=days)).timestamp()
    return tuple(takewhile(lambda entry: (entry.added_at_s or 0) >= oldest_s, entries))


def _grouped(entries: tuple[Entry, ...], limit: int) -> tuple[list[Item], int]:
    """At most `limit` items, the episodes of a show folded into one, and how many entries they took."""
    groups: dict[str, list[Entry]] = {}
    for number, entry in enumerate(entries):
        key = entry.show_id or entry.item.media_id
        if key not in groups and len(groups) == limit:
            return [_folded(group) for group in groups.values()], number
        groups.setdefault(key, []).append(entry)
    return [_folded(group) for group in groups.values()], len(entries)


def _folded(group: list[Entry]) -> Item:
    newest = group[0].item
    episodes = [entry.item for entry in group if entry.item.type == "episode"]
    if len(group) == 1 or not episodes:
        return newest
    last = max(episodes, key=lambda item: (item.season or 0, item.episode or 0))
    return RecentItem(
        media_id=group[0].show_id or newest.media_id,
        type="show",
        title=newest.show or newest.title,
        content_rating=newest.content_rating,
        added=newest.added,
        library=newest.library,
        new_episodes=len(episodes),
        latest=f"S{last.season or 0:02}E{last.episode or 0:02} {last.title}",
        latest_id=last.media_id,
    )

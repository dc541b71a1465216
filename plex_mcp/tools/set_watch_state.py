"""`set_watch_state`: watched or not, and how one liked it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal
from xml.etree.ElementTree import Element

from pydantic import Field

from plex_mcp.errors import InvalidArgument
from plex_mcp.plex.client import PlexClient
from plex_mcp.plex.models import LIBRARY_PROVIDER, Item, build_item
from plex_mcp.plex.text import decimal, whole
from plex_mcp.tools._answers import Answer, MediaId
from plex_mcp.tools._tool import Arguments, Replacement, WithReplacements, tool

_WATCHED = {"movie", "show", "season", "episode", "clip", "artist", "album", "track"}
_RATED = _WATCHED | {"photo", "collection"}
# Whatever these were asked, what was marked may be in it: in lists, in what comes next, in the shows above it.
_OUTDATED = tuple(
    Replacement(name, None, None)
    for name in ("get_media_details", "get_on_deck", "get_recently_added", "get_watch_history", "search_media")
)


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchState(Answer):
    """The state as Plex tells it afterwards. `changed` is in words."""

    media_id: str
    type: str
    title: str
    watched: bool
    changed: str
    show: str | None = None
    unwatched: int | None = None
    views: int | None = None
    user_rating: float | None = None


def _check(arguments: Arguments) -> None:
    if arguments["state"] is None and arguments["rating"] is None:
        raise InvalidArgument("state is missing: give state (watched, unwatched), rating (0 to 10) or both.")


@tool(
    title="Mark watched or rate", read_only=False, destructive=True, idempotent=True, check=_check, outdates=_OUTDATED
)
def set_watch_state(
    plex: PlexClient,
    *,
    media_id: Annotated[MediaId, Field(description="A show or season means all its episodes")],
    state: Literal["watched", "unwatched"] | None = None,
    rating: Annotated[float | None, Field(ge=0, le=10, description="Stars times two")] = None,
) -> WatchState:
    """Mark something watched or unwatched, or rate it, for the owner's account, and tell the state afterwards.

    Use it only when asked to. Find the media_id with search_media. Progress is lost when something is marked.

    Returns: the state read again from Plex.
    Raises: NotFound - no such item; InvalidArgument - not a thing that can be marked.
    Source: GET /:/scrobble, GET /:/unscrobble, PUT /:/rate; GET /library/metadata/{id} before and after.
    """
    item = plex.item(media_id)
    before = build_item(item._data)
    allowed = _WATCHED if state is not None else _RATED
    if before.type not in allowed:
        raise InvalidArgument(
            f"media_id {before.media_id} is a {before.type}, which cannot be {'marked' if state else 'rated'}.",
            suggestion="Use the id of something in it.",
        )
    key: dict[str, str | int] = {"key": before.media_id, "identifier": LIBRARY_PROVIDER}
    # Plex counts a view for every time that it is told; an item that is watched already is left alone.
    # Of an artist Plex tells only that something has been played, not that all has.
    done = state == "watched" and before.type != "artist" and _is_watched(before, item._data)
    if state is not None and not done:
        plex.command("/:/scrobble" if state == "watched" else "/:/unscrobble", params=key)
    if rating is not None:
        plex.command("/:/rate", params={**key, "rating": f"{rating:g}"}, method="put")
    data = plex.item(media_id)._data
    after = build_item(data)
    state_now = WatchState(
        media_id=after.media_id,
        type=after.type,
        title=after.title,
        show=after.show,
        watched=_is_watched(after, data),
        changed=_in_words(state, rating),
        unwatched=after.unwatched,
        views=whole(data.get("viewCount")),
        user_rating=decimal(data.get("userRating")),
    )
    return WithReplacements(state_now, _OUTDATED)  # type: ignore[return-value]


def _is_watched(item: Item, data: Element) -> bool:
    if item.type == "album" and item.count and (played := whole(data.get("viewedLeafCount"))) is not None:
        return played >= item.count
    if item.type in {"track", "album", "artist"}:
        return bool(whole(data.get("viewCount")))
    return item.watched and item.progress_pct is None


def _in_words(state: str | None, rating: float | None) -> str:
    parts = [f"marked {state}"] if state is not None else []
    if rating is not None:
        parts.append(f"rated {rating:g} of 10")
    return " and ".join(parts)

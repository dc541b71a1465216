"""`get_media_details`: everything about one item."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import Field, WithJsonSchema

from plex_mcp.plex.client import PlexClient, require_id
from plex_mcp.plex.details import Facts, beside_its_show, build_facts
from plex_mcp.plex.models import Item, LeanItem, same_library_unsaid
from plex_mcp.plex.pages import Page
from plex_mcp.plex.pictures import poster_of
from plex_mcp.tools._answers import Answer, MediaId
from plex_mcp.tools._tool import Image, WithImages, tool

_CHILDREN_MOST = 50
_SIMILAR_MOST = 10
_SEASONS_MOST = 15
_HAVE_CHILDREN = {"show", "season", "artist", "album", "photo", "collection", "playlist"}


# Their fields are told once, by search_media: another copy of them would be sent with every conversation.
_Items = Annotated[Sequence[Item], WithJsonSchema({"type": "array", "items": {"type": "object"}})]
_Episode = Annotated[Item | None, WithJsonSchema({"type": "object"})]


@dataclass(frozen=True, slots=True, kw_only=True)
class SeasonEntry:
    media_id: str
    season: int | None = None
    title: str | None = None
    count: int | None = None
    unwatched: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaDetails(Facts, Answer):
    """`next_episode` is the one to watch now; `latest_episode` the newest that there is. Of very long shows the last
    seasons are told, and how many there are.
    """

    next_episode: _Episode = None
    latest_episode: _Episode = None
    seasons: Sequence[SeasonEntry] = ()
    seasons_total: int | None = None
    children: _Items = ()
    children_total: int | None = None
    similar: _Items = ()


@tool(title="Details of one item", ttl_s=900, ttl_setting="cache_ttl_details_s", local_max_s=15)
def get_media_details(
    plex: PlexClient,
    *,
    media_id: Annotated[MediaId, Field(description="From any list")],
    include_cast: Annotated[bool, Field(description="Top 10, and cast_total")] = True,
    include_chapters: Annotated[bool, Field(description="Also markers of intro and credits")] = False,
    include: Annotated[
        list[Literal["children", "versions", "similar", "poster"]],
        Field(max_length=4, description="children: seasons, episodes, albums, tracks or members; poster: a picture"),
    ] = [],  # noqa: B006 - never changed; pydantic copies it
) -> MediaDetails:
    """Tell all about one movie, show, season, episode, artist, album, track, photo, collection or playlist.

    Use it for plot, cast, ratings, languages, what is unwatched, a show's next and latest episode. For a title
    without an id call search_media first; to play call control_playback with media_id.
    Example: {"media_id":"1234","include":["versions"]}

    Returns: facts with cast, languages and watch state; of a show the seasons, the next and the latest episode.
    Raises: NotFound - no such item.
    Source: GET /library/metadata/{id}; of a show also …/allLeaves; as included …/children, …/similar, a picture.
    """
    key = require_id(media_id)
    found = plex.item(key, includeOnDeck=1, includeChildren=1)
    kind, data = str(found.type), found._data
    facts: dict[str, Any] = build_facts(
        found, cast=include_cast, chapters=include_chapters, versions="versions" in include
    )
    inside = tuple(lean.value for lean in found.findItems(data, cls=LeanItem, rtag="Children"))
    if facts["count"] is None and inside:
        facts["count"] = len(inside)
    if kind == "show":
        facts |= _of_show(plex, key, found, inside or _children(plex, key, kind).items)
    following = found.findItems(data, cls=LeanItem, rtag="OnDeck")
    if following and kind in {"show", "season"}:
        facts["next_episode"] = beside_its_show(following[0].value)
    if "children" in include and kind in _HAVE_CHILDREN:
        children, total = inside[:_CHILDREN_MOST], len(inside)
        if not inside:
            page = _children(plex, key, kind)
            children, total = page.items, page.total
        facts |= {"children": same_library_unsaid(children), "children_total": total}
    if "similar" in include and kind in {"movie", "show", "artist", "album", "track"}:
        path, params = f"/library/metadata/{key}/similar", {"count": _SIMILAR_MOST}
        listed = plex.page(path, params=params, size=_SIMILAR_MOST, endpoint="/library/metadata/{id}/similar")
        facts["similar"] = same_library_unsaid(listed.items)
    if "poster" not in include:
        return MediaDetails(**facts)
    picture = poster_of(plex, data)
    if picture is None:
        return MediaDetails(**facts, note="There is no poster of at most 100 kB.")
    return WithImages(MediaDetails(**facts), (Image(*picture),))  # type: ignore[return-value]


def _of_show(plex: PlexClient, key: int, found: Any, inside: Sequence[Item]) -> dict[str, Any]:
    """The seasons, which come with the show, and the newest episode: the last page of all."""
    facts: dict[str, Any] = {
        "seasons": tuple(
            SeasonEntry(
                media_id=season.media_id,
                season=season.season,
                title=season.title if season.title != f"Season {season.season}" else None,
                count=season.count,
                unwatched=season.unwatched,
            )
            for season in inside[-_SEASONS_MOST:]
        ),
        "seasons_total": len(inside) if len(inside) > _SEASONS_MOST else None,
    }
    episodes = found.leafCount or 0
    if episodes:
        path, endpoint = f"/library/metadata/{key}/allLeaves", "/library/metadata/{id}/allLeaves"
        last = plex.page(path, start=episodes - 1, size=1, endpoint=endpoint)
        if last.items:
            facts["latest_episode"] = beside_its_show(last.items[-1])
    return facts


def _children(plex: PlexClient, key: int, kind: str) -> Page:
    below = {"collection": "/library/collections/{id}/children", "playlist": "/playlists/{id}/items"}
    endpoint = below.get(kind, "/library/metadata/{id}/children")
    return plex.page(endpoint.format(id=key), size=_CHILDREN_MOST, endpoint=endpoint)

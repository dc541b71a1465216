"""What answers are made of: frozen dataclasses, and the lean PlexAPI classes that build them from list elements.

Units: `minutes` whole minutes, dates ISO 8601 (UTC); no milliseconds, file paths, addresses or tokens leave `plex/`.
A lean class costs a few microseconds an item where PlexAPI's own partial objects cost hundreds and fetch again when
an empty attribute is read.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any
from xml.etree.ElementTree import Element

from plexapi.base import PlexObject
from plexapi.exceptions import UnknownType

from plex_mcp.plex.text import clean, date_of, decimal, minutes_of, whole

LIBRARY_PROVIDER = "com.plexapp.plugins.library"
"""What Plex calls that part of itself which everything of ours belongs to."""

TYPE_NUMBERS = {
    "movie": 1,
    "show": 2,
    "season": 3,
    "episode": 4,
    "artist": 8,
    "album": 9,
    "track": 10,
    "clip": 12,
    "photo": 13,
    "playlist": 15,
    "collection": 18,
}
"""Plex's numbers for the media types of the catalogue."""

SECTION_TYPE_OF = {
    "movie": "movie",
    "clip": "movie",
    "show": "show",
    "season": "show",
    "episode": "show",
    "artist": "artist",
    "album": "artist",
    "track": "artist",
    "photo": "photo",
}
"""The kind of library that holds a media type; collections are in all, playlists in none."""

TOP_TYPE_OF = {"movie": "movie", "show": "show", "artist": "artist", "photo": "photo"}
"""The media type that a library of a kind is counted in."""

_GENRES = 3
_WATCHABLE = {"movie", "episode", "clip"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One entry of a list. Unset fields are left out of answers.

    `minutes` run time; `rating` 0 to 10; `progress_pct` how far an unfinished one got; `unwatched` episodes not yet
    watched; `count` what is inside: episodes, tracks, members.
    """

    media_id: str
    type: str
    title: str
    year: int | None = None
    show: str | None = None
    season: int | None = None
    episode: int | None = None
    aired: str | None = None
    artist: str | None = None
    album: str | None = None
    minutes: int | None = None
    rating: float | None = None
    content_rating: str | None = None
    genres: tuple[str, ...] = ()
    watched: bool = False
    progress_pct: int | None = None
    unwatched: int | None = None
    count: int | None = None
    added: str | None = None
    library: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A library. `kind` is movie, show, artist or photo; `library_id` Plex's number for it."""

    library_id: int
    title: str
    kind: str
    home_videos: bool = False


class Lean(PlexObject):
    """A list element of which only `value` is kept. PlexAPI's own initialisation, which reads the environment for each
    object and prepares for loading it again, would cost more than the rest.

    `params` go with every request for a list of such elements.
    """

    params: Mapping[str, str] = {}

    def __init__(self, server: Any, data: Element, initpath: str | None = None, parent: Any = None) -> None:  # noqa: ARG002
        self.__dict__["_server"] = server
        self._loadData(data)

    def _loadData(self, data: Element) -> None:  # noqa: N802 - PlexAPI's name
        raise NotImplementedError


UNREAD = {
    "excludeElements": "Media,Country,Guid,Rating,Collection,Director,Writer,Role,Producer,Similar,Style,Mood,Format,"
    "Image,UltraBlurColors",
    "excludeFields": "summary,tagline",
}
"""What no list of ours shows: half of an element's bytes, and of the time that reading it takes. PlexAPI's own names
(`PlexPartialObject._EXCLUDES`) less the genres, and what newer servers add; one that does not know a name sends all.
"""


class LeanItem(Lean):
    """A list element as an `Item`; elements without an id (tags of a hub search) are passed over."""

    params = UNREAD

    def _loadData(self, data: Element) -> None:  # noqa: N802 - PlexAPI's name
        self.value = build_item(data)


@dataclass(frozen=True, slots=True)
class Entry:
    """An item with what only its list knows: the show that an episode or season belongs to, and when it was added
    (epoch seconds).
    """

    item: Item
    show_id: str | None
    added_at_s: int | None


class LeanEntry(Lean):
    """A list element as an `Entry`."""

    params = UNREAD

    def _loadData(self, data: Element) -> None:  # noqa: N802 - PlexAPI's name
        item = build_item(data)
        parent = {"episode": "grandparentRatingKey", "season": "parentRatingKey"}.get(item.type, "")
        self.value = Entry(item, data.get(parent), whole(data.get("addedAt")))


class LeanSection(Lean):
    """A library of `/library/sections`; one that cannot be read is passed over instead of hiding all others."""

    def _loadData(self, data: Element) -> None:  # noqa: N802 - PlexAPI's name
        library_id, kind = whole(data.get("key")), data.get("type", "")
        if library_id is None or kind not in TOP_TYPE_OF:
            raise UnknownType("not a library")
        agent = data.get("agent", "")
        self.value = Section(
            library_id=library_id,
            title=clean(data.get("title")) or f"Library {library_id}",
            kind=kind,
            home_videos=kind == "movie" and agent.endswith(".none"),
        )


@dataclass(frozen=True, slots=True)
class Choice:
    """A value that a filter takes: `key` is what Plex wants, `title` what people say."""

    key: str
    title: str


class LeanChoice(Lean):
    """An entry of `/library/sections/{id}/genre` and its likes."""

    def _loadData(self, data: Element) -> None:  # noqa: N802 - PlexAPI's name
        self.value = Choice(data.get("key", ""), clean(data.get("title"), 60))


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody found by name. `kind` is actor or director; `tag_id` what filters take."""

    tag_id: int
    kind: str
    name: str


class LeanPerson(Lean):
    """A tag of a hub search; titles among them are passed over."""

    def _loadData(self, data: Element) -> None:  # noqa: N802 - PlexAPI's name
        tag_id, kind = whole(data.get("id")), (data.get("filter") or "").partition("=")[0]
        if tag_id is None or kind not in {"actor", "director"}:
            raise UnknownType("nobody")
        self.value = Person(tag_id, kind, clean(data.get("tag"), 80))


def build_item(data: Element) -> Item:
    """An element of a list, of `/status/sessions` or of details as an `Item`. Raise UnknownType when it has no id."""
    get = data.get
    rating_key, kind = get("ratingKey", ""), get("type", "")
    if not rating_key.isdecimal() or kind not in TYPE_NUMBERS:
        raise UnknownType("no item")
    duration_ms = whole(get("duration"))
    return Item(
        media_id=rating_key,
        type=kind,
        title=clean(get("title")) or "(untitled)",
        year=whole(get("year")) if kind not in {"episode", "track", "photo"} else None,
        minutes=minutes_of(duration_ms) if kind not in {"season", "photo"} else None,
        rating=_rating(get("audienceRating") or get("rating")),
        content_rating=clean(get("contentRating"), 16) or None,
        genres=tuple(clean(tag.get("tag"), 40) for tag in data.findall("Genre")[:_GENRES]),
        added=date_of(whole(get("addedAt"))),
        library=clean(get("librarySectionTitle")) or None,
        **position_of(data, kind),
        **_seen(data, kind, duration_ms),
    )


def _rating(text: str | None) -> float | None:
    value = decimal(text)
    return round(value, 1) if value else None


def position_of(data: Element, kind: str) -> dict[str, Any]:
    """Where an item stands: in a show, on an album."""
    get = data.get
    if kind == "episode":
        return {
            "show": clean(get("grandparentTitle")) or None,
            "season": whole(get("parentIndex")),
            "episode": whole(get("index")),
            "aired": clean(get("originallyAvailableAt"), 10) or None,
        }
    if kind == "season":
        return {"show": clean(get("parentTitle")) or None, "season": whole(get("index"))}
    if kind == "track":
        # A compilation's track names its own artist in originalTitle.
        artist = get("originalTitle") or get("grandparentTitle")
        return {"artist": clean(artist) or None, "album": clean(get("parentTitle")) or None}
    if kind == "album":
        return {"artist": clean(get("parentTitle")) or None}
    if kind == "photo":
        return {"aired": clean(get("originallyAvailableAt"), 10) or None}
    return {}


def _seen(data: Element, kind: str, duration_ms: int | None) -> dict[str, Any]:
    """What the token's account has seen of an item, and how much is inside."""
    get = data.get
    if kind in _WATCHABLE:
        offset_ms = whole(get("viewOffset"))
        seen: dict[str, Any] = {"watched": bool(whole(get("viewCount")))}
        if offset_ms and offset_ms > 0 and duration_ms:
            seen["progress_pct"] = min(99, max(1, round(offset_ms * 100 / duration_ms)))
        return seen
    inside = whole(get("leafCount") or get("childCount"))
    if kind in {"show", "season"} and inside is not None:
        unwatched = max(0, inside - (whole(get("viewedLeafCount")) or 0))
        return {"count": inside, "unwatched": unwatched or None, "watched": bool(inside) and not unwatched}
    return {"count": inside} if inside is not None else {}


def same_library_unsaid(items: Iterable[Item]) -> tuple[Item, ...]:
    """The items without their library where all are in the same one: it would only cost tokens."""
    found = tuple(items)
    libraries = {item.library for item in found}
    if len(libraries) > 1 or libraries == {None}:
        return found
    return tuple(replace(item, library=None) for item in found)

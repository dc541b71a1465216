"""One item in full, from PlexAPI's full object: what a household asks about; no paths, pictures or stream internals."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

from plex_mcp.plex.models import Item, build_item
from plex_mcp.plex.text import clean, timestamp_of, whole

SUMMARY_LIMIT = 900
_CAST_MOST = 10
_NAMES_MOST = 8
_LANGUAGES_MOST = 12
_VERSIONS_MOST = 6
_CHAPTERS_MOST = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class CastMember:
    name: str
    role: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """One file of an item."""

    resolution: str | None = None
    hdr: str | None = None
    video: str | None = None
    container: str | None = None
    size_gb: float | None = None
    mbps: float | None = None
    audio: Sequence[str] = ()
    subtitles: Sequence[str] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """A chapter or a marker (intro, credits): `start_s` and `end_s` are positions in seconds."""

    title: str
    start_s: int
    end_s: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts(Item):
    """What is known of one item beyond its list entry. `position_s` is where it was left, in seconds."""

    original_title: str | None = None
    edition: str | None = None
    tagline: str | None = None
    summary: str | None = None
    released: str | None = None
    studio: str | None = None
    critic_rating: float | None = None
    user_rating: float | None = None
    directors: Sequence[str] = ()
    writers: Sequence[str] = ()
    collections: Sequence[str] = ()
    cast: Sequence[CastMember] = ()
    cast_total: int | None = None
    views: int | None = None
    last_viewed: str | None = None
    position_s: int | None = None
    resolution: str | None = None
    audio_languages: Sequence[str] = ()
    subtitle_languages: Sequence[str] = ()
    guid: str | None = None
    imdb: str | None = None
    tmdb: str | None = None
    tvdb: str | None = None
    show_id: str | None = None
    season_id: str | None = None
    artist_id: str | None = None
    album_id: str | None = None
    versions: Sequence[Version] = ()
    chapters: Sequence[Span] = ()
    markers: Sequence[Span] = ()


def build_facts(item: Any, *, cast: bool, chapters: bool, versions: bool) -> dict[str, Any]:
    """The fields of `Facts` for a full object of PlexAPI's; `cast`, `chapters` and `versions` are on request."""
    data = item._data
    get = data.get
    base = build_item(data)
    episode = base.type in {"episode", "photo"}
    facts: dict[str, Any] = {part.name: getattr(base, part.name) for part in fields(base)}
    facts |= {
        "original_title": _unlike(clean(get("originalTitle")), base.title) if base.type != "track" else None,
        "edition": clean(get("editionTitle")) or None,
        "tagline": clean(get("tagline"), 200) or None,
        "summary": clean(get("summary"), SUMMARY_LIMIT) or None,
        "released": None if episode else clean(get("originallyAvailableAt"), 10) or None,
        "studio": clean(get("studio"), 80) or None,
        "critic_rating": _critic(data),
        "user_rating": _rounded(getattr(item, "userRating", None)),
        "directors": _tags(item, "directors"),
        "writers": _tags(item, "writers"),
        "collections": _tags(item, "collections"),
        "views": whole(get("viewCount")) or None,
        "last_viewed": timestamp_of(whole(get("lastViewedAt"))),
        "position_s": (whole(get("viewOffset")) or 0) // 1000 or None,
        "guid": clean(get("guid"), 120) or None,
        **_external_ids(item),
        **_above(data, base.type),
        **_sound_and_picture(item),
    }
    if cast:
        roles = getattr(item, "roles", [])
        facts["cast"] = tuple(
            CastMember(name=clean(role.tag, 60), role=clean(role.role, 60) or None) for role in roles[:_CAST_MOST]
        )
        facts["cast_total"] = len(roles) or None
    if versions:
        facts["versions"] = tuple(_version(media) for media in getattr(item, "media", [])[:_VERSIONS_MOST])
    if chapters:
        facts["chapters"] = tuple(_spans(getattr(item, "chapters", []), "title"))
        facts["markers"] = tuple(_spans(getattr(item, "markers", []), "type"))
    return facts


def beside_its_show(episode: Item) -> Item:
    """An episode without what the show that it is told with already says."""
    return replace(episode, show=None, content_rating=None, genres=(), library=None)


def _unlike(text: str, other: str) -> str | None:
    return text if text and text != other else None


def _finite(value: Any) -> float | None:
    """A number of PlexAPI's, which makes NaN of an attribute that is none."""
    return value if isinstance(value, (int, float)) and math.isfinite(value) else None


def _rounded(value: Any) -> float | None:
    number = _finite(value)
    return round(number, 1) if number else None


def _critic(data: Any) -> float | None:
    """The critics' rating, where it is not already the only rating there is."""
    if not data.get("audienceRating"):
        return None
    try:
        return _rounded(float(data.get("rating") or 0))
    except ValueError:
        return None


def _tags(item: Any, name: str) -> tuple[str, ...]:
    return tuple(text for tag in getattr(item, name, [])[:_NAMES_MOST] if (text := clean(tag.tag, 60)))


def _external_ids(item: Any) -> dict[str, str]:
    found: dict[str, str] = {}
    for guid in getattr(item, "guids", []):
        scheme, separator, value = clean(guid.id, 60).partition("://")
        if separator and scheme in {"imdb", "tmdb", "tvdb"}:
            found.setdefault(scheme, value)
    return found


def _above(data: Any, kind: str) -> dict[str, str | None]:
    """The ids of what an item belongs to."""
    parent, grandparent = _id(data.get("parentRatingKey")), _id(data.get("grandparentRatingKey"))
    if kind == "episode":
        return {"show_id": grandparent, "season_id": parent}
    if kind == "track":
        return {"artist_id": grandparent, "album_id": parent}
    return {"season": {"show_id": parent}, "album": {"artist_id": parent}, "photo": {"album_id": parent}}.get(kind, {})


def _id(text: str | None) -> str | None:
    return text if text and text.isdecimal() else None


def _streams(item: Any) -> Iterator[Any]:
    for media in getattr(item, "media", []):
        for part in media.parts:
            yield from part.streams


def _sound_and_picture(item: Any) -> dict[str, Any]:
    """The best resolution and all languages over all versions."""
    media = getattr(item, "media", [])
    best = max(media, key=lambda version: _finite(version.height) or 0, default=None)
    streams = list(_streams(item))
    return {
        "resolution": clean(best.videoResolution, 12) or None if best else None,
        "audio_languages": _languages(stream for stream in streams if stream.streamType == 2),
        "subtitle_languages": _languages(stream for stream in streams if stream.streamType == 3),
    }


def _languages(streams: Iterable[Any]) -> tuple[str, ...]:
    names = (clean(stream.language or stream.languageCode, 30) for stream in streams)
    return tuple(dict.fromkeys(name for name in names if name))[:_LANGUAGES_MOST]


def _version(media: Any) -> Version:
    streams = [stream for part in media.parts for stream in part.streams]
    video = next((stream for stream in streams if stream.streamType == 1), None)
    size_bytes = sum(_finite(part.size) or 0 for part in media.parts)
    return Version(
        resolution=clean(media.videoResolution, 12) or None,
        hdr=_hdr(video) if video is not None else None,
        video=clean(media.videoCodec, 20) or None,
        container=clean(media.container, 12) or None,
        size_gb=round(size_bytes / 1e9, 2) or None,
        mbps=round((_finite(media.bitrate) or 0) / 1000, 1) or None,
        audio=_described(streams, 2),
        subtitles=_described(streams, 3),
    )


def _described(streams: Iterable[Any], kind: int) -> tuple[str, ...]:
    named = (s.displayTitle or s.language or s.codec or "unknown" for s in streams if s.streamType == kind)
    return tuple(clean(name, 60) for name in named)[:_LANGUAGES_MOST]


def _hdr(video: Any) -> str | None:
    if getattr(video, "DOVIPresent", None):
        return "Dolby Vision"
    return {"smpte2084": "HDR10", "arib-std-b67": "HLG"}.get(getattr(video, "colorTrc", None) or "")


def _spans(parts: Iterable[Any], title: str) -> Iterator[Span]:
    for number, part in enumerate(list(parts)[:_CHAPTERS_MOST], 1):
        yield Span(
            title=clean(getattr(part, title, None), 80) or f"Chapter {number}",
            start_s=int(_finite(part.start) or 0) // 1000,
            end_s=int(_finite(part.end) or 0) // 1000 or None,
        )

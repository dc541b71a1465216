"""How a filter or sort field is read from an item."""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import lru_cache

from plex_mcp.standin.model import LANGUAGES, Item, fold
from plex_mcp.standin.users import User
from plex_mcp.standin.views import Views


@lru_cache(maxsize=50_000)
def day(date: str) -> float:
    """Midnight UTC of an ISO date, epoch seconds."""
    return datetime.fromisoformat(date).replace(tzinfo=UTC).timestamp()


def number(item: Item, field: str) -> float | None:
    """A numeric field that is the same for all users; dates as epoch seconds. KeyError for any other name."""
    return _NUMBERS[field](item)


_NUMBERS: dict[str, Callable[[Item], float | None]] = {
    "year": lambda i: i.year,
    "decade": lambda i: i.year // 10 * 10 if i.year else None,
    "rating": lambda i: i.rating,
    "audienceRating": lambda i: i.audience_rating,
    "duration": lambda i: i.duration_ms,
    "index": lambda i: i.index,
    "id": lambda i: i.rating_key,
    "mediaSize": lambda i: i.media[0].size_bytes if i.media else None,
    "mediaBitrate": lambda i: (i.media[0].profile.bitrate_kbps or None) if i.media else None,
    "mediaHeight": lambda i: (i.media[0].profile.height or None) if i.media else None,
    "addedAt": lambda i: i.added_at,
    "updatedAt": lambda i: i.updated_at,
    "originallyAvailableAt": lambda i: day(i.released) if i.released else None,
}
NUMBERS = frozenset(_NUMBERS)


def text(item: Item, field: str) -> str:
    """A text field, folded for comparison."""
    return fold(
        {
            "title": item.title,
            "titleSort": item.title_sort or item.title,
            "studio": item.studio,
            "originalTitle": item.original_title,
            "summary": item.summary,
            "editionTitle": item.edition,
            "edition": item.edition,
            "contentRating": item.content_rating,
        }[field]
        or ""
    )


def exact(item: Item, field: str) -> frozenset[str]:
    """The values that an is/is-not filter compares with, lower case."""
    if field == "contentRating":
        return frozenset({(item.content_rating or "").lower()})
    if field == "resolution":
        return frozenset(media.profile.resolution for media in item.media)
    if field in ("audioLanguage", "subtitleLanguage"):
        kind = 2 if field == "audioLanguage" else 3
        codes = {code for media in item.media for code in media.profile.languages(kind)}
        return frozenset(codes | {LANGUAGES[code][1] for code in codes})
    if field == "guid":
        return frozenset({item.guid, *item.guids})
    return frozenset({str(item.rating_key)}) if field == "id" else frozenset()


def choices(item: Item, field: str) -> list[float | str]:
    """An item's values as a list of this field's values shows them; a language only by its three letters."""
    if field in NUMBERS:
        value = number(item, field)
        return [] if value is None else [value]
    if field == "contentRating":
        return [item.content_rating] if item.content_rating else []
    if field == "studio":
        return [item.studio] if item.studio else []
    return [word for word in exact(item, field) if field == "resolution" or len(word) != 2]


def flag(item: Item, field: str, views: Views, user: User) -> bool:
    """A yes/no field."""
    if field in ("unwatched", "unwatchedLeaves"):
        leaves, watched = views.leaf_counts(user.account_id, item)
        return watched < leaves
    if field == "inProgress":
        touched = views.touched(user.account_id)
        return any(leaf.rating_key in touched and touched[leaf.rating_key].view_offset_ms for leaf in item.leaves())
    if field == "hdr":
        return any(media.profile.hdr for media in item.media)
    if field == "dovi":
        return any(media.profile.dolby_vision for media in item.media)
    return field == "duplicate" and len(item.media) > 1


def of_user(item: Item, field: str, views: Views, user: User) -> float | None:
    """A numeric field that differs between users."""
    view = views.of(user.account_id, item)
    if field == "userRating":
        return view.user_rating
    if field == "lastViewedAt":
        return views.last_viewed_at(user.account_id, item)
    if field == "viewOffset":
        return view.view_offset_ms or None
    leaves, watched = views.leaf_counts(user.account_id, item)
    return leaves - watched if field == "unviewedLeafCount" else watched

"""Items as Plex's XML: the lean form of lists, the full form of ``/library/metadata/ID``, and that of sessions.

The part of an element that is the same for all users is made once and kept; what a user has seen is put in between.
"""

import threading
from functools import lru_cache
from itertools import islice

from plex_mcp.standin.include import LEAN, Include
from plex_mcp.standin.item_values import head, pictured, tail, thumb
from plex_mcp.standin.library import Library
from plex_mcp.standin.model import LEAF_KINDS, Item, Playlist, Tag
from plex_mcp.standin.streams import media_xml
from plex_mcp.standin.users import User
from plex_mcp.standin.views import Views
from plex_mcp.standin.xml import Attributes, Value, attributes, element, text

ELEMENTS = {
    "movie": "Video",
    "episode": "Video",
    "clip": "Video",
    "track": "Track",
    "photo": "Photo",
}
_TAG_ELEMENTS = (
    ("genre", "Genre"),
    ("country", "Country"),
    ("director", "Director"),
    ("writer", "Writer"),
    ("producer", "Producer"),
    ("collection", "Collection"),
    ("mood", "Mood"),
)
_LIST_LIMITS = {"genre": 2, "country": 2, "director": 2, "writer": 2, "producer": 0, "mood": 0}
_PEOPLE = ("director", "writer", "producer")
_SIMILAR_FROM = 5_000_000  # ids of tags that stand for other items
_UNCOUNTED = ("mood", "collection")
_KEPT = 20_000


class Renderer:
    """Makes the XML of items for a user."""

    def __init__(self, library: Library, views: Views) -> None:
        self._library = library
        self._views = views
        self._kept: dict[tuple[int, Include], tuple[str, str, str]] = {}
        self._lock = threading.Lock()

    def item(
        self, item: Item, user: User, include: Include = LEAN, *, entry: Attributes | None = None, inside: str = ""
    ) -> str:
        """One element. ``entry``: attributes of its place in a list; ``inside``: children that follow its own."""
        before, after, inner = self._parts(item, include)
        name = ELEMENTS.get(item.kind, "Directory")
        place = attributes(entry) if entry else ""
        seen = self._seen(item, user)
        between = attributes(include.trimmed(seen)) if seen else ""
        if not inner and not inside:
            return f"<{name}{place}{before}{between}{after} />\n"
        return f"<{name}{place}{before}{between}{after}>\n{inner}{inside}</{name}>\n"

    def items(self, items: list[Item], user: User, include: Include = LEAN) -> list[str]:
        """A page of them."""
        return [self.item(item, user, include) for item in items]

    def tags_of(self, item: Item, include: Include) -> str:
        """The tag elements of an item: with ids in the full form, else the names of the first few."""
        found = []
        for kind, name in _TAG_ELEMENTS:
            tags = item.tags.get(kind, ()) if include.wants(name) else ()
            if include.full:
                found += [element(name, self._tag_attributes(tag) | _person(tag)) for tag in tags]
            else:
                found += [_lean_tag(name, tag) for tag in tags[: _LIST_LIMITS.get(kind, 3)]]
        if not include.wants("Role"):
            return "".join(found)
        if include.full:
            found += [
                element(
                    "Role",
                    self._tag_attributes(r.tag)
                    | {
                        "tagKey": r.tag.key,
                        "role": r.character,
                        "thumb": f"https://metadata-static.plex.tv/people/{r.tag.key}.jpg",
                    },
                )
                for r in item.roles
            ]
        else:
            found += [_lean_tag("Role", role.tag) for role in item.roles[:3]]
        return "".join(found)

    def playlist(self, playlist: Playlist, include: Include = LEAN) -> str:
        """A playlist in a list or on its own."""
        lengths = [item.duration_ms or 0 for item in playlist.items]
        return element(
            "Playlist",
            include.trimmed(
                {
                    "ratingKey": playlist.rating_key,
                    "key": f"/playlists/{playlist.rating_key}/items",
                    "guid": f"com.plexapp.agents.none://{self._library.digest('playlist', playlist.rating_key)}",
                    "type": "playlist",
                    "title": playlist.title,
                    "summary": playlist.summary,
                    "smart": playlist.smart,
                    "playlistType": playlist.media_kind,
                    "composite": f"/playlists/{playlist.rating_key}/composite/{playlist.added_at}",
                    "icon": "playlist://image.smart",
                    "viewCount": 1,
                    "lastViewedAt": playlist.added_at + 3600,
                    "duration": sum(lengths),
                    "leafCount": len(playlist.items),
                    "addedAt": playlist.added_at,
                    "updatedAt": playlist.added_at,
                }
            ),
        )

    def _tag_attributes(self, tag: Tag) -> dict[str, Value]:
        uses = self._library.tag_uses[tag.tag_id]
        return {
            "id": tag.tag_id,
            "filter": f"{tag.kind}={tag.tag_id}",
            "tag": tag.name,
            "count": uses if uses > 1 and tag.kind not in _UNCOUNTED else None,
        }

    def values(self, item: Item, user: User, include: Include = LEAN) -> dict[str, Value]:
        """All attributes of an item for a user, for those who add to them or change them."""
        return (
            head(item, with_section=include.full or include.section, with_uuid=include.section)
            | self._seen(item, user)
            | tail(item)
        )

    def _seen(self, item: Item, user: User) -> dict[str, Value]:
        views, account = self._views, user.account_id
        if item.kind in LEAF_KINDS:
            view = views.touched(account).get(item.rating_key)
            if view is None:
                return {}
            return {
                "userRating": view.user_rating,
                "lastRatedAt": view.last_rated_at,
                "viewOffset": view.view_offset_ms or None,
                "viewCount": view.view_count or None,
                "lastViewedAt": view.last_viewed_at,
            }
        own = views.of(account, item)
        state: dict[str, Value] = {"userRating": own.user_rating, "lastRatedAt": own.last_rated_at}
        if item.kind in ("collection", "photoalbum"):
            return state
        leaves, watched = views.leaf_counts(account, item)
        state |= {"viewCount": watched or None, "lastViewedAt": views.last_viewed_at(account, item)}
        if item.kind != "artist":
            state |= {"leafCount": leaves, "viewedLeafCount": watched}
        return state

    def _parts(self, item: Item, include: Include) -> tuple[str, str, str]:
        kept = self._kept.get((item.rating_key, include))
        if kept is None:
            first = head(item, with_section=include.full or include.section, with_uuid=include.section)
            before, after = attributes(include.trimmed(first)), attributes(include.trimmed(tail(item)))
            kept = (before, after, self._inner(item, include))
            with self._lock:
                if len(self._kept) >= _KEPT:
                    self._kept.clear()
                self._kept[item.rating_key, include] = kept
        return kept

    def _inner(self, item: Item, include: Include) -> str:
        inner = []
        if include.wants("Media"):
            inner += [
                media_xml(media, full=include.full or include.streams, check_files=include.check_files)
                for media in item.media
            ]
        if item.kind in ("movie", "show", "season", "episode"):
            inner += [images(item)] if include.wants("Image") else []
            inner += [colours(item)] if include.wants("UltraBlurColors") else []
        inner.append(self.tags_of(item, include))
        if (include.full or include.guids) and include.wants("Guid"):
            inner += [element("Guid", {"id": guid}) for guid in item.guids]
        if include.full:
            inner += [make(item) for name, make in _DETAILS.items() if include.wants(name)]
        if include.chapters and include.wants("Chapter"):
            inner.append(chapters(item))
        if include.markers and include.wants("Marker"):
            inner.append(markers(item))
        return "".join(inner)


def ratings(item: Item) -> str:
    """What critics and the audience think."""
    return "".join(
        element("Rating", {"image": image, "value": value, "type": kind})
        for value, image, kind in (
            (item.rating, "rottentomatoes://image.rating.ripe", "critic"),
            (item.audience_rating, "themoviedb://image.rating", "audience"),
        )
        if value is not None
    )


def similar(item: Item) -> str:
    """Tags that stand for other items like this one."""
    if item.kind not in ("movie", "show", "artist"):
        return ""
    return "".join(
        element("Similar", {"id": number, "filter": f"similar={number}", "tag": other.title})
        for number, other in ((_SIMILAR_FROM + other.rating_key, other) for other in _similar(item))
    )


def location(item: Item) -> str:
    """The folder of a show or an artist."""
    if item.kind not in ("show", "artist"):
        return ""
    return element("Location", {"path": f"{item.section.path}/{item.title}"})


_DETAILS = {"Rating": ratings, "Similar": similar, "Location": location}


def _similar(item: Item) -> list[Item]:
    """Five of the same kind that share a genre, from the first few hundred."""
    mine = set(item.tags.get("genre", ()))
    others = (o for o in item.section.of_kind(item.kind)[:300] if o is not item and mine & set(o.tags.get("genre", ())))
    return list(islice(others, 5))


def _person(tag: Tag) -> dict[str, Value]:
    """What only people have."""
    if tag.kind not in _PEOPLE:
        return {}
    return {"tagKey": tag.key, "thumb": f"https://metadata-static.plex.tv/people/{tag.key}.jpg"}


@lru_cache(maxsize=20_000)
def _lean_tag(name: str, tag: Tag) -> str:
    """A tag as lists show it; there are few tags and many items."""
    return element(name, {"tag": tag.name})


def images(item: Item) -> str:
    """Pictures of an item."""
    kinds = [("coverPoster", "thumb"), ("background", "art")]
    if item.kind == "episode":
        kinds = [("snapshot", "thumb"), ("background", "art")]
    alt = text(item.title)
    pictures = [f'<Image alt="{alt}" type="{of}" url="{thumb(pictured(item, path), path)}" />\n' for of, path in kinds]
    return "".join(pictures)


def colours(item: Item) -> str:
    """The four colours behind its pictures."""
    tint = item.rating_key * 2654435761 & 0xFFFFFF
    corners = "".join(
        [
            f' {corner}="{(tint >> n) & 0x7F7F7F:06x}"'
            for n, corner in enumerate(("topLeft", "topRight", "bottomRight", "bottomLeft"))
        ]
    )
    return f"<UltraBlurColors{corners} />\n"


def chapters(item: Item) -> str:
    """The chapters of a video."""
    starts = [start for _, start in item.chapters] + [item.duration_ms or 0]
    return "".join(
        element(
            "Chapter",
            {
                "id": item.rating_key * 10 + n,
                "filter": f"thumb={item.rating_key * 10 + n}",
                "tag": name,
                "index": n,
                "startTimeOffset": start,
                "endTimeOffset": starts[n],
                "thumb": f"/library/media/{item.media[0].media_id}/chapterImages/{n}" if item.media else None,
            },
        )
        for n, (name, start) in enumerate(item.chapters, 1)
    )


def markers(item: Item) -> str:
    """Where the intro and the credits are."""
    return "".join(
        element(
            "Marker",
            {
                "id": item.rating_key * 10 + n,
                "type": marker.kind,
                "startTimeOffset": marker.start_ms,
                "endTimeOffset": marker.end_ms,
                "final": marker.final or None,
            },
            [element("Attributes", {"id": item.rating_key * 10 + n, "version": 4})],
        )
        for n, marker in enumerate(item.markers)
    )

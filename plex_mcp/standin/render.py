"""Items as Plex's XML: the lean form of lists, the full form of ``/library/metadata/ID``, and that of sessions.

The part of an element that is the same for all users is made once and kept; what a user has seen is put in between.
"""

import threading

from plex_mcp.standin.include import FULL, LEAN, Include
from plex_mcp.standin.item_elements import elements
from plex_mcp.standin.item_tags import tags_xml
from plex_mcp.standin.item_values import head, tail
from plex_mcp.standin.library import Library
from plex_mcp.standin.model import LEAF_KINDS, Item, Playlist
from plex_mcp.standin.users import User
from plex_mcp.standin.views import Views
from plex_mcp.standin.xml import Attributes, Value, attributes, element

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
        name = item.wire_element
        place = attributes(entry) if entry else ""
        seen = self._seen(item, user)
        between = attributes(include.trimmed(seen)) if seen else ""
        if not inner and not inside:
            return f"<{name}{place}{before}{between}{after} />\n"
        return f"<{name}{place}{before}{between}{after}>\n{inner}{inside}</{name}>\n"

    def items(self, items: list[Item], user: User, include: Include = LEAN) -> list[str]:
        """A page of them."""
        return [self.item(item, user, include) for item in items]

    def playlist(self, playlist: Playlist, include: Include = LEAN) -> str:
        """A playlist in a list or on its own."""
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
                    "duration": sum(item.duration_ms or 0 for item in playlist.items),
                    "leafCount": len(playlist.items),
                    "addedAt": playlist.added_at,
                    "updatedAt": playlist.added_at,
                }
            ),
        )

    def values(self, item: Item, user: User) -> dict[str, Value]:
        """All attributes of an item for a user, for those who add to them or change them."""
        return head(item, with_section=False) | self._seen(item, user) | tail(item)

    def tags_of(self, item: Item) -> str:
        """The tag elements of an item, in full."""
        return "".join(tags_xml(item, FULL, self._library.tag_uses))

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
            kept = (before, after, "".join(elements(item, include, self._library.tag_uses)))
            with self._lock:
                if len(self._kept) >= _KEPT:
                    self._kept.clear()
                self._kept[item.rating_key, include] = kept
        return kept

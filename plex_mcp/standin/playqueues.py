"""Play queues: the list that a player works through, made from an item's address."""

import itertools
import random
import re
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import unquote

from plex_mcp.standin.answers import number
from plex_mcp.standin.library import Library
from plex_mcp.standin.model import Item
from plex_mcp.standin.users import User
from plex_mcp.standin.views import Views

_ITEM = re.compile(r"/library/(?:metadata|collections)/([\d,]+)")
_PLAYLIST = re.compile(r"/playlists/(\d+)")


@dataclass(eq=False)
class PlayQueue:
    """Entries in playing order; entry ids are ``first_entry_id + position``."""

    queue_id: int
    items: list[Item]
    selected: int
    source_uri: str
    first_entry_id: int
    shuffled: bool = False
    repeat: int = 0
    version: int = 1

    def entry_id(self, position: int) -> int:
        """The playQueueItemID at a position."""
        return self.first_entry_id + position


class PlayQueues:
    """All queues made since the start."""

    def __init__(self, library: Library, views: Views) -> None:
        self._library = library
        self._views = views
        self._ids = itertools.count(1201)
        self._lock = threading.Lock()
        self.by_id: dict[int, PlayQueue] = {}

    def of_items(
        self, items: list[Item], selected: int = 0, *, uri: str = "", shuffled: bool = False, repeat: int = 0
    ) -> PlayQueue:
        """A queue of these items; when shuffled, the selected one comes first."""
        with self._lock:
            queue_id = next(self._ids)
        if shuffled and items:
            rest = items[:selected] + items[selected + 1 :]
            random.Random(queue_id).shuffle(rest)  # noqa: S311 - a playing order, and a repeatable one
            items, selected = [items[selected], *rest], 0
        queue = PlayQueue(queue_id, items, selected, uri, queue_id * 1000, shuffled, repeat)
        self.by_id[queue_id] = queue
        return queue

    def create(self, arguments: Mapping[str, str], user: User) -> PlayQueue | None:
        """What POST /playQueues makes of its query; None when the address names nothing.

        A show or season starts at the first episode that the user has not seen, an episode with ``continuous=1``
        is followed by the rest of its show, ``key=`` names the entry to start with.
        """
        uri = unquote(arguments.get("uri", ""))
        items = self._named(uri, arguments.get("playlistID"))
        if not items:
            return None
        leaves = _of_type([leaf for item in items for leaf in item.leaves()], arguments.get("type"))
        if not leaves:
            return None
        selected = 0
        first = items[0]
        show = first.ancestor("show") if len(items) == 1 else None
        if show is not None and first.kind == "episode" and arguments.get("continuous") == "1":
            leaves = list(show.leaves())
            selected = leaves.index(first)
        elif show is not None and first.kind in ("show", "season"):
            selected = self._first_unseen(leaves, user)
        key = _ITEM.search(unquote(arguments.get("key", "")))
        if key:
            selected = next((n for n, leaf in enumerate(leaves) if str(leaf.rating_key) == key[1]), selected)
        return self.of_items(
            leaves,
            selected,
            uri=arguments.get("uri", ""),
            shuffled=arguments.get("shuffle") == "1",
            repeat=number(arguments.get("repeat")) or 0,
        )

    def _first_unseen(self, episodes: list[Item], user: User) -> int:
        """The place of the first regular episode that the user has not seen, 0 when there is none."""
        for place, episode in enumerate(episodes):
            special = episode.parent is not None and episode.parent.index == 0
            if not special and not self._views.of(user.account_id, episode).view_count:
                return place
        return 0

    def _named(self, uri: str, playlist_id: str | None) -> list[Item]:
        in_uri = _PLAYLIST.search(uri)
        asked = playlist_id or (in_uri[1] if in_uri else None)
        if asked:
            playlist = self._library.playlists.get(number(asked) or 0)
            return list(playlist.items) if playlist else []
        match = _ITEM.search(unquote(uri))
        keys = [int(key) for key in match[1].split(",") if key] if match else []
        return [self._library.items[key] for key in keys if key in self._library.items]


def _of_type(leaves: list[Item], media_type: str | None) -> list[Item]:
    """Those that fit ``type=video|audio|photo``."""
    if media_type == "video":
        return [leaf for leaf in leaves if leaf.kind not in ("track", "photo")]
    wanted = {"audio": "track", "photo": "photo"}.get(media_type or "")
    return [leaf for leaf in leaves if leaf.kind == wanted] if wanted else leaves

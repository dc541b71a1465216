"""What "play this" means: an item as it is, the right episode of a show, a whole album or playlist."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal
from xml.etree.ElementTree import Element

from plex_mcp.errors import InvalidArgument, NotFound
from plex_mcp.plex.client import PlexClient, no_such_item, require_id
from plex_mcp.plex.names import quoted
from plex_mcp.plex.pages import page_headers
from plex_mcp.plex.sessions import MediaKind, Playing, media_kind, playing
from plex_mcp.plex.text import whole

EpisodeChoice = Literal["next", "latest", "first", "random"]

_PAGE = 100
_LAST = 25
_PAGES_MOST = 20
_LEAVES = {"movie", "episode", "track", "clip"}
_AUDIO = {"artist", "album", "track", "audio"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """What to make a play queue of, in Plex's terms.

    `key` is the queue's source, `start_id` the item that must play first (None where Plex decides: shuffled, or a
    container's first), `kind` what players call the medium, `queue_type` what queues call it; `continuous` lets the
    following episodes come after. `item` is shown to the user.
    """

    item: Playing
    key: str
    start_id: str | None
    kind: MediaKind
    offset_ms: int = 0
    shuffle: bool = False
    continuous: bool = False
    playlist_id: str | None = None
    note: str | None = None

    @property
    def queue_type(self) -> str:
        """`audio` where players say `music`."""
        return "audio" if self.kind == "music" else self.kind


def select(
    plex: PlexClient, media_id: str, *, episode: EpisodeChoice | None, shuffle: bool, position_s: int | None
) -> Selection:
    """What plays when this item is asked for. One request; one more for `latest`, `first` and `random`, and for a
    playlist; more than two only where a show's next episode must be searched for.

    Raise NotFound for an unknown item or a show without a next episode, InvalidArgument for choices that do not go
    with the item.
    """
    found = _item(plex, require_id(media_id))
    kind = found.get("type", "")
    in_show = found.tag == "Directory" and kind in {"show", "season"}
    if episode is not None and not in_show:
        raise InvalidArgument(
            f"episode goes with a show or a season; {media_id} is a {kind or 'thing of another kind'}.",
            suggestion="Leave episode out.",
        )
    if in_show and not shuffle:
        return _of_leaf(_episode(plex, found, episode or "next"), position_s)
    if found.tag != "Directory" and kind in _LEAVES | {"photo"}:
        if shuffle:
            raise InvalidArgument(
                f"shuffle goes with a show, season, album, artist, playlist or collection; {media_id} is a {kind}.",
                suggestion="Leave shuffle out.",
            )
        return _of_leaf(found, position_s)
    if position_s is not None:
        raise InvalidArgument(
            f"position goes with one film, episode or track; {kind} {media_id} holds several.",
            suggestion="Leave position out, or give the media_id of one of its items.",
        )
    return _of_container(found, shuffle)


def _item(plex: PlexClient, key: int) -> Element:
    try:
        data = plex.query(f"/library/metadata/{key}", params={"includeOnDeck": 1}, endpoint="/library/metadata/{id}")
    except NotFound:
        try:
            data = plex.query(f"/playlists/{key}", endpoint="/playlists/{id}")
        except NotFound:
            raise no_such_item(key) from None
    found = next((element for element in data if element.get("type")), None)
    if found is None:
        raise no_such_item(key)
    return found


def _of_leaf(found: Element, position_s: int | None) -> Selection:
    duration_ms = whole(found.get("duration"))
    offset_ms = whole(found.get("viewOffset")) or 0 if position_s is None else position_s * 1000
    note = None
    if duration_ms and offset_ms > duration_ms:
        offset_ms = duration_ms
        note = f"position is beyond the end: it was cut to {duration_ms // 1000} s."
    item = playing(found)
    return Selection(
        item=item,
        key=f"/library/metadata/{item.media_id}",
        start_id=item.media_id,
        kind=media_kind(found),
        offset_ms=max(0, offset_ms),
        continuous=found.get("type") == "episode",
        note=note,
    )


def _of_container(found: Element, shuffle: bool) -> Selection:
    kind, item = found.get("type"), playing(found)
    inside = found.get("playlistType") or found.get("subtype") or kind or ""
    if whole(found.get("leafCount") or found.get("childCount")) == 0:
        raise NotFound(f"{item.named()} is empty: there is nothing to play.", suggestion="Choose another item.")
    key = {"playlist": "/playlists/", "collection": "/library/collections/"}.get(kind or "", "/library/metadata/")
    return Selection(
        item=item,
        key=f"{key}{item.media_id}",
        start_id=None,
        kind="music" if inside in _AUDIO else "photo" if inside in {"photo", "photoalbum"} else "video",
        shuffle=shuffle,
        playlist_id=item.media_id if kind == "playlist" else None,
    )


def _episode(plex: PlexClient, found: Element, choice: EpisodeChoice) -> Element:
    """The episode of a show or season that is meant."""
    shelf = _Shelf(plex, found)
    episode = {"next": _next, "latest": _latest, "first": _first, "random": _random}[choice](shelf)
    if episode is None:
        raise NotFound(f"{playing(found).named()} has no episodes.", suggestion="Choose another show.")
    return episode


@dataclass(frozen=True, slots=True)
class _Shelf:
    """The episodes of a show or season, in Plex's order, read in pages."""

    plex: PlexClient
    found: Element

    @property
    def total(self) -> int:
        return whole(self.found.get("leafCount")) or 0

    def page(self, start: int, size: int) -> list[Element]:
        children = "allLeaves" if self.found.get("type") == "show" else "children"
        data = self.plex.query(
            f"/library/metadata/{require_id(self.found.get('ratingKey', ''))}/{children}",
            headers=page_headers(start, size),
            endpoint="/library/metadata/{id}/" + children,
        )
        return [element for element in data if element.get("type") == "episode"][:size]

    def search(self, wanted: Callable[[Element], bool]) -> Element | None:
        """The first that is wanted; of the specials, which come first, only when nothing else is."""
        special = None
        for number in range(_PAGES_MOST):
            page = self.page(number * _PAGE, _PAGE)
            for element in filter(wanted, page):
                if _regular(element):
                    return element
                special = element if special is None else special
            if len(page) < _PAGE:
                break
        return special


def _regular(element: Element) -> bool:
    return element.get("parentIndex") != "0"


def _next(shelf: _Shelf) -> Element | None:
    """Plex's own on-deck episode, which is the one begun or the first not watched."""
    on_deck = shelf.found.find("OnDeck")
    episode = None if on_deck is None else next(iter(on_deck), None)
    watched = whole(shelf.found.get("viewedLeafCount")) or 0
    if shelf.total and watched >= shelf.total and (episode is None or not episode.get("viewOffset")):
        raise NotFound(
            f"All {shelf.total} episodes of {quoted(shelf.found.get('title', ''))} are watched: there is no next one.",
            suggestion='Ask whether to begin again, then give episode="first", "latest" or "random".',
        )
    if episode is not None:
        return episode
    return shelf.search(lambda element: not whole(element.get("viewCount")))


def _first(shelf: _Shelf) -> Element | None:
    return shelf.search(lambda _: True)


def _latest(shelf: _Shelf) -> Element | None:
    last = shelf.page(max(0, shelf.total - _LAST), _LAST)
    regular = [element for element in last if _regular(element)] or last
    return regular[-1] if regular else None


def _random(shelf: _Shelf) -> Element | None:
    if not shelf.total:
        return None
    chosen = shelf.page(secrets.randbelow(shelf.total), 1)
    return chosen[0] if chosen else None

"""Parts of lists, as Plex cuts them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from xml.etree.ElementTree import Element

from plexapi.exceptions import UnknownType

from plex_mcp.plex.text import whole


@dataclass(frozen=True, slots=True)
class Page:
    """Part of a list: `items` in Plex's order, `total` how many elements the list has in all.

    Elements that make no item are missing among the items, and Plex counts them all the same: `places` are where the
    items stand among the elements of the page, and behind them how many elements it has.
    """

    items: tuple[Any, ...]
    total: int
    places: tuple[int, ...]

    def taken(self, items: int) -> int:
        """How many elements of the page are done with when its first so many items are."""
        return self.places[items]


@dataclass(frozen=True, slots=True)
class Hub:
    """One list of a hub search. `kind` as Plex says it; `more` when there are others that were not sent."""

    kind: str
    items: tuple[Any, ...]
    more: bool


def page_headers(start: int, size: int) -> dict[str, str]:
    """The headers by which Plex cuts a page out of a list."""
    return {"X-Plex-Container-Start": str(start), "X-Plex-Container-Size": str(size)}


def leave_same_library_out(data: Element) -> None:
    """Where all that a page lists is in one library, take its name off the elements: no answer says it, and to take it
    off the finished items costs nearly as much as making them (100 µs for 20).
    """
    if len({element.get("librarySectionTitle") for element in data}) == 1:
        for element in data:
            element.attrib.pop("librarySectionTitle", None)


def build_page(server: Any, data: Element, kind: type[Any], *, size: int | None, start: int) -> Page:
    """What an answer lists, its first `size` elements. `kind` is a lean class: its `value` becomes the item; elements
    that it raises UnknownType for are passed over.
    """
    found: list[Any] = []
    places: list[int] = []
    elements = data[:size]
    for place, element in enumerate(elements):
        try:
            found.append(kind(server, element).value)
        except UnknownType:
            continue
        places.append(place)
    total = whole(data.get("totalSize")) or whole(data.get("size")) or 0
    # An answer without totalSize tells only of itself.
    return Page(tuple(found), max(total, start + len(elements)) if elements else total, (*places, len(elements)))

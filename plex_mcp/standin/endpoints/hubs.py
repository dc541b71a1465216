"""Hubs: rows of items for a screen. What to go on with, what is new in each library, one's playlists.

No continue watching answer was found recorded: it is built like on deck.
"""

from plex_mcp.standin.answers import Window, container, html_error, number
from plex_mcp.standin.containers import LIBRARY, MEDIA
from plex_mcp.standin.context import Context, Route
from plex_mcp.standin.filters import Group
from plex_mcp.standin.household import newest_kind
from plex_mcp.standin.http import Response
from plex_mcp.standin.include import Include
from plex_mcp.standin.model import Item, Section
from plex_mcp.standin.ondeck import on_deck
from plex_mcp.standin.xml import element

_PER_HUB = 6


def _deck(context: Context, sections: list[Section]) -> list[Item]:
    home = context.household
    return on_deck(sections, home.views, context.user, home.clock(), home.library.items)


def deck(context: Context) -> Response:
    """``/library/onDeck``, ``/library/sections/N/onDeck``, ``/hubs/continueWatching/items`` and that of a section."""
    sections = context.asked_sections()
    if context.values.get("section") and not sections:
        return html_error(404)
    window, items = Window.of(context.request), _deck(context, sections)
    wanted = Include.of(context.request, section=True, streams=True)
    shown = context.household.renderer.items(window.cut(items), context.user, wanted)
    return window.answer(MEDIA | {"allowSync": 1}, shown, len(items))


def _hub(key: str, title: str, kind: str, identifier: str, shown: dict[int, str], *, more: bool = False) -> str:
    """A row of a screen; ``shown`` has the elements by rating key."""
    return element(
        "Hub",
        {
            "hubKey": f"/library/metadata/{','.join(map(str, shown))}" if shown else None,
            "key": key,
            "title": title,
            "type": kind,
            "hubIdentifier": identifier,
            "context": f"hub.{identifier}",
            "size": len(shown),
            "more": more,
            "style": "shelf",
            "promoted": 1,
        },
        shown.values(),
    )


def home_hubs(context: Context) -> Response:
    """``GET /hubs`` and ``/hubs/sections/N``: continue watching and what is new in each library."""
    home, asked, sections = context.household, context.request.arguments, context.asked_sections()
    if not sections:
        return html_error(404)
    count = number(asked.get("count") or asked.get("limit"))
    count = _PER_HUB if count is None else count
    wanted = Include.of(context.request, section=True)

    def elements(items: list[Item]) -> dict[int, str]:
        return {item.rating_key: home.renderer.item(item, context.user, wanted) for item in items}

    begun = elements(_deck(context, sections)[:count])
    found = [_hub("/hubs/continueWatching/items", "Continue Watching", "mixed", "home.continue", begun)]
    for section in sections:
        kind = newest_kind(section)
        total, items = home.index([section], kind).page(Group(()), "addedAt:desc", context.user, 0, count)
        found.append(
            _hub(
                f"/library/sections/{section.key}/recentlyAdded",
                f"Recently Added in {section.title}",
                kind,
                f"{section.kind}.recentlyadded.{section.key}",
                elements(items),
                more=total > len(items),
            )
        )
    playlists = {p.rating_key: home.renderer.playlist(p, wanted) for p in home.playlists_of(context.user)}
    if playlists and "section" not in context.values:
        found.append(_hub("/playlists/all", "Recent Playlists", "playlist", "home.playlists", playlists))
    return container({"size": len(found), "allowSync": 1, "identifier": LIBRARY}, found)


ROUTES = [
    Route("GET", "/hubs", home_hubs),
    Route("GET", "/hubs/promoted", home_hubs),
    Route("GET", "/hubs/sections/{section}", home_hubs),
    Route("GET", "/hubs/continueWatching/items", deck),
    Route("GET", "/hubs/sections/{section}/continueWatching/items", deck),
    Route("GET", "/library/onDeck", deck),
    Route("GET", "/library/sections/{section}/onDeck", deck),
]

"""Hubs: rows of items for a screen. Search over everything, on deck, continue watching, recently added.

No continue watching answer was found recorded: it is built like on deck.
"""

from plex_mcp.standin.answers import MEDIA_TAGS, Window, container, html_error
from plex_mcp.standin.filters import Group
from plex_mcp.standin.household import Context, Route, top_kind
from plex_mcp.standin.http import Response
from plex_mcp.standin.include import Include
from plex_mcp.standin.model import Item, Section
from plex_mcp.standin.ondeck import on_deck
from plex_mcp.standin.search import SEARCH_HUBS, matches, people
from plex_mcp.standin.xml import Value, element

_PER_HUB = 3


def _sections(context: Context) -> list[Section]:
    visible = context.household.visible(context.user)
    wanted = context.values.get("section") or context.request.arguments.get("sectionId")
    return [s for s in visible if str(s.key) == wanted] if wanted else visible


def _deck(context: Context) -> list[Item]:
    home = context.household
    return on_deck(_sections(context), home.views, context.user, home.clock(), home.library.items)


def deck(context: Context) -> Response:
    """``/library/onDeck``, ``/library/sections/N/onDeck``, ``/hubs/continueWatching/items`` and that of a section."""
    if context.values.get("section") and not _sections(context):
        return html_error(404)
    window, items = Window.of(context.request), _deck(context)
    start, size = window.reach
    page = items[start:] if size is None else items[start : start + size]
    wanted = Include.of(context.request, section=True, streams=True)
    children = context.household.renderer.items(page, context.user, wanted)
    return window.answer(MEDIA_TAGS | {"allowSync": 1}, children, len(items))


def _hub(key: str, title: str, kind: str, identifier: str, shown: dict[int, str], **more: Value) -> str:
    """A row of a screen; ``shown`` has the elements by rating key."""
    hub_key = f"/library/metadata/{','.join(map(str, shown))}" if shown else None
    return element(
        "Hub",
        {
            "hubKey": hub_key,
            "key": key,
            "title": title,
            "type": kind,
            "hubIdentifier": identifier,
            "context": f"hub.{identifier}",
            "size": len(shown),
            "more": 0,
            "style": "shelf",
            "promoted": 1,
            **more,
        },
        shown.values(),
    )


def home_hubs(context: Context) -> Response:
    """``GET /hubs`` and ``/hubs/sections/N``: continue watching and what is new in each library."""
    home, sections = context.household, _sections(context)
    if not sections:
        return html_error(404)
    count = int(context.request.arguments.get("count") or context.request.arguments.get("limit") or 6)
    render, wanted = home.renderer, Include.of(context.request, section=True)
    begun = _deck(context)[:count]
    found = [
        _hub(
            "/hubs/continueWatching/items",
            "Continue Watching",
            "mixed",
            "home.continue",
            {item.rating_key: render.item(item, context.user, wanted) for item in begun},
        )
    ]
    for section in sections:
        kind = {"show": "episode", "artist": "album", "photo": "photo"}.get(section.kind, top_kind(section))
        total, items = home.index([section], kind).page(Group(()), "addedAt:desc", context.user, 0, count)
        found.append(
            _hub(
                f"/library/sections/{section.key}/recentlyAdded",
                f"Recently Added in {section.title}",
                kind,
                f"{section.kind}.recentlyadded.{section.key}",
                {item.rating_key: render.item(item, context.user, wanted) for item in items},
                more=total > len(items),
            )
        )
    playlists = [p for p in home.library.playlists.values() if p.owner_id == context.user.account_id]
    if playlists and "section" not in context.values:
        found.append(
            _hub(
                "/playlists/all",
                "Recent Playlists",
                "playlist",
                "home.playlists",
                {p.rating_key: render.playlist(p, wanted) for p in playlists},
            )
        )
    return container({"size": len(found), "allowSync": 1, "identifier": "com.plexapp.plugins.library"}, found)


def search(context: Context) -> Response:
    """``GET /hubs/search?query=``: a hub for each kind, empty ones too; at most ``limit`` (3) in each."""
    home, asked = context.household, context.request.arguments
    query = asked.get("query", "").strip()
    if not query:
        return html_error(400)
    limit = int(asked["limit"]) if asked.get("limit", "").isdigit() else _PER_HUB
    sections = _sections(context)
    wanted = Include.of(context.request, section=True)
    hubs = []
    for kind, title in SEARCH_HUBS:
        if kind in ("actor", "director", "genre"):
            tags = people(home.library, sections, kind, query, home.index)
            shown = [
                element(
                    "Directory",
                    {
                        "key": f"/library/sections/{section.key}/all?{kind}={tag.tag_id}",
                        "librarySectionID": section.key,
                        "librarySectionKey": f"/library/sections/{section.key}",
                        "librarySectionTitle": section.title,
                        "librarySectionType": 1 if section.kind == "movie" else 2,
                        "type": "tag",
                        "id": tag.tag_id,
                        "filter": f"{kind}={tag.tag_id}",
                        "tag": tag.name,
                        "tagType": {"genre": 1, "director": 4, "actor": 6}[kind],
                        "tagKey": tag.key,
                        "count": count,
                    },
                )
                for section, tag, count in tags
            ]
        elif kind == "playlist":
            shown = [
                home.renderer.playlist(p, wanted)
                for p in home.library.playlists.values()
                if p.owner_id == context.user.account_id and query.lower() in p.title.lower()
            ]
        else:
            index = home.index(sections, kind)
            found, reason = matches(index, query, limit + 1)
            shown = [
                home.renderer.item(item, context.user, wanted, entry={"reason": reason} if reason else None)
                for item in found
            ]
        hubs.append(
            element(
                "Hub",
                {
                    "title": title,
                    "type": kind,
                    "hubIdentifier": kind,
                    "context": f"hub.search.{kind}",
                    "size": len(shown[:limit]),
                    "more": len(shown) > limit,
                    "style": "shelf",
                },
                shown[:limit],
            )
            if shown
            else f'<Hub title="{title}" type="{kind}" hubIdentifier="{kind}" context="hub.search.{kind}" '
            f'size="0" more="0" style="shelf">\n</Hub>\n'
        )
    return container(
        {
            "size": len(hubs),
            "identifier": "com.plexapp.plugins.library",
            "mediaTagPrefix": MEDIA_TAGS["mediaTagPrefix"],
            "mediaTagVersion": MEDIA_TAGS["mediaTagVersion"],
            "allowSync": 1,
        },
        hubs,
    )


ROUTES = [
    Route("GET", "/hubs", home_hubs),
    Route("GET", "/hubs/promoted", home_hubs),
    Route("GET", "/hubs/sections/{section}", home_hubs),
    Route("GET", "/hubs/search", search),
    Route("GET", "/hubs/continueWatching/items", deck),
    Route("GET", "/hubs/sections/{section}/continueWatching/items", deck),
    Route("GET", "/library/onDeck", deck),
    Route("GET", "/library/sections/{section}/onDeck", deck),
]

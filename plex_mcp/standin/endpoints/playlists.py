"""Playlists: a user sees their own."""

from plex_mcp.standin.answers import Refused, Window, container, html_error
from plex_mcp.standin.containers import MEDIA
from plex_mcp.standin.context import Context, Route
from plex_mcp.standin.http import Response
from plex_mcp.standin.include import Include
from plex_mcp.standin.model import Playlist
from plex_mcp.standin.xml import Value


def playlists(context: Context) -> Response:
    """``GET /playlists``: by title; ``playlistType``, ``smart`` and ``title`` narrow it down."""
    asked, found = context.request.arguments, context.household.playlists_of(context.user)
    if asked.get("playlistType"):
        found = [p for p in found if p.media_kind in asked["playlistType"].split(",")]
    if asked.get("smart") in ("0", "1"):
        found = [p for p in found if p.smart == (asked["smart"] == "1")]
    if asked.get("title"):
        found = [p for p in found if asked["title"].lower() in p.title.lower()]
    if asked.get("sectionID"):
        found = [p for p in found if any(str(i.section.key) == asked["sectionID"] for i in p.items)]
    window, wanted = Window.of(context.request), Include.of(context.request)
    shown = window.cut(sorted(found, key=lambda p: p.title))
    return window.answer({}, [context.household.renderer.playlist(p, wanted) for p in shown], len(found))


def _one(context: Context) -> Playlist:
    for found in context.household.playlists_of(context.user):
        if str(found.rating_key) == context.values["id"]:
            return found
    raise Refused(html_error(404))


def playlist(context: Context) -> Response:
    """``GET /playlists/ID``."""
    shown = context.household.renderer.playlist(_one(context), Include.of(context.request))
    return container({"size": 1, "allowSync": 0, **MEDIA}, [shown])


def items(context: Context) -> Response:
    """``GET /playlists/ID/items``."""
    home, found = context.household, _one(context)
    window, wanted = Window.of(context.request), Include.of(context.request, section=True)
    entries = [(n, item) for n, item in enumerate(found.items, 1) if context.user.may_see(item.section.key)]
    listed = [
        home.renderer.item(
            item,
            context.user,
            wanted,
            entry=None if found.smart else {"playlistItemID": found.rating_key * 100 + n},
        )
        for n, item in window.cut(entries)
    ]
    values: dict[str, Value] = {
        "composite": f"/playlists/{found.rating_key}/composite/{found.added_at}",
        "duration": sum(item.duration_ms or 0 for item in found.items) // 1000,
        "leafCount": len(found.items),
        "playlistType": found.media_kind,
        "ratingKey": found.rating_key,
        "smart": found.smart,
        "title": found.title,
    }
    return window.answer(values, listed, len(entries))


ROUTES = [
    Route("GET", "/playlists", playlists),
    Route("GET", "/playlists/all", playlists),
    Route("GET", "/playlists/{id}", playlist),
    Route("GET", "/playlists/{id}/items", items),
]

"""Playlists: a user sees their own."""

from plex_mcp.standin.answers import MEDIA_TAGS, Window, container, html_error
from plex_mcp.standin.household import Context, Route
from plex_mcp.standin.http import Response
from plex_mcp.standin.include import Include
from plex_mcp.standin.model import Playlist
from plex_mcp.standin.xml import Value


def _own(context: Context) -> list[Playlist]:
    return [p for p in context.household.library.playlists.values() if p.owner_id == context.user.account_id]


def playlists(context: Context) -> Response:
    """``GET /playlists``: by title; ``playlistType``, ``smart`` and ``title`` narrow it down."""
    asked, found = context.request.arguments, _own(context)
    if asked.get("playlistType"):
        found = [p for p in found if p.media_kind in asked["playlistType"].split(",")]
    if asked.get("smart") in ("0", "1"):
        found = [p for p in found if p.smart == (asked["smart"] == "1")]
    if asked.get("title"):
        found = [p for p in found if asked["title"].lower() in p.title.lower()]
    if asked.get("sectionID"):
        found = [p for p in found if any(str(i.section.key) == asked["sectionID"] for i in p.items)]
    window = Window.of(context.request)
    wanted = Include.of(context.request)
    listed = [context.household.renderer.playlist(p, wanted) for p in sorted(found, key=lambda p: p.title)]
    return window.answer({}, window.cut(listed), len(listed))


def _one(context: Context) -> Playlist | None:
    return next((p for p in _own(context) if str(p.rating_key) == context.values["id"]), None)


def playlist(context: Context) -> Response:
    """``GET /playlists/ID``."""
    found = _one(context)
    if found is None:
        return html_error(404)
    shown = context.household.renderer.playlist(found, Include.of(context.request))
    return container({"size": 1, "allowSync": 0, **MEDIA_TAGS}, [shown])


def items(context: Context) -> Response:
    """``GET /playlists/ID/items``."""
    found = _one(context)
    if found is None:
        return html_error(404)
    window, wanted = Window.of(context.request), Include.of(context.request, section=True)
    listed = [
        context.household.renderer.item(
            item,
            context.user,
            wanted,
            entry={"playlistItemID": found.rating_key * 100 + n} if not found.smart else None,
        )
        for n, item in enumerate(found.items, 1)
        if context.user.may_see(item.section.key)
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
    return window.answer(values, window.cut(listed), len(listed))


ROUTES = [
    Route("GET", "/playlists", playlists),
    Route("GET", "/playlists/all", playlists),
    Route("GET", "/playlists/{id}", playlist),
    Route("GET", "/playlists/{id}/items", items),
]

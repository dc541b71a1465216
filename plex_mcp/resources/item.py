"""`plex://item/{media_id}`: everything about one item."""

from __future__ import annotations

from plex_mcp.calls.views import Views
from plex_mcp.resources._answer import JSON_TYPE, answer_of
from plex_mcp.resources._resource import Content, Resource


def _read(views: Views, *, media_id: str) -> Content:
    return answer_of("get_media_details", media_id=media_id)(views)


item = Resource(
    name="item",
    title="An item",
    description="Everything about one movie, show, season, episode, artist, album or track.",
    uri="plex://item/{media_id}",
    mime_type=JSON_TYPE,
    read=_read,
    needs=("get_media_details",),
)

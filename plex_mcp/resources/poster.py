"""`plex://item/{media_id}/poster`: the picture of one item."""

from __future__ import annotations

import base64
import json

from plex_mcp.calls.views import Views
from plex_mcp.errors import NotFound
from plex_mcp.resources._resource import Content, Resource


def _read(views: Views, *, media_id: str) -> Content:
    outcome = views.outcome("get_media_details", media_id=media_id, include_cast=False, include=["poster"])
    for block in json.loads(b"{" + outcome.body + b"}")["content"]:
        if block["type"] == "image":
            return Content(block["mimeType"], data=base64.b64decode(block["data"]))
    raise NotFound(f"The item {media_id} has no poster.")


poster = Resource(
    name="poster",
    title="A poster",
    description="The poster of one item as a small picture.",
    uri="plex://item/{media_id}/poster",
    mime_type=None,
    read=_read,
    needs=("get_media_details",),
)

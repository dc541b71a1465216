"""`plex://recently-added`: what is new."""

from __future__ import annotations

from plex_mcp.resources._answer import JSON_TYPE, answer_of
from plex_mcp.resources._resource import Resource

recently_added = Resource(
    name="recently_added",
    title="Recently added",
    description="What was added last, episodes of one show together.",
    uri="plex://recently-added",
    mime_type=JSON_TYPE,
    read=answer_of("get_recently_added"),
    needs=("get_recently_added",),
)

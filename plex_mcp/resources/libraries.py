"""`plex://libraries`: what there is."""

from __future__ import annotations

from plex_mcp.resources._answer import JSON_TYPE, answer_of
from plex_mcp.resources._resource import Resource

libraries = Resource(
    name="libraries",
    title="Libraries",
    description="The libraries with their ids, kinds and sizes.",
    uri="plex://libraries",
    mime_type=JSON_TYPE,
    read=answer_of("list_libraries"),
    needs=("list_libraries",),
)

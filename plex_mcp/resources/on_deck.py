"""`plex://on-deck`: what is begun or next."""

from __future__ import annotations

from plex_mcp.resources._answer import JSON_TYPE, answer_of
from plex_mcp.resources._resource import Resource

on_deck = Resource(
    name="on_deck",
    title="On deck",
    description="What was begun, and the next episodes.",
    uri="plex://on-deck",
    mime_type=JSON_TYPE,
    read=answer_of("get_on_deck"),
    needs=("get_on_deck",),
)

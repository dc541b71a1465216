"""`plex://now-playing`: what plays."""

from __future__ import annotations

from plex_mcp.resources._answer import JSON_TYPE, answer_of
from plex_mcp.resources._resource import Resource

now_playing = Resource(
    name="now_playing",
    title="Now playing",
    description="Who is watching what, and on which player.",
    uri="plex://now-playing",
    mime_type=JSON_TYPE,
    read=answer_of("get_playback_status"),
    needs=("get_playback_status",),
)

"""`who_is_watching`: what plays now, for whom and where."""

from __future__ import annotations

from typing import Any

from plex_mcp.calls.views import Views
from plex_mcp.prompts._prompt import Prompt, user_text
from plex_mcp.prompts._reading import read_ahead


def _build(views: Views) -> list[dict[str, Any]]:
    return [
        user_text(
            "Who is watching what on my Plex server right now? One line each: who, what, on which player, how much "
            "is left, and whether it is paused. Mention transcoding only if there is any."
        ),
        read_ahead(views, "What plays", "get_playback_status"),
    ]


who_is_watching = Prompt(
    name="who_is_watching",
    title="Who is watching",
    description="What plays right now, for whom and where.",
    build=_build,
    needs=("get_playback_status",),
)

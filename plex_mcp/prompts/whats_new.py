"""`whats_new`: what was added lately."""

from __future__ import annotations

from typing import Any

from plex_mcp.calls.views import Views
from plex_mcp.completions import complete_library
from plex_mcp.prompts._prompt import Prompt, PromptArgument, user_text
from plex_mcp.prompts._reading import optional, read_ahead, whole_number


def _build(views: Views, *, library: str | None = None, days: str | None = None) -> list[dict[str, Any]]:
    return [
        user_text(
            "What is new on my Plex server? Group it by kind, one line each, the newest first; mention how many "
            "episodes of a show came together. If nothing is new, say so and since when."
        ),
        read_ahead(
            views,
            "What was added",
            "get_recently_added",
            library=optional(library),
            days=whole_number("days", days),
            limit=30,
        ),
    ]


whats_new = Prompt(
    name="whats_new",
    title="What's new",
    description="What was added to your library lately.",
    build=_build,
    arguments=(
        PromptArgument(name="library", description="Only this library", complete=complete_library),
        PromptArgument(name="days", description="Only the last so many days"),
    ),
    needs=("get_recently_added",),
)

"""`tonights_pick`: something to watch now."""

from __future__ import annotations

from typing import Any

from plex_mcp.calls.views import Views
from plex_mcp.completions import complete_genre, complete_library
from plex_mcp.prompts._prompt import Prompt, PromptArgument, user_text
from plex_mcp.prompts._reading import optional, read_ahead, whole_number


def _build(
    views: Views, *, genre: str | None = None, library: str | None = None, max_minutes: str | None = None
) -> list[dict[str, Any]]:
    minutes = whole_number("max_minutes", max_minutes)
    wishes = [f"of the genre {genre}" if optional(genre) else "", f"at most {minutes} minutes" if minutes else ""]
    wished = " and ".join(wish for wish in wishes if wish)
    unseen = {"genre": optional(genre), "library": optional(library), "max_minutes": minutes}
    return [
        user_text(
            f"What shall I watch tonight{', ' + wished if wished else ''}? Suggest three things that are on my Plex "
            "server, each with year, length and one sentence why; put first what I have begun if it fits. Ask which "
            "one, and on which player, before you start anything."
        ),
        read_ahead(views, "What I have begun", "get_on_deck", limit=10),
        read_ahead(
            views,
            "What I have not seen",
            "search_media",
            watched="unwatched",
            media_type="movie",
            sort="random",
            **unseen,
        ),
    ]


tonights_pick = Prompt(
    name="tonights_pick",
    title="Tonight's pick",
    description="Three suggestions from your own library for tonight.",
    build=_build,
    arguments=(
        PromptArgument(name="genre", description="Only this genre", complete=complete_genre),
        PromptArgument(name="library", description="Only this library", complete=complete_library),
        PromptArgument(name="max_minutes", description="Not longer than this many minutes"),
    ),
    needs=("get_on_deck", "search_media"),
)

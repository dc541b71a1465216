"""`catch_me_up`: where one left off in a show."""

from __future__ import annotations

from typing import Any

from plex_mcp.calls.views import Views
from plex_mcp.completions import complete_show
from plex_mcp.errors import InvalidArgument, NotFound, ToolError
from plex_mcp.prompts._prompt import Prompt, PromptArgument, user_text
from plex_mcp.prompts._reading import optional, read_ahead


def _build(views: Views, *, show: str) -> list[dict[str, Any]]:
    title = optional(show)
    if title is None:
        raise InvalidArgument("show must be the title of a show.")
    return [
        user_text(
            f"Catch me up on {title}. Say which episode I am to watch next, how many are left, and recall in a few "
            "sentences what happened until there. Tell nothing of next_episode or of anything after it."
        ),
        _facts(views, title),
    ]


def _facts(views: Views, title: str) -> dict[str, Any]:
    """Details of the show if the title means one; else the candidates, for the model to ask."""
    candidates = {"query": title, "media_type": "show", "limit": 5}
    try:
        found = views.read("search_media", **candidates)["items"]
    except InvalidArgument:
        # The tool's own words name an argument that the prompt does not have.
        raise InvalidArgument("show must be a title: plain text of at most 100 characters.") from None
    except NotFound:
        raise
    except ToolError:
        return read_ahead(views, "Shows of that title", "search_media", **candidates)
    meant = [item for item in found if item["title"].casefold() == title.casefold()] or found
    if not meant:
        raise NotFound("There is no show of that title on the server.")
    if len(meant) == 1:
        return read_ahead(views, "The show", "get_media_details", media_id=meant[0]["media_id"])
    return read_ahead(views, "Shows that could be meant (ask me which)", "search_media", **candidates)


catch_me_up = Prompt(
    name="catch_me_up",
    title="Catch me up on a show",
    description="Where you left off in a show, without spoilers.",
    build=_build,
    arguments=(PromptArgument(name="show", description="Title of the show", required=True, complete=complete_show),),
    needs=("search_media", "get_media_details"),
)

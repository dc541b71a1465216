"""Suggestions for arguments of prompts and variables of resource templates, read through the tools.

Matches at the beginning come first, then matches anywhere; upper and lower case are the same.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from plex_mcp.calls.views import Views

_LONGEST = 100
"""Characters of typed text that a search takes."""


def complete_library(views: Views, typed: str) -> list[str]:
    """Names of libraries."""
    return suggested(typed, (library["title"] for library in views.read("list_libraries")["items"]))


def complete_library_id(views: Views, typed: str) -> list[str]:
    """Ids of libraries, found by id or by name."""
    libraries = views.read("list_libraries")["items"]
    titles = set(suggested(typed, (library["title"] for library in libraries)))
    return [one["library_id"] for one in libraries if one["library_id"].startswith(typed) or one["title"] in titles]


def complete_genre(views: Views, typed: str) -> list[str]:
    """Genres of the best rated movies and shows, the commonest first: Plex is asked twice at most, then the cache."""
    genres: Counter[str] = Counter()
    for media_type in ("movie", "show"):
        for item in views.read("search_media", media_type=media_type, sort="rating", limit=50)["items"]:
            genres.update(item.get("genres", ()))
    return suggested(typed, (genre for genre, _ in genres.most_common()))


def complete_show(views: Views, typed: str) -> list[str]:
    """Titles of shows: Plex's own search for what was typed, or the newest when nothing was."""
    if not typed.strip():
        found = views.read("search_media", media_type="show", sort="newest", limit=20)
    else:
        found = views.read("search_media", media_type="show", query=typed[:_LONGEST], limit=20)
    return list(dict.fromkeys(item["title"] for item in found["items"]))


def suggested(typed: str, values: Iterable[str]) -> list[str]:
    """The values that begin with what was typed, then those that hold it."""
    wanted = typed.strip().casefold()
    known = list(dict.fromkeys(values))
    first = [value for value in known if value.casefold().startswith(wanted)]
    return first + [value for value in known if value not in first and wanted in value.casefold()]

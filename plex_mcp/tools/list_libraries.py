"""`list_libraries`: what there is to search in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from plex_mcp.plex.client import PlexClient
from plex_mcp.plex.models import TOP_TYPE_OF, TYPE_NUMBERS
from plex_mcp.tools._answers import Answer
from plex_mcp.tools._tool import tool


@dataclass(frozen=True, slots=True, kw_only=True)
class LibraryEntry:
    library_id: str
    title: str
    media_type: str
    count: int
    home_videos: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Libraries(Answer):
    items: Sequence[LibraryEntry]
    total: int


@tool(title="List libraries", ttl_s=900, ttl_setting="cache_ttl_libraries_s")
def list_libraries(plex: PlexClient) -> Libraries:
    """List the libraries with their ids, what they hold and how many movies, shows, artists or photos.

    Use it for "what do I have" or to learn a library's name. To find titles call search_media, which takes
    library by name or id.

    Returns: every library, in Plex's order.
    Source: GET /library/sections, then a page of size 0 of /library/sections/{id}/all for each.
    """
    entries = []
    for section in plex.sections(fresh=True):
        media_type = TOP_TYPE_OF[section.kind]
        counted = plex.page(
            f"/library/sections/{section.library_id}/all",
            params={"type": TYPE_NUMBERS[media_type]},
            size=0,
            endpoint="/library/sections/{id}/all",
        )
        entries.append(
            LibraryEntry(
                library_id=str(section.library_id),
                title=section.title,
                media_type=media_type,
                count=counted.total,
                home_videos=section.home_videos,
            )
        )
    return Libraries(items=entries, total=len(entries))

"""`plex://library/{id}`: one library and the newest in it."""

from __future__ import annotations

import json

from plex_mcp.calls.views import Views
from plex_mcp.completions import complete_library_id
from plex_mcp.errors import NotFound
from plex_mcp.resources._answer import JSON_TYPE
from plex_mcp.resources._resource import Content, Resource

_NEWEST = 20


def _read(views: Views, *, id: str) -> Content:  # noqa: A002 - the variable of the template
    libraries = views.read("list_libraries")["items"]
    found = next(
        (one for one in libraries if id == one["library_id"] or id.casefold() == one["title"].casefold()), None
    )
    if found is None:
        known = ", ".join(f"{one['library_id']} ({one['title']})" for one in libraries)
        raise NotFound(f"There is no such library; there are: {known}.")
    newest = views.read(
        "search_media", library=found["library_id"], media_type=found["media_type"], sort="newest", limit=_NEWEST
    )
    return Content(JSON_TYPE, text=json.dumps({**found, "newest": newest}, ensure_ascii=False, separators=(",", ":")))


library = Resource(
    name="library",
    title="A library",
    description="One library: what it holds, how much, and the newest twenty. id as in list_libraries, or a name.",
    uri="plex://library/{id}",
    mime_type=JSON_TYPE,
    read=_read,
    needs=("list_libraries", "search_media"),
    completers={"id": complete_library_id},
)

"""Search over everything: a hub for each kind of thing that has a name."""

from plex_mcp.standin.answers import container, html_error, number
from plex_mcp.standin.containers import LIBRARY, TAGS
from plex_mcp.standin.context import Context, Route
from plex_mcp.standin.http import Response
from plex_mcp.standin.include import Include
from plex_mcp.standin.model import Section, Tag
from plex_mcp.standin.search import SEARCH_HUBS, matches, people
from plex_mcp.standin.xml import Value, attributes, element

_PER_HUB = 3
_TAG_TYPES = {"genre": 1, "director": 4, "actor": 6}


def search(context: Context) -> Response:
    """``GET /hubs/search?query=``: a hub for each kind, empty ones too; at most ``limit`` (3) in each."""
    asked, sections = context.request.arguments, context.asked_sections()
    query, limit = asked.get("query", "").strip(), number(asked.get("limit"))
    if not query:
        return html_error(400)
    limit = _PER_HUB if limit is None else limit
    hubs = [_hub(kind, title, _found(context, sections, kind, query, limit), limit) for kind, title in SEARCH_HUBS]
    return container({"size": len(hubs), "identifier": LIBRARY, **TAGS, "allowSync": 1}, hubs)


def _found(context: Context, sections: list[Section], kind: str, query: str, limit: int) -> list[str]:
    """What fits, and one more than the limit where there is more."""
    home, wanted = context.household, Include.of(context.request, section=True)
    if kind in _TAG_TYPES:
        return [_tag_xml(kind, *row) for row in people(home.library, sections, kind, query, home.index)]
    if kind == "playlist":
        own = home.playlists_of(context.user)
        return [home.renderer.playlist(p, wanted) for p in own if query.lower() in p.title.lower()]
    items, reason = matches(home.index(sections, kind), query, limit + 1)
    entry = {"reason": reason} if reason else None
    return [home.renderer.item(item, context.user, wanted, entry=entry) for item in items]


def _tag_xml(kind: str, section: Section, tag: Tag, count: int) -> str:
    """A person or genre in one library, leading to its items there."""
    return element(
        "Directory",
        {
            "key": f"/library/sections/{section.key}/all?{kind}={tag.tag_id}",
            "librarySectionID": section.key,
            "librarySectionKey": f"/library/sections/{section.key}",
            "librarySectionTitle": section.title,
            "librarySectionType": 1 if section.kind == "movie" else 2,
            "type": "tag",
            "id": tag.tag_id,
            "filter": f"{kind}={tag.tag_id}",
            "tag": tag.name,
            "tagType": _TAG_TYPES[kind],
            "tagKey": tag.key,
            "count": count,
        },
    )


def _hub(kind: str, title: str, found: list[str], limit: int) -> str:
    """Never self-closing, not even when empty."""
    values: dict[str, Value] = {
        "title": title,
        "type": kind,
        "hubIdentifier": kind,
        "context": f"hub.search.{kind}",
        "size": len(found[:limit]),
        "more": len(found) > limit,
        "style": "shelf",
    }
    return f"<Hub{attributes(values)}>\n{''.join(found[:limit])}</Hub>\n"


ROUTES = [Route("GET", "/hubs/search", search)]

"""Pages of items: one library or all of them, filtered and sorted, and the usual sorts under names of their own."""

from plex_mcp.standin.answers import Refused, Window, html_error
from plex_mcp.standin.containers import LIST_TITLES, MEDIA, of_section
from plex_mcp.standin.context import Context, Route
from plex_mcp.standin.filters import Condition, Group, parse
from plex_mcp.standin.household import newest_kind, top_kind
from plex_mcp.standin.http import Response
from plex_mcp.standin.include import Include
from plex_mcp.standin.meta import meta_xml
from plex_mcp.standin.model import Section
from plex_mcp.standin.xml import Value

_DEFAULT_SORT = {
    "season": "show.titleSort,season.index",
    "episode": "show.titleSort,season.index:nullsLast,episode.index:nullsLast",
    "album": "artist.titleSort,album.titleSort",
    "track": "artist.titleSort,album.titleSort,track.index",
}


def everything(context: Context) -> Response:
    """``GET /library/sections/N/all``: filtered, sorted, a page at a time."""
    section = context.require_section()
    kind = context.require_kind(section, top_kind(section), "collection")
    return _page(context, [section], kind, section)


def collections(context: Context) -> Response:
    """``GET /library/sections/N/collections``."""
    section = context.require_section()
    return _page(context, [section], "collection", section)


def all_libraries(context: Context) -> Response:
    """``GET /library/all``: the same over every library of the user."""
    kind = context.asked_kind("movie")
    if kind is None:
        return html_error(400)
    return _page(context, context.household.visible(context.user), kind, None)


def recently_added(context: Context) -> Response:
    """``GET /library/sections/N/recentlyAdded``: newest first; of shows, the episodes."""
    section = context.require_section()
    kind = context.require_kind(section, newest_kind(section))
    return _page(context, [section], kind, section, sort="addedAt:desc")


def newest(context: Context) -> Response:
    """``GET /library/sections/N/newest``: by release."""
    section = context.require_section()
    return _page(context, [section], top_kind(section), section, sort="originallyAvailableAt:desc")


def unwatched(context: Context) -> Response:
    """``GET /library/sections/N/unwatched``."""
    section = context.require_section()
    field = "unwatchedLeaves" if section.kind == "show" else "unwatched"
    return _page(context, [section], top_kind(section), section, also=Condition(field, "=", ("1",)))


def search(context: Context) -> Response:
    """``GET /library/sections/N/search?type=1&query=``: titles that contain the words."""
    section, query = context.require_section(), context.request.arguments.get("query", "")
    kind = context.require_kind(section, top_kind(section))
    if not query:
        return html_error(400)
    return _page(context, [section], kind, section, also=Condition("title", "=", (query,)))


def _page(
    context: Context,
    found: list[Section],
    kind: str,
    section: Section | None,
    *,
    sort: str = "",
    also: Condition | None = None,
) -> Response:
    """A page of one kind of item in some libraries, as the query wants it; ``section`` is the one it is a list of."""
    home, asked, window = context.household, context.request.arguments, Window.of(context.request)
    order = asked.get("sort") or sort or _DEFAULT_SORT.get(kind, "titleSort")
    try:
        tree = parse(context.request.pairs)
        if also is not None:
            tree = Group((tree, also))
        total, items = home.index(found, kind).page(tree, order, context.user, *window.reach)
    except ValueError as fault:
        raise Refused(html_error(400)) from fault
    children = home.renderer.items(items, context.user, Include.of(context.request, section=section is None))
    if section is None:
        return window.answer(MEDIA | {"allowSync": 1}, children, total)
    values: dict[str, Value] = of_section(section, LIST_TITLES[kind]) | {"viewGroup": kind, "viewMode": 65592}
    meta = []
    if asked.get("includeMeta") == "1":
        values["sortAsc"] = not order.endswith(":desc")
        meta = [meta_xml(section, kind)]
    return window.answer(values, children, total, meta)


def library_recently_added(context: Context) -> Response:
    """``GET /library/recentlyAdded``: films, seasons and albums of all libraries, newest first."""
    home, window = context.household, Window.of(context.request)
    start, size = window.reach
    reach = None if size is None else start + size
    total, found = 0, []
    for section in home.visible(context.user):
        kind = "season" if section.kind == "show" else newest_kind(section)
        count, items = home.index([section], kind).page(Group(()), "addedAt:desc", context.user, 0, reach)
        total += count
        found += items
    found.sort(key=lambda item: -item.added_at)
    children = home.renderer.items(window.cut(found), context.user, Include.of(context.request, section=True))
    return window.answer(MEDIA | {"allowSync": 1}, children, total)


ROUTES = [
    Route("GET", "/library/sections/{section}/all", everything),
    Route("GET", "/library/sections/{section}/collections", collections),
    Route("GET", "/library/sections/{section}/recentlyAdded", recently_added),
    Route("GET", "/library/sections/{section}/newest", newest),
    Route("GET", "/library/sections/{section}/unwatched", unwatched),
    Route("GET", "/library/sections/{section}/search", search),
    Route("GET", "/library/all", all_libraries),
    Route("GET", "/library/recentlyAdded", library_recently_added),
]

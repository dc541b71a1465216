"""Libraries: the list of them, what is in one, its filters and the values that these take."""

from plex_mcp.standin.answers import MEDIA_TAGS, Window, container, html_error
from plex_mcp.standin.filters import TAGS, Condition, Group, UnknownFieldError, parse
from plex_mcp.standin.household import Context, Route, top_kind
from plex_mcp.standin.http import Response
from plex_mcp.standin.include import Include
from plex_mcp.standin.meta import field_types_xml, filter_titles, meta_xml, types_xml
from plex_mcp.standin.model import KIND_OF_NUMBER, LANGUAGES, SECTION_KINDS, Item, Section
from plex_mcp.standin.xml import Value, element

_ALL_TITLES = {
    "movie": "All Movies",
    "show": "All Shows",
    "season": "All Seasons",
    "episode": "All Episodes",
    "artist": "All Artists",
    "album": "All Albums",
    "track": "All Tracks",
    "photoalbum": "All Photos",
    "photo": "All Photos",
    "collection": "By Collection",
}
_MENU = (
    ("all", "All {title}"),
    ("unwatched", "Unwatched"),
    ("newest", "Recently Released"),
    ("recentlyAdded", "Recently Added"),
    ("recentlyViewed", "Recently Viewed"),
    ("onDeck", "Continue Watching"),
)
_DEFAULT_SORT = {
    "season": "show.titleSort,season.index",
    "episode": "show.titleSort,season.index:nullsLast,episode.index:nullsLast",
    "album": "artist.titleSort,album.titleSort",
    "track": "artist.titleSort,album.titleSort,track.index",
}


def section_values(section: Section, title2: str = "") -> dict[str, Value]:
    """What the container of a library's list says."""
    return {
        "allowSync": 1,
        "art": f"/:/resources/{section.kind}-fanart.jpg",
        "content": "secondary",
        "identifier": "com.plexapp.plugins.library",
        "librarySectionID": section.key,
        "librarySectionTitle": section.title,
        "librarySectionUUID": section.uuid,
        "mediaTagPrefix": "/system/bundle/media/flags/",
        "mediaTagVersion": 1734362201,
        "nocache": 1,
        "thumb": f"/:/resources/{section.kind}.png",
        "title1": section.title,
        "title2": title2,
    }


def sections(context: Context) -> Response:
    """``GET /library/sections``: the libraries that this user may see."""
    found = context.household.visible(context.user)
    return container(
        {"size": len(found), "allowSync": 0, "title1": "Plex Library"},
        [
            element(
                "Directory",
                {
                    "allowSync": 1,
                    "art": f"/:/resources/{s.kind}-fanart.jpg",
                    "composite": f"/library/sections/{s.key}/composite/{s.created_at}",
                    "filters": 1,
                    "refreshing": 0,
                    "thumb": f"/:/resources/{s.kind}.png",
                    "key": s.key,
                    "type": s.kind,
                    "title": s.title,
                    "agent": s.agent,
                    "scanner": s.scanner,
                    "language": "xn" if s.agent.endswith("none") else "en-US",
                    "uuid": s.uuid,
                    "updatedAt": s.created_at,
                    "createdAt": s.created_at,
                    "scannedAt": s.created_at + 60,
                    "content": 1,
                    "directory": 1,
                    "contentChangedAt": 53211,
                    "hidden": 0,
                },
                [element("Location", {"id": s.key, "path": s.path})],
            )
            for s in found
        ],
    )


def _section(context: Context) -> Section | None:
    key = context.values["section"]
    found = context.household.library.sections.get(int(key)) if key.isdigit() else None
    return found if found is not None and context.user.may_see(found.key) else None


def asked_kind(context: Context, default: str) -> str | None:
    """The kind that ``type=`` names; None when there is no such type."""
    number = context.request.arguments.get("type")
    if not number:
        return default
    return KIND_OF_NUMBER.get(int(number)) if number.isdigit() else number


def one_section(context: Context) -> Response:
    """``GET /library/sections/N``: the menu; with ``includeDetails=1`` its types and filters too."""
    section = _section(context)
    if section is None:
        return html_error(404)
    title = _ALL_TITLES[top_kind(section)].removeprefix("All ")
    menu = [element("Directory", {"key": key, "title": text.format(title=title)}) for key, text in _MENU]
    menu += [
        element("Directory", {"secondary": 1, "key": name, "title": f"By {shown}"})
        for name, shown in filter_titles(top_kind(section)).items()
    ]
    menu.append(element("Directory", {"key": "folder", "title": "By Folder"}))
    menu.append(
        element(
            "Directory",
            {"prompt": f"Search {section.title}", "search": 1, "key": "search?type=1", "title": "Search..."},
        )
    )
    details = (
        types_xml(section, None) + field_types_xml() if context.request.arguments.get("includeDetails") == "1" else ""
    )
    values = section_values(section)
    del values["librarySectionTitle"], values["librarySectionUUID"], values["title2"], values["nocache"]
    return container({"size": len(menu)} | values | {"viewGroup": "secondary"}, [*menu, details])


def everything(context: Context) -> Response:
    """``GET /library/sections/N/all``: filtered, sorted, a page at a time."""
    section = _section(context)
    if section is None:
        return html_error(404)
    kind = asked_kind(context, top_kind(section))
    if kind not in (*SECTION_KINDS[section.kind], "collection"):
        return html_error(400)
    return listing(context, [section], kind, section)


def collections(context: Context) -> Response:
    """``GET /library/sections/N/collections``."""
    section = _section(context)
    return listing(context, [section], "collection", section) if section else html_error(404)


def all_libraries(context: Context) -> Response:
    """``GET /library/all``: the same over every library of the user."""
    kind = asked_kind(context, "movie")
    if kind is None:
        return html_error(400)
    return listing(context, context.household.visible(context.user), kind, None)


def listing(
    context: Context,
    found: list[Section],
    kind: str,
    section: Section | None,
    *,
    sort: str | None = None,
    extra: tuple[Condition, ...] = (),
) -> Response:
    """A page of one kind of item in some libraries, as the query wants it."""
    home, window = context.household, Window.of(context.request)
    try:
        tree = parse(context.request.pairs)
        start, size = window.reach
        order = context.request.arguments.get("sort") or sort or _DEFAULT_SORT.get(kind, "titleSort")
        tree = Group((*tree.parts, *extra), any_of=False) if not tree.any_of else Group((tree, *extra))
        total, items = home.index(found, kind).page(tree, order, context.user, start, size)
    except (UnknownFieldError, ValueError):
        return html_error(400)
    children = home.renderer.items(items, context.user, Include.of(context.request, section=section is None))
    values: dict[str, Value] = MEDIA_TAGS | {"allowSync": 1}
    meta = []
    if section is not None:
        values = section_values(section, _ALL_TITLES[kind]) | {"viewGroup": kind, "viewMode": 65592}
        if context.request.arguments.get("includeMeta") == "1":
            values["sortAsc"] = not order.endswith(":desc")
            meta = [meta_xml(section, kind)]
    return window.answer(values, children, total, meta)


def choices(context: Context) -> Response:
    """``GET /library/sections/N/genre`` and its like: the values of a filter that occur in a library."""
    section, field = _section(context), context.values["field"]
    if section is None:
        return html_error(404)
    kind = asked_kind(context, top_kind(section))
    if kind not in SECTION_KINDS[section.kind]:
        return html_error(400)
    titles = {name: title for of in SECTION_KINDS[section.kind] for name, title in filter_titles(of).items()}
    if field not in titles and field not in TAGS:
        return html_error(404)
    home = context.household
    rows = []
    for value in home.index([section], kind).choices(field):
        key, title = _choice(context, field, value)
        rows.append((title.lower(), key, title))
    rows.sort(reverse=field in ("year", "decade"))
    listed = [
        element(
            "Directory",
            {
                "fastKey": f"/library/sections/{section.key}/all?{field}={key}",
                "key": key,
                "title": title,
                "type": field if field in ("genre", "collection", "mood") else None,
            },
        )
        for _, key, title in rows
    ]
    title2 = f"By {titles.get(field, field.title())}"
    values = section_values(section, title2) | {"viewGroup": "secondary", "allowSync": 0}
    del values["librarySectionID"], values["librarySectionTitle"], values["librarySectionUUID"]
    window = Window.of(context.request)
    return window.answer(values, window.cut(listed), len(listed))


def _choice(context: Context, field: str, value: object) -> tuple[str, str]:
    tag = context.household.library.tags.get(value) if isinstance(value, int) else None
    if tag is not None and tag.kind == field:
        return str(tag.tag_id), tag.name
    text = str(int(value)) if isinstance(value, int | float) else str(value)
    if field.endswith("Language"):
        return text, LANGUAGES.get(text, (text, ""))[0]
    return text, {"4k": "4K", "sd": "SD"}.get(text, f"{text}p" if field == "resolution" else text)


def recently_added(context: Context) -> Response:
    """``GET /library/sections/N/recentlyAdded``: newest first; of shows, the episodes."""
    section = _section(context)
    if section is None:
        return html_error(404)
    default = {"show": "episode", "artist": "album", "photo": "photo"}.get(section.kind, "movie")
    kind = asked_kind(context, default)
    if kind not in SECTION_KINDS[section.kind]:
        return html_error(400)
    return listing(context, [section], kind, section, sort="addedAt:desc")


def newest(context: Context) -> Response:
    """``GET /library/sections/N/newest``: by release."""
    section = _section(context)
    if section is None:
        return html_error(404)
    return listing(context, [section], top_kind(section), section, sort="originallyAvailableAt:desc")


def unwatched(context: Context) -> Response:
    """``GET /library/sections/N/unwatched``."""
    section = _section(context)
    if section is None:
        return html_error(404)
    field = "unwatchedLeaves" if section.kind == "show" else "unwatched"
    return listing(context, [section], top_kind(section), section, extra=(Condition(field, "=", ("1",)),))


def search(context: Context) -> Response:
    """``GET /library/sections/N/search?type=1&query=``: titles that contain the words."""
    section, query = _section(context), context.request.arguments.get("query", "")
    if section is None:
        return html_error(404)
    kind = asked_kind(context, top_kind(section))
    if kind not in SECTION_KINDS[section.kind] or not query:
        return html_error(400)
    return listing(context, [section], kind, section, extra=(Condition("title", "=", (query,)),))


def library_recently_added(context: Context) -> Response:
    """``GET /library/recentlyAdded``: films, seasons and albums of all libraries, newest first."""
    home, window = context.household, Window.of(context.request)
    found: list[tuple[int, Item]] = []
    start, size = window.reach
    reach = None if size is None else start + size
    total = 0
    for section in home.visible(context.user):
        kind = {"show": "season", "artist": "album", "photo": "photo"}.get(section.kind, "movie")
        count, items = home.index([section], kind).page(Group(()), "addedAt:desc", context.user, 0, reach)
        total += count
        found += [(item.added_at, item) for item in items]
    found.sort(key=lambda row: -row[0])
    chosen = [item for _, item in (found[start:] if size is None else found[start : start + size])]
    children = home.renderer.items(chosen, context.user, Include.of(context.request, section=True))
    return window.answer(MEDIA_TAGS | {"allowSync": 1}, children, total)


ROUTES = [
    Route("GET", "/library/sections", sections),
    Route("GET", "/library/sections/all", sections),
    Route("GET", "/library/sections/{section}", one_section),
    Route("GET", "/library/sections/{section}/all", everything),
    Route("GET", "/library/sections/{section}/collections", collections),
    Route("GET", "/library/sections/{section}/recentlyAdded", recently_added),
    Route("GET", "/library/sections/{section}/newest", newest),
    Route("GET", "/library/sections/{section}/unwatched", unwatched),
    Route("GET", "/library/sections/{section}/search", search),
    Route("GET", "/library/all", all_libraries),
    Route("GET", "/library/recentlyAdded", library_recently_added),
]
LAST_ROUTES = [Route("GET", "/library/sections/{section}/{field}", choices)]

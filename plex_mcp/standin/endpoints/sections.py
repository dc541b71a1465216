"""The list of libraries, and the menu of one."""

from plex_mcp.standin.answers import container
from plex_mcp.standin.containers import LIST_TITLES, of_section
from plex_mcp.standin.context import Context, Route
from plex_mcp.standin.household import top_kind
from plex_mcp.standin.http import Response
from plex_mcp.standin.meta import field_types_xml, filter_titles, types_xml
from plex_mcp.standin.xml import element

_MENU = (
    ("all", "All {title}"),
    ("unwatched", "Unwatched"),
    ("newest", "Recently Released"),
    ("recentlyAdded", "Recently Added"),
    ("recentlyViewed", "Recently Viewed"),
    ("onDeck", "Continue Watching"),
)


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


def one_section(context: Context) -> Response:
    """``GET /library/sections/N``: the menu; with ``includeDetails=1`` its types and filters too."""
    section = context.require_section()
    title = LIST_TITLES[top_kind(section)].removeprefix("All ")
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
    values = of_section(section)
    del values["librarySectionTitle"], values["librarySectionUUID"], values["title2"], values["nocache"]
    return container({"size": len(menu)} | values | {"viewGroup": "secondary"}, [*menu, details])


ROUTES = [
    Route("GET", "/library/sections", sections),
    Route("GET", "/library/sections/all", sections),
    Route("GET", "/library/sections/{section}", one_section),
]

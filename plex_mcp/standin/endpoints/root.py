"""The server itself: ``/``, identity, library root, preferences, tokens for players."""

from plex_mcp.standin.about import server_attributes
from plex_mcp.standin.answers import container
from plex_mcp.standin.containers import MEDIA
from plex_mcp.standin.context import Context, Route
from plex_mcp.standin.http import Response
from plex_mcp.standin.xml import element

# Tables are read by row.
# fmt: off
_DIRECTORIES = (
    ("activities", 1), ("butler", 1), ("channels", 1), ("clients", 1), ("devices", 1), ("diagnostics", 1), ("hubs", 1),
    ("library", 3), ("livetv", 3), ("media", 3), ("metadata", 3), ("neighborhood", 1), ("playQueues", 1),
    ("player", 1), ("playlists", 1), ("resources", 1), ("search", 1), ("server", 1), ("servers", 1), ("statistics", 1),
    ("system", 1), ("transcode", 1), ("updater", 1), ("user", 1),
)
# fmt: on


def root(context: Context) -> Response:
    """``GET /``."""
    directories = [element("Directory", {"count": n, "key": key, "title": key}) for key, n in _DIRECTORIES]
    return container({"size": len(directories)} | server_attributes(context.household), directories)


def identity(context: Context) -> Response:
    """``GET /identity``: needs no token."""
    home = context.household
    return container(
        {
            "size": 0,
            "apiVersion": "1.1.1" if home.version_parts >= (1, 42, 2) else None,
            "claimed": 1,
            "machineIdentifier": home.machine_identifier,
            "version": home.version,
        }
    )


def library(context: Context) -> Response:
    """``GET /library``: for the owner only; others are told 401."""
    context.require_owner(401)
    directories = [
        element("Directory", {"key": key, "title": title})
        for key, title in (
            ("sections", "Library Sections"),
            ("recentlyAdded", "Recently Added Content"),
            ("onDeck", "On Deck Content"),
        )
    ]
    return container(
        {
            "size": 3,
            "allowSync": 0,
            "art": "/:/resources/library-art.png",
            "content": "",
            **MEDIA,
            "title1": "Plex Library",
            "title2": "",
        },
        directories,
    )


def servers(context: Context) -> Response:
    """``GET /servers``: this one."""
    home = context.household
    return container(
        {"size": 1},
        [
            element(
                "Server",
                {
                    "name": "Stand-in",
                    "host": "127.0.0.1",
                    "address": "127.0.0.1",
                    "port": 32400,
                    "machineIdentifier": home.machine_identifier,
                    "version": home.version,
                },
            )
        ],
    )


def preferences(context: Context) -> Response:
    """``GET /:/prefs``: those that decide what on deck shows, and the name."""
    context.require_owner()
    settings = (
        ("FriendlyName", "Friendly name", "text", "", "Stand-in", "general"),
        ("OnDeckWindow", "Weeks to consider for On Deck", "int", "16", "16", "library"),
        ("OnDeckLimit", "Maximum number of On Deck items", "int", "40", "40", "library"),
        ("GdmEnabled", "Enable local network discovery (GDM)", "bool", "true", "true", "network"),
    )
    return container(
        {"size": len(settings)},
        [
            element(
                "Setting",
                {
                    "id": name,
                    "label": label,
                    "summary": "",
                    "type": of,
                    "default": default,
                    "value": value,
                    "hidden": 0,
                    "advanced": 0,
                    "group": group,
                },
            )
            for name, label, of, default, value, group in settings
        ],
    )


def delegation(context: Context) -> Response:
    """``GET /security/token``: a short-lived token that a player fetches media with."""
    home = context.household
    token = f"transient-{home.library.digest('transient', next(home.transient), length=20)}"
    home.transient_tokens[token] = context.user
    return container({"size": 0, "token": token})


ROUTES = [
    Route("GET", "/", root),
    Route("GET", "/identity", identity, public=True),
    Route("GET", "/library", library),
    Route("GET", "/servers", servers),
    Route("GET", "/:/prefs", preferences),
    Route("GET", "/security/token", delegation),
]

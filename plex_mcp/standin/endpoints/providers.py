"""``/media/providers``: what the server offers, library by library."""

from plex_mcp.standin.about import server_attributes
from plex_mcp.standin.answers import container
from plex_mcp.standin.containers import LIBRARY
from plex_mcp.standin.context import Context, Route
from plex_mcp.standin.http import Response
from plex_mcp.standin.model import Section
from plex_mcp.standin.xml import Value, element

# key, type
_FEATURES = (
    ("/hubs/search", "search"),
    ("/library/matches", "match"),
    ("/library/metadata", "metadata"),
    ("/photo/:/transcode", "imagetranscoder"),
    ("/hubs/promoted", "promoted"),
    ("/hubs/continueWatching", "continuewatching"),
    ("/playQueues", "playqueue"),
    ("/library/collections", "collection"),
    ("/library/search", "universalsearch"),
)


def providers(context: Context) -> Response:
    """``GET /media/providers``; with ``includeStorage=1`` each library says how much it holds."""
    home, storage = context.household, context.request.arguments.get("includeStorage") == "1"
    directories = [element("Directory", {"hubKey": "/hubs", "title": "Home"})]
    directories += [_library(section, storage=storage) for section in home.visible(context.user)]
    provider = element(
        "MediaProvider",
        {"identifier": LIBRARY, "title": "Library", "types": "video,audio,photo", "protocols": "stream,download"},
        _features(directories),
    )
    return container({"size": 1} | server_attributes(home), [provider])


def _features(directories: list[str]) -> list[str]:
    timeline = {"scrobbleKey": "/:/scrobble", "unscrobbleKey": "/:/unscrobble", "key": "/:/timeline"}
    action = {"id": "removeFromContinueWatching", "key": "/actions/removeFromContinueWatching"}
    return [
        element("Feature", {"key": "/library/sections", "type": "content"}, directories),
        *(element("Feature", {"key": key, "type": of}) for key, of in _FEATURES),
        element("Feature", {"flavor": "global", "key": "/playlists", "type": "playlist"}),
        element("Feature", {**timeline, "type": "timeline"}),
        element("Feature", {"key": "/actions", "type": "actions"}, [element("Action", action)]),
    ]


def _library(section: Section, *, storage: bool) -> str:
    values: dict[str, Value] = {
        "agent": section.agent,
        "language": "en-US",
        "refreshing": 0,
        "scanner": section.scanner,
        "uuid": section.uuid,
        "id": section.key,
        "key": f"/library/sections/{section.key}",
        "hubKey": f"/hubs/sections/{section.key}",
        "type": section.kind,
        "title": section.title,
        "updatedAt": section.created_at,
        "scannedAt": section.created_at,
    }
    if storage:
        media = [m for kind in section.items for item in section.of_kind(kind) for m in item.media]
        values["storageTotal"] = sum(m.size_bytes for m in media)
        values["durationTotal"] = sum(m.duration_ms for m in media)
    return element(
        "Directory",
        values,
        [
            _pivot("recommended", f"/hubs/sections/{section.key}", "hub", "discover", "star"),
            _pivot("library", f"/library/sections/{section.key}/all", "list", "library", "library"),
        ],
    )


def _pivot(name: str, key: str, of: str, content: str, symbol: str) -> str:
    return element(
        "Pivot",
        {
            "id": name,
            "key": key,
            "type": of,
            "title": name.title(),
            "context": f"content.{content}",
            "symbol": symbol,
        },
    )


ROUTES = [Route("GET", "/media/providers", providers)]

"""Which path is answered by whom."""

import re

from plex_mcp.standin.endpoints import hubs, metadata, pictures, playing, playlists, root, sections
from plex_mcp.standin.household import Route

ROUTES = [
    *root.ROUTES,
    *sections.ROUTES,
    *metadata.ROUTES,
    *hubs.ROUTES,
    *playing.ROUTES,
    *playlists.ROUTES,
    *pictures.ROUTES,
    *sections.LAST_ROUTES,
]
_FIXED = {(route.method, route.template): route for route in ROUTES if "{" not in route.template}
_PATTERNS = [
    (route, re.compile("^" + re.sub(r"\\{(\w+)\\}", r"(?P<\1>[^/]+)", re.escape(route.template)) + "$"))
    for route in ROUTES
    if "{" in route.template
]


def find(method: str, path: str) -> tuple[Route | None, dict[str, str]]:
    """The route of a path with the values in it; a slash at the end does not matter, HEAD is as GET."""
    method = "GET" if method == "HEAD" else method
    path = path.rstrip("/") or "/"
    fixed = _FIXED.get((method, path))
    if fixed is not None:
        return fixed, {}
    for route, pattern in _PATTERNS:
        if route.method == method:
            match = pattern.match(path)
            if match:
                return route, match.groupdict()
    return None, {}

"""Which path is answered by whom."""

import re

from plex_mcp.standin.context import Route
from plex_mcp.standin.endpoints import (
    accounts,
    choices,
    history,
    hubs,
    listings,
    marking,
    metadata,
    pictures,
    players,
    playlists,
    playqueues,
    providers,
    root,
    search,
    sections,
    sessions,
)

_IN_ORDER = (
    *(root, accounts, providers, sections, listings, metadata, marking, hubs, search),
    *(sessions, history, players, playqueues, playlists, pictures),
    choices,  # last: it answers whatever else is asked of a library
)
ROUTES = [route for endpoints in _IN_ORDER for route in endpoints.ROUTES]
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

"""What clients report of an item: watched, not watched, how good, how far."""

from plex_mcp.standin.answers import Refused, container, html_error, number
from plex_mcp.standin.context import Context, Route
from plex_mcp.standin.http import Response
from plex_mcp.standin.model import Item


def _named(context: Context, *names: str) -> Item:
    """The item that one of these arguments names, by its rating key or its path."""
    asked = context.request.arguments
    key = next((asked[name] for name in names if asked.get(name)), "")
    return context.require_item(key.rpartition("/")[2])


def scrobble(context: Context) -> Response:
    """``GET /:/scrobble``: watched; an empty answer."""
    item, home = _named(context, "key"), context.household
    home.views.scrobble(context.user.account_id, item, int(home.clock()))
    return Response()


def unscrobble(context: Context) -> Response:
    """``GET /:/unscrobble``: unwatched."""
    context.household.views.unscrobble(context.user.account_id, _named(context, "key"))
    return Response()


def rate(context: Context) -> Response:
    """``PUT /:/rate``: 0 to 10, -1 takes the rating away."""
    item, home = _named(context, "key"), context.household
    try:
        rating = float(context.request.arguments.get("rating", ""))
    except ValueError as fault:
        raise Refused(html_error(400)) from fault
    if not -1 <= rating <= 10:
        return html_error(400)
    home.views.rate(context.user.account_id, item, rating if rating >= 0 else None, int(home.clock()))
    return Response()


def timeline(context: Context) -> Response:
    """``GET /:/timeline`` and ``/:/progress``: how far a player has got."""
    item, home = _named(context, "ratingKey", "key"), context.household
    offset_ms = number(context.request.arguments.get("time"))
    if offset_ms is None:
        return html_error(400)
    home.views.progress(context.user.account_id, item, offset_ms, int(home.clock()))
    return Response() if context.request.path == "/:/progress" else container({"size": 0})


ROUTES = [
    Route("GET", "/:/scrobble", scrobble),
    Route("PUT", "/:/scrobble", scrobble),
    Route("GET", "/:/unscrobble", unscrobble),
    Route("PUT", "/:/unscrobble", unscrobble),
    Route("PUT", "/:/rate", rate),
    Route("GET", "/:/rate", rate),
    Route("GET", "/:/timeline", timeline),
    Route("POST", "/:/timeline", timeline),
    Route("GET", "/:/progress", timeline),
]

"""Posters, backgrounds and the resizing of them."""

import re

from plex_mcp.standin.answers import html_error
from plex_mcp.standin.context import Context, Route
from plex_mcp.standin.http import Response
from plex_mcp.standin.pictures import poster

_PICTURE = re.compile(r"^/(?:library/(?:metadata|collections)|playlists)/(\d+)/")
_SIZES = {"art": (640, 360), "theme": (1, 1)}


def _exists(context: Context, number: int) -> bool:
    return context.household.item(number, context.user) is not None or number in context.household.library.playlists


def _png(number: int, width: int, height: int) -> Response:
    return Response(poster(number, width, height), content_type="image/png")


def picture(context: Context) -> Response:
    """``GET /library/metadata/ID/thumb/…`` and its siblings."""
    number = context.values["id"]
    kind = context.values.get("kind", "thumb")
    if not number.isdigit() or not _exists(context, int(number)):
        return html_error(404)
    if kind not in ("thumb", "art", "banner", "composite", "clearLogo"):
        return html_error(404)
    return _png(int(number), *_SIZES.get(kind, (240, 360)))


def transcode(context: Context) -> Response:
    """``GET /photo/:/transcode?width=&height=&url=``: that picture in that size."""
    asked = context.request.arguments
    source = _PICTURE.match(asked.get("url", ""))
    width, height = asked.get("width", ""), asked.get("height", "")
    if not (width.isdigit() and height.isdigit()) or not int(width) or not int(height):
        return html_error(400)
    if source is None or not _exists(context, int(source[1])):
        return html_error(404)
    return _png(int(source[1]), int(width), int(height))


ROUTES = [
    Route("GET", "/photo/:/transcode", transcode),
    Route("GET", "/library/metadata/{id}/{kind}/{stamp}", picture),
    Route("GET", "/library/metadata/{id}/{kind}", picture),
    Route("GET", "/library/collections/{id}/{kind}/{stamp}", picture),
    Route("GET", "/playlists/{id}/{kind}/{stamp}", picture),
]

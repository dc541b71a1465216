"""Posters, made small by Plex."""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.etree.ElementTree import Element

from plex_mcp.plex.errors import translated

if TYPE_CHECKING:
    from plex_mcp.plex.client import PlexClient

POSTER_MAX_BYTES = 100_000
_SIZES = ((320, 480), (200, 300), (120, 180))
_KINDS = {b"\xff\xd8\xff": "image/jpeg", b"\x89PNG\r\n\x1a\n": "image/png"}


def poster_of(plex: PlexClient, data: Element) -> tuple[bytes, str] | None:
    """The item's poster and its MIME type, at most 100 kB; None when there is none that small.

    Source: GET /photo/:/transcode, tried smaller when an answer is too large.
    """
    thumb = data.get("thumb") or data.get("composite") or data.get("parentThumb") or ""
    # Plex fetches what `url` names: only pictures of its own.
    if not thumb.startswith("/library/") and not thumb.startswith("/playlists/"):
        return None
    for width, height in _SIZES:
        params: dict[str, str | int] = {
            "url": thumb,
            "width": width,
            "height": height,
            "minSize": 1,
            "upscale": 0,
            "format": "jpeg",
            "quality": 80,
        }
        with translated("/photo/:/transcode"):
            response = plex.get("/photo/:/transcode", params=params)
        picture = response.content if response.status_code == 200 else b""
        kind = next((mime for magic, mime in _KINDS.items() if picture.startswith(magic)), None)
        if kind is None:
            return None
        if len(picture) <= POSTER_MAX_BYTES:
            return picture, kind
    return None

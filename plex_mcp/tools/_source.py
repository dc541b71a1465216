"""Which of Plex's lists holds a media type, in a library or in all of them."""

from __future__ import annotations

from dataclasses import dataclass, field

from plex_mcp.errors import InvalidArgument
from plex_mcp.plex.client import PlexClient
from plex_mcp.plex.models import SECTION_TYPE_OF, TOP_TYPE_OF, TYPE_NUMBERS, Section

# What arrives in a show library is episodes, in a music library albums.
_ARRIVES_AS = {"movie": "movie", "show": "episode", "artist": "album", "photo": "photo"}


@dataclass(frozen=True, slots=True)
class Source:
    """A list of Plex's. `media_type` is what it holds; `endpoint` is the path without ids, for the log."""

    path: str
    endpoint: str
    params: dict[str, str | int] = field(default_factory=dict)
    media_type: str = ""
    section: Section | None = None


def source_of(plex: PlexClient, library: str | None, media_type: str | None, *, arriving: bool = False) -> Source:
    """Where items of `media_type` are; without one, what the library is made of (or what arrives in it).

    Raise InvalidArgument for a library that does not exist or cannot hold the type.
    """
    if media_type == "playlist":
        if library:
            raise InvalidArgument(
                "library and media_type playlist exclude each other: playlists belong to no library.",
                suggestion="Leave library out.",
            )
        return Source("/playlists", "/playlists", {}, "playlist")
    section = plex.section(library) if library else None
    if media_type == "clip":
        section = _home_videos(plex, section)
    wanted = media_type or ((_ARRIVES_AS if arriving else TOP_TYPE_OF)[section.kind] if section else "movie")
    if section is not None and SECTION_TYPE_OF.get(wanted, section.kind) != section.kind:
        raise InvalidArgument(
            f"library {section.title} holds no {wanted}s: it is a {section.kind} library.",
            suggestion="Leave media_type out, or name another library.",
        )
    # Plex files home videos as movies of a library without metadata.
    params: dict[str, str | int] = {"type": TYPE_NUMBERS["movie" if wanted == "clip" else wanted]}
    if section is None:
        return Source("/library/all", "/library/all", params, wanted)
    path = f"/library/sections/{section.library_id}/all"
    return Source(path, "/library/sections/{id}/all", params, wanted, section)


def _home_videos(plex: PlexClient, section: Section | None) -> Section:
    found = [s for s in plex.sections() if s.home_videos and section in {None, s}]
    if len(found) == 1:
        return found[0]
    names = ", ".join(f"{s.title} (id {s.library_id})" for s in plex.sections() if s.home_videos)
    raise InvalidArgument(
        f"media_type clip needs a library of home videos; there are: {names or 'none'}.",
        suggestion="Name one of them as library." if names else "Search with media_type movie instead.",
    )

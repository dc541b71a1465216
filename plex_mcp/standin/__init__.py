"""A stand-in for Plex Media Server: real HTTP on a loopback socket, XML as Plex sends it, a library of its own.

It imports nothing else of plex_mcp and only the standard library. See ``StandIn`` for what it offers::

    with StandIn(library="small") as plex:
        server = plexapi.server.PlexServer(plex.url, plex.token)
"""

from plex_mcp.standin.clock import Clock
from plex_mcp.standin.library import Library
from plex_mcp.standin.server import VERSION, StandIn, build_library

__all__ = ["VERSION", "Clock", "Library", "StandIn", "build_library"]

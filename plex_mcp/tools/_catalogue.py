"""The catalogue of tools."""

from __future__ import annotations

from plex_mcp import tools
from plex_mcp.discovery import discover
from plex_mcp.tools._tool import Tool


def load_tools(*, read_only: bool = False) -> dict[str, Tool]:
    """The catalogue in the order of names, which is the order of `tools/list`. `read_only` leaves out what writes."""
    return {name: tool for name, tool in discover(tools, Tool).items() if tool.read_only or not read_only}

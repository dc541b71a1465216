"""The catalogue of resources."""

from __future__ import annotations

from plex_mcp import resources
from plex_mcp.discovery import discover
from plex_mcp.resources._resource import Resource


def load_resources() -> dict[str, Resource]:
    """By name, as the lists have them; the dispatcher leaves out what lacks its tools."""
    return {resource.name: resource for resource in discover(resources, Resource).values()}

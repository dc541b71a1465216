"""plex-mcp: an MCP endpoint for a household's Plex Media Server."""

__version__ = "0.1.0"

"""MCP over JSON-RPC, both eras, no state between requests. Knows neither Flask nor Plex."""

from plex_mcp.protocol.dispatch import Dispatcher
from plex_mcp.protocol.reply import Reply

__all__ = ["Dispatcher", "Reply"]

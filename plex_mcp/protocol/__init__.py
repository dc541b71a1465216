"""MCP over JSON-RPC: bytes in, bytes out. No Flask and no plexapi in here."""

"""The policy of one call: cache, retry, pool, breaker, deadline. No HTTP server, no MCP in here."""

"""The policy of one call: cache, retry, pool, breaker, deadline. No HTTP server, no MCP in here.

Of redis-py only the connections are used; its package imports every client there is, asynchronous, of clusters and of
sentinels: 5 MiB and 60 ms of start (measured).
"""

from plex_mcp.bare import import_bare

import_bare("redis")

"""Every metric, declared once: name, unit, labels from closed sets. A leaf: imports nothing of ours.

The README's reference and the test of the dashboard and the alert rules are generated from `REGISTRY`.
"""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.process_collector import ProcessCollector

REGISTRY = CollectorRegistry()

# A cached answer takes well under a millisecond, a hanging Plex the whole deadline.
_SECONDS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)

TOOL_CALLS = Counter(
    "plex_mcp_tool_calls",
    "Tool calls by outcome: hit_l1, hit_l2, miss, stale, bypass (a command), or the error code in lower case.",
    ["tool", "outcome"],
    registry=REGISTRY,
)
TOOL_CALL_DURATION = Histogram(
    "plex_mcp_tool_call_duration_seconds",
    "Time from the validated arguments to the finished answer.",
    ["tool"],
    buckets=_SECONDS,
    registry=REGISTRY,
)
CACHE_LOOKUPS = Counter(
    "plex_mcp_cache_lookups",
    "Cache lookups by outcome: hit_l1, hit_l2, stale, miss.",
    ["outcome"],
    registry=REGISTRY,
)
PLEX_REQUESTS = Counter(
    "plex_mcp_plex_requests",
    "HTTP requests sent to Plex by outcome: ok, refused, failed, timeout.",
    ["outcome"],
    registry=REGISTRY,
)
PLEX_RETRIES = Counter("plex_mcp_plex_retries", "Reads tried again after a failure of Plex.", registry=REGISTRY)
STALE_ANSWERS = Counter("plex_mcp_stale_answers", "Answers marked stale, by tool.", ["tool"], registry=REGISTRY)
BREAKER_OPEN = Gauge("plex_mcp_breaker_open", "1 while the breaker before Plex is open.", registry=REGISTRY)
POOL_BUSY_WORKERS = Gauge("plex_mcp_pool_busy_workers", "Workers that are talking to Plex.", registry=REGISTRY)
POOL_QUEUED_CALLS = Gauge("plex_mcp_pool_queued_calls", "Calls that wait for a worker.", registry=REGISTRY)
PLEX_CONNECTIONS = Gauge("plex_mcp_plex_connections", "Open connections to Plex.", registry=REGISTRY)
REDIS_CONNECTIONS = Gauge("plex_mcp_redis_connections", "Open connections to Redis.", registry=REGISTRY)
REDIS_UP = Gauge("plex_mcp_redis_up", "1 while Redis answers, 0 while its breaker is open.", registry=REGISTRY)
REDIS_FAULTS = Counter(
    "plex_mcp_redis_faults",
    "Redis faults that counted as a miss: timeout, connection, refused, corrupt, other.",
    ["kind"],
    registry=REGISTRY,
)
HTTP_REFUSED = Counter(
    "plex_mcp_http_refused",
    "Requests refused before MCP was looked at, by reason: unauthorized, guessing, rate_limited, host, origin, "
    "too_large, slow, crowded, malformed.",
    ["reason"],
    registry=REGISTRY,
)
HTTP_CONNECTIONS = Gauge("plex_mcp_http_connections", "Open connections of clients.", registry=REGISTRY)
PROCESS = ProcessCollector(registry=REGISTRY)

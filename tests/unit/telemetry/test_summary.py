"""The line on the cache at every health-check interval."""

from __future__ import annotations

from structlog.testing import capture_logs

from plex_mcp.telemetry.metrics import CACHE_LOOKUPS
from plex_mcp.telemetry.summary import CacheSummary


def test_each_line_tells_what_happened_since_the_last_one() -> None:
    CACHE_LOOKUPS.labels("hit_l1").inc(7)
    summary = CacheSummary()
    for outcome, count in (("hit_l1", 2), ("hit_l2", 1), ("miss", 1)):
        CACHE_LOOKUPS.labels(outcome).inc(count)
    with capture_logs() as lines:
        summary()
        summary()
    first, second = (
        {name: value for name, value in line.items() if name not in {"event", "log_level"}} for line in lines
    )
    assert first == {"lookups": 4, "hit_ratio": 0.75, "hit_l1": 2, "hit_l2": 1, "stale": 0, "miss": 1}
    assert second == {"lookups": 0, "hit_ratio": None, "hit_l1": 0, "hit_l2": 0, "stale": 0, "miss": 0}
    assert {line["event"] for line in lines} == {"cache.summarized"}

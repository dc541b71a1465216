"""One line on how the cache did since the last such line; the monitor writes it at every health-check interval."""

from __future__ import annotations

import structlog

from plex_mcp.telemetry.metrics import CACHE_LOOKUPS

log = structlog.get_logger(__name__)

OUTCOMES = ("hit_l1", "hit_l2", "stale", "miss")


class CacheSummary:
    """Call it to log `cache.summarized`: lookups by outcome since the last call, and the share of fresh hits."""

    def __init__(self) -> None:
        self._last = _counts()

    def __call__(self) -> None:
        now = _counts()
        since = {outcome: int(now[outcome] - self._last[outcome]) for outcome in OUTCOMES}
        self._last = now
        lookups = sum(since.values())
        hits = since["hit_l1"] + since["hit_l2"]
        log.info("cache.summarized", lookups=lookups, hit_ratio=round(hits / lookups, 3) if lookups else None, **since)


def _counts() -> dict[str, float]:
    counts = dict.fromkeys(OUTCOMES, 0.0)
    for family in CACHE_LOOKUPS.collect():
        for sample in family.samples:
            if sample.name.endswith("_total"):
                counts[sample.labels["outcome"]] = sample.value
    return counts

"""What the probes are told. A snapshot of memory: no network, no lock that a call could hold for long."""

from __future__ import annotations

from dataclasses import dataclass, field

from plex_mcp.calls.breaker import Breaker
from plex_mcp.calls.entry import iso_utc


@dataclass(frozen=True, slots=True)
class Health:
    """`started`: the warm-up ended or gave up. `ready`: answers can be given, be they old copies. `degraded`: what does
    not answer, `plex` or `redis`, and since when (ISO 8601 UTC)."""

    started: bool
    ready: bool
    degraded: list[dict[str, str]] = field(default_factory=list)


def snapshot(*, started: bool, cached: int, plex: Breaker, redis: Breaker) -> Health:
    """`cached`: number of answers in the process. With Plex down they, or Redis, are what answers are made of."""
    down = [(what, breaker) for what, breaker in (("plex", plex), ("redis", redis)) if breaker.opened]
    return Health(
        started=started,
        ready=not plex.opened or cached > 0 or not redis.opened,
        degraded=[{"what": what, "since": iso_utc(breaker.opened_at)} for what, breaker in down],
    )

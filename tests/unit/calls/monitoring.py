"""A monitor over a Plex, a Redis and a clock that do as they are told."""

from __future__ import annotations

from plex_mcp.calls.breaker import Breaker
from plex_mcp.calls.monitor import Monitor
from plex_mcp.calls.pool import WorkerPool
from plex_mcp.errors import PlexUnavailable
from tests.fakes import Clock, FakePlex, settings

DOWN = PlexUnavailable("down")


class FakeRedisStore:
    def __init__(self) -> None:
        self.breaker = Breaker(1)
        self.probes = 0
        self.back = False

    def probe(self) -> None:
        self.probes += 1
        if self.back:
            self.breaker.close()


class Fixture:
    def __init__(self, **changed: str) -> None:
        self.clock = Clock(0.0)
        self.plex = FakePlex()
        self.redis = FakeRedisStore()
        self.pool = WorkerPool(2)
        self.breaker = Breaker(3, on_change=lambda opened: self.monitor.plex_lost() if opened else None)
        self.monitor = Monitor(
            settings(**changed),
            ping=self.plex.ping,
            pool=self.pool,
            breaker=self.breaker,
            redis_store=self.redis,  # type: ignore[arg-type]
            monotonic=self.clock,
            draw=lambda: 1.0,
        )

    def run(self, seconds: float) -> list[float]:
        """Let time pass as the thread would; the instants at which Plex was asked."""
        end, asked = self.clock.now + seconds, []
        while self.clock.now <= end:
            before = self.plex.pings
            pause_s = self.monitor.tick()
            if self.plex.pings > before:
                asked.append(self.clock.now)
            self.clock.now += max(pause_s, 0.001)
        self.clock.now = end
        return [round(at, 1) for at in asked]

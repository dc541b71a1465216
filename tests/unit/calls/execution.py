"""An executor over a Plex that does as it is told. No Redis: its absence is a miss and nothing else."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

from plex_mcp.calls.execute import Executor
from plex_mcp.calls.outcome import CallInfo, CallOutcome
from plex_mcp.errors import PlexUnavailable
from plex_mcp.telemetry.metrics import REGISTRY
from tests.fakes import TOOLS, WAIT_S, Clock, FakePlex, finish, list_titles, settings

DOWN = PlexUnavailable("Plex is down", status=503, endpoint="/x", cause="test")


class Fixture:
    def __init__(self, *answers: Any, **changed: str) -> None:
        self.clock = Clock()
        self.plex = FakePlex(*answers)
        self.executor = Executor(
            self.plex,  # type: ignore[arg-type]
            settings(**changed),
            finish=finish,
            tools=TOOLS,
            clock=self.clock,
            sleep=self.clock.sleep,
            draw=lambda: 1.0,
        )
        self.threads = ThreadPoolExecutor(250)

    def titles(self, info: CallInfo = CallInfo(), **arguments: Any) -> CallOutcome:  # noqa: B008
        return self.executor.call(list_titles, list_titles.parse(arguments), info)

    def aside(self, function: Callable[..., CallOutcome], *args: Any, **arguments: Any) -> Future[CallOutcome]:
        return self.threads.submit(function, *args, **arguments)

    def wait_for_plex(self, requests: int = 1) -> None:
        """Until that many more requests have arrived."""
        for _ in range(requests):
            assert self.plex.waiting.acquire(timeout=WAIT_S)

    def open_breaker(self) -> None:
        for _ in range(50):
            self.executor._breaker.count_failure(DOWN)


Make = Callable[..., Fixture]


def stale(it: Fixture, **arguments: Any) -> None:
    """Let the fixture hold a copy past its TTL."""
    it.titles(**arguments)
    it.clock.now += 61
    while it.plex.waiting.acquire(blocking=False):
        pass


def counted(metric: Any, **labels: str) -> float:
    return REGISTRY.get_sample_value(f"{metric._name}_total", labels) or 0.0

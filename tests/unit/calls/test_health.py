"""What the probes are told."""

from __future__ import annotations

import pytest

from plex_mcp.calls.breaker import Breaker
from plex_mcp.calls.health import Health, snapshot
from plex_mcp.errors import PlexUnavailable
from tests.fakes import Clock

DOWN = PlexUnavailable("down")


@pytest.mark.parametrize(
    ("plex_down", "redis_down", "cached", "ready"),
    [
        (False, False, 0, True),
        (True, False, 0, True),
        (True, True, 1, True),
        (True, True, 0, False),
        (False, True, 0, True),
    ],
)
def test_ready_means_that_answers_can_be_given(plex_down: bool, redis_down: bool, cached: int, ready: bool) -> None:
    plex, redis = Breaker(1, clock=Clock()), Breaker(1, clock=Clock())
    for breaker, down in ((plex, plex_down), (redis, redis_down)):
        if down:
            breaker.count_failure(DOWN)
    found = snapshot(started=True, cached=cached, plex=plex, redis=redis)
    names = [name for name, down in (("plex", plex_down), ("redis", redis_down)) if down]
    assert found == Health(True, ready, [{"what": name, "since": "2027-01-15T08:00:00Z"} for name in names])

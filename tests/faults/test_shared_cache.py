"""Replicas that share a Redis: what a command through one does to the copies that the others hold."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from plex_mcp.standin import StandIn
from tests.conftest import RedisServer
from tests.faults.world import NOW, World, replica


class Household:
    """Any number of replicas over one Plex and one Redis, whose clocks go together."""

    def __init__(self, plex: StandIn, redis_server: RedisServer, stack: ExitStack) -> None:
        self.plex = plex
        self.redis = redis_server
        self._stack = stack
        self._replicas: list[World] = []

    def replica(self) -> World:
        self._replicas.append(self._stack.enter_context(replica(self.plex, REDIS_URL=self.redis.url)))
        return self._replicas[-1]

    def let_pass(self, seconds: float) -> None:
        for each in self._replicas:
            each.clock.now += seconds


@pytest.fixture
def household(redis_server: RedisServer) -> Iterator[Household]:
    with ExitStack() as stack:
        plex = stack.enter_context(StandIn("small", clock=lambda: NOW))
        yield Household(plex, redis_server, stack)


def test_players_seen_before_a_command_through_another_replica_are_asked_for_again(household: Household) -> None:
    here, there = household.replica(), household.replica()
    assert here.call("list_clients").outcome == "miss"
    household.let_pass(1)
    there.call("control_playback")
    household.let_pass(5)
    assert here.call("list_clients").outcome == "miss"

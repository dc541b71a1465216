"""Replicas that share a Redis: what a command through one does to the copies that the others hold."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from typing import Any

import pytest

from plex_mcp.calls.execute import Executor
from plex_mcp.calls.outcome import CallOutcome
from plex_mcp.errors import NotFound
from plex_mcp.standin import StandIn
from tests.conftest import RedisServer
from tests.fakes import TOOLS, WAIT_S, Clock, FakePlex, finish, list_playing, pause, settings
from tests.faults.world import CATALOGUE, NOW, World, replica


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


@pytest.mark.parametrize(
    "name", ["search_media", "get_media_details", "get_on_deck", "get_recently_added", "get_watch_history"]
)
def test_what_was_marked_through_another_replica_is_asked_for_again_within_15_s(
    household: Household, name: str
) -> None:
    here, there = household.replica(), household.replica()
    assert here.call(name).outcome == "miss"
    assert here.call(name).outcome == "hit_l1"
    household.let_pass(1)
    there.call("set_watch_state")
    household.let_pass(15)
    assert here.call(name).outcome == "miss"


def test_a_copy_is_trusted_for_as_long_again_when_redis_cannot_be_asked(household: Household) -> None:
    world = household.replica()
    world.call("get_media_details")
    household.redis.kill()
    household.let_pass(16)
    assert world.call("get_media_details").outcome == "hit_l1"
    asked = world.executor._redis.load
    world.executor._redis.load = lambda *names: pytest.fail("Redis was asked again")  # type: ignore[method-assign]
    household.let_pass(10)
    assert world.call("get_media_details").outcome == "hit_l1"
    world.executor._redis.load = asked  # type: ignore[method-assign]


def test_a_command_that_fits_nothing_leaves_every_answer_fresh(household: Household) -> None:
    world = household.replica()
    asked = ("search_media", "get_media_details", "get_playback_status", "list_clients")
    for name in asked:
        world.call(name)
    household.let_pass(1)
    for name, arguments in (
        ("set_watch_state", {"media_id": "999999", "state": "watched"}),
        ("control_playback", {"action": "pause", "client": "No Such TV"}),
    ):
        with pytest.raises(NotFound):
            world.executor.call(CATALOGUE[name], CATALOGUE[name].parse(arguments))
    assert {world.call(name).outcome for name in asked} == {"hit_l1"}


class Replica:
    """The policy over a Plex that does as it is told, and a real Redis."""

    def __init__(self, redis_server: RedisServer, stack: ExitStack, *answers: Any) -> None:
        self.clock = Clock()
        self.plex = FakePlex(*answers)
        self.executor = Executor(
            self.plex,  # type: ignore[arg-type]
            settings(REDIS_URL=redis_server.url),
            finish=finish,
            tools=TOOLS,
            clock=self.clock,
        )
        stack.callback(self.executor.close)

    def playing(self) -> CallOutcome:
        return self.executor.call(list_playing, {"user": None})


@pytest.mark.parametrize("unknown", [True, False], ids=["state unknown", "state re-read"])
def test_a_read_under_way_does_not_bring_back_what_was_before_a_command(
    redis_server: RedisServer, unknown: bool
) -> None:
    with ExitStack() as stack, ThreadPoolExecutor(1) as aside:
        reading, commanding, third = (
            Replica(redis_server, stack, *answers)
            for answers in ([["anna: playing"]], ["paused"], [["anna: asked anew"]])
        )
        reading.plex.gate.clear()
        read = aside.submit(reading.playing)
        assert reading.plex.waiting.acquire(timeout=WAIT_S)
        for each in (commanding, third):
            each.clock.now += 1
        commanding.executor.call(pause, {"forget": unknown})
        reading.plex.gate.set()
        assert b"playing" in read.result(WAIT_S).structured, "who asked before gets what was so"
        assert b"asked anew" in third.playing().structured

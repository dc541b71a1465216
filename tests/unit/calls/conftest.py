"""Nothing of one test is left for the next: its threads have ended, and no line of theirs is caught in another."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import structlog

from plex_mcp.calls.redis_store import RedisStore
from tests.fakes import WAIT_S
from tests.unit.calls.execution import Fixture
from tests.unit.calls.little_redis import LittleRedis, store_for


@pytest.fixture(autouse=True)
def plain_tracebacks() -> Iterator[None]:
    """As Python prints them: rich's, which structlog takes where it finds it, cost seconds each."""
    before = structlog.get_config()
    renderer = structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)
    structlog.configure(processors=[*before["processors"][:-1], renderer])
    yield
    structlog.configure(**before)


@pytest.fixture(autouse=True)
def ended_threads() -> Iterator[None]:
    yield
    for thread in threading.enumerate():
        if thread.name.startswith(("warm-up", "refresher", "monitor")):
            thread.join(WAIT_S)
            assert not thread.is_alive(), thread.name


@pytest.fixture
def make() -> Iterator[Callable[..., Fixture]]:
    made: list[Fixture] = []

    def build(*answers: Any, **changed: str) -> Fixture:
        made.append(Fixture(*answers, **changed))
        return made[-1]

    yield build
    for fixture in made:
        fixture.plex.gate.set()
        fixture.executor.close()
        fixture.threads.shutdown()


@pytest.fixture
def little() -> Iterator[LittleRedis]:
    server = LittleRedis()
    yield server
    server.close()


@pytest.fixture
def store(little: LittleRedis) -> Iterator[RedisStore]:
    made = store_for(little.url)
    yield made
    made.close()

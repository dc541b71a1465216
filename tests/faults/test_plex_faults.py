"""Every fault of the stand-in, with every tool, with nothing cached, a fresh or a stale copy: what users must see."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest

from plex_mcp.standin import StandIn
from plex_mcp.standin.faults import KINDS
from tests.faults.tally import Row
from tests.faults.world import (
    CATALOGUE,
    NOW,
    READERS,
    WRITERS,
    World,
    content,
    replica,
    require_clean,
    require_marked,
    require_unmarked,
)

MATRIX = "Plex"


@dataclass(frozen=True)
class Fault:
    """`code`: what a call without a copy must say. `stale`: whether a copy may stand in for the answer."""

    name: str
    kind: str
    code: str
    stale: bool = True
    figures: dict[str, Any] = field(default_factory=dict)


def failing(kind: str, error_code: str, name: str = "", **figures: Any) -> Fault:
    return Fault(name or kind, kind, error_code, figures=figures)


def final(status: int, code: str) -> Fault:
    return Fault(f"status {status}", "status", code, stale=False, figures={"code": status})


FAILING = [
    failing("refused", "PLEX_UNAVAILABLE"),
    *[
        failing("status", "PLEX_UNAVAILABLE", f"status {code}", code=code)
        for code in (429, 500, 502, 503, 504, 520, 527)
    ],
    failing("maintenance", "PLEX_UNAVAILABLE"),
    failing("close_early", "PLEX_UNAVAILABLE"),
    failing("reset", "PLEX_UNAVAILABLE"),
    failing("short_body", "PLEX_UNAVAILABLE"),
    failing("cut_headers", "PLEX_BAD_ANSWER"),
    failing("truncated_xml", "PLEX_BAD_ANSWER"),
    failing("redirect", "PLEX_BAD_ANSWER"),
    failing("empty_200", "PLEX_BAD_ANSWER"),
    failing("html_200", "PLEX_BAD_ANSWER"),
    failing("json_200", "PLEX_BAD_ANSWER"),
    final(401, "PLEX_REFUSED_TOKEN"),
    final(403, "PLEX_FORBIDDEN"),
    final(404, "NOT_FOUND"),
    final(400, "INVALID_ARGUMENT"),
]
HANGING = [
    failing("silence", "PLEX_TIMEOUT"),
    failing("delay", "PLEX_TIMEOUT", delay_s=30),
    failing("drip_body", "PLEX_TIMEOUT", bytes_each=1, every_s=0.05),
    failing("drip_headers", "PLEX_TIMEOUT", bytes_each=1, every_s=0.05),
]
_QUICK = {"CALL_DEADLINE": "1", "CALL_SOFT_DEADLINE": "0.3", "PLEX_READ_TIMEOUT": "0.8", "PLEX_CONNECT_TIMEOUT": "0.8"}

MENDED = {
    "no_charset": "same",
    "control_characters": "same",
    "no_port": "same",
    "delay": "same",
    "drip_body": "same",
    "drip_headers": "same",
    "wrong_total": "items",
    "no_user": "some",
    "no_session": "some",
    "no_player": "some",
    "no_type": "some",
    "no_title": "some",
}
"""Faults that an answer survives: how much of it must be there. `some`: all but the element that was spoilt."""
_MILD: dict[str, dict[str, Any]] = {
    "delay": {"delay_s": 0.05},
    "drip_body": {"bytes_each": 4000, "every_s": 0.002},
    "drip_headers": {"bytes_each": 4000, "every_s": 0.002},
}


def test_every_fault_of_the_stand_in_is_in_the_matrix() -> None:
    assert {fault.kind for fault in (*FAILING, *HANGING)} - {"refused"} | set(MENDED) == set(KINDS)


@pytest.fixture(scope="module")
def plex() -> Iterator[StandIn]:
    with StandIn("small", clock=lambda: NOW) as running:
        yield running


@pytest.fixture
def row() -> Iterator[Row]:
    made = Row(MATRIX)
    yield made
    made.close()


@contextmanager
def faulty(plex: StandIn, fault: Fault) -> Iterator[None]:
    if fault.kind == "refused":
        plex.stop_listening()
    else:
        plex.faults.add(fault.kind, **fault.figures)
    try:
        yield
    finally:
        plex.faults.clear()
        if fault.kind == "refused":
            plex.listen_again()


STATES = ("cold", "nothing cached", "fresh", "stale")


@pytest.mark.parametrize("fault", [*FAILING, *HANGING], ids=lambda fault: fault.name)
def test_a_fault_that_leaves_no_answer(plex: StandIn, row: Row, fault: Fault) -> None:
    """All tools at once in a replica each; what hangs would take minutes one by one."""
    changed = _QUICK if fault in HANGING else {}
    cells = [(name, state) for name in READERS for state in STATES] + [(name, "nothing cached") for name in WRITERS]
    with ThreadPoolExecutor(len(cells)) as threads, _replicas(plex, cells, changed) as worlds:
        healthy = {cell: _prepare(world, *cell) for cell, world in worlds.items()}
        with faulty(plex, fault):
            plex.counters.reset()
            checks = [(cell, threads.submit(_check, fault, plex, worlds[cell], cell, healthy[cell])) for cell in cells]
            for cell, check in checks:
                row.cell(f"{fault.name} / {cell[0]} / {cell[1]}", check.result)
        row.cell(f"{fault.name} / no command was sent", lambda: _require_no_writes(plex))


def _replicas(plex: StandIn, cells: list[tuple[str, str]], changed: dict[str, str]) -> Any:
    @contextmanager
    def opened() -> Iterator[dict[tuple[str, str], World]]:
        from contextlib import ExitStack

        with ExitStack() as stack:
            yield {cell: stack.enter_context(replica(plex, **changed)) for cell in cells}

    return opened()


def _prepare(world: World, name: str, state: str) -> Any:
    """Bring the cell into its state; the right answer where there is one by now."""
    if state == "nothing cached":
        assert world.client.server  # connected: the fault meets the tool's own requests
    if state not in {"fresh", "stale"}:
        return None
    outcome = world.call(name)
    require_unmarked(outcome)
    if state == "stale":
        world.age(name)
    return outcome


def _check(fault: Fault, plex: StandIn, world: World, cell: tuple[str, str], healthy: Any) -> None:
    name, state = cell
    if state == "fresh":
        outcome = world.call(name)
        require_unmarked(outcome)
        assert outcome.body == healthy.body
        return
    if state == "stale" and fault.stale:
        outcome = world.call(name)
        require_marked(outcome)
        assert content(outcome) == content(healthy)
        return
    error = world.error(name)
    require_clean(error, plex)
    assert error.code == fault.code, f"{error.code}: {error.message}"
    assert error.temporary == (fault.code in {"PLEX_UNAVAILABLE", "PLEX_TIMEOUT", "PLEX_BAD_ANSWER"})


def _require_no_writes(plex: StandIn) -> None:
    writes = ("/:/", "/player/playback", "/status/sessions/terminate")
    sent = [line for line in plex.counters.paths if line.split(" ")[1].startswith(writes)]
    assert not sent, sent


@pytest.mark.parametrize("kind", MENDED)
def test_a_fault_that_an_answer_survives(plex: StandIn, row: Row, kind: str) -> None:
    for name in READERS:
        for state in STATES:
            with replica(plex) as world, replica(plex) as reference:
                _prepare(world, name, state)
                healthy = reference.call(name)
                plex.faults.add(kind, **_MILD.get(kind, {}))
                try:
                    if (kind, name) == ("no_type", "get_media_details"):  # nothing is left of a single item
                        fault = Fault(kind, kind, "PLEX_BAD_ANSWER")
                        row.cell(f"{kind} / {name} / {state}", _lost(fault, plex, world, (name, state), healthy))
                        continue
                    row.cell(f"{kind} / {name} / {state}", _survivor(world, name, healthy, MENDED[kind]))
                finally:
                    plex.faults.clear()


def _lost(fault: Fault, plex: StandIn, world: World, cell: tuple[str, str], healthy: Any) -> Callable[[], None]:
    return lambda: _check(fault, plex, world, cell, healthy)


def _survivor(world: World, name: str, healthy: Any, share: str) -> Callable[[], None]:
    def check() -> None:
        outcome = world.call(name)
        require_unmarked(outcome)
        found, right = content(outcome), content(healthy)
        if share == "same":
            assert found == right
        elif "items" not in right:
            assert share == "some" or found == right
        elif share == "items":
            # A library's count is that very total: Plex's word is all there is.
            assert _without_counts(found["items"]) == _without_counts(right["items"])
        else:
            assert len(found["items"]) >= len(right["items"]) - _spoilt(name), f"{len(found['items'])} items"

    return check


def _without_counts(items: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{name: value for name, value in item.items() if name != "count"} for item in items]


def _spoilt(name: str) -> int:
    """Of how many items one spoilt element may cost the answer: one for each request that the tool sends."""
    return 6 if name == "list_libraries" else 2


def test_all_tools_are_in_the_matrix() -> None:
    assert set(READERS) | set(WRITERS) == set(CATALOGUE)
    assert len(CATALOGUE) == 10

"""Replaying one behaviour of a tool from its cassette, with no way out to any network."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import jsonschema
import pytest

from plex_mcp.calls.pool import WorkerPool
from plex_mcp.tools._catalogue import load_tools
from tests.recording import snapshot, tape
from tests.recording.behaviour import Behaviour, Sample, untrue
from tests.recording.sockets import blocked

Check = Callable[[str, Behaviour], None]


@pytest.fixture(scope="session")
def pool() -> Iterator[WorkerPool]:
    """The ten workers."""
    workers = WorkerPool(10)
    yield workers
    workers.close()


@pytest.fixture
def replays(pool: WorkerPool) -> Check:
    """Asserts that a tool gives, from the recorded answers alone, the recorded answer, the whole of it."""

    def check(tool: str, behaviour: Behaviour) -> None:
        file = tape.path_of(tool, behaviour.name)
        kept = snapshot.load(file)
        given = {name: value for name, value in behaviour.arguments.items() if not isinstance(value, Sample)}
        assert kept.arguments.keys() == behaviour.arguments.keys(), "changed since it was recorded: make record"
        assert kept.arguments.items() >= given.items(), "changed since it was recorded: make record"
        with blocked() as attempts:
            replayed = snapshot.replay(pool, tool, file, kept.arguments, kept.settings)
        assert replayed.played.answer == kept.answer
        assert replayed.played.images == kept.images
        assert replayed.faults == []
        assert attempts == []
        if "error" not in kept.answer:
            jsonschema.validate(kept.answer, load_tools()[tool].output_schema)
        if replayed.recorded_from.startswith("standin"):
            assert list(untrue(kept.answer, behaviour.truth)) == []

    return check

"""The call and the answer that belong to a cassette, as JSON beside it; written by `make record` alone."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from plex_mcp.calls.pool import WorkerPool
from tests.recording import tape
from tests.recording.call import Played, call, environment
from tests.recording.clock import standing_at

REPLAY_TOKEN = "scrubbed-token-1"
"""What the token of the server's settings is called in every cassette: the first that is learnt."""


@dataclass(frozen=True)
class Snapshot:
    """`arguments` and `settings` as one gives them who sees only scrubbed answers; `images` (type, bytes) each."""

    arguments: dict[str, Any]
    settings: dict[str, Any]
    answer: dict[str, Any]
    images: list[list[Any]]

    def write(self, file: Path) -> None:
        """As readable JSON."""
        file.write_text(json.dumps(asdict(self), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def load(file: Path) -> Snapshot:
    """The snapshot beside a cassette."""
    return Snapshot(**json.loads(file.with_suffix(".json").read_text(encoding="utf-8")))


@dataclass(frozen=True)
class Replayed:
    """A replay and what was wrong with it. `recorded_from` is the cassette's label."""

    played: Played
    recorded_from: str
    unplayed: int

    @property
    def faults(self) -> list[str]:
        """Requests that were not on the cassette, and answers that nobody asked for."""
        return [f"not recorded: {request}" for request in self.played.refused] + (
            [f"{self.unplayed} recorded answers were not asked for"] if self.unplayed else []
        )


def replay(pool: WorkerPool, tool: str, file: Path, arguments: dict[str, Any], settings: dict[str, Any]) -> Replayed:
    """Make the call again from the cassette, at the time it was recorded at."""
    cassette = tape.load(file)
    recorded_from = cassette.get_metadata("recorded_from", "")
    environ = environment(tape.PLEX_URL, REPLAY_TOKEN, settings)
    with standing_at(cassette.get_metadata("recorded_at_s", 0)):
        played = call(pool, tool, arguments, environ, cassette)
    return Replayed(played, recorded_from, len(cassette) - cassette.play_count)

"""The corpus, and what hypothesis makes of it, through the fuzz targets: without atheris, in seconds."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.fuzz import targets

CORPUS = Path(__file__).parent / "corpus"
TARGETS = {"envelope": targets.envelope, "intake": targets.intake, "xml": targets.xml, "tree": targets.tree}
SEEDS = {name: [path.read_bytes() for path in sorted((CORPUS / name).iterdir())] for name in TARGETS}


@pytest.mark.parametrize("path", sorted(CORPUS.glob("*/*")), ids=lambda path: f"{path.parent.name}-{path.name}")
def test_a_case_of_the_corpus_is_answered(path: Path) -> None:
    for first in range(10) if path.parent.name in {"xml", "tree"} else range(7):
        TARGETS[path.parent.name](bytes([first]) + path.read_bytes()[1:])


@st.composite
def mutated(draw: st.DrawFn, seeds: list[bytes]) -> bytes:
    """A seed with some bytes replaced, cut or repeated."""
    data = bytearray(draw(st.sampled_from(seeds)))
    for _ in range(draw(st.integers(0, 4))):
        at = draw(st.integers(0, len(data)))
        data[at : at + draw(st.integers(0, 8))] = draw(
            st.binary(max_size=8) | st.sampled_from([b"null", b"-1", b'""', b"<a/>"])
        )
    return bytes(data)


@pytest.mark.parametrize("name", sorted(TARGETS))
def test_mutations_of_the_corpus_are_answered(name: str) -> None:
    target: Callable[[bytes], None] = TARGETS[name]

    @settings(max_examples=200, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
    @given(mutated(SEEDS[name]))
    def run(data: bytes) -> None:
        target(data)

    run()

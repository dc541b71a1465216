"""Libraries made from a seed."""

import pytest

from plex_mcp.standin import StandIn, build_library
from tests.standin.conftest import NOW_S


def test_generated_libraries_are_the_same_each_time_and_differ_by_seed() -> None:
    one, two, other = (build_library("500", NOW_S, seed) for seed in (1, 1, 2))
    assert [i.title for i in one.items.values()] == [i.title for i in two.items.values()]
    assert [i.title for i in one.items.values()] != [i.title for i in other.items.values()]
    assert sum(len(one.of_kind(kind)) for kind in ("movie", "episode", "track")) == 500


@pytest.mark.parametrize(("name", "size"), [("500", 500), ("10k", 10_000)])
def test_a_generated_library_has_the_size_of_its_name(name: str, size: int) -> None:
    library = build_library(name, NOW_S)
    assert sum(len(library.of_kind(kind)) for kind in ("movie", "episode", "track")) == size


def test_an_unknown_library_is_refused() -> None:
    with pytest.raises(ValueError, match="library must be small, 500, 10k, 100k or a Library, not 'huge'"):
        StandIn("huge")

"""The doubles of the unit tests must tell when they are misused."""

from __future__ import annotations

import pytest

from tests.fakes import raised


def test_the_helper_of_these_tests_tells_when_nothing_is_raised() -> None:
    with pytest.raises(AssertionError, match="nothing was raised"):
        raised(lambda: 1)

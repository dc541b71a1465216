"""Every promise has a test, and every test's promise is in the manifest."""

from __future__ import annotations

import importlib
import pkgutil

from tests import conformance
from tests.conformance.requirements import COVERED, REQUIREMENTS


def test_every_requirement_has_a_test_and_every_mark_a_requirement() -> None:
    for module in pkgutil.iter_modules(conformance.__path__):
        if module.name.startswith("test_"):
            importlib.import_module(f"{conformance.__name__}.{module.name}")
    assert sorted(set(COVERED) - set(REQUIREMENTS)) == [], "marks without a requirement"
    assert sorted(set(REQUIREMENTS) - set(COVERED)) == [], "requirements without a test"

"""Finds the resources: every module here whose name does not begin with an underscore holds one of the same name."""

from __future__ import annotations

import importlib
import pkgutil

from plex_mcp import resources
from plex_mcp.resources._resource import Resource


def load_resources() -> dict[str, Resource]:
    """The catalogue in the order of names, as the lists have it; the dispatcher leaves out what lacks its tools."""
    found: dict[str, Resource] = {}
    for module in sorted(pkgutil.iter_modules(resources.__path__), key=lambda entry: entry.name):
        if module.name.startswith("_"):
            continue
        candidate = getattr(importlib.import_module(f"{resources.__name__}.{module.name}"), module.name, None)
        if not isinstance(candidate, Resource):
            raise TypeError(f"resources/{module.name}.py holds no resource of that name")
        found[candidate.name] = candidate
    return found

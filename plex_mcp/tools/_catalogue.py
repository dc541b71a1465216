"""Finds the tools: every module here whose name does not begin with an underscore holds one of the same name."""

from __future__ import annotations

import importlib
import pkgutil

from plex_mcp import tools
from plex_mcp.tools._tool import Tool


def load_tools(*, read_only: bool = False) -> dict[str, Tool]:
    """The catalogue in the order of names, which is the order of `tools/list`. `read_only` leaves out what writes."""
    found: dict[str, Tool] = {}
    for module in sorted(pkgutil.iter_modules(tools.__path__), key=lambda entry: entry.name):
        if module.name.startswith("_"):
            continue
        candidate = getattr(importlib.import_module(f"{tools.__name__}.{module.name}"), module.name, None)
        if not isinstance(candidate, Tool):
            raise TypeError(f"tools/{module.name}.py holds no tool of that name")
        if candidate.read_only or not read_only:
            found[candidate.name] = candidate
    return found

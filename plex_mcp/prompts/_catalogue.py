"""Finds the prompts: every module here whose name does not begin with an underscore holds one of the same name."""

from __future__ import annotations

import importlib
import pkgutil

from plex_mcp import prompts
from plex_mcp.prompts._prompt import Prompt


def load_prompts() -> dict[str, Prompt]:
    """The catalogue in the order of names, as the lists have it; the dispatcher leaves out what lacks its tools."""
    found: dict[str, Prompt] = {}
    for module in sorted(pkgutil.iter_modules(prompts.__path__), key=lambda entry: entry.name):
        if module.name.startswith("_"):
            continue
        candidate = getattr(importlib.import_module(f"{prompts.__name__}.{module.name}"), module.name, None)
        if not isinstance(candidate, Prompt):
            raise TypeError(f"prompts/{module.name}.py holds no prompt of that name")
        found[candidate.name] = candidate
    return found

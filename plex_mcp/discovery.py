"""Finds the things of a catalogue: every module of a package whose name does not begin with an underscore holds one of
the same name. A leaf: imports nothing of ours.
"""

from __future__ import annotations

import importlib
import pkgutil
from types import ModuleType
from typing import TypeVar

Thing = TypeVar("Thing")


def discover(package: ModuleType, kind: type[Thing]) -> dict[str, Thing]:
    """By module name, in the order of names: lists must come out the same each time. Raise TypeError for a module that
    holds no `kind` of its name.
    """
    found: dict[str, Thing] = {}
    for name in sorted(module.name for module in pkgutil.iter_modules(package.__path__)):
        if name.startswith("_"):
            continue
        candidate = getattr(importlib.import_module(f"{package.__name__}.{name}"), name, None)
        if not isinstance(candidate, kind):
            raise TypeError(f"{package.__name__}.{name} holds no {kind.__name__} of that name")
        found[name] = candidate
    return found

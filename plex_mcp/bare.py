"""Packages put in place without being run: their modules can be imported one by one, without all that they import.

A leaf. Whoever asks such a package for anything of its own gets all of it, as usual, from whichever thread; `from
package import module` asks it, `from package.module import name` does not. A module that expects the package to have
run before it may have to wait for that: ask for it through the package.
"""

import importlib.metadata
import importlib.util
import sys
import threading
from types import ModuleType
from typing import Any


def import_bare(name: str) -> ModuleType:
    """The package, not yet run; the package as it is when it is imported already."""
    if name in sys.modules:
        return sys.modules[name]
    spec = importlib.util.find_spec(name)
    if spec is None or spec.loader is None:
        raise ModuleNotFoundError(f"No module named {name!r}", name=name)
    loader, package = spec.loader, importlib.util.module_from_spec(spec)
    lock, begun = threading.RLock(), list[str]()

    def run_it_after_all(attribute: str) -> Any:
        if attribute == "__version__":  # known without running it, and asked for when Redis' connections are counted
            return importlib.metadata.version(name)
        if attribute.startswith("__"):  # Python's own questions
            raise AttributeError(attribute)
        with lock:
            if not begun:
                begun.append(attribute)
                loader.exec_module(package)
                del package.__getattr__
        try:
            return vars(package)[attribute]
        except KeyError:
            raise AttributeError(attribute) from None

    vars(package)["__getattr__"] = run_it_after_all
    sys.modules[name] = package
    return package

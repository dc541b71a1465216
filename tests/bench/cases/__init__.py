"""What `make bench` measures, one case a module. A case gives plain figures; units are in their names."""

from __future__ import annotations

from collections.abc import Callable

from tests.bench.cases.cached import cached
from tests.bench.cases.common import Figures
from tests.bench.cases.memory import memory
from tests.bench.cases.parts import parts
from tests.bench.cases.pod import pod
from tests.bench.cases.replicas import replicas
from tests.bench.cases.scaling import scaling
from tests.bench.cases.trouble import trouble
from tests.bench.cases.uncached import uncached

CASES: dict[str, Callable[[str, bool], Figures]] = {
    "cached": cached,
    "uncached": uncached,
    "pod": pod,
    "memory": memory,
    "scaling": scaling,
    "replicas": replicas,
    "trouble": trouble,
    "parts": parts,
}
"""Each takes the URL of a Redis, and whether limits can be set here."""

"""Ways to go wrong, switched on by path, count and probability.

    plex.faults.add("drip_body", path="/library/sections/*/all", bytes_each=200, every_s=0.5)
    plex.faults.add("maintenance", count=3)
    plex.faults.add("status", path="/status/sessions", code=500, probability=0.5)

``KINDS`` lists every kind with its figures. Those in ``fault_kinds.INSTEAD`` answer in place of the server, and
nothing is carried out; the others spoil the answer that the server would have given. Connection refused is
``StandIn.stop_listening()``: a closed port has no path.
"""

import random
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from fnmatch import fnmatchcase

from plex_mcp.standin.fault_kinds import INSTEAD, KINDS, Figure, Figures
from plex_mcp.standin.http import Request, Response

__all__ = ["KINDS", "Faults", "Rule"]


@dataclass(eq=False)
class Rule:
    """One fault in force. ``count`` None is for ever; the first ``skip`` matching requests are spared."""

    kind: str
    path: str
    count: int | None
    probability: float
    skip: int
    method: str | None
    figures: Figures = field(default_factory=dict)
    hits: int = 0

    @property
    def instead(self) -> bool:
        """Whether the server's own answer is not even made."""
        return self.kind in INSTEAD

    def apply(self, response: Response, request: Request) -> Response:
        """The spoilt answer."""
        return KINDS[self.kind][0](response, request, self.figures)

    def as_dict(self) -> dict[str, object]:
        """For the control API."""
        return {
            "kind": self.kind,
            "path": self.path,
            "count": self.count,
            "probability": self.probability,
            "skip": self.skip,
            "method": self.method,
            "figures": self.figures,
            "hits": self.hits,
        }


class Faults:
    """The faults in force; of several that match, the one added first strikes."""

    def __init__(self, seed: int = 1) -> None:
        self._lock = threading.Lock()
        self._random = random.Random(seed)  # noqa: S311 - repeatable bad luck
        self._rules: list[Rule] = []

    def add(
        self,
        kind: str,
        path: str = "*",
        count: int | None = None,
        probability: float = 1.0,
        *,
        skip: int = 0,
        method: str | None = None,
        **figures: Figure,
    ) -> Rule:
        """Switch a fault on; ValueError for a kind or figure that does not exist. ``*`` in a path also spans ``/``."""
        if kind not in KINDS:
            raise ValueError(f"no fault {kind!r}; there are {', '.join(sorted(KINDS))}")
        known = KINDS[kind][1]
        odd = sorted(set(figures) - set(known))
        if odd:
            raise ValueError(f"{kind} has no figure {', '.join(odd)}; it has {', '.join(known) or 'none'}")
        rule = Rule(kind, path, count, probability, skip, method, {**known, **figures})
        with self._lock:
            self._rules.append(rule)
        return rule

    def remove(self, rule: Rule) -> None:
        """Switch one off again."""
        with self._lock:
            self._rules.remove(rule)

    def clear(self) -> None:
        """Switch all off."""
        with self._lock:
            self._rules.clear()

    @property
    def rules(self) -> list[Rule]:
        """Those in force, used-up ones included."""
        with self._lock:
            return list(self._rules)

    def answer(self, request: Request, make: Callable[[], Response]) -> Response:
        """What the server makes of a request, spoilt when a fault strikes."""
        rule = self._striking(request)
        if rule is None:
            return make()
        return rule.apply(Response() if rule.instead else make(), request)

    def _striking(self, request: Request) -> Rule | None:
        """The fault that strikes this request; it counts as one of its ``count``."""
        if not self._rules:
            return None
        with self._lock:
            for rule in self._rules:
                if rule.count is not None and rule.hits >= rule.count:
                    continue
                if not fnmatchcase(request.path, rule.path) or rule.method not in (None, request.method):
                    continue
                if rule.skip > 0:
                    rule.skip -= 1
                    continue
                if rule.probability < 1 and self._random.random() >= rule.probability:
                    continue
                rule.hits += 1
                return rule
        return None

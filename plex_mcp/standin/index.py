"""Filtered, sorted pages of one kind of item: 100,000 items answer in a few milliseconds, and in less when asked again.

What filters have let through is remembered; where it differs between users, for as long as nobody's view state changes.
"""

import random
from collections import OrderedDict
from collections.abc import Callable, Iterable
from itertools import islice
from typing import Any, TypeVar

from plex_mcp.standin import fields
from plex_mcp.standin.filters import DATES, TAGS, USER_FIELDS, Group, conditions
from plex_mcp.standin.matching import Matching
from plex_mcp.standin.model import Item
from plex_mcp.standin.occurrences import Occurrences, Positions
from plex_mcp.standin.ordering import Ordering, is_personal
from plex_mcp.standin.users import User
from plex_mcp.standin.views import Views

_REMEMBERED = 64
_WALK_NS, _SORT_NS = 40, 250
T = TypeVar("T")


class Index:
    """All items of one kind in some sections."""

    def __init__(self, items: list[Item], views: Views, clock: Callable[[], float]) -> None:
        self.items = items
        self._views = views
        self._clock = clock
        self._occurrences = Occurrences(items)
        self._match = Matching(self._occurrences, views, clock)
        self._orders = Ordering(self._occurrences, views)
        self._results: OrderedDict[object, Any] = OrderedDict()
        self._shuffles = 0

    def page(
        self, tree: Group, sort: str, user: User, start: int = 0, size: int | None = None
    ) -> tuple[int, list[Item]]:
        """``(total, items of the page)`` of what matches, in the order asked for. ``size`` None is all."""
        stop = None if size is None else start + size
        sort = self._usual(sort)
        if sort.partition(":")[0] == "random":
            return self._shuffled(tree, user, start, stop)
        order = self._orders.of(sort, user)
        if not tree.parts:
            return len(self.items), [self.items[n] for n in order.positions[start:stop]]
        found = self._matching(tree, user)
        wanted = len(found) if stop is None else min(stop, len(found))
        walk_ns = _WALK_NS * wanted * len(self.items) / max(len(found), 1)
        if walk_ns < _SORT_NS * len(found):
            chosen = list(islice(filter(found.__contains__, order.positions), start, stop))
        else:
            chosen = sorted(found, key=order.ranks.__getitem__)[start:stop]
        return len(found), [self.items[n] for n in chosen]

    def warm(self, sorts: Iterable[str], user: User) -> None:
        """Make the indexes that the first request would otherwise wait for."""
        for sort in sorts:
            if not is_personal(sort) and not sort.startswith("random"):
                self._orders.of(self._usual(sort), user)
        for field in ("genre", "director", "actor", "country", "collection"):
            self._occurrences.of_tags(None, field)
        for field in ("year", "addedAt", "audienceRating", "duration", "decade", "id"):
            self._occurrences.column(None, field)
        for field in ("contentRating", "resolution"):
            self._occurrences.of_words(None, field)
        self._occurrences.titles(None)

    def containing(self, letters: str) -> list[Item]:
        """Items whose folded title has these letters somewhere, in the order they were added."""
        return [self.items[n] for n in sorted(self._occurrences.of_letters(letters, None))]

    def choices(self, field: str) -> dict[Any, int]:
        """The values of a field that occur, and how often: tag ids, numbers or words."""
        if field in TAGS:
            return {tag_id: len(at) for tag_id, at in self._occurrences.of_tags(None, field).items()}
        found: dict[object, int] = {}
        for item in self.items:
            for value in fields.choices(item, field):
                found[value] = found.get(value, 0) + 1
        return found

    def _usual(self, sort: str) -> str:
        """One spelling for each order: without the items' own kind in front and without ``:asc``."""
        own = f"{self.items[0].kind}." if self.items else ""
        return ",".join(part.strip().removeprefix(own).removesuffix(":asc") for part in sort.split(","))

    def recall(self, key: object, make: Callable[[], T]) -> T:
        """What was made for this key before, or now; only for what follows from titles and tags, or names its state."""
        known = self._results.get(key)
        if known is None:
            known = make()
            self._results[key] = known
            while len(self._results) > _REMEMBERED:
                self._results.popitem(last=False)
        return known

    def _matching(self, tree: Group, user: User) -> Positions:
        asked = conditions(tree)
        personal = any(c.field in USER_FIELDS for c in asked)
        relative = any(v.startswith("-") for c in asked if c.field in DATES for v in c.values)
        state = (user.account_id, self._views.version) if personal else None
        key = (tree, state, int(self._clock()) if relative else None)
        return self.recall(key, lambda: self._match.positions(tree, user))

    def _shuffled(self, tree: Group, user: User, start: int, stop: int | None) -> tuple[int, list[Item]]:
        found = sorted(self._matching(tree, user)) if tree.parts else range(len(self.items))
        self._shuffles += 1
        chance = random.Random(self._shuffles)  # noqa: S311 - an order, not a secret
        chosen = chance.sample(found, len(found) if stop is None else min(stop, len(found)))[start:]
        return len(found), [self.items[n] for n in chosen]

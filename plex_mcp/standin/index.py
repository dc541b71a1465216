"""Filtered, sorted pages of one kind of item, from indexes: 100,000 items answer in well under 5 ms.

Tags and exact values have sets of positions, numbers a sorted column that ranges are cut from, titles one long string
that substrings are searched in; orders are kept per sort field. What differs between users is remembered for as long
as nobody's view state changes.
"""

import random
from bisect import bisect_left, bisect_right
from collections import OrderedDict
from collections.abc import Callable, Iterable
from itertools import islice
from typing import Any, TypeVar

from plex_mcp.standin import fields
from plex_mcp.standin.filters import (
    BOOLEANS,
    DATES,
    EXACT,
    INTEGERS,
    STRINGS,
    TAGS,
    USER_FIELDS,
    Condition,
    Group,
    Node,
    conditions,
    moment,
)
from plex_mcp.standin.model import LEAF_KINDS, Item, fold
from plex_mcp.standin.users import User
from plex_mcp.standin.views import Views

_USER_SORTS = frozenset({"userRating", "viewCount", "lastViewedAt", "viewOffset", "unviewedLeafCount"})
_TEXT_SORTS = frozenset({"titleSort", "title", "contentRating", "studio"})
_REMEMBERED = 64
_WALK_NS, _SORT_NS = 40, 250
Positions = set[int]
T = TypeVar("T")
_TEXT_TESTS: dict[str, Callable[[str, str], bool]] = {
    "==": str.__eq__,
    "!==": str.__eq__,
    "<": str.startswith,
    ">": str.endswith,
}


class Index:
    """All items of one kind in some sections."""

    def __init__(self, items: list[Item], views: Views, clock: Callable[[], float]) -> None:
        self.items = items
        self._views = views
        self._clock = clock
        self._tags: dict[tuple[str | None, str], dict[int, Positions]] = {}
        self._exact: dict[tuple[str | None, str], dict[str, Positions]] = {}
        self._columns: dict[tuple[str | None, str], tuple[list[float], list[int], list[int]]] = {}
        self._titles: dict[str | None, tuple[str, list[int]]] = {}
        self._orders: dict[str, tuple[list[int], list[int]]] = {}
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
        order, rank = self._order(sort, user)
        if not tree.parts:
            return len(order), [self.items[n] for n in order[start:stop]]
        found = self._matching(tree, user)
        wanted = len(found) if stop is None else min(stop, len(found))
        walk_ns = _WALK_NS * wanted * len(order) / max(len(found), 1)
        if walk_ns < _SORT_NS * len(found):
            chosen = list(islice(filter(found.__contains__, order), start, stop))
        else:
            chosen = sorted(found, key=rank.__getitem__)[start:stop]
        return len(found), [self.items[n] for n in chosen]

    def warm(self, sorts: Iterable[str]) -> None:
        """Make the indexes that the first request would otherwise wait for."""
        for sort in sorts:
            if not any(name in sort for name in (*_USER_SORTS, "random")):
                self._sorted(self._usual(sort))
        for field in ("genre", "director", "actor", "country", "collection"):
            self._tag_sets(None, field)
        for field in ("year", "addedAt", "audienceRating", "duration", "decade", "id"):
            self._column(None, field)
        for field in ("contentRating", "resolution"):
            self._exact_sets(None, field)
        self._title_text(None)

    def containing(self, needle: str) -> list[Item]:
        """Items whose folded title has these letters somewhere, in the order they were added."""
        return [self.items[n] for n in sorted(self._titles_with(needle, None))]

    def choices(self, field: str) -> list[tuple[object, Positions]]:
        """The values of a field that occur, with where: tag ids, numbers or words."""
        if field in TAGS:
            return list(self._tag_sets(None, field).items())
        found: dict[object, Positions] = {}
        for n, item in enumerate(self.items):
            values = [fields.number(item, field)] if field in fields.NUMBERS else list(self._words(item, field))
            for value in values:
                if value not in (None, ""):
                    found.setdefault(value, set()).add(n)
        return list(found.items())

    def _words(self, item: Item, field: str) -> Iterable[str]:
        if field == "contentRating":
            return [item.content_rating or ""]
        if field in ("studio", "network"):
            return [item.studio or ""]
        return [word for word in fields.exact(item, field) if len(word) != 2 or field == "resolution"]

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
        personal = any(c.field in USER_FIELDS for c in conditions(tree))
        relative = any(v.startswith("-") for c in conditions(tree) if c.field in DATES for v in c.values)
        state = (user.account_id, self._views.version) if personal else None
        key = (tree, state, int(self._clock()) if relative else None)
        return self.recall(key, lambda: self._evaluate(tree, user, None))

    def _evaluate(self, node: Node, user: User, within: Positions | None) -> Positions:
        """Positions that match, of those in ``within`` when given."""
        if isinstance(node, Condition):
            return self._condition(node, user, within)
        if node.any_of:
            return set().union(*(self._evaluate(part, user, within) for part in node.parts))
        for part in sorted(node.parts, key=_cost):
            within = self._evaluate(part, user, within)
        return within if within is not None else set(range(len(self.items)))

    def _condition(self, condition: Condition, user: User, within: Positions | None) -> Positions:
        field = condition.field
        if field in USER_FIELDS or field in BOOLEANS:
            found = self._tested(condition, user, within)
        elif field in TAGS:
            sets = self._tag_sets(condition.level, field)
            found = _union(sets.get(int(v), set()) for v in condition.values if v.isdigit())
        elif field in EXACT:
            words = self._exact_sets(condition.level, field)
            found = _union(words.get(v.lower(), set()) for v in condition.values)
        elif field in STRINGS:
            found = self._text(condition)
        else:
            found = self._range(condition, within)
        if condition.is_negative:
            everything = within if within is not None else set(range(len(self.items)))
            return everything - found
        return found if within is None else within & found

    def _range(self, condition: Condition, within: Positions | None) -> Positions:
        values, positions, ranks = self._column(condition.level, condition.field)
        found: Positions = set()
        for text in condition.values:
            value = moment(text, self._clock()) if condition.field in DATES else float(text)
            low, high = bisect_left(values, value), bisect_right(values, value)
            end = len(values)
            first, last = {">>": (high, end), ">": (low, end), "<<": (0, low), "<": (0, high)}.get(
                condition.operator, (low, high)
            )
            if within is not None and len(within) < last - first:
                found.update([n for n in within if first <= ranks[n] < last])
            else:
                found.update(positions[first:last])
        return found

    def _tested(self, condition: Condition, user: User, within: Positions | None) -> Positions:
        """Fields that differ between users, and flags: one look at each item, quick ways for the common ones."""
        everything = within if within is not None else set(range(len(self.items)))
        if condition.field in ("unwatched", "inProgress") and not condition.level and self._is_leafy():
            return self._leaf_state(condition, user, everything)
        found = set()
        for n in everything:
            item = self._at(self.items[n], condition.level)
            if item is None:
                continue
            if condition.field in BOOLEANS:
                wanted = condition.values[0] != "0"
                if fields.flag(item, condition.field, self._views, user) == wanted:
                    found.add(n)
            else:
                value = fields.of_user(item, condition.field, self._views, user)
                now = self._clock()
                if any(_holds(value, condition.operator, moment(v, now)) for v in condition.values):
                    found.add(n)
        return found

    def _leaf_state(self, condition: Condition, user: User, everything: Positions) -> Positions:
        touched = self._views.touched(user.account_id)
        keys, at, _ = self._column(None, "id")
        picked = set()
        for key, view in list(touched.items()):
            place = bisect_left(keys, key)
            marked = view.view_count if condition.field == "unwatched" else view.view_offset_ms
            if marked and place < len(keys) and keys[place] == key:
                picked.add(at[place])
        wanted = condition.values[0] != "0"
        keep_picked = wanted != (condition.field == "unwatched")
        return everything & picked if keep_picked else everything - picked

    def _is_leafy(self) -> bool:
        return not self.items or self.items[0].kind in LEAF_KINDS

    def _text(self, condition: Condition) -> Positions:
        needle = fold(condition.values[0])
        if condition.field == "title" and condition.operator in ("=", "!="):
            return self._titles_with(needle, condition.level)
        test = _TEXT_TESTS.get(condition.operator, str.__contains__)
        found = set()
        for n, item in enumerate(self.items):
            owner = self._at(item, condition.level)
            if owner is not None and test(fields.text(owner, condition.field), needle):
                found.add(n)
        return found

    def _titles_with(self, needle: str, level: str | None) -> Positions:
        text, starts = self._title_text(level)
        found: Positions = set()
        at = text.find(needle)
        while at >= 0:
            n = bisect_right(starts, at) - 1
            found.add(n)
            at = text.find(needle, starts[n + 1]) if n + 1 < len(starts) else -1
        return found

    def _title_text(self, level: str | None) -> tuple[str, list[int]]:
        if level not in self._titles:
            owners = (self._at(item, level) for item in self.items)
            titles = [fold(owner.title) if owner is not None else "" for owner in owners]
            starts, at = [], 0
            for title in titles:
                starts.append(at)
                at += len(title) + 1
            self._titles[level] = ("\n".join(titles), starts)
        return self._titles[level]

    def _at(self, item: Item, level: str | None) -> Item | None:
        return item if level is None or level == item.kind else item.ancestor(level)

    def _tag_sets(self, level: str | None, field: str) -> dict[int, Positions]:
        known = self._tags.get((level, field))
        if known is None:
            known = {}
            for n, item in enumerate(self.items):
                owner = self._at(item, level)
                if owner is None:
                    continue
                tags = [role.tag for role in owner.roles] if field == "actor" else owner.tags.get(field, ())
                for tag in tags:
                    known.setdefault(tag.tag_id, set()).add(n)
            self._tags[level, field] = known
        return known

    def _exact_sets(self, level: str | None, field: str) -> dict[str, Positions]:
        known = self._exact.get((level, field))
        if known is None:
            known = {}
            for n, item in enumerate(self.items):
                owner = self._at(item, level)
                for word in fields.exact(owner, field) if owner is not None else ():
                    known.setdefault(word, set()).add(n)
            self._exact[level, field] = known
        return known

    def _column(self, level: str | None, field: str) -> tuple[list[float], list[int], list[int]]:
        """Sorted values, where each occurs, and the place of each position among them (-1: it has no value)."""
        known = self._columns.get((level, field))
        if known is None:
            rows = []
            for n, item in enumerate(self.items):
                owner = self._at(item, level)
                value = fields.number(owner, field) if owner is not None else None
                if value is not None:
                    rows.append((value, n))
            rows.sort()
            ranks = [-1] * len(self.items)
            for rank, (_, n) in enumerate(rows):
                ranks[n] = rank
            known = ([value for value, _ in rows], [n for _, n in rows], ranks)
            self._columns[level, field] = known
        return known

    def _order(self, sort: str, user: User) -> tuple[list[int], list[int]]:
        if any(name in sort for name in _USER_SORTS):
            keyed = f"{sort}@{user.account_id}@{self._views.version}"
            if keyed not in self._orders:
                for old in [k for k in self._orders if "@" in k]:
                    del self._orders[old]
                self._orders[keyed] = self._make_order(sort, user)
            return self._orders[keyed]
        return self._sorted(sort)

    def _sorted(self, sort: str) -> tuple[list[int], list[int]]:
        if sort not in self._orders:
            self._orders[sort] = self._make_order(sort, None)
        return self._orders[sort]

    def _make_order(self, sort: str, user: User | None) -> tuple[list[int], list[int]]:
        """Sort by the last key first; each later pass keeps the order of the one before."""
        order = list(range(len(self.items)))
        for part in reversed(sort.split(",")):
            name, _, direction = part.partition(":")
            level, _, field = name.rpartition(".")
            keys = [self._sort_value(item, level or None, field, user) for item in self.items]
            known = [n for n in order if keys[n] is not None]
            missing = [n for n in order if keys[n] is None]
            known.sort(key=keys.__getitem__, reverse="desc" in direction)  # type: ignore[arg-type]
            last = "desc" in direction or "nullsLast" in direction
            order = known + missing if last else missing + known
        rank = [0] * len(order)
        for place, n in enumerate(order):
            rank[n] = place
        return order, rank

    def _sort_value(self, item: Item, level: str | None, field: str, user: User | None) -> str | float | None:
        if level and level != item.kind and item.kind == "show":  # episode.addedAt: the newest below
            return max((fields.number(leaf, field) or 0 for leaf in item.leaves()), default=None)
        owner = self._at(item, level)
        if owner is None:
            return None
        if field in _TEXT_SORTS:
            return fields.text(owner, field)
        if field in _USER_SORTS and user is not None:
            return fields.of_user(owner, field, self._views, user)
        return fields.number(owner, field) if field in fields.NUMBERS else None

    def _shuffled(self, tree: Group, user: User, start: int, stop: int | None) -> tuple[int, list[Item]]:
        found = list(self._matching(tree, user)) if tree.parts else list(range(len(self.items)))
        self._shuffles += 1
        chance = random.Random(self._shuffles)  # noqa: S311 - an order, not a secret
        chosen = chance.sample(found, len(found) if stop is None else min(stop, len(found)))[start:]
        return len(found), [self.items[n] for n in chosen]


def _union(sets: Iterable[Positions]) -> Positions:
    found = list(sets)
    return found[0] if len(found) == 1 else set().union(*found)


def _holds(value: float | None, operator: str, wanted: float) -> bool:
    if value is None:
        return False
    return {
        ">>": value > wanted,
        ">": value >= wanted,
        "<<": value < wanted,
        "<": value <= wanted,
    }.get(operator, value == wanted)


def _cost(node: Node) -> int:
    """Cheap and selective first, looks at single items last."""
    if isinstance(node, Group):
        return 3
    if node.is_negative:
        return 4
    if node.field in USER_FIELDS or node.field in BOOLEANS:
        return 5
    return 2 if node.field in INTEGERS or node.field in DATES else 1

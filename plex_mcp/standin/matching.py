"""Which items a tree of filters lets through, as positions in the list of items."""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable

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
    moment,
)
from plex_mcp.standin.model import LEAF_KINDS, fold
from plex_mcp.standin.occurrences import Occurrences, Positions
from plex_mcp.standin.users import User
from plex_mcp.standin.views import Views

_TEXT_TESTS: dict[str, Callable[[str, str], bool]] = {
    "==": str.__eq__,
    "!==": str.__eq__,
    "<": str.startswith,
    ">": str.endswith,
}


class Matching:
    """Evaluates filters; cheap conditions go first, and later ones only look at what is left."""

    def __init__(self, occurrences: Occurrences, views: Views, clock: Callable[[], float]) -> None:
        self._occurrences = occurrences
        self._views = views
        self._clock = clock

    def positions(self, node: Node, user: User, within: Positions | None = None) -> Positions:
        """Where it holds, of those in ``within`` when given; not to be changed."""
        if isinstance(node, Condition):
            found = self._without_exclamation_mark(node, user, within)
            if node.is_negative:
                return self._candidates(within) - found
            return found if within is None else within & found
        if node.any_of:
            return _union(self.positions(part, user, within) for part in node.parts)
        for part in sorted(node.parts, key=_cost):
            within = self.positions(part, user, within)
        return self._candidates(within)

    def _candidates(self, within: Positions | None) -> Positions:
        return self._occurrences.everywhere if within is None else within

    def _without_exclamation_mark(self, condition: Condition, user: User, within: Positions | None) -> Positions:
        field, level = condition.field, condition.level
        if field in USER_FIELDS or field in BOOLEANS:
            return self._looked_at(condition, user, self._candidates(within))
        if field in TAGS:
            tags = self._occurrences.of_tags(level, field)
            return _union(tags.get(int(value), set()) for value in condition.values if value.isdigit())
        if field in EXACT:
            words = self._occurrences.of_words(level, field)
            return _union(words.get(value.lower(), set()) for value in condition.values)
        return self._text(condition) if field in STRINGS else self._range(condition, within)

    def _range(self, condition: Condition, within: Positions | None) -> Positions:
        column = self._occurrences.column(condition.level, condition.field)
        end, found = len(column.values), set[int]()
        for text in condition.values:
            value = moment(text, self._clock()) if condition.field in DATES else float(text)
            low, high = bisect_left(column.values, value), bisect_right(column.values, value)
            first, last = {">>": (high, end), ">": (low, end), "<<": (0, low), "<": (0, high)}.get(
                condition.operator, (low, high)
            )
            if within is not None and len(within) < last - first:
                found.update([n for n in within if first <= column.ranks[n] < last])
            else:
                found.update(column.positions[first:last])
        return found

    def _text(self, condition: Condition) -> Positions:
        letters = fold(condition.values[0])
        if condition.field == "title" and condition.operator in ("=", "!="):
            return self._occurrences.of_letters(letters, condition.level)
        test = _TEXT_TESTS.get(condition.operator, str.__contains__)
        owners = ((n, self._occurrences.owner(n, condition.level)) for n in self._occurrences.everywhere)
        return {n for n, owner in owners if owner is not None and test(fields.text(owner, condition.field), letters)}

    def _looked_at(self, condition: Condition, user: User, candidates: Positions) -> Positions:
        """Fields that differ between users, and flags: a look at each item, a quick way for the common ones."""
        if condition.field in ("unwatched", "inProgress") and not condition.level and self._is_of_leaves():
            return self._leaf_state(condition, user, candidates)
        now, found = self._clock(), set()
        for n in candidates:
            owner = self._occurrences.owner(n, condition.level)
            if owner is None:
                continue
            if condition.field in BOOLEANS:
                holds = fields.flag(owner, condition.field, self._views, user) == _is_yes(condition)
            else:
                value = fields.of_user(owner, condition.field, self._views, user)
                holds = any(_holds(value, condition.operator, moment(text, now)) for text in condition.values)
            if holds:
                found.add(n)
        return found

    def _is_of_leaves(self) -> bool:
        items = self._occurrences.items
        return not items or items[0].kind in LEAF_KINDS

    def _leaf_state(self, condition: Condition, user: User, candidates: Positions) -> Positions:
        """Only what a user has touched can be watched or begun."""
        column, marked = self._occurrences.column(None, "id"), set()
        for key, view in list(self._views.touched(user.account_id).items()):
            place = bisect_left(column.values, key)
            is_marked = view.view_count if condition.field == "unwatched" else view.view_offset_ms
            if is_marked and place < len(column.values) and column.values[place] == key:
                marked.add(column.positions[place])
        keeps_marked = _is_yes(condition) != (condition.field == "unwatched")
        return marked if keeps_marked else candidates - marked


def _is_yes(condition: Condition) -> bool:
    return condition.values[0] != "0"


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

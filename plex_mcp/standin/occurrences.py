"""Where each value occurs among the items of one kind: what filters look up instead of looking at every item.

Tags and words have sets of positions, numbers a sorted column that ranges are cut from, titles one long string that
letters are searched in. Each is made when first asked for. ``level`` is the kind whose value counts (``show`` of an
episode), None for the items' own.
"""

from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from plex_mcp.standin import fields
from plex_mcp.standin.model import Item, fold

Positions = set[int] | frozenset[int]
_COMMON = 10  # a word that one title in so many has is quicker looked for in each title


@dataclass(frozen=True, slots=True)
class Column:
    """Values in ascending order, where each occurs, and each position's place among them (-1: it has no value)."""

    values: list[float]
    positions: list[int]
    ranks: list[int]


class Occurrences:
    """Items by position, and the positions by value."""

    def __init__(self, items: list[Item]) -> None:
        self.items = items
        self.everywhere = frozenset(range(len(items)))
        self._tags: dict[tuple[str | None, str], dict[int, set[int]]] = {}
        self._words: dict[tuple[str | None, str], dict[str, set[int]]] = {}
        self._columns: dict[tuple[str | None, str], Column] = {}
        self._titles: dict[str | None, tuple[list[str], str, list[int]]] = {}

    def owner(self, position: int, level: str | None) -> Item | None:
        """The item at a position, or the one above it whose values count."""
        item = self.items[position]
        return item if level is None else item.ancestor(level)

    def of_tags(self, level: str | None, field: str) -> Mapping[int, Positions]:
        """Tag id → where."""
        known = self._tags.get((level, field))
        if known is None:
            known = {}
            for n, owner in self._owners(level):
                tags = [role.tag for role in owner.roles] if field == "actor" else owner.tags.get(field, ())
                for tag in tags:
                    known.setdefault(tag.tag_id, set()).add(n)
            self._tags[level, field] = known
        return known

    def of_words(self, level: str | None, field: str) -> Mapping[str, Positions]:
        """Word, lower case → where."""
        known = self._words.get((level, field))
        if known is None:
            known = {}
            for n, owner in self._owners(level):
                for word in fields.exact(owner, field):
                    known.setdefault(word, set()).add(n)
            self._words[level, field] = known
        return known

    def column(self, level: str | None, field: str) -> Column:
        """The numbers of a field."""
        known = self._columns.get((level, field))
        if known is None:
            numbers = ((fields.number(owner, field), n) for n, owner in self._owners(level))
            rows = sorted((value, n) for value, n in numbers if value is not None)
            known = Column([value for value, _ in rows], [n for _, n in rows], [-1] * len(self.items))
            for rank, n in enumerate(known.positions):
                known.ranks[n] = rank
            self._columns[level, field] = known
        return known

    def of_letters(self, letters: str, level: str | None) -> Positions:
        """Where the folded title has these letters somewhere."""
        titles, text, starts = self.titles(level)
        if text.count(letters) * _COMMON > len(titles):
            return {n for n, title in enumerate(titles) if letters in title}
        found, at = set(), text.find(letters)
        while at >= 0:
            n = bisect_right(starts, at) - 1
            found.add(n)
            at = text.find(letters, starts[n + 1]) if n + 1 < len(starts) else -1
        return found

    def titles(self, level: str | None) -> tuple[list[str], str, list[int]]:
        """All titles, folded; the same as one text, a line each; and where in it each begins."""
        if level not in self._titles:
            titles = [""] * len(self.items)
            for n, owner in self._owners(level):
                titles[n] = fold(owner.title)
            starts, at = [], 0
            for title in titles:
                starts.append(at)
                at += len(title) + 1
            self._titles[level] = (titles, "\n".join(titles), starts)
        return self._titles[level]

    def _owners(self, level: str | None) -> Iterable[tuple[int, Item]]:
        if level is None:
            return enumerate(self.items)
        owners = ((n, item.ancestor(level)) for n, item in enumerate(self.items))
        return ((n, owner) for n, owner in owners if owner is not None)

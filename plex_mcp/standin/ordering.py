"""The orders that lists can be had in, kept per sort: ``year:desc,titleSort``, ``show.titleSort,season.index`` …"""

from dataclasses import dataclass

from plex_mcp.standin import fields
from plex_mcp.standin.occurrences import Occurrences
from plex_mcp.standin.users import User
from plex_mcp.standin.views import Views

_USER_FIELDS = frozenset({"userRating", "viewCount", "lastViewedAt", "viewOffset", "unviewedLeafCount"})
_TEXTS = frozenset({"titleSort", "title", "contentRating", "studio"})


@dataclass(frozen=True, slots=True)
class Order:
    """Positions in order, and the place of each position in it."""

    positions: list[int]
    ranks: list[int]


class Ordering:
    """Orders by name; those by what a user has seen are kept until anybody sees something."""

    def __init__(self, occurrences: Occurrences, views: Views) -> None:
        self._occurrences = occurrences
        self._views = views
        self._kept: dict[str, Order] = {}
        self._personal: dict[tuple[int, str, int], Order] = {}

    def of(self, sort: str, user: User) -> Order:
        """The order of a sort as Plex writes it; a field that no item has leaves them in the order they were added."""
        if not is_personal(sort):
            if sort not in self._kept:
                self._kept[sort] = self._make(sort, user)
            return self._kept[sort]
        version = self._views.version
        order = self._personal.get((version, sort, user.account_id))
        if order is None:
            order = self._make(sort, user)
            still_true = {key: kept for key, kept in self._personal.items() if key[0] == version}
            self._personal = still_true | {(version, sort, user.account_id): order}
        return order

    def _make(self, sort: str, user: User) -> Order:
        """Sort by the last key first; each later pass keeps the order of the one before."""
        positions = list(range(len(self._occurrences.items)))
        for part in reversed(sort.split(",")):
            name, _, direction = part.partition(":")
            level, _, field = name.rpartition(".")
            keys = [self._value(n, level or None, field, user) for n in range(len(positions))]
            known = [n for n in positions if keys[n] is not None]
            missing = [n for n in positions if keys[n] is None]
            known.sort(key=keys.__getitem__, reverse="desc" in direction)  # type: ignore[arg-type]
            missing_last = "desc" in direction or "nullsLast" in direction
            positions = known + missing if missing_last else missing + known
        ranks = [0] * len(positions)
        for rank, n in enumerate(positions):
            ranks[n] = rank
        return Order(positions, ranks)

    def _value(self, position: int, level: str | None, field: str, user: User) -> str | float | None:
        item = self._occurrences.items[position]
        if item.kind == "show" and level not in (None, "show"):  # episode.addedAt: the newest below
            return max((fields.number(leaf, field) or 0 for leaf in item.leaves()), default=None)
        owner = self._occurrences.owner(position, level)
        if owner is None:
            return None
        if field in _TEXTS:
            return fields.text(owner, field)
        if field in _USER_FIELDS:
            return fields.of_user(owner, field, self._views, user)
        return fields.number(owner, field) if field in fields.NUMBERS else None


def is_personal(sort: str) -> bool:
    """Whether it differs between users."""
    return any(field in sort for field in _USER_FIELDS)

"""The filter part of a query string, as Plex's media query language has it.

``genre=12,13`` is any of the tags; a key given twice, both; ``year>>=2000`` more than; ``genre!=12`` not; and
``push=1 … or=1 … pop=1`` brackets alternatives.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypeAlias

TAGS = frozenset(
    {
        "genre",
        "director",
        "actor",
        "writer",
        "producer",
        "country",
        "collection",
        "mood",
        "network",
        "similar",
        "label",
    }
)
STRINGS = frozenset({"title", "studio", "originalTitle", "summary", "editionTitle", "edition"})
EXACT = frozenset({"contentRating", "resolution", "audioLanguage", "subtitleLanguage", "guid", "id", "location"})
INTEGERS = frozenset(
    {
        "year",
        "decade",
        "userRating",
        "rating",
        "audienceRating",
        "duration",
        "viewCount",
        "index",
        "mediaSize",
        "mediaBitrate",
        "viewOffset",
    }
)
DATES = frozenset({"addedAt", "updatedAt", "originallyAvailableAt", "lastViewedAt"})
BOOLEANS = frozenset({"unwatched", "unwatchedLeaves", "inProgress", "hdr", "duplicate", "unmatched", "trash", "dovi"})
USER_FIELDS = frozenset(
    {
        "unwatched",
        "unwatchedLeaves",
        "inProgress",
        "userRating",
        "viewCount",
        "lastViewedAt",
        "viewOffset",
    }
)
_FIELDS = TAGS | STRINGS | EXACT | INTEGERS | DATES | BOOLEANS
_NOT_FILTERS = re.compile(
    r"(?i)^(x-plex-.*|include.*|exclude.*|type|sort|limit|checkfiles|query|sectionid|async.*|skiprefresh|group|offset"
    r"|playlisttype|contentdirectoryid|pinnedcontentdirectoryid|maxresults|own|window)$"
)
_OPERATORS = (">>", "<<", "!=", "!", "=", "<", ">")
_RELATIVE = re.compile(r"^-?(\d+)(mon|[smhdwy])$")
_UNIT_S = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800, "mon": 2592000, "y": 31536000}


class UnknownFieldError(ValueError):
    """A query parameter that is neither a filter nor known to be something else."""


@dataclass(frozen=True)
class Condition:
    """One comparison. ``level`` is the kind whose field is meant (``show`` in ``show.title``), None for the item's."""

    field: str
    operator: str
    values: tuple[str, ...]
    level: str | None = None

    @property
    def is_negative(self) -> bool:
        """Whether it finds what the same comparison without the exclamation mark does not."""
        return self.operator.startswith("!")


@dataclass(frozen=True)
class Group:
    """Conditions that must all hold, or of which one must."""

    parts: "tuple[Node, ...]"
    any_of: bool = False


Node: TypeAlias = Condition | Group


def parse(query: Sequence[tuple[str, str]]) -> Group:
    """The filters among the query's parameters; UnknownFieldError for what is neither filter nor option."""
    stack: list[list[list[Node]]] = [[[]]]
    for key, value in query:
        if key == "push":
            stack.append([[]])
        elif key == "or":
            stack[-1].append([])
        elif key == "pop" and len(stack) > 1:
            group = _close(stack.pop())
            stack[-1][-1].append(group)
        elif not _NOT_FILTERS.match(key):
            stack[-1][-1].append(_condition(key, value))
    while len(stack) > 1:
        group = _close(stack.pop())
        stack[-1][-1].append(group)
    return _close(stack[0])


def _close(alternatives: list[list[Node]]) -> Group:
    groups = [Group(tuple(parts)) for parts in alternatives if parts]
    if len(groups) == 1:
        return groups[0]
    return Group(tuple(groups), any_of=True) if groups else Group(())


def _condition(key: str, value: str) -> Condition:
    operator = next((op for op in _OPERATORS if key.endswith(op)), "")
    name = key[: len(key) - len(operator)]
    level, _, field = name.rpartition(".")
    if field not in _FIELDS:
        raise UnknownFieldError(name)
    operator = {"": "=", "!": "!=", "=": "==", "!=": "!=="}.get(operator, operator)
    return Condition(field, operator, (value,) if field in STRINGS else tuple(value.split(",")), level or None)


def conditions(node: Node) -> list[Condition]:
    """All comparisons in a tree."""
    if isinstance(node, Condition):
        return [node]
    return [found for part in node.parts for found in conditions(part)]


def moment(value: str, now_s: float) -> float:
    """A date filter's value as epoch seconds: a number, ``-30d`` (before now) or ``2020-01-31``."""
    relative = _RELATIVE.match(value)
    if relative:
        return now_s - int(relative[1]) * _UNIT_S[relative[2]]
    if value.count("-") == 2:
        return datetime.strptime(value, "%Y-%m-%d").replace(tzinfo=UTC).timestamp()
    return float(value)

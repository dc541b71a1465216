"""Finding one thing by the name that people give it, and repeating what they said."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import TypeVar

from plex_mcp.plex.text import clean, fold

T = TypeVar("T")
_POSSESSIVE = re.compile(r"['\u2019]s\b", re.IGNORECASE)
_ECHOED = 60
_LISTED = 10


def matching(wanted: str, candidates: Sequence[T], name_of: Callable[[T], str]) -> list[T]:
    """Those whose name is `wanted`; where none is, those whose name holds every word of it.

    Blanks do not matter to a whole name (`livingroom tv`), but a part of a word is no match: acting on the wrong
    player is worse than asking again.
    """
    words = fold(wanted).split()
    if not words:
        return []
    exact = [one for one in candidates if fold(name_of(one)).replace(" ", "") == "".join(words)]
    return exact or [one for one in candidates if set(words) <= _words(name_of(one))]


def _words(name: str) -> set[str]:
    """The words of a name; `Jonas's iPhone` has `jonas` as well as `jonass`."""
    return {*fold(name).split(), *fold(_POSSESSIVE.sub("", name)).split()}


def listed(names: Sequence[str]) -> str:
    """Names for an error text: a bounded number, the others counted."""
    shown = ", ".join(names[:_LISTED])
    return f"{shown} and {len(names) - _LISTED} more" if len(names) > _LISTED else shown


def quoted(text: str) -> str:
    """What somebody sent or a library holds, fit for a sentence of ours: one printable line, bounded, in quotes."""
    return f'"{clean(text, _ECHOED)}"'

"""Titles as people say them: a season and an episode inside a sentence, articles, punctuation."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TypeVar

from plex_mcp.plex.models import Item
from plex_mcp.plex.text import fold, without_article

_GAP = r"[\s,.:;\u2013-]*"
_SEASON = r"(?:season|staffel|series)\s*(?P<season>\d{1,4})"
_EPISODE = r"(?:episode|folge|ep\.?)\s*(?P<episode>\d{1,4})"
_PATTERNS = tuple(
    re.compile(_GAP + r"\b" + pattern + r"\b", re.IGNORECASE)
    for pattern in (
        rf"s(?P<season>\d{{1,4}}){_GAP}e(?P<episode>\d{{1,4}})",
        rf"{_SEASON}{_GAP}(?:and\s+)?{_EPISODE}",
        rf"{_EPISODE}{_GAP}(?:of\s+)?{_SEASON}",
        r"(?P<season>\d{1,2})x(?P<episode>\d{2,3})",
        r"(?:season|staffel)\s*(?P<season>\d{1,4})",
        r"s(?P<season>\d{2})",
    )
)
_EDGES = " ,.:;\u2013-"
_OF = re.compile(r"^(?:of|from|von)\s+|\s+(?:of|from|von)$", re.IGNORECASE)
_YEAR = re.compile(r"^(?P<title>.*\S)\s+[\[(]?(?P<year>(?:18|19|20)\d\d)[\])]?$")
ItemT = TypeVar("ItemT", bound=Item)


@dataclass(frozen=True, slots=True)
class EpisodePhrase:
    """What a phrase like `Silver Creek S02E05` names. `episode` is None when only a season was said."""

    show: str
    season: int
    episode: int | None


def episode_phrase(text: str) -> EpisodePhrase | None:
    """The show, season and episode said in `text`; None for a plain title, and when no show is left over."""
    for pattern in _PATTERNS:
        found = pattern.search(text)
        if found is None:
            continue
        rest = " ".join((text[: found.start()] + " " + text[found.end() :]).split()).strip(_EDGES)
        show = _OF.sub("", rest).strip(_EDGES)
        if show:
            said = found.groupdict()
            return EpisodePhrase(show, int(said["season"]), int(said["episode"]) if said.get("episode") else None)
    return None


def title_and_year(text: str) -> tuple[str, int | None]:
    """`Metropolis (1927)` as its title and year; the whole text and None when no year ends it."""
    found = _YEAR.match(text)
    return (found["title"], int(found["year"])) if found else (text, None)


def by_closeness(items: tuple[ItemT, ...], query: str, *, of_show: bool = False) -> tuple[ItemT, ...]:
    """The items with those first whose title (or show) is what was said, then those that begin with it."""
    wanted = fold(without_article(query))

    def distance(item: ItemT) -> int:
        title = fold(without_article((item.show or "") if of_show else item.title))
        if title == wanted:
            return 0
        return 1 if title.startswith(wanted) else 2

    return tuple(sorted(items, key=distance))

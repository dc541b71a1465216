"""Text that comes from a library is data, never layout and never an instruction: it is cleaned once, here.

File names and metadata of strangers end up in titles and summaries; a model reads them beside our own words.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import UTC, datetime
from functools import lru_cache

TITLE_LIMIT = 120
"""Characters of a title or a name that leave `plex/`."""

_JOINERS = {"\u200c", "\u200d"}  # Persian and emoji need them; every other format character is dropped
_HIDDEN = {"Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp"}
_ARTICLES = re.compile(r"^(?:the|an?|der|die|das|le|la|les|l'|el|los|las|il|de|het)\s+(?=\S)", re.IGNORECASE)


def clean(text: str | None, limit: int = TITLE_LIMIT) -> str:
    """`text` on one line without control, bidirectional, private or unassigned characters, cut at `limit` characters.

    A cut text ends in an ellipsis, which counts. None is the empty text.
    """
    if not text:
        return ""
    if not text.isprintable():
        text = "".join(_visible(char) for char in text[: limit * 4])
    if "  " in text or text[:1] == " " or text[-1:] == " ":
        text = " ".join(text.split())
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"


def _visible(char: str) -> str:
    category = unicodedata.category(char)
    if category == "Zs" or char in "\t\n\r\v\f\u2028\u2029\u0085":
        return " "
    return "" if char not in _JOINERS and category in _HIDDEN else char


def fold(text: str) -> str:
    """What titles are compared by: no case, no accents, no punctuation, one blank between words."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    kept = "".join(
        char if char.isalnum() else " "
        for char in decomposed.replace("'", "").replace("\u2019", "")
        if not unicodedata.combining(char)
    )
    return " ".join(kept.split())


def without_article(text: str) -> str:
    """`General` for `The General`: Plex finds titles by substring, so the shorter text finds both forms."""
    return _ARTICLES.sub("", text, count=1)


def whole(text: str | None) -> int | None:
    """An attribute as an int; None when it is missing or not a number (Plex writes some counts as floats)."""
    if not text:
        return None
    try:
        return int(text)
    except ValueError:
        number = decimal(text)
        return None if number is None else int(number)


def decimal(text: str | None) -> float | None:
    """An attribute as a float; None when it is missing, not a number or not finite."""
    try:
        number = float(text or "nan")
    except ValueError:
        return None
    return number if abs(number) < 1e15 else None


def minutes_of(duration_ms: int | None) -> int | None:
    """Run time in whole minutes, at least one; None when unknown."""
    return max(1, (duration_ms + 30_000) // 60_000) if duration_ms and duration_ms > 0 else None


def moment_of(epoch_s: int | None) -> datetime | None:
    """Epoch seconds as a UTC time; None when missing or beyond what a date can be."""
    if not epoch_s or not 0 < epoch_s < 253_402_300_800:
        return None
    return datetime.fromtimestamp(epoch_s, UTC)


def date_of(epoch_s: int | None) -> str | None:
    """Epoch seconds as an ISO 8601 date (UTC)."""
    return _day(epoch_s // 86_400) if epoch_s and epoch_s > 0 else None


@lru_cache(maxsize=4096)
def _day(days: int) -> str | None:
    moment = moment_of(days * 86_400 + 1)
    return moment.date().isoformat() if moment else None


def timestamp_of(epoch_s: int | None) -> str | None:
    """Epoch seconds as an ISO 8601 time (UTC, whole seconds, `Z`)."""
    moment = moment_of(epoch_s)
    return moment.isoformat().replace("+00:00", "Z") if moment else None

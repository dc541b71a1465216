"""The second line: secrets removed from finished log lines. The first is never to hand one to a logger."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from urllib.parse import quote, unquote, urlsplit

from plex_mcp.secret import MASK

_MIN_LENGTH = 4  # shorter ones would mask half the words of a line
_MAX_REMEMBERED = 64

# Tokens nobody told us about: of other users, of plex.tv, of a caller that sent a wrong one.
_PATTERNS = (
    (
        re.compile(
            r"(?i)(x-plex-token|authtoken|access_?token)([\"'\\]*\s*(?:[=:,]|%3d)\s*[\"'\\]*)[^\s\"'&;,\\<>)\]}]+"
        ),
        r"\1\2" + MASK,
    ),
    # A plain `token`, in an address or quoted, such as the one that playing hands to a player; neither progressToken
    # nor `had_token`, which is a yes or no.
    (
        re.compile(
            r"(?i)(?<![a-z_])(token)([\"'\\]*\s?(?:=|%3d)\s?[\"'\\]*|[\"'\\]+\s?:\s?[\"'\\]+)[^\s\"'&;,\\<>)\]}]+"
        ),
        r"\1\2" + MASK,
    ),
    (re.compile(r"(?i)\b(bearer|basic)(\s+)[\w~+/.=-]{6,}"), r"\1\2" + MASK),
    (re.compile(r"(?i)\b([a-z][a-z0-9+.-]{1,15}://)[^\s/@\"']*@"), r"\1" + MASK + "@"),
)
_HINTS = ("oken", "OKEN", "earer", "EARER", "asic", "ASIC", "@")


class Scrubber:
    """Replaces every known secret, in each form it takes in logs, and what looks like a token.

    `sources` are asked at each line, since token files change; what they once said stays masked.
    """

    def __init__(self, sources: Iterable[Callable[[], str]] = ()) -> None:
        self._sources = tuple(sources)
        self._seen: dict[str, None] = {}
        self._forms: tuple[str, ...] = ()

    def __call__(self, text: str) -> str:
        self._learn()
        for form in self._forms:
            if form in text:
                text = text.replace(form, MASK)
        if any(hint in text for hint in _HINTS):
            for pattern, replacement in _PATTERNS:
                text = pattern.sub(replacement, text)
        return text

    def lines(self, lines: list[str]) -> str:
        """Many lines as one text: looked through at once (0.3 us a line), one by one only if there is something."""
        self._learn()
        text = "".join(lines)
        if not any(form in text for form in (*self._forms, *_HINTS)):
            return text
        return "".join([self(line) for line in lines])

    def _learn(self) -> None:
        for source in self._sources:
            value = source()
            if value and value not in self._seen:
                self._remember(value)

    def _remember(self, value: str) -> None:
        if len(self._seen) >= _MAX_REMEMBERED:
            self._seen.pop(next(iter(self._seen)))
        self._seen[value] = None
        forms = {form for seen in tuple(self._seen) for form in _forms_of(seen)}
        self._forms = tuple(sorted(forms, key=len, reverse=True))


def _forms_of(value: str) -> set[str]:
    parts = {value} | {part.strip() for part in value.split(",")}
    if "://" in value:
        netloc = urlsplit(value).netloc
        _, _, password = netloc.rpartition("@")[0].partition(":")
        parts = {value, password, unquote(password)}
    forms = set()
    for part in parts:
        forms |= {part, json.dumps(part)[1:-1], quote(part, safe="")}
    return {form for form in forms if len(form) >= _MIN_LENGTH}

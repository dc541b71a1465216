"""Looks for what must not be in a cassette: once before one is kept, and in CI over all of them.

Three nets. Every private place (the table in `private`) must hold a replacement; no value may have the shape of
something private; and no value known to be private may be found anywhere, in any case of letters.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import yaml

from tests.recording.private import FAKE_PATTERNS, VERSIONS, attributes_of, kind_of
from tests.recording.scrub import PIXEL, REQUEST_HEADERS, RESPONSE_HEADERS

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # fifteen times faster where libyaml is
_SHAPES = {
    "an e-mail address": re.compile(r"[\w.+-]+@(?!example\.invalid)[\w-]+\.[\w.-]*\w"),
    "a network address": re.compile(
        r"(?<![\w.])(?!0\.0\.0\.)(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(?:25[0-5]|2[0-4]\d|1?\d?\d)(?![\w.])"
    ),
    "an IPv6 address": re.compile(r"(?<![\w:])(?:[0-9a-f]{1,4}:){3,7}:?[0-9a-f]{1,4}(?![\w:])", re.IGNORECASE),
    "a hardware address": re.compile(r"\b(?:[0-9A-Fa-f]{2}[:-]){5}[0-9A-Fa-f]{2}\b"),
    "a hardware address in hexadecimal": re.compile(r"(?<![0-9A-Za-z])(?:0x)?[0-9a-f]{12}(?![0-9A-Za-z])"),
    "a plex.direct host": re.compile(r"plex\.direct", re.IGNORECASE),
    "a file path": re.compile(r"(?i)(?<![\w/.])/(home|users|mnt|media|data|volumes?\d*|srv|opt|root|storage|nas)/\w"),
    "a Windows path": re.compile(r"\b[A-Za-z]:\\\\?\w|\\\\\\\\\w+\\\\"),
    "a host": re.compile(
        r"(?i)\b(?:https?|wss?)://(?!0\.0\.0\.|(?:[\w-]+\.)*(?:invalid|plex\.tv|tmdb\.org|thetvdb\.com)\b)[\w.-]+"
    ),
    # With a digit, or 20 long with both cases: words joined by hyphens are no token.
    "a token": re.compile(
        r"(?<![\w/+-])(?=[\w-]*[0-9])(?=[\w-]*[A-Za-z])[A-Za-z0-9_-]{20,}(?![\w-])"
        r"|(?<![\w-])(?=\w*[a-z])(?=\w*[A-Z])[A-Za-z0-9_]{20}(?![\w-])"
    ),
}
_INNOCENT = re.compile(
    r"(plex|collection|local|mbid|com\.plexapp\.agents\.\w+)://[\w/-]+|scrubbed-[\w-]+"
    r"|00000000-0000-4000-8000-\d{12}"
)
_PUBLIC = {"tagKey", "slug", "parentSlug", "grandparentSlug"}
"""Attributes that hold Plex's public names of works and people, long ones: no token."""


def leaks_in_file(file: Path, known: Iterable[str] = ()) -> list[str]:
    """What is wrong with a cassette or a snapshot, in words that name the place."""
    text = file.read_text(encoding="utf-8")
    found = [f"{file.name}: the known private value {value!r}" for value in _known_in(text, known)]
    if file.suffix == ".yaml":
        found += [f"{file.name}: {leak}" for leak in _leaks_in_cassette(yaml.load(text, Loader=_LOADER))]
    else:
        found += [f"{file.name}: {leak}" for leak in shapes_in("", text)]
    return found


def _known_in(text: str, known: Iterable[str]) -> Iterator[str]:
    folded = unquote(text).casefold()
    for value in known:
        if len(value) > 2 and re.search(rf"(?<![a-z0-9]){re.escape(value.casefold())}(?![a-z0-9])", folded):
            yield value


def _leaks_in_cassette(cassette: dict[str, Any]) -> Iterator[str]:
    for interaction in cassette["interactions"]:
        request, response = interaction["request"], interaction["response"]
        where = f"{request['method']} {urlsplit(request['uri']).path}"
        for leak in _leaks(request, response):
            yield f"{where}: {leak}"


def _leaks(request: dict[str, Any], response: dict[str, Any]) -> Iterator[str]:
    for side, allowed in ((request, REQUEST_HEADERS), (response, RESPONSE_HEADERS)):
        for name, values in side["headers"].items():
            if name.lower() not in allowed:
                yield f"header {name} is not among those that are kept"
            for value in values:
                yield from place(("", name, value))
    parts = urlsplit(request["uri"])
    yield from shapes_in("", f"{parts.scheme}://{parts.netloc}{unquote(parts.path)}")
    for name, value in parse_qsl(parts.query):
        yield from place(("", name, value))
    for body in (request["body"] or "", response["body"]["string"]):
        if isinstance(body, bytes):
            if body != PIXEL:
                yield "a body that is no text"
            continue
        for found in attributes_of(body):
            yield from place(found)
        # What stands between the elements, or instead of them.
        yield from shapes_in("", re.sub(r"<[^>]*>", " ", body) if "<" in body[:1] else body)


def place(found: tuple[str, str, str]) -> Iterator[str]:
    """What is wrong with one (element, attribute, value)."""
    element, attribute, value = found
    name = f"{element}@{attribute}" if element else attribute
    kind = kind_of(element, attribute, value)
    if kind is not None:
        parts = value.split(",") if kind == "address" else [value]
        if not all(FAKE_PATTERNS[kind].fullmatch(part) for part in parts):
            yield f"{name} holds {value!r}, which is no replacement of a {kind}"
    else:
        yield from shapes_in(attribute, value)


def shapes_in(attribute: str, value: str) -> Iterator[str]:
    """What in a text looks private."""
    rest = _INNOCENT.sub(" ", value)
    for what, shape in _SHAPES.items():
        if (what == "a network address" and attribute in VERSIONS) or (what == "a token" and attribute in _PUBLIC):
            continue
        for match in shape.finditer(rest):
            yield f"{attribute or 'text'} holds {match[0]!r}, which looks like {what}"

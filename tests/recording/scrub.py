"""Takes out of a recording what is private, before it touches the disk; what belongs together still does.

Two passes over a whole cassette. The first learns every private value from its place (the table in `private`); the
second replaces it there and wherever else it turns up: a machine id in an address, a name in a title. What has a
telling shape (e-mail, network and hardware address, plex.direct) goes whether it was learnt or not. Headers are kept
by a short list of those that matter. Pictures are replaced: a poster is somebody's work, a photo somebody's life.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator, Sequence
from typing import Any
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit, urlunsplit
from xml.sax.saxutils import escape, unescape

from vcr.request import Request

from tests.recording.private import ATTRIBUTE, CONSTANT, FAKES, MEMBER, TAG, VERSIONS, attributes_of, kind_of

REQUEST_HEADERS = {
    "accept",
    "x-plex-token",
    "x-plex-container-start",
    "x-plex-container-size",
    "x-plex-target-client-identifier",
}
RESPONSE_HEADERS = {
    "content-type",
    "location",
    "retry-after",
    "www-authenticate",
    "x-plex-container-start",
    "x-plex-container-total-size",
    "x-plex-pms-api-version",
    "x-plex-protocol",
}
PIXEL = base64.b64decode(
    "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAAMCAgICAgMCAgIDAwMDBAYEBAQEBAgGBgUGCQgKCgkICQkKDA8MCgsOCwkJDRENDg8QEBEQCgwS"
    "ExIQEw8QEBD/wAALCAABAAEBAREA/8QAFAABAAAAAAAAAAAAAAAAAAAACf/EABQQAQAAAAAAAAAAAAAAAAAAAAD/2gAIAQEAAD8AVN//2Q=="
)
"""What every picture becomes: one grey point, a valid JPEG."""

# Kinds that are replaced wherever they turn up; the others (a player called "Plex Web") only in their own places.
_EVERYWHERE = ("token", "machine", "session", "uuid", "email", "account", "address", "path", "host")
_HUMAN = re.compile(r"(?i)(title|name|summary|tagline|device|query|user)")
_SHAPES = (
    (re.compile(r"[\w.+-]+@[\w-]+\.[\w.-]+\w"), "email"),
    (re.compile(r"\b(?:[0-9A-Fa-f]{2}[:-]){5}[0-9A-Fa-f]{2}\b"), "machine"),
    (re.compile(r"\b[\w.-]+\.plex\.direct\b"), "host"),
    (re.compile(r"(?<![\w.])(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(?:25[0-5]|2[0-4]\d|1?\d?\d)(?![\w.])"), "address"),
)
_AVATAR = re.compile(r"https://plex\.tv/users/[^\"'\s&?]+(?:/avatar)?[^\"'\s]*")
_ENTITIES = {"&quot;": '"', "&apos;": "'"}


class Scrubber:
    """One cassette's replacements. `base_url` is where Plex really was, `plex_url` where the cassette says it was.

    `secrets` are values known to be private beforehand (the owner's token, this machine's name): value → kind.
    """

    def __init__(self, base_url: str, plex_url: str, secrets: Sequence[tuple[str, str]] = ()) -> None:
        self._base = urlsplit(base_url).netloc
        self._plex = urlsplit(plex_url)
        self._fakes: dict[str, dict[str, str]] = {kind: {} for kind in FAKES}
        self._learnt: re.Pattern[str] | None = None
        host = urlsplit(base_url).hostname or ""
        if not re.fullmatch(r"[\d.:]*", host):
            self.fake("host", host)
        for value, kind in secrets:
            self.fake(kind, value)

    def fake(self, kind: str, value: str) -> str:
        """The replacement of a value, made up when it is new."""
        known = self._fakes[kind]
        if value not in known:
            known[value] = FAKES[kind].format(len(known) + 1)
            if kind == "path" and (suffix := re.search(r"\.\w{1,5}$", value)):
                known[value] += suffix[0]
            self._learnt = None
        return known[value]

    @property
    def everywhere(self) -> list[str]:
        """The private values that may be nowhere in what was written, for the check of it."""
        return [value for kind in _EVERYWHERE for value in self._fakes[kind] if len(value) > 3]

    def interactions(self, data: Sequence[tuple[Request, dict[str, Any]]]) -> Iterator[tuple[Request, dict[str, Any]]]:
        """The recording without what is private. All of it is read before the first is yielded."""
        for request, response in data:
            self._learn(request, response)
        for request, response in data:
            yield self._request(request), self._response(response)

    def value(self, value: Any) -> Any:
        """An argument or setting of a call as somebody would give it who sees only the scrubbed answers."""
        if isinstance(value, dict):
            return {key: self.value(part) for key, part in value.items()}
        if isinstance(value, list):
            return [self.value(part) for part in value]
        if not isinstance(value, str):
            return value
        for known in self._fakes.values():
            for real, fake in known.items():
                if real.casefold() == value.casefold():
                    return fake
        # The longest first: a player may be called after a person.
        for real in sorted(self._fakes["player"] | self._fakes["server"], key=len, reverse=True):
            value = value.replace(real, (self._fakes["player"] | self._fakes["server"])[real])
        return self.text(value, "query")

    def text(self, text: str, attribute: str = "") -> str:
        """A text without anything learnt, or shaped like something private."""
        text = text.replace(self._base, self._plex.netloc)
        text = _AVATAR.sub("https://plex.tv/users/scrubbed/avatar", text)
        for shape, kind in _SHAPES:
            if kind != "address" or attribute not in VERSIONS:
                text = shape.sub(lambda found, kind=kind: self._unless_fake(kind, found[0]), text)
        text = self._pattern().sub(self._replacement, text)
        if _HUMAN.search(attribute):
            for name, fake in self._fakes["person"].items():
                if len(name) > 2:
                    text = re.sub(rf"(?<!\w){re.escape(name)}(?!\w)", fake, text)
        return text

    def _unless_fake(self, kind: str, value: str) -> str:
        fakes = self._fakes[kind].values()
        return value if value in fakes or value.startswith("0.0.0.") else self.fake(kind, value)

    def _pattern(self) -> re.Pattern[str]:
        if self._learnt is None:
            values = {v for kind in _EVERYWHERE for v in self._fakes[kind] if len(v) > 3 or kind == "token"}
            ordered = sorted(values, key=len, reverse=True)
            self._learnt = re.compile(
                r"(?<![A-Za-z0-9])(?:" + "|".join(map(re.escape, ordered)) + r")(?![A-Za-z0-9])" if ordered else r"(?!)"
            )
        return self._learnt

    def _replacement(self, found: re.Match[str]) -> str:
        for kind in _EVERYWHERE:
            if found[0] in self._fakes[kind]:
                return self._fakes[kind][found[0]]
        raise KeyError(found[0])

    # -- learning ---------------------------------------------------------------------------------------------------

    def _learn(self, request: Request, response: dict[str, Any]) -> None:
        for name, value in [*request.headers.items(), *parse_qsl(urlsplit(request.uri).query)]:
            self._learn_one("", name, value)
        for name, values in response["headers"].items():
            for value in values:
                self._learn_one("", name, value)
        for element, attribute, value in attributes_of(_decoded(response["body"]["string"])):
            self._learn_one(element, attribute, value)

    def _learn_one(self, element: str, attribute: str, value: str) -> None:
        kind = kind_of(element, attribute, value)
        if kind in CONSTANT:
            return
        if kind is not None:
            for part in value.split(",") if kind == "address" else (value,):
                self.fake(kind, part)

    # -- replacing --------------------------------------------------------------------------------------------------

    def _placed(self, element: str, attribute: str, value: str) -> str:
        kind = kind_of(element, attribute, value)
        if kind is None:
            return self.text(value, attribute)
        if kind in CONSTANT:
            return FAKES[kind]
        return ",".join(self.fake(kind, part) for part in (value.split(",") if kind == "address" else [value]))

    def _request(self, request: Request) -> Request:
        parts = urlsplit(request.uri)
        netloc, scheme = parts.netloc, parts.scheme
        if netloc == self._base:
            netloc, scheme = self._plex.netloc, self._plex.scheme
        query = [
            (name, self._placed("", name, value)) for name, value in parse_qsl(parts.query, keep_blank_values=True)
        ]
        path = quote(self.text(unquote(parts.path)), safe="/:~!$&'()*+,;=@")
        uri = urlunsplit((scheme, netloc, path, urlencode(query), ""))
        headers = {
            name: self._placed("", name, value)
            for name, value in request.headers.items()
            if name.lower() in REQUEST_HEADERS
        }
        body = self._body(request.body) if request.body else None
        return Request(request.method, uri, body, headers)

    def _response(self, response: dict[str, Any]) -> dict[str, Any]:
        headers = {
            name: [self.text(value) for value in values]
            for name, values in response["headers"].items()
            if name.lower() in RESPONSE_HEADERS
        }
        kind = next((v[0] for n, v in headers.items() if n.lower() == "content-type"), "")
        if kind.startswith(("image/", "video/", "audio/", "application/octet")):
            headers = {name: v for name, v in headers.items() if name.lower() != "content-type"}
            headers["Content-Type"] = ["image/jpeg"]
            body = PIXEL
        else:
            body = self._body(response["body"]["string"])
        return {"status": dict(response["status"]), "headers": headers, "body": {"string": body}}

    def _body(self, body: bytes | str) -> bytes:
        text = _without_half_a_value(_decoded(body))

        def tag(found: re.Match[str]) -> str:
            element = found[1]

            def attribute(pair: re.Match[str]) -> str:
                value = unescape(pair[3][1:-1], _ENTITIES)
                clean = self._placed(element, pair[1], value)
                if clean == value:
                    return pair[0]
                written = escape(clean, {'"': "&quot;", "\n": "&#10;", "\r": "&#13;", "\t": "&#9;"})
                return f'{pair[1]}{pair[2]}"{written}"'

            return found[0].replace(found[2], ATTRIBUTE.sub(attribute, found[2]), 1)

        def member(found: re.Match[str]) -> str:
            value = found[3].strip('"')
            clean = self._placed("", found[1], value)
            mark = '"' if found[3].startswith('"') else ""
            return f'"{found[1]}"{found[2]}{mark}{clean}{mark}'

        text = TAG.sub(tag, text)
        if text.lstrip()[:1] in {"{", "["}:
            text = MEMBER.sub(member, text)
        elif "<" not in text[:1]:
            text = self.text(text)
        return text.encode("utf-8", "surrogateescape")


def _without_half_a_value(text: str) -> str:
    """An answer that broke off inside a tag, without the value it broke off in: of that half nothing is known."""
    tail = re.search(r"<[A-Za-z/][^<>]*$", text)
    if tail is None:
        return text
    whole = TAG.match(text, tail.start())
    return text[: whole.end()] if whole else text[: tail.start()]


def _decoded(body: bytes | str) -> str:
    return body if isinstance(body, str) else body.decode("utf-8", "surrogateescape")

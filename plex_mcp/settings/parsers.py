"""From the text of an environment variable to a value. Each raises ValueError whose text follows the variable's name.

No message repeats what was set: it may be a secret in the wrong variable.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

MIN_TOKEN_LENGTH = 16
_MIN_DISTINCT = 6
_PLACEHOLDER = re.compile(
    r"^(?:(?:change|me|my|your|a|the|this|some|with|here|please|replace|insert|put|enter|use|password|passwd|secret|"
    r"token|bearer|auth|api|key|value|example|sample|test|testing|default|dummy|admin|plex|mcp|random|string|long|"
    r"very|super|strong|secure|x{3,})[-_.\s]*)+\d{0,6}$",
    re.IGNORECASE,
)
_SEQUENCES = tuple(
    line * 10
    for line in ("0123456789", "1234567890abcdef", "0123456789abcdef", "abcdefghijklmnopqrstuvwxyz", "qwertyuiop")
)
_HOST_NAME = re.compile(r"^(?:[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?\.)*[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?(:\d{1,5})?$")
_IPV6_HOST = re.compile(r"^\[[0-9a-f:.]+\](:\d{1,5})?$")


@dataclass(frozen=True, slots=True)
class Number:
    """A parser of numbers from `low` to `high`."""

    low: float
    high: float
    whole: bool

    @property
    def allowed(self) -> str:
        """In words."""
        return f"{self._kind} from {_written(self.low)} to {_written(self.high)}"

    @property
    def _kind(self) -> str:
        return "a whole number" if self.whole else "a number"

    def __call__(self, text: str) -> float:
        try:
            value = float(text)
        except ValueError:
            raise ValueError(f"must be {self._kind}") from None
        if not self.low <= value <= self.high or (self.whole and value != int(value)):
            raise ValueError(f"must be {self.allowed}")
        return int(value) if self.whole else value


def _written(number: float) -> str:
    return str(int(number)) if number == int(number) else str(number)


def integer(low: int, high: int) -> Number:
    """Whole numbers, both ends allowed."""
    return Number(low, high, whole=True)


def seconds(low: float, high: float) -> Number:
    """Durations, both ends allowed."""
    return Number(low, high, whole=False)


@dataclass(frozen=True, slots=True)
class Word:
    """A parser of words from a closed set, in any case. `words`: what may be written, and what it means."""

    words: Mapping[str, Any]
    allowed: str

    def __call__(self, text: str) -> Any:
        try:
            return self.words[text.lower()]
        except KeyError:
            raise ValueError(f"must be {self.allowed}") from None


boolean = Word(
    dict.fromkeys(("true", "1", "yes", "on"), True) | dict.fromkeys(("false", "0", "no", "off"), False), "true or false"
)
log_level = Word(
    {"debug": "DEBUG", "info": "INFO", "warning": "WARNING", "warn": "WARNING", "error": "ERROR"},
    "DEBUG, INFO, WARNING or ERROR",
)


def plex_url(text: str) -> str:
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        raise ValueError("is not a URL; an example is http://plex.home:32400") from None
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError("must start with http:// or https:// and name a host; an example is http://plex.home:32400")
    if parts.username or parts.password:
        raise ValueError("must not hold a user name or password; the token goes into PLEX_TOKEN")
    if port is None:
        raise ValueError("must name the port (Plex's is 32400): python-plexapi needs it to start playback")
    if parts.path.rstrip("/") or parts.query or parts.fragment:
        raise ValueError("must end after the port: no path, no query")
    return f"{parts.scheme}://{parts.netloc}"


def redis_url(text: str) -> str:
    try:
        parts = urlsplit(text)
        _ = parts.port
        database = parts.path.strip("/")
    except ValueError:
        raise ValueError("is not a URL; an example is redis://127.0.0.1:6379/0") from None
    if not text.startswith(("redis://", "rediss://", "unix://")):  # as redis-py asks: not in capitals
        raise ValueError("must start with redis://, rediss:// or unix://; an example is redis://127.0.0.1:6379/0")
    if parts.scheme != "unix":
        if not parts.hostname:
            raise ValueError("must name a host; an example is redis://127.0.0.1:6379/0")
        if database and not database.isdecimal():
            raise ValueError("must end in a database number, as in redis://127.0.0.1:6379/0")
    return text


def plex_token(text: str) -> str:
    if not text.isascii() or not text.isprintable() or " " in text:
        raise ValueError("must be printable ASCII without blanks")
    return text


def auth_tokens(text: str) -> str:
    tokens = [part.strip() for part in text.split(",")]
    for token in tokens:
        if len(token) < MIN_TOKEN_LENGTH:
            raise ValueError(
                f"needs at least {MIN_TOKEN_LENGTH} characters in each token; `openssl rand -hex 32` makes one"
            )
        if not token.isascii() or not token.isprintable() or " " in token:
            raise ValueError("must be printable ASCII without blanks")
        if _is_guessable(token):
            raise ValueError("is a placeholder that anybody would guess; `openssl rand -hex 32` makes a token")
    return text


def _is_guessable(token: str) -> bool:
    plain = token.lower()
    return (
        bool(_PLACEHOLDER.match(plain))
        or len(set(plain)) < _MIN_DISTINCT
        or any(plain in sequence for sequence in _SEQUENCES)
    )


def bind(text: str) -> str:
    host, separator, port = text.rpartition(":")
    if not separator or not host or not port.isdecimal() or int(port) > 65535:
        raise ValueError("must be HOST:PORT, as in 127.0.0.1:8000 or [::]:8000")
    return text


def _words(text: str) -> tuple[str, ...]:
    return tuple(word.lower() for part in text.split(",") if (word := part.strip()))


def host_names(text: str) -> tuple[str, ...]:
    """Names as a Host header has them, lower-case, with a port if that matters."""
    for name in (found := _words(text)):
        if not _HOST_NAME.match(name) and not _IPV6_HOST.match(name):
            raise ValueError(
                "must hold host names, comma-separated, as in plex-mcp.example.com: no scheme, no path, no *"
            )
    return found


def origins(text: str) -> tuple[str, ...]:
    """Origins as browsers send them, lower-case."""
    for origin in (found := _words(text)):
        scheme, separator, host = origin.partition("://")
        if scheme not in {"http", "https"} or not separator or not (_HOST_NAME.match(host) or _IPV6_HOST.match(host)):
            raise ValueError("must hold origins, comma-separated, as in https://chat.example.com: scheme and host only")
    return found


def address(text: str) -> str:
    """An IP address, or nothing."""
    if text:
        try:
            ipaddress.ip_address(text)
        except ValueError:
            raise ValueError("must be an IP address") from None
    return text


def ca_file(text: str) -> str:
    if text and not Path(text).is_file():
        raise ValueError("names no file")
    return text


def aliases(text: str) -> dict[str, str]:
    aliases: dict[str, str] = {}
    for part in filter(None, (part.strip() for part in text.split(";"))):
        alias, separator, name = (piece.strip() for piece in part.partition("="))
        if not separator or not alias or not name:
            raise ValueError(
                "must be alias=player name, separated by semicolons, as in kids=Bedroom TV; tv=Living Room TV"
            )
        aliases[alias.casefold()] = name
    return aliases

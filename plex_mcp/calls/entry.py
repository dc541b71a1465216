"""What the cache keeps: its key, its bytes in Redis, and the finished answer in the process. Pure.

In Redis a value is a header and the JSON object without `as_of`, `stale` and `note` of ours, then the pictures:

    magic, schema version, crc32 of all that follows │ stored_at, ttl_s, length of the JSON, number of pictures │ JSON │
    for each picture: length of its type, length of its data, type, data

In the process it is the finished `body` of an MCP result: a hit is bytes in, bytes out.
"""

from __future__ import annotations

import hashlib
import json
import math
import struct
import zlib
from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, NamedTuple

from plex_mcp.calls.outcome import CallOutcome
from plex_mcp.tools._tool import Arguments, Image

SCHEMA = 1
"""Raised whenever the meaning of the stored bytes changes: older entries then count as misses."""

_MAGIC = b"PMCP"
_OUTER = struct.Struct(">4sHI")
_INNER = struct.Struct(">ddIH")
_PICTURE = struct.Struct(">HI")
_MAX_SKEW_S = 60.0


class CacheKey(NamedTuple):
    """`server` is a hash of Plex's address and token; whose answer it is stands in the argument `user`."""

    schema: int
    server: str
    tool: str
    arguments: Hashable

    def redis_name(self) -> str:
        """The same in every replica and every run. Only here does a key become text."""
        text = json.dumps(self.arguments, separators=(",", ":"), ensure_ascii=False)
        digest = hashlib.sha256(text.encode("utf-8", "backslashreplace")).hexdigest()[:40]
        return f"{self._slot()}:{digest}"

    def outdated_name(self) -> str:
        """Where replicas tell each other since when older answers of the tool are not fresh, whatever was asked."""
        return f"{self._slot()}:outdated"

    def _slot(self) -> str:
        """In braces what a cluster chooses the slot by: one MGET asks for both names, and may not for two slots."""
        return f"plex-mcp:{{{self.schema}:{self.server}:{self.tool}}}"


def build_key(server: str, tool: str, arguments: Arguments) -> CacheKey:
    """The key of parsed arguments with their defaults, whatever their order."""
    pairs = tuple(sorted(arguments.items()))
    try:
        hash(pairs)
    except TypeError:  # a list among them
        pairs = _frozen(pairs)
    return CacheKey(SCHEMA, server, tool, pairs)


def _frozen(value: Any) -> Any:
    if isinstance(value, Mapping):
        return tuple(sorted((key, _frozen(part)) for key, part in value.items()))
    if isinstance(value, list | tuple):
        return tuple(_frozen(part) for part in value)
    return value


def server_identity(url: str, token: str) -> str:
    """Which Plex, seen by whom: never asked of Plex, so that it is known while Plex is down."""
    return hashlib.sha256(f"{url.rstrip('/').lower()}\0{token}".encode()).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class Packed:
    """An answer as it travels to and from Redis. `stored_at`: epoch seconds at which Plex was asked."""

    stored_at: float
    ttl_s: float
    content: bytes
    images: tuple[Image, ...] = ()


class CorruptEntry(Exception):
    """Bytes that are no entry of ours, or of another schema; the text says which check failed."""


def pack(entry: Packed) -> bytes:
    parts = [_INNER.pack(entry.stored_at, entry.ttl_s, len(entry.content), len(entry.images)), entry.content]
    for image in entry.images:
        mime_type = image.mime_type.encode()
        parts += [_PICTURE.pack(len(mime_type), len(image.data)), mime_type, image.data]
    rest = b"".join(parts)
    return _OUTER.pack(_MAGIC, SCHEMA, zlib.crc32(rest)) + rest


def unpack(stored: bytes, *, now: float) -> Packed:
    """Raise CorruptEntry for anything that `pack` did not write, and for an entry from the future: it would stay fresh
    for longer than it is."""
    try:
        magic, schema, crc = _OUTER.unpack_from(stored)
        rest = memoryview(stored)[_OUTER.size :]
        if magic != _MAGIC or schema != SCHEMA:
            raise CorruptEntry("schema")
        if zlib.crc32(rest) != crc:
            raise CorruptEntry("crc")
        stored_at, ttl_s, length, count = _INNER.unpack_from(rest)
        end = _INNER.size + length
        content = bytes(rest[_INNER.size : end])
        images = []
        for _ in range(count):
            of_type, of_data = _PICTURE.unpack_from(rest, end)
            start = end + _PICTURE.size + of_type
            images.append(Image(bytes(rest[start : start + of_data]), bytes(rest[start - of_type : start]).decode()))
            end = start + of_data
    except (struct.error, UnicodeDecodeError) as error:
        raise CorruptEntry("shape") from error
    if end != len(rest) or not (math.isfinite(stored_at) and math.isfinite(ttl_s)) or stored_at > now + _MAX_SKEW_S:
        raise CorruptEntry("range")
    return Packed(stored_at, ttl_s, content, tuple(images))


@dataclass(slots=True, eq=False)
class Entry:
    """An answer in the process. `stored_at` epoch seconds, `confirmed_at` when Redis was last asked about it.

    `outcome` is handed out as it is on a hit. A tool with views keeps one answer whole and `views` cut from it, by
    their arguments; they go when the entry is replaced. `reserved_bytes` is the room kept for them.
    """

    stored_at: float
    ttl_s: float
    retention_s: float
    confirmed_at: float
    outcome: CallOutcome
    images: tuple[Image, ...] = ()
    reserved_bytes: int = 0
    views: dict[Hashable, CallOutcome] = field(default_factory=dict)

    def is_fresh(self, now: float) -> bool:
        return now - self.stored_at < self.ttl_s

    def is_kept(self, now: float) -> bool:
        """False once it is too old even to be served as a stale copy."""
        return now - self.stored_at < self.ttl_s + self.retention_s

    def size_bytes(self) -> int:
        pictures = sum(len(image.data) for image in self.images)
        finished = len(self.outcome.body) + len(self.outcome.structured)
        return finished + pictures + self.reserved_bytes + OVERHEAD_BYTES


OVERHEAD_BYTES = 1500
"""What an entry takes beside its bytes: key, arguments, objects (measured with tracemalloc: 1.1 to 1.4 kB)."""


def to_bytes(content: Mapping[str, Any]) -> bytes:
    """Compact JSON. A lone surrogate, which UTF-8 has no bytes for, becomes a question mark."""
    return json.dumps(content, separators=(",", ":"), ensure_ascii=False).encode("utf-8", "replace")


def iso_utc(at: float) -> str:
    """Epoch seconds as ISO 8601 in UTC."""
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def with_as_of(content: bytes, at: float) -> bytes:
    """Splice `as_of` into a JSON object without parsing it."""
    comma = "," if len(content) > 2 else ""
    return content[:-1] + f'{comma}"as_of":"{iso_utc(at)}"}}'.encode()


def mark_stale(content: dict[str, Any], why: str) -> None:
    """Say in an answer, to the model, that it is an old copy. `why` is a sentence without its full stop."""
    content["stale"] = True
    said = f"{why}; this is a copy from {content['as_of']} and may be out of date."
    content["note"] = f"{content['note']} {said}" if content.get("note") else said

"""The cache: finished answers in the process before packed ones in Redis. `lookup` answers Fresh, Stale or Miss.

Nothing here raises for a fault of Redis' or for odd bytes in it; nothing here talks to Plex.

What a command made untrue is told by time alone: each entry carries when Plex was asked, each tool the time of the last
command that concerns it, here and in Redis. An answer that was asked for before is a stale copy at best, whenever and
by whichever replica it is stored: a read that was under way cannot bring back what was so.
"""

from __future__ import annotations

import json
import math
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import structlog
from cachetools import LRUCache

from plex_mcp.calls.entry import (
    CacheKey,
    CorruptEntry,
    Entry,
    Packed,
    build_key,
    mark_stale,
    pack,
    server_identity,
    to_bytes,
    unpack,
    with_as_of,
)
from plex_mcp.calls.outcome import CallOutcome
from plex_mcp.calls.redis_store import RedisStore
from plex_mcp.settings import Settings
from plex_mcp.telemetry.metrics import REDIS_FAULTS
from plex_mcp.tools._tool import Arguments, Image, Tool

log = structlog.get_logger(__name__)
_CORRUPT = REDIS_FAULTS.labels("corrupt")
_MAX_VIEWS = 16
_MAX_VIEW_BYTES = 4096

Finish = Callable[[bytes, Sequence[Image]], bytes]


@dataclass(frozen=True, slots=True)
class Fresh:
    """`tier` is hit_l1 or hit_l2."""

    entry: Entry
    tier: str


@dataclass(frozen=True, slots=True)
class Stale:
    """Past its TTL and inside its retention: to be served only with a mark, and only when Plex fails."""

    entry: Entry


@dataclass(frozen=True, slots=True)
class Miss:
    pass


class TieredCache:
    """`clock` gives epoch seconds: what replicas share cannot be stamped with one process's monotonic clock."""

    def __init__(self, settings: Settings, shared: RedisStore, *, finish: Finish, clock: Callable[[], float]) -> None:
        self._settings = settings
        self._shared = shared
        self._finish = finish
        self._clock = clock
        self._lock = threading.Lock()
        self._local: LRUCache[CacheKey, Entry] = LRUCache(settings.cache_l1_max_bytes, getsizeof=_size_bytes)
        self._identity = ("", "")  # a token and what it makes of the server: one attribute, since threads share it
        self._outdated_at: dict[str, float] = {}

    def __len__(self) -> int:
        return len(self._local)

    def key(self, tool: Tool, arguments: Arguments) -> CacheKey:
        token = self._settings.plex_token.reveal()
        known, server = self._identity
        if token != known:  # rotated: what the old token was shown is not for the new one
            server = server_identity(self._settings.plex_server_url, token)
            self._identity = token, server
        return build_key(
            server, tool.name, arguments if tool.fetch_arguments is None else tool.fetch_arguments(arguments)
        )

    def recent(self, key: CacheKey, tool: Tool) -> Entry | None:
        """The hot path: a fresh entry of this process, or None. No Redis."""
        with self._lock:
            entry = self._local.get(key)
        if entry is None:
            return None
        now = self._clock()
        return entry if self._is_fresh(entry, tool, now) and _is_trusted(entry, tool, now) else None

    def lookup(self, key: CacheKey, tool: Tool) -> Fresh | Stale | Miss:
        """Both levels, the newer of two entries. Blocks for `REDIS_TIMEOUT` at most.

        Past `local_max_s` a copy of this process is fresh only while Redis has one too: where that is gone, the mark of
        a command through another replica may be gone as well. A Redis that cannot be asked takes nothing away.
        """
        with self._lock:
            entry = self._local.get(key)
        now = self._clock()
        if entry is not None and self._is_fresh(entry, tool, now) and _is_trusted(entry, tool, now):
            return Fresh(entry, "hit_l1")
        tier, gone = "hit_l1", False
        held = self._shared.load(key.redis_name(), key.outdated_name())
        if held is not None:
            stored, mark = held
            gone = stored is None and tool.local_max_s is not None
            self._learn_what_is_outdated(tool, mark, now)
            packed = None if stored is None else _unpacked(tool, stored, now)
            if packed is not None and (entry is None or packed.stored_at > entry.stored_at):
                entry, tier = self._keep(key, tool, packed), "hit_l2"
            elif packed is not None and entry is not None and packed.stored_at == entry.stored_at:
                entry.confirmed_at = now
        elif entry is not None:
            entry.confirmed_at = now  # by nobody, but there is nobody to ask: not again at each call
        if entry is None or not entry.is_kept(now):
            return Miss()
        return Fresh(entry, tier) if self._is_fresh(entry, tool, now) and not gone else Stale(entry)

    def store(self, key: CacheKey, tool: Tool, content: bytes, images: tuple[Image, ...], *, stored_at: float) -> Entry:
        """Keep what Plex answered when it was asked at `stored_at`. An entry that is newer already stays."""
        ttl_s = self.ttl_s(tool)
        packed = Packed(stored_at, ttl_s, content, images)
        entry = self._keep(key, tool, packed)
        if entry.stored_at == stored_at:
            self._shared.save(
                key.redis_name(), pack(packed), expires_in_s=stored_at + ttl_s + self.retention_s(tool) - self._clock()
            )
        return entry

    def outdate(self, tool: Tool) -> None:
        """A command made some of this tool's answers untrue: what was asked before now is no longer fresh. Other
        replicas learn of it when they ask Redis next.
        """
        at = self._clock()
        with self._lock:
            self._outdated_at[tool.name] = at
        name = self.key(tool, {}).outdated_name()
        # To the last digit: what is stored at this very instant is fresh. The older answers are not after the TTL.
        self._shared.save(name, repr(at).encode(), expires_in_s=self.ttl_s(tool))

    def _learn_what_is_outdated(self, tool: Tool, mark: bytes | None, now: float) -> None:
        try:
            at = float(mark or b"nan")
        except ValueError:  # not ours
            return
        if math.isfinite(at):
            # A replica whose clock is ahead must not keep answers from being cached here.
            with self._lock:
                self._outdated_at[tool.name] = max(min(at, now), self._outdated_at.get(tool.name, 0.0))

    def _is_fresh(self, entry: Entry, tool: Tool, now: float) -> bool:
        return entry.is_fresh(now) and entry.stored_at >= self._outdated_at.get(tool.name, 0.0)

    def ttl_s(self, tool: Tool) -> float:
        return float(getattr(self._settings, tool.ttl_setting) if tool.ttl_setting else tool.ttl_s or 0.0)

    def retention_s(self, tool: Tool) -> float:
        """Seconds past its TTL for which a copy may be served as stale."""
        general_s = self._settings.cache_stale_retention_s
        return general_s if tool.stale_retention_s is None else min(general_s, tool.stale_retention_s)

    def present(self, entry: Entry, tool: Tool, arguments: Arguments) -> CallOutcome:
        """The entry as the answer to these arguments. May raise what the tool's `view` raises."""
        if tool.view is None:
            return entry.outcome
        key = build_key("", "", arguments).arguments
        found = entry.views.get(key)
        if found is None:
            found = self._cut(entry, tool, arguments, None)
            if len(entry.views) < _MAX_VIEWS and len(found.body) <= _MAX_VIEW_BYTES:
                entry.views[key] = found
        return found

    def present_stale(self, entry: Entry, tool: Tool, arguments: Arguments, why: str) -> CallOutcome:
        """The same, marked as the old copy that it is."""
        return self._cut(entry, tool, arguments, why)

    def _cut(self, entry: Entry, tool: Tool, arguments: Arguments, why: str | None) -> CallOutcome:
        content = json.loads(entry.outcome.structured)
        if tool.view is not None:
            as_of = content.pop("as_of")
            content = {**tool.view(content, arguments), "as_of": as_of}
        if why is not None:
            mark_stale(content, why)
        structured = to_bytes(content)
        return CallOutcome(self._finish(structured, entry.images), structured, "hit_l1" if why is None else "stale")

    def _keep(self, key: CacheKey, tool: Tool, packed: Packed) -> Entry:
        entry = self._finished(tool, packed)
        with self._lock:
            there = self._local.get(key)
            if there is not None and there.stored_at > entry.stored_at:
                return there
            if entry.size_bytes() <= self._local.maxsize:
                self._local[key] = entry
        return entry

    def _finished(self, tool: Tool, packed: Packed) -> Entry:
        structured = with_as_of(packed.content, packed.stored_at)
        # An answer that is only ever cut from is never sent whole.
        body = self._finish(structured, packed.images) if tool.view is None else b""
        return Entry(
            stored_at=packed.stored_at,
            ttl_s=packed.ttl_s,
            retention_s=self.retention_s(tool),
            confirmed_at=self._clock(),
            outcome=CallOutcome(body, structured, "hit_l1"),
            images=packed.images,
            reserved_bytes=0 if tool.view is None else _MAX_VIEWS * _MAX_VIEW_BYTES,
        )


def _unpacked(tool: Tool, stored: bytes, now: float) -> Packed | None:
    try:
        return unpack(stored, now=now)
    except CorruptEntry as error:
        _CORRUPT.inc()
        log.warning("cache.entry_corrupt", tool=tool.name, check=str(error))
        return None


def _is_trusted(entry: Entry, tool: Tool, now: float) -> bool:
    return tool.local_max_s is None or now - entry.confirmed_at < tool.local_max_s


def _size_bytes(entry: Entry) -> int:
    return entry.size_bytes()

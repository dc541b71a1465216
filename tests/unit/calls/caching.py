"""A cache of two levels over a Redis that is a dict."""

from __future__ import annotations

from typing import Any

from plex_mcp.calls.cache import Fresh, Miss, Stale, TieredCache
from plex_mcp.calls.entry import CacheKey
from tests.fakes import Clock, finish, list_titles, settings

ARGUMENTS = list_titles.parse({})


class Shared:
    """Redis as a dict, with the expiry asked for. `down`: it cannot be asked."""

    def __init__(self) -> None:
        self.held: dict[str, bytes] = {}
        self.expiries_s: list[float] = []
        self.loads = 0
        self.down = False

    def load(self, *names: str) -> list[bytes | None] | None:
        self.loads += 1
        return None if self.down else [self.held.get(name) for name in names]

    def save(self, name: str, value: bytes, *, expires_in_s: float) -> None:
        self.held[name] = value
        self.expiries_s.append(expires_in_s)


class Fixture:
    def __init__(self, shared: Shared | None = None, **changed: str) -> None:
        self.clock = Clock()
        self.shared = shared or Shared()
        self.cache = TieredCache(settings(**changed), self.shared, finish=finish, clock=self.clock)  # type: ignore[arg-type]
        self.key = self.cache.key(list_titles, ARGUMENTS)

    def store(self, content: bytes = b'{"titles":["A"]}', **more: Any) -> None:
        more.setdefault("stored_at", self.clock())
        self.cache.store(self.key, list_titles, content, more.pop("images", ()), **more)

    def lookup(self, key: CacheKey | None = None) -> Fresh | Stale | Miss:
        return self.cache.lookup(key or self.key, list_titles)

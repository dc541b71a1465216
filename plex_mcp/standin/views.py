"""What each user has seen: counts, offsets, ratings, history. Plex keeps this per token, so do we."""

import threading
from dataclasses import dataclass, replace

from plex_mcp.standin.model import Item

UNSEEN_BELOW = 0.03  # share of the run time below which an offset is not kept
WATCHED_FROM = 0.90  # share from which an item counts as watched (Plex's default threshold)


@dataclass(frozen=True, slots=True)
class View:
    """One user's state of one item; replaced as a whole, so that readers never see half a change."""

    view_count: int = 0
    view_offset_ms: int = 0
    last_viewed_at: int | None = None
    user_rating: float | None = None
    last_rated_at: int | None = None


@dataclass(frozen=True, slots=True)
class HistoryEntry:
    """One finished playback."""

    history_id: int
    item: Item
    account_id: int
    viewed_at: int
    device_id: int


NOTHING = View()


class Views:
    """View state of all users. ``version`` rises with every change, for those who cache what follows from it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._by_user: dict[int, dict[int, View]] = {}
        self.history: list[HistoryEntry] = []
        self.version = 0

    def of(self, account_id: int, item: Item) -> View:
        """The state of a leaf for a user (``View()`` when never touched)."""
        return self._by_user.get(account_id, {}).get(item.rating_key, NOTHING)

    def touched(self, account_id: int) -> dict[int, View]:
        """All states of a user by rating key; do not change."""
        return self._by_user.get(account_id, {})

    def _put(self, account_id: int, item: Item, view: View) -> None:
        self._by_user.setdefault(account_id, {})[item.rating_key] = view
        self.version += 1

    def scrobble(self, account_id: int, item: Item, at: int, *, device_id: int = 1) -> None:
        """Mark every leaf of an item watched once more, and write the history."""
        with self._lock:
            for leaf in item.leaves():
                old = self.of(account_id, leaf)
                view = replace(old, view_count=old.view_count + 1, view_offset_ms=0, last_viewed_at=at)
                self._put(account_id, leaf, view)
                self.history.append(HistoryEntry(len(self.history) + 1, leaf, account_id, at, device_id))

    def unscrobble(self, account_id: int, item: Item) -> None:
        """Mark every leaf of an item unwatched; history stays, as in Plex."""
        with self._lock:
            for leaf in item.leaves():
                old = self.of(account_id, leaf)
                self._put(account_id, leaf, View(user_rating=old.user_rating, last_rated_at=old.last_rated_at))

    def rate(self, account_id: int, item: Item, rating: float | None, at: int) -> None:
        """Set a user's rating, 0 to 10; None takes it away."""
        with self._lock:
            old = self.of(account_id, item)
            self._put(
                account_id, item, replace(old, user_rating=rating, last_rated_at=at if rating is not None else None)
            )

    def progress(self, account_id: int, item: Item, offset_ms: int, at: int) -> None:
        """Remember how far a user got; near the start it is dropped, near the end it is a view."""
        share = offset_ms / item.duration_ms if item.duration_ms else 0.0
        if share >= WATCHED_FROM:
            self.scrobble(account_id, item, at)
            return
        with self._lock:
            old = self.of(account_id, item)
            kept = offset_ms if share >= UNSEEN_BELOW else 0
            self._put(account_id, item, replace(old, view_offset_ms=kept, last_viewed_at=at))

    def leaf_counts(self, account_id: int, item: Item) -> tuple[int, int]:
        """``(leaves, watched leaves)`` below a show, season, artist or album."""
        seen = self.touched(account_id)
        leaves = [leaf.rating_key for leaf in item.leaves()]
        return len(leaves), sum(1 for key in leaves if key in seen and seen[key].view_count)

    def last_viewed_at(self, account_id: int, item: Item) -> int | None:
        """When a user last saw this or anything below it."""
        seen = self.touched(account_id)
        times = [seen[leaf.rating_key].last_viewed_at or 0 for leaf in item.leaves() if leaf.rating_key in seen]
        return max(times, default=0) or None

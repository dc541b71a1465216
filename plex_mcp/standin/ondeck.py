"""What a user would go on with: films and episodes begun, and the next episode of shows followed."""

from plex_mcp.standin.model import Item, Section
from plex_mcp.standin.users import User
from plex_mcp.standin.views import Views

WINDOW_S = 16 * 7 * 86400  # Plex's OnDeckWindow, 16 weeks
LIMIT = 40  # Plex's OnDeckLimit


def on_deck(sections: list[Section], views: Views, user: User, now_s: float, library: dict[int, Item]) -> list[Item]:
    """Newest first. A show is there once: with the episode begun last, or the first unseen after the last seen."""
    visible = {section.key for section in sections}
    latest: dict[int, tuple[int, Item]] = {}
    for key, view in list(views.touched(user.account_id).items()):
        item, at = library[key], view.last_viewed_at or 0
        if item.section.key not in visible or at < now_s - WINDOW_S:
            continue
        owner = item.grandparent if item.kind == "episode" else item
        if owner is None or item.kind not in ("movie", "episode"):
            continue
        if owner.rating_key not in latest or at > latest[owner.rating_key][0]:
            latest[owner.rating_key] = (at, item)
    found = []
    for at, item in latest.values():
        follows = _next(item, views, user)
        if follows is not None:
            found.append((at, follows))
    found.sort(key=lambda row: -row[0])
    return [item for _, item in found[:LIMIT]]


def _next(item: Item, views: Views, user: User) -> Item | None:
    view = views.of(user.account_id, item)
    if view.view_offset_ms:
        return item
    show = item.grandparent
    if item.kind != "episode" or show is None or not view.view_count:
        return None
    episodes = [leaf for leaf in show.leaves() if leaf.parent is not None and leaf.parent.index]
    episodes.sort(key=Item.place)
    after = episodes[episodes.index(item) + 1 :] if item in episodes else []
    return next((leaf for leaf in after if not views.of(user.account_id, leaf).view_count), None)


def next_of_show(show: Item, views: Views, user: User) -> Item | None:
    """What a user would watch of a show (or season): the episode begun, the one after the last seen, or the first."""
    seen = views.touched(user.account_id)
    episodes = sorted(show.leaves(), key=Item.place)
    numbered = [leaf for leaf in episodes if leaf.parent is not None and leaf.parent.index] or episodes
    begun = [leaf for leaf in numbered if leaf.rating_key in seen and seen[leaf.rating_key].view_offset_ms]
    if begun:
        return max(begun, key=lambda leaf: seen[leaf.rating_key].last_viewed_at or 0)
    unseen = [n for n, leaf in enumerate(numbered) if not views.of(user.account_id, leaf).view_count]
    last_seen = max((n for n in range(len(numbered)) if n not in unseen), default=-1)
    follows = next((n for n in unseen if n > last_seen), unseen[0] if unseen else None)
    return None if follows is None else numbered[follows]

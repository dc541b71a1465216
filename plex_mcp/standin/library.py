"""The library in memory: sections, items, tags and playlists, with what is needed to build one."""

import hashlib
from collections.abc import Iterable

from plex_mcp.standin.model import (
    Item,
    Media,
    Playlist,
    Profile,
    Role,
    Section,
    Tag,
    fold,
    sort_title,
)

_AGENTS = {
    "movie": ("tv.plex.agents.movie", "Plex Movie"),
    "show": ("tv.plex.agents.series", "Plex TV Series"),
    "artist": ("tv.plex.agents.music", "Plex Music"),
    "photo": ("com.plexapp.agents.none", "Plex Photo Scanner"),
}


class Library:
    """Everything the server can list. Built once, then read by many threads; only view state changes, elsewhere."""

    def __init__(self, now_s: float, seed: int = 1) -> None:
        self.now_s = int(now_s)
        self.seed = seed
        self.sections: dict[int, Section] = {}
        self.items: dict[int, Item] = {}
        self.playlists: dict[int, Playlist] = {}
        self.tags: dict[int, Tag] = {}
        self.tag_uses: dict[int, int] = {}
        self._tag_ids: dict[tuple[str, str], Tag] = {}
        self._next_key = 1
        self._next_media = 1

    def digest(self, *parts: object, length: int = 24) -> str:
        """A stable hexadecimal name for something, different for each seed."""
        name = ":".join(map(str, (self.seed, *parts)))
        return hashlib.sha256(name.encode()).hexdigest()[:length]

    def section(self, kind: str, title: str, agent: str | None = None) -> Section:
        """Add a section; ``agent`` ``none`` makes the "other videos" sort of movie section."""
        key = len(self.sections) + 1
        known = _AGENTS[kind]
        section = Section(
            key,
            kind,
            title,
            uuid=f"{self.digest('section', key, length=8)}-0000-4000-8000-{self.digest(title, length=12)}",
            agent=agent or known[0],
            scanner="Plex Video Files Scanner" if agent else known[1],
            path=f"/data/{title.lower().replace(' ', '-')}",
            created_at=self.now_s - 400 * 86400,
        )
        self.sections[key] = section
        return section

    def add(
        self, section: Section, kind: str, title: str, *, added_days_ago: float = 100.0, parent: Item | None = None
    ) -> Item:
        """Add an item with the next rating key; the caller fills in the rest."""
        key = self._next_key
        self._next_key += 1
        added_at = self.now_s - int(added_days_ago * 86400)
        scheme = "local" if section.kind == "photo" else f"plex://{kind}"
        guid = f"local://{key}" if scheme == "local" else f"{scheme}/5d{(key * 2654435761 + self.seed) % 2**64:022x}"
        item = Item(key, kind, title, section, added_at, added_at + 60, guid, parent=parent)
        item.title_sort = sort_title(title)
        self.items[key] = item
        section.items.setdefault(kind, []).append(item)
        if parent is not None:
            parent.children.append(item)
        return item

    def tag(self, kind: str, name: str) -> Tag:
        """The tag of that name, made on first use. People keep one id per kind, as in Plex."""
        known = self._tag_ids.get((kind, name))
        if known is None:
            tag_id = 1000 + len(self.tags)
            known = Tag(tag_id, kind, name, self.digest("tag", name))
            self._tag_ids[kind, name] = known
            self.tags[tag_id] = known
            self.tag_uses[tag_id] = 0
        return known

    def set_tags(self, item: Item, kind: str, names: Iterable[str]) -> None:
        """Give an item its tags of one kind."""
        tags = tuple(self.tag(kind, name) for name in names)
        if tags:
            item.tags[kind] = tags
            for tag in tags:
                self.tag_uses[tag.tag_id] += 1

    def set_cast(self, item: Item, cast: Iterable[tuple[str, str]]) -> None:
        """Give an item its cast as ``(actor, character)``, in billing order."""
        item.roles = tuple(Role(self.tag("actor", name), character) for name, character in cast)
        for role in item.roles:
            self.tag_uses[role.tag.tag_id] += 1

    def count_tags(self) -> None:
        """Count anew how many items carry each tag, for those who set tags by themselves."""
        self.tag_uses = dict.fromkeys(self.tags, 0)
        for item in self.items.values():
            for tags in (*item.tags.values(), [role.tag for role in item.roles]):
                for tag in tags:
                    self.tag_uses[tag.tag_id] += 1

    def add_media(self, item: Item, profile: Profile, duration_ms: int, file: str) -> None:
        """Add a version of an item; its size follows from bit rate and length."""
        media = Media(self._next_media, profile, duration_ms, file, profile.bitrate_kbps * duration_ms // 8 + 4096)
        self._next_media += 1
        item.media += (media,)
        item.duration_ms = item.duration_ms or duration_ms or None

    def playlist(
        self,
        title: str,
        media_kind: str,
        items: list[Item],
        *,
        smart: bool = False,
        summary: str = "",
        owner_id: int = 1,
    ) -> Playlist:
        """Add a playlist; ``media_kind`` is video, audio or photo."""
        key = self._next_key
        self._next_key += 1
        made = Playlist(key, title, media_kind, items, self.now_s - 30 * 86400, smart, summary, owner_id)
        self.playlists[key] = made
        return made

    def find(self, title: str, kind: str | None = None) -> Item:
        """The one item with this title (case and accents do not matter); KeyError when there is none."""
        wanted = fold(title)
        for item in self.items.values():
            if fold(item.title) == wanted and (kind is None or item.kind == kind):
                return item
        raise KeyError(title)

    def of_kind(self, kind: str) -> list[Item]:
        """All items of one kind, over all sections."""
        return [item for section in self.sections.values() for item in section.of_kind(kind)]

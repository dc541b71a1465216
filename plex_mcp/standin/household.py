"""Everything that one server knows, in one place for the endpoints."""

import itertools
from collections.abc import Callable
from dataclasses import dataclass, field

from plex_mcp.standin.index import Index
from plex_mcp.standin.library import Library
from plex_mcp.standin.meta import sort_keys
from plex_mcp.standin.model import SECTION_KINDS, Item, Playlist, Section
from plex_mcp.standin.playback import Playback
from plex_mcp.standin.playqueues import PlayQueues
from plex_mcp.standin.render import Renderer
from plex_mcp.standin.users import User
from plex_mcp.standin.views import Views


@dataclass
class Household:
    """The state behind the endpoints. ``version`` is the server's, ``version_parts`` the same as numbers."""

    library: Library
    views: Views
    queues: PlayQueues
    playback: Playback
    renderer: Renderer
    users: tuple[User, ...]
    clock: Callable[[], float]
    machine_identifier: str
    version: str
    started_at: int
    plex_pass: bool
    indexes: dict[tuple[tuple[int, ...], str], Index] = field(default_factory=dict)
    transient: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1))
    transient_tokens: dict[str, User] = field(default_factory=dict)

    @property
    def version_parts(self) -> tuple[int, ...]:
        """``(1, 41, 3, 9314)``."""
        return tuple(int(part) for part in self.version.partition("-")[0].split("."))

    @property
    def status_for_others(self) -> int:
        """What those are told who ask for what is the owner's: 401 by older servers, 403 since 1.41.7."""
        return 403 if self.version_parts >= (1, 41, 7) else 401

    @property
    def owner(self) -> User:
        """Who the server belongs to."""
        return self.users[0]

    def user_of(self, token: str | None) -> User | None:
        """Whose token this is."""
        if not token:
            return None
        return next((user for user in self.users if user.token == token), self.transient_tokens.get(token))

    def visible(self, user: User) -> list[Section]:
        """The libraries that a user may see."""
        return [section for section in self.library.sections.values() if user.may_see(section.key)]

    def item(self, key: str | int, user: User) -> Item | None:
        """An item by rating key, if it exists and the user may see it."""
        found = self.library.items.get(int(key)) if str(key).isdecimal() else None
        return found if found is not None and user.may_see(found.section.key) else None

    def playlists_of(self, user: User) -> list[Playlist]:
        """A user's own playlists."""
        return [playlist for playlist in self.library.playlists.values() if playlist.owner_id == user.account_id]

    def index(self, sections: list[Section], kind: str) -> Index:
        """The index of one kind of item over some libraries, made on first use."""
        key = (tuple(section.key for section in sections), kind)
        if key not in self.indexes:
            items = [item for section in sections for item in section.of_kind(kind)]
            self.indexes[key] = Index(items, self.views, self.clock)
        return self.indexes[key]

    def warm(self) -> None:
        """Make the indexes of every library now, so that no request waits for them."""
        for section in self.library.sections.values():
            for kind in SECTION_KINDS[section.kind]:
                sorts = [f"{key}{way}" for key in sort_keys(kind) for way in ("", ":desc") if "," not in key]
                self.index([section], kind).warm(sorts, self.owner)


def top_kind(section: Section) -> str:
    """What a library lists when no type is given."""
    return SECTION_KINDS[section.kind][0]


def newest_kind(section: Section) -> str:
    """What a library lists as recently added."""
    return {"show": "episode", "artist": "album", "photo": "photo"}.get(section.kind, "movie")

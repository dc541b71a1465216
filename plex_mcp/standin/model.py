"""What a library is made of: items, their files and streams, tags, sections, playlists.

Times are epoch seconds (``_at``), durations and offsets milliseconds (``_ms``), as on Plex's wire.
"""

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache

TYPE_NUMBERS = {
    "movie": 1,
    "show": 2,
    "season": 3,
    "episode": 4,
    "trailer": 5,
    "person": 7,
    "artist": 8,
    "album": 9,
    "track": 10,
    "clip": 12,
    "photo": 13,
    "photoalbum": 14,
    "playlist": 15,
    "collection": 18,
}
KIND_OF_NUMBER = {number: kind for kind, number in TYPE_NUMBERS.items()}
LEAF_KINDS = frozenset({"movie", "episode", "track", "clip", "photo"})
SECTION_KINDS = {
    "movie": ("movie",),
    "show": ("show", "season", "episode"),
    "artist": ("artist", "album", "track"),
    "photo": ("photoalbum", "photo"),
}
LANGUAGES = {  # code → (name, two-letter tag)
    "eng": ("English", "en"),
    "deu": ("Deutsch", "de"),
    "fra": ("Français", "fr"),
    "spa": ("Español", "es"),
    "nld": ("Nederlands", "nl"),
    "ita": ("Italiano", "it"),
    "jpn": ("日本語", "ja"),
    "swe": ("Svenska", "sv"),
}
_WIRE_ELEMENTS = {"movie": "Video", "episode": "Video", "clip": "Video", "track": "Track", "photo": "Photo"}
_ARTICLES = ("the ", "a ", "an ")


@lru_cache(maxsize=100_000)
def fold(text: str) -> str:
    """Lower case without accents: what Plex compares titles by."""
    if text.isascii():
        return text.lower()
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(char for char in decomposed if not unicodedata.combining(char))


def sort_title(title: str) -> str | None:
    """``General`` for ``The General``; None when the title has no leading article."""
    for article in _ARTICLES:
        if title.lower().startswith(article):
            return title[len(article) :]
    return None


@dataclass(slots=True, eq=False)
class Tag:
    """A genre, person, country, mood, collection … ``tag_id`` is what filters take."""

    tag_id: int
    kind: str
    name: str
    key: str = ""


@dataclass(slots=True, frozen=True)
class Role:
    """One cast member and the character played."""

    tag: Tag
    character: str


@dataclass(slots=True, frozen=True)
class StreamSpec:
    """A stream inside a file; ``kind`` 1 video, 2 audio, 3 subtitle, 4 lyrics. Ids are added by the media it is in."""

    kind: int
    codec: str
    language: str | None = None
    channels: int = 0
    bitrate_kbps: int = 0
    title: str | None = None
    forced: bool = False
    hearing_impaired: bool = False
    default: bool = False
    external: bool = False


@dataclass(slots=True, frozen=True, eq=False)
class Profile:
    """How a file is encoded; shared by all media made the same way, and hashed by identity."""

    width: int
    height: int
    resolution: str
    bitrate_kbps: int
    container: str
    video_codec: str | None
    audio_codec: str | None
    channels: int
    streams: tuple[StreamSpec, ...]
    hdr: bool = False
    dolby_vision: bool = False

    def languages(self, kind: int) -> frozenset[str]:
        """Language codes of the audio (2) or subtitle (3) streams."""
        return frozenset(s.language for s in self.streams if s.kind == kind and s.language)


@dataclass(slots=True, eq=False)
class Media:
    """One version of an item: one file."""

    media_id: int
    profile: Profile
    duration_ms: int
    file: str
    size_bytes: int

    def stream_id(self, number: int) -> int:
        """The id of the stream at a place in the file."""
        return self.media_id * 20 + number

    def stream_ids(self, kind: int) -> list[tuple[int, StreamSpec]]:
        """``(stream id, stream)`` of one kind, in file order."""
        return [(self.stream_id(n), s) for n, s in enumerate(self.profile.streams) if s.kind == kind]


@dataclass(slots=True, frozen=True)
class Marker:
    """An intro or credits marker."""

    kind: str
    start_ms: int
    end_ms: int
    final: bool = False


@dataclass(slots=True, eq=False)
class Section:
    """A library as the user sees it in the side bar."""

    key: int
    kind: str
    title: str
    uuid: str
    agent: str
    scanner: str
    path: str
    created_at: int
    items: dict[str, list["Item"]] = field(default_factory=dict)

    def of_kind(self, kind: str) -> list["Item"]:
        """All items of one kind, in the order they were added."""
        return self.items.get(kind, [])


@dataclass(slots=True, eq=False)
class Item:
    """Anything with a rating key. ``kind`` is the design's media_type; ``photoalbum`` is ``photo`` on the wire."""

    rating_key: int
    kind: str
    title: str
    section: Section
    added_at: int
    updated_at: int
    guid: str
    parent: "Item | None" = None
    children: list["Item"] = field(default_factory=list)
    title_sort: str | None = None
    original_title: str | None = None
    summary: str = ""
    tagline: str | None = None
    studio: str | None = None
    content_rating: str | None = None
    year: int | None = None
    released: str | None = None
    duration_ms: int | None = None
    rating: float | None = None
    audience_rating: float | None = None
    index: int | None = None
    guids: tuple[str, ...] = ()
    tags: dict[str, tuple[Tag, ...]] = field(default_factory=dict)
    roles: tuple[Role, ...] = ()
    media: tuple[Media, ...] = ()
    chapters: tuple[tuple[str, int], ...] = ()
    markers: tuple[Marker, ...] = ()
    edition: str | None = None
    members: list["Item"] = field(default_factory=list)

    @property
    def wire_type(self) -> str:
        """The ``type`` attribute on the wire."""
        return "photo" if self.kind == "photoalbum" else self.kind

    @property
    def wire_element(self) -> str:
        """The name of its element on the wire."""
        return _WIRE_ELEMENTS.get(self.kind, "Directory")

    @property
    def sort_key(self) -> str:
        """What titles are ordered by."""
        return fold(self.title_sort or self.title)

    def place(self) -> tuple[int, int]:
        """Where an episode is in its show: number of the season, number in it."""
        return (self.parent.index or 0 if self.parent else 0), self.index or 0

    @property
    def grandparent(self) -> "Item | None":
        """The show of an episode, the artist of a track."""
        return self.parent.parent if self.parent else None

    def ancestor(self, kind: str) -> "Item | None":
        """This item or the one above it that is of ``kind``."""
        found: Item | None = self
        while found is not None and found.kind != kind:
            found = found.parent
        return found

    def leaves(self) -> Iterator["Item"]:
        """The playable items at or below this one, in order."""
        if self.kind in LEAF_KINDS:
            yield self
        for child in self.members if self.kind == "collection" else self.children:
            yield from child.leaves()


@dataclass(slots=True, eq=False)
class Playlist:
    """A playlist of one user; smart ones are shown as such but hold a fixed list."""

    rating_key: int
    title: str
    media_kind: str
    items: list[Item]
    added_at: int
    smart: bool = False
    summary: str = ""
    owner_id: int = 1

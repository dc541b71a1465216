"""Free-text search: words of a title begin with the words asked for; failing that, nearly so."""

from collections.abc import Callable
from difflib import get_close_matches
from functools import lru_cache
from heapq import nsmallest

from plex_mcp.standin.index import Index
from plex_mcp.standin.library import Library
from plex_mcp.standin.model import SECTION_KINDS, Item, Section, Tag, fold

SEARCH_HUBS = (
    ("movie", "Movies"),
    ("show", "Shows"),
    ("episode", "Episodes"),
    ("artist", "Artists"),
    ("album", "Albums"),
    ("track", "Tracks"),
    ("photoalbum", "Photo Albums"),
    ("photo", "Photos"),
    ("actor", "Actors"),
    ("director", "Directors"),
    ("genre", "Genres"),
    ("collection", "Collections"),
    ("playlist", "Playlists"),
)
_FUZZY_BELOW = 5_000  # items: beyond that, guessing at spelling would take longer than the answer may


@lru_cache(maxsize=100_000)
def words(text: str) -> tuple[str, ...]:
    """The words of a text, folded, without punctuation."""
    joined = fold(text).replace("'", "").replace("\u2019", "")
    return tuple("".join(char if char.isalnum() else " " for char in joined).split())


def fits(asked: tuple[str, ...], title: str) -> bool:
    """Whether each word asked for begins a word of the title."""
    have = words(title)
    return bool(asked) and all(any(word.startswith(start) for word in have) for start in asked)


def matches(index: Index, query: str, count: int) -> tuple[list[Item], str | None]:
    """``(items, reason)``, the best ``count``; the reason is ``spellcheck`` when the spelling was guessed."""
    return index.recall(("search", query, count), lambda: _search(index, words(query), fold(query), count))


def _search(index: Index, asked: tuple[str, ...], whole: str, count: int) -> tuple[list[Item], str | None]:
    if not asked:
        return [], None
    longest = max(asked, key=len)
    found = [item for item in index.containing(longest) if fits(asked, item.title)]
    if found:

        def worse(item: Item) -> tuple[bool, bool, str]:
            title = fold(item.title)
            return title != whole, not title.startswith(whole), item.sort_key

        return nsmallest(count, found, key=worse), None
    if len(index.items) > _FUZZY_BELOW or len(longest) < 4:
        return [], None
    vocabulary = {word for item in index.items for word in words(item.title)}
    guessed = tuple(next(iter(get_close_matches(word, vocabulary, 1, 0.75)), word) for word in asked)
    if guessed == asked:
        return [], None
    return [item for item in index.items if fits(guessed, item.title)][:count], "spellcheck"


def people(
    library: Library, sections: list[Section], kind: str, query: str, index: Callable[[list[Section], str], Index]
) -> list[tuple[Section, Tag, int]]:
    """Actors, directors or genres by name: for each library where they occur, how often."""
    asked = words(query)
    tags = [tag for tag in library.tags.values() if tag.kind == kind and fits(asked, tag.name)]
    found = []
    for section in sections:
        if tags:
            uses = index([section], SECTION_KINDS[section.kind][0]).choices(kind)
            found += [(section, tag, uses[tag.tag_id]) for tag in tags if tag.tag_id in uses]
    return found

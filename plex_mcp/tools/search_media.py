"""`search_media`: finding things, by what they are called or by what they are."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Annotated, Any, Literal

from pydantic import Field

from plex_mcp.errors import InvalidArgument
from plex_mcp.plex.client import PlexClient
from plex_mcp.plex.models import SECTION_TYPE_OF, Item, same_library_unsaid
from plex_mcp.plex.text import fold, without_article
from plex_mcp.tools._answers import Cursor, Days, Library, Limit, Listing, MediaType, Text, cursor_after
from plex_mcp.tools._filters import predicates, require_sensible, sort_of
from plex_mcp.tools._phrases import by_closeness, episode_phrase, title_and_year
from plex_mcp.tools._source import Source, source_of
from plex_mcp.tools._tool import Arguments, tool

Watched = Literal["any", "unwatched", "in_progress", "watched"]
Sort = Literal["relevance", "newest", "rating", "year", "title", "length", "random", "oldest_watched"]
Year = Annotated[int, Field(ge=1800, le=2200)]
Number = Annotated[int, Field(ge=0, le=9999)]

_OF_EPISODES = ("show", "season", "episode")
_NARROWING = (
    *_OF_EPISODES,
    "genre",
    "year_min",
    "year_max",
    "actor",
    "director",
    "max_minutes",
    "min_rating",
    "content_rating",
    "resolution",
    "added_within_days",
)
_LOCAL_SORTS: dict[str, Callable[[Item], Any]] = {
    "newest": lambda item: item.aired or str(item.year or ""),
    "year": lambda item: item.year or 0,
    "rating": lambda item: item.rating or 0.0,
    "length": lambda item: item.minutes or 0,
    "title": lambda item: item.title.casefold(),
}
"""What a list of the best matches can be sorted by here; for the others Plex must do it."""


def _check(arguments: Arguments) -> None:
    given = {name for name, value in arguments.items() if value is not None}
    if arguments["watched"] != "any":
        given.add("a filter")
    if not given & {"query", "media_type", "library", "a filter", *_NARROWING}:
        raise InvalidArgument(
            "query is missing: give query or at least one filter (media_type, library, genre, actor, watched …).",
            suggestion="For everything that is new call get_recently_added.",
        )
    low, high = arguments["year_min"], arguments["year_max"]
    if low is not None and high is not None and low > high:
        raise InvalidArgument("year_min must not be greater than year_max.")
    if given & {"season", "episode"} and not given & {"show", "query"}:
        raise InvalidArgument("season and episode need show: the title of the show.")


@tool(title="Search", ttl_s=300, ttl_setting="cache_ttl_search_s", local_max_s=15, check=_check)
def search_media(
    plex: PlexClient,
    *,
    query: Annotated[Text | None, Field(description="Title or part of it; 'Silver Creek S02E05' works")] = None,
    media_type: MediaType | None = None,
    library: Library = None,
    show: Annotated[Text | None, Field(description="Title of the show whose episodes are wanted")] = None,
    season: Number | None = None,
    episode: Number | None = None,
    genre: Text | None = None,
    year_min: Year | None = None,
    year_max: Year | None = None,
    actor: Text | None = None,
    director: Text | None = None,
    watched: Watched = "any",
    max_minutes: Annotated[int | None, Field(ge=1, le=1440)] = None,
    min_rating: Annotated[float | None, Field(ge=0, le=10)] = None,
    content_rating: Annotated[Text | None, Field(description="As in 'G,PG'")] = None,
    resolution: Annotated[Text | None, Field(description="4k, 1080, 720, 480, sd")] = None,
    added_within_days: Days | None = None,
    sort: Sort = "relevance",
    limit: Limit = 20,
    cursor: Cursor = None,
) -> Listing:
    """Find movies, shows, episodes, music and photos by title, or by what they are; Plex does the filtering.

    Use it whenever a title, an id or a suggestion is needed. Filters without media_type look for movies; show, season
    and episode for episodes. In genre, actor, director, content_rating and resolution a comma means any of them.
    Not for what is new (get_recently_added) or half watched (get_on_deck). Next: get_media_details or
    control_playback with a media_id.
    Example: {"media_type":"movie","genre":"Comedy","watched":"unwatched","max_minutes":120,"sort":"random"}

    Returns: one page, cut and counted by Plex.
    Raises: InvalidArgument - nothing to look for, unknown library, genre, person; contradictions.
    Source: GET /hubs/search for a title alone, else GET /library/all or /library/sections/{id}/all with predicates.
    """
    said: Arguments = {name: value for name, value in locals().items() if name != "plex"}
    meant = _taken_apart(said)
    if not _needs_predicates(meant):
        return _by_hubs(plex, meant)
    source = source_of(plex, library, _media_type(meant))
    require_sensible(meant, source.media_type)
    answer = _by_predicates(plex, source, meant)
    if not answer.total and meant["query"] != said["query"] and not _needs_predicates(said):
        # What looked like a season may be part of a film's title.
        return _by_hubs(plex, said)
    if not answer.total and meant["media_type"] is None and (source.media_type, source.section) == ("movie", None):
        # "Nothing" would be taken for nothing of any kind.
        return replace(answer, note="Only movies were looked at; give media_type for shows, episodes or music.")
    return answer


def _taken_apart(said: Arguments) -> Arguments:
    """The arguments with a sentence like `Silver Creek S02E05` as show, season and episode."""
    meant = dict(said)
    kind = meant["media_type"]
    if kind == "show" and meant["show"] and not meant["query"]:
        meant["query"], meant["show"] = meant["show"], None
    if not meant["query"] or meant["show"] or kind not in {None, "show", "season", "episode"}:
        return meant
    phrase = episode_phrase(meant["query"])
    if phrase is None and meant["season"] is None and meant["episode"] is None:
        return meant
    # A title beside the number of a season or an episode is the show's.
    meant["show"], meant["query"] = (phrase.show if phrase else meant["query"]), None
    if phrase is not None:
        meant["season"] = phrase.season if meant["season"] is None else meant["season"]
        if kind != "season":
            meant["episode"] = phrase.episode if meant["episode"] is None else meant["episode"]
    if kind == "show":
        meant["media_type"] = "episode"
    return meant


def _needs_predicates(arguments: Arguments) -> bool:
    if arguments["cursor"] is not None or arguments["watched"] != "any":
        return True
    return any(arguments[name] is not None for name in ("media_type", "library", *_NARROWING))


def _media_type(arguments: Arguments) -> str | None:
    if arguments["media_type"] is not None:
        return str(arguments["media_type"])
    return "episode" if any(arguments[name] is not None for name in _OF_EPISODES) else None


def _by_predicates(plex: PlexClient, source: Source, arguments: Arguments, *, forgiving: bool = True) -> Listing:
    """One page of what fits. When nothing does and `forgiving`, Plex's own search is asked what was meant."""
    start, limit = int(arguments["cursor"] or 0), arguments["limit"]
    params = {**source.params, **predicates(plex, source, arguments), **sort_of(arguments, source.media_type)}
    if arguments["query"]:
        # Plex looks for the text inside titles: without its article it is inside more of them.
        params["title"] = without_article(arguments["query"])
    page = plex.page(source.path, params=params, start=start, size=limit, endpoint=source.endpoint)
    said = arguments["query"] or arguments["show"]
    if forgiving and said and not page.total and not start:
        return _by_sound(plex, source, arguments)
    items: tuple[Item, ...] = page.items
    if said and arguments["sort"] == "relevance":
        items = by_closeness(items, said, of_show=not arguments["query"])
    # Plex shuffles anew for every page.
    next_cursor = None if arguments["sort"] == "random" else cursor_after(start, page.taken(len(items)), page.total)
    return Listing(items=same_library_unsaid(items), total=page.total, next_cursor=next_cursor)


def _by_sound(plex: PlexClient, source: Source, arguments: Arguments) -> Listing:
    """Nothing has that text in its title: ask Plex's own search, which forgives spelling and punctuation."""
    found, _ = _sought(plex, arguments["query"] or arguments["show"], arguments["limit"])
    if arguments["show"]:
        shows = [item.title for item in found if item.type == "show"]
        if shows and fold(shows[0]) != fold(arguments["show"]):
            return _by_predicates(plex, source, {**arguments, "show": shows[0]}, forgiving=False)
        return Listing(items=(), total=0)
    if any(arguments[name] is not None for name in _NARROWING) or arguments["watched"] != "any":
        return Listing(items=(), total=0)
    kept = [item for item in found if _is_of(source, item, any_kind=arguments["media_type"] is None)]
    return Listing(items=same_library_unsaid(kept[: arguments["limit"]]), total=len(kept))


def _is_of(source: Source, item: Item, *, any_kind: bool) -> bool:
    """Whether an item found elsewhere belongs to a source; with `any_kind` episodes belong to a library of shows."""
    section = source.section
    if section is not None and item.library not in {None, section.title}:
        return False
    if any_kind and section is not None:
        return SECTION_TYPE_OF.get(item.type) == section.kind
    return item.type == source.media_type


def _sought(plex: PlexClient, text: str, limit: int) -> tuple[list[Item], bool]:
    """What Plex's own search finds, each once, and whether there is more. A year behind the title is a hint: it is
    tried as part of the title first (some are called so).
    """
    hubs = plex.hubs(without_article(text), limit=limit)
    title, year = title_and_year(text)
    if year is not None and not any(hub.items for hub in hubs):
        hubs = plex.hubs(without_article(title), limit=limit)
    found = {item.media_id: item for hub in hubs for item in hub.items}
    more = any(hub.more for hub in hubs)
    return sorted(found.values(), key=lambda item: year is not None and item.year != year), more


def _by_hubs(plex: PlexClient, arguments: Arguments) -> Listing:
    """A title alone, of whatever kind. Plex gives the best few of each kind; there are no further pages."""
    limit = arguments["limit"]
    found, more = _sought(plex, arguments["query"], limit)
    items = by_closeness(tuple(found), arguments["query"])
    order = _LOCAL_SORTS.get(arguments["sort"])
    if order is not None:
        items = tuple(sorted(items, key=order, reverse=arguments["sort"] != "title"))
    notes = []
    if arguments["sort"] not in {"relevance", *_LOCAL_SORTS}:
        notes.append(f"sort {arguments['sort']} needs media_type; these are in order of relevance.")
    if len(items) > limit or more:
        notes.append("These are the best matches of each kind; give media_type to page through all.")
    return Listing(items=same_library_unsaid(items[:limit]), total=len(items), note=" ".join(notes) or None)

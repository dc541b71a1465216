"""Arguments of `search_media` as Plex's own predicates: nothing is filtered here, Plex does it.

Fields of anything but movies carry the name of their level (`show.year`), as Plex Web and PlexAPI send them. Operators
stand at the end of the key: `year>>` with a value is "more than", `addedAt>>=-7d` is "within seven days".
"""

from __future__ import annotations

from collections.abc import Iterable

from plex_mcp.errors import InvalidArgument
from plex_mcp.plex.client import PlexClient
from plex_mcp.plex.models import SECTION_TYPE_OF
from plex_mcp.plex.text import fold, without_article
from plex_mcp.tools._answers import names_in
from plex_mcp.tools._source import Source
from plex_mcp.tools._tool import Arguments

SORTS = {
    "newest": "originallyAvailableAt:desc",
    "rating": "audienceRating:desc",
    "year": "year:desc",
    "title": "titleSort",
    "length": "duration:desc",
    "random": "random",
    "oldest_watched": "lastViewedAt:asc",
}
_SORTS_OF = {
    ("episode", "year"): "originallyAvailableAt:desc",
    ("artist", "newest"): "addedAt:desc",
    ("track", "newest"): "addedAt:desc",
    ("collection", "newest"): "addedAt:desc",
    ("playlist", "newest"): "addedAt:desc",
    ("artist", "rating"): "userRating:desc",
    ("album", "rating"): "userRating:desc",
    ("track", "rating"): "userRating:desc",
}
_VIDEO = frozenset({"movie", "clip", "show", "episode"})
_TYPES_OF: dict[str, frozenset[str]] = {
    "show": frozenset({"season", "episode"}),
    "season": frozenset({"season", "episode"}),
    "episode": frozenset({"episode"}),
    "genre": _VIDEO | {"artist", "album"},
    "year_min": _VIDEO | {"album", "photo"},
    "year_max": _VIDEO | {"album", "photo"},
    "actor": frozenset({"movie", "clip", "show", "episode"}),
    "director": frozenset({"movie", "clip", "episode"}),
    "watched": _VIDEO | {"season"},
    "max_minutes": frozenset({"movie", "clip", "show", "episode", "track"}),
    "min_rating": frozenset({"movie", "clip", "show", "episode"}),
    "content_rating": _VIDEO,
    "resolution": frozenset({"movie", "clip", "episode"}),
}
"""Which media types a filter makes sense for."""

_RESOLUTIONS = {"4k": "4k", "2160": "4k", "uhd": "4k", "1080": "1080", "720": "720", "576": "576", "480": "480"}
_RESOLUTIONS |= {"fhd": "1080", "fullhd": "1080", "sd": "sd", "hd": "720,1080"}


def require_sensible(arguments: Arguments, media_type: str) -> None:
    """Raise InvalidArgument for a filter that the media type does not have."""
    for name, types in _TYPES_OF.items():
        value = arguments.get(name)
        if value is not None and value != "any" and media_type not in types:
            raise InvalidArgument(
                f"{name} does not apply to media_type {media_type}; it applies to {', '.join(sorted(types))}.",
                suggestion=f"Leave {name} out, or set media_type.",
            )


def predicates(plex: PlexClient, source: Source, arguments: Arguments) -> dict[str, str | int]:
    """The query parameters for every filter in `arguments`. Tag names become ids: genres from a list that is
    remembered, people through one search each.
    """
    get, kind = arguments.get, source.media_type
    level = "" if kind in {"movie", "clip"} else f"{kind}."
    found: dict[str, str | int] = {}
    if (show := get("show")) is not None:
        found["show.title"] = without_article(show)
    if (season := get("season")) is not None:
        found["season.index"] = season
    if (episode := get("episode")) is not None:
        found["episode.index"] = episode
    # An episode has its show's genres, and its own people.
    of_show = "show." if kind == "episode" else level
    if genre := get("genre"):
        found[f"{of_show}genre"] = ",".join(_tag_ids(plex, source, "genre", genre))
    for person in ("actor", "director"):
        if names := get(person):
            found[f"{of_show if person == 'actor' else level}{person}"] = ",".join(_people_ids(plex, person, names))
    if content_rating := get("content_rating"):
        found[f"{level}contentRating"] = ",".join(_tag_ids(plex, source, "contentRating", content_rating))
    if resolution := get("resolution"):
        found[f"{level}resolution"] = _resolutions(resolution)
    found |= _ranges(arguments, level)
    found |= _watched(str(get("watched") or "any"), kind, level, oldest=get("sort") == "oldest_watched")
    return found


def sort_of(arguments: Arguments, media_type: str) -> dict[str, str | int]:
    """The order. By relevance is Plex's own order."""
    sort = arguments["sort"]
    if sort == "relevance":
        return {}
    return {"sort": _SORTS_OF.get((media_type, sort), SORTS[sort])}


def _ranges(arguments: Arguments, level: str) -> dict[str, str | int]:
    get = arguments.get
    found: dict[str, str | int] = {}
    low, high = get("year_min"), get("year_max")
    if low is not None and low == high:
        found[f"{level}year"] = low
    else:
        # Plex's operators are strict: more than, less than.
        if low is not None:
            found[f"{level}year>>"] = low - 1
        if high is not None:
            found[f"{level}year<<"] = high + 1
    if (most := get("max_minutes")) is not None:
        # Whole minutes are rounded half up.
        found[f"{level}duration<<"] = most * 60_000 + 30_000
    if (least := get("min_rating")) is not None:
        found[f"{level}audienceRating>>"] = f"{least - 0.01:.2f}"
    if (days := get("added_within_days")) is not None:
        found[f"{level}addedAt>>"] = f"-{days}d"
    return found


def _watched(watched: str, kind: str, level: str, *, oldest: bool) -> dict[str, str | int]:
    """Shows and seasons are watched when nothing in them is unwatched, under way when begun and not finished."""
    if watched == "any" and oldest:
        return {f"{level}viewCount>>": 0}
    states: dict[str, dict[str, str | int]]
    if kind in {"show", "season"}:
        left = f"{kind}.unwatchedLeaves"
        states = {"unwatched": {left: 1}, "watched": {left: 0}, "in_progress": {left: 1, f"{kind}.viewCount>>": 0}}
    else:
        unwatched, begun = f"{level}unwatched", f"{level}inProgress"
        states = {"unwatched": {unwatched: 1}, "watched": {unwatched: 0}, "in_progress": {begun: 1}}
    return states.get(watched, {})


def _resolutions(text: str) -> str:
    found = [_RESOLUTIONS.get(name.lower().removesuffix("p").replace(" ", "")) for name in names_in(text)]
    if not found or None in found:
        raise InvalidArgument("resolution must be one or more of 4k, 1080, 720, 576, 480, sd, separated by commas.")
    return ",".join(name for name in found if name)


def _tag_ids(plex: PlexClient, source: Source, field: str, text: str) -> list[str]:
    """The ids of genres or content ratings; asks Plex for the list of each library that could hold them."""
    argument = "content_rating" if field == "contentRating" else field
    wanted = [fold(name) for name in names_in(text)]
    if not wanted:
        raise InvalidArgument(f"{argument} names nothing.", suggestion=f"Leave {argument} out, or name one.")
    kind = SECTION_TYPE_OF.get(source.media_type, "movie")
    if source.section is not None:
        sections = [source.section]
    else:
        sections = [section for section in plex.sections() if section.kind == kind and not section.home_videos]
    choices: dict[str, str] = {}
    names: dict[str, str] = {}
    for section in sections:
        for choice in plex.choices(section, field):
            choices[fold(choice.title)] = choice.key
            names[fold(choice.title)] = choice.title
    if not choices.keys() >= set(wanted):
        valid = ", ".join(sorted(names.values())[:60])
        raise InvalidArgument(
            f"{argument} names none that this server has. Valid: {valid or 'none'}.",
            suggestion="Use these names; commas mean any of them.",
        )
    return [choices[name] for name in wanted]


def _people_ids(plex: PlexClient, kind: str, text: str) -> list[str]:
    ids: list[str] = []
    if not names_in(text):
        raise InvalidArgument(f"{kind} names nobody.", suggestion=f"Leave {kind} out, or name somebody.")
    for name in names_in(text):
        people = plex.people(name)
        found = [person for person in people if person.kind == kind]
        exact = [person for person in found if fold(person.name) == fold(name)]
        if not (exact or found):
            raise InvalidArgument(
                f"{kind} names nobody in the libraries" + _meant(kind, [person.name for person in people]),
                suggestion="Give the full name as on the cover; commas mean any of them.",
            )
        ids += [str(person.tag_id) for person in exact or found]
    return list(dict.fromkeys(ids))


def _meant(kind: str, names: Iterable[str]) -> str:
    others = ", ".join(dict.fromkeys(names))
    return f" as {kind}; found in other roles: {others}." if others else "."

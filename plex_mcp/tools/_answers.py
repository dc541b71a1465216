"""What every answer has, and the argument types that several tools share."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, WithJsonSchema

from plex_mcp.plex.models import Item

# Schemas are sent with every conversation: search_media tells all fields of an item, other lists only these.
ITEM_SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {"media_id": {"type": "string"}, "type": {"type": "string"}, "title": {"type": "string"}},
    "required": ["media_id", "type", "title"],
}


def items_schema(**more: str) -> WithJsonSchema:
    """The schema of a list of items that may also have `more`: a name and its JSON type each."""
    properties = {**ITEM_SCHEMA["properties"], **{name: {"type": kind} for name, kind in more.items()}}
    return WithJsonSchema({"type": "array", "items": {**ITEM_SCHEMA, "properties": properties}})


MediaType = Literal[
    "movie", "show", "season", "episode", "artist", "album", "track", "photo", "clip", "playlist", "collection"
]


def _printable(text: str) -> str:
    if any(unicodedata.category(char) in {"Cc", "Cs", "Co", "Cn"} for char in text):
        raise ValueError("must be plain text without control characters")
    return text


Text = Annotated[str, Field(min_length=1, max_length=100), AfterValidator(_printable)]
"""A name or a title; several, where the description says so, are separated by commas."""

MediaId = Annotated[str, Field(pattern="^[0-9]{1,10}$")]
Cursor = Annotated[str | None, Field(pattern="^[0-9]{1,7}$", description="next_cursor of the previous answer")]
Limit = Annotated[int, Field(ge=1, le=50)]
Days = Annotated[int, Field(ge=1, le=3650)]
Library = Annotated[Text | None, Field(description="Library name or id")]


@dataclass(frozen=True, kw_only=True)
class Answer:
    """`stale`, `as_of` and mostly `note` are filled in by calls/. Without slots, so that it can stand beside another
    base.
    """

    as_of: str | None = None
    stale: bool = False
    note: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing(Answer):
    items: Sequence[Item]
    total: int
    next_cursor: str | None = None


def names_in(text: str | None) -> tuple[str, ...]:
    """The names of a list argument: commas separate, blanks around them do not count."""
    return tuple(name for part in (text or "").split(",") if (name := part.strip()))


def cursor_after(start: int, taken: int, total: int) -> str | None:
    """Where the next page begins when so many of Plex's elements are done with; None on the last one."""
    end = start + taken
    return str(end) if taken and end < total else None

"""Entries of the watch history."""

from __future__ import annotations

from dataclasses import dataclass
from xml.etree.ElementTree import Element

from plexapi.exceptions import UnknownType

from plex_mcp.plex.models import TYPE_NUMBERS, Lean, position_of
from plex_mcp.plex.text import clean, timestamp_of, whole


@dataclass(frozen=True, slots=True, kw_only=True)
class Play:
    """One entry of the watch history. `at` is ISO 8601 UTC; there is no `media_id` once the item is gone."""

    media_id: str | None = None
    type: str
    title: str
    show: str | None = None
    season: int | None = None
    episode: int | None = None
    artist: str | None = None
    album: str | None = None
    at: str | None = None


class LeanPlay(Lean):
    """A history element as a `Play` and the id of the account that played."""

    def _loadData(self, data: Element) -> None:  # noqa: N802 - PlexAPI's name
        kind, rating_key = data.get("type", ""), data.get("ratingKey", "")
        if kind not in TYPE_NUMBERS:
            raise UnknownType("no play")
        position = position_of(data, kind)
        position.pop("aired", None)
        play = Play(
            media_id=rating_key if rating_key.isdecimal() else None,
            type=kind,
            title=clean(data.get("title")) or "(untitled)",
            at=timestamp_of(whole(data.get("viewedAt"))),
            **position,
        )
        self.value = (play, whole(data.get("accountID")) or 0)

"""What is playing now, from `/status/sessions`: read element by element, so that an odd one does not hide the others.

PlexAPI's `sessions()` fails as a whole when one session lacks its `<User>`, and its `.user` asks plex.tv.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal
from xml.etree.ElementTree import Element

from plexapi.exceptions import UnknownType

from plex_mcp.plex.client import PlexClient
from plex_mcp.plex.models import build_item
from plex_mcp.plex.text import clean, fold, whole

NAME_LIMIT = 60
"""Characters of a player's, a user's or a product's name that leave `plex/`."""

ID_LIMIT = 80
"""Characters of a player's or a session's id that leave `plex/`: real ones have 40 at most, arguments 100."""

_EMPTY = Element("none")
MediaKind = Literal["video", "music", "photo"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Playing:
    """What plays, with the id that the next call needs. Live television and previews may have no id."""

    title: str
    type: str
    media_id: str | None = None
    year: int | None = None
    show: str | None = None
    season: int | None = None
    episode: int | None = None
    artist: str | None = None
    album: str | None = None

    def named(self) -> str:
        """For a sentence: `"Pilot" (The Show S1E1, media_id 12)`."""
        place = self.show or self.artist or (str(self.year) if self.year else "")
        if self.show and self.season is not None and self.episode is not None:
            place += f" S{self.season}E{self.episode}"
        parts = [part for part in (place, f"media_id {self.media_id}" if self.media_id else "") if part]
        return f'"{self.title}"' + (f" ({', '.join(parts)})" if parts else "")


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaybackSession:
    """One session as an answer shows it. Positions are seconds; `kbps` is what it takes of the network.

    `stream` is direct (the file as it is), remux (repacked) or transcode (encoded again, which loads the server);
    `why` says what is converted. `live` is live television, which has no length.
    """

    session_id: str | None = None
    state: str
    user: str | None = None
    client: str
    client_id: str | None = None
    aliases: tuple[str, ...] = ()
    item: Playing
    position_s: int | None = None
    remaining_s: int | None = None
    stream: Literal["direct", "remux", "transcode"]
    why: str | None = None
    kbps: int | None = None
    location: Literal["lan", "wan"] | None = None
    live: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """One session as commands need it: milliseconds, as on Plex's wire.

    `shown` is its answer; `terminate_id` what ends it at the server, None when Plex gave none; `session_key` tells
    it from a later one of the same player; `streams` are the ids of the selected audio and subtitle streams. Ids are
    as Plex takes them, in `shown` as they are shown.
    """

    shown: PlaybackSession
    session_key: str
    terminate_id: str | None
    client_id: str
    product: str
    device: str
    remote: bool
    kind: MediaKind
    position_ms: int
    duration_ms: int | None
    version_id: str | None
    streams: frozenset[str] = field(default_factory=frozenset)

    @property
    def media_id(self) -> str | None:
        """The item's id."""
        return self.shown.item.media_id


def read_sessions(plex: PlexClient) -> tuple[Session, ...]:
    """All sessions (one request). Aliases of CLIENT_ALIASES are joined to the players that they name.

    Raise PlexForbidden when the token may not see them: that is not "nobody is watching".
    """
    data = plex.query("/status/sessions")
    playing_now = (one for one in data if one.get("sessionKey") or one.find("Player") is not None)
    return tuple(_session(element, plex.settings.client_aliases) for element in playing_now)


def aliases_of(client_id: str, name: str, aliases: Mapping[str, str]) -> tuple[str, ...]:
    """The aliases that mean this player: their target is its name or its id."""
    targets = {fold(client_id), fold(name)} - {""}
    return tuple(alias for alias, target in aliases.items() if fold(target) in targets)


def shown_id(raw: str | None) -> str:
    """A player's or a session's id as answers show it: players choose theirs, whoever they belong to."""
    return clean(raw, ID_LIMIT)


def player_name(title: str | None, product: str | None) -> str:
    """What a player is called; a name that is only an address is no name, and addresses never leave."""
    name = clean(title, NAME_LIMIT)
    try:
        ipaddress.ip_address(name)
    except ValueError:
        if name:
            return name
    return clean(product, NAME_LIMIT) or "(unnamed player)"


def _session(element: Element, aliases: Mapping[str, str]) -> Session:
    player = _child(element, "Player")
    session = _child(element, "Session")
    client_id = player.get("machineIdentifier", "")
    name = player_name(player.get("title"), player.get("product"))
    session_key = element.get("sessionKey", "")
    terminate_id = session.get("id") or None
    duration_ms, position_ms = whole(element.get("duration")), max(0, whole(element.get("viewOffset")) or 0)
    location = session.get("location") or {"1": "lan", "0": "wan"}.get(player.get("local", ""))
    live = element.get("live") == "1"
    stream, why = _stream(element)
    media = _chosen(element, "Media")
    shown = PlaybackSession(
        session_id=shown_id(terminate_id) or shown_id(session_key) or None,
        state=clean(player.get("state"), 20) or "unknown",
        user=clean(_child(element, "User").get("title"), NAME_LIMIT) or None,
        client=name,
        client_id=shown_id(client_id) or None,
        aliases=aliases_of(client_id, name, aliases),
        item=playing(element),
        position_s=position_ms // 1000,
        remaining_s=max(0, duration_ms - position_ms) // 1000 if duration_ms and not live else None,
        stream=stream,
        why=why,
        kbps=whole(session.get("bandwidth")) or None,
        location="lan" if location == "lan" else "wan" if location in {"wan", "cellular"} else None,
        live=live,
    )
    return Session(
        shown=shown,
        session_key=session_key,
        terminate_id=terminate_id,
        client_id=client_id,
        product=clean(player.get("product"), NAME_LIMIT),
        device=clean(player.get("device"), NAME_LIMIT),
        remote=shown.location == "wan",
        kind=media_kind(element),
        position_ms=position_ms,
        duration_ms=None if live else duration_ms,
        version_id=media.get("id"),
        streams=frozenset(
            stream.get("id", "")
            for stream in _chosen(media, "Part").findall("Stream")
            if stream.get("selected") == "1" and stream.get("streamType") in {"2", "3"}
        ),
    )


def media_kind(element: Element) -> MediaKind:
    """The media type that player commands name: a track is `music`, and `video` would not move it."""
    kind = element.get("type")
    if kind in {"track", "album", "artist"}:
        return "music"
    return "photo" if kind == "photo" else "video"


def playing(element: Element) -> Playing:
    """An element as what plays."""
    try:
        item = build_item(element)
    except UnknownType:
        kind = clean(element.get("type"), 20) or "clip"
        media_id = element.get("ratingKey", "")
        return Playing(
            title=clean(element.get("title")) or "(untitled)",
            type=kind,
            media_id=media_id if media_id.isdecimal() else None,
        )
    return Playing(
        title=item.title,
        type=item.type,
        media_id=item.media_id,
        year=item.year,
        show=item.show,
        season=item.season,
        episode=item.episode,
        artist=item.artist,
        album=item.album,
    )


def _child(element: Element, tag: str) -> Element:
    found = element.find(tag)
    return _EMPTY if found is None else found


def _chosen(element: Element, tag: str) -> Element:
    """The child that is selected; the first where Plex marks none."""
    children = element.findall(tag)
    return next((child for child in children if child.get("selected") == "1"), children[0] if children else _EMPTY)


def _stream(element: Element) -> tuple[Literal["direct", "remux", "transcode"], str | None]:
    """How the file reaches the player, and what is converted on the way."""
    transcode = element.find("TranscodeSession")
    if transcode is None:
        decision = _chosen(_chosen(element, "Media"), "Part").get("decision")
        return ("transcode", None) if decision == "transcode" else ("direct", None)
    reasons = []
    for kind in ("video", "audio"):
        if transcode.get(f"{kind}Decision") == "transcode":
            source, target = (clean(transcode.get(name), 20) for name in (f"source{kind.title()}Codec", f"{kind}Codec"))
            if source and target and source != target:
                reasons.append(f"{kind} {source} to {target}")
            else:
                # The same codec on both sides: it is the bit rate, the picture size or the channels.
                reasons.append(f"{kind} reduced")
    subtitles = transcode.get("subtitleDecision")
    if subtitles in {"burn", "transcode"}:
        reasons.append("subtitles burned in" if subtitles == "burn" else "subtitles converted")
    if not reasons:
        container = clean(transcode.get("container"), 20)
        return "remux", f"repacked as {container}" if container else "repacked for the player"
    by_hardware = transcode.get("transcodeHwEncoding") or transcode.get("transcodeHwFullPipeline") == "1"
    return "transcode", ", ".join(reasons) + (" (hardware)" if by_hardware else "")

"""Audio and subtitles by language: which stream of the version that plays is meant."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from xml.etree.ElementTree import Element

from plex_mcp.errors import InvalidArgument, NotFound
from plex_mcp.plex.client import PlexClient, require_id
from plex_mcp.plex.languages import OFF, same_language
from plex_mcp.plex.names import listed, quoted
from plex_mcp.plex.sessions import Session
from plex_mcp.plex.text import clean, fold

_AUDIO, _SUBTITLE = "2", "3"
NO_SUBTITLES = "0"


@dataclass(frozen=True, slots=True)
class StreamChoice:
    """The ids to send; None leaves a kind as it is, `0` turns subtitles off. `subtitles`: the ids of all."""

    audio_id: str | None
    subtitle_id: str | None
    described: str
    subtitles: frozenset[str]

    def shows(self, selected: frozenset[str]) -> bool:
        """Whether these selected streams of a session are the chosen ones."""
        if self.audio_id is not None and self.audio_id not in selected:
            return False
        if self.subtitle_id == NO_SUBTITLES:
            return not selected & self.subtitles
        return self.subtitle_id is None or self.subtitle_id in selected


def choose_streams(plex: PlexClient, session: Session, *, audio: str | None, subtitle: str | None) -> StreamChoice:
    """The streams of those languages in what plays (one request: sessions list only the selected ones).

    Raise InvalidArgument that names the languages there are.
    """
    streams = _streams_of(plex, session)
    subtitles = [stream for stream in streams if stream.get("streamType") == _SUBTITLE]
    audio_id = subtitle_id = None
    described = []
    if audio is not None:
        chosen = _of_language("audio_language", audio, [s for s in streams if s.get("streamType") == _AUDIO])
        audio_id = chosen.get("id")
        described.append(f"audio {_label(chosen)}")
    if subtitle is not None and fold(subtitle) in OFF:
        subtitle_id = NO_SUBTITLES
        described.append("subtitles off")
    elif subtitle is not None:
        chosen = _of_language("subtitle_language", subtitle, subtitles)
        subtitle_id = chosen.get("id")
        described.append(f"subtitles {_label(chosen)}")
    return StreamChoice(audio_id, subtitle_id, " and ".join(described), frozenset(s.get("id", "") for s in subtitles))


def _streams_of(plex: PlexClient, session: Session) -> list[Element]:
    """The audio and subtitle streams of the version that plays, or of the first one where the session names none."""
    key = require_id(session.media_id or "")
    data = plex.query(f"/library/metadata/{key}", endpoint="/library/metadata/{id}")
    versions = [version for item in data for version in item.findall("Media")]
    version = next((one for one in versions if one.get("id") == session.version_id), versions[0] if versions else None)
    if version is None:
        raise NotFound(
            f"Plex knows no file of {session.shown.item.named()}.", suggestion="Choose the language on the player."
        )
    return [stream for stream in version.iter("Stream") if stream.get("streamType") in {_AUDIO, _SUBTITLE}]


def _of_language(argument: str, wanted: str, streams: Sequence[Element]) -> Element:
    fitting = [
        stream
        for stream in streams
        if same_language(wanted, (stream.get("languageTag"), stream.get("languageCode"), stream.get("language")))
    ]
    if fitting:
        return min(fitting, key=_second_choice)
    there = list(dict.fromkeys(_language(stream) for stream in streams))
    off = ", or off" if argument == "subtitle_language" else ""
    raise InvalidArgument(
        f"{argument}: there is no {quoted(wanted)} here. There is: {listed(there) or 'none'}{off}.",
        suggestion="Use one of these, or ask the user.",
    )


def _second_choice(stream: Element) -> tuple[bool, bool, bool]:
    """Ordinary streams come before forced ones (signs only), commentaries and those for the hard of hearing."""
    said = fold(f"{stream.get('title', '')} {stream.get('displayTitle', '')}")
    return (
        stream.get("forced") == "1" or "forced" in said,
        "commentary" in said,
        stream.get("hearingImpaired") == "1" or "sdh" in said.split(),
    )


def _language(stream: Element) -> str:
    return clean(stream.get("language") or stream.get("languageTag") or stream.get("languageCode"), 30) or "unnamed"


def _label(stream: Element) -> str:
    return clean(stream.get("displayTitle"), 60) or _language(stream)

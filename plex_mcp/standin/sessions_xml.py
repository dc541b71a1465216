"""A running session as ``/status/sessions`` shows it, and its conversion as ``/transcode/sessions`` does."""

from plex_mcp.standin.item_elements import guids
from plex_mcp.standin.item_values import section_attributes
from plex_mcp.standin.model import Media
from plex_mcp.standin.render import Renderer
from plex_mcp.standin.session import Session
from plex_mcp.standin.streams import media_attributes, part_attributes, stream_attributes
from plex_mcp.standin.xml import Value, element

_TRANSCODED: dict[str, Value] = {
    "audioChannels": 2,
    "audioCodec": "aac",
    "bitrate": 4000,
    "container": "mp4",
    "height": 720,
    "protocol": "dash",
    "videoCodec": "h264",
    "videoProfile": "high",
    "videoResolution": "720p",
    "width": 1280,
    "optimizedForStreaming": 1,
}


def session_xml(session: Session, renderer: Renderer, now_s: float) -> str:
    """The element of one session: attributes in alphabetical order, as Plex has them here only."""
    item, offset_ms = session.item, session.offset_ms(now_s)
    values = renderer.values(item, session.user) | section_attributes(item.section)
    values |= {"sessionKey": session.key, "viewOffset": offset_ms}
    inner = [_media(session)] if session.media else []
    inner.append(renderer.tags_of(item))
    inner.append(guids(item))
    user = session.user
    inner.append(element("User", {"id": user.account_id, "thumb": user.thumb, "title": user.title}))
    inner.append(element("Player", session.player.session_attributes(session.state, user.account_id)))
    inner.append(
        element(
            "Session",
            {
                "id": session.session_id,
                "bandwidth": _bandwidth(session),
                "location": "lan" if session.player.local else "wan",
            },
        )
    )
    if session.transcoding:
        inner.append(transcode_xml(session, offset_ms))
    return element(item.wire_element, dict(sorted(values.items())), inner)


def _bandwidth(session: Session) -> int:
    return 4500 if session.transcoding else (session.media.profile.bitrate_kbps if session.media else 0) + 200


def _media(session: Session) -> str:
    media = session.media
    if media is None:
        return ""
    decision = "transcode" if session.transcoding else "directplay"
    changed = dict(_TRANSCODED) if session.transcoding and media.profile.video_codec else {}
    values = media_attributes(media) | changed | {"selected": 1}
    part = part_attributes(media) | {
        name: value
        for name, value in changed.items()
        if name in ("bitrate", "container", "height", "width", "protocol", "videoProfile", "optimizedForStreaming")
    }
    part |= {"decision": decision, "selected": 1}
    streams = [element("Stream", dict(sorted(found.items()))) for found in _streams(session, media)]
    return element("Media", dict(sorted(values.items())), [element("Part", dict(sorted(part.items())), streams)])


def _streams(session: Session, media: Media) -> list[dict[str, Value]]:
    """Only the streams in use: the picture, the chosen sound and subtitle."""
    selected = {2: session.audio_stream_id or 0, 3: session.subtitle_stream_id or 0}
    found = []
    for number, stream in enumerate(media.profile.streams):
        stream_id = media.stream_id(number)
        if stream.kind != 1 and selected.get(stream.kind) != stream_id:
            continue
        values = stream_attributes(media, number, stream, selected)
        if session.transcoding:
            values |= {
                "decision": "burn" if stream.kind == 3 else "transcode",
                "location": {1: "segments-video", 2: "segments-audio"}.get(stream.kind, "embedded"),
            }
        else:
            values["location"] = "direct"
        found.append(values)
    return found


def transcode_xml(session: Session, offset_ms: int) -> str:
    """The ``TranscodeSession`` of a session that is converted on the way."""
    media, length = session.media, session.item.duration_ms or 1
    profile = media.profile if media else None
    ahead_s = min(offset_ms / 1000 + 60, length / 1000)
    return element(
        "TranscodeSession",
        {
            "key": f"/transcode/sessions/{session.session_id}",
            "throttled": 0,
            "complete": 0,
            "progress": round(ahead_s * 100_000 / length, 1),
            "size": -22,
            "speed": 3.2,
            "error": 0,
            "duration": length,
            "remaining": max(int(length / 1000 - ahead_s), 0),
            "context": "streaming",
            "sourceVideoCodec": profile.video_codec if profile else None,
            "sourceAudioCodec": profile.audio_codec if profile else None,
            "videoDecision": "transcode",
            "audioDecision": "transcode",
            "subtitleDecision": "burn" if session.subtitle_stream_id else None,
            "protocol": "dash",
            "container": "mp4",
            "videoCodec": "h264",
            "audioCodec": "aac",
            "audioChannels": 2,
            "transcodeHwRequested": 1,
            "timeStamp": round(session.started_at, 3),
            "maxOffsetAvailable": round(ahead_s, 2),
            "minOffsetAvailable": round(max(offset_ms / 1000 - 30, 0), 2),
        },
    )

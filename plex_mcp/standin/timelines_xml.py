"""What a player tells of itself, a timeline for each kind of media: from Plex's documentation, none was recorded."""

from plex_mcp.standin.containers import LIBRARY
from plex_mcp.standin.players import Player
from plex_mcp.standin.session import Session
from plex_mcp.standin.xml import element

_CONTROLS = (
    "playPause,stop,volume,shuffle,repeat,audioStream,videoStream,subtitleStream,skipPrevious,skipNext,seekTo,"
    "stepBack,stepForward"
)
_LOCATIONS = {"video": "fullScreenVideo", "music": "fullScreenMusic", "photo": "fullScreenPhoto"}


def timelines_xml(player: Player, session: Session | None, now_s: float, machine_identifier: str) -> list[str]:
    """Those of music, photo and video; at most one of them plays."""
    return [
        _playing(player, session, now_s, machine_identifier)
        if session is not None and session.media_type == kind
        else element(
            "Timeline",
            {"type": kind, "state": "stopped", "time": 0, "location": "navigation", "volume": player.volume},
        )
        for kind in ("music", "photo", "video")
    ]


def _playing(player: Player, session: Session, now_s: float, machine_identifier: str) -> str:
    item, queue, kind = session.item, session.queue, session.media_type
    return element(
        "Timeline",
        {
            "type": kind,
            "state": session.state,
            "time": session.offset_ms(now_s),
            "duration": item.duration_ms,
            "seekRange": f"0-{item.duration_ms}" if item.duration_ms else None,
            "itemType": kind,
            "ratingKey": item.rating_key,
            "key": f"/library/metadata/{item.rating_key}",
            "containerKey": f"/playQueues/{queue.queue_id}",
            "playQueueID": queue.queue_id,
            "playQueueItemID": queue.entry_id(session.position),
            "playQueueVersion": queue.version,
            "partCount": 1,
            "partIndex": 0,
            "volume": player.volume,
            "shuffle": queue.shuffled,
            "repeat": queue.repeat,
            "autoPlay": 1,
            "controllable": _CONTROLS,
            "audioStreamID": session.audio_stream_id,
            "subtitleStreamID": session.subtitle_stream_id or -1,
            "machineIdentifier": machine_identifier,
            "address": "127.0.0.1",
            "port": 32400,
            "protocol": "http",
            "providerIdentifier": LIBRARY,
            "location": _LOCATIONS[kind],
        },
    )

"""One playback: what is played on what, for whom, and where it is as the clock runs."""

from dataclasses import dataclass

from plex_mcp.standin.model import Item, Media
from plex_mcp.standin.players import Player
from plex_mcp.standin.playqueues import PlayQueue
from plex_mcp.standin.users import User


@dataclass(eq=False)
class Session:
    """One running playback. ``key`` is sessionKey (a number), ``session_id`` the id that terminate takes."""

    key: int
    session_id: str
    user: User
    player: Player
    queue: PlayQueue
    position: int
    started_at: float
    media: Media | None = None
    state: str = "playing"
    transcoding: bool = False
    base_ms: int = 0
    audio_stream_id: int | None = None
    subtitle_stream_id: int | None = None

    @property
    def item(self) -> Item:
        """What is being played."""
        return self.queue.items[self.position]

    @property
    def media_type(self) -> str:
        """``video``, ``music`` or ``photo``, as commands name it."""
        return {"track": "music", "photo": "photo"}.get(self.item.kind, "video")

    def offset_ms(self, now_s: float) -> int:
        """Where playback is at that time."""
        run_ms = int((now_s - self.started_at) * 1000) if self.state == "playing" else 0
        return min(self.base_ms + max(run_ms, 0), self.item.duration_ms or 0)

    def begin(self, position: int, now_s: float, *, version: int = 0) -> None:
        """Play an item of the queue from its start, with its first sound and no subtitle."""
        self.position, self.queue.selected = position, position
        self.media = self.item.media[min(version, len(self.item.media) - 1)] if self.item.media else None
        self.base_ms, self.started_at, self.state = 0, now_s, "playing"
        sounds = self.media.stream_ids(2) if self.media else []
        self.audio_stream_id = sounds[0][0] if sounds else None
        self.subtitle_stream_id = None

    def pause(self, now_s: float) -> None:
        """Stand still."""
        self.base_ms, self.state = self.offset_ms(now_s), "paused"

    def resume(self, now_s: float) -> None:
        """Go on from where it stood still."""
        if self.state != "playing":
            self.state, self.started_at = "playing", now_s

    def move_to(self, offset_ms: int, now_s: float) -> None:
        """Go to another place in the item, paused or not."""
        self.base_ms = max(0, min(offset_ms, self.item.duration_ms or 0))
        self.started_at = now_s

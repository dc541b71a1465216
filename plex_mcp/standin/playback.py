"""Who is playing what: sessions whose position runs with the clock, and what commands do to them."""

import threading
from collections.abc import Callable, Mapping

from plex_mcp.standin.players import Player
from plex_mcp.standin.playqueues import PlayQueue, PlayQueues
from plex_mcp.standin.session import Session
from plex_mcp.standin.users import User
from plex_mcp.standin.views import Views

__all__ = ["Playback", "Session"]

STEP_FORWARD_MS, STEP_BACK_MS = 30_000, 10_000


class Playback:
    """All sessions, and the commands that change them. Every public method may be called from any thread."""

    def __init__(self, clock: Callable[[], float], views: Views, queues: PlayQueues, players: list[Player]) -> None:
        self._clock = clock
        self._views = views
        self._queues = queues
        self._lock = threading.RLock()
        self._sessions: dict[int, Session] = {}
        self._next_key = 1
        self.players: dict[str, Player] = {player.machine_identifier: player for player in players}
        self.terminated: list[tuple[str, str]] = []

    def sessions(self) -> list[Session]:
        """Those running now, after the clock has had its way with them."""
        with self._lock:
            now = self._clock()
            for session in list(self._sessions.values()):
                self._settle(session, now)
            return list(self._sessions.values())

    def on(self, player: Player) -> Session | None:
        """The session on a player."""
        return next((s for s in self.sessions() if s.player is player), None)

    def start(
        self,
        player: Player,
        user: User,
        queue: PlayQueue,
        *,
        offset_ms: int = 0,
        state: str = "playing",
        transcoding: bool = False,
        version: int = 0,
    ) -> Session:
        """Begin playing a queue on a player; whatever it played before ends."""
        with self._lock:
            old = self.on(player)
            if old is not None:
                self.stop(old)
            key = self._next_key
            self._next_key += 1
            session = Session(
                key=key,
                session_id=f"sess{key:04d}{player.machine_identifier.replace('-', '')[:12]}",
                user=user,
                player=player,
                queue=queue,
                position=queue.selected,
                started_at=self._clock(),
                transcoding=transcoding,
            )
            session.begin(queue.selected, session.started_at, version=version)
            session.base_ms, session.state = offset_ms, state
            self._sessions[key] = session
            return session

    def stop(self, session: Session) -> None:
        """End a session and keep how far its user got."""
        with self._lock:
            if self._sessions.pop(session.key, None) is not None:
                now = self._clock()
                self._views.progress(session.user.account_id, session.item, session.offset_ms(now), int(now))

    def terminate(self, session_id: str, reason: str) -> bool:
        """Stop a session from the server's side; False when there is none of that id."""
        found = next((s for s in self.sessions() if s.session_id == session_id), None)
        if found is None:
            return False
        self.terminated.append((session_id, reason))
        self.stop(found)
        return True

    def command(self, player: Player, name: str, arguments: Mapping[str, str], user: User) -> bool:
        """Carry out a companion command; False when there is nothing for it to act on."""
        with self._lock:
            if name == "playMedia":
                return self._play_media(player, arguments, user)
            if name == "setParameters" and "volume" in arguments:
                player.volume = max(0, min(100, int(arguments["volume"])))
            session = self.on(player)
            if session is None:
                return name == "setParameters"
            act = _COMMANDS.get(name)
            if act is None:
                return False
            act(self, session, arguments)
            return True

    def _play_media(self, player: Player, arguments: Mapping[str, str], user: User) -> bool:
        queue_id = arguments.get("containerKey", "").partition("/playQueues/")[2].partition("?")[0]
        queue = self._queues.by_id.get(int(queue_id)) if queue_id.isdigit() else None
        if queue is None:
            queue = self._queues.create({"uri": arguments.get("key", "")}, user)
        if queue is None:
            return False
        self.start(player, user, queue, offset_ms=int(arguments.get("offset") or 0))
        return True

    def _pause(self, session: Session, _: Mapping[str, str]) -> None:
        session.pause(self._clock())

    def _play(self, session: Session, _: Mapping[str, str]) -> None:
        session.resume(self._clock())

    def _seek(self, session: Session, arguments: Mapping[str, str]) -> None:
        session.move_to(int(arguments.get("offset") or 0), self._clock())

    def _step_forward(self, session: Session, _: Mapping[str, str]) -> None:
        now = self._clock()
        session.move_to(session.offset_ms(now) + STEP_FORWARD_MS, now)

    def _step_back(self, session: Session, _: Mapping[str, str]) -> None:
        now = self._clock()
        session.move_to(session.offset_ms(now) - STEP_BACK_MS, now)

    def _skip_next(self, session: Session, _: Mapping[str, str]) -> None:
        self._go_to(session, session.position + 1)

    def _skip_previous(self, session: Session, _: Mapping[str, str]) -> None:
        self._go_to(session, max(session.position - 1, 0))

    def _skip_to(self, session: Session, arguments: Mapping[str, str]) -> None:
        wanted = arguments.get("key", "").rpartition("/")[2]
        keys = [str(item.rating_key) for item in session.queue.items]
        if wanted in keys:
            self._go_to(session, keys.index(wanted))

    def _set_parameters(self, session: Session, arguments: Mapping[str, str]) -> None:
        if "repeat" in arguments:
            session.queue.repeat = int(arguments["repeat"])
        if "shuffle" in arguments:
            session.queue.shuffled = arguments["shuffle"] == "1"

    def _set_streams(self, session: Session, arguments: Mapping[str, str]) -> None:
        if "audioStreamID" in arguments:
            session.audio_stream_id = int(arguments["audioStreamID"])
        if "subtitleStreamID" in arguments:
            session.subtitle_stream_id = int(arguments["subtitleStreamID"]) or None

    def _stop(self, session: Session, _: Mapping[str, str]) -> None:
        self.stop(session)

    def _nothing(self, session: Session, _: Mapping[str, str]) -> None:
        """A command that shows nowhere (refreshPlayQueue)."""

    def _go_to(self, session: Session, position: int) -> None:
        """Leave an item for another of the queue; past its end playback stops, or begins again when repeating."""
        now = self._clock()
        self._views.progress(session.user.account_id, session.item, session.offset_ms(now), int(now))
        if position >= len(session.queue.items):
            if session.queue.repeat != 2:
                self._sessions.pop(session.key, None)
                return
            position = 0
        session.begin(position, now)

    def _settle(self, session: Session, now: float) -> None:
        """Move on to the next item when one has played to its end."""
        length = session.item.duration_ms
        while length and session.state == "playing" and session.key in self._sessions:
            over_ms = session.base_ms + int((now - session.started_at) * 1000) - length
            if over_ms < 0:
                return
            again = session.queue.repeat == 1
            self._go_to(session, session.position + (0 if again else 1))
            session.started_at = now - over_ms / 1000
            length = session.item.duration_ms


_COMMANDS: dict[str, Callable[[Playback, Session, Mapping[str, str]], None]] = {
    "play": Playback._play,
    "pause": Playback._pause,
    "stop": Playback._stop,
    "seekTo": Playback._seek,
    "skipNext": Playback._skip_next,
    "skipPrevious": Playback._skip_previous,
    "skipTo": Playback._skip_to,
    "stepForward": Playback._step_forward,
    "stepBack": Playback._step_back,
    "setParameters": Playback._set_parameters,
    "setStreams": Playback._set_streams,
    "refreshPlayQueue": Playback._nothing,
}

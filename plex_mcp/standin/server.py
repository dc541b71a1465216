"""The stand-in as one object: start it, ask it where it is, look at what it did, make it fail."""

import time
import traceback
from collections.abc import Callable
from types import TracebackType
from typing import Any, Self

from plex_mcp.standin import control as control_api
from plex_mcp.standin.answers import Refused, html_error
from plex_mcp.standin.clock import Clock
from plex_mcp.standin.content.players import household_players
from plex_mcp.standin.context import Context, Route
from plex_mcp.standin.counters import Counters
from plex_mcp.standin.faults import Faults
from plex_mcp.standin.generator import generated_library
from plex_mcp.standin.household import Household
from plex_mcp.standin.http import Request, Response
from plex_mcp.standin.http_server import HttpServer
from plex_mcp.standin.library import Library
from plex_mcp.standin.playback import Playback, Session
from plex_mcp.standin.players import Player
from plex_mcp.standin.playqueues import PlayQueues
from plex_mcp.standin.plextv import PlexTv
from plex_mcp.standin.render import Renderer
from plex_mcp.standin.routes import find
from plex_mcp.standin.sample import small_library
from plex_mcp.standin.start import seed_sessions, seed_views
from plex_mcp.standin.users import User, household
from plex_mcp.standin.views import Views

VERSION = "1.41.3.9314-a0bfb8370"
SIZES = {"500": 500, "10k": 10_000, "100k": 100_000}


class StandIn:
    """A Plex Media Server for tests, demonstrations and benchmarks, on 127.0.0.1.

    ``library``: ``"small"`` (hand-written), ``"500"``, ``"10k"``, ``"100k"`` (generated), or a ``Library``.
    ``version``: what the server says it is, and behaves like where versions differ. ``latency_ms``: from a request's
    coming to its answer's leaving. ``control``: whether ``/standin/…`` can be used to inject faults over HTTP.
    ``clock``: what playback runs by. ``plex_pass``: without it, sessions cannot be terminated. Used as a context
    manager it starts and stops.
    """

    def __init__(
        self,
        library: str | Library = "small",
        seed: int = 1,
        version: str = VERSION,
        *,
        control: bool = False,
        latency_ms: float = 0,
        port: int = 0,
        clock: Clock | Callable[[], float] | None = None,
        plex_pass: bool = True,
    ) -> None:
        self.clock = clock if isinstance(clock, Clock) else Clock(clock or time.time)
        self.counters = Counters()
        self.faults = Faults(seed)
        self.latency_ms = latency_ms
        self._control = control
        built = library if isinstance(library, Library) else build_library(library, self.clock(), seed)
        views = Views()
        queues = PlayQueues(built, views)
        self.home = Household(
            library=built,
            views=views,
            queues=queues,
            playback=Playback(self.clock, views, queues, household_players()),
            renderer=Renderer(built, views),
            users=household(seed),
            clock=self.clock,
            machine_identifier=built.digest("machine", length=40),
            version=version,
            started_at=int(self.clock()) - 3600,
            plex_pass=plex_pass,
        )
        if library == "small":
            seed_views(self.home)
            seed_sessions(self.home)
        elif isinstance(library, str):
            self.home.warm()
        self._plextv: PlexTv | None = None
        self._http = HttpServer(self.answer, port=port, on_open=self.counters.opened, on_close=self.counters.closed)

    @property
    def url(self) -> str:
        """Where it listens: scheme, host and port, nothing behind."""
        return f"http://127.0.0.1:{self._http.port}"

    @property
    def port(self) -> int:
        """Its port."""
        return self._http.port

    @property
    def token(self) -> str:
        """The owner's token."""
        return self.home.users[0].token

    @property
    def managed_token(self) -> str:
        """The token of the managed home user."""
        return self.home.users[1].token

    @property
    def guest_token(self) -> str:
        """The token of a friend with whom two libraries are shared; not an administrator."""
        return self.home.users[2].token

    @property
    def machine_identifier(self) -> str:
        """The server's own id, the same for the same seed."""
        return self.home.machine_identifier

    @property
    def library(self) -> Library:
        """What it holds."""
        return self.home.library

    @property
    def users(self) -> tuple[User, ...]:
        """Owner, managed home user, shared friend."""
        return self.home.users

    @property
    def players(self) -> dict[str, Player]:
        """Players by machine identifier; add to it, or change their behaviour."""
        return self.home.playback.players

    @property
    def sessions(self) -> list[Session]:
        """What is playing at this moment."""
        return self.home.playback.sessions()

    @property
    def playback(self) -> Playback:
        """To start and stop playback behind the server's back; ``terminated`` lists ``(session id, reason)``."""
        return self.home.playback

    @property
    def views(self) -> Views:
        """What each user has seen."""
        return self.home.views

    @property
    def plextv(self) -> PlexTv:
        """The stand-in for plex.tv, listening from the first time it is asked for."""
        if self._plextv is None:
            self._plextv = PlexTv(self.home, self.url)
        return self._plextv

    def plextv_adapter(self) -> Any:
        """A requests adapter to mount at ``https://plex.tv/``."""
        return self.plextv.adapter()

    def start(self) -> Self:
        """Begin to listen."""
        self._http.listen()
        return self

    def stop(self) -> None:
        """Stop listening and cut all connections, plex.tv's too."""
        self._http.stop()
        if self._plextv is not None:
            self._plextv.stop()

    def stop_listening(self) -> None:
        """Refuse connections and cut those that are open, as a server that is down does; plex.tv stays."""
        self._http.stop()

    def listen_again(self) -> None:
        """Listen again, on the same port, with everything as it was."""
        self._http.listen()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def answer(self, request: Request) -> Response:
        """One request: counted, delayed, spoilt when a fault says so. A bug of ours is a 500, and noted as such."""
        if self._control and request.path.startswith(control_api.PREFIX):
            return control_api.answer(self, request)
        route, values = find(request.method, request.path)
        self.counters.begin(request.method, request.target, route.template if route else None)
        leaves_at = time.monotonic() + self.latency_ms / 1000
        try:
            response = self.faults.answer(request, lambda: self._plain(request, values, route))
        except Exception:  # one bad answer must not take the connection down with it; tests look at failures
            self.counters.failures.append(traceback.format_exc())
            response = html_error(500)
        response.done = lambda: self.counters.end(response.wire_bytes)
        if self.latency_ms:  # the making is part of it: after a sleep of 50 ms it takes this machine ten times as long
            time.sleep(max(0.0, leaves_at - time.monotonic()))
        return response

    def _plain(self, request: Request, values: dict[str, str], route: Route | None) -> Response:
        user = self.home.user_of(request.plex("X-Plex-Token"))
        if user is None and not (route is not None and route.public):
            return html_error(401, at_root=request.path == "/")
        if route is None:
            return html_error(404)
        try:
            return route.handler(Context(self.home, request, user or self.home.owner, values))
        except Refused as refusal:
            return refusal.answer


def build_library(name: str, now_s: float, seed: int = 1) -> Library:
    """A library by name; ValueError when there is none of that name."""
    if name == "small":
        return small_library(now_s, seed)
    if name not in SIZES:
        raise ValueError(f"library must be small, {', '.join(SIZES)} or a Library, not {name!r}")
    return generated_library(SIZES[name], now_s, seed)

"""What unit tests stand on: a clock that is turned by hand, a Plex that does as it is told, a tool of two lines."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import Field

from plex_mcp.errors import ToolError
from plex_mcp.plex.session import current_scope
from plex_mcp.settings import Settings
from plex_mcp.tools._tool import Image, Replacement, Tool, WithImages, WithReplacements, tool

WAIT_S = 10.0
"""Bound of every wait in a test: passed only when something is broken."""


class Clock:
    """Seconds that pass only when told to. `sleep` passes them at once and remembers how many."""

    def __init__(self, now: float = 1_800_000_000.0) -> None:
        self.now = now
        self.slept: list[float] = []

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


class FakePlex:
    """Stands where PlexClient does. `answers` are taken in order, the last one again and again; an exception is raised.

    With `gate` cleared, requests wait for it. Each request counts itself as a real one would; `redirects` go before it.
    """

    def __init__(self, *answers: Any) -> None:
        self.answers = list(answers) or [["Amélie"]]
        self.requests = 0
        self.redirects = 0
        self.refusal: ToolError | None = None
        self.pings = 0
        self.ping_answer: Exception | None = None
        self.gate = threading.Event()
        self.gate.set()
        self.waiting = threading.Semaphore(0)
        self.running = 0
        self.running_peak = 0
        self._lock = threading.Lock()

    def ping(self) -> None:
        self.pings += 1
        if self.ping_answer is not None:
            raise self.ping_answer

    def command(self) -> Any:
        """A look at what there is, which `refusal` may end, and then the command."""
        scope = current_scope()
        assert scope is not None
        if self.refusal is not None:
            scope.requests += 1
            raise self.refusal
        scope.commands += 1
        return self.fetch()

    def fetch(self) -> Any:
        scope = current_scope()
        assert scope is not None, "a tool runs inside a call's scope"
        with self._lock:
            scope.requests += self.redirects + 1
            self.requests += 1
            self.running += 1
            self.running_peak = max(self.running_peak, self.running)
            answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        self.waiting.release()
        try:
            assert self.gate.wait(WAIT_S), "the gate never opened"
        finally:
            with self._lock:
                self.running -= 1
        if callable(answer):
            answer = answer()
        if isinstance(answer, BaseException):
            raise answer
        scope.answered = scope.answered or scope.requests
        return answer


@dataclass
class Titles:
    titles: list[str]
    as_of: str | None = None
    stale: bool = False
    note: str | None = None


@tool(title="Titles", ttl_s=60.0)
def list_titles(
    plex: FakePlex,
    *,
    query: Annotated[str, Field()] = "",
    limit: Annotated[int, Field(ge=1, le=50)] = 20,
    kinds: Annotated[list[str] | None, Field()] = None,
) -> Titles:
    """List titles."""
    return Titles(plex.fetch())


@tool(title="Poster", ttl_s=60.0)
def show_poster(plex: FakePlex) -> Titles:
    """Show a poster."""
    plex.fetch()
    return WithImages(Titles(["poster"]), (Image(b"\x89PNG", "image/png"),))  # type: ignore[return-value]


@tool(title="Tell", ttl_s=60.0)
def tell(plex: FakePlex) -> Titles:
    """Tell what needs no Plex."""
    return Titles(["nothing"])


@tool(title="Arguments refused", ttl_s=60.0)
def refuse_arguments(plex: FakePlex) -> Titles:
    """Refuse before Plex is asked."""
    raise plex.answers[0]


def _whole(arguments: dict[str, Any]) -> dict[str, Any]:
    return dict.fromkeys(arguments)


def _of_user(content: dict[str, Any], arguments: dict[str, Any]) -> dict[str, Any]:
    wanted = arguments["user"]
    if wanted == "crash":
        raise ZeroDivisionError
    return {"titles": [title for title in content["titles"] if wanted is None or title.startswith(wanted)]}


@tool(
    title="Playing",
    ttl_s=30.0,
    stale_retention_s=300.0,
    fetch_arguments=_whole,
    view=_of_user,
    local_max_s=5.0,
)
def list_playing(plex: FakePlex, *, user: Annotated[str | None, Field()] = None) -> Titles:
    """List what plays."""
    return Titles(plex.fetch())


@dataclass
class Done:
    state: str
    as_of: str | None = None


@tool(title="Pause", read_only=False, idempotent=False, outdates=(Replacement("list_playing", {"user": None}, None),))
def pause(plex: FakePlex, *, forget: Annotated[bool, Field()] = False) -> Done:
    """Pause."""
    state = plex.command()
    answer = None if forget else Titles([f"anna: {state}"])
    other = Replacement("no_such_tool", {}, None)
    return WithReplacements(Done(str(state)), (Replacement("list_playing", {"user": None}, answer), other))  # type: ignore[return-value]


@dataclass
class Marked:
    marked: bool


@tool(title="Mark", read_only=False, outdates=(Replacement("list_titles", None, None),))
def mark(plex: FakePlex) -> Marked:
    """Mark."""
    return Marked(plex.command())


TOOLS: dict[str, Tool] = {
    each.name: each for each in (list_titles, show_poster, refuse_arguments, list_playing, pause, mark)
}


def finish(structured: bytes, images: Sequence[Image]) -> bytes:
    """Like protocol/results, but easy to look at."""
    return b'"structuredContent":' + structured + b',"pictures":%d' % len(images)


def settings(**changed: str) -> Settings:
    """Valid settings with nothing behind them: no Plex, no Redis."""
    return Settings.from_env(
        {
            "PLEX_SERVER_URL": "http://127.0.0.1:9",
            "PLEX_TOKEN": "a-plex-token",
            "REDIS_URL": "redis://127.0.0.1:9/0",
            "AUTH_TOKEN": "a-test-token-of-good-length",
            **changed,
        }
    )


def content(outcome: Any) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(outcome.structured)
    return found


def raised(function: Callable[[], Any]) -> ToolError:
    try:
        answer = function()
    except ToolError as error:
        return error
    raise AssertionError(f"nothing was raised but {answer!r} returned")

"""One call of a tool as the server makes it, through the pool of ten, with a cassette on its session."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import requests
from vcr.cassette import Cassette

from plex_mcp.calls.pool import WorkerPool
from plex_mcp.errors import ToolError
from plex_mcp.plex.client import PlexClient
from plex_mcp.plex.session import CallScope, build_session, call_scope
from plex_mcp.settings import Settings
from plex_mcp.tools._catalogue import load_tools
from tests.recording.adapter import CassetteAdapter, mount

_DEADLINE_S = 30.0


@dataclass(frozen=True)
class Played:
    """What a call gave: `answer` is the structured content or `{"error": …}`, `images` (mime type, bytes) each."""

    answer: dict[str, Any]
    images: list[list[Any]]
    adapters: list[CassetteAdapter]

    @property
    def refused(self) -> list[str]:
        """Requests that were not on the cassette."""
        return [request for adapter in self.adapters for request in adapter.refused]


def environment(url: str, token: str, settings: Mapping[str, str]) -> dict[str, str]:
    """The settings of a server that nobody serves with."""
    needed = {"REDIS_URL": "redis://redis.invalid:6379/0", "AUTH_TOKEN": "for-recordings-only"}
    return needed | {"PLEX_SERVER_URL": url, "PLEX_TOKEN": token} | dict(settings)


def call(
    pool: WorkerPool,
    tool_name: str,
    arguments: Mapping[str, Any],
    environ: Mapping[str, str],
    cassette: Cassette,
    *,
    prepare: Callable[[requests.Session], None] = lambda _session: None,
) -> Played:
    """Run a tool in a worker. `prepare` may change the session before the cassette is put in front of it."""
    settings = Settings.from_env(environ)
    tool = load_tools()[tool_name]
    session = build_session(settings)
    prepare(session)
    adapters = mount(session, cassette)
    plex = PlexClient(settings, session)
    try:
        parsed = tool.parse(arguments)
        # What the cache would keep, and then what this call sees of it: as calls/execute does.
        fetched = tool.fetch_arguments(parsed) if tool.fetch_arguments else parsed
        with call_scope(CallScope(deadline=time.monotonic() + _DEADLINE_S)):
            future = pool.submit(lambda: tool.run(plex, fetched))
        result = future.result(timeout=2 * _DEADLINE_S)
        answer = tool.view(result.structured, parsed) if tool.view else result.structured
    except ToolError as error:
        return Played({"error": error.as_dict()}, [], adapters)
    finally:
        session.close()
    return Played(answer, [[image.mime_type, len(image.data)] for image in result.images], adapters)

"""Loads at start what chatbots ask first, under the keys that a call without arguments has. Serving does not wait."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping

import structlog

from plex_mcp.calls.outcome import CallInfo
from plex_mcp.errors import ToolError
from plex_mcp.tools._tool import Arguments, Tool

log = structlog.get_logger(__name__)

WARM_TOOLS = ("list_libraries", "get_recently_added", "get_on_deck")
MAX_S = 20.0
"""After this the process counts as started, warm or not: Kubernetes must not restart it because Plex is down."""


class WarmUp:
    """`call` is the executor's own. Without tools to warm, or never started, it counts as over."""

    def __init__(
        self,
        tools: Mapping[str, Tool],
        call: Callable[[Tool, Arguments, CallInfo], object],
        *,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._tools = tools
        self._call = call
        self._monotonic = monotonic
        self._gives_up_at: float | None = None
        self._over = threading.Event()

    def start(self) -> None:
        self._gives_up_at = self._monotonic() + MAX_S
        threading.Thread(target=self._run, name="warm-up", daemon=True).start()

    def is_over(self) -> bool:
        return self._over.is_set() or (self._gives_up_at is not None and self._monotonic() >= self._gives_up_at)

    def skip(self) -> None:
        self._over.set()

    def _run(self) -> None:
        warm, began = 0, self._monotonic()
        try:
            for name in WARM_TOOLS:
                tool = self._tools.get(name)
                if tool is None or self.is_over():
                    continue
                try:
                    self._call(tool, tool.parse({}), CallInfo(client_name="warm-up"))
                    warm += 1
                except ToolError as error:
                    log.warning("warmup.tool_failed", tool=name, code=str(error.code))
        finally:
            self._over.set()
            log.info("warmup.ended", warm=warm, took_s=round(self._monotonic() - began, 2))

"""What is told of each call: the metrics and one `tool.called` line. On the hot path, so labels are resolved once."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import structlog

from plex_mcp.calls.outcome import CallInfo
from plex_mcp.errors import ToolError, UpstreamError
from plex_mcp.plex.session import CallScope
from plex_mcp.telemetry.metrics import CACHE_LOOKUPS, STALE_ANSWERS, TOOL_CALL_DURATION, TOOL_CALLS
from plex_mcp.tools._tool import Tool

_TIERS = {"hit_l1": "l1", "hit_l2": "l2"}


@dataclass(slots=True)
class Trace:
    """What one call cost: requests to Plex, seconds in them and in the queue, and the age of what it answered with.

    `lookup` is what the cache said, where it was asked: hit_l1, hit_l2, stale, miss.
    """

    plex_requests: int = 0
    plex_s: float = 0.0
    queue_s: float = 0.0
    stored_at: float | None = None
    lookup: str | None = None

    def add(self, scope: CallScope) -> None:
        self.plex_requests += scope.requests
        self.plex_s += scope.plex_s


class Reporter:
    """One of a process; `clock` gives epoch seconds."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        # Bound once: the lazy proxy that get_logger returns costs 9 us a line. Logging is configured before any worker.
        self._log = structlog.get_logger(__name__).bind()
        self._calls: dict[tuple[str, str], Any] = {}
        self._durations: dict[str, Any] = {}
        self._lookups: dict[str, Any] = {}

    def answered(self, tool: Tool, outcome: str, trace: Trace, info: CallInfo, started: float) -> None:
        """`started`: of time.perf_counter()."""
        if outcome == "stale":
            STALE_ANSWERS.labels(tool.name).inc()
        total_s = self._count(tool, outcome, trace, started)
        self._log.info(
            "tool.called",
            tool=tool.name,
            outcome=outcome,
            cache=_TIERS.get(outcome, "none"),
            age_s=None if trace.stored_at is None else round(self._clock() - trace.stored_at, 1),
            **_costs(trace, total_s),
            **_caller(info),
        )

    def failed(self, tool: Tool, error: ToolError, trace: Trace, info: CallInfo, started: float) -> None:
        """The code is the outcome; of Plex's failures status, path template and class of the cause are told too."""
        outcome = error.code.value.lower()
        total_s = self._count(tool, outcome, trace, started)
        upstream = {}
        if isinstance(error, UpstreamError):
            upstream = {"status": error.status, "endpoint": error.endpoint, "cause": error.cause}
        self._log.warning(
            "tool.called", tool=tool.name, outcome=outcome, **_costs(trace, total_s), **upstream, **_caller(info)
        )

    def _count(self, tool: Tool, outcome: str, trace: Trace, started: float) -> float:
        name = tool.name
        try:
            counter, histogram = self._calls[name, outcome], self._durations[name]
        except KeyError:
            counter = self._calls[name, outcome] = TOOL_CALLS.labels(name, outcome)
            histogram = self._durations[name] = TOOL_CALL_DURATION.labels(name)
        counter.inc()
        lookup = trace.lookup
        if lookup is not None:
            try:
                self._lookups[lookup].inc()
            except KeyError:
                child = self._lookups[lookup] = CACHE_LOOKUPS.labels(lookup)
                child.inc()
        total_s = time.perf_counter() - started
        histogram.observe(total_s)
        return total_s


def _costs(trace: Trace, total_s: float) -> dict[str, Any]:
    return {
        "plex_requests": trace.plex_requests,
        "queue_ms": round(trace.queue_s * 1000, 1),
        "plex_ms": round(trace.plex_s * 1000, 1),
        "total_ms": round(total_s * 1000, 2),
    }


def _caller(info: CallInfo) -> dict[str, str]:
    return {"request_id": info.request_id, "client": info.client_name, "protocol_version": info.protocol_version}

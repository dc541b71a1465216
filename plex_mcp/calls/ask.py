"""Asking Plex: a job for a worker of the pool, behind the breaker, with the call's deadline."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import CancelledError, Future
from typing import TypeVar

from plex_mcp.calls.breaker import Breaker, BreakerOpen
from plex_mcp.calls.call import Call, crashed, shutting_down, too_late, too_many
from plex_mcp.calls.entry import build_key
from plex_mcp.calls.monitor import Monitor
from plex_mcp.calls.pool import Closed, WorkerPool
from plex_mcp.errors import PlexTimeout, ToolError, UpstreamError
from plex_mcp.plex.client import PlexClient
from plex_mcp.plex.errors import translated
from plex_mcp.plex.session import CallScope, call_scope
from plex_mcp.tools._tool import Arguments, ToolResult

_T = TypeVar("_T")

_GRACE_S = 0.25  # a worker's own error says more than "too late": let it arrive


class Asker:
    """The one place that runs tools. It tells the breaker and the monitor what came of it."""

    def __init__(
        self,
        plex: PlexClient,
        *,
        pool: WorkerPool,
        breaker: Breaker,
        monitor: Monitor,
        read_timeout_s: float,
        monotonic: Callable[[], float],
    ) -> None:
        self._plex = plex
        self._pool = pool
        self._breaker = breaker
        self._monitor = monitor
        self._read_timeout_s = read_timeout_s
        self._monotonic = monotonic

    def require_closed(self) -> None:
        """Raise BreakerOpen, which says when Plex is asked again, while Plex is left alone."""
        if self._breaker.opened:
            raise self.breaker_open()

    def in_worker(self, call: Call, job: Callable[[], _T]) -> _T:
        """Run `job` in the pool and wait for it, at most until the call's deadline. Raise ToolError."""
        queued_at = self._monotonic()

        def guarded() -> _T:
            now = self._monotonic()
            call.trace.queue_s += now - queued_at
            self.require_closed()
            if now >= call.deadline:
                raise too_many()
            return job()

        try:
            future: Future[_T] = self._pool.submit(guarded)
        except Closed:
            raise shutting_down() from None
        try:
            return future.result(timeout=max(0.0, call.deadline - queued_at) + _GRACE_S)
        except CancelledError:
            raise shutting_down() from None
        except TimeoutError:
            if future.cancel():  # never had its turn: Plex was not asked
                raise too_many() from None
            raise too_late(call) from None

    def ask(self, call: Call, arguments: Arguments) -> ToolResult:
        """In a worker: run the tool. Raise ToolError."""
        scope = call.scope = CallScope(deadline=call.deadline)
        begun = self._monotonic()
        try:
            with call_scope(scope), translated():
                result = call.tool.run(self._plex, arguments)
        except ToolError as error:
            if error.trips_breaker:
                self._count_failure(call, error, scope, begun)
            elif scope.requests:
                self._monitor.note_reached()
            raise
        except Exception:
            raise crashed(call.tool) from None
        finally:
            call.trace.add(scope)
        if scope.requests:
            self._breaker.count_success()
            self._monitor.note_reached()
        return result

    def _count_failure(self, call: Call, error: ToolError, scope: CallScope, begun: float) -> None:
        """Failures in a row are of requests: where Plex answered one of a call's before the last, the row begins anew.

        What may lie in the thing asked for counts once for each question (see `breaker`); that nobody answers, and a
        gateway's word for it, count each time that it is tried. That we cut Plex short says nothing about it.
        """
        if _is_a_players(error):
            return
        if 0 < scope.answered < scope.requests:
            self._breaker.count_success()
        if isinstance(error, PlexTimeout) and self._cut_short(call, begun):
            return
        once = isinstance(error, UpstreamError) and error.may_be_the_questions
        question = build_key("", call.tool.name, call.arguments) if once else None
        self._breaker.count_failure(error, question=question)

    def _cut_short(self, call: Call, begun: float) -> bool:
        """Whether it was our deadline that ended the call, before Plex had the time that it may be silent for: calls
        come late out of a full queue."""
        return call.deadline - begun < self._read_timeout_s and self._monotonic() >= call.deadline

    def breaker_open(self) -> BreakerOpen:
        """Says what ails Plex: a login page at its address is not mended by waiting for a restart."""
        why = self._breaker.opened_by
        message, suggestion = "Plex cannot be reached.", None
        if isinstance(why, UpstreamError):
            message, suggestion = why.message, why.suggestion
        return BreakerOpen(
            message,
            suggestion=suggestion or "It may be restarting; this server keeps looking for it. Ask again later.",
            retry_after_s=self._monitor.next_probe_s(),
        )


def _is_a_players(error: ToolError) -> bool:
    """Plex passes commands on to players; one that is deaf says nothing about Plex."""
    return isinstance(error, UpstreamError) and (error.endpoint or "").startswith("/player/")

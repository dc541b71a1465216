"""One tool call from parsed arguments to finished bytes: the policy of design.md sections 4 and 5, joined.

cache hit ────────────────────────────────────────────► answer          (no worker, no Plex, no pydantic)
miss → waiting room → single flight → Redis → breaker → retry → worker → Plex → cache → answer
                 └ a stale copy, marked, at the first failure, past the soft deadline, or with the breaker open
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterable, Mapping

import structlog

from plex_mcp.calls.ask import Asker
from plex_mcp.calls.breaker import Breaker
from plex_mcp.calls.cache import Finish, TieredCache
from plex_mcp.calls.call import Call, crashed, switched_off, too_many
from plex_mcp.calls.entry import to_bytes, with_as_of
from plex_mcp.calls.flight import Flights
from plex_mcp.calls.health import Health, snapshot
from plex_mcp.calls.monitor import Monitor
from plex_mcp.calls.outcome import CallInfo, CallOutcome
from plex_mcp.calls.pool import Refreshers, WaitingRoom, WorkerPool
from plex_mcp.calls.read import Reader
from plex_mcp.calls.redis_store import RedisStore
from plex_mcp.calls.report import Reporter, Trace
from plex_mcp.calls.warmup import WarmUp
from plex_mcp.errors import ToolError
from plex_mcp.plex.client import PlexClient
from plex_mcp.settings import Settings
from plex_mcp.telemetry.metrics import BREAKER_OPEN
from plex_mcp.tools._tool import Arguments, Replacement, Tool

log = structlog.get_logger(__name__)
_SPARE_THREADS = 8  # of the threads that answer HTTP: for cached answers and probes
_NOBODY = CallInfo()


class Executor:
    """Construct it after the fork. `tools` is the catalogue; `finish` makes the members of an MCP result out of
    structured content.
    """

    def __init__(
        self,
        plex: PlexClient,
        settings: Settings,
        *,
        finish: Finish,
        tools: Mapping[str, Tool],
        clock: Callable[[], float] = time.time,
        monotonic: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
        draw: Callable[[], float] = random.random,
    ) -> None:
        self._settings = settings
        self._finish = finish
        self._tools = tools
        self._clock = clock
        self._monotonic = monotonic
        self._pool = WorkerPool(settings.plex_pool_size)
        self._refreshers = Refreshers(settings.plex_pool_size, limit=settings.threads)
        self._room = WaitingRoom(settings.threads - _SPARE_THREADS)
        self._flights = Flights(monotonic=monotonic)
        self._breaker = Breaker(settings.breaker_threshold, on_change=self._breaker_changed, clock=clock)
        self._redis = RedisStore(settings, clock=clock, on_lost=self._redis_lost)
        self._cache = TieredCache(settings, self._redis, finish=finish, clock=clock)
        self._reporter = Reporter(clock)
        self._warm_up = WarmUp(tools, self.call, monotonic=monotonic)
        self.monitor = Monitor(
            settings,
            ping=plex.ping,
            pool=self._pool,
            breaker=self._breaker,
            redis_store=self._redis,
            monotonic=monotonic,
            draw=draw,
        )
        self._asker = Asker(
            plex,
            pool=self._pool,
            breaker=self._breaker,
            monitor=self.monitor,
            read_timeout_s=settings.plex_read_timeout_s,
            monotonic=monotonic,
        )
        self._reader = Reader(
            settings,
            cache=self._cache,
            flights=self._flights,
            asker=self._asker,
            breaker=self._breaker,
            refreshers=self._refreshers,
            clock=clock,
            monotonic=monotonic,
            sleep=sleep,
            draw=draw,
        )
        BREAKER_OPEN.set(0)

    def start(self) -> None:
        """Begin to watch Plex and to warm the cache, both in the background."""
        self.monitor.start()
        if self._settings.cache_warm:
            self._warm_up.start()
        else:
            self._warm_up.skip()

    def close(self) -> None:
        """Take no more work; what runs ends by its own deadline. Safe to call twice. For when the last answer is given:
        what is cached would still be answered, all else is BUSY.
        """
        self.monitor.stop()
        self._refreshers.close()
        self._pool.close()
        self._redis.close()

    def health(self) -> Health:
        """For the probes: never blocks, touches no network."""
        return snapshot(
            started=self._warm_up.is_over(),
            cached=len(self._cache),
            plex=self._breaker,
            redis=self._redis.breaker,
        )

    def call(self, tool: Tool, arguments: Arguments, info: CallInfo = _NOBODY) -> CallOutcome:
        """Answer one call with parsed arguments. Raise ToolError only; a bug of ours is logged and becomes Internal."""
        started = time.perf_counter()
        trace = Trace()
        try:
            outcome = self._answer(tool, arguments, info, trace)
        except ToolError as error:
            self._reporter.failed(tool, error, trace, info, started)
            raise
        except Exception:
            bug = crashed(tool)
            self._reporter.failed(tool, bug, trace, info, started)
            raise bug from None
        self._reporter.answered(tool, outcome.outcome, trace, info, started)
        return outcome

    def _answer(self, tool: Tool, arguments: Arguments, info: CallInfo, trace: Trace) -> CallOutcome:
        if tool.read_only:
            key = self._cache.key(tool, arguments)
            entry = self._cache.recent(key, tool)
            if entry is not None:
                trace.stored_at = entry.stored_at
                trace.lookup = "hit_l1"
                return self._cache.present(entry, tool, arguments)
        call = Call(tool, arguments, info, self._monotonic() + self._settings.call_deadline_s, trace)
        with self._room.place() as entered:
            if not tool.read_only:
                if not entered:
                    raise too_many()
                return self._command(call)
            return self._reader.read(call, key) if entered else self._reader.read_crowded(call, key)

    def _command(self, call: Call) -> CallOutcome:
        """Once, never again: a command that seems to have failed may have been carried out.

        That outdates what is cached only when something was sent: a name that fits nobody, or a Plex that was down
        before the command, has changed nothing, and its copies are most needed then.
        """
        if self._settings.read_only:
            raise switched_off(call.tool.name)
        self._asker.require_closed()
        try:
            result = self._asker.in_worker(call, lambda: self._asker.ask(call, call.arguments))
        except Exception:
            if call.scope is not None and call.scope.commands:
                self._replace_all(call.tool.outdates)
            raise
        self._replace_all(result.replaces)
        structured = to_bytes(result.structured)
        if call.tool.tells_as_of:
            structured = with_as_of(structured, self._clock())
        return CallOutcome(self._finish(structured, result.images), structured, "bypass")

    def _replace_all(self, parts: Iterable[Replacement]) -> None:
        for part in parts:
            self._replace(part)

    def _replace(self, part: Replacement) -> None:
        """Write through: what a command re-read is what the next reader gets; all older answers are outdated."""
        tool = self._tools.get(part.tool)
        if tool is None:
            return
        self._flights.forget_all(tool.name)
        self._cache.outdate(tool)
        if part.arguments is not None and part.answer is not None:
            key = self._cache.key(tool, part.arguments)
            self._cache.store(key, tool, to_bytes(part.answer), (), stored_at=self._clock())

    def _breaker_changed(self, opened: bool) -> None:
        BREAKER_OPEN.set(1 if opened else 0)
        log.warning("breaker.opened" if opened else "breaker.closed")
        if opened:
            self.monitor.plex_lost()

    def _redis_lost(self) -> None:
        self.monitor.redis_lost()

"""Answering a read that the process has no fresh answer for: single flight, Redis, retries, stale copies."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import replace

import structlog

from plex_mcp.calls.ask import Asker
from plex_mcp.calls.breaker import Breaker
from plex_mcp.calls.cache import Fresh, Stale, TieredCache
from plex_mcp.calls.call import Call, crashed, too_late, too_many
from plex_mcp.calls.entry import CacheKey, Entry, to_bytes
from plex_mcp.calls.flight import Flight, Flights
from plex_mcp.calls.outcome import CallOutcome
from plex_mcp.calls.pool import Refreshers
from plex_mcp.calls.retry import retried
from plex_mcp.errors import Busy, PlexBadAnswer, PlexTimeout, ToolError, UpstreamError
from plex_mcp.settings import Settings
from plex_mcp.telemetry.metrics import PLEX_RETRIES

log = structlog.get_logger(__name__)

_DOWN = "Plex cannot be reached at the moment"
_FAILING = "Plex answers with an error at the moment"
_SLOW = "Plex is slow to answer at the moment"
_OF_PLEX = {429, 500, 503}
_CROWDED = "Too many calls are waiting for Plex at the moment"


class Reader:
    """Blocks its caller: to be called with a place in the waiting room, or through `read_crowded` without one."""

    def __init__(
        self,
        settings: Settings,
        *,
        cache: TieredCache,
        flights: Flights,
        asker: Asker,
        breaker: Breaker,
        refreshers: Refreshers,
        clock: Callable[[], float],
        monotonic: Callable[[], float],
        sleep: Callable[[float], None],
        draw: Callable[[], float],
    ) -> None:
        self._settings = settings
        self._cache = cache
        self._flights = flights
        self._asker = asker
        self._breaker = breaker
        self._refreshers = refreshers
        self._clock = clock
        self._monotonic = monotonic
        self._sleep = sleep
        self._draw = draw

    def read(self, call: Call, key: CacheKey) -> CallOutcome:
        flight, leads = self._flights.join(key)
        if leads:
            self._lead(call, flight)
        if not flight.done:
            flight.wait(
                deadline=call.deadline, soft_s=self._settings.call_soft_deadline_s, cancelled=call.info.cancelled
            )
        call.trace.lookup = flight.tier or ("stale" if flight.stale else "miss")
        if flight.entry is not None:
            call.trace.stored_at = flight.entry.stored_at
            found = self._cache.present(flight.entry, call.tool, call.arguments)
            return replace(found, outcome=flight.tier or "miss")
        failure = flight.failure
        if flight.stale is not None and (failure is None or failure.allows_stale or isinstance(failure, Busy)):
            return self._stale(call, flight.stale, _SLOW if failure is None else _why(failure))
        if failure is not None:
            raise copy.copy(failure) from None  # each of those who waited gets an error of its own
        raise too_late(call)

    def read_crowded(self, call: Call, key: CacheKey) -> CallOutcome:
        """No place to wait in: what the cache has, old or not, and BUSY otherwise."""
        found = self._cache.lookup(key, call.tool)
        if isinstance(found, Fresh):
            call.trace.lookup, call.trace.stored_at = found.tier, found.entry.stored_at
            return replace(self._cache.present(found.entry, call.tool, call.arguments), outcome=found.tier)
        call.trace.lookup = "miss"
        if isinstance(found, Stale):
            call.trace.lookup = "stale"
            return self._stale(call, found.entry, _CROWDED)
        raise too_many()

    def _stale(self, call: Call, entry: Entry, why: str) -> CallOutcome:
        call.trace.stored_at = entry.stored_at
        return self._cache.present_stale(entry, call.tool, call.arguments, why)

    def _lead(self, call: Call, flight: Flight) -> None:
        """Look again (another flight may just have ended), then load. Ends the flight, now or in the background."""
        try:
            found = self._cache.lookup(flight.key, call.tool)
            if isinstance(found, Fresh):
                self._flights.end(flight, entry=found.entry, tier=found.tier)
                return
            if isinstance(found, Stale):
                flight.offer(found.entry)
            if self._breaker.opened:
                self._flights.end(flight, failure=self._asker.breaker_open())
            elif flight.stale is None:
                self._load(call, flight)
            elif not self._refreshers.submit(lambda: self._load(call, flight)):
                self._flights.end(flight, failure=too_many())
        except Exception:
            self._flights.end(flight, failure=crashed(call.tool))

    def _load(self, call: Call, flight: Flight) -> None:
        """Ask Plex, again where that may help. Ends the flight."""

        def on_failure(failure: ToolError, tried: int, pause_s: float) -> None:
            flight.note_failure(failure)
            PLEX_RETRIES.inc()
            log.warning("upstream.retry_scheduled", tool=call.tool.name, tried=tried, pause_s=round(pause_s, 2))
            if call.info.progress is not None and flight.stale is None:
                what = "answered with an error" if _is_answered(failure) else "did not answer"
                message = f"Plex {what}; asking again in {pause_s:.0f} s."
                call.info.progress(tried, self._settings.retry_attempts, message)

        try:
            entry = retried(
                lambda: self._asker.in_worker(call, lambda: self._ask_and_keep(call, flight)),
                self._settings,
                deadline=call.deadline,
                monotonic=self._monotonic,
                sleep=self._sleep,
                draw=self._draw,
                on_failure=on_failure,
                give_up=lambda: call.is_cancelled and not flight.waiters and flight.stale is None,
            )
        except ToolError as failure:
            self._flights.end(flight, failure=failure)
        except Exception:
            self._flights.end(flight, failure=crashed(call.tool))
        else:
            self._flights.end(flight, entry=entry)

    def _ask_and_keep(self, call: Call, flight: Flight) -> Entry:
        """In a worker."""
        asked_at = self._clock()  # not when the answer came: it may have been made just after this
        tool = call.tool
        wanted = call.arguments if tool.fetch_arguments is None else tool.fetch_arguments(call.arguments)
        result = self._asker.ask(call, wanted)
        return self._cache.store(flight.key, tool, to_bytes(result.structured), result.images, stored_at=asked_at)


def _why(failure: ToolError) -> str:
    if isinstance(failure, Busy):
        return _CROWDED
    if isinstance(failure, PlexTimeout):
        return _SLOW
    return _FAILING if _is_answered(failure) else _DOWN


def _is_answered(failure: ToolError) -> bool:
    """Whether Plex is there and has answered; not so where a gateway has."""
    if isinstance(failure, PlexBadAnswer):
        return True
    return isinstance(failure, UpstreamError) and failure.status in _OF_PLEX

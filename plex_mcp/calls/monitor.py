"""One background thread asks Plex and Redis whether they live, so that no user's call is spent on finding out.

Plex: `/identity` every `HEALTH_CHECK_INTERVAL` while healthy, unless a worker has reached it meanwhile; by the backoff
schedule while not. The probe takes a worker of the pool like any other request. Redis: only while it is lost.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import CancelledError, Future

import structlog

from plex_mcp.calls.breaker import Breaker
from plex_mcp.calls.pool import Closed, WorkerPool
from plex_mcp.calls.redis_store import RedisStore
from plex_mcp.calls.retry import backoff_s
from plex_mcp.errors import UpstreamError
from plex_mcp.plex.errors import translated
from plex_mcp.plex.session import CallScope, call_scope
from plex_mcp.settings import Settings
from plex_mcp.telemetry.summary import CacheSummary

log = structlog.get_logger(__name__)

_SLICE_S = 0.25  # how long the probe of Plex is waited for before Redis has its turn
_REDIS_MAX_S = 5.0  # a lost Redis costs loads of Plex: look for it more often than for Plex


class Monitor:
    """`ping` asks Plex and raises UpstreamError. `tick` does what is due and returns the seconds until something is."""

    def __init__(
        self,
        settings: Settings,
        *,
        ping: Callable[[], None],
        pool: WorkerPool,
        breaker: Breaker,
        redis_store: RedisStore,
        monotonic: Callable[[], float] = time.monotonic,
        draw: Callable[[], float],
        summarize: Callable[[], None] | None = None,
    ) -> None:
        self._settings = settings
        self._ping = ping
        self._pool = pool
        self._breaker = breaker
        self._redis = redis_store
        self._monotonic = monotonic
        self._draw = draw
        self._failures = 0
        self._unproven = 0
        self._redis_failures = 0
        self._reached_at = float("-inf")
        self._plex_due = monotonic()
        self._redis_due = monotonic()
        self._summarize = summarize or CacheSummary()
        self._summary_due = monotonic() + settings.health_check_interval_s
        self._changed = threading.Condition()
        self._stopped = False

    def start(self) -> None:
        threading.Thread(target=self._run, name="monitor", daemon=True).start()

    def stop(self) -> None:
        with self._changed:
            self._stopped = True
            self._changed.notify_all()

    def note_reached(self) -> None:
        """A worker got an answer out of Plex just now."""
        self._reached_at = self._monotonic()
        self._unproven = 0

    def plex_lost(self) -> None:
        """The breaker before Plex opened: the backoff schedule begins now.

        Where it left off, if no call has succeeded since a probe closed the breaker: `/identity` may answer while the
        library hangs, and the breaker must not flap every second then.
        """
        with self._changed:
            self._failures = max(self._failures, self._unproven + 1)
            self._plex_due = self._monotonic() + backoff_s(self._failures, self._settings, self._draw)
            self._changed.notify_all()

    def redis_lost(self) -> None:
        with self._changed:
            self._redis_failures = 1
            self._redis_due = self._monotonic() + self._redis_pause_s()
            self._changed.notify_all()

    def next_probe_s(self) -> float:
        """Seconds until Plex is asked again: what to tell callers to wait."""
        return max(0.5, self._plex_due - self._monotonic())

    def tick(self) -> float:
        self._tick_redis()
        if self._monotonic() >= self._plex_due:
            self._tick_plex()
        if self._monotonic() >= self._summary_due:
            self._summarize()
            self._summary_due = self._monotonic() + self._settings.health_check_interval_s
        return self._until_due_s()

    def _until_due_s(self) -> float:
        due = min(self._plex_due, self._summary_due)
        if self._redis.breaker.opened:
            due = min(due, self._redis_due)
        return max(0.0, due - self._monotonic())

    def _run(self) -> None:
        while True:
            try:
                self.tick()
            except (Closed, CancelledError):  # the pool is
                return
            except Exception:  # the top of a thread that must not die
                log.exception("monitor.crashed")
                self._plex_due = self._monotonic() + self._settings.retry_max_s
            with self._changed:
                # Asked anew under the lock: a breaker that opened meanwhile has brought something forward.
                if not self._stopped:
                    self._changed.wait(self._until_due_s())
                if self._stopped:
                    return

    def _tick_plex(self) -> None:
        interval_s = self._settings.health_check_interval_s
        next_at = self._reached_at + interval_s
        if not self._breaker.opened and not self._failures and next_at > self._monotonic():
            self._plex_due = next_at
            return
        failure = self._probe()
        if failure is None:
            self._unproven, self._failures = self._failures, 0
            # In this order: a breaker that opens again right now brings the next probe forward.
            self._plex_due = self._monotonic() + interval_s
            self._breaker.close()
        else:
            self._breaker.count_failure(failure)
            self._failures += 1
            self._plex_due = self._monotonic() + backoff_s(self._failures, self._settings, self._draw)

    def _probe(self) -> Exception | None:
        """Ask Plex in a worker; the error if it did not answer."""
        limit_s = self._settings.plex_connect_timeout_s + self._settings.plex_read_timeout_s

        def ask() -> None:
            with call_scope(CallScope(deadline=time.monotonic() + limit_s)), translated("/identity"):
                self._ping()

        future = self._pool.submit(ask)
        try:
            # All workers may be busy with requests that hang until their own deadlines.
            self._wait(future, limit_s + self._settings.call_deadline_s)
        except (UpstreamError, TimeoutError) as error:
            future.cancel()
            log.warning("monitor.plex_failed", cause=type(error).__name__, failures=self._failures + 1)
            return error
        return None

    def _wait(self, future: Future[None], limit_s: float) -> None:
        """For the probe of Plex, and look for a lost Redis meanwhile. Raise what the probe raises, or TimeoutError."""
        until = time.monotonic() + limit_s
        while True:
            try:
                return future.result(timeout=_SLICE_S)
            except TimeoutError:
                if future.done():  # the answer came just now
                    return future.result()
                if time.monotonic() >= until:
                    raise
                self._tick_redis()

    def _tick_redis(self) -> None:
        if not self._redis.breaker.opened or self._monotonic() < self._redis_due:
            return
        self._redis.probe()
        if self._redis.breaker.opened:
            self._redis_failures += 1
            self._redis_due = self._monotonic() + self._redis_pause_s()

    def _redis_pause_s(self) -> float:
        return min(_REDIS_MAX_S, backoff_s(self._redis_failures, self._settings, self._draw))

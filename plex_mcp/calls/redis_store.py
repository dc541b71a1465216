"""The second level: bytes in Redis. No operation here raises, and a Redis that hangs costs a call once per probe.

Every fault is a miss and a metric. Faults of the connection open a breaker of Redis' own at the first of them; only the
monitor's probe closes it. Faults that Redis answers with (out of memory, read-only, wrong type) do not: it answers, and
fast.
"""

from __future__ import annotations

import math
import queue
import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any, TypeVar

import structlog
from redis.backoff import NoBackoff
from redis.connection import BlockingConnectionPool
from redis.exceptions import (
    AuthenticationError,
    AuthorizationError,
    NoPermissionError,
    OutOfMemoryError,
    ReadOnlyError,
    RedisError,
)
from redis.exceptions import (
    ConnectionError as RedisConnectionError,
)
from redis.exceptions import (
    TimeoutError as RedisTimeoutError,
)
from redis.retry import Retry

from plex_mcp.calls.breaker import Breaker
from plex_mcp.calls.redis_connection import CONNECTIONS, TLS, Client
from plex_mcp.settings import Settings
from plex_mcp.telemetry.metrics import REDIS_CONNECTIONS, REDIS_FAULTS, REDIS_UP
from plex_mcp.watchdog import Watch, Watchdog

log = structlog.get_logger(__name__)
_T = TypeVar("_T")

# The last two are options in REDIS_URL that redis-py cannot make a connection of.
_FAULTS = (RedisError, OSError, ValueError, TypeError)
_HEALTH_CHECK_S = 30
# A server that drips keeps each read inside its timeout: the whole operation may take this many of them.
_WHOLE_TIMEOUTS = 2
# A Redis that refuses a command refuses it with every call.
_TOLD_AGAIN_S = 60.0


class RedisStore:
    """Get and set with `REDIS_TIMEOUT`, over at most `REDIS_POOL_SIZE` connections, made at first use."""

    def __init__(
        self, settings: Settings, *, clock: Callable[[], float] = time.time, on_lost: Callable[[], None] = lambda: None
    ) -> None:
        self._settings = settings
        self._on_lost = on_lost
        self._clock = clock
        self._told: dict[str, float] = {}  # when a fault of each kind was logged last
        self._watchdog = Watchdog()
        self.breaker = Breaker(1, on_change=self._changed, clock=clock)
        self._connecting = threading.Lock()
        self._url = ""
        self._client: Client | None = None
        REDIS_UP.set(1)
        REDIS_CONNECTIONS.set_function(self._connections)

    def load(self, *names: str) -> list[bytes | None] | None:
        """What Redis holds by these names, in one round trip: None for each that it does not have. None instead of the
        list where Redis could not be asked: then nothing is known, not even that something is gone.
        """
        found = self._guarded(lambda client: client.mget(*names))
        return found if isinstance(found, list) else None

    def save(self, name: str, value: bytes, *, expires_in_s: float) -> None:
        self._guarded(lambda client: client.set(name, value, px=max(1, int(expires_in_s * 1000))))

    def probe(self) -> None:
        """For the monitor: ask a Redis that was lost whether it is back. Blocks no longer than any operation."""
        client = self._client
        if client is not None and self._settings.redis_url.reveal() != self._url:
            self._client = None  # the address or password was rotated
            client.close()
        watch = None
        try:
            client = self._connected()
            with self._watched() as watch:
                client.ping()
        except _FAULTS as error:
            _count(error, watch)
        else:
            self.breaker.close()

    def close(self) -> None:
        if self._client is not None:
            self._client.close()

    def _guarded(self, operation: Callable[[Any], _T]) -> _T | None:
        if self.breaker.opened:
            return None
        watch = None
        try:
            client = self._connected()
            with self._watched() as watch:
                return operation(client)
        except _FAULTS as error:
            kind = _count(error, watch)
            if is_lost(error):
                self.breaker.count_failure(error)
            else:
                self._tell(kind, error)
            return None

    def _tell(self, kind: str, error: Exception) -> None:
        now = self._clock()
        if abs(now - self._told.get(kind, -math.inf)) >= _TOLD_AGAIN_S:  # a clock that is set back mutes nothing
            self._told[kind] = now
            log.warning("redis.operation_failed", kind=kind, cause=type(error).__name__)

    def _watched(self) -> AbstractContextManager[Watch]:
        return self._watchdog.until(time.monotonic() + _WHOLE_TIMEOUTS * self._settings.redis_timeout_s)

    def _connected(self) -> Any:
        if self._client is None:
            with self._connecting:
                if self._client is None:
                    self._url = self._settings.redis_url.reveal()
                    pool = self._pool(self._url)
                    if issubclass(pool.connection_class, TLS):
                        pool.connection_class(**pool.connection_kwargs).context()  # before anybody's clock runs
                    self._client = Client(pool)
        return self._client

    def _pool(self, url: str) -> BlockingConnectionPool:
        timeout_s = self._settings.redis_timeout_s
        return BlockingConnectionPool.from_url(
            url,
            connection_class=CONNECTIONS[url.partition(":")[0].lower()],
            max_connections=self._settings.redis_pool_size,
            timeout=timeout_s,
            socket_timeout=timeout_s,
            socket_connect_timeout=timeout_s,
            health_check_interval=_HEALTH_CHECK_S,
            retry=Retry(NoBackoff(), 0),  # redis-py's own ten tries cost 4 s (measured)
            protocol=2,  # no HELLO: one round trip less, and servers older than 6 understand it
            driver_info=None,  # no CLIENT SETINFO either
        )

    def _changed(self, opened: bool) -> None:
        REDIS_UP.set(0 if opened else 1)
        if opened:
            log.warning("redis.lost")
            if self._client is not None:
                self._client.connection_pool.disconnect(inuse_connections=False)
            self._on_lost()
        else:
            log.info("redis.returned")

    def _connections(self) -> float:
        if self._client is None:
            return 0
        return float(sum(count for count, _labels in self._client.connection_pool.get_connection_count()))


def _count(error: Exception, watch: Watch | None) -> str:
    """One fault more of its kind, whatever error the end of its socket has led to where the watchdog ended it."""
    kind = "timeout" if watch is not None and watch.fired else fault_kind(error)
    REDIS_FAULTS.labels(kind).inc()
    return kind


def fault_kind(error: Exception) -> str:
    """One of the closed set of labels: timeout, refused, connection, other."""
    if isinstance(error, RedisTimeoutError | TimeoutError):
        return "timeout"
    if isinstance(
        error,
        AuthenticationError | AuthorizationError | NoPermissionError | OutOfMemoryError | ReadOnlyError,
    ):
        return "refused"
    return "connection" if isinstance(error, RedisConnectionError | OSError) else "other"


def is_lost(error: Exception) -> bool:
    """Whether nothing more is to be had from Redis for now. A full connection pool of ours is no fault of Redis'."""
    if isinstance(error.__cause__ or error.__context__, queue.Empty):
        return False
    return isinstance(error, RedisConnectionError | RedisTimeoutError | OSError)

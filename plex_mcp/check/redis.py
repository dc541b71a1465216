"""Is Redis there, new enough, fast enough, and does it evict?"""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterator
from typing import Any

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from plex_mcp.check.finding import Finding, Status
from plex_mcp.settings import Settings

OLDEST_VERSION = (6, 0)
_PINGS = 5
_TRIES = 16  # slots of a cluster that are tried: a node that holds half of them fails at one in almost every case
_KEPT_MS = 5_000


def findings(settings: Settings) -> Iterator[Finding]:
    """Connection and password, version, the cache's commands, latency against REDIS_TIMEOUT, eviction."""
    patience_s = max(2.0, settings.redis_timeout_s)
    client = redis.Redis.from_url(
        settings.redis_url.reveal(),
        socket_connect_timeout=patience_s,
        socket_timeout=patience_s,
        retry=Retry(NoBackoff(), 0),
    )
    try:
        yield from _look(client, settings)
    except redis.AuthenticationError:
        yield _fail("Redis refuses the password", "Correct the password (and user name) in REDIS_URL.")
    except (redis.exceptions.AuthorizationError, redis.exceptions.NoPermissionError):
        yield _fail("the user may not run these commands", "Allow it MGET, SET, PING and INFO.")
    except redis.TimeoutError:
        if settings.redis_url.reveal().startswith("rediss:"):  # a plain Redis waits for the end of the line
            yield _fail("the TLS handshake is not answered", "Use redis:// if that Redis speaks without TLS.")
            return
        yield _fail(f"no answer within {patience_s:g} s", "Check the address, firewalls and NetworkPolicies.")
    except redis.ConnectionError as error:
        yield _connection_fault(error)
    except redis.ResponseError as error:
        if str(error).startswith(("NOPERM", "NOAUTH")):
            yield _fail("Redis wants a password, or another user", "Put user name and password into REDIS_URL.")
        else:
            yield _fail("Redis answers with an error", "Check the database number at the end of REDIS_URL.")
    except redis.RedisError:
        yield _fail("what listens there does not speak Redis", "Correct host and port in REDIS_URL.")
    finally:
        client.close()


def _fail(found: str, advice: str) -> Finding:
    return Finding("redis", Status.FAIL, found, advice + " Until then answers are kept in the process alone.")


def _connection_fault(error: redis.ConnectionError) -> Finding:
    text = str(error).lower()
    if "certificate" in text or "ssl" in text:
        return _fail(
            "the TLS handshake fails", "Use redis:// for plain and rediss:// for TLS, with a trusted certificate."
        )
    if "refused" in text:
        return _fail("the port is refused", "Start Redis, or correct host and port in REDIS_URL.")
    if "name or service" in text or "name resolution" in text or "nodename" in text or "no address" in text:
        return _fail("the host has no address", "Correct the host in REDIS_URL.")
    return _fail("the connection ends at once", "Check host and port, and whether it wants TLS (rediss://).")


def _look(client: redis.Redis, settings: Settings) -> Iterator[Finding]:
    client.ping()
    started = time.monotonic()
    for _ in range(_PINGS):
        client.ping()
    latency_s = (time.monotonic() - started) / _PINGS
    info: Any = client.info()
    version = str(info.get("redis_version", "unknown"))
    numbers = tuple(int(part) for part in version.split(".")[:2] if part.isdecimal())
    if numbers < OLDEST_VERSION:
        yield _fail(f"version {version} is older than 6.0", "Update Redis.")
    else:
        yield _refused(client) or Finding("redis", Status.OK, f"connected, version {version}")
    if latency_s > settings.redis_timeout_s:
        advice = "Bring Redis nearer, or raise REDIS_TIMEOUT: slower answers count as misses."
        yield Finding("redis latency", Status.FAIL, f"{latency_s * 1000:.1f} ms, above REDIS_TIMEOUT", advice)
    else:
        yield Finding("redis latency", Status.OK, f"{latency_s * 1000:.1f} ms")
    yield _eviction(str(info.get("maxmemory_policy", "unknown")), int(info.get("maxmemory", 0)))


def _refused(client: redis.Redis) -> Finding | None:
    """What keeps the cache from doing its work: it writes answers, and asks for two names at once (see calls/entry)."""
    ours = f"plex-mcp:{{check:{secrets.token_hex(8)}:"
    try:
        for number in range(_TRIES):
            names = [f"{ours}{number}}}:{part}" for part in ("answer", "outdated")]
            for name in names:
                client.set(name, b"1", px=_KEPT_MS)
            client.mget(*names)
    except (redis.exceptions.AskError, redis.exceptions.TryAgainError, redis.exceptions.ClusterError):
        return _fail(
            "one node of a cluster, which refuses what others hold",
            "Use a Redis that is no cluster, or whose one node holds all slots.",
        )
    except redis.ReadOnlyError:
        return _fail("a replica that takes no writes", "Name its primary in REDIS_URL.")
    except redis.exceptions.OutOfMemoryError:
        return _fail("memory is full", "Set maxmemory-policy to allkeys-lru.")
    except redis.ResponseError:
        return _fail(
            "SET and MGET of names that begin with plex-mcp: are refused",
            "Allow the user MGET, SET, PING and INFO, and the keys plex-mcp:*.",
        )
    return None


def _eviction(policy: str, limit_bytes: int) -> Finding:
    what = "redis eviction"
    if policy == "noeviction" and limit_bytes:
        advice = "Set maxmemory-policy to allkeys-lru: when memory is full, nothing more is cached."
        return Finding(what, Status.FAIL, f"noeviction at {limit_bytes >> 20} MiB", advice)
    if not limit_bytes:
        advice = "Set maxmemory (64mb is plenty) and maxmemory-policy allkeys-lru."
        return Finding(what, Status.WARN, "memory is not limited", advice)
    return Finding(what, Status.OK, f"{policy} at {limit_bytes >> 20} MiB")

"""Every event of the log: levels, when it is written, fields. For the README's reference; not used at run time."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Event:
    """One kind of line. Beside `fields`, each has `time`, `level` and `event`."""

    name: str
    levels: str
    when: str
    fields: str = ""


EVENTS = (
    Event(
        "tool.called",
        "info, warning",
        "once for each tool call; warning if it failed",
        "tool, outcome, cache, age_s, plex_requests, queue_ms, plex_ms, total_ms, request_id, client, protocol_version;"
        " of failures of Plex: status, endpoint, cause",
    ),
    Event("tool.crashed", "error", "a bug of ours in a tool, with its traceback", "tool"),
    Event(
        "request.failed", "error", "a bug of ours outside the tools, with its traceback", "route, method, request_id"
    ),
    Event("request.refused", "debug", "what arrived was no HTTP", "fault, status"),
    Event(
        "request.traced",
        "info",
        "with TRACE_REQUESTS: bodies without their text",
        "http_method, route, status, request, answer",
    ),
    Event("answer.lost", "debug", "a client went away before its answer", "status"),
    Event(
        "auth.refused",
        "warning",
        "the first failed attempt of an address in a minute, and the one from which on it gets 429",
        "address, limited, had_token",
    ),
    Event(
        "cache.summarized",
        "info",
        "at every HEALTH_CHECK_INTERVAL: lookups since the last such line",
        "lookups, hit_ratio, hit_l1, hit_l2, stale, miss",
    ),
    Event(
        "cache.entry_corrupt",
        "warning",
        "Redis gave bytes that are no entry of ours; it counts as a miss",
        "tool, check",
    ),
    Event(
        "redis.operation_failed",
        "warning",
        "Redis failed; it counts as a miss. Once a minute for each kind at most",
        "kind, cause",
    ),
    Event("redis.lost", "warning", "Redis failed; left alone until it answers the monitor"),
    Event("redis.returned", "info", "Redis answers again"),
    Event("upstream.retry_scheduled", "warning", "Plex failed; the read will be tried again", "tool, tried, pause_s"),
    Event(
        "breaker.opened",
        "warning",
        "Plex failed BREAKER_THRESHOLD times in a row; left alone until it answers the monitor",
    ),
    Event("breaker.closed", "warning", "Plex answers again"),
    Event("monitor.plex_failed", "warning", "Plex did not answer the monitor", "cause, failures"),
    Event("monitor.crashed", "error", "a bug of ours in the monitor, which goes on, with its traceback"),
    Event("warmup.tool_failed", "warning", "an answer could not be loaded at start", "tool, code"),
    Event("warmup.ended", "info", "the warm-up ended or gave up", "warm, took_s"),
    Event("server.serving", "info", "a worker accepts connections", "startup_s"),
    Event("settings.loaded", "info", "at start: what is in force, secrets masked", "every setting"),
    Event("settings.name_unknown", "warning", "at start: a variable that looks like a setting and is none", "warning"),
    Event("tls.verification_off", "warning", "at start: PLEX_VERIFY_TLS is false", "warning"),
)

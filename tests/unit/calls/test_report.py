"""The line and the metrics of one call, figure by figure."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from structlog.testing import capture_logs

from plex_mcp.calls import report
from plex_mcp.calls.outcome import CallInfo
from plex_mcp.calls.report import Reporter, Trace
from plex_mcp.errors import NotFound
from plex_mcp.plex.session import CallScope
from plex_mcp.telemetry.metrics import CACHE_LOOKUPS, REGISTRY, STALE_ANSWERS, TOOL_CALLS
from tests.fakes import Clock, raised, tell
from tests.unit.calls.execution import DOWN, Make, counted


def spent_s() -> float:
    return REGISTRY.get_sample_value("plex_mcp_tool_call_duration_seconds_sum", {"tool": "tell"}) or 0.0


def test_times_are_told_in_milliseconds_and_counted_in_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(report, "time", SimpleNamespace(perf_counter=lambda: 10.0))
    trace = Trace(plex_requests=2, plex_s=0.01234, queue_s=0.50026, stored_at=1_799_999_999.74, lookup="stale")
    costs = {"plex_requests": 2, "queue_ms": 500.3, "plex_ms": 12.3, "total_ms": 123.46}
    caller = {"request_id": "req-1", "client": "claude", "protocol_version": "2026-07-28"}
    before = spent_s()
    with capture_logs() as lines:
        reporter = Reporter(Clock(1_800_000_000.0))
        reporter.answered(tell, "stale", trace, CallInfo("claude", "2026-07-28", "req-1"), 10.0 - 0.123456)
        reporter.failed(tell, NotFound("no"), trace, CallInfo("claude", "2026-07-28", "req-1"), 10.0 - 0.123456)
    common = {"event": "tool.called", "tool": "tell", **costs, **caller}
    assert lines == [
        common | {"outcome": "stale", "cache": "none", "age_s": 0.3, "log_level": "info"},
        common | {"outcome": "not_found", "log_level": "warning"},
    ]
    assert spent_s() - before == pytest.approx(2 * 0.123456)


def test_what_a_call_cost_is_the_sum_of_its_tries() -> None:
    trace = Trace()
    for requests, plex_s in ((1, 0.5), (2, 0.25)):
        scope = CallScope(deadline=8.0)
        scope.requests, scope.plex_s = requests, plex_s
        trace.add(scope)
    assert (trace.plex_requests, trace.plex_s) == (3, 0.75)


def test_one_line_a_call_tells_what_it_cost(make: Make) -> None:
    it = make(["A"], DOWN, RETRY_ATTEMPTS="1")
    info = CallInfo("claude", "2026-07-28", "req-1")
    with capture_logs() as lines:
        it.titles(info)
        it.clock.now += 9.96
        it.titles(info)
        raised(lambda: it.titles(info, query="fails"))
    called = [{**line, "total_ms": 0, "queue_ms": 0, "plex_ms": 0} for line in lines if line["event"] == "tool.called"]
    common = {
        "event": "tool.called",
        "tool": "list_titles",
        "queue_ms": 0,
        "plex_ms": 0,
        "total_ms": 0,
        "request_id": "req-1",
        "client": "claude",
        "protocol_version": "2026-07-28",
    }
    ok = {"log_level": "info"}
    assert called == [
        common | ok | {"outcome": "miss", "cache": "none", "age_s": 0.0, "plex_requests": 1},
        common | ok | {"outcome": "hit_l1", "cache": "l1", "age_s": 10.0, "plex_requests": 0},
        common
        | {
            "log_level": "warning",
            "outcome": "plex_unavailable",
            "plex_requests": 1,
            "status": 503,
            "endpoint": "/x",
            "cause": "test",
        },
    ]


def test_calls_and_lookups_are_counted_by_outcome(make: Make) -> None:
    def figures() -> list[float]:
        calls = [
            counted(TOOL_CALLS, tool="list_titles", outcome=outcome)
            for outcome in ("miss", "hit_l1", "stale", "plex_unavailable")
        ]
        lookups = [counted(CACHE_LOOKUPS, outcome=outcome) for outcome in ("miss", "hit_l1", "stale")]
        return [*calls, *lookups, counted(STALE_ANSWERS, tool="list_titles")]

    before = figures()
    it = make(["A"], DOWN, RETRY_ATTEMPTS="1")
    it.titles()
    it.titles()
    it.clock.now += 61
    it.titles()
    raised(lambda: it.titles(query="fails"))
    assert [after - then for after, then in zip(figures(), before, strict=True)] == [1, 1, 1, 1, 2, 1, 1, 1]

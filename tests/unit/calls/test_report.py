"""The line and the metrics of one call, figure by figure."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from structlog.testing import capture_logs

from plex_mcp.calls import report
from plex_mcp.calls.outcome import CallInfo
from plex_mcp.calls.report import Reporter, Trace
from plex_mcp.errors import NotFound
from plex_mcp.telemetry.metrics import REGISTRY
from tests.fakes import Clock, tell


def spent_s() -> float:
    return REGISTRY.get_sample_value("plex_mcp_tool_call_duration_seconds_sum", {"tool": "tell"}) or 0.0


def test_times_are_told_in_milliseconds_and_counted_in_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(report, "time", SimpleNamespace(perf_counter=lambda: 10.0))
    trace = Trace(plex_requests=2, plex_s=0.01234, queue_s=0.50004, stored_at=1_799_999_999.74, lookup="stale")
    costs = {"plex_requests": 2, "queue_ms": 500.0, "plex_ms": 12.3, "total_ms": 123.46}
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

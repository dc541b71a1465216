"""The probes and /metrics."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from prometheus_client.parser import text_string_to_metric_families

from tests.unit.web.conftest import BEARER, FakeHealth

SINCE = {"what": "plex", "since": "2026-11-23T18:00:00Z"}


@pytest.mark.parametrize(
    ("path", "started", "ready", "degraded", "status", "body"),
    [
        ("live", False, False, (SINCE,), 200, {"status": "alive"}),
        ("ready", True, True, (), 200, {"status": "ready"}),
        ("ready", True, True, (SINCE,), 200, {"status": "degraded", "degraded": [SINCE]}),
        ("ready", True, False, (SINCE,), 503, {"status": "not_ready", "degraded": [SINCE]}),
        ("startup", False, True, (), 503, {"status": "starting"}),
        ("startup", True, False, (SINCE,), 200, {"status": "started", "degraded": [SINCE]}),
    ],
)
def test_probes_say_what_the_executor_knows(
    build: Callable[..., Flask],
    health: FakeHealth,
    path: str,
    started: bool,
    ready: bool,
    degraded: tuple[dict[str, str], ...],
    status: int,
    body: object,
) -> None:
    health.started, health.ready, health.degraded = started, ready, degraded
    answer = build().test_client().get(f"/health/{path}", headers={"Host": "10.42.0.7:8000"})
    assert (answer.status_code, answer.json) == (status, body)


def test_metrics_are_what_prometheus_reads(build: Callable[..., Flask]) -> None:
    answer = build().test_client().get("/metrics", headers=BEARER)
    assert answer.content_type.startswith("text/plain; version=")
    names = {family.name for family in text_string_to_metric_families(answer.text)}
    assert {"plex_mcp_tool_calls", "plex_mcp_http_refused", "process_resident_memory_bytes"} <= names


@pytest.mark.parametrize("path", ["/health/live", "/health/ready", "/health/startup", "/metrics"])
@pytest.mark.parametrize("method", ["OPTIONS", "POST"])
def test_what_is_only_read_says_so_to_other_methods(build: Callable[..., Flask], path: str, method: str) -> None:
    answer = build().test_client().open(path, method=method, headers=BEARER)
    assert (answer.status_code, answer.json) == (405, {"error": "Method Not Allowed."})
    assert set(answer.headers["Allow"].split(", ")) == {"GET", "HEAD"}

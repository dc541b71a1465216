"""The probes. Open to all: no token, no Host check, nothing secret, and nothing that could block.

`live` touches nothing: a restart mends neither Plex nor Redis. `ready` stays 200 while answers can be given, stale ones
included, and says what is degraded since when. `startup` turns 200 when warm-up ended or gave up.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from http import HTTPStatus
from typing import Any, Protocol

from flask import Blueprint, Response


class HealthReport(Protocol):
    """What the executor knows without asking anybody. `degraded`: `{"what": …, "since": …}`, our own words only."""

    @property
    def started(self) -> bool: ...
    @property
    def ready(self) -> bool: ...
    @property
    def degraded(self) -> Sequence[Mapping[str, Any]]: ...


def health_blueprint(health: Callable[[], HealthReport]) -> Blueprint:
    """`GET /health/live`, `/health/ready`, `/health/startup`: 200 or 503 with a JSON body."""
    blueprint = Blueprint("health", __name__, url_prefix="/health")

    @blueprint.get("/live")
    def live() -> Response:
        return _answer(HTTPStatus.OK, "alive", [])

    @blueprint.get("/ready")
    def ready() -> Response:
        report = health()
        if not report.ready:
            return _answer(HTTPStatus.SERVICE_UNAVAILABLE, "not_ready", report.degraded)
        return _answer(HTTPStatus.OK, "degraded" if report.degraded else "ready", report.degraded)

    @blueprint.get("/startup")
    def startup() -> Response:
        report = health()
        if not report.started:
            return _answer(HTTPStatus.SERVICE_UNAVAILABLE, "starting", report.degraded)
        return _answer(HTTPStatus.OK, "started", report.degraded)

    return blueprint


def _answer(status: HTTPStatus, word: str, degraded: Sequence[Mapping[str, Any]]) -> Response:
    body: dict[str, Any] = {"status": word}
    if degraded:
        body["degraded"] = [dict(part) for part in degraded]
    return Response(json.dumps(body), status=status, mimetype="application/json")

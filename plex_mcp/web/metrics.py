"""`GET /metrics` in Prometheus' text format. `app` puts the bearer token before it unless `METRICS_PUBLIC`."""

from __future__ import annotations

from flask import Blueprint, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from plex_mcp.settings import Settings
from plex_mcp.telemetry.metrics import REGISTRY


def metrics_blueprint(settings: Settings) -> Blueprint:  # noqa: ARG001 - all blueprints are built from the settings
    """The whole registry; about 3 ms of CPU."""
    blueprint = Blueprint("metrics", __name__)

    @blueprint.get("/metrics")
    def metrics() -> Response:
        return Response(generate_latest(REGISTRY), content_type=CONTENT_TYPE_LATEST)

    return blueprint

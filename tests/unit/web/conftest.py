"""A Flask application with the edge installed and a route behind it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Blueprint, Flask, Response, request

from plex_mcp.settings import Settings
from plex_mcp.web.auth import install_auth
from plex_mcp.web.guard import install_guard
from plex_mcp.web.health import health_blueprint
from plex_mcp.web.lean import LeanFlask
from plex_mcp.web.metrics import metrics_blueprint
from tests.unit.test_settings import GOOD

TOKEN = GOOD["AUTH_TOKEN"]
BEARER = {"Authorization": f"Bearer {TOKEN}"}


class FakeClock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


class FakeHealth:
    started = True
    ready = True
    degraded: tuple[dict[str, str], ...] = ()


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def health() -> FakeHealth:
    return FakeHealth()


@pytest.fixture
def build(clock: FakeClock, health: FakeHealth) -> Callable[..., Flask]:
    def build(**changes: str) -> Flask:
        settings = Settings.from_env({**GOOD, **changes})
        app = LeanFlask("tests")
        app.config["PROPAGATE_EXCEPTIONS"] = False
        install_guard(app, settings)
        mcp = Blueprint("mcp", __name__)

        @mcp.post("/mcp")
        def answer() -> Response:
            return Response(request.get_data(cache=False), mimetype="application/json")

        @mcp.post("/mcp/bug")
        def bug() -> Response:
            raise ValueError("canary: what went wrong inside")

        @mcp.post("/mcp/stream")
        def stream() -> Response:
            return Response(iter([b"x"]), headers={"Cache-Control": "no-cache, no-transform"})

        @mcp.get("/mcp/caller")
        def caller() -> Response:
            return Response(f"{request.remote_addr} {request.scheme} {request.host}")

        metrics = metrics_blueprint(settings)
        install_auth(mcp, settings, clock=clock)
        if not settings.metrics_public:
            install_auth(metrics, settings, clock=clock)
        for blueprint in (mcp, metrics, health_blueprint(lambda: health)):
            app.register_blueprint(blueprint)
        return app

    return build

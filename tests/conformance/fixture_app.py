"""The fixtures behind the real guard, authentication and endpoint: what gunicorn serves to the conformance suite."""

from __future__ import annotations

import os

from flask import Flask

from plex_mcp.protocol import Dispatcher
from plex_mcp.settings import Settings
from plex_mcp.web.auth import install_auth
from plex_mcp.web.guard import install_guard
from plex_mcp.web.mcp import mcp_blueprint
from tests.conformance.registry import build_dispatcher

TOKEN = "a-test-token-of-good-length"
ENVIRON = {
    "PLEX_SERVER_URL": "http://127.0.0.1:9",
    "PLEX_TOKEN": "never-used-by-fixtures",
    "REDIS_URL": "redis://127.0.0.1:9/0",
    "AUTH_TOKEN": TOKEN,
}


def build_app(dispatcher: Dispatcher | None = None, **settings: str) -> Flask:
    """A Flask application like the real one, without the parts that reach for Plex or Redis."""
    app = Flask("fixtures", static_folder=None)
    known = Settings.from_env(ENVIRON | settings)
    install_guard(app, known)
    blueprint = mcp_blueprint(dispatcher or build_dispatcher())
    install_auth(blueprint, known)
    app.register_blueprint(blueprint)
    return app


def wsgi() -> Flask:
    """gunicorn's entry: `tests.conformance.fixture_app:wsgi()`."""
    return build_app(**{name: os.environ[name] for name in ("BIND",) if name in os.environ})

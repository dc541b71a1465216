"""The composition root: constructs the parts and joins them. No logic in here."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Flask

from plex_mcp.calls.execute import Executor
from plex_mcp.plex.client import PlexClient
from plex_mcp.plex.session import build_session
from plex_mcp.prompts._catalogue import load_prompts
from plex_mcp.protocol import Dispatcher
from plex_mcp.protocol.results import build_body
from plex_mcp.resources._catalogue import load_resources
from plex_mcp.settings import Settings
from plex_mcp.tools._catalogue import load_tools
from plex_mcp.web.auth import install_auth
from plex_mcp.web.guard import install_guard
from plex_mcp.web.health import health_blueprint
from plex_mcp.web.lean import LeanFlask
from plex_mcp.web.mcp import mcp_blueprint
from plex_mcp.web.metrics import metrics_blueprint


def build(environ: Mapping[str, str]) -> tuple[Flask, Executor]:
    """The WSGI application and the executor behind it, not yet started. Raise SettingsError with every fault."""
    settings = Settings.from_env(environ)
    plex = PlexClient(settings, build_session(settings))
    tools = load_tools(read_only=settings.read_only)
    withheld = set(load_tools()) - set(tools) if settings.read_only else set()
    executor = Executor(plex, settings, finish=build_body, tools=tools)
    dispatcher = Dispatcher(
        tools=tools, resources=load_resources(), prompts=load_prompts(), call=executor.call, withheld=withheld
    )

    app = LeanFlask("plex_mcp")
    install_guard(app, settings)
    mcp = mcp_blueprint(dispatcher)
    metrics = metrics_blueprint(settings)
    install_auth(mcp, settings)
    if not settings.metrics_public:
        install_auth(metrics, settings)
    for blueprint in (mcp, metrics, health_blueprint(executor.health)):
        app.register_blueprint(blueprint)
    return app, executor

"""How the HTTP plane says no: one exception, one small JSON body, one counter."""

from __future__ import annotations

import json
from collections.abc import Sequence

import structlog
from flask import Flask, Response, request
from werkzeug.exceptions import HTTPException

from plex_mcp.errors import RequestRejected
from plex_mcp.telemetry import metrics

log = structlog.get_logger(__name__)


def refused(reason: str, status: int, message: str, *headers: tuple[str, str]) -> RequestRejected:
    """Count the refusal and build the exception to raise. `message` is safe to send: it repeats nothing received."""
    metrics.HTTP_REFUSED.labels(reason).inc()
    return RequestRejected(status, message, headers=headers)


def error_response(status: int, message: str, headers: Sequence[tuple[str, str]] = ()) -> Response:
    """`{"error": message}` with its status."""
    body = json.dumps({"error": message}, ensure_ascii=False)
    return Response(body, status=status, headers=list(headers), mimetype="application/json")


def install_error_answers(app: Flask) -> None:
    """Turn whatever is raised while answering into its status and a small JSON body; a bug of ours into 500, logged."""

    @app.errorhandler(RequestRejected)
    def answer_rejected(rejected: RequestRejected) -> Response:
        return error_response(rejected.status, rejected.message, rejected.headers)

    @app.errorhandler(HTTPException)
    def answer_http_error(error: HTTPException) -> Response:
        kept = [(name, value) for name, value in error.get_headers() if name.lower() in {"allow", "retry-after"}]
        return error_response(error.code or 500, f"{error.name}.", kept)

    @app.errorhandler(Exception)
    def answer_bug(error: Exception) -> Response:
        log.error("request.failed", route=str(request.url_rule or "unknown"), exc_info=error)
        return error_response(500, "Internal error.")

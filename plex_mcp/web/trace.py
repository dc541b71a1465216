"""TRACE_REQUESTS: one log line a request with both bodies, their shape kept and their text removed."""

from __future__ import annotations

import io
import json
from typing import Any

import structlog
from flask import Flask, Response, request

log = structlog.get_logger(__name__)

# Values of these keys come from closed sets; every other text is the library's or the user's.
_KEPT = frozenset(
    {
        "jsonrpc",
        "method",
        "protocolVersion",
        "type",
        "mimeType",
        "code",
        "action",
        "media_type",
        "sort",
        "as_of",
        "state",
    }
)


def install_trace(app: Flask) -> None:
    """Log `request.traced` after each request but health checks. For debugging: it costs far more than a call."""

    @app.before_request
    def keep_body() -> None:
        body = request.get_data(cache=True)  # whoever reads it later does not keep it
        request.environ["wsgi.input"] = io.BytesIO(body)

    @app.after_request
    def trace(response: Response) -> Response:
        if not request.path.startswith("/health/"):
            log.info(
                "request.traced",
                http_method=request.method,
                route=str(request.url_rule or "unknown"),
                status=response.status_code,
                request=outline(request.get_data()),
                answer="stream" if response.is_streamed else outline(response.get_data()),
            )
        return response


def outline(body: bytes) -> Any:
    """A JSON body with every text of unknown origin replaced by its length; other bodies as their length in bytes."""
    try:
        return _outline(json.loads(body), key="")
    except (ValueError, RecursionError):
        return f"<{len(body)} bytes>"


def _outline(value: Any, *, key: str) -> Any:
    if isinstance(value, dict):
        # Keys of ours are short words; a caller can send any text as a key.
        return {
            (name if name.isidentifier() and len(name) <= 32 else f"<{len(name)} characters>"): _outline(part, key=name)
            for name, part in value.items()
        }
    if isinstance(value, list):
        return [_outline(part, key=key) for part in value]
    if isinstance(value, str) and not (key in _KEPT and len(value) <= 40):
        return f"<{len(value)} characters>"
    return value

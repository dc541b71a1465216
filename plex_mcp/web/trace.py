"""TRACE_REQUESTS: one log line a request with both bodies, their shape kept and their text removed."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable
from functools import cache
from typing import Any

import structlog
from flask import Flask, Response, request

from plex_mcp.tools._catalogue import load_tools

log = structlog.get_logger(__name__)

# Texts under these keys tell what was asked and how it went; every other is the library's or the user's. A caller can
# write what it likes there too, so that of a request only words are kept that somebody else chose: see `_is_known`.
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

_METHODS = frozenset(
    {
        "initialize",
        "ping",
        "server/discover",
        "tools/list",
        "tools/call",
        "resources/list",
        "resources/read",
        "resources/templates/list",
        "prompts/list",
        "prompts/get",
        "completion/complete",
        "elicitation/create",
        "roots/list",
        "notifications/initialized",
        "notifications/cancelled",
    }
)
_NUMBER_OR_DATE = re.compile(r"[0-9][0-9T:.Z+-]{0,31}")


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
                answer="stream" if response.is_streamed else outline(response.get_data(), is_ours=True),
            )
        return response


def outline(body: bytes, *, is_ours: bool = False) -> Any:
    """A JSON body with every text of unknown origin replaced by its length; other bodies as their length in bytes.

    `is_ours`: an answer, whose texts under the kept keys this server has written.
    """
    keeps = _is_short if is_ours else _is_known
    try:
        return _outline(json.loads(body), keeps, key="")
    except (ValueError, RecursionError):
        return f"<{len(body)} bytes>"


def _is_short(text: str) -> bool:
    return len(text) <= 40


def _is_known(text: str) -> bool:
    """Whether it is a method, a number or a date, or words, with commas between, that the tools' arguments allow."""
    return text in _METHODS or bool(_NUMBER_OR_DATE.fullmatch(text)) or words_of_tools().issuperset(text.split(","))


@cache
def words_of_tools() -> frozenset[str]:
    """Every word that an input schema lists."""
    words: set[str] = set()
    schemas: list[Any] = [tool.input_schema for tool in load_tools(read_only=False).values()]
    while schemas:
        part = schemas.pop()
        if isinstance(part, dict):
            words.update(word for word in part.get("enum", ()) if isinstance(word, str))
            schemas.extend(part.values())
        elif isinstance(part, list):
            schemas.extend(part)
    return frozenset(words)


def _outline(value: Any, keeps: Callable[[str], bool], *, key: str) -> Any:
    if isinstance(value, dict):
        # Keys of ours are short words; a caller can send any text as a key.
        return {
            (name if name.isidentifier() and len(name) <= 32 else f"<{len(name)} characters>"): _outline(
                part, keeps, key=name
            )
            for name, part in value.items()
        }
    if isinstance(value, list):
        return [_outline(part, keeps, key=key) for part in value]
    if isinstance(value, str) and not (key in _KEPT and keeps(value)):
        return f"<{len(value)} characters>"
    return value

"""`POST /mcp`: the HTTP side of MCP. Method, Content-Type, Accept and size here; all else is the dispatcher's.

Every method is routed, so that authentication answers before the 405 does. No session id is given or read.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from flask import Blueprint, Request, Response, request
from werkzeug.exceptions import BadRequest

from plex_mcp.protocol import Dispatcher, Reply
from plex_mcp.web.guard import TOO_LARGE
from plex_mcp.web.intake import BODY_LIMIT_BYTES
from plex_mcp.web.lean import Answer
from plex_mcp.web.refusal import refused

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

_METHODS: Final = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT"]
_JSON: Final = "application/json"
_EVENTS: Final = "text/event-stream"
_PASSED_ON: Final = (
    ("mcp-protocol-version", "HTTP_MCP_PROTOCOL_VERSION"),
    ("mcp-method", "HTTP_MCP_METHOD"),
    ("mcp-name", "HTTP_MCP_NAME"),
    ("user-agent", "HTTP_USER_AGENT"),
    ("x-request-id", "HTTP_X_REQUEST_ID"),
)
_STREAM_HEADERS: Final = {"Cache-Control": "no-cache, no-transform", "X-Accel-Buffering": "no"}


def mcp_blueprint(dispatcher: Dispatcher) -> Blueprint:
    """The blueprint of the endpoint. Raises RequestRejected for what is refused before MCP is looked at."""
    blueprint = Blueprint("mcp", __name__)

    @blueprint.route("/mcp", methods=_METHODS, strict_slashes=False, provide_automatic_options=False)
    def endpoint() -> Response:
        environ = request.environ  # once: each look through the proxy costs 3 us
        if environ["REQUEST_METHOD"] != "POST":
            raise refused("malformed", 405, "MCP takes POST only.", ("Allow", "POST"))
        if environ.get("CONTENT_TYPE") != _JSON and request.mimetype != _JSON:
            raise refused("malformed", 415, f"Content-Type must be {_JSON}.")
        accepts_events = _accepts_events(environ)
        body = _read_body(environ)
        # A duplicate of these arrives joined by a comma; spaces around a value are no part of it (RFC 9110).
        headers = {name: environ[key].strip(" \t") for name, key in _PASSED_ON if key in environ}
        return _respond(dispatcher.handle(body, headers, accepts_events=accepts_events))

    return blueprint


def _accepts_events(environ: WSGIEnvironment) -> bool:
    """True when the answer may be a stream. Raise RequestRejected(406) when it may not even be JSON."""
    accept = environ.get("HTTP_ACCEPT", "")
    if not accept:
        return False
    if ";" not in accept and _JSON in accept:
        return _EVENTS in accept
    wanted = request.accept_mimetypes
    if not wanted.quality(_JSON):
        raise refused("malformed", 406, f"Accept must allow {_JSON}.")
    return bool(wanted.quality(_EVENTS)) and _EVENTS in accept


def _read_body(environ: WSGIEnvironment) -> bytes:
    # werkzeug's stream around the body costs 20 us, cuts a chunked one at its limit and says nothing.
    if environ.get("wsgi.input_terminated"):
        body: bytes = environ["wsgi.input"].read(BODY_LIMIT_BYTES + 1)
    else:  # a server that does not end the body where it ends
        body = _read_to_length(request)
    if len(body) > BODY_LIMIT_BYTES:
        raise refused("too_large", 413, TOO_LARGE)
    return body


def _read_to_length(incoming: Request) -> bytes:
    incoming.max_content_length = BODY_LIMIT_BYTES + 1
    try:
        return incoming.get_data(cache=False)
    except BadRequest:  # the client went away in the middle
        raise refused("malformed", 400, "The body ended early.") from None


def _respond(reply: Reply) -> Response:
    if reply.stream is not None:
        return Response(reply.stream, reply.status, _STREAM_HEADERS, content_type=reply.content_type)
    if reply.body is None:
        response = Response(status=reply.status)
        del response.headers["Content-Type"]
        return response
    return Answer(reply.body, reply.status, reply.content_type)

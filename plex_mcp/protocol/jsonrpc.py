"""JSON-RPC 2.0 framing: bytes to a message, errors and results to bytes, and the one table of HTTP statuses.

Source: https://www.jsonrpc.org/specification and basic/transports/streamable-http of the MCP specification.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, NoReturn

from plex_mcp.errors import ProtocolError
from plex_mcp.protocol.wire import (
    HEADER_MISMATCH,
    INTERNAL_ERROR,
    INVALID_PARAMS,
    INVALID_REQUEST,
    METHOD_NOT_FOUND,
    MISSING_REQUIRED_CLIENT_CAPABILITY,
    PARSE_ERROR,
    UNSUPPORTED_PROTOCOL_VERSION,
)

LEGACY_RESOURCE_NOT_FOUND = -32002
"""Retired by 2026-07-28, where it is INVALID_PARAMS; what the handshake versions expect."""

_HTTP_STATUS = {
    PARSE_ERROR: 400,
    INVALID_REQUEST: 400,
    INVALID_PARAMS: 400,
    HEADER_MISMATCH: 400,
    MISSING_REQUIRED_CLIENT_CAPABILITY: 400,
    UNSUPPORTED_PROTOCOL_VERSION: 400,
    METHOD_NOT_FOUND: 404,
    INTERNAL_ERROR: 200,
}
# A handshake-era client takes a 4xx for a broken transport: only what is no request at all gets one there.
_LEGACY_HTTP_STATUS = {PARSE_ERROR: 400, INVALID_REQUEST: 400, UNSUPPORTED_PROTOCOL_VERSION: 400}


@dataclass(frozen=True, slots=True)
class Message:
    """One JSON-RPC message. `id_json` is the id as it goes back, None for a notification or a posted response.

    `method` is empty for a posted response. `params` is None when it is absent, null, or not an object; then
    `params_malformed` tells the last from the others.
    """

    id_json: bytes | None
    method: str
    params: dict[str, Any] | None
    params_malformed: bool = False


def http_status(code: int, *, modern: bool) -> int:
    """The HTTP status that goes with a JSON-RPC error code."""
    return (_HTTP_STATUS if modern else _LEGACY_HTTP_STATUS).get(code, 200)


def parse_json(body: bytes) -> Any:
    """Decode a request body: strict UTF-8, no NaN. Raise ProtocolError(PARSE_ERROR)."""
    try:
        return _DECODER.decode(body.decode("utf-8"))
    except (ValueError, RecursionError):  # ValueError: JSON, UTF-8, and integers of more than 4300 digits
        raise ProtocolError(PARSE_ERROR, "Parse error: the body is not JSON in UTF-8") from None


def parse_message(value: Any) -> Message:
    """Recognise a request, a notification or a posted response. Raise ProtocolError(INVALID_REQUEST)."""
    if not isinstance(value, dict) or value.get("jsonrpc") != "2.0":
        raise ProtocolError(INVALID_REQUEST, 'Invalid request: expected an object with "jsonrpc": "2.0"')
    id_json = None
    if "id" in value:
        id_json = _id_json(value["id"])
    if "method" not in value:
        if ("result" in value) != ("error" in value) and id_json is not None:
            return Message(None, "", None)
        raise ProtocolError(INVALID_REQUEST, "Invalid request: method is missing")
    method, params = value["method"], value.get("params")
    if not isinstance(method, str) or not method:
        raise ProtocolError(INVALID_REQUEST, "Invalid request: method must be text")
    if isinstance(params, dict):
        return Message(id_json, method, params)
    return Message(id_json, method, None, params_malformed=params is not None)


def readable_id(value: Any) -> bytes | None:
    """The id to answer a broken request with, if it has one that may be sent back."""
    if isinstance(value, dict) and "id" in value:
        try:
            return _id_json(value["id"])
        except ProtocolError:
            return None
    return None


def build_error(id_json: bytes | None, error: ProtocolError) -> bytes:
    """An error answer. Without a readable id the member is left out: null is no valid id of MCP's."""
    members: dict[str, Any] = {"code": error.code, "message": error.message}
    if error.data is not None:
        members["data"] = error.data
    head = b'{"jsonrpc":"2.0",' if id_json is None else b'{"jsonrpc":"2.0","id":' + id_json + b","
    return head + b'"error":' + to_json_bytes(members) + b"}"


def build_success(id_json: bytes, members: bytes) -> bytes:
    """A result answer around the finished members of the result object."""
    return b'{"jsonrpc":"2.0","id":' + id_json + b',"result":{' + members + b"}}"


def to_json_bytes(value: Any) -> bytes:
    """Compact JSON. ASCII only, so that a lone surrogate which a client sent can be sent back."""
    return json.dumps(value, separators=(",", ":"), allow_nan=False).encode("ascii")


def _id_json(value: Any) -> bytes:
    # bool is an int to Python; a float id cannot be compared safely and MCP forbids it.
    if type(value) is int:
        return b"%d" % value
    if isinstance(value, str):
        return to_json_bytes(value)
    raise ProtocolError(INVALID_REQUEST, "Invalid request: id must be text or a whole number")


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(name)


_DECODER = json.JSONDecoder(parse_constant=_refuse_constant)

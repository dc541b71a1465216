"""Which era a request belongs to, and the checks of the modern one. Pure: no state, no I/O.

The body decides before the headers do: a request with an envelope is modern whatever its header says, so a
contradiction is reported as one (HEADER_MISMATCH) instead of being served by the older rules.
Source: specification 2026-07-28, basic/index "Per-request protocol fields" and basic/transports/streamable-http.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from plex_mcp.errors import ProtocolError
from plex_mcp.protocol import versions
from plex_mcp.protocol.jsonrpc import Message
from plex_mcp.protocol.wire import (
    CLIENT_CAPABILITIES_META_KEY,
    CLIENT_INFO_META_KEY,
    HEADER_MISMATCH,
    INVALID_PARAMS,
    LOG_LEVEL_META_KEY,
    PROTOCOL_VERSION_META_KEY,
    UNSUPPORTED_PROTOCOL_VERSION,
)

VERSION_HEADER = "mcp-protocol-version"
METHOD_HEADER = "mcp-method"
NAME_HEADER = "mcp-name"
NAMED_BY = {"tools/call": "name", "prompts/get": "name", "resources/read": "uri"}
"""Method → the parameter that `Mcp-Name` repeats."""

_LOG_LEVELS = frozenset({"debug", "info", "notice", "warning", "error", "critical", "alert", "emergency"})
_BASE64 = re.compile(r"=\?base64\?(.*)\?=", re.DOTALL)
_NOTHING: Mapping[str, Any] = {}


@dataclass(frozen=True, slots=True)
class Envelope:
    """What the request says about itself. `capabilities` and `client` are empty in the handshake era."""

    version: str
    modern: bool
    meta: Mapping[str, Any]
    capabilities: Mapping[str, Any]
    client: Mapping[str, Any]


def is_modern(message: Message, headers: Mapping[str, str]) -> bool:
    """True when the body has an envelope, or the header names a version that no handshake reaches."""
    meta = message.params.get("_meta") if message.params else None
    if isinstance(meta, dict) and PROTOCOL_VERSION_META_KEY in meta:
        return True
    header = headers.get(VERSION_HEADER)
    return header is not None and header not in versions.HANDSHAKE


def open_legacy(message: Message, headers: Mapping[str, str]) -> Envelope:
    """The envelope of a handshake-era request, which has none but the version header."""
    _require_object(message)
    meta = message.params.get("_meta") if message.params else None
    version = headers.get(VERSION_HEADER, versions.ASSUMED)
    return Envelope(version, False, meta if isinstance(meta, dict) else _NOTHING, _NOTHING, _NOTHING)


def open_modern(message: Message, headers: Mapping[str, str]) -> Envelope:
    """Check envelope, then headers, then version. Raise ProtocolError at the first that fails."""
    _require_object(message)
    params = message.params or _NOTHING
    meta = params.get("_meta")
    if not isinstance(meta, dict):
        raise ProtocolError(
            INVALID_PARAMS,
            f"params._meta must be an object with {PROTOCOL_VERSION_META_KEY} and {CLIENT_CAPABILITIES_META_KEY}",
        )
    missing = [key for key in (PROTOCOL_VERSION_META_KEY, CLIENT_CAPABILITIES_META_KEY) if key not in meta]
    if missing:
        raise ProtocolError(INVALID_PARAMS, f"params._meta lacks {', '.join(missing)}")
    version = meta[PROTOCOL_VERSION_META_KEY]
    _require_headers(message.method, params, version, headers)
    if version not in versions.MODERN:
        raise unsupported_version(version)
    return Envelope(version, True, meta, *_client(meta))


def unsupported_version(requested: str) -> ProtocolError:
    """The error that names every version served."""
    return ProtocolError(
        UNSUPPORTED_PROTOCOL_VERSION,
        "Unsupported protocol version",
        data={"supported": list(versions.SUPPORTED), "requested": requested},
    )


def decode_header(value: str | None) -> str | None:
    """A header's text, `=?base64?…?=` decoded. None for a missing or malformed one, which therefore equals nothing."""
    if value is None or not (found := _BASE64.fullmatch(value)):
        return value
    payload = found[1]
    try:
        decoded = base64.b64decode(payload, validate=True)
        # Trailing bits that are not zero decode too; two spellings of one name would fool whoever routes by it.
        return decoded.decode("utf-8") if base64.b64encode(decoded).decode("ascii") == payload else None
    except (binascii.Error, ValueError):  # ValueError: characters beyond ASCII, or bytes that are not UTF-8
        return None


def _require_object(message: Message) -> None:
    if message.params_malformed:
        raise ProtocolError(INVALID_PARAMS, "params must be an object")


def _require_headers(method: str, params: Mapping[str, Any], version: Any, headers: Mapping[str, str]) -> None:
    # A repeated header arrives joined by a comma and so equals nothing.
    header = headers.get(VERSION_HEADER)
    if header is None or header != version:
        raise ProtocolError(HEADER_MISMATCH, "The MCP-Protocol-Version header and the envelope's version must be equal")
    if headers.get(METHOD_HEADER) != method:
        raise ProtocolError(HEADER_MISMATCH, "The Mcp-Method header and the method of the body must be equal")
    name = NAMED_BY.get(method)
    if name is not None:
        wanted = params.get(name)
        if wanted is not None and decode_header(headers.get(NAME_HEADER)) != wanted:
            raise ProtocolError(HEADER_MISMATCH, f"The Mcp-Name header and params.{name} must be equal")


def _client(meta: Mapping[str, Any]) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    """Capabilities and client info, their shapes checked. Null counts as absent."""
    capabilities = meta[CLIENT_CAPABILITIES_META_KEY]
    if not isinstance(capabilities, dict):
        raise ProtocolError(INVALID_PARAMS, f"{CLIENT_CAPABILITIES_META_KEY} must be an object")
    client = meta.get(CLIENT_INFO_META_KEY)
    if client is None:
        client = _NOTHING
    elif not (
        isinstance(client, dict) and isinstance(client.get("name"), str) and isinstance(client.get("version"), str)
    ):
        raise ProtocolError(INVALID_PARAMS, f"{CLIENT_INFO_META_KEY} must be an object with name and version")
    level = meta.get(LOG_LEVEL_META_KEY)
    if level is not None and not (isinstance(level, str) and level in _LOG_LEVELS):
        raise ProtocolError(INVALID_PARAMS, f"{LOG_LEVEL_META_KEY} must be one of {', '.join(sorted(_LOG_LEVELS))}")
    return capabilities, client

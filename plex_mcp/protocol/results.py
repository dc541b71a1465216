"""Results to bytes. What is the same for every era and every id is finished once and spliced.

A tools/call result is `body`: its members without the braces, the same in both eras, so that the cache can hold it.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from plex_mcp import __version__
from plex_mcp.errors import ToolError
from plex_mcp.protocol.jsonrpc import to_json_bytes
from plex_mcp.protocol.wire import SERVER_INFO_META_KEY
from plex_mcp.tools._tool import Image

SERVER_INFO: Mapping[str, Any] = {"name": "plex-mcp", "title": "Plex Media Server", "version": __version__}
_STAMP = b'"_meta":' + to_json_bytes({SERVER_INFO_META_KEY: SERVER_INFO})
_COMPLETE = b'"resultType":"complete",' + _STAMP + b","
_INPUT_REQUIRED = b'"resultType":"input_required",' + _STAMP


@dataclass(frozen=True, slots=True)
class Freshness:
    """How long a client may keep a list or a read (2026-07-28 `ttlMs`, `cacheScope`)."""

    ttl_ms: int
    scope: str


DISCOVER = Freshness(3_600_000, "public")
LISTS = Freshness(300_000, "public")
READS = Freshness(30_000, "private")


def build_body(structured: bytes, images: Sequence[Image] = ()) -> bytes:
    """The members of a tools/call result: the compact JSON as text, the images, and the same JSON as an object."""
    blocks = [b'{"type":"text","text":' + _json_string(structured) + b"}"]
    for image in images:
        data, mime_type = base64.b64encode(image.data), image.mime_type.encode("ascii")
        blocks.append(b'{"type":"image","data":"%b","mimeType":"%b"}' % (data, mime_type))
    return b'"content":[%b],"structuredContent":%b,"isError":false' % (b",".join(blocks), structured)


def build_tool_error(error: ToolError) -> bytes:
    """The members of an `isError` result. No structured content: the output schema describes answers, not failures."""
    text = _json_string(to_json_bytes({"error": error.as_dict()}))
    return b'"content":[{"type":"text","text":%b}],"isError":true' % text


def build_members(members: bytes, *, modern: bool, freshness: Freshness | None = None) -> bytes:
    """Put before a result's members what the modern era asks of every complete result."""
    if not modern:
        return members
    if freshness is None:
        return _COMPLETE + members
    return b'%b"ttlMs":%d,"cacheScope":"%b",%b' % (_COMPLETE, freshness.ttl_ms, freshness.scope.encode(), members)


def build_input_required(requests: Mapping[str, Any] | None, state: str | None) -> bytes:
    """The members of a result that asks the client for more before the call can go on (2026-07-28 only)."""
    members = _INPUT_REQUIRED
    if requests is not None:
        members += b',"inputRequests":' + to_json_bytes(requests)
    if state is not None:
        members += b',"requestState":' + to_json_bytes(state)
    return members


def members_of(result: Mapping[str, Any]) -> bytes:
    """A result object without its braces."""
    return to_json_bytes(result)[1:-1]


def _json_string(text: bytes) -> bytes:
    return json.dumps(text.decode("utf-8"), ensure_ascii=False).encode("utf-8")

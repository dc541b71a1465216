"""One request after the envelope checks."""

from __future__ import annotations

import itertools
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from plex_mcp.calls.outcome import CallInfo
from plex_mcp.protocol.envelope import Envelope
from plex_mcp.protocol.jsonrpc import Message

_MAX_NAME = 64
_UNPRINTABLE = re.compile(r"[^\x20-\x7e]")
# A number of our own costs a tenth of a random one; the prefix keeps replicas and restarts apart.
_PREFIX = secrets.token_hex(4)
_NUMBERS = itertools.count(1)


@dataclass(frozen=True, slots=True)
class Request:
    """A request with its id as it goes back, its envelope and what the calls below need to know of the caller."""

    id_json: bytes
    method: str
    params: Mapping[str, Any]
    envelope: Envelope
    info: CallInfo

    def with_info(self, **changes: Any) -> Request:
        """The same request, its call info changed."""
        return replace(self, info=replace(self.info, **changes))


def build_request(message: Message, envelope: Envelope, headers: Mapping[str, str]) -> Request:
    """Join message and envelope. The message has an id."""
    assert message.id_json is not None  # noqa: S101 - for the type checker
    # A handshake client names itself only in `initialize`; nothing is remembered, so the user agent stands in.
    name = envelope.client.get("name") or headers.get("user-agent", "").partition(" ")[0]
    info = CallInfo(
        client_name=printable(name) or "unknown",
        protocol_version=envelope.version,
        # A proxy's id joins its log lines to ours; without one there is ours.
        request_id=printable(headers.get("x-request-id", "")) or f"{_PREFIX}-{next(_NUMBERS)}",
        capabilities=envelope.capabilities,
    )
    return Request(message.id_json, message.method, message.params or {}, envelope, info)


def printable(text: str) -> str:
    """Text of a client's that may go into a log line or an answer: short, ASCII, without control characters."""
    text = text[:_MAX_NAME]
    return text if text.isascii() and text.isprintable() else _UNPRINTABLE.sub("?", text)

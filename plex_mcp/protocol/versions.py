"""The protocol versions served. An enumerated set: never compared as text."""

from __future__ import annotations

from typing import Final

from plex_mcp.protocol.wire import HANDSHAKE_PROTOCOL_VERSIONS, LATEST_HANDSHAKE_VERSION, MODERN_PROTOCOL_VERSIONS

MODERN: Final = frozenset(MODERN_PROTOCOL_VERSIONS)
HANDSHAKE: Final = frozenset(HANDSHAKE_PROTOCOL_VERSIONS)
SUPPORTED: Final = (*reversed(MODERN_PROTOCOL_VERSIONS), *reversed(HANDSHAKE_PROTOCOL_VERSIONS))
"""Newest first, both eras: a client without a version of the modern era in common falls back to the handshake."""

ASSUMED: Final = "2025-03-26"
"""The version of a request that names none (2025-03-26 and later, transports, Protocol Version Header)."""

BATCHING: Final = frozenset({"2025-03-26"})
"""The only version with batches on this transport."""

PREFERRED_HANDSHAKE: Final = LATEST_HANDSHAKE_VERSION
"""What `initialize` answers when the client offers a version that no handshake reaches."""

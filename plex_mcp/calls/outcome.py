"""What goes into one tool call beside its arguments, and what comes out of it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class CallInfo:
    """What the caller is: for the log, for progress, for cancellation.

    `progress` takes (done, total, message) and is absent unless the client asked for progress; `cancelled` is set when
    the client has gone away. `capabilities`, `input_responses` and `request_state` are what a client of 2026-07-28
    sent (see protocol/input_required.py for who reads them); they never take part in a cache key.
    """

    client_name: str = "unknown"
    protocol_version: str = ""
    request_id: str = ""
    progress: Callable[[float, float | None, str], None] | None = None
    cancelled: threading.Event | None = None
    capabilities: Mapping[str, Any] = field(default_factory=dict)
    input_responses: Mapping[str, Any] | None = None
    request_state: str | None = None


@dataclass(frozen=True, slots=True)
class CallOutcome:
    """A finished answer.

    `body` holds the members of an MCP tools/call result without the braces, `structured` the JSON object alone (with
    `as_of`, `stale` and `note`). `outcome` is one of hit_l1, hit_l2, miss, stale, bypass.
    """

    body: bytes
    structured: bytes
    outcome: str

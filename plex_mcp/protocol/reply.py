"""What the dispatcher hands to the web."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

JSON_TYPE = "application/json"
EVENTS_TYPE = "text/event-stream"


@dataclass(frozen=True, slots=True)
class Reply:
    """One HTTP answer. Either `body` (None: empty, as of a 202) or `stream`, whose closing means the client left."""

    status: int
    body: bytes | None = None
    content_type: str = JSON_TYPE
    stream: Iterator[bytes] | None = None

"""Asking the client back, statelessly (2026-07-28 multi round-trip requests)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class InputRequired(Exception):
    """Raised by a tool call or a prompt that cannot go on without an answer from the client or its user.

    `requests` are the client requests by a name of our choice, `state` comes back verbatim with the answers: it is
    the client's to tamper with, so whoever uses it signs it.
    """

    def __init__(self, requests: Mapping[str, Any] | None = None, *, state: str | None = None) -> None:
        super().__init__("input required")
        self.requests = requests
        self.state = state

"""Asking the client back, statelessly (2026-07-28 multi round-trip requests).

No tool, resource or prompt of ours asks anything back: the one user today is the conformance suite's server in
tests/conformance. It is kept because the protocol layer serves all of 2026-07-28: without it the suite's cases of
input_required fail, and the first tool that wants a confirmation would begin with the protocol.
"""

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

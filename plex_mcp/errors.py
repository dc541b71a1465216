"""Every error that plex-mcp itself raises, as one tree. A leaf: imports nothing of ours.

    PlexMCPError
    ├─ SettingsError                 at start: lists every fault; exit status 78
    ├─ RequestRejected(status)       the HTTP plane: 401, 403, 405, 406, 413, 415, 421, 429
    ├─ ProtocolError(code)           the JSON-RPC plane: -32700, -32600, -32601, -32602, -32020 to -32022
    └─ ToolError                     an `isError` result: our own words only, never `str(exc)` of anything foreign
       ├─ InvalidArgument  NotFound  Ambiguous  NotControllable  ReadOnly
       ├─ Busy                       pool and queue are full
       ├─ Internal                   a bug of ours, told politely
       └─ UpstreamError              Plex was asked and failed
          ├─ PlexUnavailable  PlexTimeout  PlexBadAnswer    retried for reads, open the breaker, allow stale
          └─ PlexRefusedToken  PlexForbidden                final until somebody mends it, no stale copy

PlexAPI's and requests' exceptions become ours only in `plex/`, redis', tenacity's and the breaker's only in their
file of `calls/`. All of them leave only in `protocol/methods` and `web/mcp`.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import Any, ClassVar


class ErrorCode(StrEnum):
    """The closed list of codes an `isError` result may carry (design.md section 5)."""

    INVALID_ARGUMENT = "INVALID_ARGUMENT"
    NOT_FOUND = "NOT_FOUND"
    AMBIGUOUS = "AMBIGUOUS"
    NOT_CONTROLLABLE = "NOT_CONTROLLABLE"
    READ_ONLY = "READ_ONLY"
    BUSY = "BUSY"
    PLEX_UNAVAILABLE = "PLEX_UNAVAILABLE"
    PLEX_TIMEOUT = "PLEX_TIMEOUT"
    PLEX_REFUSED_TOKEN = "PLEX_REFUSED_TOKEN"  # noqa: S105 - a code, not a token
    PLEX_FORBIDDEN = "PLEX_FORBIDDEN"
    PLEX_BAD_ANSWER = "PLEX_BAD_ANSWER"
    INTERNAL = "INTERNAL"


class PlexMCPError(Exception):
    """The root of the tree."""


class SettingsError(PlexMCPError):
    """The environment cannot be served with. `faults` holds every fault found, each a sentence."""

    def __init__(self, faults: Sequence[str]) -> None:
        super().__init__("\n".join(faults))
        self.faults = tuple(faults)


class RequestRejected(PlexMCPError):
    """The HTTP request is refused before MCP is looked at. `message` is safe to send."""

    def __init__(self, status: int, message: str, *, headers: Sequence[tuple[str, str]] = ()) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.headers = tuple(headers)


class ProtocolError(PlexMCPError):
    """A JSON-RPC error answer. `code` is a JSON-RPC or MCP error number; `message` and `data` are safe to send."""

    def __init__(self, code: int, message: str, *, data: Any = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.data = data


class ToolError(PlexMCPError):
    """A tool call that failed in a way the model should read.

    `message` says what failed and with what, `suggestion` what to call or change next, `retry_after_s` (seconds) when
    trying again makes sense. The class attributes are the policy: nothing else decides about retries, stale copies
    or the breaker.
    """

    code: ClassVar[ErrorCode]
    temporary: ClassVar[bool] = False
    retryable: ClassVar[bool] = False
    trips_breaker: ClassVar[bool] = False
    allows_stale: ClassVar[bool] = False

    def __init__(self, message: str, *, suggestion: str | None = None, retry_after_s: float | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.suggestion = suggestion
        self.retry_after_s = retry_after_s

    def as_dict(self) -> dict[str, Any]:
        """The error object of an `isError` result: code, message, temporary, and what is known of the rest."""
        error: dict[str, Any] = {"code": str(self.code), "message": self.message, "temporary": self.temporary}
        if self.retry_after_s is not None:
            error["retry_after_s"] = round(self.retry_after_s, 1)
        if self.suggestion:
            error["suggestion"] = self.suggestion
        return error


class InvalidArgument(ToolError):
    """The model can mend it: the message names the argument and what is allowed."""

    code = ErrorCode.INVALID_ARGUMENT


class NotFound(ToolError):
    """No such item, library, session or user; the message repeats the validated id that was asked for."""

    code = ErrorCode.NOT_FOUND


class Ambiguous(ToolError):
    """More than one thing fits; the message lists the candidates with their ids."""

    code = ErrorCode.AMBIGUOUS


class NotControllable(ToolError):
    """The player exists and does not take the command; the message says why."""

    code = ErrorCode.NOT_CONTROLLABLE


class ReadOnly(ToolError):
    """`READ_ONLY` is set and the tool would write."""

    code = ErrorCode.READ_ONLY


class Busy(ToolError):
    """All workers are taken and the queue is full."""

    code = ErrorCode.BUSY
    temporary = True


class Internal(ToolError):
    """A bug of ours; the log has the trace under the request id."""

    code = ErrorCode.INTERNAL


class UpstreamError(ToolError):
    """Plex was asked and failed.

    For the log only: `status` is Plex's HTTP status if it sent one, `endpoint` the template of the path
    (`/library/metadata/{id}`), `cause` the class name of the exception behind. For the retries only: `pause_s`,
    for how many seconds Plex itself asked to be left alone (its Retry-After; `retry_after_s` may be our own guess).
    """

    def __init__(
        self,
        message: str,
        *,
        suggestion: str | None = None,
        retry_after_s: float | None = None,
        status: int | None = None,
        endpoint: str | None = None,
        cause: str | None = None,
        pause_s: float = 0.0,
    ) -> None:
        super().__init__(message, suggestion=suggestion, retry_after_s=retry_after_s)
        self.status = status
        self.endpoint = endpoint
        self.cause = cause
        self.pause_s = pause_s

    @property
    def may_be_the_questions(self) -> bool:
        """Whether Plex answered, and the fault may lie in the one thing that was asked for: HTTP status 500, or an
        answer that cannot be read. Nobody there, silence and a gateway's statuses are not of that kind.
        """
        return self.status == 500 or isinstance(self, PlexBadAnswer)


class PlexUnavailable(UpstreamError):
    """Plex cannot be reached, is starting up or answers 5xx; or the breaker is open."""

    code = ErrorCode.PLEX_UNAVAILABLE
    temporary = retryable = trips_breaker = allows_stale = True


class PlexTimeout(UpstreamError):
    """Plex did not answer within the call's deadline."""

    code = ErrorCode.PLEX_TIMEOUT
    temporary = retryable = trips_breaker = allows_stale = True


class PlexBadAnswer(UpstreamError):
    """Plex, or something in front of it, answered what cannot be read."""

    code = ErrorCode.PLEX_BAD_ANSWER
    temporary = retryable = trips_breaker = allows_stale = True


class PlexRefusedToken(UpstreamError):
    """401: `PLEX_TOKEN` is wrong or revoked. Only the owner can mend it."""

    code = ErrorCode.PLEX_REFUSED_TOKEN


class PlexForbidden(UpstreamError):
    """403: the token may not do this."""

    code = ErrorCode.PLEX_FORBIDDEN

"""One call on its way through the policy, and the words for its ends that are nobody's in particular."""

from __future__ import annotations

from dataclasses import dataclass, field

import structlog

from plex_mcp.calls.outcome import CallInfo
from plex_mcp.calls.report import Trace
from plex_mcp.errors import Busy, Internal, PlexTimeout, ReadOnly, ToolError
from plex_mcp.plex.session import CallScope
from plex_mcp.tools._tool import Arguments, Tool

log = structlog.get_logger(__name__)


@dataclass(slots=True)
class Call:
    """`deadline`: the monotonic instant after which nobody waits for it. `scope`: the use of Plex of its latest try,
    None before its turn came; a worker may still be writing to it after the deadline.
    """

    tool: Tool
    arguments: Arguments
    info: CallInfo
    deadline: float
    trace: Trace = field(default_factory=Trace)
    scope: CallScope | None = None

    @property
    def is_cancelled(self) -> bool:
        return self.info.cancelled is not None and self.info.cancelled.is_set()


def switched_off(tool_name: str) -> ReadOnly:
    """`READ_ONLY` is set and the tool writes. It is said where the tool is looked up, and before anything is sent."""
    return ReadOnly(
        f"{tool_name} is switched off: this server runs with READ_ONLY.",
        suggestion="Tell the user that only its owner can allow commands.",
    )


def crashed(tool: Tool) -> Internal:
    """For use in an `except` block: the log gets the trace, the caller our words."""
    log.exception("tool.crashed", tool=tool.name)  # noqa: LOG004 - see above
    return Internal("This server failed to answer; that is a fault of its own, and it was logged.")


def too_many() -> Busy:
    return Busy("Too many calls are waiting for Plex.", suggestion="Ask again in a moment.", retry_after_s=1.0)


def shutting_down() -> Busy:
    return Busy("This server is shutting down.", suggestion="Ask again in a moment.", retry_after_s=2.0)


def too_late(call: Call) -> ToolError:
    """The caller waited until the end of its patience."""
    if call.is_cancelled:
        return Busy("The call was cancelled by its caller.")
    if call.tool.read_only:
        return PlexTimeout("Plex did not answer in time.", suggestion="Ask again in a moment.", retry_after_s=2.0)
    return PlexTimeout(
        "Plex did not answer in time; the command may have been carried out all the same.",
        suggestion="Look before trying again: get_playback_status tells what plays now.",
    )

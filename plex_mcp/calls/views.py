"""Reading through the tools: how resources, prompts and completions look at Plex without an access of their own."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from plex_mcp.calls.outcome import CallInfo, CallOutcome
from plex_mcp.tools._tool import Arguments, Tool

Call = Callable[[Tool, Arguments, CallInfo], CallOutcome]


@dataclass(frozen=True, slots=True)
class Views:
    """The tools as one request may read them: cached, deadlined and logged like any tools/call."""

    tools: Mapping[str, Tool]
    call: Call
    info: CallInfo

    def read(self, tool_name: str, **arguments: Any) -> dict[str, Any]:
        """The structured answer. Raise ToolError as the tool does."""
        answer: dict[str, Any] = json.loads(self.outcome(tool_name, **arguments).structured)
        return answer

    def outcome(self, tool_name: str, **arguments: Any) -> CallOutcome:
        """The finished answer. Raise ToolError as the tool does."""
        tool = self.tools[tool_name]
        return self.call(tool, tool.parse(arguments), self.info)

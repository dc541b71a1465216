"""A tool's answer as the content of a resource."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from plex_mcp.calls.views import Views
from plex_mcp.resources._resource import Content

JSON_TYPE = "application/json"


def answer_of(tool_name: str, **arguments: Any) -> Callable[[Views], Content]:
    """A reader that gives what a tool answers to these arguments."""

    def read(views: Views) -> Content:
        return Content(JSON_TYPE, text=views.outcome(tool_name, **arguments).structured.decode("utf-8"))

    return read

"""What prompts read ahead, so that the model need not ask first."""

from __future__ import annotations

import json
from typing import Any

from plex_mcp.calls.views import Views
from plex_mcp.errors import InvalidArgument, NotFound, ToolError
from plex_mcp.prompts._prompt import user_text


def read_ahead(views: Views, what: str, tool_name: str, **arguments: Any) -> dict[str, Any]:
    """A message with a tool's answer; if it fails, one that says so and names the call to make.

    Raise InvalidArgument and NotFound: then it is what the user typed that has to be mended.
    """
    given = {name: value for name, value in arguments.items() if value is not None}
    call = f"{tool_name} with {json.dumps(given, ensure_ascii=False)}"
    try:
        answer = views.read(tool_name, **given)
    except (InvalidArgument, NotFound):
        raise
    except ToolError as error:
        return user_text(f"{what} could not be read ahead ({error.message}). Call {call}.")
    return user_text(f"{what}, as {call} answers now:\n{json.dumps(answer, ensure_ascii=False, separators=(',', ':'))}")


def whole_number(name: str, text: str | None) -> int | None:
    """An argument of a prompt that means a number: they are text, always."""
    if text is None or not text.strip():
        return None
    try:
        return int(text)
    except ValueError:
        raise InvalidArgument(f"{name} must be a whole number.") from None


def optional(text: str | None) -> str | None:
    """An argument of a prompt: hosts send an empty text for a field left empty."""
    return text.strip() or None if text is not None else None

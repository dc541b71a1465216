"""What a prompt is: a request that the user picks from a menu, with arguments that complete."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from plex_mcp.calls.views import Views


@dataclass(frozen=True, slots=True, kw_only=True)
class PromptArgument:
    """One argument. Arguments of prompts are text, always. `complete` suggests values from what was typed so far."""

    name: str
    description: str
    required: bool = False
    complete: Callable[[Views, str], list[str]] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Prompt:
    """One entry of `prompts/list`. `build(views, **arguments)` gives the messages as they go on the wire."""

    name: str
    title: str
    description: str
    build: Callable[..., list[dict[str, Any]]] = field(repr=False)
    arguments: tuple[PromptArgument, ...] = ()
    needs: tuple[str, ...] = ()

    def completer(self, argument: str) -> Callable[[Views, str], list[str]] | None:
        """What completes `argument`. Raise KeyError when the prompt has no such argument."""
        return {known.name: known.complete for known in self.arguments}[argument]

    def listed(self) -> Mapping[str, Any]:
        """The entry as it goes into the list."""
        entry: dict[str, Any] = {"name": self.name, "title": self.title, "description": self.description}
        if self.arguments:
            entry["arguments"] = [
                {"name": argument.name, "description": argument.description, "required": argument.required}
                for argument in self.arguments
            ]
        return entry


def user_text(text: str) -> dict[str, Any]:
    """A message of the user's."""
    return {"role": "user", "content": {"type": "text", "text": text}}

"""The catalogue of prompts."""

from __future__ import annotations

from plex_mcp import prompts
from plex_mcp.discovery import discover
from plex_mcp.prompts._prompt import Prompt


def load_prompts() -> dict[str, Prompt]:
    """By name, as the lists have them; the dispatcher leaves out what lacks its tools."""
    return {prompt.name: prompt for prompt in discover(prompts, Prompt).values()}

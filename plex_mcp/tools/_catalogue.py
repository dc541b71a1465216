"""The catalogue of tools."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

from plex_mcp import tools
from plex_mcp.discovery import discover
from plex_mcp.tools._tool import Tool


def load_tools(*, read_only: bool = False) -> dict[str, Tool]:
    """The catalogue in the order of names, which is the order of `tools/list`. `read_only` leaves out what writes, and
    what the others say about it.
    """
    found = discover(tools, Tool)
    if not read_only:
        return found
    hidden = [name for name, tool in found.items() if not tool.read_only]
    return {
        name: replace(tool, description=_unsaid(tool.description, hidden))
        for name, tool in found.items()
        if tool.read_only
    }


def _unsaid(description: str, names: Iterable[str]) -> str:
    """The description without the clauses that send the model to a tool that it does not have."""
    return "\n".join(filter(None, (_without(line, names) for line in description.split("\n"))))


def _without(line: str, names: Iterable[str]) -> str:
    kept: list[str] = []
    for clause in re.split(r"(?<=[.;]) ", line):
        if not any(name in clause for name in names):
            kept.append(clause)
        elif kept and kept[-1].endswith(";"):
            kept[-1] = kept[-1][:-1] + "."
    return " ".join(kept)

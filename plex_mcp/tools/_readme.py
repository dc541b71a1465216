"""The catalogue as Markdown, for the README: `python -m plex_mcp.tools._readme`."""

from __future__ import annotations

import sys
from collections.abc import Mapping

from plex_mcp.tools._catalogue import load_tools
from plex_mcp.tools._tool import Tool


def catalogue_table(tools: Mapping[str, Tool]) -> str:
    """One row for each tool: what it does, its arguments (required ones bold), how long answers stay fresh."""
    rows = ["| tool | what it does | arguments | fresh for |", "|---|---|---|---|"]
    for tool in tools.values():
        required = tool.input_schema.get("required", [])
        names = [
            f"**{name}**" if name in required else name + _default(schema)
            for name, schema in tool.input_schema["properties"].items()
        ]
        first = tool.description.split(". ", 1)[0].split("\n", 1)[0].rstrip(".")
        fresh = "never cached: it writes" if tool.ttl_s is None else _span(tool.ttl_s)
        rows.append(f"| `{tool.name}` | {first} | {', '.join(names) or 'none'} | {fresh} |")
    return "\n".join(rows) + "\n"


def _default(schema: Mapping[str, object]) -> str:
    value = schema.get("default")
    return "" if value is None else f"={str(value).lower() if isinstance(value, bool) else value}"


def _span(seconds: float) -> str:
    return f"{seconds / 60:g} min" if seconds >= 60 else f"{seconds:g} s"


if __name__ == "__main__":
    sys.stdout.write(catalogue_table(load_tools()))

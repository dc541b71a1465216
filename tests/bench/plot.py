"""results.svg: four bar charts by forty lines of our own, so that no plotting package is needed."""

from __future__ import annotations

from html import escape
from typing import Any

_WIDTH, _BAR, _GAP, _LABELS, _ROOM = 760, 18, 6, 300, 330
_OURS, _THEIRS = "#2f7d5b", "#9aa5b1"


def plot(results: dict[str, Any]) -> str:
    charts = [
        ("Cached calls a second, 50 connections", _figures(results.get("cached"), "per_s", limited=False), ""),
        ("The same at 200m CPU", _figures(results.get("cached"), "per_s", limited=True), ""),
        ("CPU of a cached call, µs", _figures(results.get("cached"), "cpu_us", limited=False), " µs"),
        ("Uncached searches, Plex at 50 ms: all answered after", _figures(results.get("uncached"), "took_ms"), " ms"),
        ("CPU of an uncached list by size of the library", _figures(results.get("scaling"), "cpu_us"), " µs"),
    ]
    parts, top = [], 10
    for title, bars, unit in charts:
        if not bars:
            continue
        parts.append(f'<text x="10" y="{top + 14}" font-weight="bold">{escape(title)}</text>')
        top += 24
        highest = max(value for _, value in bars) or 1
        for name, value in bars:
            color = _THEIRS if any(word in name for word in ("SDK", "FastMCP", "server==")) else _OURS
            length = max(2, value / highest * _ROOM)
            parts.append(f'<text x="{_LABELS - 8}" y="{top + 13}" text-anchor="end">{escape(name)}</text>')
            parts.append(f'<rect x="{_LABELS}" y="{top}" width="{length:.0f}" height="{_BAR}" fill="{color}"/>')
            parts.append(f'<text x="{_LABELS + length + 6:.0f}" y="{top + 13}">{value:g}{unit}</text>')
            top += _BAR + _GAP
        top += 12
    about = results["about"]
    note = f"commit {about['commit']}, {about['date']}, Python {about['python']}, {about['cpus']} CPUs"
    parts.append(f'<text x="10" y="{top + 10}" fill="#666">{escape(note)}</text>')
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{_WIDTH}" height="{top + 22}" font-family="sans-serif" '
        f'font-size="12"><rect width="100%" height="100%" fill="white"/>\n' + "\n".join(parts) + "\n</svg>\n"
    )


def _figures(part: Any, key: str, *, limited: bool | None = None) -> list[tuple[str, float]]:
    found = []
    for name, figures in (part or {}).items():
        if isinstance(figures, dict) and key in figures and (limited is None or limited == name.endswith(" at 200m")):
            found.append((name.removesuffix(" at 200m"), float(figures[key])))
    return found

"""results.svg: what the table says, to be seen at a glance. Ours is green everywhere."""

from __future__ import annotations

from typing import Any

from tests.bench import peers
from tests.bench.charts import COLOURS, OURS, Curve, Page

_OTHERS = COLOURS[-1]
_PLEX = "of it the stand-in's own"
_ITEMS = {"500": 500, "10k": 10_000, "100k": 100_000}
_AT_200M = " at 200m"


def plot(results: dict[str, Any]) -> str:
    page = Page()
    cached, uncached = results.get("cached") or {}, results.get("uncached") or {}
    pod, memory, scaling = (results.get(name) or {} for name in ("pod", "memory", "scaling"))
    full = {name: found for name, found in cached.items() if not name.endswith(_AT_200M)}
    limited = {name.removesuffix(_AT_200M): found for name, found in cached.items() if name.endswith(_AT_200M)}
    page.bars("Cached calls a second, 50 connections", _bars(full, "per_s"), "")
    page.bars("The same with a fifth of a core (200m)", _bars(limited, "per_s"), "")
    page.bars("CPU of such a call", _bars(full, "cpu_us"), " µs")
    page.bars(
        "One uncached call, Plex at 50 ms, median", _bars(_ending(uncached, "one after another"), "p50_ms"), " ms"
    )
    for calls in ("20", "50"):
        alone = _ending(uncached, f"{calls} at once")
        page.bars(f"{calls} uncached calls at once, Plex at 50 ms: all answered after", _bars(alone, "took_ms"), " ms")
    starts = _bars(limited, "live_s")
    if "start to warm_s" in pod:
        starts.insert(1, ("plex-mcp, until warm", pod["start to warm_s"], OURS))
    page.bars("Start at 200m until it serves", starts, " s")
    stages = {
        "idle": "idle_mib",
        "after 50 clients": "after 50 clients_mib",
        "after 200 lists of 50": "after 200 lists of 50_mib",
        "peak, through SIGTERM": "peak_mib",
    }
    life = [(f"plex-mcp, {stage}", memory[key], OURS) for stage, key in stages.items() if key in memory]
    others = [(f"{name}, after 50 clients", value, colour) for name, value, colour in _bars(full, "memory_mib")]
    page.bars(
        "Memory of the process group (plex-mcp: library of 100,000 items; others: 500)",
        life + [bar for bar in others if bar[2] != OURS],
        " MiB",
    )
    names = ("plex-mcp", *peers.FINISHED, _PLEX)
    page.panels(
        "An uncached list of 20 by the library's items",
        names,
        [
            (unit, [_curve(scaling, name, key, scale) for name in names])
            for unit, key, scale in (
                ("time, median, ms", "p50_ms", 1),
                ("CPU of the process group, ms", "cpu_us", 1000),
                ("sent by Plex, kB", "plex_bytes", 1000),
                ("memory of the process group, MiB", "memory_mib", 1),
            )
        ],
    )
    replicas = [
        (what, value, OURS) for what, value in (results.get("replicas") or {}).items() if what.startswith("Cached")
    ]
    page.bars(
        "Cached calls a second of replicas, 50 connections over all",
        [(what.removeprefix("Cached calls a second").lstrip(": "), value, colour) for what, value, colour in replicas],
        "",
    )
    about = results["about"]
    note = f"commit {about['commit']}, {about['date']}, Python {about['python']}, {about['cpus']} CPUs"
    page.text(10, page.y + 10, note, style='fill="#666"')
    return page.svg()


def _bars(figures: dict[str, Any], key: str) -> list[tuple[str, float, str]]:
    theirs = (peers.SDK, peers.FASTMCP_NAME, *peers.FINISHED)
    return [
        (name, float(found[key]), _OTHERS if name in theirs else OURS)
        for name, found in figures.items()
        if isinstance(found, dict) and found.get(key)
    ]


def _ending(figures: dict[str, Any], how: str) -> dict[str, Any]:
    """The figures of each server, of what was called so."""
    return {
        name.removesuffix(how).rstrip(", ") or "plex-mcp": found
        for name, found in figures.items()
        if name.endswith(how)
    }


def _curve(scaling: dict[str, Any], name: str, key: str, scale: float) -> Curve:
    found = []
    if name == _PLEX:  # its time is part of plex-mcp's
        name, key = "plex-mcp", "plex_ms" if key == "p50_ms" else ""
    for library, items in _ITEMS.items():
        figures = scaling.get(library if name == "plex-mcp" else f"{name}, {library}") or {}
        if key in figures:
            found.append((items, figures[key] / scale))
    return found

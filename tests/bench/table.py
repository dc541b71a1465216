"""The results as one Markdown table, each figure beside what it must reach."""

from __future__ import annotations

from typing import Any

from tests.bench.peers import MARKET_LEADER


def table(results: dict[str, Any]) -> str:
    about = results["about"]
    rows = [(what, _shown(value, unit), target) for what, value, unit, target in _rows(results) if value is not None]
    lines = ["| Figure | Measured | Target |", "| --- | --- | --- |", *(f"| {' | '.join(row)} |" for row in rows)]
    note = (
        f"\nCommit {about['commit']}, {about['date']}, Python {about['python']}, {about['cpus']} CPUs, load "
        f"{about['load_before']} before, limits: {about['limits']}, {about.get('took_s', 0)} s in all. "
        f"Speed of the machine: 10,000 empty function calls in {about['reference_us']} µs.\n"
    )
    return "\n".join(lines) + "\n" + note


def _rows(results: dict[str, Any]) -> list[tuple[str, float | None, str, str]]:
    def get(*path: str) -> float | None:
        found: Any = results
        for key in path:
            found = found.get(key) if isinstance(found, dict) else None
        return found

    def ratio(one: float | None, other: float | None) -> float | None:
        return round(one / other, 1) if one and other else None

    ours, limited = get("cached", "plex-mcp", "per_s"), get("cached", "plex-mcp at 200m", "per_s")
    refused = results.get("uncached", {}).get(f"{MARKET_LEADER}, 20 at once", {}).get("failed", {})
    unanswered = float(sum(refused.values())) or None
    of_server = "cached call, CPU of the process group"
    return [
        (of_server, get("cached", "plex-mcp", "cpu_us"), "µs", "≤ 350 µs"),
        ("the same of the SDK's MCPServer", get("cached", "SDK MCPServer", "cpu_us"), "µs", ""),
        ("the same of FastMCP", get("cached", "FastMCP", "cpu_us"), "µs", ""),
        ("cached calls a second, 50 connections", ours, "/s", ""),
        ("… against the SDK's MCPServer", ratio(ours, get("cached", "SDK MCPServer", "per_s")), "x", "≥ 4 x"),
        ("… against FastMCP", ratio(ours, get("cached", "FastMCP", "per_s")), "x", ""),
        (
            f"… against {MARKET_LEADER}, the same search again",
            ratio(ours, get("cached", MARKET_LEADER, "per_s")),
            "x",
            "≥ 10 x",
        ),
        ("cached calls a second at 200m", limited, "/s", "≥ 370/s"),
        (
            "… against the SDK's MCPServer",
            ratio(limited, get("cached", "SDK MCPServer at 200m", "per_s")),
            "x",
            "≥ 4 x",
        ),
        ("… against FastMCP", ratio(limited, get("cached", "FastMCP at 200m", "per_s")), "x", ""),
        (
            f"… against {MARKET_LEADER}",
            ratio(limited, get("cached", f"{MARKET_LEADER} at 200m", "per_s")),
            "x",
            "≥ 10 x",
        ),
        ("50 cached calls at once at 200m, slowest", get("pod", "burst of 50 cached", "max_ms"), "ms", "< 500 ms"),
        (
            "50 uncached lists of 20 at once at 200m, slowest",
            get("pod", "burst of 50 uncached", "max_ms"),
            "ms",
            "< 2000 ms",
        ),
        (
            "/health/live at 100 calls a second at 200m, p99",
            get("pod", "health at 100 calls a second", "p99_ms"),
            "ms",
            "< 100 ms",
        ),
        ("one uncached search, Plex at 50 ms, median", get("uncached", "one after another", "p50_ms"), "ms", "≤ 57 ms"),
        (f"… of {MARKET_LEADER}", get("uncached", f"{MARKET_LEADER}, one after another", "p50_ms"), "ms", ""),
        ("20 distinct searches at once, all answered", get("uncached", "20 at once", "took_ms"), "ms", "≤ 125 ms"),
        (
            "20 identical searches at once, all answered",
            get("uncached", "20 identical at once", "took_ms"),
            "ms",
            "≤ 70 ms",
        ),
        ("50 distinct searches at once, all answered", get("uncached", "50 at once", "took_ms"), "ms", ""),
        (
            f"20 distinct searches at once of {MARKET_LEADER}",
            get("uncached", f"{MARKET_LEADER}, 20 at once", "took_ms"),
            "ms",
            "",
        ),
        (f"… that {MARKET_LEADER} left unanswered", unanswered, "of 20", ""),
        ("idle, anonymous memory of the group", get("memory", "idle_mib"), "MiB", "≤ 58 MiB"),
        ("peak through 50 clients, 100,000 items and SIGTERM", get("memory", "peak_mib"), "MiB", "< 90 MiB"),
        ("memory of the SDK's MCPServer after the same load", get("cached", "SDK MCPServer", "memory_mib"), "MiB", ""),
        ("memory of FastMCP after the same load", get("cached", "FastMCP", "memory_mib"), "MiB", ""),
        (f"memory of {MARKET_LEADER} after its load", get("cached", MARKET_LEADER, "memory_mib"), "MiB", ""),
        ("start at 200m to serving", get("pod", "start to live_s"), "s", "≤ 4 s"),
        ("start at 200m to warm", get("pod", "start to warm_s"), "s", "≤ 8 s"),
        ("uncached list of 20, library of 500, CPU of the group", get("scaling", "500", "cpu_us"), "µs", "flat"),
        ("uncached list of 20, library of 10,000, CPU of the group", get("scaling", "10k", "cpu_us"), "µs", "flat"),
        ("uncached list of 20, library of 100,000, CPU of the group", get("scaling", "100k", "cpu_us"), "µs", "flat"),
        ("ping, one connection, median", get("parts", "ping", "p50_ms"), "ms", ""),
        ("tools/list, one connection, median", get("parts", "tools/list", "p50_ms"), "ms", ""),
        ("Python function calls of a cached call", get("parts", "python calls of a cached call"), "", "≤ 265"),
        ("… of them in the dispatcher (protocol)", get("parts", "of them plex_mcp/protocol"), "", ""),
    ]


def _shown(value: float, unit: str) -> str:
    return f"{value:g} {unit}".strip()

"""The lines of the table: what, how much, its unit, and what it must reach."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tests.bench.peers import FASTMCP_NAME, FINISHED, SDK
from tests.bench.servers import OURS, UNDEFENDED

Row = tuple[str, float | None, str, str]
_LIBRARIES = {"500": "500", "10k": "10,000", "100k": "100,000"}


class Rows:
    """`rows` in order; a figure that was not measured is None."""

    def __init__(self, results: dict[str, Any]) -> None:
        self.results = results

    def __iter__(self) -> Iterator[Row]:
        yield from self._cached("", "")
        yield from self._cached(" at 200m", ", 200m")
        yield from self._pod()
        yield from self._uncached()
        yield from self._memory()
        yield from self._scaling()
        yield from self._flat("replicas", "", {"Requests": "0", "Connections": "≤ 10"})
        yield from self._flat("trouble", "ms", {"Plex hangs: nothing": "≤ 8000 ms"})
        yield "ping, one connection, median", self._get("parts", "ping", "p50_ms"), "ms", ""
        yield "tools/list, one connection, median", self._get("parts", "tools/list", "p50_ms"), "ms", ""
        calls = "python calls of a cached call"
        yield "Python function calls of a cached call", self._get("parts", calls), "", "≤ 265"
        yield "… of them in the dispatcher (protocol)", self._get("parts", "of them plex_mcp/protocol"), "", ""

    def _cached(self, key: str, words: str) -> Iterator[Row]:
        if not key:
            of_server = "cached call, CPU of the process group"
            yield of_server, self._get("cached", OURS, "cpu_us"), "µs", "≤ 350 µs"
            for name in (UNDEFENDED, SDK, FASTMCP_NAME, *FINISHED):
                yield f"… of {name}", self._get("cached", name, "cpu_us"), "µs", ""
        ours = self._get("cached", OURS + key, "per_s")
        yield f"cached calls a second, 50 connections{words}", ours, "/s", "≥ 370/s" if key else ""
        for figure, what in (("p50_ms", "median"), ("p99_ms", "p99")):
            yield f"… {what}{words}", self._get("cached", OURS + key, figure), "ms", ""
        if not key:
            yield f"… of {UNDEFENDED}", self._get("cached", UNDEFENDED, "per_s"), "/s", ""
        targets = {SDK: "≥ 4 x", FINISHED[0]: "≥ 10 x"}
        for name in (SDK, FASTMCP_NAME, *FINISHED):
            theirs = self._get("cached", name + key, "per_s")
            again = ", the same question again" if name in FINISHED else ""
            yield f"… of {name}{again}{words}", theirs, "/s", ""
            ratio = round(ours / theirs, 1) if ours and theirs else None
            yield f"… ours against {name}{words}", ratio, "x", targets.get(name, "")
        for name in (OURS, SDK, FASTMCP_NAME, *FINISHED):
            yield f"start to serving{words}: {name}", self._get("cached", name + key, "live_s"), "s", ""
        if not key:
            for name in (OURS, SDK, FASTMCP_NAME, *FINISHED):
                yield f"answer with 20 films: {name}", self._get("cached", name, "answer_bytes"), "bytes", ""

    def _pod(self) -> Iterator[Row]:
        yield "start at 200m to serving, 100 MiB", self._get("pod", "start to live_s"), "s", "≤ 4 s"
        yield "start at 200m to warm, 100 MiB", self._get("pod", "start to warm_s"), "s", "≤ 8 s"
        burst = self._get("pod", "burst of 50 cached", "max_ms")
        yield "50 cached calls at once at 200m, slowest", burst, "ms", "< 500 ms"
        lists = self._get("pod", "burst of 50 uncached", "max_ms")
        yield "50 uncached lists of 20 at once at 200m, slowest", lists, "ms", "< 2000 ms"
        probe = self._get("pod", "health at 100 calls a second", "p99_ms")
        yield "/health/live at 100 calls a second at 200m, p99", probe, "ms", "< 100 ms"

    def _uncached(self) -> Iterator[Row]:
        one = self._get("uncached", "one after another", "p50_ms")
        yield "one uncached search, Plex at 50 ms, median", one, "ms", "≤ 57 ms"
        for name in FINISHED:
            yield f"… of {name}", self._get("uncached", f"{name}, one after another", "p50_ms"), "ms", ""
        same = self._get("uncached", "20 identical at once", "took_ms")
        yield "20 identical searches at once, all answered", same, "ms", "≤ 70 ms"
        for calls, target in (("20", "≤ 125 ms"), ("50", "")):
            took = self._get("uncached", f"{calls} at once", "took_ms")
            yield f"{calls} distinct searches at once, all answered", took, "ms", target
            for name in FINISHED:
                theirs = f"{name}, {calls} at once"
                yield f"… of {name}", self._get("uncached", theirs, "took_ms"), "ms", ""
                refused = self.results.get("uncached", {}).get(theirs, {}).get("failed", {})
                yield f"… that {name} got wrong or left", sum(refused.values()) or None, f"of {calls}", ""

    def _memory(self) -> Iterator[Row]:
        yield "idle, anonymous memory of the group", self._get("memory", "idle_mib"), "MiB", "≤ 58 MiB"
        yield "… after 50 clients", self._get("memory", "after 50 clients_mib"), "MiB", ""
        yield "… after 200 lists of 50 of 100,000 items", self._get("memory", "after 200 lists of 50_mib"), "MiB", ""
        yield (
            "… lists of these that were answered in time",
            self._get("memory", "lists answered of 200"),
            "of 200",
            "200 of 200",
        )
        peak = self._get("memory", "peak_mib")
        yield "peak through 50 clients, 100,000 items and SIGTERM", peak, "MiB", "< 90 MiB"
        cgroup = self._get("memory", "cgroup peak with page cache_mib")
        yield "… as the cgroup counts it, page cache and all", cgroup, "MiB", "≤ 100 MiB"
        for name in (SDK, FASTMCP_NAME, *FINISHED):
            yield f"memory of {name} after 50 clients", self._get("cached", name, "memory_mib"), "MiB", ""

    def _scaling(self) -> Iterator[Row]:
        units = {
            "p50_ms": ("median", "ms"),
            "plex_ms": ("of it Plex' own", "ms"),
            "cpu_us": ("CPU of the group", "µs"),
            "memory_mib": ("memory", "MiB"),
        }
        units |= {"plex_bytes": ("sent by Plex", "bytes"), "plex_requests": ("asked of Plex", "requests")}
        targets = {"p50_ms": "as Plex' own", "plex_ms": ""}
        for key, (what, unit) in units.items():
            for library, items in _LIBRARIES.items():
                label = f"uncached list of 20, library of {items}, {what}"
                yield label, self._get("scaling", library, key), unit, targets.get(key, "flat")
        for name in FINISHED:
            for key, (what, unit) in units.items():
                for library in ("500", "10k"):
                    label = f"… of {name}, {_LIBRARIES[library]}, {what}"
                    yield label, self._get("scaling", f"{name}, {library}", key), unit, ""

    def _flat(self, case: str, unit: str, targets: dict[str, str]) -> Iterator[Row]:
        """A case that has its own labels."""
        for label, value in self.results.get(case, {}).items():
            if isinstance(value, int | float):
                yield label, value, unit, next((to for start, to in targets.items() if label.startswith(start)), "")

    def _get(self, *path: str) -> float | None:
        found: Any = self.results
        for key in path:
            found = found.get(key) if isinstance(found, dict) else None
        return found

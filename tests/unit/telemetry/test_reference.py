"""The references, the dashboard and the alert rules say what the code declares, and nothing else."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from plex_mcp.settings import OPTIONS
from plex_mcp.telemetry import reference
from plex_mcp.telemetry.events import EVENTS

ROOT = Path(__file__).parents[3]
MONITORING = ROOT / "manifests" / "components" / "monitoring"
LEVELS = {"debug", "info", "warning", "error", "exception"}
LABELS_OF_PROMETHEUS = {"le", "job", "namespace", "pod", "instance"}


def logged_events() -> Iterator[tuple[str, str, set[str], Path]]:
    """Every event that the package logs: name, level, literal fields, file."""
    for path in sorted((ROOT / "plex_mcp").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in LEVELS):
                continue
            owner = node.func.value
            name = owner.attr if isinstance(owner, ast.Attribute) else getattr(owner, "id", "")
            if name not in {"log", "_log"} or not node.args:
                continue
            level = "error" if node.func.attr == "exception" else node.func.attr
            fields = {keyword.arg for keyword in node.keywords if keyword.arg} - {"exc_info"}
            first = node.args[0]
            for event in [first.body, first.orelse] if isinstance(first, ast.IfExp) else [first]:
                assert isinstance(event, ast.Constant), f"{path}: events are literals"
                yield event.value, level, fields, path


def test_every_event_that_is_logged_is_described_with_its_levels_and_fields_and_no_other_is() -> None:
    described = {event.name: event for event in EVENTS}
    seen: dict[str, set[str]] = {}
    for name, level, fields, path in logged_events():
        assert name in described, f"{path} logs {name}"
        assert re.fullmatch(r"[a-z_]+\.[a-z_]+", name)
        words = set(re.findall(r"\w+", described[name].fields))
        assert fields <= words, f"{path}: {name} has {fields - words}"
        seen.setdefault(name, set()).add(level)
    assert {name: set(event.levels.split(", ")) for name, event in described.items()} == seen


def test_metrics_have_units_help_and_labels_from_closed_sets() -> None:
    for metric in reference.declared_metrics():
        described = next(iter(metric.describe()))
        assert described.name.startswith("plex_mcp_")
        assert described.documentation.endswith(".")
        assert set(metric._labelnames) <= {"tool", "outcome", "kind", "reason"}
        if described.type == "histogram":
            assert described.name.endswith("_seconds")


@pytest.mark.parametrize(
    ("table", "count"),
    [
        (reference.settings_table, len(OPTIONS)),
        (reference.metrics_table, len(reference.declared_metrics())),
        (reference.log_events_table, len(EVENTS)),
    ],
)
def test_a_table_has_a_row_for_each_and_as_many_cells_in_every_row(table: Any, count: int) -> None:
    lines = table().splitlines()
    assert len(lines) == count + 2
    assert len({len(re.findall(r"(?<!\\)\|", line)) for line in lines}) == 1


def test_the_settings_table_tells_no_secret_and_marks_what_is_required() -> None:
    table = reference.settings_table()
    assert "| `AUTH_TOKEN` | **required** | or `AUTH_TOKEN_FILE` |" in table
    assert "| `PLEX_POOL_SIZE` | `10` | a whole number from 1 to 10 |" in table


def samples() -> dict[str, set[str]]:
    """What a query may name: sample names and their labels."""
    found: dict[str, set[str]] = {
        "up": set(),
        "process_resident_memory_bytes": set(),
        "process_cpu_seconds_total": set(),
    }
    found["process_start_time_seconds"] = found["process_open_fds"] = found["process_max_fds"] = set()
    for metric in reference.declared_metrics():
        described, labels = next(iter(metric.describe())), set(metric._labelnames)
        if described.type == "histogram":
            found |= {f"{described.name}_{part}": labels for part in ("bucket", "sum", "count")}
        else:
            found[described.name + ("_total" if described.type == "counter" else "")] = labels
    return found


_FUNCTIONS = {
    *("sum", "rate", "increase", "max", "min", "avg", "by", "histogram_quantile", "time", "clamp_min", "without", "on"),
    *("and", "or", "unless", "absent", "ignoring", "topk", "max_over_time", "changes", "count"),
}


def require_only_known_names(query: str) -> None:
    known = samples()
    bare = re.sub(r'"[^"]*"', '""', query).replace("$__rate_interval", "5m")
    for labels, metric in ((match[2], match[1]) for match in re.finditer(r"(\w+)\{([^}]*)\}", bare)):
        assert set(re.findall(r"(\w+)\s*(?:=|!=|=~|!~)", labels)) <= known[metric] | LABELS_OF_PROMETHEUS, query
    for grouped in re.findall(r"\b(?:by|without|on|ignoring)\s*\(([^)]*)\)", bare):
        assert set(re.findall(r"\w+", grouped)) <= set().union(*known.values()) | LABELS_OF_PROMETHEUS, query
    rest = re.sub(r"\b(?:by|without|on|ignoring)\s*\([^)]*\)|\{[^}]*\}|\[[^\]]*\]", " ", bare)
    names = set(re.findall(r"[a-zA-Z_]\w*", rest)) - _FUNCTIONS
    assert names, query
    assert names <= set(known), query


def test_the_dashboard_uses_only_metrics_that_exist() -> None:
    dashboard = json.loads((MONITORING / "dashboard.json").read_text(encoding="utf-8"))
    queries = [target["expr"] for panel in dashboard["panels"] for target in panel.get("targets", [])]
    assert len(queries) >= 12
    for query in queries:
        require_only_known_names(query)
    assert len({panel["id"] for panel in dashboard["panels"]}) == len(dashboard["panels"])


def test_the_alert_rules_use_only_metrics_that_exist_and_say_what_to_do() -> None:
    rules = yaml.safe_load((MONITORING / "alerts.yaml").read_text(encoding="utf-8"))
    alerts = [rule for group in rules["spec"]["groups"] for rule in group["rules"]]
    assert len(alerts) >= 6
    for alert in alerts:
        require_only_known_names(alert["expr"])
        assert set(alert["annotations"]) == {"summary", "description"}
        assert alert["labels"]["severity"] in {"critical", "warning"}


@pytest.mark.parametrize(
    "query", ["plex_mcp_toolcalls_total", 'plex_mcp_tool_calls_total{tier="x"}', "sum by (user) (up)"]
)
def test_the_check_of_queries_finds_what_does_not_exist(query: str) -> None:
    with pytest.raises(AssertionError):
        require_only_known_names(query)

"""The README's tables of settings, metrics and log events, from what the code declares. Not used at run time."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from prometheus_client.metrics import MetricWrapperBase

from plex_mcp.settings import OPTIONS, Option
from plex_mcp.telemetry import metrics
from plex_mcp.telemetry.events import EVENTS


def settings_table() -> str:
    """Markdown: every setting, in the order of the table."""
    rows = [(f"`{option.name}`", _default(option), _range(option), _sentence(option.purpose)) for option in OPTIONS]
    return _table(("Setting", "Default", "Range", "What for"), rows)


def metrics_table() -> str:
    """Markdown: every metric of ours; process figures are Prometheus' own."""
    rows = []
    for metric in declared_metrics():
        described = next(iter(metric.describe()))
        name = described.name + ("_total" if described.type == "counter" else "")
        labels = ", ".join(f"`{label}`" for label in metric._labelnames)
        rows.append((f"`{name}`", described.type, labels, described.documentation))
    return _table(("Metric", "Type", "Labels", "What it says"), rows)


def log_events_table() -> str:
    """Markdown: every event."""
    rows = [(f"`{event.name}`", event.levels, _sentence(event.when), event.fields) for event in EVENTS]
    return _table(("Event", "Level", "When", "Fields"), rows)


def declared_metrics() -> list[MetricWrapperBase]:
    """The metrics of telemetry/metrics.py, in their order there."""
    return [value for value in vars(metrics).values() if isinstance(value, MetricWrapperBase)]


def _default(option: Option) -> str:
    if option.required:
        return "**required**"
    unit = f" {option.unit}" if option.unit else ""
    return f"`{option.default}`{unit}" if option.default else ""


def _range(option: Option) -> str:
    parts = [option.allowed] if option.allowed else []
    return "; ".join([*parts, f"or `{option.name}_FILE`"] if option.secret else parts)


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}."


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "".join(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in line)} |\n" for line in lines)

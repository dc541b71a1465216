"""Imports point one way: web → protocol → calls → tools → plex (design.md section 2)."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[2] / "plex_mcp"
LEAVES = {"bare", "errors", "settings", "telemetry", "secret", "discovery", "watchdog", "__init__"}
ORDER = ["web", "protocol", "resources", "prompts", "completions", "calls", "tools", "plex"]
TOP = {"app", "cli", "wsgi", "gunicorn_conf", "__main__", "check", "quickstart"}
FOREIGN = {
    "flask": {"web", "app"},
    "werkzeug": {"web", "app"},
    "plexapi": {"plex"},
    "requests": {"plex", "check", "quickstart"},
    "redis": {"calls", "check", "quickstart"},
    "tenacity": {"calls"},
    "circuitbreaker": {"calls"},
}


def part_of(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imports_of(path: Path) -> list[str]:
    names: list[str] = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            whole = node.module == "plex_mcp"
            names += [f"{node.module}.{alias.name}" for alias in node.names] if whole else [node.module or ""]
    return names


def allowed(part: str) -> set[str]:
    if part in TOP:
        return LEAVES | set(ORDER) | TOP | {"standin"}
    if part in LEAVES:
        return LEAVES
    if part == "standin":
        return {"standin", "__init__"}
    return LEAVES | set(ORDER[ORDER.index(part) :])


FILES = sorted(PACKAGE.rglob("*.py"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_imports_point_one_way(path: Path) -> None:
    part = part_of(path)
    for name in imports_of(path):
        pieces = name.split(".")
        if pieces[0] == "plex_mcp" and len(pieces) > 1:
            target = pieces[1]
            if not (PACKAGE / target).exists() and not (PACKAGE / f"{target}.py").exists():
                target = "__init__"
            assert target in allowed(part), f"{part} imports {name}"
        elif pieces[0] in FOREIGN:
            assert part in FOREIGN[pieces[0]], f"{part} imports {name}"


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_the_whole_sdk_is_imported_by_the_demonstration_only(path: Path) -> None:
    if part_of(path) != "quickstart":
        found = [name for name in imports_of(path) if name.split(".")[0] in {"mcp", "mcp_types"}]
        assert found == []


@pytest.mark.parametrize("name", ["redis_store", "redis_connection"])
def test_redis_brings_no_plexapi_in(name: str) -> None:
    """The package `plex` configures plexapi when it is imported; what both sides need is a leaf."""
    found = [each for each in imports_of(PACKAGE / "calls" / f"{name}.py") if each.startswith("plex_mcp.plex")]
    assert found == []

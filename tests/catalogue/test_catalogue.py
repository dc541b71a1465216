"""The catalogue as clients see it: names, hints, schemas pinned in files, and what it costs in tokens."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import quicktok

from plex_mcp.plex.models import TYPE_NUMBERS
from plex_mcp.tools._catalogue import load_tools
from plex_mcp.tools._readme import catalogue_table
from plex_mcp.tools._tool import Tool, tool

TOOLS = load_tools()
SNAPSHOTS = Path(__file__).parent / "snapshots"
NAMES = {
    "control_playback",
    "get_media_details",
    "get_on_deck",
    "get_playback_status",
    "get_recently_added",
    "get_watch_history",
    "list_clients",
    "list_libraries",
    "search_media",
    "set_watch_state",
}
WRITERS = {"control_playback", "set_watch_state"}
# design.md section 3: tool → (arguments with defaults, required ones first; seconds that answers stay fresh)
DESIGN: dict[str, tuple[dict[str, Any], set[str], float | None]] = {
    "search_media": (
        dict.fromkeys(
            [
                "query",
                "media_type",
                "library",
                "show",
                "season",
                "episode",
                "genre",
                "year_min",
                "year_max",
                "actor",
                "director",
                "max_minutes",
                "min_rating",
                "content_rating",
                "resolution",
                "added_within_days",
                "cursor",
            ]
        )
        | {"watched": "any", "sort": "relevance", "limit": 20},
        set(),
        300,
    ),
    "get_media_details": (
        {"media_id": None, "include_cast": True, "include_chapters": False, "include": None},
        {"media_id"},
        900,
    ),
    "list_libraries": ({}, set(), 900),
    "get_playback_status": (dict.fromkeys(["user", "client"]), set(), 30),
    "control_playback": (
        dict.fromkeys(
            [
                "action",
                "session_id",
                "client",
                "media_id",
                "episode",
                "position",
                "offset",
                "volume",
                "audio_language",
                "subtitle_language",
            ]
        )
        | {"shuffle": False, "dry_run": False},
        {"action"},
        None,
    ),
    "get_recently_added": (dict.fromkeys(["library", "media_type", "days", "cursor"]) | {"limit": 20}, set(), 120),
    "get_on_deck": (dict.fromkeys(["user", "library", "media_type"]) | {"limit": 10}, set(), 120),
    "list_clients": ({}, set(), 30),
    "get_watch_history": (
        dict.fromkeys(["user", "media_id", "media_type", "days", "cursor"]) | {"limit": 20},
        set(),
        120,
    ),
    "set_watch_state": (dict.fromkeys(["media_id", "state", "rating"]), {"media_id"}, None),
}
by_name = pytest.mark.parametrize("found", TOOLS.values(), ids=lambda found: found.name)


def as_listed(found: Tool, *, with_output: bool = True) -> dict[str, Any]:
    """A tool as tools/list sends it."""
    listed: dict[str, Any] = {
        "name": found.name,
        "title": found.title,
        "description": found.description,
        "inputSchema": found.input_schema,
        "annotations": {
            "title": found.title,
            "readOnlyHint": found.read_only,
            "destructiveHint": found.destructive,
            "idempotentHint": found.idempotent,
            "openWorldHint": False,
        },
    }
    return {**listed, "outputSchema": found.output_schema} if with_output else listed


def tokens(value: Any) -> int:
    return len(quicktok.get_encoding("o200k_base").encode(json.dumps(value, ensure_ascii=False, separators=(",", ":"))))


def walk(schema: Any) -> list[dict[str, Any]]:
    """Every schema inside a schema."""
    if isinstance(schema, list):
        return [found for part in schema for found in walk(part)]
    if not isinstance(schema, dict):
        return []
    return [schema, *(found for part in schema.values() for found in walk(part))]


def test_the_catalogue_is_the_designs_ten_tools() -> None:
    assert set(TOOLS) == NAMES
    assert list(TOOLS) == sorted(TOOLS)
    assert {name for name, found in TOOLS.items() if not found.read_only} == WRITERS
    assert set(load_tools(read_only=True)) == NAMES - WRITERS


def test_a_server_that_only_reads_sends_nobody_to_tools_that_it_hides() -> None:
    for found in load_tools(read_only=True).values():
        assert not any(name in found.description for name in WRITERS), found.name
        assert found.description.endswith((".", "}"))
        assert "; Example" not in found.description
        assert found.description.split(".")[0] == TOOLS[found.name].description.split(".")[0]


@by_name
def test_a_definition_is_what_its_snapshot_says(found: Tool) -> None:
    """Rewrite with UPDATE_SNAPSHOTS=1, and read the difference before committing it."""
    path = SNAPSHOTS / f"{found.name}.json"
    text = json.dumps({**as_listed(found), "ttl_s": found.ttl_s, "ttl_setting": found.ttl_setting}, indent=2) + "\n"
    if os.environ.get("UPDATE_SNAPSHOTS") == "1":
        path.write_text(text, encoding="utf-8")
    assert path.exists(), f"{path.name} is missing: run with UPDATE_SNAPSHOTS=1"
    assert text == path.read_text(encoding="utf-8")


def test_no_snapshot_is_left_of_a_tool_that_is_gone() -> None:
    assert {path.stem for path in SNAPSHOTS.glob("*.json")} == set(TOOLS)


@by_name
def test_arguments_defaults_and_lifetimes_are_the_designs(found: Tool) -> None:
    arguments, required, ttl_s = DESIGN[found.name]
    properties = found.input_schema["properties"]
    assert set(properties) == set(arguments)
    assert set(found.input_schema.get("required", [])) == required
    assert {name: properties[name].get("default") for name in arguments} == arguments
    assert found.ttl_s == ttl_s
    assert (found.ttl_setting is None) == (ttl_s is None)


@by_name
def test_names_and_texts_are_short_and_plain(found: Tool) -> None:
    assert re.fullmatch(r"[a-z]+(_[a-z]+){1,3}", found.name)
    assert 3 <= len(found.title) <= 40
    assert 100 <= len(found.description) <= 1024
    assert found.description[0].isupper()
    for name, schema in found.input_schema["properties"].items():
        assert re.fullmatch(r"[a-z]+(_[a-z]+)*", name)
        assert len(schema.get("description", "")) <= 160


@by_name
def test_descriptions_say_which_tool_is_for_the_rest(found: Tool) -> None:
    others = NAMES - {found.name}
    assert any(other in found.description for other in others), "name the tool to call next, or instead"


def test_every_tool_named_in_a_description_exists() -> None:
    known = NAMES | {argument for arguments, _, _ in DESIGN.values() for argument in arguments}
    for found in TOOLS.values():
        named = set(re.findall(r"\b(?:get|list|set|search|control)_[a-z_]+\b", json.dumps(as_listed(found))))
        assert named <= known | {"set_streams", "set_volume"}, found.name


@by_name
def test_all_four_hints_are_explicit_and_true_of_it(found: Tool) -> None:
    hints = as_listed(found)["annotations"]
    assert all(isinstance(hints[name], bool) for name in hints if name.endswith("Hint"))
    assert found.read_only == (found.name not in WRITERS)
    assert found.read_only == (found.ttl_s is not None)
    assert not (found.read_only and found.destructive)


@by_name
def test_schemas_are_draft_2020_12_closed_and_without_unions(found: Tool) -> None:
    for schema in (found.input_schema, found.output_schema):
        jsonschema.Draft202012Validator.check_schema(schema)
        assert schema["type"] == "object"
    assert found.input_schema["additionalProperties"] is False
    for part in walk(found.input_schema):
        assert not {"anyOf", "oneOf", "allOf", "$ref"} & part.keys()
        # Some clients know neither lookaround nor classes of Unicode.
        assert re.fullmatch(r"[\^$\[\]{}0-9a-zA-Z,|_()?:+.\\-]*", part.get("pattern", ""))


@by_name
def test_every_argument_has_a_type_and_a_limit(found: Tool) -> None:
    for name, schema in found.input_schema["properties"].items():
        kind = schema.get("type")
        bounded = {
            "string": "enum" in schema or "maxLength" in schema or "pattern" in schema,
            "integer": "minimum" in schema and "maximum" in schema,
            "number": "minimum" in schema and "maximum" in schema,
            "boolean": True,
            "array": "maxItems" in schema and "enum" in schema.get("items", {}),
        }
        assert bounded.get(kind), f"{found.name}.{name}"


@by_name
def test_answers_declare_how_old_they_are(found: Tool) -> None:
    declared = found.output_schema["properties"]
    assert {"as_of", "stale", "note"} <= set(declared)
    assert not {"as_of", "stale", "note"} & set(found.output_schema.get("required", []))


def test_media_types_are_the_designs() -> None:
    types = [
        "movie",
        "show",
        "season",
        "episode",
        "artist",
        "album",
        "track",
        "photo",
        "clip",
        "playlist",
        "collection",
    ]
    assert (
        set(TOOLS["search_media"].input_schema["properties"]["media_type"]["enum"]) == set(types) == set(TYPE_NUMBERS)
    )


def test_the_list_of_tools_stays_within_its_budget_of_tokens(capsys: pytest.CaptureFixture[str]) -> None:
    without = tokens([as_listed(found, with_output=False) for found in TOOLS.values()])
    complete = tokens([as_listed(found) for found in TOOLS.values()])
    with capsys.disabled():
        sys.stdout.write(f"\n  tools/list: {without} tokens of 3500 without output schemas, {complete} of 5500 with\n")
        for found in TOOLS.values():
            bare = tokens(as_listed(found, with_output=False))
            sys.stdout.write(f"    {found.name}: {bare}, with output schema {tokens(as_listed(found))}\n")
    assert without <= 3500
    assert complete <= 5500


def test_the_examples_in_descriptions_are_valid_calls() -> None:
    examples = [
        (found, json.loads(text))
        for found in TOOLS.values()
        for text in re.findall(r"Example: (\{.*?\})", found.description)
    ]
    assert len(examples) >= 3
    for found, arguments in examples:
        assert found.parse(arguments)


def test_the_readmes_table_names_every_tool_and_argument() -> None:
    table = catalogue_table(TOOLS)
    rows = table.splitlines()[2:]
    assert len(rows) == len(TOOLS)
    for found, row in zip(TOOLS.values(), rows, strict=True):
        assert row.count(" | ") == 3
        assert f"`{found.name}`" in row
        assert all(name in row for name in found.input_schema["properties"])


def test_the_table_is_printed_by_its_module() -> None:
    command = [sys.executable, "-m", "plex_mcp.tools._readme"]
    printed = subprocess.run(command, capture_output=True, text=True, check=True, cwd=Path(__file__).parents[2])
    assert printed.stdout == catalogue_table(TOOLS)


def test_a_tool_without_types_docstring_or_with_a_lifetime_for_writes_is_refused_at_import() -> None:
    def silent(plex: object) -> None: ...

    with pytest.raises(TypeError, match="silent"):
        tool(title="Silent", ttl_s=1)(silent)

    def unkept(plex: object) -> Tool:
        """Do something."""
        raise NotImplementedError

    with pytest.raises(TypeError, match="unkept"):
        tool(title="Unkept", ttl_s=1, read_only=False)(unkept)


def test_what_a_command_may_have_made_untrue_is_asked_for_again_soon() -> None:
    """Through another replica, whose mark lies in Redis."""
    outdated = {part.tool for found in TOOLS.values() for part in found.outdates}
    assert {"get_playback_status", "get_media_details", "search_media"} <= outdated
    assert [name for name in sorted(outdated) if not (TOOLS[name].local_max_s or 99) <= 15] == []

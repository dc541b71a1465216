"""What a model reads about a tool: JSON Schemas without what costs tokens and says nothing, and faults in words.

Schemas are sent with every conversation, so each saved token is saved every time. Only single-use definitions are
written out in place; a schema never loses a name, a type or a limit.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from pydantic import BaseModel, TypeAdapter

_REFERENCE = "#/$defs/"


def described(docstring: str) -> str:
    """The docstring up to its first section: what the model reads. Line breaks within a paragraph are ours, not its."""
    paragraphs = re.split(r"\n\s*\n(?:Returns|Raises|Source):", docstring)[0].split("\n\n")
    return "\n".join(" ".join(paragraph.split()) for paragraph in paragraphs)


def input_schema_of(model: type[BaseModel]) -> dict[str, Any]:
    """The arguments of a tool; unknown ones are refused."""
    return _inlined(_lean(model.model_json_schema(), closed=True))


@lru_cache(maxsize=64)
def output_schema_of(returns: Any) -> dict[str, Any]:
    """What an answer holds; it may hold more, and does not hold what is unset."""
    return _inlined(_lean(TypeAdapter(returns).json_schema(mode="serialization"), closed=False))


def _lean(schema: Any, *, closed: bool) -> Any:
    """Drop titles, null defaults, `anyOf ... null`, and in answers the docstrings of our classes."""
    if isinstance(schema, list):
        return [_lean(part, closed=closed) for part in schema]
    if not isinstance(schema, dict):
        return schema
    lean: dict[str, Any] = {}
    for key, value in schema.items():
        if key in {"properties", "$defs"}:
            lean[key] = {name: _lean(part, closed=closed) for name, part in value.items()}
        elif not _says_nothing(key, value, schema, closed=closed):
            lean[key] = _lean(value, closed=closed)
    options = lean.get("anyOf")
    if options and {"type": "null"} in options:
        rest = [option for option in options if option != {"type": "null"}]
        if len(rest) == 1:
            del lean["anyOf"]
            lean = {**rest[0], **lean}
    return lean


def _says_nothing(key: str, value: Any, schema: Mapping[str, Any], *, closed: bool) -> bool:
    if key == "default":
        return not closed or value in (None, [])
    if key == "additionalProperties":
        return not closed
    return key == "title" or (key == "description" and not closed and "properties" in schema)


def _inlined(schema: dict[str, Any]) -> dict[str, Any]:
    """Definitions that are used once stand where they are used."""
    definitions = schema.pop("$defs", {})
    text = json.dumps([schema, definitions])
    single = {name for name in definitions if text.count(f'"{_REFERENCE}{name}"') == 1}

    def written_out(part: Any) -> Any:
        if isinstance(part, list):
            return [written_out(entry) for entry in part]
        if not isinstance(part, dict):
            return part
        name = str(part.get("$ref", "")).removeprefix(_REFERENCE)
        if name in single:
            beside = {key: value for key, value in part.items() if key != "$ref"}
            return written_out({**definitions[name], **beside})
        return {key: written_out(value) for key, value in part.items()}

    result: dict[str, Any] = written_out(schema)
    kept = {name: written_out(part) for name, part in definitions.items() if name not in single}
    return {"$defs": kept, **result} if kept else result


def fault_text(fault: Mapping[str, Any], properties: Mapping[str, Any]) -> str:
    """One fault of pydantic's in our words: never the value that was sent."""
    where = ".".join(str(part) for part in fault["loc"][:1]) or "arguments"
    if fault["type"] == "extra_forbidden":
        name = re.sub(r"[^\w.-]", "?", where)[:40]
        return f"unknown argument {name!r}; allowed: {', '.join(properties)}"
    if fault["type"] == "missing":
        return f"{where} is required"
    if fault["type"] == "value_error":
        # Raised by a validator of ours, whose words these are.
        return f"{where} {fault['ctx']['error']}"
    allowed = _allowed(properties.get(where, {}))
    return f"{where} must be {allowed}" if allowed else f"{where}: {fault['msg']}"


_KINDS = {
    "string": "text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
}


def _allowed(schema: Mapping[str, Any]) -> str:
    """What a property takes, in words; empty where the schema does not say."""
    if "enum" in schema:
        return "one of " + ", ".join(map(str, schema["enum"]))
    if schema.get("type") == "array":
        return f"a list, each {_allowed(schema.get('items', {})) or 'as described'}"
    digits = re.fullmatch(r"\^\[0-9\]\{(\d+),(\d+)\}\$", schema.get("pattern", ""))
    if digits:
        return f"text of {digits[1]} to {digits[2]} digits"
    kind = _KINDS.get(schema.get("type", ""))
    if kind is None:
        return ""
    if "pattern" in schema:
        kind += " of the described form"
    unit = " characters" if kind.startswith("text") else ""
    low, high = schema.get("minimum", schema.get("minLength")), schema.get("maximum", schema.get("maxLength"))
    bounds = {
        (True, True): f" from {low} to {high}{unit}",
        (True, False): f" of at least {low}{unit}",
        (False, True): f" of at most {high}{unit}",
    }
    return kind + bounds.get((low is not None, high is not None), "")

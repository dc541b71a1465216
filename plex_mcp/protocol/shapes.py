"""The parameters that each served method takes, checked by hand.

The official models (mcp_types) would do it in one call; loading them costs 16 MiB and, at a fifth of a core, two
seconds of the start. The tests hold this table against them on generated requests instead.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

Check = Callable[[Any, str], str | None]
"""Where it is wrong, as a dotted path; None when it is right."""


def _text(value: Any, path: str) -> str | None:
    return None if isinstance(value, str) else path


def _object(value: Any, path: str) -> str | None:
    return None if isinstance(value, dict) else path


def _texts(value: Any, path: str) -> str | None:
    if not isinstance(value, dict):
        return path
    return next((f"{path}.{name}" for name, part in value.items() if not isinstance(part, str)), None)


def _shape(required: Mapping[str, Check], optional: Mapping[str, Check] | None = None) -> Check:
    """An object with these members; others are let through, null counts as absent for the optional ones."""

    def check(value: Any, path: str) -> str | None:
        if not isinstance(value, dict):
            return path
        for name, check_part in required.items():
            at = f"{path}.{name}"
            wrong = check_part(value[name], at) if name in value else at
            if wrong:
                return wrong
        for name, check_part in (optional or {}).items():
            if value.get(name) is not None and (wrong := check_part(value[name], f"{path}.{name}")):
                return wrong
        return None

    return check


def _reference(value: Any, path: str) -> str | None:
    if not isinstance(value, dict):
        return path
    kinds = {"ref/prompt": _shape({"name": _text}, {"title": _text}), "ref/resource": _shape({"uri": _text})}
    kind = value.get("type")
    return kinds[kind](value, path) if isinstance(kind, str) and kind in kinds else f"{path}.type"


_PAGE = _shape({}, {"cursor": _text})
_SHAPES: Mapping[str, Check] = {
    "initialize": _shape(
        {
            "protocolVersion": _text,
            "capabilities": _object,
            "clientInfo": _shape({"name": _text, "version": _text}, {"title": _text}),
        }
    ),
    "tools/list": _PAGE,
    "resources/list": _PAGE,
    "resources/templates/list": _PAGE,
    "prompts/list": _PAGE,
    "resources/read": _shape({"uri": _text}),
    "prompts/get": _shape({"name": _text}, {"arguments": _texts}),
    "completion/complete": _shape(
        {"ref": _reference, "argument": _shape({"name": _text, "value": _text})},
        {"context": _shape({}, {"arguments": _texts})},
    ),
}


def fault_in(method: str, params: Mapping[str, Any]) -> str | None:
    """The first member of `params` that is wrong for `method`, as a dotted path; None when all is right."""
    check = _SHAPES.get(method)
    return None if check is None else check(params, "params")

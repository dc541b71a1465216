"""Writing XML the way Plex Media Server does: attributes only, no text nodes, one element per line."""

import re
from collections.abc import Iterable, Mapping
from typing import TypeAlias

HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'
_ESCAPES = str.maketrans(
    {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "\n": "&#10;", "\r": "&#13;", "\t": "&#9;"}
)
_special = re.compile(r'[&<>"\n\r\t]').search
Value: TypeAlias = str | int | float | bool | None
Attributes: TypeAlias = Mapping[str, Value]


def text(value: str | float | bool) -> str:
    """One attribute value, escaped; booleans are ``1``/``0`` and floats have no trailing noise."""
    if isinstance(value, str):
        return value.translate(_ESCAPES) if _special(value) else value
    if value is True:
        return "1"
    if value is False:
        return "0"
    return f"{value:.12g}" if isinstance(value, float) else str(value)


def attributes(values: Attributes) -> str:
    """`` name="value"`` for each value that is not None (Plex leaves out what it does not know)."""
    return "".join(
        [
            f' {name}="{value if type(value) is int else text(value)}"'
            for name, value in values.items()
            if value is not None
        ]
    )


def element(name: str, values: Attributes, children: Iterable[str] = ()) -> str:
    """One element with its children; self-closing when it has none."""
    inner = "".join(children)
    if not inner:
        return f"<{name}{attributes(values)} />\n"
    return f"<{name}{attributes(values)}>\n{inner}</{name}>\n"


def document(values: Attributes, children: Iterable[str] = (), name: str = "MediaContainer") -> bytes:
    """A whole answer; the root is never self-closing, as recorded from Plex."""
    return f"{HEAD}<{name}{attributes(values)}>\n{''.join(children)}</{name}>\n".encode()

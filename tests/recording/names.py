"""Names of elements and attributes: what a real server sends that the stand-in does not."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from xml.etree import ElementTree

_TYPED = {"Video", "Directory", "Track", "Photo", "Hub", "Metadata"}
Names = dict[str, set[str]]


def names_in(bodies: Iterable[bytes]) -> Names:
    """Element, with the `type` where that makes it another thing (`Video movie`) → its attributes and children."""
    found: Names = {}
    for body in bodies:
        try:
            root = ElementTree.fromstring(body)
        except ElementTree.ParseError:
            continue
        for element in root.iter():
            names = found.setdefault(_label(element), set())
            names.update(f"@{name}" for name in element.attrib)
            names.update(f"<{_label(child)}>" for child in element)
    return found


def union(parts: Iterable[Names]) -> Names:
    """All of them together."""
    names: Names = {}
    for part in parts:
        for element, found in part.items():
            names.setdefault(element, set()).update(found)
    return names


def _label(element: ElementTree.Element) -> str:
    kind = element.get("type", "") if element.tag in _TYPED else ""
    return f"{element.tag} {kind}".strip()


def lacking(real: Mapping[str, set[str]], standin: Mapping[str, set[str]]) -> list[str]:
    """One line for each element of which the real server says more."""
    lines = []
    for element, names in sorted(real.items()):
        if element not in standin:
            lines.append(f"{element}: the whole element ({len(names)} names)")
        elif missing := sorted(names - standin[element]):
            lines.append(f"{element}: {', '.join(missing)}")
    return lines

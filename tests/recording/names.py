"""Names of elements and attributes: what a real server sends that the stand-in does not."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from xml.etree import ElementTree

from tests.standin.names import names_of

Names = dict[str, set[str]]


def names_in(bodies: Iterable[bytes]) -> Names:
    """Kind of element (`Video:movie`) → its attributes, with an @, and its children; of whatever is XML."""
    return {label.strip(): names for label, names in names_of("", _roots(bodies)).items()}


def _roots(bodies: Iterable[bytes]) -> Iterator[ElementTree.Element]:
    for body in bodies:
        try:
            yield ElementTree.fromstring(body)
        except ElementTree.ParseError:
            continue


def union(parts: Iterable[Names]) -> Names:
    """All of them together."""
    names: Names = {}
    for part in parts:
        for element, found in part.items():
            names.setdefault(element, set()).update(found)
    return names


def lacking(real: Mapping[str, set[str]], standin: Mapping[str, set[str]]) -> list[str]:
    """One line for each element of which the real server says more."""
    lines = []
    for element, names in sorted(real.items()):
        if element not in standin:
            lines.append(f"{element}: the whole element ({len(names)} names)")
        elif missing := sorted(names - standin[element]):
            lines.append(f"{element}: {', '.join(missing)}")
    return lines

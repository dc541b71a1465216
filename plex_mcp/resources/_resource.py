"""What a resource is: an address, or a template of addresses, read through the tools."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from urllib.parse import unquote

from plex_mcp.calls.views import Views


@dataclass(frozen=True, slots=True)
class Content:
    """What reading gives: `text`, or `data` as raw bytes."""

    mime_type: str
    text: str | None = None
    data: bytes | None = None


@dataclass(frozen=True, kw_only=True)
class Resource:
    """One entry of `resources/list`, or of `resources/templates/list` when `uri` has `{variables}`.

    `read(views, **variables)` raises ToolError; `needs` names the tools it reads; `completers` suggest values of a
    variable from what was typed so far.
    """

    name: str
    title: str
    description: str
    uri: str
    mime_type: str | None
    read: Callable[..., Content] = field(repr=False)
    needs: tuple[str, ...] = ()
    completers: Mapping[str, Callable[[Views, str], list[str]]] = field(default_factory=dict)

    @property
    def is_template(self) -> bool:
        return "{" in self.uri

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        # Split around variables: every second part is the name of one.
        parts = re.split(r"\{(\w+)\}", self.uri)
        return re.compile("".join(f"(?P<{p}>[^/?#]+)" if at % 2 else re.escape(p) for at, p in enumerate(parts)))

    def match(self, uri: str) -> dict[str, str] | None:
        """The variables of an address of this resource, decoded; None when the address is another's."""
        found = self._pattern.fullmatch(uri)
        return {name: unquote(value) for name, value in found.groupdict().items()} if found else None

    def listed(self) -> dict[str, Any]:
        """The entry as it goes into the list."""
        entry = {
            "uriTemplate" if self.is_template else "uri": self.uri,
            "name": self.name,
            "title": self.title,
            "description": self.description,
        }
        # Absent where it differs from one address of a template to the next.
        return entry | ({"mimeType": self.mime_type} if self.mime_type else {})

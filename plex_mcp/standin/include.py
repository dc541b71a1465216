"""What a request wants its items to show, beyond or short of the usual."""

from dataclasses import dataclass
from functools import lru_cache

from plex_mcp.standin.http import Request
from plex_mcp.standin.xml import Attributes


@dataclass(frozen=True, slots=True)
class Include:
    """What an item's element is made of.

    ``excludeElements`` and ``excludeFields`` name child elements and attributes of an item that are left out, unknown
    names without effect. Known from python-plexapi 4.18.3, which sends them (``PlexPartialObject._EXCLUDES``), and
    not recorded from a server: that they win over ``includeGuids=1``, and spare no attribute, is our reading.
    """

    full: bool = False
    guids: bool = False
    chapters: bool = False
    markers: bool = False
    check_files: bool = False
    section: bool = False
    streams: bool = False
    excluded_elements: frozenset[str] = frozenset()
    excluded_fields: frozenset[str] = frozenset()

    @classmethod
    def of(cls, request: Request, *, full: bool = False, section: bool = False, streams: bool = False) -> "Include":
        """What the query asks for, in the form that the endpoint sends."""
        asked = request.arguments
        return cls(
            full=full,
            guids=asked.get("includeGuids") == "1",
            chapters=asked.get("includeChapters") == "1",
            markers=asked.get("includeMarkers") == "1",
            check_files=asked.get("checkFiles") == "1",
            section=section,
            streams=streams,
            excluded_elements=_names(asked.get("excludeElements", "")),
            excluded_fields=_names(asked.get("excludeFields", "")),
        )

    def lean(self) -> "Include":
        """For items inside an item: no more than a list shows, and as much left out."""
        return Include(excluded_elements=self.excluded_elements, excluded_fields=self.excluded_fields)

    def wants(self, element: str) -> bool:
        """Whether children of this name are shown."""
        return element not in self.excluded_elements

    def trimmed(self, values: Attributes) -> Attributes:
        """These attributes without those left out."""
        if not self.excluded_fields:
            return values
        return {name: value for name, value in values.items() if name not in self.excluded_fields}


@lru_cache(maxsize=256)
def _names(listed: str) -> frozenset[str]:
    return frozenset(name.strip() for name in listed.split(","))


LEAN = Include()
FULL = Include(full=True)

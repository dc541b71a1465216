"""One request on its way through an endpoint, and what endpoints may take for granted of it."""

from collections.abc import Callable
from dataclasses import dataclass

from plex_mcp.standin.answers import Refused, html_error, number
from plex_mcp.standin.household import Household
from plex_mcp.standin.http import Request, Response
from plex_mcp.standin.model import KIND_OF_NUMBER, SECTION_KINDS, Item, Section
from plex_mcp.standin.users import User


@dataclass
class Context:
    """One request with what is needed to answer it."""

    household: Household
    request: Request
    user: User
    values: dict[str, str]

    def require_owner(self, status: int = 403) -> None:
        """Refuse everybody else."""
        if not self.user.is_owner:
            raise Refused(html_error(status))

    def require_item(self, key: str) -> Item:
        """The item with this rating key; 404 when there is none that this user may see."""
        found = self.household.item(key, self.user)
        if found is None:
            raise Refused(html_error(404))
        return found

    def require_section(self) -> Section:
        """The library that the path names, or 404."""
        found = self.household.library.sections.get(number(self.values["section"]) or 0)
        if found is None or not self.user.may_see(found.key):
            raise Refused(html_error(404))
        return found

    def asked_sections(self) -> list[Section]:
        """The library that the path or ``sectionId`` names, else all; of those only what this user may see."""
        visible = self.household.visible(self.user)
        wanted = self.values.get("section") or self.request.arguments.get("sectionId")
        return [section for section in visible if str(section.key) == wanted] if wanted else visible

    def asked_kind(self, default: str) -> str | None:
        """The kind that ``type=`` names; None when there is no such type."""
        asked = self.request.arguments.get("type")
        if not asked:
            return default
        return KIND_OF_NUMBER.get(int(asked)) if asked.isdecimal() else asked

    def require_kind(self, section: Section, default: str, *also: str) -> str:
        """The kind that ``type=`` names; 400 unless the library holds it, or it is one of ``also``."""
        kind = self.asked_kind(default)
        if kind not in (*SECTION_KINDS[section.kind], *also):
            raise Refused(html_error(400))
        return kind


Handler = Callable[[Context], Response]


@dataclass(frozen=True)
class Route:
    """A path template such as ``/library/metadata/{ids}`` and who answers it; ``public`` needs no token."""

    method: str
    template: str
    handler: Handler
    public: bool = False

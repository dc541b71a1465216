"""The values that a filter can take in a library."""

from plex_mcp.standin.answers import Window, html_error
from plex_mcp.standin.containers import of_section
from plex_mcp.standin.context import Context, Route
from plex_mcp.standin.filters import TAGS
from plex_mcp.standin.household import top_kind
from plex_mcp.standin.http import Response
from plex_mcp.standin.library import Library
from plex_mcp.standin.meta import filter_titles
from plex_mcp.standin.model import LANGUAGES, SECTION_KINDS
from plex_mcp.standin.xml import element

_RESOLUTIONS = {"4k": "4K", "sd": "SD"}


def choices(context: Context) -> Response:
    """``GET /library/sections/N/genre`` and its like: the values of a filter that occur in a library."""
    section, field = context.require_section(), context.values["field"]
    kind = context.require_kind(section, top_kind(section))
    titles = {name: title for of in SECTION_KINDS[section.kind] for name, title in filter_titles(of).items()}
    if field not in titles and field not in TAGS:
        return html_error(404)
    home = context.household
    rows = [_choice(home.library, field, value) for value in home.index([section], kind).choices(field)]
    rows.sort(key=lambda row: (row[1].lower(), row), reverse=field in ("year", "decade"))
    window = Window.of(context.request)
    listed = [
        element(
            "Directory",
            {
                "fastKey": f"/library/sections/{section.key}/all?{field}={key}",
                "key": key,
                "title": title,
                "type": field if field in ("genre", "collection", "mood") else None,
            },
        )
        for key, title in window.cut(rows)
    ]
    values = of_section(section, f"By {titles.get(field, field.title())}") | {"viewGroup": "secondary", "allowSync": 0}
    del values["librarySectionID"], values["librarySectionTitle"], values["librarySectionUUID"]
    return window.answer(values, listed, len(rows))


def _choice(library: Library, field: str, value: float | str) -> tuple[str, str]:
    """``(key, title)``: what the filter takes, and what a person reads."""
    tag = library.tags.get(value) if isinstance(value, int) else None
    if tag is not None and tag.kind == field:
        return str(tag.tag_id), tag.name
    text = value if isinstance(value, str) else str(int(value))
    if field.endswith("Language"):
        return text, LANGUAGES.get(text, (text, ""))[0]
    if field == "resolution":
        return text, _RESOLUTIONS.get(text, f"{text}p")
    return text, text


ROUTES = [Route("GET", "/library/sections/{section}/{field}", choices)]

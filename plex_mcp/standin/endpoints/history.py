"""What was watched, by whom, when."""

from plex_mcp.standin.answers import Window, number
from plex_mcp.standin.context import Context, Route
from plex_mcp.standin.household import Household
from plex_mcp.standin.http import Response
from plex_mcp.standin.views import HistoryEntry
from plex_mcp.standin.xml import element

_SHOWN = (
    "key",
    "ratingKey",
    "librarySectionID",
    "parentKey",
    "grandparentKey",
    "title",
    "parentTitle",
    "grandparentTitle",
    "type",
    "thumb",
    "parentThumb",
    "grandparentThumb",
    "art",
    "grandparentArt",
    "index",
    "parentIndex",
    "originallyAvailableAt",
)


def history(context: Context) -> Response:
    """``GET /status/sessions/history/all``: for the owner; newest first unless ``sort`` says otherwise."""
    home, window = context.household, Window.of(context.request)
    context.require_owner(home.status_for_others)
    entries = _asked(context)
    oldest_first = context.request.arguments.get("sort", "desc").endswith(":asc")
    entries.sort(key=lambda entry: (entry.viewed_at, entry.history_id), reverse=not oldest_first)
    return window.answer({}, [_entry_xml(entry, home) for entry in window.cut(entries)], len(entries))


def _asked(context: Context) -> list[HistoryEntry]:
    """Those that ``accountID``, ``librarySectionID``, ``metadataItemID`` and dates leave."""
    home, asked = context.household, context.request.arguments
    entries = list(home.views.history)
    if asked.get("accountID"):
        entries = [e for e in entries if str(e.account_id) == asked["accountID"]]
    if asked.get("librarySectionID"):
        entries = [e for e in entries if str(e.item.section.key) == asked["librarySectionID"]]
    if asked.get("metadataItemID"):
        item = home.item(asked["metadataItemID"], context.user)
        entries = [e for e in entries if item is not None and item in (e.item, e.item.parent, e.item.grandparent)]
    since = number(asked.get("viewedAt>", asked.get("viewedAt>>")))
    until = number(asked.get("viewedAt<", asked.get("viewedAt<<")))
    if since is not None:
        entries = [e for e in entries if e.viewed_at > since]
    if until is not None:
        entries = [e for e in entries if e.viewed_at < until]
    return entries


def _entry_xml(entry: HistoryEntry, home: Household) -> str:
    item = entry.item
    known = home.renderer.values(item, home.owner)
    return element(
        item.wire_element,
        {
            "historyKey": f"/status/sessions/history/{entry.history_id}",
            **{name: known.get(name) for name in _SHOWN},
            "librarySectionID": item.section.key,
            "viewedAt": entry.viewed_at,
            "accountID": entry.account_id,
            "deviceID": entry.device_id,
        },
    )


ROUTES = [Route("GET", "/status/sessions/history/all", history)]

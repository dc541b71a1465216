"""Single items and what is inside them."""

from plex_mcp.standin.answers import Window
from plex_mcp.standin.containers import of_children, of_item
from plex_mcp.standin.context import Context, Route
from plex_mcp.standin.endpoints.playlists import playlist
from plex_mcp.standin.http import Response
from plex_mcp.standin.include import Include
from plex_mcp.standin.item_values import thumb
from plex_mcp.standin.model import Item
from plex_mcp.standin.ondeck import next_of_show
from plex_mcp.standin.xml import element


def details(context: Context) -> Response:
    """``GET /library/metadata/ID[,ID…]``: the full form; those that do not exist are left out, none at all is 404."""
    home = context.household
    found = [home.item(key, context.user) for key in context.values["ids"].split(",")]
    items = [item for item in found if item is not None]
    if not items:
        # Playlists answer here too, alone: recorded.
        context.values["id"] = context.values["ids"]
        return playlist(context)
    window, wanted = Window.of(context.request), Include.of(context.request, full=True)
    shown = [
        home.renderer.item(item, context.user, wanted, inside=_inside(context, item, wanted))
        for item in window.cut(items)
    ]
    return window.answer(of_item(items[0]), shown, len(items))


def _inside(context: Context, item: Item, wanted: Include) -> str:
    """The children of an item (``includeChildren``) and its next episode (``includeOnDeck``), if asked for."""
    home, asked, inside = context.household, context.request.arguments, ""
    children = asked.get("includeChildren") == "1" and wanted.wants("Children")
    if children and item.kind in ("show", "season", "artist", "album"):
        below = sorted(item.children, key=lambda child: child.index or 0)
        listed = "".join(home.renderer.items(below, context.user, wanted.lean()))
        inside += f'<Children size="{len(below)}">\n{listed}</Children>\n'
    if asked.get("includeOnDeck") == "1" and wanted.wants("OnDeck") and item.kind in ("show", "season"):
        follows = next_of_show(item, home.views, context.user)
        if follows is not None:
            inside += f"<OnDeck>\n{home.renderer.item(follows, context.user, wanted.lean())}</OnDeck>\n"
    return inside


def children(context: Context) -> Response:
    """``GET /library/metadata/ID/children``: seasons, episodes, albums, tracks, photographs."""
    home, window = context.household, Window.of(context.request)
    item = context.require_item(context.values["id"])
    below = item.members if item.kind == "collection" else item.children
    if item.kind == "show":
        below = sorted(below, key=lambda season: season.index or 0)
    listed = home.renderer.items(window.cut(below), context.user, Include.of(context.request))
    return window.answer(of_children(item), listed, len(below), _all_episodes(context, item, window))


def _all_episodes(context: Context, show: Item, window: Window) -> list[str]:
    """The entry before the seasons of a show that has several, unless ``excludeAllLeaves=1``."""
    unwanted = context.request.arguments.get("excludeAllLeaves") == "1" or window.start or window.size == 0
    if show.kind != "show" or unwanted or len(show.children) < 2:
        return []
    leaves, watched = context.household.views.leaf_counts(context.user.account_id, show)
    return [
        element(
            "Directory",
            {
                "leafCount": leaves,
                "thumb": thumb(show),
                "viewedLeafCount": watched,
                "key": f"/library/metadata/{show.rating_key}/allLeaves",
                "title": "All episodes",
            },
        )
    ]


def all_leaves(context: Context) -> Response:
    """``GET /library/metadata/ID/allLeaves``: everything playable below."""
    home, window = context.household, Window.of(context.request)
    item = context.require_item(context.values["id"])
    leaves = list(item.leaves())
    if item.kind == "show":
        leaves.sort(key=Item.place)
    values = of_children(item) | {"viewGroup": leaves[0].kind if leaves else None}
    listed = home.renderer.items(window.cut(leaves), context.user, Include.of(context.request))
    return window.answer(values, listed, len(leaves))


def similar(context: Context) -> Response:
    """``GET /library/metadata/ID/similar``: same kind, a genre in common, most in common first."""
    home, window = context.household, Window.of(context.request)
    item = context.require_item(context.values["id"])
    mine = set(item.tags.get("genre", ()))
    scored = [
        (-len(mine & set(other.tags.get("genre", ()))), other.sort_key, other)
        for other in item.section.of_kind(item.kind)
        if other is not item
    ]
    best = [other for score, _, other in sorted(scored, key=lambda row: row[:2]) if score][:20]
    listed = home.renderer.items(window.cut(best), context.user, Include.of(context.request))
    return window.answer(of_item(item), listed, len(best))


def collection(context: Context) -> Response:
    """``GET /library/collections/ID``."""
    context.values["ids"] = context.values["id"]
    return details(context)


ROUTES = [
    Route("GET", "/library/metadata/{ids}", details),
    Route("GET", "/library/metadata/{id}/children", children),
    Route("GET", "/library/metadata/{id}/allLeaves", all_leaves),
    Route("GET", "/library/metadata/{id}/grandchildren", all_leaves),
    Route("GET", "/library/metadata/{id}/similar", similar),
    Route("GET", "/library/collections/{id}", collection),
    Route("GET", "/library/collections/{id}/children", children),
    Route("GET", "/library/collections/{id}/items", children),
]

"""Single items, what is inside them, and marking them."""

from plex_mcp.standin.answers import MEDIA_TAGS, Window, container, html_error
from plex_mcp.standin.endpoints.playlists import playlist
from plex_mcp.standin.household import Context, Route
from plex_mcp.standin.http import Response
from plex_mcp.standin.include import Include
from plex_mcp.standin.item_values import thumb
from plex_mcp.standin.model import Item
from plex_mcp.standin.ondeck import next_of_show
from plex_mcp.standin.xml import Value, element

_LIBRARY = "com.plexapp.plugins.library"


def _own_values(item: Item) -> dict[str, Value]:
    section = item.section
    return {
        "allowSync": 1,
        "identifier": _LIBRARY,
        "librarySectionID": section.key,
        "librarySectionTitle": section.title,
        "librarySectionUUID": section.uuid,
        "mediaTagPrefix": MEDIA_TAGS["mediaTagPrefix"],
        "mediaTagVersion": MEDIA_TAGS["mediaTagVersion"],
    }


def details(context: Context) -> Response:
    """``GET /library/metadata/ID[,ID…]``: the full form; those that do not exist are left out, none at all is 404."""
    home = context.household
    found = [home.item(key, context.user) for key in context.values["ids"].split(",")]
    items = [item for item in found if item is not None]
    if not items:
        # Playlists answer here too, alone: recorded.
        context.values["id"] = context.values["ids"]
        return playlist(context)
    window = Window.of(context.request)
    wanted = Include.of(context.request, full=True)
    children = window.cut(
        [home.renderer.item(item, context.user, wanted, inside=_inside(context, item, wanted)) for item in items]
    )
    return window.answer(_own_values(items[0]), children, len(items))


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


def _below(item: Item) -> dict[str, Value]:
    """The container of an item's children: it names the parent and what is above."""
    values: dict[str, Value] = {"art": thumb(item, "art"), **_own_values(item), "key": item.rating_key, "nocache": 1}
    above = item.parent
    if item.kind in ("season", "album") and above is not None:
        values |= {
            "grandparentRatingKey": above.rating_key,
            "grandparentThumb": thumb(above),
            "grandparentTitle": above.title,
            "title1": above.title,
        }
        if item.kind == "season":
            values |= {
                "grandparentContentRating": above.content_rating,
                "grandparentStudio": above.studio,
                "grandparentTheme": thumb(above, "theme"),
            }
    else:
        values |= {"title1": item.section.title, "summary": item.summary or None}
        if item.kind == "show":
            values |= {"parentYear": item.year, "theme": thumb(item, "theme")}
    group = {"show": "season", "season": "episode", "artist": "album", "album": "track", "photoalbum": "photo"}
    return values | {
        "parentIndex": item.index,
        "parentTitle": item.title,
        "thumb": thumb(item),
        "title2": item.title,
        "viewGroup": group.get(item.kind, item.kind),
        "viewMode": 65593,
    }


def children(context: Context) -> Response:
    """``GET /library/metadata/ID/children``: seasons, episodes, albums, tracks, photographs."""
    home = context.household
    item = home.item(context.values["id"], context.user)
    if item is None:
        return html_error(404)
    below = item.members if item.kind == "collection" else item.children
    if item.kind == "show":
        below = sorted(below, key=lambda season: season.index or 0)
    window = Window.of(context.request)
    listed = home.renderer.items(below, context.user, Include.of(context.request))
    extra = []
    if item.kind == "show" and context.request.arguments.get("excludeAllLeaves") != "1":
        leaves, watched = home.views.leaf_counts(context.user.account_id, item)
        extra = (
            [
                element(
                    "Directory",
                    {
                        "leafCount": leaves,
                        "thumb": thumb(item),
                        "viewedLeafCount": watched,
                        "key": f"/library/metadata/{item.rating_key}/allLeaves",
                        "title": "All episodes",
                    },
                )
            ]
            if window.start == 0 and window.size != 0 and len(below) > 1
            else []
        )
    return window.answer(_below(item), window.cut(listed), len(listed), extra)


def all_leaves(context: Context) -> Response:
    """``GET /library/metadata/ID/allLeaves``: everything playable below."""
    home = context.household
    item = home.item(context.values["id"], context.user)
    if item is None:
        return html_error(404)
    leaves = list(item.leaves())
    if item.kind == "show":
        leaves.sort(key=lambda leaf: (leaf.parent.index or 0 if leaf.parent else 0, leaf.index or 0))
    window = Window.of(context.request)
    start, size = window.reach
    page = leaves[start:] if size is None else leaves[start : start + size]
    values = _below(item) | {"viewGroup": leaves[0].kind if leaves else None}
    return window.answer(values, home.renderer.items(page, context.user, Include.of(context.request)), len(leaves))


def similar(context: Context) -> Response:
    """``GET /library/metadata/ID/similar``: same kind, a genre in common, most in common first."""
    home = context.household
    item = home.item(context.values["id"], context.user)
    if item is None:
        return html_error(404)
    mine = set(item.tags.get("genre", ()))
    scored = [
        (-len(mine & set(other.tags.get("genre", ()))), other.sort_key, other)
        for other in item.section.of_kind(item.kind)
        if other is not item
    ]
    best = [other for score, _, other in sorted(scored, key=lambda row: row[:2]) if score]
    window = Window.of(context.request)
    listed = home.renderer.items(best[:20], context.user, Include.of(context.request))
    return window.answer(_own_values(item), window.cut(listed), len(listed))


def collection(context: Context) -> Response:
    """``GET /library/collections/ID``."""
    context.values["ids"] = context.values["id"]
    return details(context)


def _marked(context: Context) -> Item | None:
    key = context.request.arguments.get("key", "")
    return context.household.item(key.rpartition("/")[2], context.user)


def scrobble(context: Context) -> Response:
    """``GET /:/scrobble``: watched; an empty answer."""
    item = _marked(context)
    if item is None:
        return html_error(404)
    home = context.household
    home.views.scrobble(context.user.account_id, item, int(home.clock()))
    return Response()


def unscrobble(context: Context) -> Response:
    """``GET /:/unscrobble``: unwatched."""
    item = _marked(context)
    if item is None:
        return html_error(404)
    context.household.views.unscrobble(context.user.account_id, item)
    return Response()


def rate(context: Context) -> Response:
    """``PUT /:/rate``: 0 to 10, -1 takes the rating away."""
    item, text = _marked(context), context.request.arguments.get("rating", "")
    if item is None:
        return html_error(404)
    try:
        rating = float(text)
    except ValueError:
        return html_error(400)
    if not -1 <= rating <= 10:
        return html_error(400)
    home = context.household
    home.views.rate(context.user.account_id, item, rating if rating >= 0 else None, int(home.clock()))
    return Response()


def timeline(context: Context) -> Response:
    """``GET /:/timeline`` and ``/:/progress``: how far a player has got."""
    arguments = context.request.arguments
    key = arguments.get("ratingKey") or arguments.get("key", "")
    item = context.household.item(key.rpartition("/")[2], context.user)
    offset = arguments.get("time", "")
    if item is None:
        return html_error(404)
    if not offset.isdigit():
        return html_error(400)
    home = context.household
    home.views.progress(context.user.account_id, item, int(offset), int(home.clock()))
    if context.request.path == "/:/progress":
        return Response()
    return container({"size": 0})


ROUTES = [
    Route("GET", "/library/metadata/{ids}", details),
    Route("GET", "/library/metadata/{id}/children", children),
    Route("GET", "/library/metadata/{id}/allLeaves", all_leaves),
    Route("GET", "/library/metadata/{id}/grandchildren", all_leaves),
    Route("GET", "/library/metadata/{id}/similar", similar),
    Route("GET", "/library/collections/{id}", collection),
    Route("GET", "/library/collections/{id}/children", children),
    Route("GET", "/library/collections/{id}/items", children),
    Route("GET", "/:/scrobble", scrobble),
    Route("PUT", "/:/scrobble", scrobble),
    Route("GET", "/:/unscrobble", unscrobble),
    Route("PUT", "/:/unscrobble", unscrobble),
    Route("PUT", "/:/rate", rate),
    Route("GET", "/:/rate", rate),
    Route("GET", "/:/timeline", timeline),
    Route("POST", "/:/timeline", timeline),
    Route("GET", "/:/progress", timeline),
]

"""What a list says about itself: the attributes of its MediaContainer, by what it is a list of."""

from plex_mcp.standin.item_values import thumb
from plex_mcp.standin.model import Item, Section
from plex_mcp.standin.xml import Value

LIBRARY = "com.plexapp.plugins.library"
TAGS: dict[str, Value] = {
    "mediaTagPrefix": "/system/bundle/media/flags/",
    "mediaTagVersion": 1734362201,
}
MEDIA: dict[str, Value] = {"identifier": LIBRARY, **TAGS}
LIST_TITLES = {
    "movie": "All Movies",
    "show": "All Shows",
    "season": "All Seasons",
    "episode": "All Episodes",
    "artist": "All Artists",
    "album": "All Albums",
    "track": "All Tracks",
    "photoalbum": "All Photos",
    "photo": "All Photos",
    "collection": "By Collection",
}
_KIND_BELOW = {"show": "season", "season": "episode", "artist": "album", "album": "track", "photoalbum": "photo"}


def of_section(section: Section, title2: str = "") -> dict[str, Value]:
    """A list out of one library."""
    return {
        "allowSync": 1,
        "art": f"/:/resources/{section.kind}-fanart.jpg",
        "content": "secondary",
        "identifier": LIBRARY,
        "librarySectionID": section.key,
        "librarySectionTitle": section.title,
        "librarySectionUUID": section.uuid,
        **TAGS,
        "nocache": 1,
        "thumb": f"/:/resources/{section.kind}.png",
        "title1": section.title,
        "title2": title2,
    }


def of_item(item: Item) -> dict[str, Value]:
    """The details of an item, or what is like it."""
    section = item.section
    return {
        "allowSync": 1,
        "identifier": LIBRARY,
        "librarySectionID": section.key,
        "librarySectionTitle": section.title,
        "librarySectionUUID": section.uuid,
        **TAGS,
    }


def of_children(item: Item) -> dict[str, Value]:
    """What is inside an item: it names the item and what is above."""
    values: dict[str, Value] = {"art": thumb(item, "art"), **of_item(item), "key": item.rating_key, "nocache": 1}
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
    return values | {
        "parentIndex": item.index,
        "parentTitle": item.title,
        "thumb": thumb(item),
        "title2": item.title,
        "viewGroup": _KIND_BELOW.get(item.kind, item.kind),
        "viewMode": 65593,
    }

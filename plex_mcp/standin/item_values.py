"""The attributes of an item's element that are the same for every user, in Plex's order.

``head`` comes before what the user has seen, ``tail`` after it.
"""

from plex_mcp.standin.model import Item, Section
from plex_mcp.standin.xml import Value

_WITH_CHILDREN_KEY = frozenset({"show", "season", "artist", "album", "photoalbum"})


def key_path(item: Item) -> str:
    """The ``key`` of an item: where its details, or its children, are."""
    if item.kind == "collection":
        return f"/library/collections/{item.rating_key}/children"
    tail = "/children" if item.kind in _WITH_CHILDREN_KEY else ""
    return f"/library/metadata/{item.rating_key}{tail}"


def thumb(item: Item, kind: str = "thumb") -> str:
    """The path of an item's picture."""
    return f"/library/metadata/{item.rating_key}/{kind}/{item.updated_at}"


def pictured(item: Item, kind: str) -> Item:
    """Whose picture is shown: art is the show's or the artist's, a track has its album's cover."""
    if kind == "art" and item.grandparent is not None:
        return item.grandparent
    return item.parent if item.kind == "track" and item.parent else item


def slug(item: Item) -> str:
    """``the-general`` as plex.tv names things in its addresses."""
    return "-".join("".join(c if c.isalnum() else " " for c in item.title.lower()).split())


def section_attributes(section: Section) -> dict[str, Value]:
    """Where an item lives, as its element names it."""
    return {
        "librarySectionTitle": section.title,
        "librarySectionID": section.key,
        "librarySectionKey": f"/library/sections/{section.key}",
    }


def head(item: Item, *, with_section: bool, with_uuid: bool = False) -> dict[str, Value]:
    """From ``ratingKey`` to ``index``."""
    parent, grandparent = item.parent, item.grandparent
    titled = parent if item.kind != "photo" else None
    values: dict[str, Value] = {
        "ratingKey": item.rating_key,
        "key": key_path(item),
        "parentRatingKey": parent.rating_key if parent else None,
        "grandparentRatingKey": grandparent.rating_key if grandparent else None,
        "guid": item.guid,
        "parentGuid": titled.guid if titled else None,
        "grandparentGuid": grandparent.guid if grandparent else None,
        **_studio_and_slug(item),
        "type": item.wire_type,
        "title": item.title,
        "titleSort": item.title_sort,
        "editionTitle": item.edition,
        "grandparentKey": f"/library/metadata/{grandparent.rating_key}" if grandparent else None,
        "parentKey": f"/library/metadata/{parent.rating_key}" if parent else None,
    }
    if with_section or item.kind == "collection":
        values |= section_attributes(item.section)
    if with_uuid:
        values["librarySectionUUID"] = item.section.uuid
    return values | {
        "grandparentTitle": grandparent.title if grandparent else None,
        "parentTitle": titled.title if titled else None,
        "originalTitle": item.original_title,
        "contentRating": item.content_rating,
        "subtype": item.members[0].kind if item.members else None,
        "summary": item.summary,
        "index": item.index,
    }


def _studio_and_slug(item: Item) -> dict[str, Value]:
    parent, grandparent = item.parent, item.grandparent
    if item.kind == "episode" and grandparent is not None:
        return {"grandparentSlug": slug(grandparent)}
    if item.kind == "season" and parent is not None:
        return {"parentSlug": slug(parent), "parentStudio": parent.studio}
    if item.kind == "track" and parent is not None:
        return {"parentStudio": parent.studio}
    return {"slug": slug(item) if item.kind in ("movie", "show") and item.year else None, "studio": item.studio}


def tail(item: Item) -> dict[str, Value]:
    """From ``rating`` to the end."""
    values: dict[str, Value] = {"rating": item.rating, "audienceRating": item.audience_rating, **_place(item)}
    if item.kind == "collection":
        return values | _collection(item)
    rated = item.rating is not None and item.kind == "movie"
    values |= {
        "year": item.year if item.kind != "track" else None,
        "tagline": item.tagline,
        "composite": thumb(item, "composite") if item.kind == "photoalbum" else None,
        **_pictures(item),
        "duration": item.duration_ms,
        "originallyAvailableAt": item.released,
        "childCount": len(item.children) if item.kind == "show" else None,
        "seasonCount": _regular_seasons(item),
        "addedAt": item.added_at,
        "updatedAt": item.updated_at,
        "audienceRatingImage": "themoviedb://image.rating" if item.audience_rating is not None else None,
        "chapterSource": "media" if item.chapters else None,
        "ratingImage": "rottentomatoes://image.rating.ripe" if rated else None,
    }
    if item.kind == "photo":
        values |= {"createdAtAccuracy": "local", "createdAtTZOffset": "0"}
    if item.kind == "track":
        values["musicAnalysisVersion"] = 1
    return values


def _regular_seasons(item: Item) -> int | None:
    """How many seasons a show with specials has besides them."""
    if item.kind != "show" or all(season.index for season in item.children):
        return None
    return len(item.children) - 1


def _place(item: Item) -> dict[str, Value]:
    """Where an item stands among its siblings' parents."""
    parent = item.parent
    if parent is None:
        return {}
    if item.kind == "episode":
        return {"parentIndex": parent.index}
    if item.kind == "track":
        return {"parentIndex": 1, "parentYear": parent.year, "ratingCount": item.rating_key * 37}
    if item.kind == "season":
        return {"parentIndex": parent.index, "parentYear": parent.year}
    return {"loudnessAnalysisVersion": 2} if item.kind == "album" else {}


def _collection(item: Item) -> dict[str, Value]:
    years = [member.year for member in item.members if member.year]
    return {
        "thumb": f"/library/collections/{item.rating_key}/composite/{item.updated_at}?width=400&height=600",
        "addedAt": item.added_at,
        "updatedAt": item.updated_at,
        "childCount": len(item.members),
        "maxYear": max(years, default=None),
        "minYear": min(years, default=None),
        "ratingCount": len(item.members),
    }


def _pictures(item: Item) -> dict[str, Value]:
    parent, grandparent = item.parent, item.grandparent
    values: dict[str, Value] = {"thumb": thumb(pictured(item, "thumb"))}
    if item.kind != "photo":
        values["art"] = thumb(pictured(item, "art"), "art")
        values["parentThumb"] = thumb(parent) if parent is not None else None
    if grandparent is not None:
        values |= {"grandparentThumb": thumb(grandparent), "grandparentArt": thumb(grandparent, "art")}
    show = item.ancestor("show")
    if show is not None:
        name = {"show": "theme", "season": "parentTheme"}.get(item.kind, "grandparentTheme")
        values[name] = thumb(show, "theme")
    return values

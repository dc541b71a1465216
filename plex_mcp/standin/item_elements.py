"""What is inside an item's element."""

from collections.abc import Iterator, Mapping
from itertools import islice

from plex_mcp.standin.include import Include
from plex_mcp.standin.item_tags import tags_xml
from plex_mcp.standin.item_values import pictured, thumb
from plex_mcp.standin.model import Item
from plex_mcp.standin.streams import media_xml
from plex_mcp.standin.xml import element, text

_COLOURED = frozenset({"movie", "show", "season", "episode"})
_SIMILAR_FROM = 5_000_000  # ids of tags that stand for other items
_CORNERS = ("topLeft", "topRight", "bottomRight", "bottomLeft")


def elements(item: Item, include: Include, uses: Mapping[int, int]) -> Iterator[str]:
    """All of them, in Plex's order, as far as they were asked for. ``uses``: how many items carry a tag, by its id."""
    if include.wants("Media"):
        full = include.full or include.streams
        yield from (media_xml(media, full=full, check_files=include.check_files) for media in item.media)
    if item.kind in _COLOURED:
        yield images(item) if include.wants("Image") else ""
        yield colours(item) if include.wants("UltraBlurColors") else ""
    yield from tags_xml(item, include, uses)
    if (include.full or include.guids) and include.wants("Guid"):
        yield guids(item)
    if include.full:
        yield ratings(item) if include.wants("Rating") else ""
        yield similar(item) if include.wants("Similar") else ""
        yield location(item) if include.wants("Location") else ""
    if include.chapters and include.wants("Chapter"):
        yield chapters(item)
    if include.markers and include.wants("Marker"):
        yield markers(item)


def images(item: Item) -> str:
    """Its pictures."""
    kinds = (("snapshot" if item.kind == "episode" else "coverPoster", "thumb"), ("background", "art"))
    alt = text(item.title)
    return "".join(
        f'<Image alt="{alt}" type="{of}" url="{thumb(pictured(item, path), path)}" />\n' for of, path in kinds
    )


def colours(item: Item) -> str:
    """The four colours behind its pictures."""
    tint = item.rating_key * 2654435761 & 0xFFFFFF
    corners = "".join(f' {corner}="{(tint >> n) & 0x7F7F7F:06x}"' for n, corner in enumerate(_CORNERS))
    return f"<UltraBlurColors{corners} />\n"


def guids(item: Item) -> str:
    """What other databases call it."""
    return "".join(element("Guid", {"id": guid}) for guid in item.guids)


def ratings(item: Item) -> str:
    """What critics and the audience think of it."""
    return "".join(
        element("Rating", {"image": image, "value": value, "type": kind})
        for value, image, kind in (
            (item.rating, "rottentomatoes://image.rating.ripe", "critic"),
            (item.audience_rating, "themoviedb://image.rating", "audience"),
        )
        if value is not None
    )


def similar(item: Item) -> str:
    """Tags that stand for other items like this one."""
    if item.kind not in ("movie", "show", "artist"):
        return ""
    return "".join(
        element("Similar", {"id": number, "filter": f"similar={number}", "tag": other.title})
        for number, other in ((_SIMILAR_FROM + other.rating_key, other) for other in _alike(item))
    )


def location(item: Item) -> str:
    """The folder of a show or an artist."""
    if item.kind not in ("show", "artist"):
        return ""
    return element("Location", {"path": f"{item.section.path}/{item.title}"})


def _alike(item: Item) -> list[Item]:
    """Five of the same kind that share a genre, from the first few hundred."""
    mine = set(item.tags.get("genre", ()))
    others = (o for o in item.section.of_kind(item.kind)[:300] if o is not item and mine & set(o.tags.get("genre", ())))
    return list(islice(others, 5))


def chapters(item: Item) -> str:
    """The chapters of a video."""
    starts = [start for _, start in item.chapters] + [item.duration_ms or 0]
    return "".join(
        element(
            "Chapter",
            {
                "id": item.rating_key * 10 + n,
                "filter": f"thumb={item.rating_key * 10 + n}",
                "tag": name,
                "index": n,
                "startTimeOffset": start,
                "endTimeOffset": starts[n],
                "thumb": f"/library/media/{item.media[0].media_id}/chapterImages/{n}" if item.media else None,
            },
        )
        for n, (name, start) in enumerate(item.chapters, 1)
    )


def markers(item: Item) -> str:
    """Where the intro and the credits are."""
    return "".join(
        element(
            "Marker",
            {
                "id": item.rating_key * 10 + n,
                "type": marker.kind,
                "startTimeOffset": marker.start_ms,
                "endTimeOffset": marker.end_ms,
                "final": marker.final or None,
            },
            [element("Attributes", {"id": item.rating_key * 10 + n, "version": 4})],
        )
        for n, marker in enumerate(item.markers)
    )

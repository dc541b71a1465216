"""The tag elements of an item: genres, people, countries, the cast."""

from collections.abc import Iterator, Mapping
from functools import lru_cache

from plex_mcp.standin.include import Include
from plex_mcp.standin.model import Item, Role, Tag
from plex_mcp.standin.xml import Value, element

_ELEMENTS = {
    "genre": "Genre",
    "country": "Country",
    "director": "Director",
    "writer": "Writer",
    "producer": "Producer",
    "collection": "Collection",
    "mood": "Mood",
}
_IN_LISTS = {"genre": 2, "country": 2, "director": 2, "writer": 2, "producer": 0, "collection": 3, "mood": 0}
_ROLES_IN_LISTS = 3
_PEOPLE = ("director", "writer", "producer")
_UNCOUNTED = ("mood", "collection")


def tags_xml(item: Item, include: Include, uses: Mapping[int, int]) -> Iterator[str]:
    """With ids in the full form, else the names of the first few. ``uses``: how many items carry a tag, by its id."""
    for kind, name in _ELEMENTS.items():
        tags = item.tags.get(kind, ())
        if not tags or not include.wants(name):
            continue
        if include.full:
            yield from (element(name, _values(tag, uses) | _person(tag)) for tag in tags)
        else:
            yield from (_name_only(name, tag) for tag in tags[: _IN_LISTS[kind]])
    if include.wants("Role"):
        if include.full:
            yield from (_role(role, uses) for role in item.roles)
        else:
            yield from (_name_only("Role", role.tag) for role in item.roles[:_ROLES_IN_LISTS])


def _values(tag: Tag, uses: Mapping[int, int]) -> dict[str, Value]:
    count = uses[tag.tag_id]
    return {
        "id": tag.tag_id,
        "filter": f"{tag.kind}={tag.tag_id}",
        "tag": tag.name,
        "count": count if count > 1 and tag.kind not in _UNCOUNTED else None,
    }


def _role(role: Role, uses: Mapping[int, int]) -> str:
    tag = role.tag
    return element("Role", _values(tag, uses) | {"tagKey": tag.key, "role": role.character, "thumb": _portrait(tag)})


def _person(tag: Tag) -> dict[str, Value]:
    """What only people have."""
    return {"tagKey": tag.key, "thumb": _portrait(tag)} if tag.kind in _PEOPLE else {}


def _portrait(tag: Tag) -> str:
    return f"https://metadata-static.plex.tv/people/{tag.key}.jpg"


@lru_cache(maxsize=20_000)
def _name_only(name: str, tag: Tag) -> str:
    """There are few tags and many items."""
    return element(name, {"tag": tag.name})

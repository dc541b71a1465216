"""What a client may have left out of a list: ``excludeElements`` and ``excludeFields``.

Provenance: python-plexapi sends both; that they act on every answer with items is our reading, not recorded.
"""

from xml.etree.ElementTree import Element

import pytest
from plexapi.server import PlexServer
from plexapi.video import Movie

from plex_mcp.standin import StandIn

ELEMENTS = Movie._EXCLUDES["excludeElements"]
FIELDS = Movie._EXCLUDES["excludeFields"]
TRIM = f"excludeElements={ELEMENTS}&excludeFields={FIELDS}"
PATHS = (
    "/library/sections/1/all",
    "/library/sections/1/collections",
    "/library/sections/1/recentlyAdded",
    "/library/sections/2/all?type=4",
    "/library/sections/1/search?type=1&query=the",
    "/library/all?type=1",
    "/library/recentlyAdded",
    "/library/onDeck",
    "/library/sections/2/onDeck",
    "/hubs",
    "/hubs/sections/1",
    "/hubs/continueWatching/items",
    "/hubs/search?query=lighthouse",
    "/library/metadata/{show}/children",
    "/library/metadata/{show}/allLeaves",
    "/library/metadata/{movie}/similar",
    "/library/metadata/{movie},{show}?includeGuids=1&includeChildren=1&includeOnDeck=1",
    "/library/collections/{collection}/children",
    "/playlists",
    "/playlists/{playlist}/items",
)


@pytest.fixture
def keys(plex: StandIn) -> dict[str, int]:
    return {
        "movie": plex.library.find("Charade", "movie").rating_key,
        "show": plex.library.find("The Lighthouse Keepers", "show").rating_key,
        "collection": plex.library.find("Midnight Horror", "collection").rating_key,
        "playlist": next(iter(plex.library.playlists)),
    }


def items(root: Element) -> list[Element]:
    """Every element of a library item or playlist, however deep; not the tags a search finds."""
    return [e for e in root.iter() if e.get("ratingKey") and e.tag != "MediaContainer"]


def trimmed(item: Element) -> tuple[dict[str, str], list[str]]:
    """An item of an untrimmed answer as a trimmed one should have it: attributes, names of children."""
    attributes = {name: value for name, value in item.attrib.items() if name not in FIELDS.split(",")}
    return attributes, [child.tag for child in item if child.tag not in ELEMENTS.split(",")]


@pytest.mark.parametrize("path", PATHS)
def test_what_is_named_is_left_out_and_nothing_else(path: str, keys: dict[str, int], get) -> None:
    asked = path.format(**keys)
    plain = items(get(asked))
    assert plain
    for _ in range(2):  # rendered, then as kept
        found = items(get(f"{asked}{'&' if '?' in asked else '?'}{TRIM}"))
        assert [(dict(i.attrib), [child.tag for child in i]) for i in found] == [trimmed(i) for i in plain]
    assert [trimmed(i) for i in items(get(asked))] == [trimmed(i) for i in plain]
    assert [i.attrib for i in items(get(asked))] == [i.attrib for i in plain]


def test_every_child_of_an_item_can_be_left_out(keys: dict[str, int], get) -> None:
    asked = "includeChapters=1&includeMarkers=1&includeChildren=1&includeOnDeck=1"
    for kind in ("movie", "show"):
        path = f"/library/metadata/{keys[kind]}?{asked}"
        names = {child.tag for child in get(path)[0]}
        assert {"Role", "Image", "UltraBlurColors", "Guid", "Rating", "Similar"} <= names
        for name in names:
            assert {child.tag for child in get(f"{path}&excludeElements={name}")[0]} == names - {name}
        assert len(get(f"{path}&excludeElements={','.join(names)}")[0]) == 0


def test_an_attribute_that_differs_between_users_can_be_left_out(plex: StandIn, keys: dict[str, int], get) -> None:
    path = f"/library/metadata/{keys['movie']}"
    plex.views.scrobble(1, plex.library.items[keys["movie"]], 1)
    assert get(path)[0].get("viewCount") == "1"
    assert get(f"{path}?excludeFields=viewCount")[0].get("viewCount") is None
    assert get(f"{path}?excludeFields=tagline")[0].get("viewCount") == "1"
    assert get(f"{path}?excludeFields=viewCount", plex.managed_token)[0].get("title") == "Charade"


def test_a_hub_knows_its_items_without_their_rating_keys(get) -> None:
    plain, bare = get("/hubs"), get("/hubs?excludeFields=ratingKey")
    assert [hub.get("hubKey") for hub in bare] == [hub.get("hubKey") for hub in plain]
    assert items(bare) == []


@pytest.mark.parametrize("query", ["excludeElements=Nonsense,,media", "excludeFields=%20,Summary", "excludeElements="])
def test_unknown_names_leave_everything_in(query: str, get) -> None:
    path = "/library/sections/1/all"
    assert [i.attrib for i in get(f"{path}?{query}").iter()] == [i.attrib for i in get(path).iter()]


def test_commas_may_come_encoded(get) -> None:
    found = items(get("/library/sections/1/all?excludeElements=Media%2CRole&excludeFields=summary%2Ctitle"))
    assert {i.get("title") for i in found} == {i.get("summary") for i in found} == {None}
    assert not {"Media", "Role"} & {child.tag for i in found for child in i}
    assert {"Genre", "Image"} <= {child.tag for i in found for child in i}


def test_plexapi_gets_what_it_asks_for(server: PlexServer, keys: dict[str, int]) -> None:
    film = server.fetchItem(keys["movie"])
    assert all((film.summary, film.roles, film.media, film.guids))
    film = film.reload(excludeElements=ELEMENTS, excludeFields=FIELDS)
    assert (film.title, film.summary, film.roles, film.media, film.guids) == ("Charade", None, [], [], [])

"""The stand-in's own answers for each form of recording."""

from collections.abc import Mapping
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from plex_mcp.standin import StandIn
from plex_mcp.standin.http import Request

_FULL = "includeGuids=1&includeChapters=1&includeMarkers=1&includeOnDeck=1&checkFiles=1"
REQUESTS: Mapping[str, tuple[str, ...]] = {
    "list": (
        "/library/sections/1/all?{page}",
        "/library/sections/2/all?{page}",
        "/library/sections/2/all?type=4&includeMeta=1&{page}",
        "/library/sections/3/all?{page}",
        "/library/sections/4/all?{page}",
    ),
    "children": (
        "/library/metadata/{show}/children",
        "/library/metadata/{season}/children",
        "/library/metadata/{old_season}/children",
        "/library/metadata/{artist}/children",
        "/library/metadata/{album}/children",
        "/library/metadata/{photoalbum}/children",
    ),
    "full": (
        *(
            f"/library/metadata/{{{kind}}}?{_FULL}"
            for kind in ("movie", "foreign", "versions", "show", "episode", "track", "collection")
        ),
        "/playlists/{playlist}",
    ),
    "mixed": ("/library/onDeck?includeGuids=1", "/library/recentlyAdded"),
    "sections": ("/library/sections",),
    "menu": ("/library/sections/1?includeDetails=1", "/library/sections/2"),
    "meta": ("/library/sections/1/all?includeMeta=1&{page}",),
    "choices": ("/library/sections/2/genre",),
    "search": ("/hubs/search?query=lighthouse", "/hubs/search?query=lamp", "/hubs/search?query=snow"),
    "hubs": ("/hubs",),
    "session": ("/status/sessions",),
    "transcodes": ("/transcode/sessions",),
    "playlists": ("/playlists",),
    "playlist items": ("/playlists/{playlist}/items",),
    "root": ("/",),
    "identity": ("/identity",),
    "clients": ("/clients",),
    "servers": ("/servers",),
    "devices": ("/devices",),
    "accounts": ("/accounts",),
    "providers": ("/media/providers?includeStorage=1",),
    "player": ("/resources",),
    "token": ("/security/token",),
}
_PLAYER = "androidtv-living-room"


def answers(plex: StandIn) -> dict[str, list[Element]]:
    """The parsed answers to all of them; the household is brought into a state in which everything shows."""
    find = plex.library.find
    keys = {
        "movie": find("His Girl Friday", "movie"),
        "versions": find("Big Buck Bunny", "movie"),
        "foreign": find("A Trip to the Moon", "movie"),
        "show": find("The Lighthouse Keepers", "show"),
        "season": find("The Lighthouse Keepers", "show").children[1],
        "old_season": find("Pip & Moss", "show").children[0],
        "episode": find("Landfall", "episode"),
        "artist": find("The Paper Lanterns", "artist"),
        "album": find("Harbour Songs", "album"),
        "track": find("The Ferry Is Late", "track"),
        "photoalbum": find("Hill walk", "photoalbum"),
        "collection": find("Midnight Horror", "collection"),
        "playlist": next(iter(plex.library.playlists.values())),
    }
    queues, owner = plex.home.queues, plex.users[0]
    plex.playback.start(plex.players["plexamp-study"], owner, queues.of_items([keys["track"]]))
    plex.playback.start(plex.players["htpc-den"], owner, queues.of_items([find("The General", "movie")]))
    for session in plex.sessions:
        if session.transcoding and session.media:
            session.subtitle_stream_id = session.media.stream_ids(3)[0][0]
    values = {name: str(item.rating_key) for name, item in keys.items()}
    values["page"] = "X-Plex-Container-Start=0&X-Plex-Container-Size=100"
    return {form: [_fetch(plex, path.format(**values)) for path in paths] for form, paths in REQUESTS.items()}


def _fetch(plex: StandIn, target: str) -> Element:
    headers = {"x-plex-token": plex.token, "x-plex-target-client-identifier": _PLAYER}
    response = plex.answer(Request("GET", target, headers))
    response.done()
    assert response.status == 200, target
    return ElementTree.fromstring(response.body)

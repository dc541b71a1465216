"""Players that can be reached, and the commands that are passed on to them. No timeline poll was found recorded: it
follows Plex's documentation."""

from plex_mcp.standin.answers import Refused, container, html_error, unknown_player
from plex_mcp.standin.context import Context, Route
from plex_mcp.standin.http import Link, Response
from plex_mcp.standin.players import HANGS, PLAIN_OK, REFUSES, Player
from plex_mcp.standin.timelines_xml import timelines_xml
from plex_mcp.standin.xml import document, element

_HANG_S = 120.0


def clients(context: Context) -> Response:
    """``GET /clients``: the players that can be reached for remote control."""
    found = [
        element("Server", player.client_attributes())
        for player in context.household.playback.players.values()
        if player.advertised
    ]
    return container({"size": len(found)}, found)


def _addressed(context: Context) -> Player:
    """The player that ``X-Plex-Target-Client-Identifier`` names, if it can be reached."""
    home, identifier = context.household, context.request.plex("X-Plex-Target-Client-Identifier") or ""
    player = home.playback.players.get(identifier)
    if player is None or not player.advertised:
        raise Refused(unknown_player(identifier, home.version_parts))
    return player


def _willing(context: Context) -> Player:
    """The same, if it takes commands."""
    player = _addressed(context)
    if player.behaviour == REFUSES:
        raise Refused(html_error(403))
    return player


def resources(context: Context) -> Response:
    """``GET /resources``: proxied to the player that is addressed."""
    return container({"size": 1}, [element("Player", _addressed(context).resource_attributes())])


def command(context: Context) -> Response:
    """``GET /player/playback/…``: carried out, then answered the way this player answers."""
    player, home = _willing(context), context.household
    try:
        done = home.playback.command(player, context.values["command"], context.request.arguments, context.user)
    except ValueError:
        done = False
    return _as_it_does(player, _ok(player) if done else html_error(400))


def mirror(context: Context) -> Response:
    """Navigation and mirroring: accepted, nothing to see."""
    return _ok(_willing(context))


def poll(context: Context) -> Response:
    """``GET /player/timeline/poll``."""
    player, home = _willing(context), context.household
    session = home.playback.on(player)
    answer = container(
        {
            "commandID": context.request.arguments.get("commandID", "0"),
            "location": "fullScreenVideo" if session else "navigation",
            "size": 3,
        },
        timelines_xml(player, session, home.clock(), home.machine_identifier),
    )
    answer.headers["X-Plex-Client-Identifier"] = player.machine_identifier
    return _as_it_does(player, answer)


def _ok(player: Player) -> Response:
    body = document({"code": 200, "status": "OK"}, name="Response").replace(b">\n</Response>\n", b" />\n")
    answer = Response(b"OK" if player.behaviour == PLAIN_OK else body)
    if player.behaviour == PLAIN_OK:
        answer.content_type = "text/plain"
    answer.headers = {
        "X-Plex-Client-Identifier": player.machine_identifier,
        "Access-Control-Expose-Headers": "X-Plex-Client-Identifier",
    }
    return answer


def _as_it_does(player: Player, answer: Response) -> Response:
    """Players that hang have done what they were told, and never say so."""
    if player.behaviour == HANGS:
        answer.deliver = _never
    return answer


def _never(link: Link, _: bytes) -> bool:
    """Say nothing until the client gives up."""
    link.pause(_HANG_S)
    return False


ROUTES = [
    Route("GET", "/clients", clients),
    Route("GET", "/resources", resources),
    Route("GET", "/player/timeline/poll", poll),
    Route("GET", "/player/playback/{command}", command),
    Route("POST", "/player/playback/{command}", command),
    Route("GET", "/player/navigation/{command}", mirror),
    Route("GET", "/player/mirror/{command}", mirror),
    Route("GET", "/player/timeline/subscribe", mirror),
    Route("GET", "/player/timeline/unsubscribe", mirror),
]

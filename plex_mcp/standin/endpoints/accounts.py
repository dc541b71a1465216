"""Who ever used the server, and with which apps."""

from plex_mcp.standin.answers import container
from plex_mcp.standin.context import Context, Route
from plex_mcp.standin.http import Response
from plex_mcp.standin.xml import element


def accounts(context: Context) -> Response:
    """``GET /accounts``: everybody who ever used the server."""
    context.require_owner()
    people = [(0, "")] + [(user.account_id, user.title) for user in context.household.users]
    return container(
        {"size": len(people), "identifier": "com.plexapp.system.accounts"},
        [
            element(
                "Account",
                {
                    "id": account,
                    "key": f"/accounts/{account}",
                    "name": name,
                    "defaultAudioLanguage": "en",
                    "autoSelectAudio": 1,
                    "defaultSubtitleLanguage": "en",
                    "subtitleMode": 1,
                    "thumb": "",
                },
            )
            for account, name in people
        ],
    )


def devices(context: Context) -> Response:
    """``GET /devices``: every app that ever played from here."""
    context.require_owner()
    players = list(context.household.playback.players.values())
    created = context.household.library.now_s - 200 * 86400
    return container(
        {"size": len(players), "identifier": "com.plexapp.system.devices"},
        [
            element(
                "Device",
                {
                    "id": n,
                    "name": player.title,
                    "platform": player.platform,
                    "clientIdentifier": player.machine_identifier,
                    "createdAt": created,
                },
            )
            for n, player in enumerate(players, 1)
        ],
    )


ROUTES = [
    Route("GET", "/accounts", accounts),
    Route("GET", "/devices", devices),
]

"""The server itself: ``/``, identity, library root, accounts, devices, providers, preferences."""

from plex_mcp.standin.answers import container, html_error
from plex_mcp.standin.household import Context, Household, Route
from plex_mcp.standin.http import Response
from plex_mcp.standin.xml import Value, element

# Tables are read by row.
# fmt: off
_DIRECTORIES = (
    ("activities", 1), ("butler", 1), ("channels", 1), ("clients", 1), ("devices", 1), ("diagnostics", 1), ("hubs", 1),
    ("library", 3), ("livetv", 3), ("media", 3), ("metadata", 3), ("neighborhood", 1), ("playQueues", 1),
    ("player", 1), ("playlists", 1), ("resources", 1), ("search", 1), ("server", 1), ("servers", 1), ("statistics", 1),
    ("system", 1), ("transcode", 1), ("updater", 1), ("user", 1),
)


def server_attributes(home: Household) -> dict[str, Value]:
    """What the server says about itself."""
    return {
        "allowCameraUpload": 1, "allowChannelAccess": 1, "allowMediaDeletion": 1, "allowSharing": 1, "allowSync": 1,
        "allowTuners": 1, "backgroundProcessing": 1, "certificate": 1, "companionProxy": 1, "countryCode": "nld",
        "diagnostics": "logs,databases,streaminglogs", "eventStream": 1, "friendlyName": "Stand-in", "hubSearch": 1,
        "itemClusters": 1, "livetv": 7, "machineIdentifier": home.machine_identifier, "mediaProviders": 1,
        "multiuser": 1, "musicAnalysis": 2, "myPlex": 1, "myPlexMappingState": "mapped", "myPlexSigninState": "ok",
        "myPlexSubscription": home.plex_pass, "myPlexUsername": home.owner.email, "offlineTranscode": 1,
        "ownerFeatures": "collections,hardware_transcoding,home,hwtranscode,pass,session_kick,sync,type-first,webhooks",
        "photoAutoTag": 1, "platform": "Linux", "platformVersion": "6.1.0", "pluginHost": 1, "pushNotifications": 0,
        "readOnlyLibraries": 0, "streamingBrainABRVersion": 3, "streamingBrainVersion": 2, "sync": 1,
        "transcoderActiveVideoSessions": sum(1 for s in home.playback.sessions() if s.transcoding),
        "transcoderAudio": 1, "transcoderLyrics": 1, "transcoderPhoto": 1, "transcoderSubtitles": 1,
        "transcoderVideo": 1, "transcoderVideoBitrates": "64,96,208,320,720,1500,2000,3000,4000,8000,10000,12000,20000",
        "transcoderVideoQualities": "0,1,2,3,4,5,6,7,8,9,10,11,12",
        "transcoderVideoResolutions": "128,128,160,240,320,480,768,720,720,1080,1080,1080,1080",
        "updatedAt": home.started_at, "updater": 1, "version": home.version, "voiceSearch": 1,
    }
# fmt: on


def root(context: Context) -> Response:
    """``GET /``."""
    directories = [element("Directory", {"count": n, "key": key, "title": key}) for key, n in _DIRECTORIES]
    return container({"size": len(directories)} | server_attributes(context.household), directories)


def identity(context: Context) -> Response:
    """``GET /identity``: needs no token."""
    home = context.household
    return container(
        {
            "size": 0,
            "apiVersion": "1.1.1" if home.version_parts >= (1, 42, 2) else None,
            "claimed": 1,
            "machineIdentifier": home.machine_identifier,
            "version": home.version,
        }
    )


def library(context: Context) -> Response:
    """``GET /library``: for the owner only; others are told 401."""
    if not context.is_admin:
        return html_error(401)
    directories = [
        element("Directory", {"key": key, "title": title})
        for key, title in (
            ("sections", "Library Sections"),
            ("recentlyAdded", "Recently Added Content"),
            ("onDeck", "On Deck Content"),
        )
    ]
    return container(
        {
            "size": 3,
            "allowSync": 0,
            "art": "/:/resources/library-art.png",
            "content": "",
            "identifier": "com.plexapp.plugins.library",
            "mediaTagPrefix": "/system/bundle/media/flags/",
            "mediaTagVersion": 1734362201,
            "title1": "Plex Library",
            "title2": "",
        },
        directories,
    )


def accounts(context: Context) -> Response:
    """``GET /accounts``: everybody who ever used the server."""
    if not context.is_admin:
        return html_error(403)
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
    if not context.is_admin:
        return html_error(403)
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


def providers(context: Context) -> Response:
    """``GET /media/providers``; with ``includeStorage=1`` each library says how much it holds."""
    home, storage = context.household, context.request.arguments.get("includeStorage") == "1"
    directories = [element("Directory", {"hubKey": "/hubs", "title": "Home"})]
    for section in home.visible(context.user):
        media = [m for kind in section.items for item in section.of_kind(kind) for m in item.media]
        directories.append(
            element(
                "Directory",
                {
                    "agent": section.agent,
                    "language": "en-US",
                    "refreshing": 0,
                    "scanner": section.scanner,
                    "uuid": section.uuid,
                    "id": section.key,
                    "key": f"/library/sections/{section.key}",
                    "hubKey": f"/hubs/sections/{section.key}",
                    "type": section.kind,
                    "title": section.title,
                    "updatedAt": section.created_at,
                    "scannedAt": section.created_at,
                    "storageTotal": sum(m.size_bytes for m in media) if storage else None,
                    "durationTotal": sum(m.duration_ms for m in media) if storage else None,
                },
                [
                    element(
                        "Pivot",
                        {
                            "id": "recommended",
                            "key": f"/hubs/sections/{section.key}",
                            "type": "hub",
                            "title": "Recommended",
                            "context": "content.discover",
                            "symbol": "star",
                        },
                    ),
                    element(
                        "Pivot",
                        {
                            "id": "library",
                            "key": f"/library/sections/{section.key}/all",
                            "type": "list",
                            "title": "Library",
                            "context": "content.library",
                            "symbol": "library",
                        },
                    ),
                ],
            )
        )
    features = [element("Feature", {"key": "/library/sections", "type": "content"}, directories)]
    features += [
        element("Feature", {"key": key, "type": of})
        for key, of in (
            ("/hubs/search", "search"),
            ("/library/matches", "match"),
            ("/library/metadata", "metadata"),
            ("/photo/:/transcode", "imagetranscoder"),
            ("/hubs/promoted", "promoted"),
            ("/hubs/continueWatching", "continuewatching"),
            ("/playQueues", "playqueue"),
            ("/library/collections", "collection"),
            ("/library/search", "universalsearch"),
        )
    ]
    features += [
        element("Feature", {"flavor": "global", "key": "/playlists", "type": "playlist"}),
        element(
            "Feature",
            {
                "scrobbleKey": "/:/scrobble",
                "unscrobbleKey": "/:/unscrobble",
                "key": "/:/timeline",
                "type": "timeline",
            },
        ),
        element(
            "Feature",
            {"key": "/actions", "type": "actions"},
            [
                element("Action", {"id": "removeFromContinueWatching", "key": "/actions/removeFromContinueWatching"}),
            ],
        ),
    ]
    provider = element(
        "MediaProvider",
        {
            "identifier": "com.plexapp.plugins.library",
            "title": "Library",
            "types": "video,audio,photo",
            "protocols": "stream,download",
        },
        features,
    )
    return container({"size": 1} | server_attributes(home), [provider])


def servers(context: Context) -> Response:
    """``GET /servers``: this one."""
    home = context.household
    return container(
        {"size": 1},
        [
            element(
                "Server",
                {
                    "name": "Stand-in",
                    "host": "127.0.0.1",
                    "address": "127.0.0.1",
                    "port": 32400,
                    "machineIdentifier": home.machine_identifier,
                    "version": home.version,
                },
            )
        ],
    )


def preferences(context: Context) -> Response:
    """``GET /:/prefs``: those that decide what on deck shows, and the name."""
    if not context.is_admin:
        return html_error(403)
    settings = (
        ("FriendlyName", "Friendly name", "text", "", "Stand-in", "general"),
        ("OnDeckWindow", "Weeks to consider for On Deck", "int", "16", "16", "library"),
        ("OnDeckLimit", "Maximum number of On Deck items", "int", "40", "40", "library"),
        ("GdmEnabled", "Enable local network discovery (GDM)", "bool", "true", "true", "network"),
    )
    return container(
        {"size": len(settings)},
        [
            element(
                "Setting",
                {
                    "id": name,
                    "label": label,
                    "summary": "",
                    "type": of,
                    "default": default,
                    "value": value,
                    "hidden": 0,
                    "advanced": 0,
                    "group": group,
                },
            )
            for name, label, of, default, value, group in settings
        ],
    )


def delegation(context: Context) -> Response:
    """``GET /security/token``: a short-lived token that a player fetches media with."""
    home = context.household
    token = f"transient-{home.library.digest('transient', next(home.transient), length=20)}"
    home.transient_tokens[token] = context.user
    return container({"size": 0, "token": token})


ROUTES = [
    Route("GET", "/", root),
    Route("GET", "/identity", identity, public=True),
    Route("GET", "/library", library),
    Route("GET", "/accounts", accounts),
    Route("GET", "/devices", devices),
    Route("GET", "/media/providers", providers),
    Route("GET", "/servers", servers),
    Route("GET", "/:/prefs", preferences),
    Route("GET", "/security/token", delegation),
]

"""The documents of plex.tv: an account, the people it knows, what is shared with whom, where a server is."""

from urllib.parse import urlsplit

from plex_mcp.standin.household import Household
from plex_mcp.standin.users import User
from plex_mcp.standin.xml import Attributes, Value, document, element

PUBLIC_ADDRESS = "203.0.113.20"
_NAME = "Stand-in"
_FILTERS: dict[str, Value] = {
    "filterAll": "",
    "filterMovies": "",
    "filterMusic": "",
    "filterPhotos": "",
    "filterTelevision": "",
}


def account_xml(user: User, *, plex_pass: bool) -> bytes:
    """Who somebody is, with the token of the account."""
    subscription: Attributes = {
        "active": plex_pass,
        "status": "Active" if plex_pass else "Inactive",
        "plan": "lifetime" if plex_pass else "",
        "subscribedAt": "",
        "paymentService": "",
    }
    profile: Attributes = {
        "autoSelectAudio": 1,
        "defaultAudioLanguage": "en",
        "defaultSubtitleLanguage": "en",
        "autoSelectSubtitle": 1,
        "defaultSubtitleAccessibility": 0,
        "defaultSubtitleForced": 0,
    }
    return document(
        {
            "id": user.plextv_id,
            "uuid": user.uuid,
            "username": user.username,
            "title": user.title,
            "email": user.email,
            "friendlyName": user.title,
            "confirmed": 1,
            "emailOnlyAuth": 0,
            "hasPassword": bool(user.email),
            "protected": user.pin is not None,
            "thumb": user.thumb,
            "authToken": user.account_token,
            "authenticationToken": user.account_token,
            "guest": 0,
            "home": user.is_home,
            "homeAdmin": user.is_owner,
            "homeSize": 2,
            "maxHomeSize": 15,
            "restricted": not user.email,
            "scrobbleTypes": "",
            "country": "NL",
            "joinedAt": 1_500_000_000,
            "locale": "",
            "mailingListStatus": "removed",
            "mailingListActive": 0,
            "subscriptionDescription": "",
            "twoFactorEnabled": 0,
            "backupCodesCreated": 0,
            "experimentalFeatures": 0,
        },
        [element("subscription", subscription), element("profile", profile)],
        name="user",
    )


def people_xml(home: Household, *, home_only: bool) -> bytes:
    """Those whom the owner shares with, and those who live there; each friend with the server that was shared."""
    found = [user for user in home.users if not user.is_owner and (user.is_home or not home_only)]
    return document(
        {**_my_plex(home), "totalSize": len(found), "size": len(found)}, [_person(home, user) for user in found]
    )


def _my_plex(home: Household) -> dict[str, Value]:
    return {
        "friendlyName": "myPlex",
        "identifier": "com.plexapp.plugins.myplex",
        "machineIdentifier": home.library.digest("plextv", length=40),
    }


def _person(home: Household, user: User) -> str:
    server: Attributes = {
        "id": user.plextv_id + 1,
        "serverId": 1,
        "machineIdentifier": home.machine_identifier,
        "name": _NAME,
        "lastSeenAt": home.started_at,
        "numLibraries": len(user.section_keys or ()),
        "allLibraries": 0,
        "owned": 1,
        "pending": 0,
    }
    return element(
        "User",
        {
            "id": user.plextv_id,
            "title": user.title,
            "username": user.username,
            "email": user.email,
            "recommendationsPlaylistId": "",
            "thumb": user.thumb,
            "protected": user.pin is not None,
            "home": user.is_home,
            "allowTuners": 0,
            "allowSync": 0,
            "allowCameraUpload": 0,
            "allowChannels": 0,
            "allowSubtitleAdmin": 0,
            **_FILTERS,
            "restricted": not user.email,
            "uuid": user.uuid,
        },
        [] if user.is_home else [element("Server", server)],
    )


def shares_xml(home: Household) -> bytes:
    """With which token each friend enters. Members of the home have no share and must be switched to."""
    found = [user for user in home.users if not user.is_home]
    return document({**_my_plex(home), "size": len(found)}, [_share(home, user) for user in found])


def _share(home: Household, user: User) -> str:
    sections = [
        element(
            "Section",
            {
                "id": user.plextv_id + section.key,
                "key": section.key,
                "title": section.title,
                "type": section.kind,
                "shared": user.may_see(section.key),
            },
        )
        for section in home.library.sections.values()
    ]
    return element(
        "SharedServer",
        {
            "id": user.plextv_id + 1,
            "username": user.username,
            "email": user.email,
            "userID": user.plextv_id,
            "accessToken": user.token,
            "name": _NAME,
            "acceptedAt": 1_600_000_000,
            "invitedAt": 1_600_000_000,
            "allowSync": 0,
            "allowCameraUpload": 0,
            "allowChannels": 0,
            "allowTuners": 0,
            "allowSubtitleAdmin": 0,
            "owned": 0,
            "allLibraries": 0,
            **_FILTERS,
        },
        sections,
    )


def resources_xml(home: Household, user: User, server_url: str) -> bytes:
    """The server as a user's resource; ``accessToken`` is what the server itself takes."""
    parts = urlsplit(server_url)
    connection: Attributes = {
        "protocol": parts.scheme,
        "address": parts.hostname,
        "port": parts.port,
        "uri": server_url,
        "local": 1,
        "relay": 0,
        "IPv6": 0,
    }
    resource: Attributes = {
        "name": _NAME,
        "product": "Plex Media Server",
        "productVersion": home.version,
        "platform": "Linux",
        "platformVersion": "6.1.0",
        "device": "PC",
        "clientIdentifier": home.machine_identifier,
        "createdAt": "2020-01-01T00:00:00Z",
        "lastSeenAt": "2025-01-01T00:00:00Z",
        "provides": "server",
        "ownerId": None if user.is_owner else home.owner.plextv_id,
        "sourceTitle": None if user.is_owner else home.owner.title,
        "publicAddress": PUBLIC_ADDRESS,
        "accessToken": user.token,
        "owned": user.is_owner,
        "home": user.is_home and not user.is_owner,
        "synced": 0,
        "relay": 1,
        "presence": 1,
        "httpsRequired": 0,
        "publicAddressMatches": 1,
        "dnsRebindingProtection": 0,
        "natLoopbackSupported": 0,
    }
    connections = element("connections", {}, [element("connection", connection)])
    return document({}, [element("resource", resource, [connections])], name="resources")

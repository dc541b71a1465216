"""A stand-in for plex.tv: as much of it as finding users and switching to them needs.

It listens on a loopback port of its own; ``adapter()`` leads a requests session's ``https://plex.tv/`` there::

    session.mount("https://plex.tv/", plex.plextv_adapter())
"""

import importlib
import re
from typing import Any
from urllib.parse import urlsplit

from plex_mcp.standin.counters import Counters
from plex_mcp.standin.faults import Faults
from plex_mcp.standin.household import Household
from plex_mcp.standin.http import HttpServer, Request, Response
from plex_mcp.standin.users import User
from plex_mcp.standin.xml import Value, document, element

_XML = "application/xml; charset=utf-8"
_SWITCH = re.compile(r"^/api/home/users/(\d+)/switch$")
_SHARED = re.compile(r"^/api/servers/(\w+)/shared_servers$")
_PEOPLE = ("/api/users", "/api/home/users")
_INVITES = ("/api/invites/requests", "/api/invites/requested")
_FRIEND_TITLE = "Stand-in"


class PlexTv:
    """Who has accounts, which servers they may use, and with which token. It has counters and faults of its own."""

    def __init__(self, home: Household, server_url: str, seed: int = 1) -> None:
        self._home = home
        self._server_url = server_url
        self.counters = Counters()
        self.faults = Faults(seed)
        self._http = HttpServer(self.answer, on_open=self.counters.opened, on_close=self.counters.closed)
        self._http.listen()

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self._http.port}"

    def stop(self) -> None:
        """Stop listening."""
        self._http.stop()

    def adapter(self) -> Any:
        """A requests adapter that sends what is meant for plex.tv here. Needs requests, which its user has anyway."""
        target = self.url
        base = importlib.import_module("requests.adapters").HTTPAdapter

        class ToStandIn(base):  # type: ignore[misc, valid-type]
            """Changes the address and nothing else."""

            def send(self, request: Any, *args: Any, **options: Any) -> Any:
                parts = urlsplit(request.url)
                request.url = f"{target}{parts.path}" + (f"?{parts.query}" if parts.query else "")
                options["proxies"] = {}
                return super().send(request, *args, **options)

        return ToStandIn()

    def answer(self, request: Request) -> Response:
        """One request, counted, and spoilt when a fault says so."""
        path = request.path.rstrip("/")
        self.counters.begin(request.method, request.target, path)
        rule = self.faults.take(request)
        if rule is None:
            response = self._plain(request, path)
        else:
            response = rule.apply(Response() if rule.instead else self._plain(request, path), request)
        response.done = self.counters.end
        return response

    def _plain(self, request: Request, path: str) -> Response:
        user = self._account(request.plex("X-Plex-Token"))
        if user is None:
            return _error(401, 1001, "User could not be authenticated")
        answer = self._for_anybody(request, path, user) or (self._for_owner(path) if user.is_owner else None)
        if answer is None:
            self.counters.unknown_paths.append(f"{request.method} {request.target}")
            return _error(404, 1002, "Not found")
        return answer

    def _for_anybody(self, request: Request, path: str, user: User) -> Response | None:
        switch = _SWITCH.match(path)
        if switch is not None and request.method == "POST" and user.is_home:
            return self._switch(int(switch[1]), request.plex("pin"))
        make = {
            "/api/v2/user": lambda: self._user(user, "user"),
            "/api/v2/ping": lambda: document({"pong": 1}, name="pong"),
            "/api/v2/resources": lambda: document({}, [self._resource(user)], name="resources"),
            "/devices.xml": lambda: document({"publicAddress": "203.0.113.20"}),
        }.get(path)
        return _xml(make()) if make is not None else None

    def _for_owner(self, path: str) -> Response | None:
        shared = _SHARED.match(path)
        if shared is not None:
            return self._shares(shared[1])
        if path in _INVITES:
            return _xml(document({"size": 0}))
        return _xml(self._people(home_only=path == "/api/home/users")) if path in _PEOPLE else None

    def _account(self, token: str | None) -> User | None:
        return next((user for user in self._home.users if token and token == user.account_token), None)

    def _user(self, user: User, name: str) -> bytes:
        values: dict[str, Value] = {
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
        }
        subscription = element(
            "subscription",
            {
                "active": self._home.plex_pass,
                "status": "Active" if self._home.plex_pass else "Inactive",
                "plan": "lifetime" if self._home.plex_pass else "",
                "subscribedAt": "",
                "paymentService": "",
            },
        )
        profile = element(
            "profile",
            {
                "autoSelectAudio": 1,
                "defaultAudioLanguage": "en",
                "defaultSubtitleLanguage": "en",
                "autoSelectSubtitle": 1,
                "defaultSubtitleAccessibility": 0,
                "defaultSubtitleForced": 0,
            },
        )
        return document(values, [subscription, profile], name=name)

    def _people(self, *, home_only: bool) -> bytes:
        found = [user for user in self._home.users if not user.is_owner and (user.is_home or not home_only)]
        return document(
            {
                "friendlyName": "myPlex",
                "identifier": "com.plexapp.plugins.myplex",
                "machineIdentifier": self._home.library.digest("plextv", length=40),
                "totalSize": len(found),
                "size": len(found),
            },
            [
                element(
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
                        "filterAll": "",
                        "filterMovies": "",
                        "filterMusic": "",
                        "filterPhotos": "",
                        "filterTelevision": "",
                        "restricted": not user.email,
                        "uuid": user.uuid,
                    },
                    []
                    if user.is_home
                    else [
                        element(
                            "Server",
                            {
                                "id": user.plextv_id + 1,
                                "serverId": 1,
                                "machineIdentifier": self._home.machine_identifier,
                                "name": _FRIEND_TITLE,
                                "lastSeenAt": self._home.started_at,
                                "numLibraries": len(user.section_keys or ()),
                                "allLibraries": 0,
                                "owned": 1,
                                "pending": 0,
                            },
                        )
                    ],
                )
                for user in found
            ],
        )

    def _shares(self, machine_identifier: str) -> Response:
        """Friends only: members of the home have no share entry and must be switched to."""
        if machine_identifier != self._home.machine_identifier:
            return _error(404, 1002, "Server not found")
        found = [user for user in self._home.users if not user.is_home]
        return _xml(
            document(
                {
                    "friendlyName": "myPlex",
                    "identifier": "com.plexapp.plugins.myplex",
                    "machineIdentifier": self._home.library.digest("plextv", length=40),
                    "size": len(found),
                },
                [
                    element(
                        "SharedServer",
                        {
                            "id": user.plextv_id + 1,
                            "username": user.username,
                            "email": user.email,
                            "userID": user.plextv_id,
                            "accessToken": user.token,
                            "name": _FRIEND_TITLE,
                            "acceptedAt": 1_600_000_000,
                            "invitedAt": 1_600_000_000,
                            "allowSync": 0,
                            "allowCameraUpload": 0,
                            "allowChannels": 0,
                            "allowTuners": 0,
                            "allowSubtitleAdmin": 0,
                            "owned": 0,
                            "allLibraries": 0,
                            "filterAll": "",
                            "filterMovies": "",
                            "filterMusic": "",
                            "filterPhotos": "",
                            "filterTelevision": "",
                        },
                        [
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
                            for section in self._home.library.sections.values()
                        ],
                    )
                    for user in found
                ],
            )
        )

    def _switch(self, plextv_id: int, pin: str | None) -> Response:
        user = next((user for user in self._home.users if user.plextv_id == plextv_id and user.is_home), None)
        if user is None:
            return _error(404, 1002, "User not found")
        if user.pin is not None and pin != user.pin:
            return _error(403, 1041, "The PIN is wrong")
        return _xml(self._user(user, "user"), 201)

    def _resource(self, user: User) -> str:
        """This server as a user's resource; ``accessToken`` is what the server itself takes."""
        parts = urlsplit(self._server_url)
        connection = element(
            "connection",
            {
                "protocol": parts.scheme,
                "address": parts.hostname,
                "port": parts.port,
                "uri": self._server_url,
                "local": 1,
                "relay": 0,
                "IPv6": 0,
            },
        )
        return element(
            "resource",
            {
                "name": _FRIEND_TITLE,
                "product": "Plex Media Server",
                "productVersion": self._home.version,
                "platform": "Linux",
                "platformVersion": "6.1.0",
                "device": "PC",
                "clientIdentifier": self._home.machine_identifier,
                "createdAt": "2020-01-01T00:00:00Z",
                "lastSeenAt": "2025-01-01T00:00:00Z",
                "provides": "server",
                "ownerId": None if user.is_owner else self._home.owner.plextv_id,
                "sourceTitle": None if user.is_owner else self._home.owner.title,
                "publicAddress": "203.0.113.20",
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
            },
            [element("connections", {}, [connection])],
        )


def _xml(body: bytes, status: int = 200) -> Response:
    return Response(body, status, _XML)


def _error(status: int, code: int, message: str) -> Response:
    inner = element("error", {"code": code, "message": message, "status": status})
    return Response(document({}, [inner], name="errors"), status, _XML, close=status == 401)

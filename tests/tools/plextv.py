"""plex.tv as far as another user's view needs it, answered in the process: accounts, shares, home users, resources."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from xml.sax.saxutils import quoteattr

import requests
from requests.adapters import BaseAdapter

from plex_mcp.standin import StandIn
from plex_mcp.standin.users import User

HOME_TOKEN = "home-member-account-token"


class PlexTv(BaseAdapter):
    """Mounted at https://plex.tv/. `requests` are the paths asked; `down` refuses; `shared` are who has a share."""

    def __init__(self, plex: StandIn, *, shared: tuple[str, ...] = ("Jonas",), pins: bool = True) -> None:
        super().__init__()
        self.plex = plex
        self.shared = shared
        self.pins = pins
        self.down = False
        self.requests: list[str] = []

    def send(self, request: requests.PreparedRequest, *_: Any, **__: Any) -> requests.Response:
        self.requests.append(f"{request.method} {request.path_url}")
        if self.down:
            raise requests.ConnectionError
        token = request.headers.get("X-Plex-Token", "")
        return _response(request, *self._answer(request.path_url.partition("?")[0], token))

    def close(self) -> None:
        pass

    def _answer(self, path: str, token: str) -> tuple[int, str]:
        owner, *others = self.plex.users
        if token == HOME_TOKEN and path == "/api/v2/user":
            return 200, _account(others[0], HOME_TOKEN)
        if token == HOME_TOKEN and path == "/api/v2/resources":
            return 200, (
                f'<resources><resource name="Home" provides="server" '
                f'clientIdentifier="{self.plex.machine_identifier}" accessToken="{others[0].token}"/></resources>'
            )
        if token != owner.token:
            return 401, "<errors/>"
        if path == "/api/v2/user":
            return 200, _account(owner, owner.token)
        if path == "/api/users/":
            known = "".join(_user("User", user, protected="1" if user.pin and self.pins else "0") for user in others)
            return 200, f"<MediaContainer>{known}</MediaContainer>"
        if path == f"/api/servers/{self.plex.machine_identifier}/shared_servers":
            shares = "".join(
                f'<SharedServer userID="{user.plextv_id}" username={quoteattr(user.username)} '
                f'accessToken="{user.token}"/>'
                for user in others
                if user.title in self.shared
            )
            return 200, f"<MediaContainer>{shares}</MediaContainer>"
        switched = re.fullmatch(r"/api/home/users/(\d+)/switch", path)
        if switched and int(switched[1]) == others[0].plextv_id:
            return 201, f'<user authenticationToken="{HOME_TOKEN}"/>'
        return 404, "<errors/>"


def _account(user: User, token: str) -> str:
    attributes = _user("user", user, authToken=token, scrobbleTypes="1").removesuffix("/>")
    return f'{attributes}><subscription active="1"/><profile autoSelectAudio="1"/></user>'


def _user(tag: str, user: User, **more: str) -> str:
    known: Mapping[str, str] = {
        "id": str(user.plextv_id),
        "uuid": user.uuid,
        "title": user.title,
        "username": user.username,
        "email": user.email,
        "home": "1" if user.is_home else "0",
        "thumb": user.thumb,
        **more,
    }
    return f"<{tag} " + " ".join(f"{name}={quoteattr(value)}" for name, value in known.items()) + "/>"


def _response(request: requests.PreparedRequest, status: int, body: str) -> requests.Response:
    response = requests.Response()
    response.status_code = status
    response._content = body.encode()
    response.headers["Content-Type"] = "application/xml;charset=utf-8"
    response.encoding = "utf-8"
    response.url = str(request.url)
    response.request = request
    return response

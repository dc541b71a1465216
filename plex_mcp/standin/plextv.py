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
from plex_mcp.standin.http import Request, Response
from plex_mcp.standin.http_server import HttpServer
from plex_mcp.standin.plextv_xml import PUBLIC_ADDRESS, account_xml, people_xml, resources_xml, shares_xml
from plex_mcp.standin.users import User
from plex_mcp.standin.xml import document, element

_XML = "application/xml; charset=utf-8"
_SWITCH = re.compile(r"^/api/home/users/(\d+)/switch$")
_SHARED = re.compile(r"^/api/servers/(\w+)/shared_servers$")
_PEOPLE = ("/api/users", "/api/home/users")
_INVITES = ("/api/invites/requests", "/api/invites/requested")


class PlexTv:
    """Who has accounts, which servers they may use, and with which token. It has counters and faults of its own."""

    def __init__(self, home: Household, server_url: str) -> None:
        self._home = home
        self._server_url = server_url
        self.counters = Counters()
        self.faults = Faults()
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
        response = self.faults.answer(request, lambda: self._plain(request, path))
        response.done = self.counters.end
        return response

    def _plain(self, request: Request, path: str) -> Response:
        user = next((user for user in self._home.users if user.account_token == request.plex("X-Plex-Token")), None)
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
        if path == "/api/v2/user":
            return _xml(account_xml(user, plex_pass=self._home.plex_pass))
        if path == "/api/v2/ping":
            return _xml(document({"pong": 1}, name="pong"))
        if path == "/api/v2/resources":
            return _xml(resources_xml(self._home, user, self._server_url))
        return _xml(document({"publicAddress": PUBLIC_ADDRESS})) if path == "/devices.xml" else None

    def _for_owner(self, path: str) -> Response | None:
        shared = _SHARED.match(path)
        if shared is not None:
            known = shared[1] == self._home.machine_identifier
            return _xml(shares_xml(self._home)) if known else _error(404, 1002, "Server not found")
        if path in _INVITES:
            return _xml(document({"size": 0}))
        return _xml(people_xml(self._home, home_only=path == "/api/home/users")) if path in _PEOPLE else None

    def _switch(self, plextv_id: int, pin: str | None) -> Response:
        user = next((user for user in self._home.users if user.plextv_id == plextv_id and user.is_home), None)
        if user is None:
            return _error(404, 1002, "User not found")
        if user.pin is not None and pin != user.pin:
            return _error(403, 1041, "The PIN is wrong")
        return _xml(account_xml(user, plex_pass=self._home.plex_pass), 201)


def _xml(body: bytes, status: int = 200) -> Response:
    return Response(body, status, _XML)


def _error(status: int, code: int, message: str) -> Response:
    inner = element("error", {"code": code, "message": message, "status": status})
    return Response(document({}, [inner], name="errors"), status, _XML, close=status == 401)

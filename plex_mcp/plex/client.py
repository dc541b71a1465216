"""One account's view of the Plex Media Server: what the tools ask, one request each unless the docstring says more.

Nothing connects before it is used, so a server that is down does not keep the endpoint from starting. Every request
runs inside `translated`, so only our own errors leave this package.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlencode
from xml.etree.ElementTree import Element

import requests
from plexapi.base import PlexPartialObject
from plexapi.playlist import Playlist
from plexapi.server import PlexServer

from plex_mcp.errors import Ambiguous, InvalidArgument, NotFound, PlexBadAnswer, PlexRefusedToken, ToolError
from plex_mcp.plex.errors import translated
from plex_mcp.plex.memory import Memory, holding
from plex_mcp.plex.models import Choice, LeanChoice, LeanItem, LeanPerson, LeanSection, Person, Section
from plex_mcp.plex.pages import Hub, Page, build_page, leave_same_library_out, page_headers
from plex_mcp.plex.text import fold
from plex_mcp.plex.users import Users
from plex_mcp.secret import Secret
from plex_mcp.settings import Settings

TAGS_REMEMBERED_S = 600.0
# What PlexAPI asks for when it loads a whole item; anything less, and it takes the object for a partial one.
_FULL = {
    "includeBandwidths": 1,
    "includeChapters": 1,
    "includeFields": "thumbBlurHash,artBlurHash",
    "includeGeolocation": 1,
    "includeLoudnessRamps": 1,
    "includeMarkers": 1,
}
Params = Mapping[str, str | int]


def require_id(media_id: str | int) -> int:
    """A rating key as the integer that PlexAPI must get: it takes a str for a path and would send it anywhere."""
    text = str(media_id)
    if not (text.isascii() and text.isdecimal() and 1 <= len(text) <= 10):
        raise InvalidArgument("media_id must be 1 to 10 digits.", suggestion="Take it from a result of search_media.")
    return int(text)


def no_such_item(media_id: int) -> NotFound:
    """The error for an id that Plex does not know."""
    return NotFound(
        f"Plex has no item {media_id}.",
        suggestion="Ids change when a library is rebuilt; find the item again with search_media.",
    )


class PlexClient:
    """Thread-safe. `settings` and `session` are shared by all views; `token` is another account's, kept in memory, and
    `refused` makes the error for when Plex takes it no more.
    """

    def __init__(
        self,
        settings: Settings,
        session: requests.Session,
        *,
        token: Secret | None = None,
        refused: Callable[[], ToolError] | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.settings = settings
        self.session = session
        self._token = token or settings.plex_token
        self._refused = refused
        self._connecting = threading.Lock()
        self._server: Any = None
        self._server_token = Secret()
        self._clock = clock
        self._memory, self._memory_token = Memory(clock), Secret(self._token.reveal())
        self.users = Users(self, clock)

    # -- the connection ---------------------------------------------------------------------------------------------

    def ping(self) -> None:
        """GET /identity, which needs no token. Raise UpstreamError when Plex does not answer it."""
        with translated("/identity"):
            response = self.session.get(f"{self.settings.plex_server_url}/identity", timeout=self.timeout)
            # A proxy's login page is also a 200.
            if b"machineIdentifier" not in response.content:
                raise PlexBadAnswer(
                    "What answers at PLEX_SERVER_URL is not a Plex Media Server.", endpoint="/identity", status=200
                )

    @property
    def server(self) -> Any:
        """PlexAPI's server, connected on first use and again when the token changed (one request, GET /)."""
        token = self._token.reveal()
        if self._server is None or self._server_token.reveal() != token:
            with holding(self._connecting):
                if self._server is None or self._server_token.reveal() != token:
                    with self._asking("/"):
                        self._server = PlexServer(
                            self.settings.plex_server_url, token, session=self.session, timeout=self.timeout
                        )
                    self._server_token = Secret(token)
        return self._server

    @property
    def timeout(self) -> tuple[float, float]:
        """Seconds to connect and to wait for the next byte; the session's deadline bounds the whole."""
        return (self.settings.plex_connect_timeout_s, self.settings.plex_read_timeout_s)

    def reveal_token(self) -> str:
        """The token of this view, for headers only."""
        return self._token.reveal()

    @contextmanager
    def _asking(self, endpoint: str) -> Iterator[None]:
        """Foreign errors become ours; that another account's token is refused says nothing about `PLEX_TOKEN`."""
        try:
            with translated(endpoint):
                yield
        except PlexRefusedToken:
            if self._refused is None:
                raise
            raise self._refused() from None

    # -- requests ---------------------------------------------------------------------------------------------------

    def query(
        self,
        path: str,
        *,
        params: Params | None = None,
        headers: Mapping[str, str] | None = None,
        endpoint: str = "",
        method: str = "get",
    ) -> Element:
        """One request; the root element of the answer. `path` is built from constants and validated integers only.

        An answer without a body (commands send none) is an empty container.
        """
        server = self.server
        with self._asking(endpoint or path):
            data = server.query(
                path,
                method=getattr(self.session, method),
                headers=dict(headers or {}),
                params=dict(params or {}),
                timeout=self.timeout,
            )
        return Element("MediaContainer") if data is None else data

    def get(self, path: str, *, params: Params) -> requests.Response:
        """One request for something that is not XML; the token goes in a header, never in the address."""
        headers = {"X-Plex-Token": self.reveal_token()}
        url = f"{self.settings.plex_server_url}{path}"
        return self.session.get(url, params=dict(params), headers=headers, timeout=self.timeout)

    def command(self, path: str, *, params: Params, method: str = "get") -> None:
        """One request that changes something and answers with an empty body."""
        self.query(path, params=params, method=method)

    def page(
        self,
        path: str,
        kind: type[Any] = LeanItem,
        *,
        params: Params | None = None,
        start: int = 0,
        size: int = 50,
        endpoint: str = "",
    ) -> Page:
        """Items `start` to `start + size` of a list, cut by Plex, in one request. `kind` is a lean class: its `value`
        becomes the item, without its library where all have the same.
        """
        asked = {**(params or {}), **kind.params}
        data = self.query(path, params=asked, headers=page_headers(start, size), endpoint=endpoint)
        leave_same_library_out(data)
        return self.page_of(data, kind, size=size, start=start)

    def page_of(self, data: Element, kind: type[Any] = LeanItem, *, size: int | None = None, start: int = 0) -> Page:
        """What an answer that is already here lists."""
        with translated():
            return build_page(self.server, data, kind, size=size, start=start)

    def item(self, media_id: str | int, **includes: int) -> Any:
        """PlexAPI's full object of one item, in one request. `includes` are Plex's names, as in `includeOnDeck=1`.

        Raise NotFound when Plex has no such item.
        """
        key = require_id(media_id)
        params = {**_FULL, **{name: value for name, value in includes.items() if value}}
        path = f"/library/metadata/{key}"
        server = self.server
        # The very query that PlexAPI calls the details key makes the object a full one. Not its fetchItem(), which asks
        # on, page after page, as long as Plex says that there is more.
        details_key = f"{path}?{urlencode(sorted(params.items()))}"
        try:
            with self._asking("/library/metadata/{id}"):
                data = server.query(details_key, headers=page_headers(0, 100))
                found = next(iter(server.findItems(data, initpath=details_key)), None)
        except NotFound:
            raise no_such_item(key) from None
        if found is None:
            raise no_such_item(key)
        if not isinstance(found, PlexPartialObject | Playlist) or not found.type:
            raise PlexBadAnswer(
                "Plex sent something else than the item.", endpoint="/library/metadata/{id}", status=200
            )
        section_id = data.get("librarySectionID")
        if section_id and section_id.isdecimal():
            found.librarySectionID = int(section_id)
        return found

    # -- what is remembered for a while -----------------------------------------------------------------------------

    @property
    def memory(self) -> Memory:
        """What Plex has told this token; a new one may belong to somebody who sees other libraries."""
        token = self._token.reveal()
        if self._memory_token.reveal() != token:
            with holding(self._connecting):
                if self._memory_token.reveal() != token:
                    self._memory, self._memory_token = Memory(self._clock), Secret(token)
        return self._memory

    def sections(self, *, fresh: bool = False) -> tuple[Section, ...]:
        """The libraries, in Plex's order; one request at most once a minute, or now when `fresh`."""

        def load() -> tuple[Section, ...]:
            return self.page_of(self.query("/library/sections"), LeanSection).items

        return self.memory.recall("sections", load, fresh=fresh)

    def section(self, library: str) -> Section:
        """The library of that name (case, accents and punctuation do not matter) or id.

        Raise InvalidArgument that names the valid ones, Ambiguous when two libraries share the name.
        """
        wanted = library.strip()
        sections = self.sections()
        found = [section for section in sections if str(section.library_id) == wanted]
        if not found:
            found = [section for section in sections if fold(section.title) == fold(wanted)]
        if len(found) == 1:
            return found[0]
        names = ", ".join(f"{section.title} ({section.kind}, id {section.library_id})" for section in found or sections)
        if found:
            raise Ambiguous(f"Several libraries have that name: {names}.", suggestion="Give library as the id.")
        raise InvalidArgument(
            f"library names no library of this server. Valid: {names or 'none'}.",
            suggestion="Use one of these names or ids, or leave library out.",
        )

    def choices(self, section: Section, field: str) -> tuple[Choice, ...]:
        """The values of a filter (`genre`, `contentRating`) in a library; one request, remembered for ten minutes."""
        path = f"/library/sections/{section.library_id}/{field}"
        return self.memory.recall(
            path, lambda: self.page_of(self.query(path), LeanChoice).items, kept_s=TAGS_REMEMBERED_S
        )

    def people(self, name: str) -> tuple[Person, ...]:
        """Actors and directors whose name is like `name`; one search, remembered for ten minutes."""

        def load() -> tuple[Person, ...]:
            return tuple(person for hub in self.hubs(name, limit=10, kind=LeanPerson) for person in hub.items)

        return self.memory.recall(f"people/{name.casefold()}", load, kept_s=TAGS_REMEMBERED_S)

    def hubs(self, query: str, *, limit: int, kind: type[Any] = LeanItem) -> tuple[Hub, ...]:
        """Plex's own search over everything: one list for each kind of thing, best first, in one request."""
        params: Params = {
            "query": query,
            "limit": limit,
            "includeCollections": 1,
            "includeExternalMedia": 0,
            **kind.params,
        }
        data = self.query("/hubs/search", params=params)
        return tuple(
            Hub(hub.get("type", ""), self.page_of(hub, kind).items, hub.get("more") == "1")
            for hub in data
            if hub.tag == "Hub"
        )

    # -- other accounts ---------------------------------------------------------------------------------------------

    def as_user(self, user: str) -> PlexClient:
        """The view of another account of the household, by name, e-mail or id; plex.tv is asked for its token once.

        Raise NotFound for an unknown user, PlexForbidden for one who cannot be impersonated: never the owner's view.
        """
        return self.users.view_of(user)

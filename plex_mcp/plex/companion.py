"""Commands to a player, always through the server, with a short timeout and errors in our words.

PlexAPI's `PlexClient` gives the commands; what it cannot be left is how they are sent: its direct way changes the
headers of the whole process, it takes no timeout, and it knows only four of the players that answer a plain `OK`.
"""

from __future__ import annotations

import itertools
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit
from xml.etree import ElementTree

import plexapi.client
from plexapi.utils import joinArgs

from plex_mcp.errors import (
    NotControllable,
    NotFound,
    ToolError,
    UpstreamError,
)
from plex_mcp.plex.client import PlexClient
from plex_mcp.plex.errors import translated
from plex_mcp.plex.models import LIBRARY_PROVIDER
from plex_mcp.plex.players import Player
from plex_mcp.plex.session import CallScope, call_scope, current_scope

COMMAND_TIMEOUT_S = 3.0
"""How long a player may take to answer. Some never do, though they obey; the state is read again afterwards."""

_ENDPOINT = "/player/playback/{command}"
# Not to be sent in a header, or not to arrive as it was.
_UNADDRESSABLE = re.compile(r"[\x00-\x1f\x7f]|^ | $")
_command_ids = itertools.count(1)


class Unanswered(Exception):
    """The command went out and nothing of the player's came back: it may have been carried out. `cause` is how it
    failed.
    """

    def __init__(self, cause: UpstreamError) -> None:
        super().__init__(cause.message)
        self.cause = cause


def remote_control(plex: PlexClient, player: Player) -> Any:
    """PlexAPI's commands for that player: `pause(mtype=)`, `seekTo(ms, mtype=)`, `setStreams(…)` and so on.

    Raise NotControllable, before anything is sent, for a player whose id no header can carry.
    """
    if _UNADDRESSABLE.search(player.client_id):
        raise NotControllable(
            f"{player.name} cannot be sent commands: it chose an id that Plex cannot be told.",
            suggestion="Use another player, or the controls on this one.",
        )
    return Companion(plex, player)


class Companion(plexapi.client.PlexClient):
    """One player's remote control. Raise NotControllable when the player or Plex refuses, Unanswered when silent."""

    def __init__(self, plex: PlexClient, player: Player) -> None:
        data = ElementTree.Element("Player")
        super().__init__(server=plex.server, data=data, connect=False)  # type: ignore[no-untyped-call]
        self.machineIdentifier = player.client_id
        self._name = player.name
        settings = plex.settings
        self._timeout_s = min(COMMAND_TIMEOUT_S, settings.plex_read_timeout_s)
        self._address = urlsplit(settings.plex_server_url)

    def query(self, path: str, *_: Any, **__: Any) -> None:
        """A direct command. There is none: it would send the token to the player and spoil the process's headers."""
        raise RuntimeError(f"{path} must go through the server")

    def sendCommand(self, command: str, proxy: bool | None = None, **params: Any) -> None:  # noqa: N802, ARG002
        """Send through the server (one request). Whatever a 200 says counts as taken: some players answer `OK`."""
        params["commandID"] = next(_command_ids)
        try:
            with translated(_ENDPOINT), self._brief():
                try:
                    self._server.query(
                        f"/player/{command}{joinArgs(params)}",
                        # In UTF-8: http.client makes Latin-1 of a header, and fails at all that is none.
                        headers={"X-Plex-Target-Client-Identifier": self.machineIdentifier.encode().decode("latin-1")},
                        timeout=self._timeout_s,
                    )
                except ElementTree.ParseError:
                    return
        except ToolError as error:
            raise self._refusal(error) from None

    @contextmanager
    def _brief(self) -> Iterator[None]:
        """A deadline of the command's own inside the call's: a dripping answer must leave time to read the sessions."""
        outer, deadline = current_scope(), time.monotonic() + self._timeout_s
        scope = CallScope(deadline=min(deadline, outer.deadline) if outer else deadline)
        if outer:
            outer.commands += 1  # now: the call may be given up while the player is silent
        try:
            with call_scope(scope):
                yield
        finally:
            if outer:
                outer.requests += scope.requests
                outer.plex_s += scope.plex_s

    def play_queue(self, queue_id: str, key: str, *, offset_ms: int, kind: str) -> None:
        """Tell the player to fetch a play queue and begin. Two requests: a transient token for it, then the command.

        PlexAPI's `playMedia` takes the server's address apart at colons, which breaks IPv6.
        """
        with translated("/security/token"):
            token = self._server.createToken()
        params = {
            "providerIdentifier": LIBRARY_PROVIDER,
            "machineIdentifier": self._server.machineIdentifier,
            "protocol": self._address.scheme,
            "address": self._address.hostname,
            "port": self._address.port,
            "offset": offset_ms,
            "key": key,
            "type": kind,
            "containerKey": f"/playQueues/{queue_id}?window=100&own=1",
        }
        self.sendCommand("playback/playMedia", **params, **({"token": token} if token else {}))

    def _refusal(self, error: ToolError) -> Exception:
        """What a failed command means. The statuses are the player's, passed on by Plex; without one, none came, and
        from 501 up they are a gateway's, which cannot know what became of the command.
        """
        status = error.status if isinstance(error, UpstreamError) else 404 if isinstance(error, NotFound) else 400
        if status is None or status > 500:
            return Unanswered(error) if isinstance(error, UpstreamError) and error.retryable else error
        if status in {404, 500}:
            return NotControllable(
                f"Plex does not reach {self._name}: it was closed, or left, since it was last seen.",
                suggestion="Open the Plex app on it and try again; list_clients shows who can be controlled.",
            )
        if status == 403:
            return NotControllable(
                f"{self._name} refused the command (403): it does not accept this controller.",
                suggestion="Allow remote control in the player's Plex settings, signed in as one of the household.",
            )
        if isinstance(error, UpstreamError):
            return error
        return NotControllable(
            f"{self._name} does not take this command.", suggestion="Try another command, or another player."
        )

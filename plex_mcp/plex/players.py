"""The players of the household: those that Plex advertises and those that play, as one list, and which one is meant.

Only an advertised player takes commands, and only through the server: a pod cannot reach players by broadcast, and a
direct command of PlexAPI's changes the headers of every later request of the process.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from plex_mcp.errors import Ambiguous, InvalidArgument, NotControllable, NotFound, ToolError
from plex_mcp.plex.client import PlexClient
from plex_mcp.plex.names import listed, matching, quoted
from plex_mcp.plex.sessions import NAME_LIMIT, Session, aliases_of, player_name, read_sessions, shown_id
from plex_mcp.plex.text import clean, fold

_NO_LONGER = ("Plex Web", "Plex for Windows", "Plex for Mac", "Plex for Linux")


@dataclass(frozen=True, slots=True, kw_only=True)
class Player:
    """One player. `capabilities` is what it advertises, None for one that only shows up in a session; `client_id` is
    what Plex takes, `shown_id` what answers show.
    """

    client_id: str
    name: str
    product: str
    device: str
    aliases: tuple[str, ...]
    capabilities: frozenset[str] | None
    sessions: tuple[Session, ...]

    @property
    def shown_id(self) -> str:
        """The id for answers; it works as an argument."""
        return shown_id(self.client_id)

    @property
    def controllable(self) -> bool:
        """Whether commands can be sent to it."""
        return not self.why_not

    @property
    def why_not(self) -> str:
        """Why it takes no commands, as the end of a sentence; empty when it does."""
        if self.capabilities is not None:
            return "" if "playback" in self.capabilities else "it is advertised without playback control"
        if self.product.startswith(_NO_LONGER):
            return f"{self.product} has refused remote control since 2022"
        if any(session.remote for session in self.sessions):
            return "it plays from outside the home network, where Plex relays no commands"
        return "Plex does not see it as a remote-controllable player"

    @property
    def remedy(self) -> str:
        """What somebody could do about it; empty where nothing helps."""
        if self.capabilities is not None or self.product.startswith(_NO_LONGER):
            return ""
        if any(session.remote for session in self.sessions):
            return ""
        return (
            "Open the Plex app on it and turn on 'Advertise as player'; player and server must be on one network, "
            "and GDM must be on in the server's network settings"
        )

    def labelled(self) -> str:
        """Name and id, for lists of candidates."""
        return f"{self.name} ({self.shown_id or 'no id'})"


@dataclass(frozen=True, slots=True)
class Household:
    """What Plex knew when it was asked: its players and sessions."""

    players: tuple[Player, ...]
    sessions: tuple[Session, ...]
    aliases: Mapping[str, str]

    def controllable(self) -> list[Player]:
        """Those that take commands."""
        return [player for player in self.players if player.controllable]


@dataclass(frozen=True, slots=True)
class Target:
    """The player that a command is for, and the session on it when one plays."""

    player: Player
    session: Session | None


def read_household(plex: PlexClient) -> Household:
    """Players and sessions now (two requests)."""
    aliases = plex.settings.client_aliases
    advertised = {
        client_id: entry for entry in plex.query("/clients") if (client_id := entry.get("machineIdentifier", ""))
    }
    sessions = read_sessions(plex)
    players = []
    for client_id, entry in advertised.items():
        name = player_name(entry.get("name") or entry.get("title"), entry.get("product"))
        own = tuple(session for session in sessions if session.client_id == client_id)
        players.append(
            Player(
                client_id=client_id,
                name=name,
                product=clean(entry.get("product"), NAME_LIMIT),
                device=own[0].device if own else clean(entry.get("deviceClass"), NAME_LIMIT),
                aliases=aliases_of(client_id, name, aliases),
                capabilities=frozenset(entry.get("protocolCapabilities", "").split(",")),
                sessions=own,
            )
        )
    for session in sessions:
        # Sessions without an id of their player are kept apart: nothing says that they are on the same one.
        same = [other for other in sessions if session.client_id and other.client_id == session.client_id]
        if session.client_id in advertised or (same and same[0] is not session):
            continue
        players.append(
            Player(
                client_id=session.client_id,
                name=session.shown.client,
                product=session.product,
                device=session.device,
                aliases=session.shown.aliases,
                capabilities=None,
                sessions=tuple(same) or (session,),
            )
        )
    return Household(tuple(players), sessions, aliases)


def find_target(household: Household, *, session_id: str | None, client: str | None, starts: bool) -> Target:
    """Whom a command is for; `starts` when it starts something new, which needs no session.

    A name or id given must match, whatever else is there; without one the only session counts (for `starts`: the only
    controllable player). Raise NotFound, Ambiguous with the candidates, or InvalidArgument when session and client
    are not the same player.
    """
    session = _session_of(household, session_id) if session_id is not None else None
    player = find_player(household, client) if client is not None else None
    if session is not None:
        owner = next(one for one in household.players if session in one.sessions)
        if player is not None and player is not owner:
            raise InvalidArgument(
                f"session_id is a session on {owner.labelled()}, but client names {player.labelled()}.",
                suggestion="Give one of the two, or both of the same player.",
            )
        return Target(owner, session)
    if player is not None:
        return Target(player, _only_session(player))
    return _only_player(household) if starts else _only_session_of_all(household)


def find_player(household: Household, client: str) -> Player:
    """The player of that alias, id or name. Raise NotFound or Ambiguous, naming what there is."""
    wanted = household.aliases.get(client.casefold(), client)
    found = [one for one in household.players if one.client_id and one.client_id == wanted]
    found = found or [one for one in household.players if one.shown_id and one.shown_id == wanted]
    found = found or matching(wanted, household.players, lambda one: one.name)
    if len(found) == 1:
        return found[0]
    if found:
        raise Ambiguous(
            f"Several players match {quoted(client)}: {listed([one.labelled() for one in found])}.",
            suggestion="Give client as one of these ids.",
        )
    meant = f" (an alias for {quoted(wanted)})" if fold(wanted) != fold(client) else ""
    raise NotFound(
        f"No client matches {quoted(client)}{meant}. {known_players(household)}", suggestion="Call list_clients."
    )


def known_players(household: Household) -> str:
    """Who can be controlled and who cannot, in words, for error texts."""
    able = [player.labelled() for player in household.controllable()]
    unable = [f"{player.name} ({player.why_not})" for player in household.players if not player.controllable]
    text = f"Controllable now: {listed(able)}." if able else "No player can be controlled now."
    return f"{text} Seen but not controllable: {listed(unable)}." if unable else text


def refuse(player: Player, action: str) -> NotControllable:
    """The error for a player that takes no commands: why, and what to do."""
    ways = [f"{player.remedy}." if player.remedy else None]
    if action == "stop":
        ways.append(ending_hint(player.sessions[0] if player.sessions else None))
    return NotControllable(
        f"{player.name} cannot be controlled: {player.why_not}.",
        suggestion=" ".join(filter(None, ways)) or "Call list_clients for the players that can be controlled.",
    )


def ending_hint(session: Session | None) -> str | None:
    """How to end a session at the server, which is only done when it is asked for by its id."""
    if session is None or session.terminate_id is None:
        return None
    return (
        f'To end the session at the server instead, call control_playback with action="stop" and '
        f'session_id="{session.shown.session_id}" (needs Plex Pass; the viewer sees a message).'
    )


def playing_now(sessions: Sequence[Session]) -> str:
    """Sessions with their ids, for error texts."""
    if not sessions:
        return "Nothing is playing now."
    shown = [
        f"{session.shown.item.named()} on {session.shown.client}"
        f"{f' for {session.shown.user}' if session.shown.user else ''}"
        f" (session_id {session.shown.session_id or 'unknown'})"
        for session in sessions
    ]
    return f"Playing now: {listed(shown)}."


def _session_of(household: Household, session_id: str) -> Session:
    found = [one for one in household.sessions if one.terminate_id == session_id]
    found = found or [one for one in household.sessions if one.session_key == session_id]
    if found:
        return found[0]
    found = [one for one in household.sessions if one.shown.session_id == session_id]
    if len(found) > 1:
        raise _several(found)
    if found:
        return found[0]
    raise NotFound(
        f"There is no session {quoted(session_id)}; it may have ended. {playing_now(household.sessions)}",
        suggestion="Call get_playback_status for the sessions of now.",
    )


def _only_session(player: Player) -> Session | None:
    if len(player.sessions) > 1:
        raise _several(player.sessions)
    return player.sessions[0] if player.sessions else None


def _only_session_of_all(household: Household) -> Target:
    if len(household.sessions) > 1:
        raise _several(household.sessions)
    if not household.sessions:
        raise NotFound("Nothing is playing now.", suggestion="To start something, give media_id and client.")
    session = household.sessions[0]
    return Target(next(one for one in household.players if session in one.sessions), session)


def _only_player(household: Household) -> Target:
    able = household.controllable()
    if len(able) == 1:
        return Target(able[0], _only_session(able[0]))
    error: type[ToolError] = Ambiguous if able else NotControllable
    raise error(
        f"client says where to play, and is missing. {known_players(household)}"
        if able
        else f"There is no player to play on. {known_players(household)}",
        suggestion="Give client as one of these names or ids."
        if able
        else "Open the Plex app on a player with 'Advertise as player' on, then call list_clients.",
    )


def _several(sessions: Sequence[Session]) -> Ambiguous:
    return Ambiguous(
        f"Several sessions fit. {playing_now(sessions)}", suggestion="Give session_id, or the client's name or id."
    )

"""Remote control: what plays on which player, and the state read again afterwards."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from pydantic import Field

from plex_mcp.errors import InvalidArgument
from plex_mcp.plex.client import PlexClient
from plex_mcp.plex.commands import Outcome, carry_out, make_plan
from plex_mcp.plex.languages import OFF
from plex_mcp.plex.plans import Action, Channel, Order, Plan
from plex_mcp.plex.selection import EpisodeChoice
from plex_mcp.plex.sessions import PlaybackSession, Playing
from plex_mcp.plex.text import fold
from plex_mcp.tools._answers import Answer, MediaId, Text
from plex_mcp.tools._tool import Arguments, Replacement, WithReplacements, tool
from plex_mcp.tools.get_playback_status import replacement

_DAY_S = 86_400
# It tells what plays on each player, and the session_id that a stop has made void.
_PLAYERS_UNKNOWN = Replacement("list_clients", {}, None)
# Which actions an argument goes with; the others are refused, since they would be silently ignored.
_GOES_WITH = {
    "media_id": {"play"},
    "episode": {"play"},
    "shuffle": {"play"},
    "position": {"play", "seek"},
    "offset": {"seek"},
    "volume": {"set_volume"},
    "audio_language": {"set_streams"},
    "subtitle_language": {"set_streams"},
}


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandReport(Answer):
    """What was sent and what came of it. `confirmed` is true when the state read afterwards shows the effect; `state`
    and `session` are that state. `channel` is companion (the player was told) or terminate (the server ended it).
    A dry run has `would_send` and nothing of the others.
    """

    action: Action
    client: str
    client_id: str | None = None
    channel: Channel
    sent: str | None = None
    would_send: str | None = None
    confirmed: bool | None = None
    item: Playing | None = None
    state: str | None = None
    session: PlaybackSession | None = None


def _check(arguments: Arguments) -> None:
    """Refuse arguments that contradict each other, before Plex is asked anything."""
    action = arguments["action"]
    given = {name for name in _GOES_WITH if arguments[name] is not None and arguments[name] is not False}
    for name in sorted(given):
        if action not in _GOES_WITH[name]:
            raise _wrong(f"goes with {' and '.join(sorted(_GOES_WITH[name]))} only, not with {action}", name)
    if action == "seek" and len(given & {"position", "offset"}) != 1:
        raise _wrong(
            "seek needs one of position (seconds from the start) and offset (seconds ahead or back)", "position"
        )
    if action == "set_volume" and "volume" not in given:
        raise _wrong("set_volume needs volume, 0 to 100", "volume")
    if action == "set_streams" and not given & {"audio_language", "subtitle_language"}:
        raise _wrong("set_streams needs audio_language, subtitle_language or both", "audio_language")
    if fold(arguments["audio_language"] or "") in OFF:
        raise _wrong("cannot be off; set_volume with volume=0 is silence", "audio_language")
    if action == "play" and given and "media_id" not in given:
        raise _wrong("needs media_id", min(given))
    if "shuffle" in given and given & {"episode", "position"}:
        raise _wrong("contradicts episode and position: a shuffled queue begins anywhere", "shuffle")


def _wrong(text: str, argument: str) -> InvalidArgument:
    return InvalidArgument(f"{argument}: {text}.", suggestion="Correct the arguments and call control_playback again.")


@tool(
    title="Control playback",
    read_only=False,
    destructive=False,
    idempotent=False,
    check=_check,
    outdates=(replacement(None), _PLAYERS_UNKNOWN),
)
def control_playback(
    plex: PlexClient,
    *,
    action: Annotated[Action, Field(description="play without media_id resumes")],
    session_id: Annotated[Text | None, Field(description="From get_playback_status")] = None,
    client: Annotated[
        Text | None, Field(description="Player: name, alias or client_id. Needed unless only one fits")
    ] = None,
    media_id: Annotated[
        MediaId | None,
        Field(description="What to play. A show plays its next unwatched episode, resumed; also album, playlist …"),
    ] = None,
    episode: Annotated[EpisodeChoice | None, Field(description="Of a show or season; default next")] = None,
    shuffle: Annotated[bool, Field(description="Show, album, artist, playlist or collection")] = False,
    position: Annotated[int | None, Field(ge=0, le=_DAY_S, description="Seconds from the start: seek, play")] = None,
    offset: Annotated[int | None, Field(ge=-_DAY_S, le=_DAY_S, description="Seconds ahead, or back")] = None,
    volume: Annotated[int | None, Field(ge=0, le=100)] = None,
    audio_language: Annotated[Text | None, Field(description="As de or German")] = None,
    subtitle_language: Annotated[Text | None, Field(description="As de or German; off")] = None,
    dry_run: Annotated[bool, Field(description="Only say what would be done")] = False,
) -> CommandReport:
    """Play, pause, stop, seek, skip, set volume or languages on a player in the house.

    Get media_id from search_media, session_id from get_playback_status, players from list_clients. It acts on no other
    player than the one named. Read confirmed and note in the answer: they say whether it worked. Browsers and phones
    away from home cannot be controlled; stop works on them with session_id, by ending the session at the server.
    Do not repeat a command that is not confirmed; call get_playback_status first.
    Example: {"action":"play","client":"Living Room TV","media_id":"1234","episode":"latest"}

    Returns: what was sent, and the session as it was read afterwards.
    Raises: NotFound, Ambiguous (candidates with ids), NotControllable (why, what to do), InvalidArgument
    Source: GET /clients, GET /status/sessions, then the command through GET /player/playback/… and the sessions again
    """
    order = Order(
        action=action,
        session_id=session_id,
        client=client,
        media_id=media_id,
        episode=episode,
        shuffle=shuffle,
        position=position,
        offset=offset,
        volume=volume,
        audio_language=audio_language,
        subtitle_language=subtitle_language,
    )
    plan = make_plan(plex, order)
    if dry_run:
        return _rehearsed(order, plan)
    outcome = carry_out(plex, plan)
    # What is not confirmed may still change: then the cache had better know nothing.
    settled = outcome.sessions if outcome.confirmed or outcome.plan.shows is None else None
    return WithReplacements(_report(order, outcome), (replacement(settled), _PLAYERS_UNKNOWN))  # type: ignore[return-value]


def _rehearsed(order: Order, plan: Plan) -> CommandReport:
    notes = [plan.note if plan.shows is not None else None, "Nothing was sent: this was a dry run."]
    return CommandReport(
        action=order.action,
        client=plan.player.name,
        client_id=plan.player.shown_id or None,
        channel=plan.channel,
        would_send=plan.doing,
        item=plan.item,
        note=" ".join(filter(None, notes)),
    )


def _report(order: Order, outcome: Outcome) -> CommandReport:
    plan, now = outcome.plan, outcome.now
    state: str | None = None
    if outcome.sessions is not None:
        state = now.shown.state if now else "stopped"
    return CommandReport(
        action=order.action,
        client=plan.player.name,
        client_id=plan.player.shown_id or None,
        channel=plan.channel,
        sent=plan.doing,
        confirmed=outcome.confirmed,
        item=plan.item,
        state=state,
        session=now.shown if now else None,
        note=" ".join(outcome.notes) or None,
    )

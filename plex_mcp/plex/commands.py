"""Commands to players, start to end: find the player, plan, send once, read the state again, tell the truth.

A command is never sent twice: what came of an unanswered one is read from the sessions, as some players obey without
answering and some answer without obeying.
"""

from __future__ import annotations

import time
from dataclasses import dataclass

from plex_mcp.errors import NotControllable, NotFound, PlexTimeout, ToolError, UpstreamError
from plex_mcp.plex.client import PlexClient
from plex_mcp.plex.companion import Unanswered
from plex_mcp.plex.moves import plan_pause, plan_resume, plan_seek, plan_skip, plan_streams, plan_volume
from plex_mcp.plex.plans import Effect, Order, Plan, session_on
from plex_mcp.plex.players import ending_hint, find_target, playing_now, read_household, refuse
from plex_mcp.plex.session import current_scope
from plex_mcp.plex.sessions import Session, read_sessions
from plex_mcp.plex.starts import plan_start
from plex_mcp.plex.stops import plan_stop

PAUSES_S = (0.2, 0.4, 0.8, 1.0)
"""Between readings of the sessions after a command, until its effect shows: five readings in 2.4 s at most."""

_KEPT_FREE_S = 1.0
_PLANS = {
    "play": plan_resume,
    "pause": plan_pause,
    "stop": plan_stop,
    "seek": plan_seek,
    "next": plan_skip,
    "previous": plan_skip,
    "set_streams": plan_streams,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of a plan. `sessions` is everything that played afterwards, None when that could not be read;
    `now` the player's own session; `notes` what the user should know.
    """

    plan: Plan
    confirmed: bool
    sessions: tuple[Session, ...] | None
    now: Session | None
    notes: tuple[str, ...]


def make_plan(plex: PlexClient, order: Order) -> Plan:
    """Find the player, refuse what it cannot do, work out what to send. Reads only: two requests for players and
    sessions; for `play` with an item and for `set_streams` those of the item.
    """
    household = read_household(plex)
    needs_none = order.media_id is not None or order.action == "set_volume"
    target = find_target(household, session_id=order.session_id, client=order.client, starts=needs_none)
    player, session = target.player, target.session
    if not player.controllable and order.action != "stop":
        raise refuse(player, order.action)
    if order.media_id is not None:
        return plan_start(plex, order, target)
    if order.action == "set_volume":
        return plan_volume(plex, order, target)
    if session is None:
        raise NotFound(
            f"Nothing is playing on {player.name}. {playing_now(household.sessions)}",
            suggestion='To start something there, call control_playback with action="play" and a media_id.',
        )
    return _PLANS[order.action](plex, order, player, session)


def carry_out(plex: PlexClient, plan: Plan) -> Outcome:
    """Send the command, once, and read the sessions until its effect shows.

    Raise NotControllable when the player refuses it or neither answers nor obeys, UpstreamError when Plex fails; then
    the message says whether the command may still have been carried out.
    """
    unanswered = None
    try:
        plan.send()
    except Unanswered as silence:
        unanswered = silence
    except NotControllable as refusal:
        if plan.fallback is None:
            raise _with_hint(plan, refusal) from None
        return _fall_back(plex, plan.fallback, refusal.message)
    try:
        sessions, confirmed = _read_again(plex, plan.shows)
    except ToolError as failure:
        return _unread(plan, unanswered, failure)
    now = session_on(sessions, plan.player, plan.session)
    if unanswered is not None and not confirmed:
        said = f"{plan.player.name} did not answer the command, and no effect shows: {_state(plan, now)}."
        if plan.fallback is not None:
            return _fall_back(plex, plan.fallback, said)
        error = NotControllable(
            f"{said} It may still act on it late.", suggestion="Call get_playback_status before trying again."
        )
        raise _with_hint(plan, error, plan.doubt) from None
    if not confirmed and plan.shows is not None and plan.fallback is not None:
        return _fall_back(plex, plan.fallback, f"{plan.player.name} took the command and went on playing.")
    return Outcome(
        plan=plan, confirmed=confirmed, sessions=sessions, now=now, notes=_notes(plan, unanswered, confirmed, now)
    )


def _notes(plan: Plan, unanswered: Unanswered | None, confirmed: bool, now: Session | None) -> tuple[str, ...]:
    notes = [plan.note]
    if confirmed and unanswered is not None:
        notes.append(f"{plan.player.name} did not answer the command, but carried it out.")
    if not confirmed and plan.shows is not None:
        taker = "Plex" if plan.channel == "terminate" else plan.player.name
        notes.append(
            f"{taker} took the command, but no effect shows yet: {_state(plan, now)}. "
            "Call get_playback_status in a few seconds; do not send it again at once."
        )
        notes.append(plan.doubt)
    return tuple(note for note in notes if note)


def _read_again(plex: PlexClient, shows: Effect | None) -> tuple[tuple[Session, ...], bool]:
    """The sessions, read until `shows` says that they show the effect, and whether they do."""
    pauses = iter(PAUSES_S)
    while True:
        sessions = read_sessions(plex)
        if shows is None or shows(sessions):
            return sessions, shows is not None
        pause_s = next(pauses, None)
        scope = current_scope()
        if pause_s is None or (scope and scope.deadline - time.monotonic() < pause_s + _KEPT_FREE_S):
            return sessions, False
        time.sleep(pause_s)


def _fall_back(plex: PlexClient, plan: Plan, why: str) -> Outcome:
    done = carry_out(plex, plan)
    instead = "The session was ended at the server" if done.confirmed else "The server was told to end the session"
    notes = (f"{why} {instead} instead.", *done.notes)
    return Outcome(plan=done.plan, confirmed=done.confirmed, sessions=done.sessions, now=done.now, notes=notes)


def _unread(plan: Plan, unanswered: Unanswered | None, failure: ToolError) -> Outcome:
    """The command went out, and then Plex could not be asked what came of it."""
    if unanswered is None:
        note = f"The command was taken, but what plays now could not be read ({failure.message.rstrip('.')})."
        return Outcome(plan=plan, confirmed=False, sessions=None, now=None, notes=(*filter(None, [plan.note]), note))
    cause = failure if isinstance(failure, UpstreamError) else unanswered.cause
    kind = type(cause) if isinstance(cause, UpstreamError) else PlexTimeout
    raise kind(
        f"Plex stopped answering: whether {plan.player.name} carried the command out is not known.",
        suggestion="Call get_playback_status before trying again.",
        status=cause.status,
        endpoint=cause.endpoint,
        cause=cause.cause,
    ) from None


def _state(plan: Plan, now: Session | None) -> str:
    if now is None:
        return f"nothing plays on {plan.player.name}"
    place = f" at {now.shown.position_s} s" if now.shown.position_s is not None else ""
    return f"{now.shown.item.named()} is {now.shown.state}{place}"


def _with_hint(plan: Plan, error: NotControllable, doubt: str | None = None) -> NotControllable:
    """The error with what may be behind it, and for a stop the other way to it."""
    parts = [error.suggestion, ending_hint(plan.session) if plan.stops else None]
    message = f"{error.message} {doubt}" if doubt else error.message
    return NotControllable(message, suggestion=" ".join(part for part in parts if part) or None)

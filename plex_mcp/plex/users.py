"""The other accounts of a household: their names, and their views through plex.tv.

On deck, progress and ratings belong to the token that asks, so another user's view needs that user's token for this
server. plex.tv gives it to the owner. Tokens stay in memory, wrapped as secrets, for a few hours.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from plex_mcp.errors import Ambiguous, NotFound, PlexForbidden, PlexRefusedToken, PlexUnavailable, UpstreamError
from plex_mcp.plex.errors import translated
from plex_mcp.plex.text import clean, whole
from plex_mcp.secret import Secret

if TYPE_CHECKING:
    from plex_mcp.plex.client import PlexClient

_VIEW_KEPT_S = 6 * 3600.0
_VIEWS_MOST = 50
LEFT_ALONE_S = 10.0
"""After plex.tv has failed: every call that needs it would keep a worker waiting, and there are ten for all of Plex."""

_SUGGESTION = "Leave user out for the owner's view, or name another user."


@dataclass(frozen=True, slots=True)
class Account:
    """Somebody who watches here. `account_id` is what this server calls them; 1 is the owner."""

    account_id: int
    name: str


@dataclass(frozen=True, slots=True)
class _Person:
    """Somebody as plex.tv knows them. `names` are all that they answer to, case-folded."""

    id: int
    name: str
    names: frozenset[str]
    token: Secret | None = None
    in_home: bool = False
    has_pin: bool = False


class PlexTvUnavailable(PlexUnavailable):
    """plex.tv is away; the server may be well, so the breaker must not open for it."""

    retryable = trips_breaker = False


class Users:
    """Finds accounts and makes their views. One for each client; holds tokens, so it is never printed."""

    def __init__(self, plex: PlexClient, clock: Callable[[], float] = time.monotonic) -> None:
        self._plex = plex
        self._clock = clock
        self._lock = threading.Lock()
        self._left_alone_until = clock()
        self._views: dict[int, tuple[float, PlexClient]] = {}

    def accounts(self) -> tuple[Account, ...]:
        """Who watches on this server, from its own list (GET /accounts, remembered for a minute)."""

        def load() -> tuple[Account, ...]:
            data = self._plex.query("/accounts")
            found = ((whole(entry.get("id")), clean(entry.get("name"), 60)) for entry in data)
            return tuple(Account(account_id, name) for account_id, name in found if account_id and name)

        return self._plex.memory.recall("accounts", load)

    def account(self, user: str) -> Account:
        """The account of that name (case does not matter) or id. Raise NotFound that names those there are."""
        wanted = user.strip().casefold()
        accounts = self.accounts()
        found = [a for a in accounts if a.name.casefold() == wanted or str(a.account_id) == wanted]
        if len(found) == 1:
            return found[0]
        names = ", ".join(account.name for account in accounts[:30])
        if found:
            ids = ", ".join(f"{account.name} (id {account.account_id})" for account in found)
            raise Ambiguous(f"Several users have that name: {ids}.", suggestion="Give user as the id.")
        raise NotFound(
            f"user is nobody on this server. Users: {names or 'none'}.", suggestion="Use one of these names."
        )

    def view_of(self, user: str) -> PlexClient:
        """A client with that user's token; three requests to plex.tv the first time.

        Raise NotFound that names the users there are, PlexForbidden for one whose token plex.tv does not give.
        """
        person, is_owner = self._person(user)
        if is_owner:
            return self._plex
        with self._lock:
            kept = self._views.get(person.id)
        if kept is not None and self._clock() < kept[0]:
            return kept[1]
        token = person.token or self._home_token(person)
        refused = partial(self._no_longer, person)
        view = type(self._plex)(self._plex.settings, self._plex.session, token=token, refused=refused)
        with self._lock:
            if len(self._views) >= _VIEWS_MOST:
                self._views.clear()
            self._views[person.id] = (self._clock() + _VIEW_KEPT_S, view)
        return view

    def _no_longer(self, person: _Person) -> PlexForbidden:
        """The error for a token that Plex takes no more; the next call asks plex.tv again."""
        with self._lock:
            self._views.pop(person.id, None)
        self._plex.memory.forget("people")
        return PlexForbidden(
            f"{person.name}'s view cannot be had: Plex no longer takes the token for it.", suggestion=_SUGGESTION
        )

    def _person(self, user: str) -> tuple[_Person, bool]:
        wanted = user.strip().casefold()
        machine_id = self._plex.server.machineIdentifier  # here, where its failure is not plex.tv's
        with _plextv():  # around the memory: who waits there for another's answer waits for plex.tv
            people: tuple[_Person, ...] = self._plex.memory.recall("people", lambda: tuple(self._people(machine_id)))
        found = [person for person in people if wanted in person.names]
        if len(found) == 1:
            return found[0], found[0] is people[0]
        names = ", ".join(person.name for person in people[:30])
        if found:
            raise Ambiguous(f"Several users answer to that name: {names}.", suggestion="Give user as the id.")
        raise NotFound(f"user is nobody of this household. Users: {names}.", suggestion="Use one of these names.")

    def _people(self, machine_id: str) -> Iterator[_Person]:
        """The owner first, then everybody else whom plex.tv counts to this server or household."""
        with self._asking():
            owner = self._owner()
            users = owner.users()
            shares = owner.query(owner.FRIENDINVITE.format(machineId=machine_id))
        tokens = {whole(share.get("userID")): share.get("accessToken") for share in (() if shares is None else shares)}
        yield _person(owner, None)
        for user in users:
            if user.id and user.id != owner.id:
                yield _person(user, tokens.get(user.id))

    @contextmanager
    def _asking(self) -> Iterator[None]:
        """Requests to plex.tv; none for a moment after it failed."""
        left_alone_s = self._left_alone_until - self._clock()
        if left_alone_s > 0:
            raise _plextv_is_away(retry_after_s=left_alone_s)
        try:
            with _plextv():
                yield
        except PlexTvUnavailable:
            self._left_alone_until = self._clock() + LEFT_ALONE_S
            raise

    def _owner(self) -> Any:
        return self._account(self._plex.reveal_token())

    def _account(self, token: str) -> Any:
        # Rarely used, and large.
        from plexapi.myplex import MyPlexAccount

        return MyPlexAccount(token=token, session=self._plex.session, timeout=self._plex.timeout)

    def _home_token(self, person: _Person) -> Secret:
        """The token of a member of the Plex Home with whom nothing was shared: switch to them as the apps do."""
        if not person.in_home or person.has_pin:
            why = "a PIN protects that account" if person.has_pin else "this server is not shared with that account"
            raise PlexForbidden(f"{person.name}'s view cannot be had: {why}.", suggestion=_SUGGESTION)
        machine_id = self._plex.server.machineIdentifier
        with self._asking():
            owner = self._owner()
            switched = owner.query(f"{owner.HOMEUSERS}/{person.id}/switch", method=self._plex.session.post)
            member = self._account(switched.get("authenticationToken"))
            resources = [r for r in member.resources() if r.clientIdentifier == machine_id]
        token = resources[0].accessToken if resources else None
        # Without a token PlexAPI asks as nobody, which on many networks is as good as the owner.
        if not token or token == self._plex.reveal_token():
            raise PlexForbidden(
                f"{person.name}'s view cannot be had: plex.tv gives no token for it.", suggestion=_SUGGESTION
            )
        return Secret(token)


def _person(user: Any, token: str | None) -> _Person:
    name = clean(user.title or user.username, 60) or str(user.id)
    names = {str(user.id), user.title or "", user.username or "", user.email or ""}
    return _Person(
        id=user.id,
        name=name,
        names=frozenset(text.strip().casefold() for text in names if text.strip()),
        token=Secret(token) if token else None,
        in_home=bool(user.home),
        has_pin=bool(user.protected),
    )


@contextmanager
def _plextv() -> Iterator[None]:
    """Failures of plex.tv in words of their own: they say nothing about the server, nor about its token there."""
    try:
        with translated("plex.tv"):
            yield
    except (PlexRefusedToken, PlexForbidden, NotFound):
        raise PlexForbidden(
            "plex.tv lets only the owner of the server see through another user's eyes, and PLEX_TOKEN is not theirs.",
            suggestion=_SUGGESTION,
            endpoint="plex.tv",
        ) from None
    except PlexTvUnavailable:
        raise
    except UpstreamError as error:
        raise _plextv_is_away(error.cause) from None


def _plextv_is_away(cause: str | None = None, *, retry_after_s: float | None = None) -> PlexTvUnavailable:
    return PlexTvUnavailable(
        "plex.tv, which is needed for another user's view, cannot be reached.",
        suggestion=_SUGGESTION,
        retry_after_s=retry_after_s,
        endpoint="plex.tv",
        cause=cause,
    )

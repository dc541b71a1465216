"""Another user's view: through plex.tv, with a token kept in memory, and never the owner's view in its place."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest
import requests

from plex_mcp.errors import NotFound, PlexForbidden, PlexRefusedToken, PlexUnavailable
from plex_mcp.plex.client import PlexClient
from plex_mcp.plex.session import CallScope, call_scope
from plex_mcp.plex.users import LEFT_ALONE_S, PlexTvUnavailable
from tests.fakes import WAIT_S, Clock
from tests.tools.household import Household, household


@pytest.fixture
def home() -> Iterator[Household]:
    with household() as running:
        with_plextv(running)
        yield running


def with_plextv(home: Household) -> None:
    adapter = home.plex.plextv_adapter()
    plain_send = adapter.send

    def send(*args: Any, **options: Any) -> requests.Response:
        """Reads the body, as the adapter for Plex does: else an answer that is refused keeps its socket open."""
        response = plain_send(*args, **options)
        response.content  # noqa: B018
        return response

    adapter.send = send
    home.client.session.mount("https://plex.tv/", adapter)


def change(home: Household, title: str, **changes: object) -> None:
    """Make one of the household's people different."""
    home.plex.home.users = tuple(
        replace(user, **changes) if user.title == title else user for user in home.plex.home.users
    )


def asked_plextv(home: Household) -> int:
    return int(home.plex.plextv.counters.requests)


def on_deck(home: Household, user: str) -> list[str]:
    return [item["title"] for item in home.call("get_on_deck", user=user)["items"]]


def test_a_friends_view_is_not_the_owners(home: Household) -> None:
    home.plex.home.views.progress(
        home.plex.users[2].account_id,
        home.plex.library.find("Nosferatu", "movie"),
        30 * 60_000,
        int(home.plex.clock()),
    )
    assert "Nosferatu" in on_deck(home, "jonas")
    owners = [item["title"] for item in home.call("get_on_deck")["items"]]
    assert "Nosferatu" not in owners
    assert "Charade" in owners


@pytest.mark.parametrize("name", ["Jonas", "JONAS", "jonas@example.com", "11000003"])
def test_a_user_answers_to_name_mail_and_id(home: Household, name: str) -> None:
    on_deck(home, name)


def test_the_token_is_fetched_once_and_kept_in_memory(home: Household, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    on_deck(home, "Jonas")
    asked = asked_plextv(home)
    assert asked == 3
    on_deck(home, "Jonas")
    assert asked_plextv(home) == asked
    assert home.requests == 1
    assert home.plex.guest_token not in caplog.text
    assert home.plex.guest_token not in repr(vars(home.client.users))


def test_the_owners_own_name_is_the_owners_view(home: Household) -> None:
    assert on_deck(home, "Robin") == [item["title"] for item in home.call("get_on_deck")["items"]]


def test_a_home_user_without_share_is_switched_to(home: Household) -> None:
    change(home, "Mila", pin=None)
    on_deck(home, "Mila")
    assert any("/switch" in path for path in home.plex.plextv.counters.paths)
    assert home.client.as_user("Mila").reveal_token() == home.plex.managed_token
    assert home.plex.users[1].account_token not in repr(vars(home.client.users))


def test_a_user_behind_a_pin_is_an_error(home: Household) -> None:
    error = home.fails(PlexForbidden, "get_on_deck", user="Mila")
    assert "PIN" in error.message
    assert home.sent() == []


def test_a_friend_without_share_is_an_error(home: Household) -> None:
    change(home, "Jonas", token="")
    error = home.fails(PlexForbidden, "get_on_deck", user="Jonas")
    assert "not shared" in error.message


def test_an_unknown_user_is_answered_with_the_names_there_are(home: Household) -> None:
    error = home.fails(NotFound, "get_on_deck", user="Nobody")
    for name in ("Robin", "Mila", "Jonas"):
        assert name in error.message


def test_without_plextv_there_is_an_error_that_does_not_open_the_breaker(home: Household) -> None:
    home.plex.plextv.faults.add("close_early")
    error = home.fails(PlexTvUnavailable, "get_on_deck", user="Jonas")
    assert "plex.tv" in error.message
    assert not error.trips_breaker
    assert not error.retryable


def test_who_waits_for_anothers_answer_of_plextv_does_not_open_the_breaker_either(
    home: Household, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked, gate = threading.Event(), threading.Event()
    owner = home.client.users._owner

    def hanging() -> Any:
        asked.set()
        assert gate.wait(WAIT_S)
        return owner()

    monkeypatch.setattr(home.client.users, "_owner", hanging)
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(home.client.as_user, "Jonas")
        assert asked.wait(WAIT_S)
        with call_scope(CallScope(deadline=time.monotonic())), pytest.raises(PlexTvUnavailable) as caught:
            home.client.as_user("Jonas")
        gate.set()
        assert first.result(WAIT_S).reveal_token() == home.plex.guest_token
    assert not caught.value.trips_breaker


def test_plextv_is_left_alone_for_a_moment_after_it_failed(home: Household) -> None:
    """A hanging plex.tv would take worker after worker, and there are ten of them for all of Plex."""
    clock = Clock()
    client = PlexClient(home.client.settings, home.client.session, clock=clock)
    home.plex.plextv.faults.add("status", count=1, code=502)
    with pytest.raises(PlexTvUnavailable):
        client.as_user("Jonas")
    clock.now += LEFT_ALONE_S - 1
    with pytest.raises(PlexTvUnavailable) as caught:
        client.as_user("Jonas")
    assert (asked_plextv(home), caught.value.retry_after_s) == (1, 1.0)
    clock.now += 1
    assert client.as_user("Jonas").reveal_token() == home.plex.guest_token


def test_a_failure_of_the_server_is_not_told_as_plextvs(home: Household) -> None:
    client = PlexClient(home.client.settings, home.client.session)
    home.plex.faults.add("status", path="/", count=1, code=503)
    with pytest.raises(PlexUnavailable) as caught:
        client.as_user("Jonas")
    assert type(caught.value) is PlexUnavailable
    assert caught.value.trips_breaker


def test_a_token_that_is_not_the_owners_cannot_impersonate() -> None:
    with household(as_guest=True) as home:
        with_plextv(home)
        error = home.fails(PlexForbidden, "get_on_deck", user="Mila")
        assert "owner" in error.message


def test_a_view_that_plex_no_longer_grants_is_an_error_and_asked_for_anew(home: Household) -> None:
    on_deck(home, "Jonas")
    asked = asked_plextv(home)
    home.plex.faults.add("status", path="/library/onDeck", count=1, code=401)
    error = home.fails(PlexForbidden, "get_on_deck", user="Jonas")
    assert "Jonas" in error.message
    on_deck(home, "Jonas")
    assert asked_plextv(home) == asked + 3
    home.plex.faults.add("status", path="/library/onDeck", count=1, code=401)
    home.fails(PlexRefusedToken, "get_on_deck")


def test_history_is_filtered_by_plex_for_a_user_without_impersonation(home: Household) -> None:
    answer = home.call("get_watch_history", user="mila")
    assert home.requests == 2
    assert {item["user"] for item in answer["items"]} == {"Mila"}
    assert answer["total"] == len(answer["items"]) == 3

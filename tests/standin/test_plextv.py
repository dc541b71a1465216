"""Finding users at the stand-in for plex.tv and switching to them."""

import pytest
import requests
from plexapi.exceptions import BadRequest, Unauthorized
from plexapi.myplex import MyPlexAccount
from plexapi.server import PlexServer

from plex_mcp.standin import StandIn


@pytest.fixture
def account(plex: StandIn, session: requests.Session) -> MyPlexAccount:
    session.mount("https://plex.tv/", plex.plextv_adapter())
    return MyPlexAccount(token=plex.token, session=session)


def test_the_account_of_the_owner_lists_friends_and_home(account: MyPlexAccount, plex: StandIn) -> None:
    assert (account.title, account.subscriptionActive) == ("Robin", True)
    assert [(u.title, u.home, u.protected, u.id) for u in account.users()] == [
        ("Mila", True, True, plex.users[1].plextv_id),
        ("Jonas", False, False, plex.users[2].plextv_id),
    ]
    assert account.user("jonas").servers[0].machineIdentifier == plex.machine_identifier


def test_switching_to_a_friend_gives_a_server_that_is_the_friends(
    account: MyPlexAccount, plex: StandIn, session: requests.Session
) -> None:
    server = PlexServer(plex.url, plex.token, session=session)
    theirs = server.switchUser("Jonas")
    assert theirs._token == plex.guest_token
    assert [s.title for s in theirs.library.sections()] == ["Movies", "TV Shows"]


def test_a_home_user_has_no_share_and_switch_user_gives_no_token(account: MyPlexAccount, plex: StandIn) -> None:
    assert account.user("Mila").get_token(plex.machine_identifier) is None


def test_a_home_user_is_switched_to_with_the_pin_and_has_an_own_server_token(
    account: MyPlexAccount, plex: StandIn
) -> None:
    mila = account.switchHomeUser("Mila", pin=plex.users[1].pin)
    resource = next(r for r in mila.resources() if r.clientIdentifier == plex.machine_identifier)
    assert (resource.accessToken, resource.owned) == (plex.managed_token, False)
    assert resource.connections[0].uri == plex.url
    assert mila.authToken != resource.accessToken


@pytest.mark.parametrize("pin", [None, "0000"])
def test_a_wrong_pin_is_403(account: MyPlexAccount, pin: str | None) -> None:
    with pytest.raises(BadRequest, match="403"):
        account.switchHomeUser("Mila", pin=pin)


def test_server_tokens_are_not_account_tokens(plex: StandIn, session: requests.Session) -> None:
    session.mount("https://plex.tv/", plex.plextv_adapter())
    with pytest.raises(Unauthorized):
        MyPlexAccount(token=plex.guest_token, session=session)
    with pytest.raises(Unauthorized):
        PlexServer(plex.url, plex.users[2].account_token, session=session)


def test_plex_tv_counts_and_fails_on_its_own(account: MyPlexAccount, plex: StandIn) -> None:
    assert plex.plextv.counters.by_path["/api/v2/user"] == 1
    assert plex.counters.requests == 0
    plex.plextv.faults.add("status", code=429, count=1)
    with pytest.raises(BadRequest, match="429"):
        account.users()
    assert len(account.users()) == 2
    assert plex.plextv.counters.unknown_paths == []

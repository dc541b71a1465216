"""What the stand-in says to requests that make no sense to a Plex: the statuses that a client must tell apart."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import requests

from plex_mcp.standin import StandIn

Ask = Callable[..., int]


@pytest.fixture
def ask(plex: StandIn, session: requests.Session) -> Ask:
    """The status of a request; the owner's token unless another is given."""

    def send(path: str, method: str = "GET", token: str | None = None, target: str = "") -> int:
        headers = {"X-Plex-Token": token or plex.token, "X-Plex-Target-Client-Identifier": target}
        return session.request(method, plex.url + path, headers=headers, timeout=5).status_code

    return send


@pytest.mark.parametrize(
    "path",
    [
        *(f"/library/sections/99/{what}".rstrip("/") for what in ("", "all", "collections", "recentlyAdded", "newest")),
        *(f"/library/sections/99/{what}" for what in ("unwatched", "search?query=a", "genre", "onDeck")),
        "/library/sections/movies",
        "/library/sections/1/flavour",
        "/library/metadata/999999",
        *(f"/library/metadata/999999/{what}" for what in ("children", "allLeaves", "similar", "thumb")),
        "/library/metadata/one/thumb",
        "/hubs/sections/99",
        "/playlists/999999",
        "/playlists/999999/items",
        "/:/scrobble?key=999999",
        "/:/unscrobble?key=999999",
        "/:/rate?key=999999&rating=5",
        "/:/timeline?ratingKey=999999&time=1000",
    ],
)
def test_what_is_not_there_is_404(ask: Ask, path: str) -> None:
    assert ask(path) == 404


def test_a_picture_of_a_kind_that_there_is_none_of_is_404(ask: Ask, plex: StandIn) -> None:
    key = plex.library.find("Spring", "movie").rating_key
    assert (ask(f"/library/metadata/{key}/thumb"), ask(f"/library/metadata/{key}/poster")) == (200, 404)


@pytest.mark.parametrize(
    "path",
    [
        *(f"/library/sections/1/{what}?type=4&query=a" for what in ("all", "recentlyAdded", "search", "genre")),
        "/library/sections/1/search?type=1",
        "/library/sections/1/all?flavour=sweet",
        "/library/all?type=77",
        "/:/rate?key=KEY&rating=good",
        "/:/rate?key=KEY&rating=11",
        "/:/timeline?ratingKey=KEY&time=soon",
    ],
)
def test_what_makes_no_sense_is_400(ask: Ask, plex: StandIn, path: str) -> None:
    assert ask(path.replace("KEY", str(plex.library.find("Spring", "movie").rating_key))) == 400


@pytest.mark.parametrize("path", ["/devices", "/:/prefs"])
def test_what_is_the_owners_is_403_for_a_guest(ask: Ask, plex: StandIn, path: str) -> None:
    assert (ask(path), ask(path, token=plex.guest_token)) == (200, 403)


@pytest.mark.parametrize(
    "what", ["resources", "player/playback/play", "player/navigation/home", "player/timeline/poll"]
)
def test_a_player_that_is_not_there_takes_nothing(ask: Ask, what: str) -> None:
    assert ask(f"/{what}", target="nobody") == 404


def test_a_player_that_refuses_does_so_whatever_it_is_told(ask: Ask) -> None:
    asked = ("player/playback/play", "player/navigation/home", "player/timeline/poll")
    assert [ask(f"/{what}", target="roku-bedroom") for what in asked] == [403, 403, 403]
    assert ask("/player/navigation/home", target="androidtv-living-room") == 200


def test_a_player_cannot_play_what_there_is_nothing_of(ask: Ask) -> None:
    play = "/player/playback/playMedia?key=/library/metadata/999999&containerKey="
    assert ask(play, target="androidtv-living-room") == 400


def test_the_control_api_knows_its_own_words_only(ask: Ask) -> None:
    assert ask("/standin/flavours") == 404

"""Starting something: the right episode, resumed where it was left, on the player that was named."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from plex_mcp.errors import InvalidArgument, NotControllable, NotFound
from plex_mcp.plex import commands, selection, starts
from tests.tools.household import BEDROOM, DEN, LIVING_ROOM, STUDY, Household, household


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(commands, "PAUSES_S", (0.0, 0.0))


@pytest.fixture
def home() -> Iterator[Household]:
    with household() as running:
        running.silence()
        yield running


def play(home: Household, title: str, kind: str, **arguments: object) -> dict[str, object]:
    return home.control("play", client="Living Room TV", media_id=home.media_id(title, kind), **arguments)


def now_playing(home: Household, client_id: str = LIVING_ROOM) -> tuple[str, int]:
    """Title and position in seconds, from the stand-in."""
    session = home.session(client_id)
    return session.item.title, session.offset_ms(home.plex.clock()) // 1000


def test_a_film_begins_at_its_start(home: Household) -> None:
    answer = play(home, "Nosferatu", "movie")
    assert now_playing(home) == ("Nosferatu", 0)
    assert answer["confirmed"] is True
    assert answer["sent"].startswith('play "Nosferatu" (1922, media_id ')
    assert answer["item"]["media_id"] == answer["session"]["item"]["media_id"] == home.media_id("Nosferatu", "movie")
    assert "note" not in answer
    assert home.requests == 7, "players, sessions, the item, queue, token, command, sessions again"


def test_a_film_begun_before_is_resumed(home: Household) -> None:
    film = home.plex.library.find("Charade", "movie")
    answer = play(home, "Charade", "movie")
    assert now_playing(home) == ("Charade", int(film.duration_ms * 0.42) // 1000)
    assert f"from {int(film.duration_ms * 0.42) // 1000} s" in answer["sent"]


def test_position_begins_there_and_zero_is_the_start(home: Household) -> None:
    play(home, "Charade", "movie", position=600)
    assert now_playing(home) == ("Charade", 600)
    play(home, "Charade", "movie", position=0)
    assert now_playing(home) == ("Charade", 0)


def test_a_position_beyond_the_end_is_cut_and_said(home: Household) -> None:
    answer = play(home, "Nosferatu", "movie", position=86_400, dry_run=True)
    assert answer["note"].startswith("position is beyond the end: it was cut to 5640 s.")
    assert home.sent() == []


def test_a_show_plays_its_next_unwatched_episode_resumed(home: Household) -> None:
    answer = play(home, "The Lighthouse Keepers", "show")
    title, position_s = now_playing(home)
    assert title == "Nora's Log"
    assert position_s == int(home.session(LIVING_ROOM).item.duration_ms * 0.35) // 1000
    assert (answer["item"]["season"], answer["item"]["episode"]) == (2, 5)
    assert answer["confirmed"] is True
    assert home.requests == 7, "as a film: Plex names the next episode with the show"


def test_a_show_never_begun_starts_with_its_first_episode_and_not_a_special(home: Household) -> None:
    show = home.plex.library.find("The Lighthouse Keepers", "show")
    home.plex.views.unscrobble(1, show)
    play(home, "The Lighthouse Keepers", "show")
    assert now_playing(home) == ("Landfall", 0)


def test_the_rest_of_the_show_follows_an_episode(home: Household) -> None:
    play(home, "Orbital Gardeners", "show")
    assert now_playing(home)[0] == "The Long Day"
    home.control("next", client="tv")
    assert now_playing(home)[0] == "Grafting"


@pytest.mark.parametrize(("choice", "title"), [("latest", "Wreckers"), ("first", "Landfall"), ("next", "Nora's Log")])
def test_an_episode_can_be_chosen(home: Household, choice: str, title: str) -> None:
    answer = play(home, "The Lighthouse Keepers", "show", episode=choice)
    assert now_playing(home)[0] == title
    assert answer["item"]["title"] == title
    assert home.requests == (7 if choice == "next" else 8), "one page of episodes more where Plex does not name it"


def test_a_random_episode_is_one_of_the_show(home: Household, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = iter([3, 7])
    monkeypatch.setattr(selection.secrets, "randbelow", lambda total: next(drawn) % total)
    play(home, "Café Kilometre", "show", episode="random")
    assert now_playing(home)[0] == "The Toll"
    play(home, "Café Kilometre", "show", episode="random")
    assert now_playing(home)[0] == "Crème"


def test_a_season_plays_its_own_next_episode_and_its_own_latest(home: Household) -> None:
    season = home.plex.library.find("The Lighthouse Keepers", "show").children[1]
    assert season.index == 1
    for choice, title in (("latest", "The Inspector Calls"), ("first", "Landfall")):
        home.control("play", client="tv", media_id=str(season.rating_key), episode=choice)
        assert now_playing(home)[0] == title
    third = home.plex.library.find("The Lighthouse Keepers", "show").children[3]
    home.control("play", client="tv", media_id=str(third.rating_key))
    assert now_playing(home)[0] == "The New Keeper"


def test_a_show_that_is_watched_through_asks_instead_of_guessing(home: Household) -> None:
    show = home.plex.library.find("Pip & Moss", "show")
    home.plex.views.scrobble(1, show, int(home.plex.clock()))
    error = home.refuses(NotFound, "play", client="tv", media_id=str(show.rating_key))
    assert error.message == 'All 8 episodes of "Pip & Moss" are watched: there is no next one.'
    assert 'episode="first"' in error.suggestion
    assert home.sent() == []
    home.control("play", client="tv", media_id=str(show.rating_key), episode="first")
    assert now_playing(home)[0] == "Rain"


def test_what_plex_has_on_deck_is_taken_at_its_word(home: Household, monkeypatch: pytest.MonkeyPatch) -> None:
    from xml.etree.ElementTree import fromstring

    show = home.plex.library.find("Café Kilometre", "show")
    chosen = show.children[1].children[2]
    on_deck = f"""<MediaContainer><Directory type="show" title="x" ratingKey="{show.rating_key}" leafCount="10"
        viewedLeafCount="2"><OnDeck><Video type="episode" title="Crème" ratingKey="{chosen.rating_key}"
        viewOffset="61000" duration="1443000" parentIndex="2" index="3"/></OnDeck></Directory></MediaContainer>"""
    asked = home.client.query

    def query(path: str, **more: object) -> object:
        return fromstring(on_deck) if path == f"/library/metadata/{show.rating_key}" else asked(path, **more)

    monkeypatch.setattr(home.client, "query", query)
    play(home, "Café Kilometre", "show")
    assert now_playing(home) == ("Crème", 61)


@pytest.mark.parametrize(
    ("views", "title"), [("kept", "Nora's Log"), ("none", "Landfall"), ("specials left", "Making Light")]
)
def test_a_show_that_plex_has_nothing_on_deck_for_is_looked_through(home: Household, views: str, title: str) -> None:
    show = home.plex.library.find("The Lighthouse Keepers", "show")
    if views == "none":
        home.plex.views.unscrobble(1, show)
    if views == "specials left":
        for season in show.children[1:]:
            home.plex.views.scrobble(1, season, int(home.plex.clock()))
    asked = home.client.query

    def query(path: str, **more: object) -> Any:
        answer = asked(path, **more)
        for found in answer.findall("Directory"):
            for on_deck in found.findall("OnDeck"):
                found.remove(on_deck)
        return answer

    home.client.query = query
    play(home, "The Lighthouse Keepers", "show")
    assert now_playing(home)[0] == title
    assert home.requests == 8


def test_what_played_before_is_named_in_the_answer(home: Household) -> None:
    home.start(LIVING_ROOM, "Charade")
    answer = play(home, "Nosferatu", "movie")
    assert ', in place of "Charade" (1963, media_id ' in answer["sent"]
    assert now_playing(home)[0] == "Nosferatu"


def test_dry_run_names_item_place_and_player_and_makes_no_queue(home: Household) -> None:
    queues = set(home.plex.home.queues.by_id)
    answer = play(home, "The Lighthouse Keepers", "show", dry_run=True)
    assert answer["would_send"].startswith('play "Nora\'s Log" (The Lighthouse Keepers S2E5, media_id ')
    assert answer["would_send"].endswith(" on Living Room TV")
    assert answer["item"]["media_id"] == str(home.plex.library.find("Nora's Log", "episode").rating_key)
    assert home.sent() == []
    assert home.plex.sessions == []
    assert set(home.plex.home.queues.by_id) == queues


def test_the_player_is_told_where_plex_is_and_gets_a_token_of_its_own(home: Household) -> None:
    play(home, "Nosferatu", "movie")
    command = parse_qs(urlsplit(next(path for path in home.sent() if "playMedia" in path)).query)
    assert (command["address"], command["port"], command["protocol"]) == (
        ["127.0.0.1"], [str(home.plex.port)], ["http"],
    )  # fmt: skip
    assert command["machineIdentifier"] == [home.plex.machine_identifier]
    assert command["token"] != [home.plex.token]


def test_playback_that_does_not_start_blames_a_loopback_address(
    home: Household, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(home.plex.playback, "command", lambda *_: True)
    answer = play(home, "Nosferatu", "movie")
    assert (answer["confirmed"], answer["state"]) == (False, "stopped")
    assert "nothing plays on Living Room TV" in answer["note"]
    assert "The player is told to fetch from 127.0.0.1, as in PLEX_SERVER_URL" in answer["note"]
    assert home.replaces[0].answer is None


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("http://localhost:32400", "there it finds only itself"),
        ("http://[::1]:32400", "there it finds only itself"),
        ("http://plex:32400", "a name inside a container network"),
        ("http://192.0.2.5:32400", None),
        ("https://192-0-2-5.abc.plex.direct:32400", None),
        ("http://[2001:db8::5]:32400", None),
    ],
)
def test_addresses_that_players_cannot_reach_are_known(url: str, said: str | None) -> None:
    found = starts.unreachable_address(url)
    assert found is None if said is None else said in found


def test_an_unknown_item_is_not_found_and_nothing_is_sent(home: Household) -> None:
    error = home.refuses(NotFound, "play", client="tv", media_id="999999")
    assert error.message == "Plex has no item 999999."
    assert home.sent() == []


@pytest.mark.parametrize(
    ("title", "kind", "arguments", "said"),
    [
        ("Nosferatu", "movie", {"episode": "next"}, "episode goes with a show or a season"),
        ("Nosferatu", "movie", {"shuffle": True}, "shuffle goes with a show, season, album"),
        ("Slow Weather", "album", {"episode": "latest"}, "episode goes with a show or a season"),
        ("Slow Weather", "album", {"position": 10}, "position goes with one film, episode or track"),
        ("Blender Open Films", "collection", {"position": 10}, "position goes with one film, episode or track"),
    ],
)
def test_choices_that_do_not_go_with_the_item_are_refused(
    home: Household, title: str, kind: str, arguments: dict[str, object], said: str
) -> None:
    error = home.refuses(InvalidArgument, "play", client="tv", media_id=home.media_id(title, kind), **arguments)
    assert error.message.startswith(said)
    assert home.sent() == []


def test_an_empty_playlist_is_nothing_to_play(home: Household) -> None:
    empty = home.plex.library.playlist("Nothing Yet", "video", [])
    error = home.refuses(NotFound, "play", client="tv", media_id=str(empty.rating_key))
    assert '"Nothing Yet"' in error.message
    assert home.sent() == []


def test_without_a_client_the_only_controllable_player_is_taken(home: Household) -> None:
    for client_id in (DEN, STUDY, BEDROOM):
        home.player(client_id).advertised = False
    answer = home.control("play", media_id=home.media_id("Nosferatu", "movie"))
    assert answer["client_id"] == LIVING_ROOM
    assert now_playing(home)[0] == "Nosferatu"


def test_without_any_player_the_error_says_what_to_do(home: Household) -> None:
    for player in home.plex.players.values():
        player.advertised = False
    error = home.refuses(NotControllable, "play", media_id=home.media_id("Nosferatu", "movie"))
    assert error.message.startswith("There is no player to play on.")
    assert "Advertise as player" in error.suggestion

"""What each user has seen: on deck, continue watching, history, marking, ratings."""

import pytest
import requests
from plexapi.exceptions import BadRequest, NotFound
from plexapi.server import PlexServer

from plex_mcp.standin import Clock, StandIn


def titles(items: list) -> list[str]:
    return [item.title for item in items]


def test_on_deck_is_what_was_begun_and_the_next_of_what_is_followed(server: PlexServer) -> None:
    assert titles(server.library.onDeck()) == ["Nora's Log", "Charade", "Metropolis", "The Long Day"]
    assert titles(server.library.section("TV Shows").onDeck()) == ["Nora's Log", "The Long Day"]
    assert titles(server.continueWatching()) == titles(server.library.onDeck())


def test_on_deck_differs_by_token(plex: StandIn, session: requests.Session, server: PlexServer) -> None:
    mila = PlexServer(plex.url, plex.managed_token, session=session)
    found = mila.fetchItems("/library/onDeck")
    assert titles(found) == ["A Leaf", "Big Buck Bunny"]
    assert (
        found[1].viewOffset
        == plex.views.of(plex.users[1].account_id, plex.library.find("Big Buck Bunny")).view_offset_ms
    )


def test_a_show_not_watched_for_sixteen_weeks_leaves_the_deck(server: PlexServer, clock: Clock) -> None:
    clock.advance(17 * 7 * 86_400)
    assert server.library.onDeck() == []


def test_watching_an_episode_moves_the_show_on(server: PlexServer, plex: StandIn) -> None:
    episode = server.library.onDeck()[0]
    episode.markPlayed()
    assert server.library.onDeck()[0].title == "Eclipse"
    plex.views.unscrobble(1, plex.library.items[episode.ratingKey])
    assert server.fetchItem(episode.ratingKey).viewCount == 0


def test_marking_a_show_marks_every_episode_for_this_user_only(server: PlexServer, plex: StandIn) -> None:
    show = server.library.section("TV Shows").get("Café Kilometre")
    show.markPlayed()
    assert (show.reload().viewedLeafCount, show.leafCount) == (10, 10)
    assert plex.views.leaf_counts(plex.users[1].account_id, plex.library.items[show.ratingKey]) == (10, 0)
    show.markUnplayed()
    assert show.reload().viewedLeafCount == 0


def test_unknown_items_cannot_be_marked(server: PlexServer) -> None:
    with pytest.raises(NotFound):
        server.query("/:/scrobble?key=99999&identifier=com.plexapp.plugins.library")


def test_a_rating_is_kept_filtered_by_and_taken_away(server: PlexServer, plex: StandIn) -> None:
    film = server.library.section("Movies").get("Spring")
    film.rate(8.0)
    assert server.fetchItem(film.ratingKey).userRating == 8.0
    found = server.library.section("Movies").search(**{"userRating>>": 7})
    assert {item.title for item in found} == {"Spring", "The General"}
    film.rate(None)
    assert plex.views.of(1, plex.library.find("Spring", "movie")).user_rating is None
    with pytest.raises(BadRequest):
        server.query(f"/:/rate?key={film.ratingKey}&rating=11&identifier=x", method=server._session.put)


def test_a_timeline_report_is_remembered_and_near_the_end_counts_as_seen(server: PlexServer, plex: StandIn) -> None:
    film = server.library.section("Movies").get("Charade")
    film.updateTimeline(1_200_000, state="stopped", duration=film.duration)
    assert server.fetchItem(film.ratingKey).viewOffset == 1_200_000
    film.updateTimeline(int(film.duration * 0.95), state="stopped", duration=film.duration)
    again = server.fetchItem(film.ratingKey)
    assert (again.viewOffset, again.viewCount) == (0, 1)


def test_history_is_newest_first_and_tells_who(server: PlexServer, plex: StandIn) -> None:
    found = server.history()
    assert len(found) == len(plex.views.history)
    assert [h.viewedAt for h in found] == sorted((h.viewedAt for h in found), reverse=True)
    assert {h.accountID for h in found} == {u.account_id for u in plex.users}


def test_history_narrows_by_user_library_item_and_date(server: PlexServer, plex: StandIn) -> None:
    mila = plex.users[1].account_id
    assert titles(server.history(accountID=mila)) == ["Moss Says Nothing", "The Other Side of the Path", "Rain"]
    assert {h.type for h in server.history(librarySectionID=1)} == {"movie"}
    charade = plex.library.find("Charade", "movie").rating_key
    assert [h.accountID for h in server.history(ratingKey=charade)] == [plex.users[2].account_id]
    show = plex.library.find("Orbital Gardeners", "show").rating_key
    assert len(server.history(ratingKey=show)) == 3
    since = plex.library.now_s - 86_400
    recent = server.query(f"/status/sessions/history/all?viewedAt%3E={since}&sort=viewedAt%3Adesc")
    assert len(recent) == sum(1 for entry in plex.views.history if entry.viewed_at > since) > 0


def test_a_history_page_is_a_page(server: PlexServer) -> None:
    assert len(server.history(maxresults=3)) == 3


def test_accounts_and_devices_name_those_in_the_history(server: PlexServer, plex: StandIn) -> None:
    assert {a.accountID: a.name for a in server.systemAccounts()} == {
        0: "",
        1: "Robin",
        plex.users[1].account_id: "Mila",
        plex.users[2].account_id: "Jonas",
    }
    assert len(server.systemDevices()) == len(plex.players)


def test_playlists_belong_to_their_owner(server: PlexServer, plex: StandIn, session: requests.Session) -> None:
    assert titles(server.playlists()) == ["Fresh Tracks", "Rainy Sunday"]
    assert titles(server.playlist("Rainy Sunday").items()) == ["Charade", "Sherlock Jr.", "Spring", "The General"]
    assert titles(server.playlists(playlistType="audio")) == ["Fresh Tracks"]
    mila = PlexServer(plex.url, plex.managed_token, session=session)
    assert titles(mila.playlists()) == ["Bedtime"]


def test_collections_hold_their_films(server: PlexServer) -> None:
    found = server.library.section("Movies").collections()
    assert titles(found) == ["Blender Open Films", "Midnight Horror"]
    assert found[1].childCount == len(found[1].items()) == 6
    assert server.fetchItem(found[1].ratingKey).type == "collection"

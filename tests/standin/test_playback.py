"""Sessions, the players that can and cannot be commanded, and the effect of every command."""

import pytest
import requests
from plexapi.client import PlexClient
from plexapi.exceptions import BadRequest, NotFound, Unauthorized
from plexapi.server import PlexServer
from requests.exceptions import ReadTimeout

from plex_mcp.standin import Clock, StandIn
from plex_mcp.standin.playback import Session

TV, HTPC, PLEXAMP, ROKU = "androidtv-living-room", "htpc-den", "plexamp-study", "roku-bedroom"
TO_TV = {"X-Plex-Target-Client-Identifier": TV}
WEB, IPHONE = "web-kitchen-laptop", "iphone-away"


def player(server: PlexServer, identifier: str) -> PlexClient:
    found = next(c for c in server.clients() if c.machineIdentifier == identifier)
    found.proxyThroughServer()
    return found


def on(plex: StandIn, identifier: str) -> Session:
    return next(s for s in plex.sessions if s.player.machine_identifier == identifier)


def send(plex: StandIn, http: requests.Session, command: str, target: str, timeout: float = 5) -> requests.Response:
    return http.get(
        f"{plex.url}/player/playback/{command}",
        timeout=timeout,
        headers={"X-Plex-Token": plex.token, "X-Plex-Target-Client-Identifier": target},
    )


def test_two_people_are_watching_at_start(server: PlexServer) -> None:
    film, episode = server.sessions()
    assert (film.player.state, film.usernames, film.transcodeSession) == ("playing", ["Robin"], None)
    assert (film.media[0].parts[0].decision, film.session.location) == ("directplay", "lan")
    assert (episode.player.state, episode.usernames) == ("paused", ["Jonas"])
    assert episode.transcodeSession.videoDecision == "transcode"
    assert len(server.query("/transcode/sessions")) == 1


def test_a_playing_session_moves_with_the_clock_and_a_paused_one_does_not(server: PlexServer, clock: Clock) -> None:
    before = [s.viewOffset for s in server.sessions()]
    clock.advance(60)
    assert [s.viewOffset for s in server.sessions()] == [before[0] + 60_000, before[1]]


def test_only_players_that_advertise_themselves_are_clients(server: PlexServer, plex: StandIn) -> None:
    found = {c.machineIdentifier for c in server.clients()}
    assert found == {TV, HTPC, PLEXAMP, ROKU}
    assert set(plex.players) - found == {WEB, IPHONE}
    assert not plex.players[IPHONE].local


def test_pause_and_play_change_the_state_and_stop_the_clock(server: PlexServer, plex: StandIn, clock: Clock) -> None:
    tv = player(server, TV)
    tv.pause(mtype="video")
    at = server.sessions()[0].viewOffset
    clock.advance(30)
    assert (server.sessions()[0].player.state, server.sessions()[0].viewOffset) == ("paused", at)
    tv.play(mtype="video")
    clock.advance(5)
    assert (server.sessions()[0].player.state, server.sessions()[0].viewOffset) == ("playing", at + 5_000)


@pytest.mark.parametrize(("asked", "reached"), [(600_000, 600_000), (10**9, 5_760_000), (0, 0)])
def test_seeking_stays_inside_the_film(server: PlexServer, plex: StandIn, asked: int, reached: int) -> None:
    tv = player(server, TV)
    tv.pause(mtype="video")
    tv.seekTo(asked, mtype="video")
    assert on(plex, TV).offset_ms(plex.clock()) == reached


def test_steps_are_thirty_forward_and_ten_back(server: PlexServer, plex: StandIn) -> None:
    tv = player(server, TV)
    at = on(plex, TV).offset_ms(plex.clock())
    tv.stepForward(mtype="video")
    tv.stepBack(mtype="video")
    assert on(plex, TV).offset_ms(plex.clock()) == at + 20_000
    tv.seekTo(4_000, mtype="video")
    tv.stepBack(mtype="video")
    assert on(plex, TV).offset_ms(plex.clock()) == 0


def test_stop_ends_the_session_and_keeps_the_place(server: PlexServer, plex: StandIn) -> None:
    item = on(plex, TV).item
    player(server, TV).stop(mtype="video")
    assert [s.player.machineIdentifier for s in server.sessions()] == [WEB]
    assert plex.views.of(1, item).view_offset_ms == 1_320_000


def test_an_episode_played_brings_its_queue_and_skipping_goes_through_it(server: PlexServer, plex: StandIn) -> None:
    show = plex.library.find("Pip & Moss", "show")
    first = next(show.leaves())
    tv = player(server, TV)
    queue = server.createPlayQueue(server.fetchItem(first.rating_key), continuous=True)
    tv.playMedia(queue, offset=5_000)
    assert (on(plex, TV).item, on(plex, TV).offset_ms(plex.clock())) == (first, 5_000)
    tv.skipNext(mtype="video")
    assert server.sessions()[-1].title == "The Other Side of the Path"
    tv.skipPrevious(mtype="video")
    assert server.sessions()[-1].title == "Rain"


def test_playing_replaces_what_the_player_played(server: PlexServer, plex: StandIn) -> None:
    film = plex.library.find("Spring", "movie")
    player(server, TV).playMedia(server.fetchItem(film.rating_key))
    assert [s.item for s in plex.sessions if s.player.machine_identifier == TV] == [film]


def test_a_show_starts_with_the_first_episode_not_seen(server: PlexServer, plex: StandIn) -> None:
    show = server.library.section("TV Shows").get("Orbital Gardeners")
    queue = server.createPlayQueue(show)
    assert queue.selectedItem.title == "The Long Day"
    assert len(queue.items) == 10


def test_a_queue_can_be_shuffled_and_read_again(server: PlexServer) -> None:
    album = server.library.section("Music").get("The Paper Lanterns").album("Harbour Songs")
    made = server.createPlayQueue(album, shuffle=1)
    assert made.playQueueShuffled
    assert {t.title for t in made} == {t.title for t in album.tracks()}
    again = server.query(f"/playQueues/{made.playQueueID}")
    assert [e.get("title") for e in again] == [t.title for t in made]


def test_a_queue_of_nothing_is_refused(server: PlexServer) -> None:
    with pytest.raises(BadRequest, match="400"):
        server.query(
            "/playQueues?type=video&uri=server://x/com.plexapp.plugins.library/library/metadata/99999",
            method=server._session.post,
        )
    with pytest.raises(NotFound):
        server.query("/playQueues/1")


def test_volume_and_streams_are_set(server: PlexServer, plex: StandIn) -> None:
    tv = player(server, TV)
    film = plex.library.find("Charade", "movie")
    tv.playMedia(server.fetchItem(film.rating_key))
    tv.setParameters(volume=35, mtype="video")
    german, english = film.media[0].stream_ids(2)[1][0], film.media[0].stream_ids(3)[0][0]
    tv.setStreams(audioStreamID=german, subtitleStreamID=english, mtype="video")
    shown = server.sessions()[-1].media[0].parts[0].streams
    assert [(s.streamType, s.id) for s in shown if s.streamType != 1] == [(2, german), (3, english)]
    line = next(t for t in tv.timelines() if t.type == "video")
    assert (line.volume, line.state, line.ratingKey, line.duration) == (35, "playing", film.rating_key, 6_780_000)


def test_the_timeline_of_an_idle_player_is_stopped(server: PlexServer) -> None:
    assert {t.state for t in player(server, PLEXAMP).timelines()} == {"stopped"}


def test_a_photograph_has_no_length_to_seek_in(server: PlexServer, plex: StandIn) -> None:
    queue = plex.home.queues.of_items([plex.library.find("Stile", "photo")])
    plex.playback.start(plex.players[TV], plex.users[0], queue)
    line = next(t for t in server.query("/player/timeline/poll", headers=TO_TV) if t.get("type") == "photo")
    assert (line.get("state"), line.get("duration"), line.get("seekRange")) == ("playing", None, None)


def test_a_finished_item_is_history_and_the_next_one_plays(server: PlexServer, plex: StandIn, clock: Clock) -> None:
    album = plex.library.find("Jökull", "album")
    player(server, PLEXAMP).playMedia(server.fetchItem(album.rating_key))
    first, second = list(album.leaves())[:2]
    clock.advance((first.duration_ms or 0) / 1000 + 2)
    now = on(plex, PLEXAMP)
    assert (now.item, now.offset_ms(plex.clock())) == (second, 2_000)
    assert plex.views.of(1, first).view_count == 1
    clock.advance(86_400)
    assert PLEXAMP not in [s.player.machine_identifier for s in plex.sessions]


def test_the_htpc_obeys_but_never_answers(plex: StandIn, session: requests.Session) -> None:
    queue = plex.home.queues.of_items([plex.library.find("Spring", "movie")])
    plex.playback.start(plex.players[HTPC], plex.users[0], queue)
    with pytest.raises(ReadTimeout):
        send(plex, session, "pause?commandID=1&type=video", HTPC, timeout=0.3)
    assert on(plex, HTPC).state == "paused"


def test_plexamp_obeys_and_answers_ok_instead_of_xml(plex: StandIn, session: requests.Session) -> None:
    queue = plex.home.queues.of_items([plex.library.find("Isobar", "track")])
    plex.playback.start(plex.players[PLEXAMP], plex.users[0], queue)
    answer = send(plex, session, "pause?commandID=1&type=music", PLEXAMP)
    assert (answer.status_code, answer.text) == (200, "OK")
    assert on(plex, PLEXAMP).state == "paused"


def test_an_obedient_player_answers_with_xml(plex: StandIn, session: requests.Session) -> None:
    answer = send(plex, session, "pause?commandID=1&type=video", TV)
    assert '<Response code="200" status="OK" />' in answer.text
    assert answer.headers["X-Plex-Client-Identifier"] == TV


def test_the_roku_refuses_and_nothing_happens(plex: StandIn, session: requests.Session) -> None:
    queue = plex.home.queues.of_items([plex.library.find("Spring", "movie")])
    plex.playback.start(plex.players[ROKU], plex.users[0], queue)
    assert send(plex, session, "pause?commandID=1&type=video", ROKU).status_code == 403
    assert on(plex, ROKU).state == "playing"


@pytest.mark.parametrize("target", [WEB, IPHONE, "nobody"])
@pytest.mark.parametrize(("version", "status"), [("1.41.3.9314-a0", 404), ("1.29.0.6244-81", 500)])
def test_a_player_that_is_no_client_is_unknown(
    session: requests.Session, target: str, version: str, status: int
) -> None:
    with StandIn(version=version) as plex:
        answer = send(plex, session, "pause?commandID=1&type=video", target)
        assert answer.status_code == status
        assert ("Unable to find player" in answer.text) == (status == 500)
        assert [s.state for s in plex.sessions] == ["playing", "paused"]


def test_a_command_to_an_idle_player_is_refused(plex: StandIn, session: requests.Session) -> None:
    assert send(plex, session, "pause?commandID=1&type=video", PLEXAMP).status_code == 400
    assert send(plex, session, "dance?commandID=1&type=video", TV).status_code == 400


def test_terminating_stops_any_session_with_a_reason(server: PlexServer, plex: StandIn) -> None:
    film, episode = server.sessions()
    episode.stop(reason="bedtime")
    assert [s.title for s in server.sessions()] == [film.title]
    assert plex.playback.terminated == [(episode.session.id, "bedtime")]


def test_terminating_says_what_is_wrong(server: PlexServer, plex: StandIn, session: requests.Session) -> None:
    def status(path: str, token: str, of: StandIn) -> int:
        return session.get(of.url + path, headers={"X-Plex-Token": token}, timeout=5).status_code

    path = "/status/sessions/terminate?sessionId=none&reason=x"
    assert status(path, plex.token, plex) == 404
    assert status("/status/sessions/terminate?reason=x", plex.token, plex) == 403
    assert status(path, plex.guest_token, plex) == 403
    with StandIn(plex_pass=False) as poor:
        assert status(path, poor.token, poor) == 401


@pytest.mark.parametrize(("version", "status"), [("1.41.3.9314-a0", 401), ("1.41.7.9823-59", 403)])
def test_sessions_and_history_are_the_owners_business(session: requests.Session, version: str, status: int) -> None:
    with StandIn(version=version) as plex:
        for path in ("/status/sessions", "/status/sessions/history/all"):
            for token in (plex.guest_token, plex.managed_token):
                answer = session.get(plex.url + path, headers={"X-Plex-Token": token}, timeout=5)
                assert answer.status_code == status


def test_the_library_root_is_401_for_a_guest_and_plexapi_copes(plex: StandIn, session: requests.Session) -> None:
    guest = PlexServer(plex.url, plex.guest_token, session=session)
    with pytest.raises(Unauthorized):
        guest.query("/library")
    assert len(guest.library.sections()) == 2


def test_a_queue_goes_to_the_item_that_is_named_and_begins_again_when_it_repeats(
    server: PlexServer, plex: StandIn
) -> None:
    show = plex.library.find("Pip & Moss", "show")
    first, second, *_ = show.leaves()
    tv = player(server, TV)
    tv.playMedia(server.createPlayQueue(server.fetchItem(first.rating_key), continuous=True))
    tv.skipTo(f"/library/metadata/{second.rating_key}", mtype="video")
    assert on(plex, TV).item is second
    tv.skipTo("/library/metadata/999999", mtype="video")
    assert on(plex, TV).item is second, "one that is not in it changes nothing"
    tv.setParameters(repeat=2, shuffle=1, mtype="video")
    queue = on(plex, TV).queue
    assert (queue.repeat, queue.shuffled) == (2, True)
    for _ in range(len(queue.items) - 1):
        tv.skipNext(mtype="video")
    assert on(plex, TV).item is first

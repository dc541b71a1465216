"""Ten threads record to one cassette and play from one, and nothing is lost, live or confused.

With vcrpy's own patching, the same mix lost 242 interactions in ten rounds, made 134 live requests in replay, and
every replay had wrong pages (plex-wire section 7).
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import requests
from vcr.cassette import Cassette
from vcr.matchers import host, method, path, query

from plex_mcp.calls.pool import WorkerPool
from plex_mcp.plex.session import build_session
from plex_mcp.settings import Settings
from plex_mcp.standin import StandIn
from tests.recording import tape
from tests.recording.adapter import CassetteAdapter, NotRecorded, mount
from tests.recording.call import environment
from tests.recording.scrub import Scrubber
from tests.recording.sockets import NetworkBlocked, blocked

THREADS, OPERATIONS, ROUNDS, PAGES, PAGE_SIZE = 10, 30, 20, 14, 3
Operation = Callable[[Any], Any]


@pytest.fixture(scope="module")
def plex() -> Iterator[StandIn]:
    # A clock that stands still: what plays does not move between two readings of the truth.
    with StandIn(library="small", clock=lambda: 1_770_000_000.0) as running:
        yield running


def connected(base_url: str, token: str, cassette: Cassette | None) -> tuple[Any, list[CassetteAdapter]]:
    from plexapi.server import PlexServer

    session = build_session(Settings.from_env(environment(base_url, token, {})))
    adapters = mount(session, cassette) if cassette is not None else []
    return PlexServer(base_url, token, session=session), adapters


def listed(address: str, **headers: str) -> Operation:
    """What a list holds: every attribute of its entries, so that another page, player or user is seen."""
    sent = {name.replace("_", "-"): value for name, value in headers.items()}

    def ask(server: Any) -> list[tuple[str, dict[str, str]]]:
        root = server.query(address, headers=sent)
        return [(child.tag, dict(child.attrib)) for child in root]

    return ask


def operations(plex: StandIn, *, guest_token: str, players: tuple[str, str]) -> list[Operation]:
    """30 mixed ones; the pages differ in nothing but a header, and so do the players and the users."""
    pages = [
        listed("/library/all?type=4", X_Plex_Container_Start=str(PAGE_SIZE * n), X_Plex_Container_Size=str(PAGE_SIZE))
        for n in range(PAGES)
    ]
    keys = [item.rating_key for item in plex.library.of_kind("movie")[:5]]
    mixed = [
        *(listed(f"/library/metadata/{key}") for key in keys),
        listed("/hubs/search?query=the&limit=5"),
        listed("/hubs/search?query=moss&limit=5"),
        listed("/library/sections"),
        listed("/library/sections/1/genre"),
        listed("/library/recentlyAdded"),
        listed("/library/onDeck"),
        listed("/library/onDeck", X_Plex_Token=guest_token),
        listed("/accounts"),
        listed("/clients"),
        # One address, two players.
        *(listed("/player/timeline/poll?wait=0", X_Plex_Target_Client_Identifier=player) for player in players),
    ]
    both = pages + mixed
    assert len(both) == OPERATIONS
    # Interleaved, so that neighbours in time differ in kind.
    return both[::2] + both[1::2]


def at_once(server: Any, todo: list[Operation]) -> list[Any]:
    """Every operation, in the ten workers, which begin together."""
    gate = threading.Barrier(THREADS)

    def begin() -> None:
        gate.wait(timeout=5)

    pool = WorkerPool(THREADS)
    try:
        begun = [pool.submit(begin) for _ in range(THREADS)]
        answers = [pool.submit(partial(outcome, operation, server)) for operation in todo]
        for one in begun:
            one.result(timeout=30)
        return [answer.result(timeout=30) for answer in answers]
    finally:
        pool.close()


def outcome(operation: Operation, server: Any) -> Any:
    try:
        return operation(server)
    except (NotRecorded, NetworkBlocked) as error:
        return error


@pytest.fixture(scope="module")
def todo(plex: StandIn) -> list[Operation]:
    advertised = [p.machine_identifier for p in plex.players.values() if p.advertised and p.behaviour == "obeys"]
    others = [p.machine_identifier for p in plex.players.values() if p.advertised and p.behaviour == "plain_ok"]
    return operations(plex, guest_token=plex.guest_token, players=(advertised[0], others[0]))


@pytest.fixture(scope="module")
def truth(plex: StandIn, todo: list[Operation]) -> list[Any]:
    server, _ = connected(plex.url, plex.token, None)
    return [operation(server) for operation in todo]


def test_ten_threads_record_and_replay_twenty_rounds_without_a_loss(
    plex: StandIn, todo: list[Operation], truth: list[Any], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lost = live = wrong = refused = unplayed = sent = 0
    for number in range(ROUNDS):
        before = plex.counters.requests
        recording = tape.blank()
        server, _ = connected(plex.url, plex.token, recording)
        wrong += sum(got != right for got, right in zip(at_once(server, todo), truth, strict=True))
        asked = plex.counters.requests - before
        lost += asked - len(recording)
        sent += asked

        # Scrubbing renames people and players: a plain copy keeps the answers comparable.
        file = tmp_path / f"{number}.yaml"
        tape.write(file, recording.data, {"recorded_from": "standin"})
        playing = tape.load(file)
        before = plex.counters.requests
        with blocked() as attempts:
            server, adapters = connected(plex.url, plex.token, playing)
            wrong += sum(got != right for got, right in zip(at_once(server, todo), truth, strict=True))
        live += plex.counters.requests - before + len(attempts)
        refused += sum(len(adapter.refused) for adapter in adapters)
        unplayed += len(playing) - playing.play_count
    with capsys.disabled():
        sys.stdout.write(
            f"\n{ROUNDS} rounds of {OPERATIONS} operations on {THREADS} threads: {sent} requests recorded, "
            f"{lost} lost, {live} live in replay, {wrong} wrong answers, {refused} refused, {unplayed} unplayed\n"
        )
    assert (lost, live, wrong, refused, unplayed) == (0, 0, 0, 0, 0)
    assert sent >= ROUNDS * OPERATIONS


def test_without_the_header_matcher_the_same_replay_has_wrong_pages(
    plex: StandIn, todo: list[Operation], truth: list[Any], tmp_path: Path
) -> None:
    """The control: the proof above can fail. It is vcrpy's default matching, per plex-wire section 7."""
    recording = tape.blank()
    server, _ = connected(plex.url, plex.token, recording)
    # Backwards, so that playing in turn cannot be right by luck.
    for operation in reversed(todo):
        operation(server)
    tape.write(tmp_path / "a.yaml", recording.data, {"recorded_from": "standin"})
    playing = tape.load(tmp_path / "a.yaml")
    playing._match_on = (method, host, path, query)
    server, _ = connected(plex.url, plex.token, playing)
    got = [outcome(operation, server) for operation in todo]
    assert sum(one != right for one, right in zip(got, truth, strict=True)) > PAGES // 2


def test_a_replay_refuses_what_is_not_on_the_cassette(plex: StandIn, tmp_path: Path) -> None:
    recording = tape.blank()
    server, _ = connected(plex.url, plex.token, recording)
    server.query("/library/sections")
    scrubber = Scrubber(plex.url, tape.PLEX_URL, secrets=((plex.token, "token"),))
    tape.save(recording, tmp_path / "a.yaml", scrubber, recorded_from="standin", recorded_at_s=0)
    before = plex.counters.requests
    server, adapters = connected(tape.PLEX_URL, "scrubbed-token-1", tape.load(tmp_path / "a.yaml"))
    server.query("/library/sections")
    with pytest.raises(NotRecorded, match="/library/sections is not, or no longer, on the cassette"):
        server.query("/library/sections")
    with pytest.raises(NotRecorded, match="/accounts"):
        server.query("/accounts")
    assert plex.counters.requests == before
    assert sum(len(adapter.refused) for adapter in adapters) == 2


def test_the_same_page_asked_with_another_users_token_is_not_the_same_request(plex: StandIn, tmp_path: Path) -> None:
    recording = tape.blank()
    server, _ = connected(plex.url, plex.token, recording)
    server.query("/library/onDeck")
    scrubber = Scrubber(plex.url, tape.PLEX_URL, secrets=((plex.token, "token"),))
    tape.save(recording, tmp_path / "a.yaml", scrubber, recorded_from="standin", recorded_at_s=0)
    server, _ = connected(tape.PLEX_URL, "scrubbed-token-1", tape.load(tmp_path / "a.yaml"))
    with pytest.raises(NotRecorded):
        server.query("/library/onDeck", headers={"X-Plex-Token": "scrubbed-token-2"})


def test_nothing_gets_out_while_sockets_are_blocked(plex: StandIn) -> None:
    """Reaches for a server that would answer: only the block can have stopped it."""
    before = plex.counters.requests
    with blocked() as attempts, pytest.raises(NetworkBlocked):
        requests.get(f"{plex.url}/identity", timeout=2)
    assert len(attempts) == 1
    assert requests.get(f"{plex.url}/identity", timeout=2).status_code == 200
    assert plex.counters.requests == before + 1


def test_the_pages_players_and_users_of_the_proof_differ(truth: list[Any]) -> None:
    """Otherwise a confusion of two of them would go unseen."""
    shown = [repr(answer) for answer in truth]
    assert len(set(shown)) == OPERATIONS, sorted(shown)

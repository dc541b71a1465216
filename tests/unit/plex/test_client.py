"""The client: connects late, once, and again with a new token; asks once what many want; survives odd answers."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from plex_mcp.errors import Ambiguous, InvalidArgument, PlexBadAnswer, PlexRefusedToken, PlexTimeout, PlexUnavailable
from plex_mcp.plex import memory as memory_module
from plex_mcp.plex.client import PlexClient
from plex_mcp.plex.memory import REMEMBERED_S
from plex_mcp.plex.session import CallScope, build_session, call_scope
from plex_mcp.settings import Settings
from plex_mcp.standin import StandIn


@pytest.fixture
def plex() -> Iterator[StandIn]:
    with StandIn() as running:
        yield running


def settings_for(url: str, **environ: str) -> Settings:
    return Settings.from_env(
        {
            "PLEX_SERVER_URL": url,
            "REDIS_URL": "redis://127.0.0.1:1/0",
            "AUTH_TOKEN": "a-test-token-of-good-length",
            **environ,
        }
    )


def client_for(plex: StandIn, **options: object) -> PlexClient:
    settings = settings_for(plex.url, PLEX_TOKEN=plex.token)
    return PlexClient(settings, build_session(settings), **options)  # type: ignore[arg-type]


class Ticking:
    """A clock that stands until it is moved."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def asked(plex: StandIn, path: str) -> int:
    return sum(entry.split("?")[0] == path for entry in plex.counters.paths)


def test_making_a_client_sends_nothing_and_the_first_use_connects_once(plex: StandIn) -> None:
    client = client_for(plex)
    assert plex.counters.requests == 0
    with ThreadPoolExecutor(10) as pool:
        list(pool.map(lambda _: client.server.machineIdentifier, range(20)))
    assert asked(plex, "GET /") == 1


def test_ten_threads_that_need_the_libraries_ask_once(plex: StandIn) -> None:
    client = client_for(plex)
    gate = threading.Barrier(10, timeout=5)

    def ask(_: int) -> int:
        gate.wait()
        return len(client.sections())

    with ThreadPoolExecutor(10) as pool:
        assert list(pool.map(ask, range(10))) == [5] * 10
    assert asked(plex, "GET /library/sections") == 1


def test_libraries_are_remembered_for_a_minute_and_no_longer(plex: StandIn) -> None:
    clock = Ticking()
    client = client_for(plex, clock=clock)
    client.sections()
    clock.now += REMEMBERED_S - 1
    client.sections()
    assert asked(plex, "GET /library/sections") == 1
    clock.now += 2
    client.sections()
    assert asked(plex, "GET /library/sections") == 2


def test_names_that_callers_choose_leave_nothing_behind(plex: StandIn) -> None:
    client = client_for(plex)
    for number in range(1200):
        client.memory.recall(f"people/{number}", lambda: ())
    assert len(client.memory) <= 500


def test_a_failure_is_not_remembered(plex: StandIn) -> None:
    client = client_for(plex)
    plex.faults.add("status", path="/library/sections", count=1, code=500)
    with pytest.raises(PlexUnavailable):
        client.sections()
    assert len(client.sections()) == 5


def test_a_new_token_in_its_file_is_used_without_a_restart(plex: StandIn, tmp_path: Path) -> None:
    token_file = tmp_path / "token"
    token_file.write_text("not-the-token-of-plex")
    settings = settings_for(plex.url, PLEX_TOKEN_FILE=str(token_file))
    client = PlexClient(settings, build_session(settings))
    with pytest.raises(PlexRefusedToken):
        client.sections()
    token_file.write_text(plex.token)
    assert len(client.sections()) == 5
    token_file.write_text("not-the-token-of-plex-again")
    with pytest.raises(PlexRefusedToken):
        client.query("/library/onDeck")


def test_a_new_token_is_not_told_what_the_old_one_was(plex: StandIn, tmp_path: Path) -> None:
    token_file = tmp_path / "token"
    token_file.write_text(plex.token)
    settings = settings_for(plex.url, PLEX_TOKEN_FILE=str(token_file))
    client = PlexClient(settings, build_session(settings))
    assert len(client.sections()) == 5
    token_file.write_text(plex.guest_token)
    assert len(client.sections()) < 5


def test_a_server_that_is_down_is_unavailable_and_comes_back(plex: StandIn) -> None:
    client = client_for(plex)
    plex.stop_listening()
    with pytest.raises(PlexUnavailable):
        client.sections()
    plex.listen_again()
    assert len(client.sections()) == 5


def test_a_ping_needs_no_token_and_recognises_what_is_not_plex(plex: StandIn) -> None:
    settings = settings_for(plex.url, PLEX_TOKEN="wrong-token")
    PlexClient(settings, build_session(settings)).ping()
    assert asked(plex, "GET /identity") == 1
    plex.faults.add("html_200", path="/identity")
    with pytest.raises(PlexBadAnswer):
        PlexClient(settings, build_session(settings)).ping()


def test_waiting_for_another_threads_answer_ends_with_the_call(plex: StandIn) -> None:
    client = client_for(plex)
    release, begun = threading.Event(), threading.Event()

    def slowly() -> str:
        begun.set()
        release.wait(5)
        return "loaded"

    with ThreadPoolExecutor(1) as pool:
        slow = pool.submit(client.memory.recall, "thing", slowly)
        assert begun.wait(5)
        with call_scope(CallScope(deadline=time.monotonic() + 0.05)), pytest.raises(PlexTimeout):
            client.memory.recall("thing", lambda: "never")
        release.set()
        assert slow.result(5) == "loaded"
    assert client.memory.recall("thing", lambda: "never") == "loaded"


def test_after_a_failure_too_one_thread_at_a_time_loads(plex: StandIn, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who waited behind the failure has the next turn, and who comes later must wait behind that."""
    memory = client_for(plex).memory
    begun, waits, fail, second_begun, go_on = (threading.Event() for _ in range(5))

    def failing() -> str:
        begun.set()
        fail.wait(5)
        raise PlexUnavailable("no")

    def second() -> str:
        second_begun.set()
        go_on.wait(5)
        return "second"

    def holding(lock: threading.Lock) -> AbstractContextManager[None]:
        if begun.is_set():
            waits.set()
        return plain_holding(lock)

    plain_holding = memory_module.holding
    monkeypatch.setattr(memory_module, "holding", holding)
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(memory.recall, "thing", failing)
        assert begun.wait(5)
        waiting = pool.submit(memory.recall, "thing", second)
        assert waits.wait(5)
        fail.set()
        assert second_begun.wait(5)
        with call_scope(CallScope(deadline=time.monotonic())), pytest.raises(PlexTimeout):
            memory.recall("thing", lambda: "third")
        go_on.set()
        assert waiting.result(5) == "second"
        assert isinstance(first.exception(5), PlexUnavailable)
    assert memory.recall("thing", lambda: "fourth") == "second"
    assert len(memory) == 1


@pytest.mark.parametrize("library", ["Movies", "movies", " MOVIES ", "1"])
def test_a_library_is_found_by_name_or_id(plex: StandIn, library: str) -> None:
    assert client_for(plex).section(library).title == "Movies"


def test_libraries_of_the_same_name_must_be_told_apart_by_id(plex: StandIn) -> None:
    plex.library.section("show", "Movies")
    client = client_for(plex)
    with pytest.raises(Ambiguous, match=r"id 1.*id 6"):
        client.section("movies")
    assert client.section("6").kind == "show"


def test_an_unknown_library_is_answered_with_the_valid_ones(plex: StandIn) -> None:
    with pytest.raises(InvalidArgument, match=r"Movies .movie, id 1.*Photos"):
        client_for(plex).section("Filme")


def test_a_page_never_holds_more_than_was_asked_for(plex: StandIn) -> None:
    client = client_for(plex)
    page = client.page("/library/sections/1/all", params={"type": 1}, start=20, size=50)
    assert (len(page.items), page.total) == (6, 26)
    beyond = client.page("/library/sections/1/all", params={"type": 1}, start=500, size=50)
    assert (beyond.items, beyond.total) == ((), 26)
    counted = client.page("/library/sections/1/all", params={"type": 1}, size=0)
    assert (counted.items, counted.total) == ((), 26)


def test_a_page_of_one_library_does_not_say_it_and_a_page_of_several_does(plex: StandIn) -> None:
    client = client_for(plex)
    assert {item.library for item in client.page("/library/sections/1/all", params={"type": 1}).items} == {None}
    assert {item.library for item in client.page("/library/all", params={"type": 1}).items} == {"Movies", "Home Videos"}


def test_the_token_is_never_in_an_address(plex: StandIn) -> None:
    client = client_for(plex)
    client.sections()
    client.get("/photo/:/transcode", params={"url": "/library/metadata/1/thumb/1", "width": 10, "height": 10})
    assert plex.counters.tokens_in_urls == []
    assert plex.token not in repr(client.__dict__)

"""The cassette adapter's own promises, without a server."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import requests
from requests.adapters import BaseAdapter
from vcr.request import Request

from tests.recording import tape
from tests.recording.adapter import CassetteAdapter, NotRecorded, mount
from tests.recording.clock import standing_at
from tests.recording.tape import normalised

WAIT_S = 0.3


class Echo(BaseAdapter):
    """Answers with the address that was asked for."""

    def __init__(self) -> None:
        super().__init__()
        self.gate: threading.Barrier | None = None

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        if self.gate is not None:
            self.gate.wait(timeout=5)
        response = requests.Response()
        response.status_code, response.request, response.url = 200, request, request.url or ""
        response.reason, response._content = "OK", f"<Echo path='{request.path_url}'/>".encode()
        return response

    def close(self) -> None:
        pass


def taped(paths: list[str]) -> tuple[requests.Session, Any]:
    session, cassette = requests.Session(), tape.blank()
    session.mount("http://", Echo())
    mount(session, cassette)
    for path in paths:
        session.get(f"http://plex.invalid:32400{path}")
    return session, cassette


def playing(cassette: Any) -> requests.Session:
    from vcr.record_mode import RecordMode

    cassette.record_mode, cassette.rewound = RecordMode.NONE, True
    session = requests.Session()
    mount(session, cassette)
    return session


def test_one_thread_at_a_time_asks_the_cassette() -> None:
    """Two at once could be given the same answer. The first waits inside the matcher for a second to come in."""
    _, cassette = taped(["/a", "/b"])
    inside, met = threading.Semaphore(0), threading.Event()
    first = threading.Lock()

    def watching(_asked: Request, _stored: Request) -> None:
        if first.acquire(blocking=False):
            if inside.acquire(timeout=WAIT_S):
                met.set()
        else:
            inside.release()

    cassette._match_on = (*tape.MATCH_ON, watching)
    session = playing(cassette)
    with ThreadPoolExecutor(2) as workers:
        answers = list(workers.map(lambda path: session.get(f"http://plex.invalid:32400{path}").text, ("/a", "/b")))
    assert answers == ["<Echo path='/a'/>", "<Echo path='/b'/>"]
    assert not met.is_set()


def test_ten_threads_are_with_the_server_at_once_while_recording() -> None:
    """The lock is not held over the network: the barrier opens only when all ten have arrived."""
    session, cassette, echo = requests.Session(), tape.blank(), Echo()
    echo.gate = threading.Barrier(10)
    session.mount("http://", echo)
    mount(session, cassette)
    with ThreadPoolExecutor(10) as workers:
        list(workers.map(lambda n: session.get(f"http://plex.invalid:32400/{n}"), range(10)))
    assert len(cassette) == 10


def test_equal_requests_are_answered_in_the_order_recorded_each_once() -> None:
    _, cassette = taped(["/state?n=1", "/state?n=1"])
    cassette.data[0][1]["body"]["string"], cassette.data[1][1]["body"]["string"] = b"before", b"after"
    session = playing(cassette)
    address = "http://plex.invalid:32400/state?n=1"
    assert [session.get(address).text, session.get(address).text] == ["before", "after"]
    with pytest.raises(NotRecorded):
        session.get(address)


def test_every_adapter_of_a_session_is_behind_the_cassette() -> None:
    """plex.tv too, which a session may reach through an adapter of its own."""
    session = requests.Session()
    session.mount("https://plex.tv/", Echo())
    mount(session, tape.blank())
    assert {prefix for prefix, adapter in session.adapters.items() if isinstance(adapter, CassetteAdapter)} == {
        "http://",
        "https://",
        "https://plex.tv/",
    }


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("/player/playback/pause?commandID=1&type=video", "/player/playback/pause?commandID=77&type=video"),
        (
            "/player/playback/playMedia?address=192.0.2.7&port=41234&protocol=https&key=9",
            "/player/playback/playMedia?address=plex.invalid&port=32400&protocol=http&key=9",
        ),
    ],
)
def test_what_differs_between_two_runs_of_the_same_call_is_normalised(one: str, other: str) -> None:
    assert normalised(Request("GET", one, None, {})).uri == normalised(Request("GET", other, None, {})).uri


def test_what_a_request_asks_for_is_not_normalised_away() -> None:
    uri = "/player/playback/seekTo?commandID=1&offset=600&type=video"
    assert "offset=600" in normalised(Request("GET", uri, None, {})).uri
    assert (
        normalised(Request("GET", "/library/all?addedAt%3E%3E=-7d", None, {})).uri == "/library/all?addedAt%3E%3E=-7d"
    )


def test_time_stands_still_for_the_tools_and_goes_on_afterwards() -> None:
    import sys
    import time

    from plex_mcp.tools import get_recently_added as module_or_tool  # noqa: F401 - loaded, so that it can be held

    module = sys.modules["plex_mcp.tools.get_recently_added"]
    real_now = module.datetime.now
    with standing_at(1_767_902_400):
        assert module.datetime.now().timestamp() == 1_767_902_400
        assert time.time() == 1_767_902_400
    assert time.time() > 1_767_902_400
    assert module.datetime.now == real_now

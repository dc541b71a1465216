"""The control API, the counters, and the stand-in as a process of its own."""

import socket
import subprocess
import sys
import threading
from pathlib import Path

import pytest
import requests

from plex_mcp.standin import StandIn
from tests.standin.wire import exchange


@pytest.fixture
def control(plex: StandIn, session: requests.Session):
    def call(method: str, action: str, /, **arguments: object) -> requests.Response:
        return session.request(
            method, f"{plex.url}/standin/{action}", params=arguments, headers={"X-Plex-Token": plex.token}, timeout=5
        )

    return call


def test_a_fault_is_set_listed_and_cleared_over_http(plex: StandIn, control) -> None:
    made = control("POST", "faults", kind="status", path="/identity", code=503, count=1)
    assert made.status_code == 201
    assert [exchange(plex, "/identity").status for _ in range(2)] == [503, 200]
    assert [(rule["kind"], rule["hits"]) for rule in control("GET", "faults").json()] == [("status", 1)]
    control("DELETE", "faults")
    assert control("GET", "faults").json() == []


def test_figures_keep_their_type(plex: StandIn, control) -> None:
    control("POST", "faults", kind="drip_body", bytes_each=100, every_s=0.25)
    assert plex.faults.rules[0].figures == {"bytes_each": 100, "every_s": 0.25}


def test_a_mistake_is_told_in_words(control) -> None:
    answer = control("POST", "faults", kind="delay", seconds=3)
    assert (answer.status_code, answer.json()) == (400, {"error": "delay has no figure seconds; it has delay_s"})


def test_control_is_off_unless_asked_for_and_needs_the_owners_token(plex: StandIn, session: requests.Session) -> None:
    assert session.get(plex.url + "/standin/faults", timeout=5).status_code == 401
    assert (
        session.get(plex.url + "/standin/faults", headers={"X-Plex-Token": plex.guest_token}, timeout=5).status_code
        == 401
    )
    with StandIn() as closed:
        answer = session.get(closed.url + "/standin/faults", headers={"X-Plex-Token": closed.token}, timeout=5)
        assert answer.status_code == 404


def test_the_clock_can_be_wound_over_http(plex: StandIn, control) -> None:
    before = plex.sessions[0].offset_ms(plex.clock())
    control("POST", "clock", advance_s=90)
    assert plex.sessions[0].offset_ms(plex.clock()) == before + 90_000


def test_the_port_can_be_closed_over_http_for_a_while(plex: StandIn, control) -> None:
    assert control("POST", "refuse", for_s=0.3).status_code == 200
    seen = []
    for _ in range(500):
        seen.append(is_refused(plex))
        if seen[-1] is False and True in seen:
            break
        threading.Event().wait(0.01)
    assert seen[-1] is False
    assert True in seen
    assert exchange(plex, "/identity").status == 200


def is_refused(plex: StandIn) -> bool:
    try:
        socket.create_connection(("127.0.0.1", plex.port), timeout=1).close()
    except ConnectionRefusedError:
        return True
    return False


def test_counters_tell_paths_templates_and_tokens_in_urls(plex: StandIn, session: requests.Session, control) -> None:
    for path in ("/library/metadata/1", "/library/metadata/2", f"/identity?X-Plex-Token={plex.token}"):
        session.get(plex.url + path, headers={"X-Plex-Token": plex.token}, timeout=5)
    counters = plex.counters
    assert (counters.requests, counters.by_path["/library/metadata/{ids}"]) == (3, 2)
    assert counters.paths[0] == "GET /library/metadata/1"
    assert counters.tokens_in_urls == [f"/identity?X-Plex-Token={plex.token}"]
    assert control("GET", "counters").json()["requests"] == 3
    control("DELETE", "counters")
    assert (counters.requests, counters.tokens_in_urls) == (0, [])


def test_peaks_count_what_is_open_and_in_flight_at_once(plex: StandIn) -> None:
    gate = threading.Barrier(6)
    plex.faults.add("delay", path="/identity", delay_s=0.4)

    def ask() -> None:
        gate.wait(timeout=5)
        exchange(plex, "/identity")

    threads = [threading.Thread(target=ask) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=10)
    assert (plex.counters.connections_peak, plex.counters.in_flight_peak) == (6, 6)
    for _ in range(100):
        if plex.counters.connections_now == 0:
            break
        threading.Event().wait(0.02)
    assert plex.counters.connections_now == 0


def test_a_bug_of_the_stand_in_is_a_500_and_kept(session: requests.Session, monkeypatch: pytest.MonkeyPatch) -> None:
    with StandIn() as plex:
        monkeypatch.setattr(plex.home.playback, "sessions", lambda: 1 / 0)
        answer = session.get(plex.url + "/status/sessions", headers={"X-Plex-Token": plex.token}, timeout=5)
        assert answer.status_code == 500
        assert "ZeroDivisionError" in plex.counters.failures[0]


def test_it_runs_as_a_process_of_its_own_and_ends_on_a_signal() -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "plex_mcp.standin", "--control"],
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[2],
    )
    try:
        assert process.stdout is not None
        told = dict(line.strip().split("=", 1) for line in iter(process.stdout.readline, "ready\n"))
        answer = requests.get(told["url"] + "/library", headers={"X-Plex-Token": told["token"]}, timeout=5)
        assert answer.status_code == 200
        faults = requests.get(told["url"] + "/standin/faults", headers={"X-Plex-Token": told["token"]}, timeout=5)
        assert faults.json() == []
    finally:
        process.terminate()
        assert process.wait(timeout=10) == 0
        process.stdout.close()

"""`make record` itself: from a real server it only reads, labels honestly, and reports what the stand-in lacks."""

from __future__ import annotations

import contextlib
import io
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import requests
import yaml

from plex_mcp.calls.pool import WorkerPool
from plex_mcp.standin import StandIn
from tests.recording import canaries, tape
from tests.recording.behaviour import Behaviour, Sample, untrue
from tests.recording.guard import WriteRefused, only_reading
from tests.recording.leaks import leaks_in_file
from tests.recording.names import lacking, names_in
from tests.recording.places import Real, Sampled
from tests.recording.record import main, record, record_one

SOME = ["list_libraries", "get_on_deck/lists_movies_alone", "search_media/finds_a_movie", "set_watch_state/rates"]
SOME += ["get_playback_status/tells_who_watches_what", "control_playback/pauses"]


@contextlib.contextmanager
def somebodys_server() -> Iterator[StandIn]:
    """Another household, other ids, than those that recordings are usually made from."""
    with canaries.planted(), StandIn(library="small", seed=2, version="1.43.0.1-abcdef012") as plex:
        canaries.plant(plex)
        yield plex


@pytest.fixture
def real() -> Iterator[StandIn]:
    with somebodys_server() as plex:
        yield plex


def written_to(plex: StandIn) -> list[str]:
    acts = ("/:/", "/player/", "/playQueues", "/terminate")
    return [sent for sent in plex.counters.paths if any(act in sent for act in acts)]


@dataclass(frozen=True)
class Recording:
    plex: StandIn
    folder: Path
    status: int
    said: str


@pytest.fixture(scope="module")
def recording(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Recording]:
    """Some behaviours of each kind, recorded without leave to write."""
    folder, said = tmp_path_factory.mktemp("real"), io.StringIO()
    with somebodys_server() as plex, contextlib.redirect_stdout(said):
        environ = {"PLEX_SERVER_URL": plex.url, "PLEX_TOKEN": plex.token}
        status = main([*SOME, "--to", str(folder)], environ)
        yield Recording(plex, folder, status, said.getvalue())


def test_a_real_server_is_only_read_and_what_was_left_out_is_said(recording: Recording) -> None:
    assert recording.status == 0
    assert recording.plex.counters.requests > 0
    assert written_to(recording.plex) == []
    assert "skipped   set_watch_state/rates: would write to this server; RECORD_WRITES=true allows it" in recording.said
    assert "skipped   control_playback/pauses: would write to this server" in recording.said
    assert "skipped   list_libraries/lists_an_empty_library: needs the stand-in" in recording.said
    assert sorted(str(file.relative_to(recording.folder)) for file in recording.folder.glob("*/*.yaml")) == [
        "get_on_deck/lists_movies_alone.yaml",
        "get_playback_status/tells_who_watches_what.yaml",
        "list_libraries/lists_all.yaml",
        "search_media/finds_a_movie.yaml",
    ]


def test_a_recording_of_a_real_server_says_so_and_holds_nothing_of_its_household(recording: Recording) -> None:
    plex = recording.plex
    for file in recording.folder.glob("*/*.yaml"):
        assert yaml.safe_load(file.read_text())["metadata"]["recorded_from"] == "pms 1.43.0.1-abcdef012"
        assert leaks_in_file(file, [*canaries.ALL, plex.token, plex.url, str(plex.port)]) == []
        assert leaks_in_file(file.with_suffix(".json"), canaries.ALL) == []


def test_with_leave_to_write_a_real_server_is_written_to(real: StandIn, tmp_path: Path) -> None:
    environ = {"PLEX_SERVER_URL": real.url, "PLEX_TOKEN": real.token, "RECORD_WRITES": "true"}
    assert main(["set_watch_state/rates", "--to", str(tmp_path)], environ) == 0
    assert [sent.split("?")[0] for sent in written_to(real)] == ["PUT /:/rate"]
    first = real.library.find("Agent 327: Operation Barbershop", "movie")  # first in Plex's order, by title
    assert real.views.of(1, first).user_rating == 8.5
    answer = json.loads((tmp_path / "set_watch_state" / "rates.json").read_text())["answer"]
    assert answer["title"] == first.title


def test_a_writing_behaviour_that_does_not_say_so_is_stopped(real: StandIn, tmp_path: Path) -> None:
    source = Real(real.url, real.token, writes=False)
    secretly = Behaviour(name="marks", arguments={"media_id": "1", "state": "watched"}, truth={}, writes=False)
    report = record(source, [("set_watch_state", secretly)], tmp_path)[0]
    assert [fault.partition(":")[0] for fault in report.faults] == ["WriteRefused"]
    assert written_to(real) == []
    assert list(tmp_path.iterdir()) == []


def test_names_that_the_stand_in_lacks_are_reported(
    real: StandIn, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = real.answer

    def novel(request: object) -> object:
        response = plain(request)  # type: ignore[arg-type]
        response.body = response.body.replace(b"<Video ", b'<Video novelty="1" ').replace(
            b"</Video>", b"<Newfangled /></Video>"
        )
        return response

    monkeypatch.setattr(real._http, "_answer", novel)
    environ = {"PLEX_SERVER_URL": real.url, "PLEX_TOKEN": real.token}
    assert main(["search_media/finds_a_movie", "--to", str(tmp_path)], environ) == 0
    said = capsys.readouterr().out
    assert "Names that pms 1.43.0.1-abcdef012 sends and the stand-in does not: 2" in said
    assert "  Newfangled: the whole element (0 names)" in said
    assert "  Video:movie: @novelty, Newfangled" in said


def test_the_stand_in_is_not_recorded_as_plex(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with StandIn(library="small") as plex:
        environ = {"PLEX_SERVER_URL": plex.url, "PLEX_TOKEN": plex.token}
        assert main(["list_libraries", "--to", str(tmp_path)], environ) == 1
    assert "is the stand-in" in capsys.readouterr().out
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("url", "why"), [("http://127.0.0.1:1", "ConnectionError"), ("{real}", "HTTP status 401")], ids=["gone", "token"]
)
def test_a_server_that_does_not_answer_the_token_is_not_recorded(
    real: StandIn, tmp_path: Path, capsys: pytest.CaptureFixture[str], url: str, why: str
) -> None:
    environ = {"PLEX_SERVER_URL": url.format(real=real.url), "PLEX_TOKEN": "not-the-token"}
    assert main(["list_libraries", "--to", str(tmp_path)], environ) == 1
    assert f"does not answer as a Plex Media Server to PLEX_TOKEN ({why})" in capsys.readouterr().out
    assert list(tmp_path.iterdir()) == []


def test_a_real_servers_failure_is_not_recorded_as_an_answer(real: StandIn, tmp_path: Path) -> None:
    real.faults.add("status", "/library/sections", code=500)
    source = Real(real.url, real.token, writes=False)
    report = record(source, [("list_libraries", Behaviour(name="lists", truth={"total": 5}))], tmp_path)[0]
    assert list(report.faults) == ["answers PLEX_UNAVAILABLE, not well"]
    assert list(tmp_path.iterdir()) == []


def test_a_check_names_what_would_change_and_changes_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    some = ["get_on_deck/lists_movies_alone", "get_on_deck/finds_nothing_begun"]
    assert main([*some, "--to", str(tmp_path)], {}) == 0
    assert main([*some, "--check", "--to", str(tmp_path)], {}) == 0
    file = tmp_path / "get_on_deck" / "finds_nothing_begun.yaml"
    file.write_text(file.read_text().replace("Home Videos", "Homely Videos"))
    before = file.read_bytes()
    assert main([*some, "--check", "--to", str(tmp_path)], {}) == 1
    said = capsys.readouterr().out
    assert said.endswith(
        "  would change  get_on_deck/finds_nothing_begun\n"
        "1 of 2 cassettes would change; make record, and look at why.\n"
    )
    assert file.read_bytes() == before


def test_a_name_that_is_no_tools_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["serch_media"], {}) == 1
    assert "no behaviour called serch_media" in capsys.readouterr().out


def test_half_a_real_server_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([], {"PLEX_SERVER_URL": "http://127.0.0.1:1"}) == 1
    assert "go together" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/:/scrobble?key=1"),
        ("GET", "/:/unscrobble?key=1"),
        ("PUT", "/:/rate?key=1&rating=8"),
        ("GET", "/:/timeline?key=1"),
        ("GET", "/player/playback/pause"),
        ("GET", "/status/sessions/terminate?sessionId=x"),
        ("GET", "/library/sections/1/refresh"),
        ("POST", "/playQueues"),
        ("DELETE", "/library/metadata/1"),
        ("PUT", "/library/metadata/1"),
        ("GET", "/library/metadata/1/refresh"),
        ("GET", "/security/token?type=delegation"),
    ],
)
def test_the_guard_lets_no_writing_request_out(real: StandIn, method: str, path: str) -> None:
    session = requests.Session()
    only_reading(session)
    before = real.counters.requests
    with pytest.raises(WriteRefused):
        session.request(method, f"{real.url}{path}", timeout=2)
    assert real.counters.requests == before
    assert session.get(f"{real.url}/library/metadata/1", headers={"X-Plex-Token": real.token}, timeout=2).ok


@pytest.fixture
def pool() -> Iterator[WorkerPool]:
    workers = WorkerPool(10)
    yield workers
    workers.close()


def test_a_name_that_only_the_call_mentions_is_scrubbed_from_it(tmp_path: Path) -> None:
    """A failing call's answer may not name the user: nothing would have learnt the name."""
    asked = Behaviour(
        name="fails",
        arguments={"user": Sample("user", "friend")},
        prepare=lambda plex: plex.plextv.faults.add("status", code=503),
        truth={"error.code": "PLEX_UNAVAILABLE"},
    )
    assert record(Sampled(), [("get_on_deck", asked)], tmp_path)[0].faults == []
    snapshot = json.loads((tmp_path / "get_on_deck" / "fails.json").read_text())
    assert snapshot["arguments"] == {"user": "Person 1"}


def test_an_untrue_answer_leaves_the_old_cassette_alone(tmp_path: Path) -> None:
    """Recording again cannot make a wrong answer right."""
    arguments = {"media_id": Sample("movie", "Charade")}
    right = Behaviour(name="tells", arguments=arguments, truth={"title": "Charade"})
    wrong = Behaviour(name="tells", arguments={"media_id": Sample("movie", "Sintel")}, truth={"title": "Charade"})
    assert record(Sampled(), [("get_media_details", right)], tmp_path)[0].faults == []
    file = tape.path_of("get_media_details", "tells", tmp_path)
    before = file.read_bytes(), file.with_suffix(".json").read_bytes()
    report = record(Sampled(), [("get_media_details", wrong)], tmp_path)[0]
    assert list(report.faults) == ["untrue: title is 'Sintel', not 'Charade'"]
    assert (file.read_bytes(), file.with_suffix(".json").read_bytes()) == before


def test_a_leak_leaves_the_old_cassette_alone(
    tmp_path: Path, pool: WorkerPool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever scrubbing misses, nothing is put in place that the check finds something in."""
    monkeypatch.setattr("tests.recording.scrub.kind_of", lambda *_: None)
    with canaries.planted():
        behaviour = Behaviour(name="tells", truth={})
        report = record_one(Sampled(), pool, "get_playback_status", behaviour, tmp_path)
    assert any("is no replacement of a machine" in fault for fault in report.faults)
    assert list(tmp_path.iterdir()) == []


def test_recording_twice_gives_the_same_files(tmp_path: Path) -> None:
    """So that a change in a cassette is a change in behaviour."""
    seek = {"action": "seek", "client": Sample("player", "Living Room TV", of="title"), "offset": 60}
    for folder in ("one", "two"):
        behaviours = [
            ("control_playback", Behaviour(name="seeks", arguments=seek, truth={}, writes=True)),
            ("get_playback_status", Behaviour(name="tells", truth={})),
            ("get_watch_history", Behaviour(name="lists", arguments={"days": 5}, truth={})),
        ]
        assert [report.faults for report in record(Sampled(), behaviours, tmp_path / folder)] == [[], [], []]
    files = sorted(file.relative_to(tmp_path / "one") for file in (tmp_path / "one").glob("*/*"))
    assert len(files) == 6
    assert [f for f in files if (tmp_path / "one" / f).read_bytes() != (tmp_path / "two" / f).read_bytes()] == []


def test_names_are_told_apart_by_the_type_of_the_element() -> None:
    body = (
        b'<MediaContainer size="2"><Video ratingKey="1" type="movie" year="1"/>'
        b'<Video ratingKey="2" type="episode" index="2"/></MediaContainer>'
    )
    names = names_in([body, b"no xml", b"<MediaContainer more='1'/>"])
    assert names == {
        "MediaContainer": {"@size", "@more", "Video"},
        "Video:movie": {"@ratingKey", "@type", "@year"},
        "Video:episode": {"@ratingKey", "@type", "@index"},
    }
    assert lacking(names, {"MediaContainer": names["MediaContainer"], "Video:movie": {"@ratingKey", "@type"}}) == [
        "Video:episode: the whole element (3 names)",
        "Video:movie: @year",
    ]


def test_a_path_into_an_answer_finds_lists_lengths_and_nothing() -> None:
    answer = {"items": [{"title": "a"}, {"title": "b"}], "total": 2}
    assert list(untrue(answer, {"items.*.title": ["a", "b"], "items.#": 2, "items.1.title": "b", "note": None})) == []
    assert list(untrue(answer, {"items.*.title": ["b", "a"], "items.2.title": "c", "total": 3})) == [
        "items.*.title is ['a', 'b'], not ['b', 'a']",
        "items.2.title is None, not 'c'",
        "total is 2, not 3",
    ]

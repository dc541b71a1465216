"""Each fault, as the bytes on the socket show it."""

import socket
from pathlib import Path
from xml.etree import ElementTree

import pytest
from plexapi.server import PlexServer
from requests.exceptions import ConnectionError as RequestsConnectionError

from plex_mcp.standin import StandIn
from plex_mcp.standin.fault_kinds import INSTEAD, KINDS
from tests.standin.wire import exchange

MOVIES = "/library/sections/1/all"


def test_without_faults_an_answer_is_whole_and_the_connection_kept(plex: StandIn) -> None:
    answer = exchange(plex, MOVIES)
    assert (answer.status, answer.closed, len(answer.body)) == (200, False, answer.promised_bytes)
    assert answer.header("Content-Type") == "text/xml;charset=utf-8"
    assert ElementTree.fromstring(answer.body).get("size") == "26"


def test_head_and_body_leave_in_one_write(plex: StandIn) -> None:
    assert exchange(plex, "/identity").pieces == 1


def test_delay_holds_the_whole_answer_back(plex: StandIn) -> None:
    plex.faults.add("delay", delay_s=0.3)
    answer = exchange(plex, "/identity")
    assert answer.first_byte_s >= 0.3
    assert answer.status == 200


def test_a_dripping_body_comes_in_pieces_after_its_head(plex: StandIn) -> None:
    plex.faults.add("drip_body", bytes_each=40, every_s=0.02)
    answer = exchange(plex, "/identity")
    assert (answer.status, len(answer.body)) == (200, answer.promised_bytes)
    assert answer.pieces > answer.promised_bytes // 40


def test_dripping_headers_come_in_pieces_from_the_first_byte(plex: StandIn) -> None:
    plex.faults.add("drip_headers", bytes_each=20, every_s=0.02)
    answer = exchange(plex, "/identity")
    assert answer.status == 200
    assert answer.pieces > len(answer.head) // 20


def test_a_drip_outlasts_a_read_timeout_that_counts_from_the_last_byte(plex: StandIn, session) -> None:
    server = PlexServer(plex.url, plex.token, session=session, timeout=0.3)
    plex.faults.add("drip_body", path=MOVIES, bytes_each=8_000, every_s=0.15)
    assert len(server.query(MOVIES)) == 26


@pytest.mark.parametrize("code", [401, 403, 404, 429, 500, 502, 520])
def test_a_status_replaces_the_answer(plex: StandIn, code: int) -> None:
    plex.faults.add("status", code=code)
    answer = exchange(plex, MOVIES)
    assert answer.status == code
    assert b"<MediaContainer" not in answer.body
    assert (answer.header("Retry-After") is not None) == (code == 429)


def test_maintenance_is_503_with_plexs_words(plex: StandIn) -> None:
    plex.faults.add("maintenance", what="database migrations")
    answer = exchange(plex, "/identity")
    element = ElementTree.fromstring(answer.body)
    assert (answer.status, element.get("title")) == (503, "Maintenance")
    assert element.get("status") == "Plex Media Server is currently running database migrations."


def test_close_early_sends_not_one_byte(plex: StandIn) -> None:
    plex.faults.add("close_early")
    answer = exchange(plex, "/identity")
    assert (answer.head, answer.closed, answer.was_reset) == ("", True, False)


def test_reset_breaks_the_connection(plex: StandIn) -> None:
    plex.faults.add("reset")
    assert exchange(plex, "/identity").was_reset


def test_cut_headers_end_inside_the_head(plex: StandIn) -> None:
    plex.faults.add("cut_headers")
    answer = exchange(plex, "/identity")
    assert answer.head.startswith("HTTP/1.1 200")
    assert (answer.header("Date"), answer.body, answer.closed) == (None, b"", True)


def test_a_short_body_closes_before_what_was_promised(plex: StandIn) -> None:
    plex.faults.add("short_body", missing_bytes=30)
    answer = exchange(plex, "/identity")
    assert (len(answer.body), answer.closed) == (answer.promised_bytes - 30, True)


def test_truncated_xml_has_the_right_length_and_no_end(plex: StandIn) -> None:
    plex.faults.add("truncated_xml")
    answer = exchange(plex, MOVIES)
    assert len(answer.body) == answer.promised_bytes
    with pytest.raises(ElementTree.ParseError):
        ElementTree.fromstring(answer.body)


def test_an_empty_200_has_no_body(plex: StandIn) -> None:
    plex.faults.add("empty_200")
    answer = exchange(plex, "/")
    assert (answer.status, answer.body) == (200, b"")


def test_html_and_json_come_as_200(plex: StandIn) -> None:
    plex.faults.add("html_200", count=1)
    plex.faults.add("json_200", count=1)
    assert exchange(plex, "/").header("Content-Type") == "text/html;charset=utf-8"
    assert exchange(plex, "/").header("Content-Type") == "application/json"
    assert exchange(plex, "/").header("Content-Type") == "text/xml;charset=utf-8"


def test_without_charset_accents_turn_to_mojibake(plex: StandIn, server: PlexServer) -> None:
    plex.faults.add("no_charset", path=MOVIES)
    found = [item.title for item in server.library.section("Movies").search(title="haxan")]
    assert found == ["Häxan".encode().decode("latin-1")]


def test_control_characters_break_the_xml(plex: StandIn) -> None:
    plex.faults.add("control_characters")
    answer = exchange(plex, MOVIES)
    assert b"\x01" in answer.body
    with pytest.raises(ElementTree.ParseError):
        ElementTree.fromstring(answer.body)


@pytest.mark.parametrize(("kind", "element"), [("no_user", "User"), ("no_session", "Session"), ("no_player", "Player")])
def test_a_session_can_lack_a_child(plex: StandIn, kind: str, element: str) -> None:
    whole = ElementTree.fromstring(exchange(plex, "/status/sessions").body)
    assert len(whole.findall(f"*/{element}")) == 2
    plex.faults.add(kind, path="/status/sessions")
    spoilt = ElementTree.fromstring(exchange(plex, "/status/sessions").body)
    assert (len(spoilt), spoilt.findall(f"*/{element}")) == (2, [])


def test_clients_can_lack_their_port(plex: StandIn) -> None:
    plex.faults.add("no_port", path="/clients")
    found = ElementTree.fromstring(exchange(plex, "/clients").body)
    assert [(c.get("port"), bool(c.get("address"))) for c in found] == [(None, True)] * 4


@pytest.mark.parametrize(("kind", "attribute"), [("no_type", "type"), ("no_title", "title")])
def test_one_element_can_lack_what_every_other_has(plex: StandIn, kind: str, attribute: str) -> None:
    plex.faults.add(kind)
    found = ElementTree.fromstring(exchange(plex, "/library/sections").body)
    assert [c.get(attribute) is None for c in found] == [True, False, False, False, False]


def test_a_wrong_total_promises_more_than_there_is(plex: StandIn) -> None:
    plex.faults.add("wrong_total", add=100)
    answer = exchange(plex, f"{MOVIES}?X-Plex-Container-Size=2")
    found = ElementTree.fromstring(answer.body)
    assert (len(found), found.get("totalSize"), answer.header("X-Plex-Container-Total-Size")) == (2, "126", "126")


def test_a_redirect_leads_to_another_host_with_the_same_path(plex: StandIn) -> None:
    plex.faults.add("redirect", to="http://192.0.2.1:80")
    answer = exchange(plex, f"{MOVIES}?type=1")
    assert (answer.status, answer.header("Location")) == (302, f"http://192.0.2.1:80{MOVIES}?type=1")


def test_silence_accepts_and_never_answers(plex: StandIn) -> None:
    plex.faults.add("silence")
    answer = exchange(plex, "/identity", wait_s=0.3)
    assert (answer.head, answer.closed) == ("", False)


def test_a_closed_port_refuses_and_opens_again_with_the_same_number(plex: StandIn, server: PlexServer) -> None:
    plex.stop_listening()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", plex.port), timeout=1)
    with pytest.raises(RequestsConnectionError):
        server.query("/identity")
    plex.listen_again()
    assert server.query("/identity").get("machineIdentifier") == plex.machine_identifier


def test_every_kind_has_a_test_here() -> None:
    mine = Path(__file__).read_text(encoding="utf-8")
    assert [kind for kind in KINDS if f'"{kind}"' not in mine] == []


def test_a_count_ends_a_fault_and_skip_spares_the_first(plex: StandIn) -> None:
    rule = plex.faults.add("status", path="/identity", count=2, skip=1, code=500)
    assert [exchange(plex, "/identity").status for _ in range(5)] == [200, 500, 500, 200, 200]
    assert rule.hits == 2


def test_a_path_pattern_and_a_method_limit_a_fault(plex: StandIn) -> None:
    plex.faults.add("status", path="/library/sections/*/all", method="GET", code=500)
    assert exchange(plex, MOVIES).status == 500
    assert exchange(plex, MOVIES, method="HEAD").status == 200
    assert exchange(plex, "/library/sections").status == 200


def test_a_probability_strikes_the_same_requests_each_time() -> None:
    struck = []
    for _ in range(2):
        with StandIn(seed=7) as plex:
            plex.faults.add("status", code=500, probability=0.5)
            struck.append([exchange(plex, "/identity").status for _ in range(20)])
    assert struck[0] == struck[1]
    assert 3 < struck[0].count(500) < 17


def test_instead_of_an_answer_nothing_is_carried_out(plex: StandIn) -> None:
    item = plex.library.find("Charge", "movie")
    for kind in sorted(INSTEAD - {"silence"}):
        rule = plex.faults.add(kind)
        exchange(plex, f"/:/scrobble?key={item.rating_key}&identifier=com.plexapp.plugins.library")
        plex.faults.remove(rule)
    assert plex.views.of(1, item).view_count == 0
    plex.faults.add("close_early", path="/nowhere")
    exchange(plex, f"/:/scrobble?key={item.rating_key}&identifier=com.plexapp.plugins.library")
    assert plex.views.of(1, item).view_count == 1


def test_odd_kinds_and_figures_are_refused_by_name(plex: StandIn) -> None:
    with pytest.raises(ValueError, match=r"no fault 'explode'; there are .*silence"):
        plex.faults.add("explode")
    with pytest.raises(ValueError, match="delay has no figure seconds; it has delay_s"):
        plex.faults.add("delay", seconds=3)

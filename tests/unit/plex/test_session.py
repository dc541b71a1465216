"""The session to Plex against servers that misbehave on the wire."""

from __future__ import annotations

import gc
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
import requests

from plex_mcp.errors import PlexBadAnswer, PlexForbidden, PlexRefusedToken, PlexTimeout, PlexUnavailable, ToolError
from plex_mcp.plex import session as module
from plex_mcp.plex.session import CallScope, build_session, call_scope, current_scope
from plex_mcp.telemetry.metrics import PLEX_CONNECTIONS, REGISTRY
from plex_mcp.watchdog import Watch, Watchdog
from tests.fakes import WAIT_S, settings

Speak = Callable[[socket.socket], None]
XML = b"<?xml version='1.0'?><MediaContainer size='0'/>"


def answer(body: bytes = XML, status: str = "200 OK", *headers: str) -> bytes:
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", "Content-Type: text/xml;charset=utf-8", *headers]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def read_request(connection: socket.socket) -> bytes:
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        part = connection.recv(4096)
        if not part:
            return b""
        head += part
    return head


class Server:
    """Serves each connection with `speak` until that returns."""

    def __init__(self, speak: Speak, tls: ssl.SSLContext | None = None) -> None:
        self.requests: list[bytes] = []
        self.stopped = threading.Event()
        self.connections = 0
        self._speak = speak
        self._tls = tls
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"http{'s' if tls else ''}://127.0.0.1:{self._socket.getsockname()[1]}"
        self._threads = [threading.Thread(target=self._accept, daemon=True)]
        self._threads[0].start()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            self.connections += 1
            thread = threading.Thread(target=self._serve, args=(connection,), daemon=True)
            self._threads.append(thread)
            thread.start()

    def _serve(self, connection: socket.socket) -> None:
        with connection:
            try:
                if self._tls is not None:
                    connection = self._tls.wrap_socket(connection, server_side=True)
                while request := read_request(connection):
                    self.requests.append(request)
                    self._speak(connection)
            except OSError:
                return
            finally:
                connection.close()

    def drip(self, connection: socket.socket, data: bytes) -> None:
        """One byte every few milliseconds, for as long as anybody listens."""
        while not self.stopped.wait(0.02):
            connection.sendall(data)

    def close(self) -> None:
        self.stopped.set()
        # Closing alone does not wake a thread that accepts.
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        self._threads[0].join(WAIT_S)


@pytest.fixture
def serve() -> Iterator[Callable[..., Server]]:
    with ExitStack() as stack:

        def start(speak: Speak, tls: ssl.SSLContext | None = None) -> Server:
            server = Server(speak, tls)
            stack.callback(server.close)
            return server

        yield start


@contextmanager
def session(url: str, **changed: str) -> Iterator[requests.Session]:
    with build_session(settings(PLEX_SERVER_URL=url, **changed)) as made:
        yield made


def error_of(server_url: str, path: str = "/x", deadline_s: float = 5.0, **changed: str) -> ToolError:
    with session(server_url, **changed) as plex, call_scope(CallScope(time.monotonic() + deadline_s)):
        with pytest.raises(ToolError) as caught:
            plex.get(f"{server_url}{path}", timeout=30)
    return caught.value


def test_requests_and_their_time_are_counted_in_the_calls_scope(serve: Callable[..., Server]) -> None:
    server = serve(lambda connection: connection.sendall(answer()))
    assert current_scope() is None
    with session(server.url) as plex, call_scope(CallScope(time.monotonic() + 5)) as scope:
        assert current_scope() is scope
        for _ in range(3):
            assert plex.get(f"{server.url}/x").content == XML
    assert current_scope() is None
    assert scope.requests == 3
    assert scope.plex_s > 0
    assert server.connections == 1, "one connection, kept alive"


def test_the_scope_knows_the_first_request_whose_answer_was_neither_an_error_nor_a_redirect(
    serve: Callable[..., Server],
) -> None:
    answers = [answer(b"", "302 Found", "Location: /x"), answer(b"", "500 x"), answer(b"<html/>"), answer(), answer()]
    server = serve(lambda connection: connection.sendall(answers[len(server.requests) - 1]))
    with session(server.url) as plex, call_scope(CallScope(time.monotonic() + 5)) as scope:
        for requests_so_far in (2, 3):
            with pytest.raises(ToolError):
                plex.get(f"{server.url}/x")
            assert (scope.requests, scope.answered) == (requests_so_far, 0)
        for _ in range(2):
            plex.get(f"{server.url}/x")
    assert (scope.requests, scope.answered) == (5, 4)


def test_requests_to_others_are_no_sign_of_life_of_plex(serve: Callable[..., Server]) -> None:
    """The breaker and the monitor take a request of the scope for one that reached Plex."""
    plex_tv = serve(lambda connection: connection.sendall(answer()))
    with session("http://127.0.0.1:9") as plex, call_scope(CallScope(time.monotonic() + 5)) as scope:
        assert plex.get(f"{plex_tv.url}/x").content == XML
    assert scope.requests == scope.answered == 0
    assert scope.plex_s > 0


def test_without_a_scope_a_request_still_ends(serve: Callable[..., Server]) -> None:
    server = serve(lambda connection: server.drip(connection, b"H"))
    with session(
        server.url, CALL_DEADLINE="0.6", CALL_SOFT_DEADLINE="0.1", PLEX_READ_TIMEOUT="0.5", PLEX_CONNECT_TIMEOUT="0.5"
    ) as plex:
        with pytest.raises(PlexTimeout):
            plex.get(f"{server.url}/x")


DRIPS: dict[str, Callable[[Server, socket.socket], None]] = {
    "before the status line": lambda server, c: server.drip(c, b"H"),
    "headers": lambda server, c: (c.sendall(b"HTTP/1.1 200 OK\r\n"), server.drip(c, b"X-A: b\r\n")),
    "body": lambda server, c: (c.sendall(answer()[: -len(XML)].replace(b"47", b"9999")), server.drip(c, b" ")),
    "body of a connection that closes": lambda server, c: (
        c.sendall(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n"),
        server.drip(c, b" "),
    ),
    "chunks": lambda server, c: (
        c.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"),
        server.drip(c, b"1\r\n \r\n"),
    ),
}


@pytest.mark.parametrize("what", DRIPS)
def test_nothing_that_drips_outlasts_the_deadline(serve: Callable[..., Server], what: str) -> None:
    server = serve(lambda connection: DRIPS[what](server, connection))
    error = error_of(server.url, deadline_s=0.5)
    assert isinstance(error, PlexTimeout)
    assert error.endpoint == "/x"


def test_a_tls_handshake_that_never_ends_does_not_outlast_the_deadline(serve: Callable[..., Server]) -> None:
    listener = socket.create_server(("127.0.0.1", 0))
    url = f"https://127.0.0.1:{listener.getsockname()[1]}"
    assert isinstance(error_of(url, deadline_s=0.5, PLEX_READ_TIMEOUT="7"), PlexTimeout)
    listener.close()


def test_a_silent_server_is_left_at_the_read_timeout(serve: Callable[..., Server]) -> None:
    server = serve(lambda connection: server.stopped.wait(WAIT_S))
    error = error_of(server.url, deadline_s=WAIT_S, PLEX_READ_TIMEOUT="0.2")
    assert (error.code, error.retry_after_s) == ("PLEX_TIMEOUT", 2.0)


def test_no_request_is_sent_after_the_deadline(serve: Callable[..., Server]) -> None:
    server = serve(lambda connection: connection.sendall(answer()))
    assert isinstance(error_of(server.url, deadline_s=0), PlexTimeout)
    assert server.requests == []


def test_an_answer_without_end_is_cut_off(serve: Callable[..., Server], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_ANSWER_BYTES", 100_000)

    def flood(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n")
        while True:
            connection.sendall(b" " * 65536)

    assert isinstance(error_of(serve(flood).url), PlexBadAnswer)


@pytest.mark.parametrize(
    ("status", "kind", "retry_after_s"),
    [
        ("401 Unauthorized", PlexRefusedToken, None),
        ("498 Expired", PlexRefusedToken, None),
        ("403 Forbidden", PlexForbidden, None),
        ("429 Too Many", PlexUnavailable, 7.0),
        ("500 Broken", PlexUnavailable, 7.0),
        ("502 Bad Gateway", PlexUnavailable, 7.0),
        ("503 Maintenance", PlexUnavailable, 7.0),
        ("520 Odd", PlexUnavailable, 7.0),
    ],
)
def test_a_failing_status_is_ours_before_anybody_can_swallow_it(
    serve: Callable[..., Server], status: str, kind: type[ToolError], retry_after_s: float | None
) -> None:
    server = serve(lambda connection: connection.sendall(answer(b"http://secret.host/", status, "Retry-After: 7")))
    error = error_of(server.url, "/library/metadata/77?X-Plex-Token=secret")
    assert type(error) is kind
    assert error.retry_after_s == retry_after_s
    assert getattr(error, "pause_s", 0.0) == (retry_after_s or 0.0)
    assert (error.status, error.endpoint) == (int(status[:3]), "/library/metadata/{id}")  # type: ignore[attr-defined]
    assert "secret" not in str(error.as_dict())
    assert "127.0.0.1" not in str(error.as_dict())


def test_a_retry_after_that_is_a_date_is_not_taken_for_seconds(serve: Callable[..., Server]) -> None:
    server = serve(
        lambda connection: connection.sendall(answer(b"", "503 M", "Retry-After: Wed, 21 Oct 2026 07:28:00 GMT"))
    )
    error = error_of(server.url)
    assert (error.retry_after_s, error.pause_s) == (10.0, 0.0), "what callers are told is a guess"  # type: ignore[attr-defined]


@pytest.mark.parametrize("status", [200, 201, 400, 404])
def test_what_is_for_the_caller_to_judge_passes(serve: Callable[..., Server], status: int) -> None:
    server = serve(lambda connection: connection.sendall(answer(status=f"{status} x")))
    with session(server.url) as plex:
        assert plex.get(f"{server.url}/x").status_code == status


@pytest.mark.parametrize("status", [403, 404, 406, 500])
def test_what_a_player_answers_is_for_the_caller_to_judge(serve: Callable[..., Server], status: int) -> None:
    server = serve(lambda connection: connection.sendall(answer(b"", f"{status} x")))
    with session(server.url) as plex:
        assert plex.get(f"{server.url}/player/playback/pause").status_code == status
    assert isinstance(error_of(serve(lambda c: c.sendall(answer(b"", "503 x"))).url, "/player/x"), PlexUnavailable)


def test_refused_termination_is_a_missing_feature_not_a_bad_token(serve: Callable[..., Server]) -> None:
    server = serve(lambda connection: connection.sendall(answer(b"", "401 x")))
    assert "Plex Pass" in error_of(server.url, "/status/sessions/terminate").message


def test_an_empty_answer_is_an_error_where_something_must_come_and_fine_elsewhere(serve: Callable[..., Server]) -> None:
    server = serve(lambda connection: connection.sendall(answer(b" ")))
    assert isinstance(error_of(server.url), PlexBadAnswer)
    with session(server.url) as plex:
        for path in ("/:/scrobble", "/player/playback/pause", "/status/sessions/terminate"):
            assert plex.get(f"{server.url}{path}").ok


def test_a_web_page_is_no_answer(serve: Callable[..., Server]) -> None:
    page = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 13\r\n\r\n<html></html>"
    assert "PLEX_SERVER_URL" in str(error_of(serve(lambda c: c.sendall(page)).url).suggestion)


def test_xml_without_a_charset_is_utf8(serve: Callable[..., Server]) -> None:
    body = "<MediaContainer title='Amélie'/>".encode()
    head = f"HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nContent-Length: {len(body)}\r\n\r\n".encode()
    server = serve(lambda connection: connection.sendall(head + body))
    with session(server.url) as plex:
        assert plex.get(f"{server.url}/x").text == "<MediaContainer title='Amélie'/>"


def test_a_redirect_to_another_host_or_port_is_not_followed_and_the_token_stays_here(
    serve: Callable[..., Server],
) -> None:
    elsewhere = serve(lambda connection: connection.sendall(answer()))
    server = serve(lambda c: c.sendall(answer(b"", "302 Found", f"Location: {elsewhere.url}/x")))
    with session(server.url) as plex, pytest.raises(PlexBadAnswer):
        plex.get(f"{server.url}/x", headers={"X-Plex-Token": "secret"})
    assert elsewhere.requests == []


def test_a_redirect_on_the_same_host_is_followed_but_not_in_circles(serve: Callable[..., Server]) -> None:
    def turn(connection: socket.socket) -> None:
        here = server.requests[-1].startswith(b"GET /old")
        connection.sendall(answer(b"", "302 Found", "Location: /new") if here else answer())

    server = serve(turn)
    with session(server.url) as plex:
        assert plex.get(f"{server.url}/old").content == XML
    round_and_round = serve(lambda c: c.sendall(answer(b"", "302 Found", "Location: /x")))
    with session(round_and_round.url) as plex, pytest.raises(requests.TooManyRedirects):
        plex.get(f"{round_and_round.url}/x")


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_no_cookie_is_kept_or_sent_back(serve: Callable[..., Server], method: str) -> None:
    """The session is everybody's, and plex.tv is asked through it for each user."""

    def bake(connection: socket.socket) -> None:
        old = b" /old " in server.requests[-1]
        status = ("302 Found", "Location: /new") if old else ("200 OK",)
        connection.sendall(answer(XML, *status, "Set-Cookie: sid=canary; Path=/"))

    server = serve(bake)
    with session(server.url) as plex:
        for path in ("/x", "/old", "/x"):
            assert plex.request(method, f"{server.url}{path}").content == XML
        assert list(plex.cookies) == []
    assert len(server.requests) == 4
    assert not any(b"cookie" in request.lower() for request in server.requests)


@pytest.mark.parametrize("place", [b"http://[::bad", b"/\xe9"], ids=["open bracket", "Latin-1"])
def test_a_redirect_to_what_is_no_address_is_a_bad_answer(serve: Callable[..., Server], place: bytes) -> None:
    redirect = answer(b"", "302 Found", "Location: here").replace(b"here", place)
    error = error_of(serve(lambda c: c.sendall(redirect)).url)
    assert (type(error), error.status, error.endpoint) == (PlexBadAnswer, 302, "/x")  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("speak", "kind"),
    [
        (lambda c: c.shutdown(socket.SHUT_RDWR), PlexUnavailable),
        (lambda c: (c.sendall(answer()[:-5]), c.shutdown(socket.SHUT_RDWR)), PlexUnavailable),
        (lambda c: (c.sendall(b"HTTP/1.1 200 OK\r\nContent-Len"), c.shutdown(socket.SHUT_RDWR)), PlexBadAnswer),
        (lambda c: (c.sendall(b"SSH-2.0-OpenSSH\r\n"), c.shutdown(socket.SHUT_RDWR)), PlexUnavailable),
        (lambda c: c.sendall(answer(b"not gzip", "200 OK", "Content-Encoding: gzip")), PlexBadAnswer),
    ],
    ids=["closed at once", "short body", "cut headers", "another protocol", "broken gzip"],
)
def test_a_broken_connection_is_told_from_a_broken_answer(
    serve: Callable[..., Server], speak: Speak, kind: type[ToolError]
) -> None:
    assert type(error_of(serve(speak).url)) is kind


def test_a_closed_port_is_unavailable() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    error = error_of(url)
    assert (error.code, error.temporary) == ("PLEX_UNAVAILABLE", True)


def test_never_more_connections_than_the_pool_and_the_gauge_counts_them(serve: Callable[..., Server]) -> None:
    gate, lock, now, peak = threading.Event(), threading.Lock(), 0, 0

    def slowly(connection: socket.socket) -> None:
        nonlocal now, peak
        with lock:
            now += 1
            peak = max(peak, now)
        gate.wait(0.05)
        with lock:
            now -= 1
        connection.sendall(answer())

    server = serve(slowly)
    gc.collect()  # urllib3 closes a discarded pool's connections when it is collected
    before = PLEX_CONNECTIONS._value.get()
    with session(server.url, PLEX_POOL_SIZE="3") as plex:
        threads = [threading.Thread(target=plex.get, args=(f"{server.url}/x",)) for _ in range(12)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(WAIT_S)
        assert (server.connections, peak, len(server.requests)) == (3, 3, 12)
        assert PLEX_CONNECTIONS._value.get() == before + 3
    gc.collect()
    assert PLEX_CONNECTIONS._value.get() == before


@pytest.mark.parametrize("body", [b"not gzip", None], ids=["broken gzip", "endless"])
def test_a_bad_answer_does_not_cost_the_pool_a_connection(
    serve: Callable[..., Server], body: bytes | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With one connection a leak would hang the second request: the pool blocks."""
    monkeypatch.setattr(module, "MAX_ANSWER_BYTES", 100_000)
    long = answer(b" " * 200_000)
    server = serve(lambda c: c.sendall(answer(body, "200 OK", "Content-Encoding: gzip") if body else long))
    with session(server.url, PLEX_POOL_SIZE="1") as plex:
        for _ in range(3):
            with pytest.raises(PlexBadAnswer):
                plex.get(f"{server.url}/x")


def test_requests_are_counted_by_outcome(serve: Callable[..., Server]) -> None:
    def counted() -> list[float]:
        names = ("ok", "refused", "failed", "timeout")
        return [REGISTRY.get_sample_value("plex_mcp_plex_requests_total", {"outcome": name}) or 0 for name in names]

    before = counted()
    ok = serve(lambda c: c.sendall(answer()))
    with session(ok.url) as plex:
        plex.get(f"{ok.url}/x")
    error_of(serve(lambda c: c.sendall(answer(b"", "403 x"))).url)
    error_of(serve(lambda c: c.sendall(answer(b"", "500 x"))).url)
    error_of(serve(lambda c: c.shutdown(socket.SHUT_RDWR)).url)
    silent = serve(lambda c: silent.stopped.wait(WAIT_S))
    error_of(silent.url, PLEX_READ_TIMEOUT="0.2")
    assert [after - then for after, then in zip(counted(), before, strict=True)] == [1, 1, 2, 1]


def test_the_environment_has_no_say(monkeypatch: pytest.MonkeyPatch, serve: Callable[..., Server]) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/nowhere")
    server = serve(lambda connection: connection.sendall(answer()))
    with session(server.url) as plex:
        assert plex.get(f"{server.url}/x").ok


class TestTLS:
    @pytest.fixture
    def context(self, certificate: Path) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        return context

    def test_an_unknown_certificate_is_refused_with_advice(
        self, serve: Callable[..., Server], context: ssl.SSLContext
    ) -> None:
        error = error_of(serve(lambda c: c.sendall(answer()), context).url)
        assert "PLEX_CA_FILE" in str(error.suggestion)

    def test_an_authority_of_its_own_is_accepted_when_named(
        self, serve: Callable[..., Server], context: ssl.SSLContext, certificate: Path
    ) -> None:
        server = serve(lambda c: c.sendall(answer()), context)
        with session(server.url, PLEX_CA_FILE=str(certificate)) as plex:
            assert plex.get(f"{server.url}/x").content == XML

    def test_verification_may_be_turned_off(self, serve: Callable[..., Server], context: ssl.SSLContext) -> None:
        server = serve(lambda c: c.sendall(answer()), context)
        with session(server.url, PLEX_VERIFY_TLS="false") as plex:
            assert plex.get(f"{server.url}/x").content == XML

    def test_what_is_set_for_the_home_is_not_so_for_plex_tv(
        self, serve: Callable[..., Server], context: ssl.SSLContext, certificate: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The owner's token goes there: to whoever has a certificate of the public authorities, and to nobody else."""
        home = serve(lambda c: c.sendall(answer()), context)
        plex_tv = serve(lambda c: c.sendall(answer()), context)
        for changed in ({"PLEX_VERIFY_TLS": "false"}, {"PLEX_CA_FILE": str(certificate)}):
            with session(home.url, **changed) as plex:
                with pytest.raises(PlexUnavailable):
                    plex.get(f"{plex_tv.url}/x", headers={"X-Plex-Token": "secret"})
                assert plex.get(f"{home.url}/x").content == XML
        assert plex_tv.requests == []
        # The public authorities are those that requests knows.
        public = requests.certs.where()
        monkeypatch.setattr("requests.adapters.DEFAULT_CA_BUNDLE_PATH", str(certificate))
        for changed in ({}, {"PLEX_CA_FILE": public}):
            with session("https://plex.home:32400", **changed) as plex:
                assert plex.get(f"{plex_tv.url}/x").content == XML

    def test_dripping_is_ended_under_tls_too(self, serve: Callable[..., Server], context: ssl.SSLContext) -> None:
        server = serve(lambda connection: server.drip(connection, b"H"), context)
        assert isinstance(error_of(server.url, deadline_s=0.5, PLEX_VERIFY_TLS="false"), PlexTimeout)


class TestWatchdog:
    def test_the_nearest_deadline_fires_first_and_the_others_wait(self) -> None:
        dog = Watchdog()
        far = time.monotonic() + WAIT_S * 6
        here, there = socket.socketpair()
        with here, there, dog.until(far) as late:
            late.add(here)
            other, end = socket.socketpair()
            with other, end, dog.until(time.monotonic() + 0.05) as early:
                early.add(other)
                end.settimeout(WAIT_S)
                assert end.recv(1) == b"", "shut down"
            there.setblocking(False)
            with pytest.raises(BlockingIOError):
                there.recv(1)
            assert (early.fired, late.fired) == (True, False)
        assert dog._watches == set()

    def test_a_deadline_before_the_one_it_sleeps_for_wakes_the_thread_and_a_later_one_is_kept_too(self) -> None:
        dog = Watchdog()
        with dog.until(time.monotonic() + WAIT_S * 6):  # it sleeps for this one, which ends before that
            pass
        for delay_s in (0.05, 0.1):
            here, there = socket.socketpair()
            with here, there, dog.until(time.monotonic() + delay_s) as watch:
                watch.add(here)
                there.settimeout(WAIT_S)
                assert there.recv(1) == b""
                assert watch.fired

    def test_a_socket_that_comes_too_late_is_shut_down_at_once_and_a_closed_one_does_not_matter(self) -> None:
        watch = Watch(0.0)
        here, there = socket.socketpair()
        with here, there:
            watch.add(here)
            here.close()
            there.close()
            watch.fire()
        here, there = socket.socketpair()
        with here, there:
            watch.add(here)
            there.settimeout(WAIT_S)
            assert there.recv(1) == b""
        watch.close()

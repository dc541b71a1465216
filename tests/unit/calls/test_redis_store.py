"""What is said to Redis and what its faults cost, over a server of a few lines: real ones are in tests/faults."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from redis.exceptions import (
    AuthenticationError,
    AuthorizationError,
    NoPermissionError,
    OutOfMemoryError,
    ReadOnlyError,
    RedisError,
    ResponseError,
)
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import TimeoutError as RedisTimeoutError
from structlog.testing import capture_logs

from plex_mcp.calls import redis_connection
from plex_mcp.calls.redis_connection import CONNECTIONS, TLS
from plex_mcp.calls.redis_store import RedisStore, fault_kind, is_lost
from plex_mcp.secret import Secret
from plex_mcp.telemetry.metrics import REDIS_CONNECTIONS, REDIS_UP, REGISTRY
from tests.fakes import WAIT_S, Clock, settings

Reply = Callable[[list[bytes]], bytes | None]


class LittleRedis:
    """Answers MGET, SET and PING, or what `reply` makes of a command: None leaves it unanswered, no bytes hang up.

    `commands` leaves out the PING that redis-py sends over a new connection.
    """

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        self.named: list[str | None] = []
        self._tls = tls
        if tls is not None:
            tls.sni_callback = lambda _sock, name, _context: self.named.append(name)
        self.held: dict[bytes, bytes] = {}
        self.commands: list[list[bytes]] = []
        self.connections = 0
        self.ended = threading.Semaphore(0)
        self.reply: Reply = self._obey
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"redis://127.0.0.1:{self._listener.getsockname()[1]}/0"
        self._open: list[socket.socket] = []
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        for one in (self._listener, *self._open):
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()

    def _obey(self, command: list[bytes]) -> bytes:
        match command:
            case [b"MGET", *names]:
                found = [self.held.get(name) for name in names]
                bulks = [b"$-1\r\n" if one is None else b"$%d\r\n%s\r\n" % (len(one), one) for one in found]
                return b"*%d\r\n%s" % (len(found), b"".join(bulks))
            case [b"SET", name, value, b"PX", _]:
                self.held[name] = value
                return b"+OK\r\n"
            case [b"PING"]:
                return b"+PONG\r\n"
        return b"-ERR what is that\r\n"

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            self._open.append(client)
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        try:
            if self._tls is not None:
                client = self._tls.wrap_socket(client, server_side=True)
            with client.makefile("rb") as stream:
                while count := stream.readline():
                    command = []
                    for _ in range(int(count[1:])):
                        length = int(stream.readline()[1:])
                        command.append(stream.read(length + 2)[:-2])
                    if command != [b"PING"]:
                        self.commands.append(command)
                    answer = self.reply(command)
                    if answer == b"":
                        break
                    client.sendall(answer or b"")
        except OSError:
            pass
        finally:
            client.close()
            self.ended.release()


@pytest.fixture
def little() -> Iterator[LittleRedis]:
    server = LittleRedis()
    yield server
    server.close()


class Lost:
    """Counts how often it was told that Redis is lost."""

    def __init__(self) -> None:
        self.times = 0

    def __call__(self) -> None:
        self.times += 1


def store_for(url: str, **changed: str) -> RedisStore:
    return RedisStore(settings(REDIS_URL=url, **{"REDIS_TIMEOUT": "5", **changed}), clock=Clock(), on_lost=Lost())


@pytest.fixture
def store(little: LittleRedis) -> Iterator[RedisStore]:
    made = store_for(little.url)
    yield made
    made.close()


def faults(kind: str) -> float:
    return REGISTRY.get_sample_value("plex_mcp_redis_faults_total", {"kind": kind}) or 0.0


def lost(store: RedisStore) -> int:
    return store._on_lost.times  # type: ignore[attr-defined, no-any-return]


def up() -> float:
    return REGISTRY.get_sample_value("plex_mcp_redis_up") or 0.0


def test_each_operation_is_one_command_on_one_connection(little: LittleRedis, store: RedisStore) -> None:
    store.save("name", b"\x00value", expires_in_s=1.2345)
    assert store.load("name", "unknown") == [b"\x00value", None]
    assert little.commands == [
        [b"SET", b"name", b"\x00value", b"PX", b"1234"],
        [b"MGET", b"name", b"unknown"],
    ]
    assert little.connections == 1
    assert REGISTRY.get_sample_value("plex_mcp_redis_connections") == 1


def test_what_has_expired_already_is_kept_for_no_time_that_redis_refuses(
    little: LittleRedis, store: RedisStore
) -> None:
    for expires_in_s in (-5.0, 0.0, 0.0014):
        store.save("name", b"", expires_in_s=expires_in_s)
    assert [command[-1] for command in little.commands] == [b"1"] * 3


def test_an_answer_that_is_no_list_is_as_if_redis_could_not_be_asked(little: LittleRedis, store: RedisStore) -> None:
    little.reply = lambda command: b":7\r\n" if command[0] == b"MGET" else little._obey(command)
    assert store.load("name") is None
    assert not store.breaker.opened


@pytest.mark.parametrize(
    ("answer", "kind", "cause"),
    [
        (b"-OOM command not allowed\r\n", "refused", "OutOfMemoryError"),
        (b"-READONLY You can't write\r\n", "refused", "ReadOnlyError"),
        (b"-NOPERM no\r\n", "refused", "NoPermissionError"),
        (b"-WRONGTYPE a list\r\n", "other", "ResponseError"),
    ],
)
def test_a_redis_that_answers_with_an_error_is_not_lost_and_keeps_its_connection(
    little: LittleRedis, store: RedisStore, answer: bytes, kind: str, cause: str
) -> None:
    before = faults(kind)
    store.save("name", b"1", expires_in_s=5)
    little.reply = lambda _command: answer
    with capture_logs() as lines:
        assert store.load("name") is None
    assert lines == [{"event": "redis.operation_failed", "kind": kind, "cause": cause, "log_level": "warning"}]
    assert faults(kind) == before + 1
    assert not store.breaker.opened
    little.reply = little._obey
    assert store.load("name") == [b"1"]
    assert little.connections == 1


def test_nothing_more_is_read_from_a_connection_that_answered_nonsense(little: LittleRedis, store: RedisStore) -> None:
    store.save("name", b"1", expires_in_s=5)
    little.reply = lambda _command: b"nonsense\r\n"
    assert store.load("name") is None
    assert not store.breaker.opened
    little.reply = little._obey
    assert store.load("name") == [b"1"]
    assert little.connections == 2


def test_a_redis_that_is_lost_is_not_asked_again_until_a_probe_finds_it(little: LittleRedis, store: RedisStore) -> None:
    store.save("name", b"1", expires_in_s=5)
    before = faults("connection")
    little.reply = lambda _command: b""
    with capture_logs() as lines:
        assert store.load("name") is None
        assert store.load("name") is None
        store.save("name", b"2", expires_in_s=5)
    assert [line["event"] for line in lines] == ["redis.lost"]
    assert little.commands[1:] == [[b"MGET", b"name"]]
    assert (faults("connection"), lost(store), up(), store.breaker.opened) == (before + 1, 1, 0, True)
    store.probe()
    assert (faults("connection"), lost(store), up(), store.breaker.opened) == (before + 2, 1, 0, True)
    little.reply = little._obey
    with capture_logs() as lines:
        store.probe()
    assert lines == [{"event": "redis.returned", "log_level": "info"}]
    assert (faults("connection"), lost(store), up(), store.breaker.opened) == (before + 2, 1, 1, False)
    assert store.load("name") == [b"1"]


def test_a_redis_that_hangs_costs_its_timeout_and_counts_as_one(little: LittleRedis) -> None:
    store = store_for(little.url, REDIS_TIMEOUT="0.05")
    before = faults("timeout")
    little.reply = lambda _command: None
    assert store.load("name") is None
    assert (faults("timeout"), store.breaker.opened) == (before + 1, True)
    assert little.ended.acquire(timeout=WAIT_S), "its connection was ended"
    store.close()


def test_a_redis_that_drips_is_cut_off_at_twice_the_timeout(little: LittleRedis) -> None:
    store = store_for(little.url, REDIS_TIMEOUT="0.05")
    before = faults("timeout")
    cut = threading.Event()

    def drip(_command: list[bytes]) -> bytes | None:
        try:
            while not cut.wait(0.01):
                little._open[0].sendall(b"$")
        except OSError:
            pass
        return None

    little.reply = drip
    assert store.load("name") is None
    cut.set()
    assert (faults("timeout"), store.breaker.opened) == (before + 1, True)
    store.close()


def test_a_pool_that_is_all_taken_is_a_miss_and_no_fault_of_redis(little: LittleRedis) -> None:
    store = store_for(little.url, REDIS_POOL_SIZE="1", REDIS_TIMEOUT="0.05")
    pool = store._connected().connection_pool
    taken = pool.get_connection()
    assert store.load("name") is None
    assert not store.breaker.opened
    pool.release(taken)
    store.close()


def test_losing_redis_ends_the_connections_that_nobody_uses(little: LittleRedis, store: RedisStore) -> None:
    store.save("name", b"1", expires_in_s=5)
    pool = store._connected().connection_pool
    used, unused = pool.get_connection(), pool.get_connection()
    unused.send_command("PING")
    unused.read_response()
    pool.release(unused)
    store.breaker.count_failure(RedisConnectionError("gone"))
    assert little.ended.acquire(timeout=WAIT_S)
    used.send_command("PING")
    assert used.read_response() == b"PONG"
    assert little.connections == 2, "one in use ends with what it does"
    pool.release(used)


def test_closing_ends_the_connections_and_may_come_before_any_was_made(little: LittleRedis) -> None:
    store = store_for(little.url)
    store.close()
    assert REGISTRY.get_sample_value("plex_mcp_redis_connections") == 0
    store.save("name", b"1", expires_in_s=5)
    pool = store._connected().connection_pool
    used, unused = pool.get_connection(), pool.get_connection()
    pool.release(unused)
    store.close()
    used.send_command("PING")
    assert (used.read_response(), unused._sock) == (b"PONG", None)
    assert little.connections == 2, "one in use ends with what it does"
    pool.release(used)
    store.close()
    assert little.ended.acquire(timeout=WAIT_S)
    store_for("redis://127.0.0.1:9/0").breaker.count_failure(RedisConnectionError("lost before it was connected"))


def test_a_rotated_address_is_taken_up_by_the_next_probe(little: LittleRedis, tmp_path: Path) -> None:
    path = tmp_path / "redis-url"
    path.write_text("redis://127.0.0.1:9/0")
    store = store_for(little.url)
    object.__setattr__(store._settings, "redis_url", Secret.from_file(path))
    assert store.load("name") is None
    store.probe()
    assert store.breaker.opened
    path.write_text(little.url + "?longer=")
    path.write_text(little.url)
    store.probe()
    assert not store.breaker.opened
    client = store._connected()
    store.probe()
    assert store._connected() is client, "the same address keeps its connections"
    assert little.connections == 1
    path.write_text("redis://127.0.0.1:9/1")
    store.probe()
    assert little.ended.acquire(timeout=WAIT_S), "the old ones are ended"


def test_a_store_that_was_never_asked_can_be_probed(little: LittleRedis, store: RedisStore) -> None:
    store.probe()
    assert (little.connections, little.commands, store.breaker.opened) == (1, [], False)


def test_connections_are_few_try_once_and_end_in_time(little: LittleRedis) -> None:
    store = store_for(little.url, REDIS_TIMEOUT="0.7", REDIS_POOL_SIZE="3")
    pool = store._connected().connection_pool
    connection = pool.make_connection()
    assert (pool.max_connections, pool.timeout) == (3, 0.7)
    assert (connection.socket_timeout, connection.socket_connect_timeout) == (0.7, 0.7)
    assert connection.health_check_interval == 30
    assert (connection.retry._retries, connection.retry._backoff.compute(1)) == (0, 0)
    assert store._connected().connection_pool is pool, "one pool of a store"


@pytest.mark.parametrize("scheme", ["redis", "rediss", "unix"])
def test_the_scheme_of_the_address_says_how_to_connect(scheme: str) -> None:
    pool = store_for("redis://127.0.0.1:9/0")._pool(f"{scheme}://127.0.0.1/0")
    assert pool.connection_class is CONNECTIONS[scheme]


def test_the_authorities_are_read_before_the_clock_of_the_first_call_runs(certificate: Path) -> None:
    redis_connection._tls_context.cache_clear()
    store = store_for(f"rediss://127.0.0.1:9/0?ssl_ca_certs={certificate}")
    store._connected()
    assert redis_connection._tls_context.cache_info().misses == 1
    assert store.load("name") is None
    assert redis_connection._tls_context.cache_info().misses == 1


def test_tls_is_spoken_to_the_host_that_the_address_names(certificate: Path) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    server = LittleRedis(context)
    port = server.url.rpartition(":")[2]
    store = store_for(f"rediss://localhost:{port}?ssl_ca_certs={certificate}&ssl_check_hostname=false")
    store.save("name", b"1", expires_in_s=5)
    assert store.load("name") == [b"1"]
    assert server.named == ["localhost"]
    store.close()
    unsure = store_for(f"rediss://localhost:{port}?ssl_ca_certs={certificate}")
    assert unsure.load("name") is None, "the certificate is for 127.0.0.1"
    server.close()


def test_a_tls_connection_trusts_whom_its_address_names_and_shows_its_own_certificate(certificate: Path) -> None:
    def context(**options: Any) -> ssl.SSLContext:
        return TLS(host="plex.test", **options).context()

    everybody = context()
    assert (everybody.verify_mode, everybody.check_hostname) == (ssl.CERT_REQUIRED, True)
    for named in (
        {"ssl_ca_certs": str(certificate)},
        {"ssl_ca_data": ssl.DER_cert_to_PEM_cert(ssl.PEM_cert_to_DER_cert(_certificate_alone(certificate)))},
    ):
        assert [found["subject"] for found in context(**named).get_ca_certs()] == [((("commonName", "plex.test"),),)]
    assert context(ssl_ca_path=str(certificate.parent)).get_ca_certs() == [], "a folder is read when it is needed"
    nobody = context(ssl_cert_reqs="none", ssl_check_hostname=False)
    assert (nobody.verify_mode, nobody.check_hostname) == (ssl.CERT_NONE, False)
    assert context(ssl_certfile=str(certificate), ssl_keyfile=str(certificate)) is not everybody
    with pytest.raises(FileNotFoundError):
        context(ssl_certfile=str(certificate), ssl_keyfile="/no/such/key")


def _certificate_alone(path: Path) -> str:
    text = path.read_text()
    return text[text.index("-----BEGIN CERTIFICATE") :]


@pytest.mark.parametrize(
    ("error", "kind", "ends_it"),
    [
        (RedisTimeoutError(), "timeout", True),
        (TimeoutError(), "timeout", True),
        (AuthenticationError(), "refused", True),
        (AuthorizationError(), "refused", True),
        (NoPermissionError(), "refused", False),
        (OutOfMemoryError(), "refused", False),
        (ReadOnlyError(), "refused", False),
        (RedisConnectionError(), "connection", True),
        (OSError(), "connection", True),
        (ResponseError(), "other", False),
        (RedisError(), "other", False),
        (ValueError(), "other", False),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else "",
)
def test_faults_are_of_four_kinds_and_some_mean_that_redis_is_lost(error: Exception, kind: str, ends_it: bool) -> None:
    assert (fault_kind(error), is_lost(error)) == (kind, ends_it)


def test_a_store_counts_as_up_until_it_is_known_to_be_down() -> None:
    REDIS_UP.set(0)
    store = store_for("redis://127.0.0.1:9/0")
    assert up() == 1
    assert REDIS_CONNECTIONS._child_samples()[0].value == 0
    store.load("name")
    assert store.breaker.opened_at == 1_800_000_000.0
    assert up() == 0

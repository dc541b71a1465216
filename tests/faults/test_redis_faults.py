"""Every fault of Redis, with every reading tool, on servers of two ages: Plex is well, so every answer must be right.

With Redis at fault an answer comes from the process or from Plex, and nobody sees a difference but in speed. With Plex
down as well what the process holds is served, marked.
"""

from __future__ import annotations

import select
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from plex_mcp.calls.redis_connection import TCP
from plex_mcp.quickstart.redis import server_binary
from plex_mcp.standin import StandIn
from plex_mcp.telemetry.metrics import REDIS_CONNECTIONS, REDIS_UP, REGISTRY
from tests.conftest import RedisServer
from tests.fakes import WAIT_S
from tests.faults.tally import Row
from tests.faults.world import NOW, READERS, World, content, replica, require_marked, require_unmarked

MATRIX = "Redis"


def faults_counted(kind: str) -> float:
    return REGISTRY.get_sample_value("plex_mcp_redis_faults_total", {"kind": kind}) or 0.0


class Proxy:
    """Between the client and Redis: delivers each answer late, or a byte at a time, or over TLS."""

    def __init__(
        self, url: str, *, delay_s: float = 0.0, step_bytes: int = 1 << 20, tls: ssl.SSLContext | None = None
    ) -> None:
        self._target = urlsplit(url).port
        self._delay_s = delay_s
        self._step = step_bytes
        self._tls = tls
        self._stopped = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"redis://127.0.0.1:{self._listener.getsockname()[1]}/0"
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        self._stopped.set()
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        try:
            if self._tls is not None:
                client = self._tls.wrap_socket(client, server_side=True)
            with client, socket.create_connection(("127.0.0.1", self._target)) as server:
                # Both ways in one thread: an SSLSocket is not for two.
                while not self._stopped.is_set():
                    for source in select.select([client, server], [], [], 0.1)[0]:
                        data = source.recv(65536)
                        if not data:
                            return
                        if source is client:
                            server.sendall(data)
                        else:
                            self._deliver(client, data)
        except OSError:
            return
        finally:
            client.close()

    def _deliver(self, client: socket.socket, data: bytes) -> None:
        for at in range(0, len(data), self._step):
            self._stopped.wait(self._delay_s)
            client.sendall(data[at : at + self._step])


@pytest.fixture(scope="module")
def plex() -> Iterator[StandIn]:
    with StandIn("small", clock=lambda: NOW) as running:
        yield running


@pytest.fixture
def row() -> Iterator[Row]:
    made = Row(MATRIX)
    yield made
    made.close()


def garble(redis_server: RedisServer) -> None:
    with redis_server.client() as client:
        keys = client.keys("plex-mcp:*")
        assert keys, "the replica had stored something"
        for number, key in enumerate(keys):
            stored = client.get(key)
            if number % 3 == 0:
                client.set(key, b"\x00garbage")
            elif number % 3 == 1:
                client.set(key, stored[:-3] + b"xyz")
            else:
                client.delete(key)
                client.lpush(key, b"a list")


def command(*words: Any) -> Callable[[RedisServer], None]:
    def send(redis_server: RedisServer) -> None:
        with redis_server.client() as client:
            client.execute_command(*words)

    return send


def restart(redis_server: RedisServer) -> None:
    redis_server.kill()
    redis_server.start()


BREAK: dict[str, Callable[[RedisServer], None]] = {
    "killed in flight": RedisServer.kill,
    "hanging": RedisServer.freeze,
    "out of memory": command("CONFIG", "SET", "maxmemory", "1"),
    "read-only": command("REPLICAOF", "127.0.0.1", "1"),
    "corrupt values": garble,
    "restarted empty": restart,
}


def url_for(fault: str, redis_server: RedisServer, stack: ExitStack) -> str:
    """Faults that are there from the start."""
    if fault == "absent at start":
        redis_server.kill()
    elif fault == "wrong password":
        command("CONFIG", "SET", "requirepass", "right")(redis_server)
        return redis_server.url.replace("//", "//:wrong@")
    elif fault in {"slow", "dripping"}:
        figures = {"slow": {"delay_s": 0.02}, "dripping": {"delay_s": 0.02, "step_bytes": 1}}[fault]
        proxy = Proxy(redis_server.url, **figures)  # type: ignore[arg-type]
        stack.callback(proxy.close)
        return proxy.url
    return redis_server.url


FAULTS = ("absent at start", "wrong password", "slow", "dripping", *BREAK)


@pytest.mark.parametrize("fault", FAULTS)
def test_no_fault_of_redis_is_seen_in_an_answer(plex: StandIn, redis_server: RedisServer, row: Row, fault: str) -> None:
    with ExitStack() as stack:
        url = url_for(fault, redis_server, stack)
        cold, warm, old, other = (stack.enter_context(replica(plex, REDIS_URL=url)) for _ in range(4))
        reference = stack.enter_context(replica(plex))
        right = {name: content(reference.call(name)) for name in READERS}
        for name in READERS:
            warm.call(name)
            old.call(name)
        old.clock.now += 3600
        other.clock.now += 3600
        BREAK.get(fault, lambda _server: None)(redis_server)
        if fault == "hanging":
            stack.callback(redis_server.thaw)

        def check(world: World, name: str, outcomes: set[str]) -> Callable[[], None]:
            def answer() -> None:
                outcome = world.call(name)
                require_unmarked(outcome)
                assert outcome.outcome in outcomes, outcome.outcome
                assert content(outcome) == right[name]

            return answer

        for name in READERS:
            row.cell(f"{fault} / {name} / fresh here", check(warm, name, {"hit_l1"}))
            row.cell(f"{fault} / {name} / fresh in Redis", check(cold, name, {"miss", "hit_l2"}))
            row.cell(f"{fault} / {name} / stale here", check(old, name, {"miss"}))
            row.cell(f"{fault} / {name} / stale in Redis", check(other, name, {"miss", "hit_l2"}))
        plex.stop_listening()
        try:
            old.clock.now += 3600
            for name in READERS:
                if name not in {"get_playback_status", "list_clients"}:
                    row.cell(f"{fault} / {name} / Plex down too", lambda n=name: require_marked(old.call(n)))
        finally:
            plex.listen_again()


@contextmanager
def lone_replica(plex: StandIn, redis_server: RedisServer) -> Iterator[World]:
    with replica(plex, REDIS_URL=redis_server.url, RETRY_INITIAL="0.01", RETRY_MAX="0.02") as world:
        yield world


def test_a_hanging_redis_costs_one_call_its_timeout_and_the_others_nothing(
    plex: StandIn, redis_server: RedisServer
) -> None:
    with lone_replica(plex, redis_server) as world:
        world.call("list_clients")
        redis_server.freeze()
        before = faults_counted("timeout")
        for name in READERS:
            world.age(name)
            require_unmarked(world.call(name))
        assert faults_counted("timeout") == before + 1, "and nobody but the monitor asks again"
        assert REDIS_UP._value.get() == 0
        assert [part["what"] for part in world.executor.health().degraded] == ["redis"]
        world.executor._redis.probe()
        assert faults_counted("timeout") == before + 2
        assert REDIS_UP._value.get() == 0
        redis_server.thaw()


def test_many_calls_at_once_on_a_hanging_redis_all_get_answers(plex: StandIn, redis_server: RedisServer) -> None:
    with lone_replica(plex, redis_server) as world:
        redis_server.freeze()
        failures: list[BaseException] = []

        def call(number: int) -> None:
            try:
                require_unmarked(world.call(READERS[number % len(READERS)]))
            except BaseException as error:
                failures.append(error)

        threads = [threading.Thread(target=call, args=(number,)) for number in range(40)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(WAIT_S * 2)
        redis_server.thaw()
        assert failures == []


@pytest.mark.parametrize("fault", ["killed in flight", "hanging", "restarted empty"])
def test_the_monitor_finds_redis_again_and_answers_are_shared_again(
    plex: StandIn, redis_server: RedisServer, fault: str
) -> None:
    with lone_replica(plex, redis_server) as world, lone_replica(plex, redis_server) as other:
        world.call("list_clients")
        BREAK[fault](redis_server)
        if fault == "restarted empty":
            world.call("get_on_deck")
            assert other.call("get_on_deck").outcome == "hit_l2", "dropped connections are replaced without a fault"
            return
        world.call("get_on_deck")
        assert world.executor._redis.breaker.opened
        if fault == "hanging":
            redis_server.thaw()
        else:
            redis_server.start()
        world.executor.monitor.start()
        for _ in range(1000):
            if not world.executor._redis.breaker.opened:
                break
            threading.Event().wait(0.01)
        assert REDIS_UP._value.get() == 1
        world.call("search_media")
        assert other.call("search_media").outcome == "hit_l2"
        assert world.executor.health().degraded == []


def test_a_rotated_password_is_taken_up_at_the_next_probe(
    plex: StandIn, redis_server: RedisServer, tmp_path: Any
) -> None:
    from plex_mcp.secret import Secret

    with lone_replica(plex, redis_server) as world, lone_replica(plex, redis_server) as other:
        path = tmp_path / "redis-url"
        path.write_text(redis_server.url.replace("//", "//:first@"))
        object.__setattr__(world.executor._settings, "redis_url", Secret.from_file(path))
        command("CONFIG", "SET", "requirepass", "second")(redis_server)
        world.call("list_clients")
        world.executor._redis.probe()
        assert world.executor._redis.breaker.opened
        path.write_text(redis_server.url.replace("//", "//:second@"))
        world.executor._redis.probe()
        assert not world.executor._redis.breaker.opened
        world.call("get_on_deck")
        object.__setattr__(other.executor._settings, "redis_url", Secret.from_file(path))
        assert other.call("get_on_deck").outcome == "hit_l2"


def test_the_database_number_of_the_url_is_the_one_used(plex: StandIn, redis_server: RedisServer) -> None:
    url = redis_server.url.removesuffix("/0") + "/5"
    with replica(plex, REDIS_URL=url) as world:
        world.call("get_on_deck")
        with redis_server.client() as client:
            assert client.dbsize() == 0
            client.select(5)
            keys = client.keys("*")
            assert [key.decode().rsplit(":", 1)[0].split(":")[-1] for key in keys] == ["get_on_deck}"]
            expires_in_s = client.pttl(keys[0]) / 1000
        assert 120 + 86400 - WAIT_S < expires_in_s <= 120 + 86400


def test_a_socket_of_the_file_system_will_do(plex: StandIn, tmp_path: Any) -> None:
    path = tmp_path / "redis.sock"
    server = RedisServer(server_binary(), "--unixsocket", str(path), "--dir", str(tmp_path))
    server.start()
    try:
        with replica(plex, REDIS_URL=f"unix://{path}") as world, replica(plex, REDIS_URL=f"unix://{path}") as other:
            world.call("get_on_deck")
            assert other.call("get_on_deck").outcome == "hit_l2"
    finally:
        server.kill()


def test_tls_will_do_and_its_certificate_is_verified(
    plex: StandIn, redis_server: RedisServer, certificate: Path
) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    proxy = Proxy(redis_server.url, tls=context)
    url = proxy.url.replace("redis:", "rediss:")
    try:
        with replica(plex, REDIS_URL=url) as unsure:
            unsure.call("get_on_deck")
            assert unsure.executor._redis.breaker.opened, "a certificate that nobody vouches for"
        url += f"?ssl_ca_certs={certificate}&ssl_certfile={certificate}&ssl_keyfile={certificate}"
        with replica(plex, REDIS_URL=url) as world, replica(plex, REDIS_URL=url) as other:
            world.call("get_on_deck")
            assert other.call("get_on_deck").outcome == "hit_l2"
    finally:
        proxy.close()


@pytest.mark.parametrize("option", ["?no_such_option=1", "?socket_timeout=x", "?ssl_ca_certs=/no/such/file"])
def test_a_redis_url_that_makes_no_connection_is_a_miss(plex: StandIn, option: str) -> None:
    with replica(plex, REDIS_URL=f"rediss://127.0.0.1:9/0{option}") as world:
        require_unmarked(world.call("get_on_deck"))
        world.executor._redis.probe()


def test_nothing_is_connected_before_it_is_used(plex: StandIn) -> None:
    with replica(plex):
        assert REDIS_CONNECTIONS._child_samples()[0].value == 0
    with pytest.raises(redis.ConnectionError):
        TCP(host="127.0.0.1", port=9, retry=Retry(NoBackoff(), 0)).send_packed_command([b"PING"])


def test_connections_are_bounded_and_counted(plex: StandIn, redis_server: RedisServer) -> None:
    with replica(plex, REDIS_URL=redis_server.url, REDIS_POOL_SIZE="2", REDIS_TIMEOUT="5") as world:
        threads = [threading.Thread(target=world.call, args=(name,)) for name in READERS * 3]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(WAIT_S)
        assert 1 <= REDIS_CONNECTIONS._child_samples()[0].value <= 2
        with redis_server.client() as client:
            assert len(client.client_list()) <= 2 + 1


def test_a_pool_that_is_all_taken_is_a_miss_and_not_the_end_of_redis(plex: StandIn, redis_server: RedisServer) -> None:
    with replica(plex, REDIS_URL=redis_server.url, REDIS_POOL_SIZE="1", REDIS_TIMEOUT="0.05") as world:
        store = world.executor._redis
        taken = store._connected().connection_pool.get_connection()
        assert store.load("x") is None, "it could not be asked"
        assert not store.breaker.opened
        store._client.connection_pool.release(taken)  # type: ignore[union-attr]
        store.save("x", b"1", expires_in_s=5)
        assert store.load("x", "y") == [b"1", None]


def test_nothing_secret_is_stored(plex: StandIn, redis_server: RedisServer) -> None:
    with replica(plex, REDIS_URL=redis_server.url) as world:
        for name in READERS:
            world.call(name)
    with redis_server.client() as client:
        held = b"".join(key + client.get(key) for key in client.keys("*"))
    assert len(held) > 1000
    assert plex.token.encode() not in held
    assert b"127.0.0.1" not in held

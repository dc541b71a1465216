"""What is said to Redis and what its faults cost, over a server of a few lines: real ones are in tests/faults."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from pathlib import Path

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

from plex_mcp.calls.redis_store import RedisStore, fault_kind, is_lost
from plex_mcp.secret import Secret
from plex_mcp.telemetry.metrics import REDIS_CONNECTIONS, REDIS_UP, REGISTRY
from tests.fakes import WAIT_S, Clock
from tests.unit.calls.little_redis import LittleRedis, store_for


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


def test_a_redis_that_refuses_every_operation_is_told_of_once_a_minute_for_each_kind(
    little: LittleRedis, store: RedisStore
) -> None:
    clock: Clock = store.breaker._clock  # type: ignore[assignment]

    def told(answer: bytes) -> list[str]:
        little.reply = lambda _command: answer
        with capture_logs() as lines:
            store.load("name")
        return [line["kind"] for line in lines]

    before = faults("refused")
    assert [told(b"-NOPERM no\r\n") for _ in range(3)] == [["refused"], [], []]
    assert told(b"-WRONGTYPE a list\r\n") == ["other"]
    clock.now += 59.5
    assert told(b"-NOPERM no\r\n") == []
    clock.now += 0.5
    assert [told(b"-NOPERM no\r\n") for _ in range(2)] == [["refused"], []]
    assert faults("refused") == before + 6, "the metric counts them all"


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


@contextlib.contextmanager
def dripping(little: LittleRedis) -> Iterator[None]:
    """Each answer begins, goes on and does not end."""
    cut = threading.Event()

    def drip(_command: list[bytes]) -> bytes | None:
        try:
            while not cut.wait(0.01):
                little._open[-1].sendall(b"$")
        except OSError:
            pass
        return None

    little.reply = drip
    yield
    cut.set()


def test_a_redis_that_drips_is_cut_off_at_twice_the_timeout(little: LittleRedis) -> None:
    store = store_for(little.url, REDIS_TIMEOUT="0.05")
    before = faults("timeout")
    with dripping(little):
        assert store.load("name") is None
    assert (faults("timeout"), store.breaker.opened) == (before + 1, True)
    store.close()


def test_a_probe_of_a_redis_that_drips_ends_too_and_counts_as_a_timeout(little: LittleRedis) -> None:
    """The monitor waits for it, and looks after Plex as well."""
    store = store_for(little.url, REDIS_TIMEOUT="0.05")
    before = faults("timeout")
    store.breaker.count_failure(RedisConnectionError("gone"))
    with dripping(little):
        probing = threading.Thread(target=store.probe, daemon=True)
        probing.start()
        probing.join(WAIT_S)
        assert not probing.is_alive()
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

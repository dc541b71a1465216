"""How Redis is connected to, and whom a TLS connection trusts."""

from __future__ import annotations

import ssl
from pathlib import Path
from typing import Any

import pytest

from plex_mcp.calls import redis_connection
from plex_mcp.calls.redis_connection import CONNECTIONS, TLS
from tests.unit.calls.little_redis import LittleRedis, store_for


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

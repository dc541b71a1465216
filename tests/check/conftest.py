"""A healthy household for `plex-mcp check`, and the ways to break it."""

from __future__ import annotations

import datetime
import ipaddress
import json
import socket
import ssl
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import redis
import requests
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from plex_mcp.quickstart.redis import embedded_redis, free_port, server_binary
from plex_mcp.standin import StandIn

TOKEN = "a-bearer-token-of-good-length"


@pytest.fixture(scope="session")
def plex() -> Iterator[StandIn]:
    with StandIn(library="small") as running:
        yield running


@pytest.fixture(scope="session")
def redis_url() -> Iterator[str]:
    with embedded_redis() as url:
        yield url


@pytest.fixture
def healthy(plex: StandIn, redis_url: str) -> dict[str, str]:
    """An environment with nothing wrong but that no plex-mcp serves yet."""
    return {
        "PLEX_SERVER_URL": plex.url,
        "PLEX_TOKEN": plex.token,
        "REDIS_URL": redis_url,
        "AUTH_TOKEN": TOKEN,
        "BIND": f"127.0.0.1:{free_port()}",
    }


@contextmanager
def http_server(
    answer: Callable[[BaseHTTPRequestHandler], None], context: ssl.SSLContext | None = None
) -> Iterator[int]:
    """An HTTP server whose every request is answered by `answer`; yields its port."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            answer(self)

        do_POST = do_GET  # noqa: N815 - http.server's names

        def log_message(self, *_arguments: object) -> None:
            pass

    class Server(ThreadingHTTPServer):
        def handle_error(self, *_arguments: object) -> None:
            pass  # handshakes that fail are what some tests are about

        def get_request(self) -> tuple[socket.socket, object]:
            sock, address = super().get_request()
            if context is not None:
                sock.settimeout(5)
                sock = context.wrap_socket(sock, server_side=True, do_handshake_on_connect=False)
            return sock, address

    server = Server(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def answering(status: int, body: bytes | str) -> Callable[[BaseHTTPRequestHandler], None]:
    def answer(request: BaseHTTPRequestHandler) -> None:
        length = int(request.headers.get("Content-Length", 0))
        request.rfile.read(length)
        data = body.encode() if isinstance(body, str) else body
        request.send_response(status)
        request.send_header("Content-Type", "application/json")
        request.send_header("Content-Length", str(len(data)))
        request.end_headers()
        request.wfile.write(data)

    return answer


def forwarding(url: str) -> Callable[[BaseHTTPRequestHandler], None]:
    """Pass requests on to `url`: a TLS front for the stand-in."""

    def answer(request: BaseHTTPRequestHandler) -> None:
        with requests.Session() as session:
            session.trust_env = False
            headers = {"X-Plex-Token": request.headers.get("X-Plex-Token", "")}
            behind = session.get(url + request.path, headers=headers, timeout=5)
        answering(behind.status_code, behind.content)(request)

    return answer


@contextmanager
def silent_server() -> Iterator[int]:
    """Accepts connections and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener.getsockname()[1]


@contextmanager
def redis_server(*options: str) -> Iterator[str]:
    """A real server with these options; yields host and port."""
    port = free_port()
    command = [str(server_binary()), "--port", str(port), "--bind", "127.0.0.1", "--save", "", *options]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
        try:
            client = redis.Redis(port=port)
            for _ in range(200):
                try:
                    client.ping()
                    break
                except (redis.AuthenticationError, redis.ResponseError):
                    break
                except redis.ConnectionError:
                    threading.Event().wait(0.02)
            client.close()
            yield f"127.0.0.1:{port}"
        finally:
            process.terminate()


def certificate(folder: Path, *, name: str = "127.0.0.1", days: int = 1) -> tuple[ssl.SSLContext, Path]:
    """A self-signed certificate: what a server presents, and the file that makes it trusted."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.datetime.now(datetime.UTC)
    try:
        alternative: x509.GeneralName = x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        alternative = x509.DNSName(name)
    built = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=10))
        .not_valid_after(now + datetime.timedelta(days=days))
        .add_extension(x509.SubjectAlternativeName([alternative]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    certificate_file, key_file = folder / "certificate.pem", folder / "key.pem"
    certificate_file.write_bytes(built.public_bytes(serialization.Encoding.PEM))
    key_file.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate_file, key_file)
    return context, certificate_file


def mcp_answer(**result: object) -> str:
    return json.dumps({"jsonrpc": "2.0", "id": 1, "result": result})

"""The same through a real socket and gunicorn: what only a wire can show."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from urllib.parse import urlsplit

import pytest
import requests

from plex_mcp.web.intake import BODY_LIMIT_BYTES
from tests.conformance.client import LATEST, META, modern_headers, request
from tests.conformance.conftest import Endpoint
from tests.conformance.requirements import requirement

BODY = json.dumps(request("tools/call", {"name": "test_simple_text", "_meta": META})).encode()


@contextmanager
def connection(endpoint: Endpoint) -> Iterator[socket.socket]:
    address = urlsplit(endpoint.url)
    with socket.create_connection((address.hostname, address.port), timeout=10) as connected:
        yield connected


def head(endpoint: Endpoint, *more: str, length: int | None = len(BODY)) -> bytes:
    lines = ["POST /mcp HTTP/1.1", "Host: localhost", f"Authorization: Bearer {endpoint.token}"]
    lines += ["Content-Type: application/json", "Accept: application/json, text/event-stream", *more]
    lines += [f"Content-Length: {length}"] if length is not None else []
    return "\r\n".join([*lines, "", ""]).encode()


def status_and_body(connected: socket.socket) -> tuple[int, bytes]:
    """One answer; empty when the server only hung up."""
    received = b""
    while b"\r\n\r\n" not in received:
        part = connected.recv(65536)
        if not part:
            return 0, received
        received += part
    top, _, body = received.partition(b"\r\n\r\n")
    lengths = [line for line in top.lower().split(b"\r\n") if line.startswith(b"content-length:")]
    length = int(lengths[0].partition(b":")[2]) if lengths else 0
    while len(body) < length:
        body += connected.recv(65536)
    return int(top.split()[1]), body


MODERN = [f"{name}: {value}" for name, value in modern_headers("tools/call", {"name": "test_simple_text"}).items()]


def test_a_right_request_through_the_socket_is_answered(fixture_server: Endpoint) -> None:
    with connection(fixture_server) as connected:
        connected.sendall(head(fixture_server, *MODERN) + BODY)
        status, body = status_and_body(connected)
    assert (status, json.loads(body)["result"]["isError"]) == (200, False)


@requirement("modern:header-duplicate")
@pytest.mark.parametrize("repeated", MODERN)
def test_a_repeated_header_is_refused_through_the_socket(fixture_server: Endpoint, repeated: str) -> None:
    with connection(fixture_server) as connected:
        connected.sendall(head(fixture_server, *MODERN, repeated) + BODY)
        status, body = status_and_body(connected)
    assert (status, json.loads(body)["error"]["code"]) == (400, -32020)


@requirement("modern:headers")
def test_a_header_spelt_with_underscores_is_no_header(fixture_server: Endpoint) -> None:
    with connection(fixture_server) as connected:
        spelt = [line.replace("Mcp-Name", "Mcp_Name") for line in MODERN]
        connected.sendall(head(fixture_server, *spelt) + BODY)
        status, body = status_and_body(connected)
    assert (status, json.loads(body)["error"]["code"]) == (400, -32020)


@requirement("http:body-limit")
def test_a_body_that_ends_early_gets_no_server_error(fixture_server: Endpoint) -> None:
    with connection(fixture_server) as connected:
        connected.sendall(head(fixture_server, *MODERN, length=len(BODY) + 10) + BODY)
        connected.shutdown(socket.SHUT_WR)
        status, _ = status_and_body(connected)
    assert status in {0, 400}
    with connection(fixture_server) as connected:
        connected.sendall(head(fixture_server, *MODERN) + BODY)
        assert status_and_body(connected)[0] == 200


@requirement("http:body-limit")
def test_a_chunked_body_is_read_and_limited_like_any_other(fixture_server: Endpoint) -> None:
    for pad, expected in ((1, 200), (BODY_LIMIT_BYTES, 413)):
        with connection(fixture_server) as connected:
            connected.sendall(head(fixture_server, *MODERN, "Transfer-Encoding: chunked", length=None))
            with suppress(ConnectionError):  # the server may answer and hang up before it has read all
                for chunk in (BODY, b" " * pad):
                    connected.sendall(f"{len(chunk):x}\r\n".encode() + chunk + b"\r\n")
                connected.sendall(b"0\r\n\r\n")
            assert status_and_body(connected)[0] == expected


@requirement("http:sse-framing")
def test_a_stream_arrives_piece_by_piece(fixture_server: Endpoint) -> None:
    message = request("tools/call", {"name": "test_tool_with_progress", "_meta": META | {"progressToken": 1}})
    headers = {"Authorization": f"Bearer {fixture_server.token}", "Accept": "application/json, text/event-stream"}
    headers |= modern_headers("tools/call", message["params"])
    with requests.post(fixture_server.url, json=message, headers=headers, stream=True, timeout=10) as answer:
        assert answer.headers["Content-Type"] == "text/event-stream"
        lines = [line for line in answer.iter_lines(chunk_size=1) if line.startswith(b"data: ")]
    assert [b"progress" in line for line in lines] == [True, True, True, False]


@requirement("cancel:disconnect")
def test_a_client_that_leaves_a_stream_cancels_its_call(fixture_server: Endpoint) -> None:
    """The tool waits 20 s unless it is cancelled, and tells through `test_was_cancelled` which it was."""
    message = request("tools/call", {"name": "test_until_cancelled", "_meta": META | {"progressToken": 1}})
    body = json.dumps(message).encode()
    with connection(fixture_server) as connected:
        more = [f"{name}: {value}" for name, value in modern_headers("tools/call", message["params"]).items()]
        connected.sendall(head(fixture_server, *more, length=len(body)) + body)
        received = b""
        while b"notifications/progress" not in received:
            received += connected.recv(65536)
    deadline = time.monotonic() + 15
    while (told := was_cancelled(fixture_server)) == [] and time.monotonic() < deadline:
        time.sleep(0.1)
    assert told == [True]


def was_cancelled(endpoint: Endpoint) -> list[bool]:
    message = request("tools/call", {"name": "test_was_cancelled"})
    headers = {"Authorization": f"Bearer {endpoint.token}", "MCP-Protocol-Version": "2025-11-25"}
    answer = requests.post(endpoint.url, json=message, headers=headers, timeout=10).json()
    found: list[bool] = json.loads(answer["result"]["content"][0]["text"])
    return found


def test_the_endpoint_serves_both_eras_on_one_connection(fixture_server: Endpoint) -> None:
    with requests.Session() as session:
        session.headers["Authorization"] = f"Bearer {fixture_server.token}"
        older = session.post(fixture_server.url, json=request("ping"), timeout=10)
        newer = session.post(
            fixture_server.url,
            json=request("server/discover", {"_meta": META}),
            headers=modern_headers("server/discover", {}, LATEST),
            timeout=10,
        )
    assert older.json()["result"] == {}
    assert newer.json()["result"]["resultType"] == "complete"

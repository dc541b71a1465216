"""Which era a request belongs to: the body says first, then the header; never an earlier request."""

from __future__ import annotations

import pytest

from tests.conformance.client import HANDSHAKE, LATEST, META, Client, initialize, modern_headers, request
from tests.conformance.requirements import requirement


@requirement("era:envelope-is-modern")
def test_an_envelope_without_headers_is_a_contradiction_not_an_older_request(client: Client) -> None:
    answer = client.post(request("tools/list", {"_meta": META}))
    assert answer.refusal == (400, -32020)


@requirement("era:contradiction")
@pytest.mark.parametrize("header", HANDSHAKE)
def test_an_envelope_under_a_handshake_header_is_a_contradiction(client: Client, header: str) -> None:
    answer = client.modern("tools/list", headers={"MCP-Protocol-Version": header})
    assert answer.refusal == (400, -32020)


@requirement("era:contradiction")
@pytest.mark.parametrize("inside", [*HANDSHAKE, "2099-01-01", 5, None, ""])
def test_another_version_inside_than_in_the_header_is_a_contradiction(client: Client, inside: object) -> None:
    meta = META | {"io.modelcontextprotocol/protocolVersion": inside}
    answer = client.post(request("tools/list", {"_meta": meta}), modern_headers("tools/list", {}))
    assert answer.refusal == (400, -32020)


@requirement("era:header-is-modern")
@pytest.mark.parametrize("header", [LATEST, "2099-01-01", "nonsense", f"{LATEST}, {LATEST}"])
def test_a_header_that_no_handshake_reaches_asks_for_an_envelope(client: Client, header: str) -> None:
    answer = client.post(request("tools/list"), {"MCP-Protocol-Version": header, "Mcp-Method": "tools/list"})
    assert answer.refusal == (400, -32602)


@requirement("era:absent-is-2025-03-26")
def test_without_header_and_envelope_it_is_2025_03_26(client: Client) -> None:
    """The only version with batches: that shows which one was assumed."""
    answer = client.post([request("ping", request_id=1), request("ping", request_id=2)])
    assert [one["id"] for one in answer.json] == [1, 2]


@requirement("era:initialize-with-envelope")
def test_initialize_with_an_envelope_is_a_removed_method(client: Client) -> None:
    assert client.modern("initialize", **initialize(LATEST)).refusal == (404, -32601)


@requirement("era:no-state")
def test_nothing_of_one_request_is_left_for_the_next(client: Client) -> None:
    """The same answers before and after requests of every era, in whatever order."""

    def answers() -> list[object]:
        return [
            client.modern("server/discover").json,
            client.legacy("initialize", **initialize("2024-11-05")).json,
            client.modern("tools/list").json,
            client.legacy("tools/list", version="2024-11-05").json,
            client.post(request("tools/list")).json,
            client.modern("tools/list", meta={"io.modelcontextprotocol/clientCapabilities": None}).json,
        ]

    assert answers() == answers()

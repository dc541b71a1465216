"""TRACE_REQUESTS shows the shape of bodies, never their text."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from structlog.testing import capture_logs

from plex_mcp.protocol import methods
from plex_mcp.web.trace import outline
from tests.unit.web.conftest import BEARER

CALL = {
    "jsonrpc": "2.0",
    "id": "canary-id",
    "method": "tools/call",
    "params": {"name": "search_media", "arguments": {"query": "canary film", "limit": 5, "canary key!": True}},
}


def test_structure_and_numbers_stay_and_texts_become_lengths() -> None:
    assert outline(json.dumps(CALL).encode()) == {
        "jsonrpc": "2.0",
        "id": "<9 characters>",
        "method": "tools/call",
        "params": {
            "name": "<12 characters>",
            "arguments": {"query": "<11 characters>", "limit": 5, "<11 characters>": True},
        },
    }


@pytest.mark.parametrize("key", ["action", "method", "type", "state", "media_type", "sort", "code", "as_of", "jsonrpc"])
def test_of_a_request_no_text_is_kept_that_the_caller_chose(key: str) -> None:
    for text in ("canary", "movie,canary", "2026-canary", "play canary"):
        assert outline(json.dumps({key: text}).encode()) == {key: f"<{len(text)} characters>"}


@pytest.mark.parametrize(
    ("key", "text"),
    [
        ("method", "tools/list"),
        ("action", "pause"),
        ("media_type", "movie,show"),
        ("protocolVersion", "2025-11-25"),
        ("jsonrpc", "2.0"),
    ],
)
def test_of_a_request_words_are_kept_that_the_protocol_or_a_tool_lists(key: str, text: str) -> None:
    assert outline(json.dumps({key: text}).encode()) == {key: text}


def test_of_an_answer_what_it_is_and_how_it_went_is_kept() -> None:
    answer = {"code": "PLEX_UNAVAILABLE", "mimeType": "image/jpeg", "title": "canary"}
    assert outline(json.dumps(answer).encode(), is_ours=True) == answer | {"title": "<6 characters>"}


def test_every_method_that_the_server_names_is_known() -> None:
    source = Path(methods.__file__).read_text(encoding="utf-8")
    named = set(re.findall(r'"([a-z]+/[a-z/]+|initialize|ping)"', source))
    assert {"tools/call", "tools/list"} <= named
    assert [method for method in named if outline(json.dumps({"method": method}).encode()) != {"method": method}] == []


@pytest.mark.parametrize("body", [b"", b"{", b"\xff\xfe", b"[" * 100_000])
def test_what_is_no_json_becomes_its_length(body: bytes) -> None:
    assert outline(body) == f"<{len(body)} bytes>"


@given(
    st.recursive(
        st.text() | st.integers() | st.booleans() | st.none(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
        max_leaves=20,
    )
)
def test_no_text_of_the_body_survives(value: Any) -> None:
    marked = json.loads(json.dumps(value))
    text = json.dumps(outline(json.dumps({"query": "canary text", "rest": marked}).encode()))
    assert "canary" not in text


def test_a_traced_request_is_one_line_and_an_untraced_one_is_none(build: Callable[..., Flask]) -> None:
    for setting, expected in (("true", ["request.traced"]), ("false", [])):
        client = build(TRACE_REQUESTS=setting).test_client()
        with capture_logs() as lines:
            client.post("/mcp", json=CALL, headers=BEARER)
            client.get("/health/live")
        assert [line["event"] for line in lines] == expected
        assert all(line["request"] == outline(json.dumps(CALL).encode()) for line in lines)
        assert "canary" not in repr(lines)


def test_a_stream_is_traced_without_being_read(build: Callable[..., Flask]) -> None:
    with capture_logs() as lines:
        answer = build(TRACE_REQUESTS="true").test_client().post("/mcp/stream", headers=BEARER)
    assert answer.data == b"x"
    assert lines[0]["answer"] == "stream"

"""20,000 and more generated requests: always a well-formed answer of the right status, never a bug, memory flat."""

from __future__ import annotations

import gc
import json
import os
import random
import tracemalloc
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
import requests
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from plex_mcp.calls.outcome import CallInfo, CallOutcome
from plex_mcp.prompts._catalogue import load_prompts
from plex_mcp.protocol import Dispatcher
from plex_mcp.protocol.results import build_body
from plex_mcp.resources._catalogue import load_resources
from plex_mcp.tools._catalogue import load_tools
from plex_mcp.tools._tool import Arguments, Tool
from tests.conformance.client import Client
from tests.conformance.conftest import Endpoint
from tests.conformance.corpus import Case, cases, variants
from tests.conformance.fixture_app import build_app

pytestmark = pytest.mark.timeout(600)
STATUS_OF = {-32700: {400}, -32600: {400}, -32601: {200, 404}, -32602: {200, 400}, -32002: {200}, -32020: {400},
             -32021: {400}, -32022: {400}}  # fmt: skip
"""Codes that bad input may meet and their statuses. -32603 is not among them: that would be a bug."""

_EMPTY = json.dumps({"items": [], "total": 0}).encode()


def empty_answer(tool: Tool, arguments: Arguments, info: CallInfo) -> CallOutcome:
    return CallOutcome(build_body(_EMPTY), _EMPTY, "hit_l1")


DISPATCHER = Dispatcher(tools=load_tools(), resources=load_resources(), prompts=load_prompts(), call=empty_answer)
COMMON = {
    "derandomize": True,
    "database": None,
    "deadline": None,
    "suppress_health_check": list(HealthCheck),
    "phases": (Phase.generate, Phase.shrink),
}


def check(case: Case, status: int, body: bytes | None) -> str:
    """Assert that an answer is well formed and fits its request; what kind it was."""
    if status == 202:
        assert not body
        return "202"
    assert status in {200, 400, 404}, (status, case)
    assert body is not None
    answer = json.loads(body, parse_constant=refuse)
    assert b"Traceback" not in body
    if isinstance(answer, list):
        assert answer, case
        assert status == 200
        for one in answer:
            check_one(case, 200 if "result" in one else None, one)
        return "batch"
    check_one(case, status, answer)
    return f"{status} {answer.get('error', {}).get('code', 'result')}"


def check_one(case: Case, status: int | None, answer: dict[str, Any]) -> None:
    assert answer["jsonrpc"] == "2.0"
    assert ("result" in answer) != ("error" in answer)
    assert set(answer) <= {"jsonrpc", "id", "result", "error"}
    assert answer.get("id", 0) is not None
    assert type(answer.get("id", 0)) in {int, str}
    if "error" in answer:
        error = answer["error"]
        assert error["code"] in STATUS_OF, (answer, case)
        assert status is None or status in STATUS_OF[error["code"]], (status, answer, case)
        assert isinstance(error["message"], str)
        assert error["message"].isprintable()
    else:
        assert status == 200
        assert "id" in answer


def refuse(constant: str) -> None:
    raise AssertionError(f"{constant} is no JSON")


def test_thirteen_thousand_requests_through_the_dispatcher() -> None:
    seen: Counter[str] = Counter()

    @settings(max_examples=140, **COMMON)
    @given(st.lists(cases(), min_size=10, max_size=10))
    def run(batch: list[Case]) -> None:
        for case in (variant for one in batch for variant in variants(one)):
            reply = DISPATCHER.handle(case.body, dict(case.headers))
            assert reply.stream is None
            seen[check(case, reply.status, reply.body)] += 1

    run()
    assert seen.total() >= 13_000, seen
    # The corpus is worth something only if it reaches everything.
    assert {"200 result", "400 -32700", "400 -32600", "400 -32602", "200 -32602", "404 -32601", "200 -32601",
            "400 -32020", "202", "batch"} <= set(seen)  # fmt: skip


def test_seven_thousand_requests_through_the_whole_application() -> None:
    client = Client(build_app(DISPATCHER).test_client())
    seen: Counter[str] = Counter()

    @seed(2)
    @settings(max_examples=75, **(COMMON | {"derandomize": False}))
    @given(st.lists(cases(), min_size=10, max_size=10))
    def run(batch: list[Case]) -> None:
        for case in (variant for one in batch for variant in variants(one)):
            answer = client.send(case.body, dict(case.headers))
            seen[check(case, answer.status, answer.response.data or None)] += 1

    run()
    assert seen.total() >= 7_000, seen


def test_a_thousand_requests_through_gunicorn(fixture_server: Endpoint) -> None:
    corpus = examples(1_000, number=3)
    seen: Counter[str] = Counter()
    with requests.Session() as session:
        session.headers["Authorization"] = f"Bearer {fixture_server.token}"
        session.headers["Content-Type"] = "application/json"
        before = None
        for number, case in enumerate(corpus):
            headers = {name: value.encode("latin-1", "replace") for name, value in case.headers}
            answer = session.post(fixture_server.url, data=case.body, headers=headers, timeout=10)
            seen[check(case, answer.status_code, answer.content or None)] += 1
            if number == 300:
                before = resident_bytes(fixture_server)
        after = resident_bytes(fixture_server)
    assert seen.total() == 1_000
    assert before is not None
    assert after - before < 4 * 1024 * 1024, f"grew by {after - before} bytes in 700 requests"


def test_memory_is_flat_over_the_same_corpus_again_and_again() -> None:
    corpus = examples(400, number=4)
    replay(corpus)
    tracemalloc.start()
    try:
        sizes = []
        for _ in range(4):
            replay(corpus)
            gc.collect()
            sizes.append(tracemalloc.get_traced_memory()[0])
    finally:
        tracemalloc.stop()
    assert sizes[-1] - sizes[0] < 32 * 1024, sizes


def replay(corpus: Iterable[Case]) -> None:
    for case in corpus:
        DISPATCHER.handle(case.body, dict(case.headers))


def examples(count: int, *, number: int) -> list[Case]:
    """Generated cases as a list, the same every time."""
    found: list[Case] = []

    @seed(number)
    @settings(max_examples=count // 80, **(COMMON | {"derandomize": False}))
    @given(st.lists(cases(), min_size=10, max_size=10))
    def run(batch: list[Case]) -> None:
        found.extend(variant for one in batch for variant in variants(one))

    run()
    random.Random(number).shuffle(found)
    return found[:count]


def resident_bytes(endpoint: Endpoint) -> int:
    """The resident memory of gunicorn's worker."""
    children = Path(f"/proc/{endpoint.pid}/task/{endpoint.pid}/children").read_text().split()
    pages = int(Path(f"/proc/{children[0]}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")

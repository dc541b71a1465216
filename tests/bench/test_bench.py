"""The bench's own instruments: a figure is worth what they are."""

from __future__ import annotations

import json
import os
import time

from plex_mcp.standin import StandIn
from tests.bench.accounting import cpu_s
from tests.bench.load import run
from tests.bench.peers import films_of


def test_cpu_time_is_finer_than_a_tick() -> None:
    before, mine = cpu_s(os.getpid()), time.process_time()
    while time.process_time() - mine < 0.002:
        pass
    used_s = cpu_s(os.getpid()) - before
    assert 0.002 <= used_s < 0.008


def test_an_answer_that_is_not_what_was_asked_counts_as_failed() -> None:
    with StandIn("small") as plex:
        head = f"GET /library/sections HTTP/1.1\r\nHost: x\r\nX-Plex-Token: {plex.token}\r\n"
        plan = {"targets": [{"host": "127.0.0.1", "port": plex.port, "head": head}], "body": "", "connections": 2}
        right = run(plan | {"requests": 6, "holds": "<Directory"})
        wrong = run(plan | {"requests": 6, "holds": "<Video"})
    assert (right["calls"], right["failed"]) == (6, {})
    assert (wrong["calls"], wrong["failed"]) == (0, {"not what was asked": 6})
    assert plex.counters.requests == 12
    assert (
        plex.counters.bytes_sent > 10 * right["answer_bytes"]
    )  # it counts what it has sent: the last two may be on the way


def test_films_are_counted_in_json_in_events_and_not_in_errors() -> None:
    text = json.dumps({"items": {"movie": [{"title": "One"}, {"title": "Two"}]}})
    result = {"content": [{"type": "text", "text": text}], "isError": False}
    assert films_of(json.dumps({"result": result})) == 2
    assert films_of("event: message\ndata: " + json.dumps({"result": result}) + "\n\n") == 2
    assert films_of(json.dumps({"result": result | {"isError": True}})) == 0
    error = json.dumps({"error": "404 Client Error"})  # and no isError: so they do
    assert films_of(json.dumps({"result": {"content": [{"type": "text", "text": error}]}})) == 0

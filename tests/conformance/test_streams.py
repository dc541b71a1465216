"""Progress and cancellation over server-sent events, in this process: threads meet at events, nothing sleeps long."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from plex_mcp.calls.outcome import CallInfo, CallOutcome
from plex_mcp.errors import ProtocolError
from plex_mcp.protocol import Dispatcher, Reply
from plex_mcp.protocol.results import members_of
from plex_mcp.protocol.streams import Streams
from plex_mcp.tools._tool import Arguments, Tool
from tests.conformance.client import META, Client, modern_headers, request
from tests.conformance.registry import build_dispatcher
from tests.conformance.requirements import requirement

PATIENCE_S = 5.0


def dispatcher_of(work: Callable[[CallInfo], None], *, limit: int = 2, heartbeat_s: float = PATIENCE_S) -> Dispatcher:
    def call(tool: Tool, arguments: Arguments, info: CallInfo) -> CallOutcome:
        work(info)
        return CallOutcome(members_of({"content": [], "isError": False}), b"{}", "bypass")

    streams = Streams(limit=limit, commit_after_s=PATIENCE_S, heartbeat_s=heartbeat_s)
    return build_dispatcher(call=call, streams=streams)


def ask(dispatcher: Dispatcher, *, token: Any = 7, accepts_events: bool = True, modern: bool = True) -> Reply:
    params: dict[str, Any] = {"name": "test_simple_text", "_meta": {"progressToken": token}}
    headers = {"mcp-protocol-version": "2025-11-25"}
    if modern:
        params["_meta"] |= META
        headers = {name.lower(): value for name, value in modern_headers("tools/call", params).items()}
    body = json.dumps(request("tools/call", params)).encode()
    return dispatcher.handle(body, headers, accepts_events=accepts_events)


def events(stream: Iterator[bytes] | None) -> list[Any]:
    assert stream is not None
    found = []
    for chunk in stream:
        head, _, data = chunk.decode().partition("\n")
        assert head == "event: message"
        assert data.startswith("data: ")
        assert data.endswith("\n\n")
        found.append(json.loads(data.removeprefix("data: ")))
    return found


def reported(found: list[Any]) -> list[float]:
    return [one["params"]["progress"] for one in found if "method" in one]


@requirement("http:sse-framing")
def test_a_stream_has_its_headers_and_ends_with_the_answer(client: Client) -> None:
    answer = client.modern("tools/call", meta={"progressToken": "t"}, name="test_tool_with_progress")
    assert answer.response.content_type == "text/event-stream"
    assert answer.response.headers["Cache-Control"] == "no-cache, no-transform"
    assert answer.response.headers["X-Accel-Buffering"] == "no"
    lines = answer.response.data.decode().splitlines()
    assert [line for line in lines if line and not line.startswith(("event: message", "data: {"))] == []
    messages = [json.loads(line.removeprefix("data: ")) for line in lines if line.startswith("data: ")]
    assert [message.get("method") for message in messages] == ["notifications/progress"] * 3 + [None]
    assert messages[0]["params"] == {"progressToken": "t", "progress": 0, "total": 100}
    assert messages[-1]["result"]["resultType"] == "complete"


@requirement("progress:only-with-token")
@pytest.mark.parametrize(("token", "accepts_events"), [(None, True), (7, False)])
def test_without_token_or_without_accepting_events_the_answer_is_plain(token: Any, accepts_events: bool) -> None:
    seen: list[Any] = []
    reply = ask(dispatcher_of(lambda info: seen.append(info.progress)), token=token, accepts_events=accepts_events)
    assert (reply.status, reply.stream, seen) == (200, None, [None])


@requirement("progress:token")
@pytest.mark.parametrize("token", [True, 1.5, [], {}])
@pytest.mark.parametrize("modern", [True, False])
def test_a_token_of_another_kind_is_refused(token: Any, modern: bool) -> None:
    reply = ask(dispatcher_of(lambda info: None), token=token, modern=modern)
    assert reply.body is not None
    assert (reply.status, json.loads(reply.body)["error"]["code"]) == (400 if modern else 200, -32602)


@requirement("progress:increasing")
def test_what_does_not_increase_is_not_sent() -> None:
    def work(info: CallInfo) -> None:
        assert info.progress is not None
        for done in (1, 1, 0.5, 2, 2, 3):
            info.progress(done, None, f"at {done}")

    found = events(ask(dispatcher_of(work)).stream)
    assert reported(found) == [1, 2, 3]
    assert found[0]["params"] == {"progressToken": 7, "progress": 1, "message": "at 1"}


@requirement("progress:late-commit")
def test_an_error_before_the_first_report_keeps_its_status() -> None:
    def work(info: CallInfo) -> None:
        raise ProtocolError(-32602, "no")

    reply = ask(dispatcher_of(work))
    assert (reply.status, reply.stream, reply.content_type) == (400, None, "application/json")


@requirement("progress:late-commit")
def test_a_call_that_reports_nothing_is_answered_plainly() -> None:
    reply = ask(dispatcher_of(lambda info: None))
    assert (reply.status, reply.stream) == (200, None)


@requirement("progress:late-commit")
def test_a_bug_after_the_first_report_ends_the_stream_with_an_error() -> None:
    def work(info: CallInfo) -> None:
        assert info.progress is not None
        info.progress(1, None, "")
        raise RuntimeError("secret-of-the-house")

    found = events(ask(dispatcher_of(work)).stream)
    assert found[-1]["error"]["code"] == -32603
    assert "secret-of-the-house" not in json.dumps(found)


@requirement("progress:bounded")
def test_beyond_the_bound_calls_are_answered_without_progress_and_later_with_it_again() -> None:
    go, waiting = threading.Event(), threading.Barrier(3)

    def work(info: CallInfo) -> None:
        if info.progress is not None:
            info.progress(1, None, "")
            if not go.is_set():
                waiting.wait(PATIENCE_S)
                go.wait(PATIENCE_S)

    dispatcher = dispatcher_of(work, limit=2)
    taken = [ask(dispatcher), ask(dispatcher)]
    waiting.wait(PATIENCE_S)
    assert all(reply.stream is not None for reply in taken)
    assert ask(dispatcher).stream is None
    go.set()
    for reply in taken:
        events(reply.stream)
    for _ in range(5):  # none is lost, however a stream ends
        reply = ask(dispatcher)
        assert reply.stream is not None
        events(reply.stream)


@requirement("progress:bounded")
def test_streams_that_nobody_reads_to_the_end_give_their_places_back() -> None:
    done = threading.Semaphore(0)

    def work(info: CallInfo) -> None:
        assert info.progress is not None
        info.progress(1, None, "")
        done.release()

    dispatcher = dispatcher_of(work, limit=1)
    for _ in range(5):
        reply = ask(dispatcher)
        assert done.acquire(timeout=PATIENCE_S)
        assert reply.stream is not None
        reply.stream.close()  # type: ignore[attr-defined]
        wait_until_free(dispatcher)


def wait_until_free(dispatcher: Dispatcher) -> None:
    free = dispatcher._streams._free
    assert free.acquire(timeout=PATIENCE_S)
    free.release()


@requirement("progress:heartbeat")
def test_a_quiet_stream_carries_comments() -> None:
    go = threading.Event()

    def work(info: CallInfo) -> None:
        assert info.progress is not None
        info.progress(1, None, "")
        go.wait(PATIENCE_S)

    stream = ask(dispatcher_of(work, heartbeat_s=0.01)).stream
    assert stream is not None
    assert next(stream).startswith(b"event: message")
    assert next(stream) == b": ping\n\n"
    go.set()
    assert b'"result"' in list(stream)[-1]


@requirement("cancel:disconnect")
def test_closing_the_stream_cancels_the_call() -> None:
    assert cancelled_by_closing(modern=True) is True


@requirement("cancel:legacy-disconnect")
def test_closing_the_stream_of_an_older_client_cancels_nothing() -> None:
    assert cancelled_by_closing(modern=False) is False


def cancelled_by_closing(*, modern: bool) -> bool:
    closed, ended, seen = threading.Event(), threading.Event(), []

    def work(info: CallInfo) -> None:
        assert info.progress is not None
        assert info.cancelled is not None
        info.progress(1, None, "")
        assert closed.wait(PATIENCE_S)
        seen.append(info.cancelled.is_set())
        info.progress(2, None, "nobody reads this")
        ended.set()

    stream = ask(dispatcher_of(work), modern=modern).stream
    assert stream is not None
    assert next(stream)
    stream.close()  # type: ignore[attr-defined]
    closed.set()
    assert ended.wait(PATIENCE_S)
    return seen[0]


@requirement("progress:late-commit")
def test_a_call_that_takes_long_becomes_a_stream_before_it_reports() -> None:
    go = threading.Event()
    streams = Streams(limit=1, commit_after_s=0.01, heartbeat_s=0.01)

    def call(tool: Tool, arguments: Arguments, info: CallInfo) -> CallOutcome:
        go.wait(PATIENCE_S)
        return CallOutcome(members_of({"content": []}), b"{}", "bypass")

    stream = ask(build_dispatcher(call=call, streams=streams)).stream
    assert stream is not None
    assert next(stream) == b": ping\n\n"
    go.set()
    assert b'"result"' in list(stream)[-1]


@requirement("progress:bounded")
def test_after_the_end_calls_are_still_answered_without_progress() -> None:
    dispatcher = dispatcher_of(lambda info: None, limit=1)
    dispatcher._streams._pool.shutdown(wait=False)  # as the interpreter does at its end
    for _ in range(3):
        assert (ask(dispatcher).status, ask(dispatcher).stream) == (200, None)


def test_the_context_of_the_request_is_there_in_the_thread_of_the_call() -> None:
    """Deadlines, request ids and the like travel in ContextVars."""
    import contextvars

    variable: contextvars.ContextVar[str] = contextvars.ContextVar("variable", default="lost")
    seen = []
    variable.set("kept")
    ask(dispatcher_of(lambda info: seen.append(variable.get())))
    assert seen == ["kept"]

"""One HTTP body to one reply: frames, eras, batches, notifications. The outermost place where a bug is caught."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

import structlog

from plex_mcp.calls.views import Call
from plex_mcp.errors import ProtocolError
from plex_mcp.prompts._prompt import Prompt
from plex_mcp.protocol import versions
from plex_mcp.protocol.envelope import VERSION_HEADER, is_modern, open_legacy, open_modern, unsupported_version
from plex_mcp.protocol.jsonrpc import (
    Message,
    build_error,
    build_success,
    http_status,
    parse_json,
    parse_message,
    readable_id,
)
from plex_mcp.protocol.methods import Methods
from plex_mcp.protocol.reply import Reply
from plex_mcp.protocol.request import Request, build_request
from plex_mcp.protocol.streams import Progress, Streams
from plex_mcp.protocol.wire import INTERNAL_ERROR, INVALID_REQUEST
from plex_mcp.resources._resource import Resource
from plex_mcp.tools._tool import Tool

log = structlog.get_logger(__name__)

MAX_BATCH = 16
"""Messages in one batch: they are answered one after the other by one thread."""

MAX_STREAMS = 8
"""Calls that report progress at the same time: each holds two threads."""


class Dispatcher:
    """Serves MCP over the catalogues. Keeps nothing between requests; safe to use from many threads.

    `call` runs one tool with parsed arguments and raises ToolError only. `withheld` names tools that exist and are
    switched off: calling one is told so.
    """

    def __init__(
        self,
        *,
        tools: Mapping[str, Tool],
        resources: Mapping[str, Resource],
        prompts: Mapping[str, Prompt],
        call: Call,
        withheld: Collection[str] = (),
        streams: Streams | None = None,
    ) -> None:
        self._methods = Methods(tools=tools, resources=resources, prompts=prompts, call=call, withheld=withheld)
        self._streams = streams or Streams(limit=MAX_STREAMS)

    def handle(self, body: bytes, headers: Mapping[str, str], *, accepts_events: bool = False) -> Reply:
        """Answer one POST. `headers` has lower-case names; `accepts_events` allows a stream. Never raises."""
        try:
            value = parse_json(body)
        except ProtocolError as error:
            return _refusal(None, error)
        if isinstance(value, list):
            return self._batch(value, headers)
        return self._single(value, headers, accepts_events=accepts_events)

    def _single(self, value: Any, headers: Mapping[str, str], *, accepts_events: bool) -> Reply:
        try:
            message = parse_message(value)
        except ProtocolError as error:
            return _refusal(readable_id(value), error)
        modern = is_modern(message, headers)
        if message.id_json is None:
            return _one_way(message, headers, modern=modern)
        try:
            envelope = open_modern(message, headers) if modern else open_legacy(message, headers)
        except ProtocolError as error:
            return Reply(http_status(error.code, modern=modern), build_error(message.id_json, error))
        request = build_request(message, envelope, headers)
        token = envelope.meta.get("progressToken")
        streamed = None
        if (
            accepts_events
            and message.method == "tools/call"
            and isinstance(token, (str, int))
            and not isinstance(token, bool)
        ):
            streamed = self._streams.run(
                lambda progress: self._answer(_reporting(request, progress)), token=token, cancels=modern
            )
        return streamed or self._answer(request)

    def _answer(self, request: Request) -> Reply:
        try:
            return Reply(200, build_success(request.id_json, self._methods.answer(request)))
        except ProtocolError as error:
            status = http_status(error.code, modern=request.envelope.modern)
            return Reply(status, build_error(request.id_json, error))
        except Exception:  # the top: a bug becomes an answer without its text, and a trace in the log
            request_id = request.info.request_id
            log.exception("request.failed", method=request.method, request_id=request_id)
            bug = ProtocolError(INTERNAL_ERROR, "Internal error", data={"requestId": request_id})
            return Reply(200, build_error(request.id_json, bug))

    def _batch(self, values: list[Any], headers: Mapping[str, str]) -> Reply:
        if headers.get(VERSION_HEADER, versions.ASSUMED) not in versions.BATCHING:
            return _refusal(None, ProtocolError(INVALID_REQUEST, "Batches exist in protocol version 2025-03-26 only"))
        if not 0 < len(values) <= MAX_BATCH:
            return _refusal(None, ProtocolError(INVALID_REQUEST, f"A batch holds 1 to {MAX_BATCH} messages"))
        replies = [self._in_batch(value, headers) for value in values]
        bodies = [reply.body for reply in replies if reply.body is not None]
        return Reply(200, b"[" + b",".join(bodies) + b"]") if bodies else Reply(202)

    def _in_batch(self, value: Any, headers: Mapping[str, str]) -> Reply:
        try:
            message = parse_message(value)
        except ProtocolError as error:
            return _refusal(readable_id(value), error)
        if message.method == "initialize" or is_modern(message, headers):
            what = "initialize" if message.method == "initialize" else "A request with an envelope"
            return _refusal(message.id_json, ProtocolError(INVALID_REQUEST, f"{what} must not be part of a batch"))
        return self._single(value, headers, accepts_events=False)


def _reporting(request: Request, progress: Progress) -> Request:
    return request.with_info(progress=progress, cancelled=progress.cancelled)


def _refusal(id_json: bytes | None, error: ProtocolError) -> Reply:
    """The answer to what is no MCP request of any era."""
    return Reply(http_status(error.code, modern=True), build_error(id_json, error))


def _one_way(message: Message, headers: Mapping[str, str], *, modern: bool) -> Reply:
    """A notification, or a response to a request that was never sent: nothing to do, nothing kept."""
    version = headers.get(VERSION_HEADER)
    if version is not None and version not in versions.SUPPORTED:
        return _refusal(None, unsupported_version(version))
    if modern and not message.method:
        return _refusal(None, ProtocolError(INVALID_REQUEST, "Responses are not accepted: nothing was asked"))
    return Reply(202)

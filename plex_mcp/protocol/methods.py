"""The methods served, and what each answers. Tool errors become `isError` results here, and nowhere else.

Lists and discovery are the same for everybody and finished once. `tools/call` is checked by hand because it is the
hot path; everything else by the table in `shapes`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from functools import cache
from typing import Any

import structlog

from plex_mcp.calls.call import switched_off
from plex_mcp.calls.views import Call
from plex_mcp.errors import InvalidArgument, ProtocolError, ToolError
from plex_mcp.prompts._prompt import Prompt
from plex_mcp.protocol import versions
from plex_mcp.protocol.catalogues import PromptMethods, ResourceMethods
from plex_mcp.protocol.input_required import InputRequired
from plex_mcp.protocol.instructions import build_instructions
from plex_mcp.protocol.request import Request, printable
from plex_mcp.protocol.results import (
    DISCOVER,
    LISTS,
    READS,
    SERVER_INFO,
    Freshness,
    build_input_required,
    build_members,
    build_tool_error,
    members_of,
)
from plex_mcp.protocol.shapes import fault_in
from plex_mcp.protocol.wire import INVALID_PARAMS, METHOD_NOT_FOUND, MISSING_REQUIRED_CLIENT_CAPABILITY
from plex_mcp.resources._resource import Resource
from plex_mcp.telemetry.metrics import TOOL_CALLS
from plex_mcp.tools._tool import Tool

log = structlog.get_logger(__name__)

Handler = Callable[[Request], bytes]
_CAPABILITY_OF = {"elicitation/create": "elicitation", "sampling/createMessage": "sampling", "roots/list": "roots"}


class Methods:
    """The table of methods over the catalogues. Stateless after construction."""

    def __init__(
        self,
        *,
        tools: Mapping[str, Tool],
        resources: Mapping[str, Resource],
        prompts: Mapping[str, Prompt],
        call: Call,
        withheld: Collection[str],
    ) -> None:
        self._tools = tools
        self._call = call
        self._withheld = frozenset(withheld)
        self._capabilities: dict[str, Any] = {"tools": {}}
        self._instructions = build_instructions(tools)
        both: dict[str, Handler] = {
            "tools/list": _list("tools", lambda: [_listed_tool(tool) for tool in tools.values()])
        }
        usable = [resource for resource in resources.values() if set(resource.needs) <= set(tools)]
        asked = [prompt for prompt in prompts.values() if set(prompt.needs) <= set(tools)]
        if usable:
            self._capabilities["resources"] = {}
            both["resources/list"] = _list("resources", lambda: [one.listed() for one in usable if not one.is_template])
            both["resources/templates/list"] = _list(
                "resourceTemplates", lambda: [one.listed() for one in usable if one.is_template]
            )
        if asked:
            self._capabilities["prompts"] = {}
            both["prompts/list"] = _list("prompts", lambda: [one.listed() for one in asked])
        resource_methods = ResourceMethods(usable, tools, call)
        prompt_methods = PromptMethods(asked, resource_methods, tools, call)
        if usable:
            both["resources/read"] = _plain(resource_methods.read, READS)
        if asked:
            both["prompts/get"] = _plain(prompt_methods.get)
        if usable or asked:
            self._capabilities["completions"] = {}
            both["completion/complete"] = _plain(prompt_methods.complete)
        self._modern: dict[str, Handler] = {**both, "server/discover": self._discover()}
        self._legacy: dict[str, Handler] = {**both, "initialize": self._initialize, "ping": lambda _: b""}

    def answer(self, request: Request) -> bytes:
        """The members of the result. Raise ProtocolError; anything else is a bug."""
        modern = request.envelope.modern
        try:
            if request.method == "tools/call":
                return build_members(self._tools_call(request), modern=modern)
            handler = (self._modern if modern else self._legacy).get(request.method)
            if handler is None:
                raise ProtocolError(METHOD_NOT_FOUND, f"Method not found: {printable(request.method)}")
            _validate(request)
            return handler(_with_answers(request))
        except InputRequired as asked:
            return _ask_back(asked, request)

    def _tools_call(self, request: Request) -> bytes:
        params = request.params
        name, arguments = params.get("name"), params.get("arguments")
        if not isinstance(name, str):
            raise ProtocolError(INVALID_PARAMS, "params.name must be the name of a tool")
        if arguments is not None and not isinstance(arguments, dict):
            raise ProtocolError(INVALID_PARAMS, "params.arguments must be an object")
        _require_progress_token(request)
        request = _with_answers(request)
        tool = self._tools.get(name)
        if tool is None:
            return self._unknown_tool(name)
        try:
            parsed = tool.parse(arguments or {})
        except InvalidArgument as error:
            _count_refusal(tool.name, error, request)
            return build_tool_error(error)
        try:
            return self._call(tool, parsed, request.info).body
        except ToolError as error:
            return build_tool_error(error)

    def _unknown_tool(self, name: str) -> bytes:
        if name in self._withheld:
            TOOL_CALLS.labels(name, "read_only").inc()
            return build_tool_error(switched_off(name))
        TOOL_CALLS.labels("unknown", "invalid_argument").inc()
        raise ProtocolError(INVALID_PARAMS, f"Unknown tool: {printable(name)}", data={"tools": list(self._tools)})

    def _discover(self) -> Handler:
        members = members_of(
            {
                "supportedVersions": list(versions.SUPPORTED),
                "capabilities": self._capabilities,
                "instructions": self._instructions,
            }
        )
        finished = build_members(members, modern=True, freshness=DISCOVER)
        return lambda _: finished

    def _initialize(self, request: Request) -> bytes:
        offered = request.params["protocolVersion"]
        version = offered if offered in versions.HANDSHAKE else versions.PREFERRED_HANDSHAKE
        capabilities = self._capabilities
        if version == "2024-11-05":  # completions came with 2025-03-26
            capabilities = {name: value for name, value in capabilities.items() if name != "completions"}
        return members_of(
            {
                "protocolVersion": version,
                "capabilities": capabilities,
                "serverInfo": SERVER_INFO,
                "instructions": self._instructions,
            }
        )


def _plain(build: Callable[[Request], Mapping[str, Any]], freshness: Freshness | None = None) -> Handler:
    """A handler around a function that gives the result as an object."""

    def handle(request: Request) -> bytes:
        return build_members(members_of(build(request)), modern=request.envelope.modern, freshness=freshness)

    return handle


def _list(member: str, entries: Callable[[], list[Any]]) -> Handler:
    """A handler of a list that fits one page, finished for each era when it is first asked for."""

    @cache
    def finished(modern: bool) -> bytes:
        return build_members(members_of({member: entries()}), modern=modern, freshness=LISTS)

    def handle(request: Request) -> bytes:
        if request.params.get("cursor") is not None:
            raise ProtocolError(INVALID_PARAMS, "Unknown cursor: the list has one page")
        return finished(request.envelope.modern)

    return handle


def _listed_tool(tool: Tool) -> dict[str, Any]:
    return {
        "name": tool.name,
        "title": tool.title,
        "description": tool.description,
        "inputSchema": tool.input_schema,
        **({"outputSchema": tool.output_schema} if tool.output_schema else {}),
        # Every hint is written out: an absent one means destructive and open-world.
        "annotations": {
            "title": tool.title,
            "readOnlyHint": tool.read_only,
            "destructiveHint": tool.destructive,
            "idempotentHint": tool.idempotent,
            "openWorldHint": False,  # one household's Plex, all of them
        },
    }


def _validate(request: Request) -> None:
    wrong = fault_in(request.method, request.params)
    if wrong is not None:
        # Where it is wrong, never what was sent.
        raise ProtocolError(INVALID_PARAMS, f"Invalid params: {printable(wrong)}")


def _require_progress_token(request: Request) -> None:
    """A progress token is text or a whole number."""
    token = request.envelope.meta.get("progressToken")
    if token is not None and type(token) not in {str, int}:
        raise ProtocolError(INVALID_PARAMS, "params._meta.progressToken must be text or a whole number")


def _with_answers(request: Request) -> Request:
    """Join what a modern client sends back after having been asked."""
    responses, state = request.params.get("inputResponses"), request.params.get("requestState")
    if not request.envelope.modern or (responses is None and state is None):
        return request
    if not (responses is None or isinstance(responses, dict)) or not (state is None or isinstance(state, str)):
        raise ProtocolError(INVALID_PARAMS, "inputResponses must be an object and requestState text")
    return request.with_info(input_responses=responses, request_state=state)


def _ask_back(asked: InputRequired, request: Request) -> bytes:
    if not request.envelope.modern:
        raise ProtocolError(INVALID_PARAMS, f"This needs a client of protocol version {versions.SUPPORTED[0]}")
    kinds = {_CAPABILITY_OF[one["method"]] for one in (asked.requests or {}).values()}
    undeclared = sorted(kinds - set(request.envelope.capabilities))
    if undeclared:
        raise ProtocolError(
            MISSING_REQUIRED_CLIENT_CAPABILITY,
            f"The client must declare {', '.join(undeclared)}",
            data={"requiredCapabilities": {kind: {} for kind in undeclared}},
        )
    return build_input_required(asked.requests, asked.state)


def _count_refusal(tool_name: str, error: InvalidArgument, request: Request) -> None:
    """Arguments that do not parse never reach the calls below, which count and log the others."""
    outcome = str(error.code).lower()
    TOOL_CALLS.labels(tool_name, outcome).inc()
    info = request.info
    log.info(
        "tool.called",
        tool=tool_name,
        outcome=outcome,
        request_id=info.request_id,
        client=info.client_name,
        protocol_version=info.protocol_version,
    )

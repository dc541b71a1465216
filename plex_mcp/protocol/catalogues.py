"""Resources, prompts and completions: the views on tools, as methods."""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from plex_mcp.calls.views import Call, Views
from plex_mcp.errors import InvalidArgument, NotFound, ProtocolError, ToolError
from plex_mcp.prompts._prompt import Prompt
from plex_mcp.protocol.jsonrpc import LEGACY_RESOURCE_NOT_FOUND
from plex_mcp.protocol.request import Request, printable
from plex_mcp.protocol.wire import INTERNAL_ERROR, INVALID_PARAMS
from plex_mcp.resources._resource import Resource
from plex_mcp.tools._tool import Tool

MAX_VALUES = 100
"""The most values a completion may answer (server/utilities/completion)."""

Completer = Callable[[Views, str], list[str]]


class ResourceMethods:
    """`resources/read`, and who completes the variables of a template."""

    def __init__(self, resources: Sequence[Resource], tools: Mapping[str, Tool], call: Call) -> None:
        self._resources = resources
        self._tools = tools
        self._call = call

    def read(self, request: Request) -> dict[str, Any]:
        """Read the first resource whose address or template fits."""
        uri = request.params["uri"]
        for resource in self._resources:
            variables = resource.match(uri)
            if variables is not None:
                return {"contents": [self._contents(resource, uri, variables, request)]}
        raise _not_found(f"No such resource: {printable(uri)}", uri, request)

    def completer(self, template: str, variable: str) -> Completer | None:
        """What completes a variable of a template. Raise ProtocolError when there is no such template or variable."""
        for resource in self._resources:
            if resource.uri == template and f"{{{variable}}}" in template:
                return resource.completers.get(variable)
        raise ProtocolError(INVALID_PARAMS, "Unknown resource template or variable")

    def _contents(self, resource: Resource, uri: str, variables: dict[str, str], request: Request) -> dict[str, Any]:
        views = Views(self._tools, self._call, request.info)
        try:
            content = resource.read(views, **variables)
        except (NotFound, InvalidArgument) as error:
            raise _not_found(error.message, uri, request) from None
        except ToolError as error:
            raise failed(error) from None
        contents: dict[str, Any] = {"uri": uri, "mimeType": content.mime_type}
        if content.data is not None:
            return {**contents, "blob": base64.b64encode(content.data).decode("ascii")}
        return {**contents, "text": content.text or ""}


class PromptMethods:
    """`prompts/get` and `completion/complete`."""

    def __init__(
        self, prompts: Sequence[Prompt], resources: ResourceMethods, tools: Mapping[str, Tool], call: Call
    ) -> None:
        self._prompts = {prompt.name: prompt for prompt in prompts}
        self._resources = resources
        self._tools = tools
        self._call = call

    def get(self, request: Request) -> dict[str, Any]:
        """The messages of one prompt."""
        prompt = self._prompt(request.params["name"])
        given = request.params.get("arguments") or {}
        known = {argument.name for argument in prompt.arguments}
        wrong = sorted(set(given) - known)
        missing = [argument.name for argument in prompt.arguments if argument.required and argument.name not in given]
        if wrong or missing:
            what = f"lacks {', '.join(missing)}" if missing else f"takes only: {', '.join(sorted(known)) or 'nothing'}"
            raise ProtocolError(INVALID_PARAMS, f"The prompt {prompt.name} {what}")
        try:
            messages = prompt.build(self._views(request), **given)
        except (InvalidArgument, NotFound) as error:
            raise ProtocolError(INVALID_PARAMS, error.message) from None
        except ToolError as error:
            raise failed(error) from None
        return {"description": prompt.description, "messages": messages}

    def complete(self, request: Request) -> dict[str, Any]:
        """Values for an argument of a prompt or a variable of a template that begin with, or hold, what was typed."""
        ref, argument = request.params["ref"], request.params["argument"]
        if ref["type"] == "ref/prompt":
            try:
                completer = self._prompt(ref["name"]).completer(argument["name"])
            except KeyError:
                raise ProtocolError(INVALID_PARAMS, "The prompt has no such argument") from None
        else:
            completer = self._resources.completer(ref["uri"], argument["name"])
        try:
            values = completer(self._views(request), argument["value"]) if completer else []
        except InvalidArgument:
            values = []  # what was typed cannot be the beginning of anything
        except ToolError as error:
            raise failed(error) from None
        first = values[:MAX_VALUES]
        return {"completion": {"values": first, "total": len(values), "hasMore": len(values) > len(first)}}

    def _prompt(self, name: str) -> Prompt:
        try:
            return self._prompts[name]
        except KeyError:
            raise ProtocolError(INVALID_PARAMS, f"Unknown prompt: {printable(name)}") from None

    def _views(self, request: Request) -> Views:
        return Views(self._tools, self._call, request.info)


def failed(error: ToolError) -> ProtocolError:
    """A read that failed below, where no `isError` result is possible."""
    return ProtocolError(INTERNAL_ERROR, error.message, data=error.as_dict())


def _not_found(message: str, uri: str, request: Request) -> ProtocolError:
    code = INVALID_PARAMS if request.envelope.modern else LEGACY_RESOURCE_NOT_FOUND
    return ProtocolError(code, message, data={"uri": uri})

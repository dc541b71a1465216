"""`@tool` turns a typed function into a Tool: name, schemas, description, hints and TTL are derived from it.

A tool function takes the Plex client first and its arguments keyword-only, annotated with pydantic `Field`s, and
returns a dataclass. Fields without a default are always in the answer; a field that equals its default is left out.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import MISSING, Field, dataclass, field, fields, is_dataclass
from functools import lru_cache
from typing import Any, get_type_hints

from pydantic import BaseModel, ConfigDict, ValidationError, create_model

from plex_mcp.errors import InvalidArgument
from plex_mcp.tools._schema import described, fault_text, input_schema_of, output_schema_of

JSON = Any
Arguments = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Image:
    """A picture that goes with an answer: `data` raw bytes, at most 100 kB."""

    data: bytes
    mime_type: str


@dataclass(frozen=True, slots=True)
class WithImages:
    """What a tool returns when pictures go with its answer."""

    answer: Any
    images: tuple[Image, ...]


@dataclass(frozen=True, slots=True)
class Replacement:
    """What a command leaves behind in the cache: whatever the tool has answered before is no more than a stale copy.

    `tool` is the reading tool's name. Where the command knows better, `answer` is the dataclass or JSON object that the
    tool would return now for `arguments`: parsed, with their defaults (those that `Tool.fetch_arguments` gives, where
    it has one).
    """

    tool: str
    arguments: Arguments | None
    answer: Any


@dataclass(frozen=True, slots=True)
class WithReplacements:
    """What a command returns when it knows better than the cache what is so now."""

    answer: Any
    replaces: tuple[Replacement, ...]


@dataclass(frozen=True, slots=True)
class ToolResult:
    """A finished answer: `structured` is the JSON object that the output schema describes.

    `replaces`: what a command re-read afterwards, as JSON objects; the cache takes them in place of what it holds.
    """

    structured: dict[str, JSON]
    images: tuple[Image, ...] = ()
    replaces: tuple[Replacement, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Tool:
    """One tool of the catalogue. `ttl_s` is None for a tool that writes: it is never cached and never retried.

    Several calls may share one cached answer: `fetch_arguments` says what is loaded and kept for given arguments, and
    `view` cuts the answer to the arguments out of it (pure, on JSON objects). `local_max_s` is how long the process may
    trust its own copy before it asks Redis again, where another replica may have written what it changed. `outdates`
    are the cached answers that a command makes doubtful when it fails after it was sent: what it did is then not known.
    `returns` is the dataclass of the answer, None where nothing is said of it.
    """

    name: str
    title: str
    description: str
    input_schema: dict[str, JSON]
    read_only: bool
    destructive: bool
    idempotent: bool
    ttl_s: float | None
    ttl_setting: str | None
    stale_retention_s: float | None
    function: Callable[..., Any] = field(repr=False)
    arguments_model: type[BaseModel] = field(repr=False)
    returns: type | None = field(repr=False)
    check: Callable[[Arguments], None] | None = field(default=None, repr=False)
    fetch_arguments: Callable[[Arguments], Arguments] | None = field(default=None, repr=False)
    view: Callable[[dict[str, JSON], Arguments], dict[str, JSON]] | None = field(default=None, repr=False)
    local_max_s: float | None = None
    outdates: tuple[Replacement, ...] = field(default=(), repr=False)

    @property
    def output_schema(self) -> dict[str, JSON]:
        """What an answer holds, as a JSON Schema: made when somebody asks for it, since all of them take a tenth of the
        start. Empty where nothing is said.
        """
        return {} if self.returns is None else output_schema_of(self.returns)

    @property
    def tells_as_of(self) -> bool:
        """Whether an answer says of when it is."""
        return self.returns is not None and any(part.name == "as_of" for part in fields(self.returns))

    def parse(self, arguments: Mapping[str, JSON]) -> Arguments:
        """Validated arguments with their defaults. Raise InvalidArgument that names each fault and what is allowed."""
        properties = self.input_schema["properties"]
        absent = set(properties) - set(self.input_schema.get("required", ()))  # where null says: not given
        given = {name: value for name, value in arguments.items() if value is not None or name not in absent}
        try:
            model = self.arguments_model.model_validate(
                {name: _whole(value, properties.get(name)) for name, value in given.items()}
            )
        except ValidationError as error:
            raise InvalidArgument(
                "; ".join(fault_text(fault, properties) for fault in error.errors()[:5]),
                suggestion=f"Correct the arguments and call {self.name} again.",
            ) from None
        parsed = model.model_dump()
        if self.check is not None:
            self.check(parsed)
        return parsed

    def run(self, plex: Any, arguments: Arguments) -> ToolResult:
        """Call the function with parsed arguments; blocking, talks to Plex."""
        returned = self.function(plex, **arguments)
        if isinstance(returned, WithImages):
            return ToolResult(to_json(returned.answer), returned.images)
        if isinstance(returned, WithReplacements):
            replaces = tuple(Replacement(part.tool, part.arguments, to_json(part.answer)) for part in returned.replaces)
            return ToolResult(to_json(returned.answer), replaces=replaces)
        return ToolResult(to_json(returned))


def tool(
    *,
    title: str,
    ttl_s: float | None = None,
    ttl_setting: str | None = None,
    stale_retention_s: float | None = None,
    read_only: bool = True,
    destructive: bool = False,
    idempotent: bool = True,
    check: Callable[[Arguments], None] | None = None,
    fetch_arguments: Callable[[Arguments], Arguments] | None = None,
    view: Callable[[dict[str, JSON], Arguments], dict[str, JSON]] | None = None,
    local_max_s: float | None = None,
    outdates: tuple[Replacement, ...] = (),
) -> Callable[[Callable[..., Any]], Tool]:
    """Make a Tool of the function below.

    `ttl_setting` is the field of Settings that overrides `ttl_s`; `stale_retention_s` undercuts the general retention
    (an old "who is watching" is a lie); `check` refuses combinations of arguments that types cannot; the last four are
    described at Tool. Raises TypeError at import for a tool without docstring or types, for a writer with a TTL, or for
    a `view` without `fetch_arguments`.
    """

    def decorate(function: Callable[..., Any]) -> Tool:
        name = function.__name__
        hints = get_type_hints(function, include_extras=True)
        returns = hints.pop("return", None)
        description = described(inspect.getdoc(function) or "")
        if (
            not description
            or not (isinstance(returns, type) and is_dataclass(returns))
            or (ttl_s is not None) != read_only
        ):
            raise TypeError(f"{name}: a tool has a docstring, returns a dataclass, and has a TTL only if it reads")
        if (view is None) != (fetch_arguments is None):
            raise TypeError(f"{name}: a view and what it is cut from are declared together")
        parameters = list(inspect.signature(function).parameters.values())[1:]
        wanted: dict[str, Any] = {
            parameter.name: (hints[parameter.name], ... if parameter.default is parameter.empty else parameter.default)
            for parameter in parameters
        }
        model = create_model(
            f"{name}_arguments", __config__=ConfigDict(extra="forbid", strict=True, str_strip_whitespace=True), **wanted
        )
        return Tool(
            name=name,
            title=title,
            description=description,
            input_schema=input_schema_of(model),
            read_only=read_only,
            destructive=destructive,
            idempotent=idempotent,
            ttl_s=ttl_s,
            ttl_setting=ttl_setting,
            stale_retention_s=stale_retention_s,
            function=function,
            arguments_model=model,
            returns=returns,
            check=check,
            fetch_arguments=fetch_arguments,
            view=view,
            local_max_s=local_max_s,
            outdates=outdates,
        )

    return decorate


def _whole(value: JSON, schema: Mapping[str, JSON] | None) -> JSON:
    """20.0 as 20 where the schema says integer: in JSON Schema it is one, and some hosts write every number so."""
    if isinstance(value, float) and schema is not None and schema.get("type") == "integer" and value.is_integer():
        return int(value)
    return value


def to_json(value: Any) -> Any:
    """Dataclasses to JSON values; fields that equal their default are left out, those without a default never."""
    if type(value) in _PLAIN:  # nine of ten, so they are looked for first, here and below
        return value
    if is_dataclass(value) and not isinstance(value, type):
        shown: dict[str, Any] = {}
        for name, default in _plan(type(value)):
            part = getattr(value, name)
            if default is MISSING or part != default:
                shown[name] = part if type(part) in _PLAIN else to_json(part)
        return shown
    if isinstance(value, (tuple, list)):
        return [to_json(part) for part in value]
    if isinstance(value, Mapping):
        return {key: to_json(part) for key, part in value.items()}
    return value


_PLAIN = frozenset({str, int, float, bool, type(None)})


@lru_cache(maxsize=256)
def _plan(kind: type) -> tuple[tuple[str, Any], ...]:
    return tuple((part.name, _default(part)) for part in fields(kind))


def _default(part: Field[Any]) -> Any:
    if part.default is not MISSING:
        return part.default
    return part.default_factory() if part.default_factory is not MISSING else MISSING

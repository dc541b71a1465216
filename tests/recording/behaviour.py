"""What is recorded: one behaviour of one tool, and what is known to be true of it in the sample library."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from plex_mcp.standin import StandIn


@dataclass(frozen=True)
class Sample:
    """An argument that depends on the library: some item of a kind, `title` in the sample library.

    `of` is what of it is given: its `id` or its `title`. A real server has others; the first of that kind is taken.
    """

    kind: str
    title: str
    of: str = "id"


@dataclass(frozen=True, kw_only=True)
class Behaviour:
    """A call and its circumstances.

    `truth` is checked against the answer at each recording from the sample library and each replay of one: paths into
    the answer (`items.*.title`, `error.code`) and what is there, written by hand from the library, not from an answer.
    `prepare` changes the stand-in before the call; like `standin_only`, it keeps a real server out of it. `writes` is
    whether the call changes anything at Plex.
    """

    name: str
    arguments: Mapping[str, Any] = field(default_factory=dict)
    truth: Mapping[str, Any]
    settings: Mapping[str, str] = field(default_factory=dict)
    prepare: Callable[[StandIn], None] | None = None
    standin_only: bool = False
    writes: bool = False
    token: Callable[[StandIn], str] = lambda plex: plex.token


def found_at(answer: Any, path: str) -> Any:
    """What is at a dotted path: `*` is each entry of a list, `#` its length; None where there is nothing."""
    return _found(answer, path.split("."))


def _found(answer: Any, path: list[str]) -> Any:
    if not path:
        return answer
    step, rest = path[0], path[1:]
    if step == "*":
        return [_found(part, rest) for part in answer or ()]
    if step == "#":
        return len(answer or ())
    if isinstance(answer, list):
        return _found(answer[int(step)], rest) if step.isdigit() and int(step) < len(answer) else None
    return _found(answer.get(step), rest) if isinstance(answer, dict) else None


def untrue(answer: Any, truth: Mapping[str, Any]) -> Iterator[str]:
    """Where an answer is not what it must be."""
    for path, right in truth.items():
        got = found_at(answer, path)
        if got != right:
            yield f"{path} is {got!r}, not {right!r}"

"""What is recorded: one behaviour of one tool, and what is known to be true of it in the sample library."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from plex_mcp.standin import StandIn


@dataclass(frozen=True)
class Sample:
    """An argument that depends on the server. `title` names it in the sample household; a real one gives its first.

    `kind` is a media type (`of` its `id` or `title`), or `user`, `player` (their names; `of="id"` a player's id),
    `session` (the id of the session on that player).
    """

    kind: str
    title: str
    of: str = "id"


@dataclass(frozen=True, kw_only=True)
class Behaviour:
    """A call and its circumstances.

    `truth` is what must be so in the sample library, written by hand from the library and not from an answer: paths
    into the answer (`items.*.title`, `error.code`) and what is there. It is checked at each recording from the sample
    library and at each replay of one, so that recording again cannot make a wrong answer right.
    `prepare` changes the stand-in before the call; like `standin_only`, it keeps a real server out of it. `writes`:
    the call changes something at Plex. `as_guest`: the server is set up with the token of a friend.
    """

    name: str
    arguments: Mapping[str, Any] = field(default_factory=dict)
    truth: Mapping[str, Any]
    settings: Mapping[str, Any] = field(default_factory=dict)
    prepare: Callable[[StandIn], None] | None = None
    standin_only: bool = False
    writes: bool = False
    as_guest: bool = False


def faulty(kind: str, path: str, **figures: str | float) -> Callable[[StandIn], None]:
    """A `prepare` that lets requests for a path fail. Only faults that are still answers can be on a cassette."""

    def prepare(plex: StandIn) -> None:
        plex.faults.add(kind, path, **figures)  # type: ignore[arg-type]

    return prepare


def all_behaviours() -> Iterator[tuple[str, Behaviour]]:
    """(tool, behaviour) of everything that tests/recorded/test_<tool>.py lists as BEHAVIOURS."""
    from tests import recorded

    for module in sorted(pkgutil.iter_modules(recorded.__path__), key=lambda entry: entry.name):
        listed = getattr(importlib.import_module(f"tests.recorded.{module.name}"), "BEHAVIOURS", ())
        for behaviour in listed:
            yield module.name.removeprefix("test_"), behaviour


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

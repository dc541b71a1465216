"""Faults, counters and the clock over HTTP, for a stand-in in another process; off unless asked for.

``POST /standin/faults?kind=…&path=…&count=…&probability=…&skip=…&method=…`` with the kind's figures switches a fault
on, ``GET`` lists, ``DELETE`` clears them. ``GET /standin/counters`` counts, ``DELETE`` resets. ``POST /standin/clock?
advance_s=`` winds playback forward, ``POST /standin/refuse?for_s=`` closes the port for a while. All take the owner's
token and answer JSON.
"""

import json
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

from plex_mcp.standin.answers import html_error
from plex_mcp.standin.fault_kinds import KINDS, Figure
from plex_mcp.standin.http import Request, Response

if TYPE_CHECKING:
    from plex_mcp.standin.server import StandIn

PREFIX = "/standin/"
_RULE_ARGUMENTS = frozenset({"kind", "path", "count", "probability", "skip", "method", "X-Plex-Token"})


def answer(standin: "StandIn", request: Request) -> Response:
    """What a request under ``/standin/`` does."""
    if request.plex("X-Plex-Token") != standin.token:
        return html_error(401)
    act = _ACTIONS.get((request.method, request.path.removeprefix(PREFIX)))
    if act is None:
        return html_error(404)
    try:
        return act(standin, request.arguments)
    except ValueError as fault:
        return _json({"error": str(fault)}, 400)


def _json(value: object, status: int = 200) -> Response:
    return Response(json.dumps(value).encode(), status, "application/json")


def _figure(text: str, like: Figure) -> Figure:
    return type(like)(float(text)) if isinstance(like, int) else type(like)(text)


def _add(standin: "StandIn", asked: dict[str, str]) -> Response:
    kind = asked.get("kind", "")
    known = KINDS[kind][1] if kind in KINDS else {}
    figures = {
        name: _figure(text, known[name]) if name in known else text
        for name, text in asked.items()
        if name not in _RULE_ARGUMENTS
    }
    rule = standin.faults.add(
        kind,
        asked.get("path", "*"),
        int(asked["count"]) if "count" in asked else None,
        float(asked.get("probability", 1)),
        skip=int(asked.get("skip", 0)),
        method=asked.get("method"),
        **figures,
    )
    return _json(rule.as_dict(), 201)


def _list(standin: "StandIn", _: dict[str, str]) -> Response:
    return _json([rule.as_dict() for rule in standin.faults.rules])


def _clear(standin: "StandIn", _: dict[str, str]) -> Response:
    standin.faults.clear()
    return _json([])


def _counters(standin: "StandIn", _: dict[str, str]) -> Response:
    counters = standin.counters
    return _json(
        {
            "requests": counters.requests,
            "bytes_sent": counters.bytes_sent,
            "by_path": dict(counters.by_path),
            "paths": list(counters.paths)[-100:],
            "connections_now": counters.connections_now,
            "connections_peak": counters.connections_peak,
            "in_flight_peak": counters.in_flight_peak,
            "unknown_paths": counters.unknown_paths,
            "tokens_in_urls": len(counters.tokens_in_urls),
            "failures": counters.failures,
        }
    )


def _reset(standin: "StandIn", _: dict[str, str]) -> Response:
    standin.counters.reset()
    return _json({})


def _advance(standin: "StandIn", asked: dict[str, str]) -> Response:
    standin.clock.advance(float(asked.get("advance_s", "0")))
    return _json({"now_s": standin.clock()})


def _refuse(standin: "StandIn", asked: dict[str, str]) -> Response:
    seconds = float(asked.get("for_s", "1"))

    def closed() -> None:
        standin.stop_listening()
        again = threading.Timer(seconds, standin.listen_again)
        again.daemon = True
        again.start()

    first = threading.Timer(0.05, closed)  # after this answer has gone out
    first.daemon = True
    first.start()
    return _json({"refusing_for_s": seconds})


_ACTIONS: dict[tuple[str, str], Callable[["StandIn", dict[str, str]], Response]] = {
    ("POST", "faults"): _add,
    ("GET", "faults"): _list,
    ("DELETE", "faults"): _clear,
    ("GET", "counters"): _counters,
    ("DELETE", "counters"): _reset,
    ("POST", "clock"): _advance,
    ("POST", "refuse"): _refuse,
}

"""Answers that many endpoints share: error pages, containers, pages of a list."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeVar

from plex_mcp.standin.http import REASONS, Request, Response
from plex_mcp.standin.xml import Attributes, Value, document, element

T = TypeVar("T")
_TO_WEB = "<script>window.location = window.location.href.match(/(^.+\\/)[^\\/]*$/)[1] + 'web/index.html';</script>"


class Refused(Exception):
    """Ends a request with another answer than its endpoint's: raised where something is missing or forbidden."""

    def __init__(self, answer: Response) -> None:
        super().__init__(answer.status)
        self.answer = answer


def html_error(status: int, *, at_root: bool = False) -> Response:
    """The bare HTML page that Plex sends with an error, and then closes; at ``/`` a 401 leads to the web app."""
    title = REASONS.get(status, "Error")
    script = _TO_WEB if at_root else ""
    body = f"<html><head>{script}<title>{title}</title></head><body><h1>{status} {title}</h1></body></html>"
    return Response(body.encode(), status, "text/html", close=True)


def maintenance(status_text: str) -> Response:
    """503 while the server starts or migrates its database."""
    body = element("Response", {"code": 503, "title": "Maintenance", "status": status_text}).rstrip("\n")
    return Response(f'<?xml version="1.0" encoding="UTF-8"?>\n{body}'.encode(), 503)


def unknown_player(identifier: str, version: tuple[int, ...]) -> Response:
    """No such player: 500 with a framework error on old servers, 404 on newer ones."""
    if version >= (1, 32):
        return html_error(404)
    status = f"FrameworkException: Unable to find player with identifier {identifier}"
    body = document(
        {"code": 2000, "status": status},
        ["<Traceback>Traceback (most recent call last):</Traceback>\n"],
        name="Response",
    )
    return Response(body, 500)


def container(values: Attributes, children: Iterable[str] = ()) -> Response:
    """A MediaContainer."""
    return Response(document(values, children))


@dataclass(frozen=True)
class Window:
    """Which part of a list was asked for, by headers or by query; ``size`` None is everything."""

    start: int
    size: int | None
    limit: int | None

    @classmethod
    def of(cls, request: Request) -> "Window":
        """Read from ``X-Plex-Container-Start/Size`` and ``limit``; odd numbers count as absent."""
        return cls(
            number(request.plex("X-Plex-Container-Start")) or 0,
            number(request.plex("X-Plex-Container-Size")),
            number(request.arguments.get("limit")),
        )

    @property
    def reach(self) -> tuple[int, int | None]:
        """``(start, size)`` to cut from the whole list, the limit taken into account."""
        size = self.size
        if self.limit is not None:
            left = max(self.limit - self.start, 0)
            size = left if size is None else min(size, left)
        return self.start, size

    def total(self, matching: int) -> int:
        """The total that is shown: a limit hides what is beyond it."""
        return matching if self.limit is None else min(matching, self.limit)

    def cut(self, items: list[T]) -> list[T]:
        """The part asked for."""
        start, size = self.reach
        return items[start:] if size is None else items[start : start + size]

    def answer(self, values: Attributes, children: list[str], matching: int, more: Iterable[str] = ()) -> Response:
        """A container with this part of the list; totals only where a part was asked for."""
        head: dict[str, Value] = {"size": len(children)}
        headers = {}
        if self.size is not None:
            total = self.total(matching)
            head |= {"totalSize": total, "offset": self.start}
            headers = {
                "X-Plex-Container-Start": str(self.start),
                "X-Plex-Container-Total-Size": str(total),
            }
        response = container(head | dict(values), [*more, *children])
        response.headers |= headers
        return response


def number(text: str | None) -> int | None:
    """A whole number that a client sent; odd ones count as absent."""
    return int(text) if text and text.isdecimal() else None

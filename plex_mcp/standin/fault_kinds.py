"""Every fault: what it does to an answer, and its figures with their defaults."""

import re
import socket
import struct
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import TypeAlias

from plex_mcp.standin.answers import html_error, maintenance
from plex_mcp.standin.http import Link, Request, Response

Figure: TypeAlias = str | int | float
Figures: TypeAlias = dict[str, Figure]
Spoiler: TypeAlias = Callable[[Response, Request, Figures], Response]
_LOGIN_PAGE = b"<!DOCTYPE html><html><head><title>Sign in</title></head><body><form>Password</form></body></html>"
_FOREVER_S = 600.0


def _delay(response: Response, _: Request, figures: Figures) -> Response:
    def late(link: Link, wire: bytes) -> bool:
        if not link.pause(float(figures["delay_s"])):
            return False
        link.sock.sendall(wire)
        return not response.close

    return replace(response, deliver=late)


def _drip(response: Response, _: Request, figures: Figures, *, headers: bool) -> Response:
    """Send a piece at a time: from the first byte on, or from the body's first byte on."""

    def slowly(link: Link, wire: bytes) -> bool:
        start = 0 if headers else wire.index(b"\r\n\r\n") + 4
        if start:
            link.sock.sendall(wire[:start])
        step = int(figures["bytes_each"])
        for at in range(start, len(wire), step):
            if at > start and not link.pause(float(figures["every_s"])):
                return False
            link.sock.sendall(wire[at : at + step])
        return not response.close

    return replace(response, deliver=slowly)


def _status(_: Response, __: Request, figures: Figures) -> Response:
    code = int(figures["code"])
    answer = html_error(code)
    if code == 429:
        answer.headers["Retry-After"] = str(figures["retry_after_s"])
    return answer


def _maintenance(_: Response, __: Request, figures: Figures) -> Response:
    return maintenance(f"Plex Media Server is currently running {figures['what']}.")


def _close_early(response: Response, _: Request, __: Figures) -> Response:
    return replace(response, deliver=lambda *_: False)


def _reset(response: Response, _: Request, __: Figures) -> Response:
    def abruptly(link: Link, _: bytes) -> bool:
        link.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        return False

    return replace(response, deliver=abruptly)


def _cut_headers(response: Response, _: Request, __: Figures) -> Response:
    def half(link: Link, wire: bytes) -> bool:
        link.sock.sendall(wire[: wire.index(b"Content-Length") + 7])
        return False

    return replace(response, deliver=half)


def _short_body(response: Response, _: Request, figures: Figures) -> Response:
    """Content-Length promises more than there is; then the connection closes."""

    def less(link: Link, wire: bytes) -> bool:
        start = wire.index(b"\r\n\r\n") + 4
        missing = min(int(figures["missing_bytes"]), len(wire) - start)
        link.sock.sendall(wire[: len(wire) - missing])
        return False

    return replace(response, deliver=less)


def _silence(response: Response, _: Request, __: Figures) -> Response:
    def nothing(link: Link, _: bytes) -> bool:
        link.pause(_FOREVER_S)
        return False

    return replace(response, deliver=nothing)


def _truncated_xml(response: Response, _: Request, figures: Figures) -> Response:
    kept = int(len(response.body) * float(figures["share"]))
    return replace(response, body=response.body[:kept])


def _redirect(_: Response, request: Request, figures: Figures) -> Response:
    to = str(figures["to"]).rstrip("/")
    return Response(b"", 302, "text/html", headers={"Location": to + request.target})


def _empty_200(_: Response, __: Request, ___: Figures) -> Response:
    return Response(b"")


def _html_200(_: Response, __: Request, ___: Figures) -> Response:
    return Response(_LOGIN_PAGE, content_type="text/html;charset=utf-8")


def _json_200(_: Response, __: Request, ___: Figures) -> Response:
    return Response(b'{"MediaContainer":{"size":0}}', content_type="application/json")


def _no_charset(response: Response, _: Request, __: Figures) -> Response:
    return replace(response, content_type="text/xml")


def _edit(pattern: str, by: str, *, count: int = 0) -> Spoiler:
    """A fault that changes the body's text."""
    compiled = re.compile(pattern)

    def change(response: Response, _: Request, __: Figures) -> Response:
        return replace(response, body=compiled.sub(by, response.body.decode(), count=count).encode())

    return change


def _wrong_total(response: Response, _: Request, figures: Figures) -> Response:
    """Say that there is more than there is, in body and header."""
    more = int(figures["add"])
    body = re.sub(rb'totalSize="(\d+)"', lambda found: b'totalSize="%d"' % (int(found[1]) + more), response.body)
    headers = dict(response.headers)
    name = "X-Plex-Container-Total-Size"
    if name in headers:
        headers[name] = str(int(headers[name]) + more)
    return replace(response, body=body, headers=headers)


KINDS: dict[str, tuple[Spoiler, Figures]] = {
    "delay": (_delay, {"delay_s": 2.0}),
    "drip_body": (partial(_drip, headers=False), {"bytes_each": 200, "every_s": 0.5}),
    "drip_headers": (partial(_drip, headers=True), {"bytes_each": 8, "every_s": 0.5}),
    "status": (_status, {"code": 500, "retry_after_s": 1}),
    "maintenance": (_maintenance, {"what": "startup maintenance tasks"}),
    "close_early": (_close_early, {}),
    "reset": (_reset, {}),
    "cut_headers": (_cut_headers, {}),
    "short_body": (_short_body, {"missing_bytes": 50}),
    "silence": (_silence, {}),
    "truncated_xml": (_truncated_xml, {"share": 0.6}),
    "redirect": (_redirect, {"to": "http://127.0.0.2:9"}),
    "empty_200": (_empty_200, {}),
    "html_200": (_html_200, {}),
    "json_200": (_json_200, {}),
    "no_charset": (_no_charset, {}),
    "control_characters": (_edit(r'title="', 'title="\x01\x0b', count=1), {}),
    "no_user": (_edit(r"<User [^>]*/>\n", ""), {}),
    "no_session": (_edit(r"<Session [^>]*/>\n", ""), {}),
    "no_player": (_edit(r"<Player [^>]*/>\n", ""), {}),
    "no_port": (_edit(r' port="\d+"', ""), {}),
    "no_type": (_edit(r'(<(?:Video|Directory|Track|Hub|Photo) [^>]*?) type="[^"]*"', r"\1", count=1), {}),
    "no_title": (_edit(r'(<(?:Video|Directory|Track|Photo) [^>]*?) title="[^"]*"', r"\1", count=1), {}),
    "wrong_total": (_wrong_total, {"add": 1000}),
}
INSTEAD = frozenset(
    {"status", "maintenance", "close_early", "reset", "redirect", "empty_200", "html_200", "json_200", "silence"}
)

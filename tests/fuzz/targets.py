"""What is fuzzed: two functions from bytes to nothing, which raise AssertionError or anything else for a bug.

`run.py` drives them with coverage feedback (atheris), `test_corpus.py` with the small corpus kept here.
"""

from __future__ import annotations

import json
import logging
import time
import unicodedata
from collections.abc import Mapping
from functools import cache
from io import BytesIO
from typing import Any
from xml.etree.ElementTree import Element, SubElement, tostring

import requests
import structlog
from requests.adapters import BaseAdapter
from urllib3 import HTTPResponse

from plex_mcp.calls.outcome import CallInfo, CallOutcome
from plex_mcp.errors import PlexUnavailable, ToolError
from plex_mcp.plex.client import PlexClient
from plex_mcp.plex.errors import translated
from plex_mcp.plex.session import CallScope, build_session, call_scope
from plex_mcp.prompts._catalogue import load_prompts
from plex_mcp.protocol import Dispatcher
from plex_mcp.resources._catalogue import load_resources
from plex_mcp.settings import Settings
from plex_mcp.tools._catalogue import load_tools
from plex_mcp.tools._tool import Tool
from plex_mcp.web.intake import Intake, Unacceptable

STATUSES = {200, 202, 400, 404}
HEADERS: tuple[Mapping[str, str], ...] = (
    {},
    {"mcp-protocol-version": "2025-06-18"},
    {"mcp-protocol-version": "2025-03-26"},
    {"mcp-protocol-version": "2026-07-28", "mcp-method": "tools/call", "mcp-name": "search_media"},
    {"mcp-protocol-version": "2026-07-28", "mcp-method": "tools/list"},
    {"mcp-protocol-version": "2026-07-28", "mcp-method": "server/discover", "user-agent": "fuzz"},
    {"mcp-protocol-version": "1999-01-01"},
)
CALLS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("list_libraries", {}),
    ("search_media", {"query": "a"}),
    ("search_media", {"media_type": "movie", "year_min": 1990}),
    ("get_media_details", {"media_id": "1", "include": ["children", "versions", "similar"], "include_chapters": True}),
    ("get_playback_status", {}),
    ("list_clients", {}),
    ("get_recently_added", {}),
    ("get_on_deck", {}),
    ("get_watch_history", {}),
    ("control_playback", {"action": "pause"}),
)
CONNECT = b'<MediaContainer friendlyName="fuzz" machineIdentifier="m" version="1.41.0.1-a" myPlexUsername="me"/>'
MAX_ANSWER_CHARACTERS = 400_000


def quiet() -> None:
    """No log lines: they would be most of the work."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))


def _call(_tool: Tool, _arguments: dict[str, Any], _info: CallInfo) -> CallOutcome:
    raise PlexUnavailable("fuzz")


@cache
def _dispatcher() -> Dispatcher:
    return Dispatcher(tools=load_tools(), resources=load_resources(), prompts=load_prompts(), call=_call)


def envelope(data: bytes) -> None:
    """Any bytes as the body of a POST, the first byte choosing the headers: always an answer, always JSON."""
    if not data:
        return
    reply = _dispatcher().handle(data[1:], HEADERS[data[0] % len(HEADERS)])
    assert reply.status in STATUSES, reply
    assert reply.stream is None
    if reply.body is not None:
        message = json.loads(reply.body)
        for part in message if isinstance(message, list) else [message]:
            assert part["jsonrpc"] == "2.0"
            assert ("result" in part) != ("error" in part)


def intake(data: bytes) -> None:
    """Any bytes as what arrives on a connection, in pieces whose size the first byte chooses."""
    if not data:
        return
    gathered, size, taken, status = Intake(), data[0] + 1, 0, 400
    try:
        for at in range(1, len(data), size):
            gathered.feed(data[at : at + size])
            while (request := gathered.take()) is not None:
                taken += len(request)
                assert b"\r\n\r\n" in request
    except Unacceptable as refusal:
        status = refusal.status
    assert status in {400, 413, 431}
    assert taken + len(gathered) < len(data)


class _Answers(BaseAdapter):
    """Answers every request with the same body; the first of a client with what connecting needs."""

    def __init__(self) -> None:
        super().__init__()
        self.body = CONNECT
        self.requests = 0

    def send(self, request: requests.PreparedRequest, *_args: Any, **_kwargs: Any) -> requests.Response:
        self.requests += 1
        assert self.requests <= 60, "one call asks Plex without end"
        response = requests.Response()
        response.status_code = 200
        response.url = request.url or ""
        response.request = request
        response.headers["Content-Type"] = "text/xml;charset=utf-8"
        response.raw = HTTPResponse(BytesIO(self.body), preload_content=False)
        response._content = self.body
        response.encoding = "utf-8"
        return response

    def close(self) -> None:
        pass


_tools = cache(load_tools)


@cache
def _plex() -> tuple[PlexClient, _Answers]:
    settings = Settings.from_env(
        {
            "PLEX_SERVER_URL": "http://127.0.0.1:1",
            "PLEX_TOKEN": "fuzz-token",
            "REDIS_URL": "redis://127.0.0.1:1/0",
            "AUTH_TOKEN": "5f3c1e9b77d05f3c",
        }
    )
    session, answers = build_session(settings), _Answers()
    session.mount("http://", answers)
    return PlexClient(settings, session), answers


def xml(data: bytes) -> None:
    """Any bytes as what Plex answers, the first byte choosing the tool: an answer of ours or an error of ours."""
    if not data:
        return
    plex, answers = _plex()
    name, sent = CALLS[data[0] % len(CALLS)]
    tool = _tools()[name]
    answers.body, answers.requests = CONNECT, 0
    fresh = PlexClient(plex.settings, plex.session)
    with call_scope(CallScope(deadline=time.monotonic() + 60)):
        _ = fresh.server
        answers.body, answers.requests = data[1:], 0
        try:
            with translated():
                result = tool.run(fresh, tool.parse(sent))
        except ToolError as error:
            assert_clean(error.as_dict())
            return
    assert_clean(result.structured)
    assert len(json.dumps(result.structured)) < MAX_ANSWER_CHARACTERS


TAGS = (
    *(
        "Video",
        "Directory",
        "Track",
        "Photo",
        "Playlist",
        "Metadata",
        "Hub",
        "Server",
        "Player",
        "User",
        "Session",
        "Media",
    ),
    *(
        "Part",
        "Stream",
        "Genre",
        "Role",
        "Director",
        "Chapter",
        "Guid",
        "Rating",
        "TranscodeSession",
        "Account",
        "Device",
        "Setting",
    ),
)
ATTRIBUTES = (
    *(
        "type",
        "ratingKey",
        "key",
        "title",
        "year",
        "duration",
        "viewOffset",
        "viewCount",
        "leafCount",
        "viewedLeafCount",
    ),
    *("index", "parentIndex", "parentTitle", "grandparentTitle", "parentRatingKey", "grandparentRatingKey", "addedAt"),
    *(
        "lastViewedAt",
        "viewedAt",
        "updatedAt",
        "rating",
        "audienceRating",
        "userRating",
        "contentRating",
        "librarySectionID",
    ),
    *(
        "librarySectionTitle",
        "size",
        "totalSize",
        "offset",
        "id",
        "tag",
        "name",
        "product",
        "machineIdentifier",
        "state",
    ),
    *(
        "address",
        "port",
        "host",
        "protocolCapabilities",
        "streamType",
        "language",
        "codec",
        "selected",
        "videoResolution",
    ),
    *(
        "startTimeOffset",
        "endTimeOffset",
        "accountID",
        "deviceID",
        "hubIdentifier",
        "agent",
        "scanner",
        "local",
        "speed",
    ),
    *(
        "videoDecision",
        "decision",
        "bandwidth",
        "location",
        "originallyAvailableAt",
        "summary",
        "thumb",
        "guid",
        "subtype",
    ),
)
VALUES = (
    *(
        "",
        "0",
        "1",
        "2",
        "-1",
        "3",
        "4",
        "nan",
        "inf",
        "1e309",
        "99999999999999999999",
        "1.5",
        "true",
        "yes",
        "null",
        "\u0661",
    ),
    *(
        "movie",
        "show",
        "season",
        "episode",
        "artist",
        "album",
        "track",
        "clip",
        "photo",
        "playlist",
        "collection",
        "odd",
    ),
    *(
        "A title",
        "  ",
        "\u202etxt.exe",
        "a\u0000".replace("\u0000", "\u0085"),
        "x" * 5000,
        "\U0001f3ac",
        "1999-13-45",
        "1999-01-02",
    ),
    *(
        "/library/metadata/1",
        "/library/metadata/1/children",
        "../..",
        "http://127.0.0.1/",
        "plex://movie/1",
        "playing",
        "4k",
        "en",
    ),
    *("timeline,playback", "lan", "transcode", "1700000000", "-62135596801", "253402300800"),
)


def tree(data: bytes) -> None:
    """As `xml`, but well-formed: the bytes say which elements, attributes and values; three bytes a step."""
    if not data:
        return
    root = Element("MediaContainer", {"size": "1"})
    stack = [root]
    for step, which, value in zip(data[1::3], data[2::3], data[3::3], strict=False):
        if step % 8 == 0:
            stack = stack[: max(1, len(stack) - 1 - which % 2)]
        elif step % 8 < 3 and len(stack) < 6:
            stack.append(SubElement(stack[-1], TAGS[which % len(TAGS)]))
        else:
            stack[-1].set(ATTRIBUTES[which % len(ATTRIBUTES)], VALUES[value % len(VALUES)])
    xml(data[:1] + tostring(root, encoding="utf-8"))


def assert_clean(value: Any) -> None:
    """JSON, without control or direction-changing characters in any text."""
    if isinstance(value, dict):
        for key, part in value.items():
            assert isinstance(key, str)
            assert_clean(part)
    elif isinstance(value, (list, tuple)):
        for part in value:
            assert_clean(part)
    elif isinstance(value, str):
        for char in value:
            assert char == "\n" or unicodedata.category(char) not in {"Cc", "Cf", "Cs"} or char in "\u200c\u200d", (
                ascii(value)
            )
    else:
        assert value is None or isinstance(value, (bool, int, float)), type(value)
        assert value == value, "NaN is no JSON"

"""An answer that is XML and not Plex's is a failed read, never an empty library."""

from __future__ import annotations

import pytest
import requests

from plex_mcp.errors import PlexBadAnswer
from plex_mcp.plex.session import _error_in


def answer(body: bytes, content_type: str) -> requests.Response:
    response = requests.Response()
    response.status_code = 200
    response._content = body
    response.headers["Content-Type"] = content_type
    return response


@pytest.mark.parametrize("content_type", ["", "text/xml", "application/xml;charset=utf-8", "text/html"])
@pytest.mark.parametrize(
    "body",
    [
        b"<html><body>Please log in</body></html>",
        b"<!DOCTYPE html><html></html>",
        b"\xef\xbb\xbf\n<error code='1'/>",
        b'<?xml version="1.0"?>\n<Response/>',
        b"<MediaContainers/>",
    ],
)
def test_well_formed_xml_of_somebody_else_is_a_bad_answer(body: bytes, content_type: str) -> None:
    error = _error_in(answer(body, content_type), "/library/sections")
    assert isinstance(error, PlexBadAnswer)
    assert error.cause == "html"


@pytest.mark.parametrize(
    ("body", "endpoint"),
    [
        (
            b'<?xml version="1.0" encoding="UTF-8"?>\n<MediaContainer size="0">\n</MediaContainer>\n',
            "/library/sections",
        ),
        (b'<MediaContainer size="0"/>', "/"),
        (b"\xef\xbb\xbf<MediaContainer/>", "/clients"),
        (b'<Response code="200" status="OK"/>', "/player/playback/pause"),
        (b"<user/>", "/api/v2/user"),
    ],
)
def test_what_plex_sends_is_not(body: bytes, endpoint: str) -> None:
    assert _error_in(answer(body, "text/xml;charset=utf-8"), endpoint) is None

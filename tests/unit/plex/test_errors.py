"""Every foreign exception has a counterpart of ours, in our words."""

from __future__ import annotations

import inspect
from xml.etree import ElementTree

import plexapi.exceptions
import plexapi.server
import pytest
import requests
import urllib3.exceptions

from plex_mcp.errors import (
    InvalidArgument,
    NotFound,
    PlexBadAnswer,
    PlexForbidden,
    PlexRefusedToken,
    PlexTimeout,
    PlexUnavailable,
    ToolError,
    UpstreamError,
)
from plex_mcp.plex.errors import endpoint_template, from_status, translated

SECRET = "http://plex.home:32400/library/metadata/7?X-Plex-Token=secret"


def exceptions_of(module: object, root: type[Exception]) -> list[type[Exception]]:
    found = [kind for _, kind in inspect.getmembers(module, inspect.isclass) if issubclass(kind, root)]
    assert len(found) > 3
    return found


def translation(error: BaseException, endpoint: str = "") -> ToolError:
    with pytest.raises(ToolError) as caught, translated(endpoint):
        raise error
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__, "the log must not show the foreign text either"
    assert "secret" not in f"{caught.value.as_dict()} {vars(caught.value)}"
    return caught.value


@pytest.mark.parametrize("kind", exceptions_of(plexapi.exceptions, plexapi.exceptions.PlexApiException))
def test_each_exception_of_plexapi_maps(kind: type[Exception]) -> None:
    translation(kind(f"(500) internal_server_error; {SECRET}"))


@pytest.mark.parametrize("kind", exceptions_of(requests.exceptions, requests.exceptions.RequestException))
def test_each_exception_of_requests_maps(kind: type[Exception]) -> None:
    error = kind.__new__(kind)
    Exception.__init__(error, SECRET)
    error.request = error.response = None  # type: ignore[attr-defined]
    assert isinstance(translation(error), UpstreamError)


@pytest.mark.parametrize("kind", exceptions_of(urllib3.exceptions, urllib3.exceptions.HTTPError))
def test_each_exception_of_urllib3_maps(kind: type[Exception]) -> None:
    error = kind.__new__(kind)
    Exception.__init__(error, SECRET)
    assert isinstance(translation(error), UpstreamError)


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (plexapi.exceptions.Unauthorized("(401) unauthorized"), PlexRefusedToken),
        (plexapi.exceptions.BadRequest("(403) forbidden"), PlexForbidden),
        (plexapi.exceptions.BadRequest("(429) too_many"), PlexUnavailable),
        (plexapi.exceptions.BadRequest("(503) service_unavailable"), PlexUnavailable),
        (plexapi.exceptions.BadRequest("(400) bad_request"), InvalidArgument),
        (plexapi.exceptions.BadRequest("no status"), InvalidArgument),
        (plexapi.exceptions.NotFound("(404) not_found"), NotFound),
        (plexapi.exceptions.UnknownType("x"), PlexBadAnswer),
        (ElementTree.ParseError("x"), PlexBadAnswer),
        (requests.ReadTimeout("x"), PlexTimeout),
        (requests.ConnectTimeout("x"), PlexTimeout),
        (requests.ConnectionError(urllib3.exceptions.ReadTimeoutError(None, "", "x")), PlexTimeout),  # type: ignore[arg-type]
        (requests.ConnectionError("x"), PlexUnavailable),
        (requests.exceptions.SSLError("x"), PlexUnavailable),
        (requests.exceptions.ChunkedEncodingError("x"), PlexUnavailable),
        (requests.TooManyRedirects("x"), PlexBadAnswer),
        (requests.exceptions.InvalidURL("x"), PlexBadAnswer),
        (TimeoutError("x"), PlexTimeout),
        (OSError("x"), PlexUnavailable),
    ],
    ids=lambda value: getattr(value, "__name__", repr(value)),
)
def test_what_is_behind_decides_what_the_user_reads(error: Exception, kind: type[ToolError]) -> None:
    assert type(translation(error)) is kind


def test_the_endpoint_is_the_callers_or_the_requests_own() -> None:
    request = requests.Request("GET", SECRET).prepare()
    error = translation(requests.ConnectionError(request=request))
    assert isinstance(error, UpstreamError)
    assert (error.endpoint, error.cause) == ("/library/metadata/{id}", "ConnectionError")
    named = translation(requests.ConnectionError(request=request), "/named")
    assert isinstance(named, UpstreamError)
    assert named.endpoint == "/named"


def test_an_answer_whose_shape_surprises_plexapi_is_a_bad_answer() -> None:
    with pytest.raises(PlexBadAnswer), translated("/"):
        plexapi.server.PlexServer._headers(None)  # AttributeError inside plexapi


@pytest.mark.parametrize("bug", [TypeError("x"), AttributeError("x"), KeyError("x"), ZeroDivisionError("x")])
def test_a_bug_of_ours_stays_a_bug(bug: Exception) -> None:
    with pytest.raises(type(bug)), translated():
        raise bug


def test_our_own_errors_pass_untouched() -> None:
    ours = NotFound("x")
    with pytest.raises(NotFound) as caught, translated():
        raise ours
    assert caught.value is ours


@pytest.mark.parametrize("status", [200, 201, 204, 302, 400, 404, 406])
def test_statuses_without_a_meaning_of_their_own(status: int) -> None:
    assert from_status(status, "/x") is None


@pytest.mark.parametrize(
    ("url", "template"),
    [
        (SECRET, "/library/metadata/{id}"),
        ("/library/metadata/1,2,3/children", "/library/metadata/{id}/children"),
        ("http://h:1/library/sections/2/all?type=1#x", "/library/sections/{id}/all"),
        ("https://plex.tv/api/v2/user", "/api/v2/user"),
        ("https://plex.tv/api/servers/0123456789abcdef0123/shared_servers", "/api/servers/{id}/shared_servers"),
        ("http://h:1", "/"),
        ("", "/"),
    ],
)
def test_an_endpoint_template_has_no_host_no_query_and_no_ids(url: str, template: str) -> None:
    assert endpoint_template(url) == template

"""Foreign exceptions become ours here, and nowhere else.

requests', urllib3's, ElementTree's and python-plexapi's exceptions carry URLs, machine names and whole upstream bodies
in their text (plex-wire.md section 3b), so none of that text is kept: only a class name, a status and a path template,
and those for the log alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import NoReturn
from xml.etree import ElementTree

import requests
import urllib3.exceptions
from plexapi import exceptions as plexapi_exceptions

from plex_mcp.errors import (
    InvalidArgument,
    NotFound,
    PlexBadAnswer,
    PlexForbidden,
    PlexMCPError,
    PlexRefusedToken,
    PlexTimeout,
    PlexUnavailable,
    ToolError,
)

_IDS = re.compile(r"(?<=/)(?:[0-9]+(?:,[0-9]+)*|[0-9a-f]{16,})(?=/|$)", re.IGNORECASE)
_STATUS = re.compile(r"^\((\d{3})\)")
# Raised by python-plexapi when an answer has not the shape it expects; raised by our own code they are bugs.
_SHAPE = (TypeError, AttributeError, KeyError, IndexError, ValueError)


def endpoint_template(url: str) -> str:
    """The path of a URL with ids replaced: `/library/metadata/{id}`. Never a host, never a query."""
    path = "/" + re.sub(r"^[a-z]+://[^/]*", "", url, flags=re.IGNORECASE).lstrip("/")
    return _IDS.sub("{id}", path.partition("?")[0].partition("#")[0])


def from_status(  # noqa: PLR0911 - a table
    status: int, endpoint: str, *, retry_after_s: float | None = None
) -> ToolError | None:
    """What an HTTP status of Plex's means, or None where it means success or is for the caller to judge (404, 400).

    Source: the table in plex-wire.md section 3c. Every status from 500 up is `PlexUnavailable`: the ones that a
    gateway in front of Plex sends (502, 504, 520 …) and Plex's own maintenance answer (503) alike.
    """
    if status == 401 and endpoint == "/status/sessions/terminate":
        return PlexForbidden(
            "Plex does not end sessions from the server: that needs Plex Pass.",
            suggestion="Stop the player itself: control_playback with its client.",
            status=status,
            endpoint=endpoint,
        )
    if status in {401, 498}:
        return PlexRefusedToken(
            "Plex refuses the token that this server uses.",
            suggestion="Whoever runs this server must set a valid PLEX_TOKEN; asking again will not help.",
            status=status,
            endpoint=endpoint,
        )
    if status == 403:
        return PlexForbidden(
            "Plex does not allow this server's token to do that.",
            suggestion="It needs the token of the Plex server's owner; asking again will not help.",
            status=status,
            endpoint=endpoint,
        )
    if status == 429:
        return PlexUnavailable(
            "Plex asks for fewer requests.",
            retry_after_s=retry_after_s or 5.0,
            status=status,
            endpoint=endpoint,
            pause_s=retry_after_s or 0.0,
        )
    if status == 503:
        return PlexUnavailable(
            "Plex is starting up, or busy with its own maintenance.",
            retry_after_s=retry_after_s or 10.0,
            status=status,
            endpoint=endpoint,
            pause_s=retry_after_s or 0.0,
        )
    if status >= 500:
        return PlexUnavailable(
            f"Plex, or a gateway before it, failed with HTTP status {status}.",
            retry_after_s=retry_after_s,
            status=status,
            endpoint=endpoint,
            pause_s=retry_after_s or 0.0,
        )
    return None


def timed_out(endpoint: str, cause: str) -> PlexTimeout:
    """Plex was silent for too long, or sent its answer too slowly."""
    return PlexTimeout(
        "Plex did not answer in time.",
        suggestion="Ask again in a moment.",
        retry_after_s=2.0,
        endpoint=endpoint,
        cause=cause,
    )


def from_requests(error: Exception, endpoint: str) -> ToolError:  # noqa: PLR0911 - a table
    """The counterpart of an exception of requests' or urllib3's."""
    cause = type(error).__name__
    if _is_timeout(error):
        return timed_out(endpoint, cause)
    if isinstance(error, requests.exceptions.SSLError):
        return PlexUnavailable(
            "No secure connection to Plex: its certificate cannot be verified.",
            suggestion="Whoever runs this server should check PLEX_SERVER_URL (http or https, and the host name that "
            "the certificate names) and PLEX_CA_FILE.",
            endpoint=endpoint,
            cause=cause,
        )
    if isinstance(error, requests.exceptions.TooManyRedirects):
        return _bad_answer("Plex redirects in circles.", endpoint, cause)
    if isinstance(error, requests.exceptions.ContentDecodingError | requests.exceptions.InvalidHeader):
        return _bad_answer("Plex's answer cannot be decoded.", endpoint, cause)
    if isinstance(error, requests.exceptions.ChunkedEncodingError):
        message = "The connection to Plex broke in the middle of an answer."
        return PlexUnavailable(message, endpoint=endpoint, cause=cause)
    # All of requests' exceptions are OSErrors; those left here say that the request itself was none.
    known = requests.exceptions.ConnectionError | urllib3.exceptions.HTTPError
    if isinstance(error, known) or not isinstance(error, requests.exceptions.RequestException):
        return PlexUnavailable(
            "Plex cannot be reached.",
            suggestion="It may be restarting. If this lasts, whoever runs this server should check PLEX_SERVER_URL.",
            endpoint=endpoint,
            cause=cause,
        )
    return _bad_answer("Plex could not be asked this.", endpoint, cause)


@contextmanager
def translated(endpoint: str = "") -> Iterator[None]:
    """Raise ours for whatever foreign is raised inside. Exceptions of our own pass through, and so do bugs of ours."""
    try:
        yield
    except PlexMCPError:
        raise
    except requests.exceptions.RequestException as error:
        _raise(from_requests(error, endpoint or _endpoint_of(error)))
    except urllib3.exceptions.HTTPError as error:
        _raise(from_requests(error, endpoint))
    except plexapi_exceptions.PlexApiException as error:
        _raise(_from_plexapi(error, endpoint))
    except ElementTree.ParseError as error:
        _raise(_bad_answer("Plex's answer is not the XML it should be.", endpoint, type(error).__name__))
    except OSError as error:
        _raise(from_requests(error, endpoint))
    except _SHAPE as error:
        if not _raised_by_plexapi(error.__traceback__):
            raise
        _raise(_bad_answer("Plex's answer lacks what it should hold.", endpoint, type(error).__name__))


def _raise(error: ToolError) -> NoReturn:
    # `from None`: the chain would bring the foreign text into the log.
    raise error from None


def _bad_answer(message: str, endpoint: str, cause: str) -> PlexBadAnswer:
    return PlexBadAnswer(
        message,
        suggestion="If this lasts, whoever runs this server should check that PLEX_SERVER_URL names Plex itself.",
        endpoint=endpoint,
        cause=cause,
    )


def _from_plexapi(error: plexapi_exceptions.PlexApiException, endpoint: str) -> ToolError:
    cause = type(error).__name__
    found = _STATUS.match(str(error))
    status = int(found.group(1)) if found else 0
    known = from_status(401 if isinstance(error, plexapi_exceptions.Unauthorized) else status, endpoint)
    if known is not None:
        return known
    if isinstance(error, plexapi_exceptions.NotFound):
        return NotFound("Plex does not have what was asked for.", suggestion="Look for it again: ids can change.")
    if isinstance(error, plexapi_exceptions.BadRequest):
        return InvalidArgument("Plex does not accept these arguments.", suggestion="Use fewer or other arguments.")
    return _bad_answer("Plex answered with something unknown.", endpoint, cause)


def _is_timeout(error: BaseException) -> bool:
    """requests hides a timeout that happens while the body is read inside a ConnectionError."""
    if isinstance(error, requests.exceptions.Timeout | urllib3.exceptions.TimeoutError | TimeoutError):
        return True
    return any(isinstance(part, urllib3.exceptions.TimeoutError) for part in error.args)


def _endpoint_of(error: requests.exceptions.RequestException) -> str:
    url = getattr(error.request, "url", None)
    return endpoint_template(url) if url else ""


def _raised_by_plexapi(trace: TracebackType | None) -> bool:
    name = ""
    while trace is not None:
        name = trace.tb_frame.f_globals.get("__name__", "")
        trace = trace.tb_next
    return name.partition(".")[0] in {"plexapi", "xml"}

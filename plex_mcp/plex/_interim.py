"""Stands in for `errors.translated` and `session.current_scope` until they are here."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from xml.etree.ElementTree import ParseError

import requests
from plexapi import exceptions as plexapi_errors

from plex_mcp.errors import NotFound, PlexBadAnswer, PlexRefusedToken, PlexTimeout, PlexUnavailable


@contextmanager
def translated(endpoint: str = "") -> Iterator[None]:
    try:
        yield
    except plexapi_errors.Unauthorized:
        raise PlexRefusedToken("Plex refused the token.", endpoint=endpoint) from None
    except plexapi_errors.NotFound:
        raise NotFound("Plex has no such thing.") from None
    except requests.Timeout:
        raise PlexTimeout("Plex did not answer in time.", endpoint=endpoint) from None
    except (requests.RequestException, plexapi_errors.PlexApiException):
        raise PlexUnavailable("Plex cannot be reached.", endpoint=endpoint) from None
    except ParseError:
        raise PlexBadAnswer("Plex answered what cannot be read.", endpoint=endpoint) from None


def current_scope() -> Any:
    return None

"""Keeps a recording from changing anything on somebody's server."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.adapters import BaseAdapter

_READS = re.compile(
    r"/(identity|clients|accounts|devices|resources|photo/:/transcode|status/sessions(/history/all)?|media/providers"
    r"|(library|hubs|playlists)(/[\w/,]*)?|api/[\w/]+)?/?"
)
_ACTS = re.compile(r"/(refresh|analyze|emptyTrash|unmatch|match|merge|split|optimize|cache|switch|delete)\b")


class WriteRefused(AssertionError):
    """Something would have been changed on a real server without leave."""


class ReadOnlyAdapter(BaseAdapter):
    """Lets through what only reads, by a list; everything else is refused before it is sent."""

    def __init__(self, live: BaseAdapter) -> None:
        super().__init__()
        self._live = live

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        """Raise WriteRefused for anything but a known reading request."""
        path = urlsplit(request.url or "").path
        if request.method != "GET" or not _READS.fullmatch(path) or _ACTS.search(path):
            raise WriteRefused(f"{request.method} {path} is not among the requests that only read")
        return self._live.send(request, *args, **kwargs)

    def close(self) -> None:
        """Close what is behind."""
        self._live.close()


def only_reading(session: requests.Session) -> None:
    """Put the guard before every adapter of a session."""
    for prefix, live in list(session.adapters.items()):
        session.mount(prefix, ReadOnlyAdapter(live))

"""A requests adapter that records to, or plays from, a vcrpy cassette.

vcrpy's own way in, patching urllib3, is unusable under threads: leaving a cassette un-patches the whole process while
others still record (vcrpy #212, #295, #849), so interactions get lost and replays go out to the live server. Here the
cassette is only asked, under a lock; nothing global changes, and two sessions can hold two cassettes at a time.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from io import BytesIO
from typing import Any

import requests
from requests.adapters import BaseAdapter, HTTPAdapter
from urllib3 import HTTPHeaderDict, HTTPResponse
from vcr.cassette import Cassette
from vcr.record_mode import RecordMode
from vcr.request import Request

_OF_TRANSFER = {"content-encoding", "content-length", "transfer-encoding"}


class NotRecorded(AssertionError):
    """A replay was asked for what the cassette does not hold. No error of Plex's: nothing may retry or translate it."""


class CassetteAdapter(BaseAdapter):
    """Records what `live` answers, or, without a `live`, plays back; safe from any number of threads.

    The lock is held while the cassette is asked, never while the network is: ten workers stay ten.
    """

    def __init__(self, cassette: Cassette, lock: threading.Lock, live: BaseAdapter | None = None) -> None:
        super().__init__()
        self.cassette = cassette
        self.refused: list[str] = []
        self._lock = lock
        self._live = live
        self._builder = HTTPAdapter()

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        """The recorded answer, or the live one after it was put on the tape. Raise NotRecorded in replay."""
        asked = Request(request.method, request.url, request.body, dict(request.headers))
        if self._live is None:
            return self._builder.build_response(request, self._play(asked))
        response = self._live.send(request, *args, **kwargs)
        answer = {
            "status": {"code": response.status_code, "message": response.reason or ""},
            "headers": {name: [value] for name, value in response.headers.items() if name.lower() not in _OF_TRANSFER},
            # Decoded, so that a cassette can be read and scrubbed; `requests` keeps it for the caller.
            "body": {"string": response.content},
        }
        with self._lock:
            self.cassette.append(asked, answer)
        return response

    def _play(self, asked: Request) -> HTTPResponse:
        with self._lock:
            if not self.cassette.can_play_response_for(asked):
                self.refused.append(f"{asked.method} {asked.uri}")
                raise NotRecorded(
                    f"{asked.method} {asked.path} is not, or no longer, on the cassette: query {asked.query}"
                )
            return urllib3_response(self.cassette.play_response(asked))

    def close(self) -> None:
        """Close the connections of the live adapter."""
        if self._live is not None:
            self._live.close()
        self._builder.close()


def urllib3_response(answer: Mapping[str, Any]) -> HTTPResponse:
    """A stored answer as requests' adapter gets it from urllib3."""
    headers = HTTPHeaderDict()
    for name, values in answer["headers"].items():
        for value in values:
            headers.add(name, value)
    return HTTPResponse(
        body=BytesIO(answer["body"]["string"]),
        headers=headers,
        status=answer["status"]["code"],
        reason=answer["status"]["message"],
        preload_content=False,
        decode_content=False,
    )


def mount(session: requests.Session, cassette: Cassette) -> list[CassetteAdapter]:
    """Put a cassette in front of every adapter of a session, keeping each behind it when recording.

    So whatever the session reaches (Plex, plex.tv, a stand-in for either) is on the tape, with the session's own
    pool, deadline and redirect rules still in force.
    """
    lock = threading.Lock()
    playing = cassette.record_mode == RecordMode.NONE
    for prefix, live in list(session.adapters.items()):
        session.mount(prefix, CassetteAdapter(cassette, lock, None if playing else live))
    return [adapter for adapter in session.adapters.values() if isinstance(adapter, CassetteAdapter)]

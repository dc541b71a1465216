"""Where a behaviour is recorded from: a stand-in of its own with planted canaries, or somebody's real server."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from xml.etree import ElementTree

import requests

import plex_mcp
from plex_mcp.plex.models import TYPE_NUMBERS
from plex_mcp.standin import StandIn
from tests.recording import canaries
from tests.recording.behaviour import Behaviour, Sample
from tests.recording.clock import SAMPLE_TIME_S
from tests.recording.guard import only_reading

Resolve = Callable[[Sample], str]
_PRIVATE = {"user": "person", "player": "player", "session": "session"}


class NotHere(Exception):
    """This place cannot show that behaviour; the text says why."""


@dataclass(frozen=True)
class Place:
    """`resolve` finds a sample; `prepare` gets the session before the cassette does; `known` must not be written."""

    url: str
    token: str
    recorded_from: str
    recorded_at_s: int
    resolve: Resolve
    prepare: Callable[[requests.Session], None] = lambda _session: None
    secrets: tuple[tuple[str, str], ...] = ()
    known: tuple[str, ...] = field(default=(), repr=False)

    def resolved(self, value: Any) -> Any:
        """Arguments or settings with what is meant by their samples."""
        if isinstance(value, Sample):
            return self.resolve(value)
        if isinstance(value, Mapping):
            return {name: self.resolved(part) for name, part in value.items()}
        if isinstance(value, tuple):  # the parts of one text
            return "".join(map(str, map(self.resolved, value)))
        return value

    def private(self, value: Any) -> Iterator[tuple[str, str]]:
        """(value, kind) of people, players and sessions among the samples: they may turn up in no answer."""
        if isinstance(value, Sample) and value.kind in _PRIVATE:
            yield (
                self.resolve(value),
                "machine" if value.kind == "player" and value.of == "id" else _PRIVATE[value.kind],
            )
        for part in value.values() if isinstance(value, Mapping) else value if isinstance(value, tuple) else ():
            yield from self.private(part)


class Sampled:
    """Each behaviour gets a stand-in of its own, so that none sees what another changed."""

    recorded_from = f"standin {plex_mcp.__version__}"
    at_s = SAMPLE_TIME_S

    @contextmanager
    def place(self, behaviour: Behaviour) -> Iterator[Place]:
        """The stand-in at the sample time, as the behaviour wants it."""
        with StandIn(library="small", clock=lambda: float(SAMPLE_TIME_S)) as plex:
            names = canaries.plant(plex)
            if behaviour.prepare is not None:
                behaviour.prepare(plex)
            yield Place(
                plex.url,
                plex.guest_token if behaviour.as_guest else plex.token,
                self.recorded_from,
                self.at_s,
                lambda sample: _in_sample(plex, names, sample),
                prepare=lambda session: session.mount("https://plex.tv/", plex.plextv_adapter()),
                known=canaries.ALL,
                secrets=((canaries.MACHINE, "machine"),),
            )


def _in_sample(plex: StandIn, names: Mapping[str, str], sample: Sample) -> str:
    if sample.kind == "user":
        return plex.users[("owner", "managed", "friend").index(sample.title)].title
    if sample.kind in {"player", "session"}:
        player = next(p for p in plex.players.values() if p.title == names[sample.title])
        if sample.kind == "session":
            return next(s.session_id for s in plex.sessions if s.player is player)
        return player.machine_identifier if sample.of == "id" else player.title
    if sample.kind == "playlist":
        playlist = next(p for p in plex.library.playlists.values() if p.title == sample.title)
        return str(playlist.rating_key) if sample.of == "id" else playlist.title
    kind = {"clip": "movie", "photo_album": "photoalbum"}.get(sample.kind, sample.kind)
    item = plex.library.find(sample.title, kind)
    return str(item.rating_key) if sample.of == "id" else item.title


class Real:
    """A real Plex Media Server. Nothing is written to it unless `writes` is true."""

    def __init__(self, url: str, token: str, *, writes: bool) -> None:
        self.url, self.token, self.writes = url.rstrip("/"), token, writes
        try:
            identity = self._ask("/identity")
            self._ask("/")
        except (requests.RequestException, ElementTree.ParseError) as error:
            status = getattr(getattr(error, "response", None), "status_code", None)
            why = f"HTTP status {status}" if status else type(error).__name__
            raise NotHere(f"PLEX_SERVER_URL does not answer as a Plex Media Server to PLEX_TOKEN ({why})") from None
        self.machine_identifier = identity.get("machineIdentifier", "")
        self.recorded_from = f"pms {identity.get('version', 'unknown')}"
        self.at_s = int(time.time())
        self._found: dict[Sample, str] = {}
        with_sample = StandIn(library="small")
        if self.machine_identifier == with_sample.machine_identifier:
            raise NotHere("PLEX_SERVER_URL is the stand-in; unset it: its cassettes may not be called Plex's")

    @contextmanager
    def place(self, behaviour: Behaviour) -> Iterator[Place]:
        """The server, for behaviours that it can show without harm. Raise NotHere for the others."""
        if behaviour.prepare is not None or behaviour.standin_only or behaviour.as_guest:
            raise NotHere("needs the stand-in")
        if behaviour.writes and not self.writes:
            raise NotHere("would write to this server; RECORD_WRITES=true allows it")
        yield Place(
            self.url,
            self.token,
            self.recorded_from,
            self.at_s,
            self._find,
            # Twice: a behaviour that is not marked as writing, and writes, is stopped at the session.
            prepare=(lambda _session: None) if behaviour.writes and self.writes else only_reading,
            secrets=((self.machine_identifier, "machine"),),
        )

    def _ask(self, path: str, **params: str | int) -> ElementTree.Element:
        headers = {"X-Plex-Token": self.token, "X-Plex-Container-Start": "0", "X-Plex-Container-Size": "1"}
        answer = requests.get(f"{self.url}{path}", params=params, headers=headers, timeout=30, allow_redirects=False)
        answer.raise_for_status()
        return ElementTree.fromstring(answer.content)

    def _find(self, sample: Sample) -> str:
        if sample not in self._found:
            try:
                self._found[sample] = self._first(sample)
            except (StopIteration, KeyError):
                raise NotHere(f"this server has no {sample.kind}") from None
        return self._found[sample]

    def _first(self, sample: Sample) -> str:
        if sample.kind == "user":
            return next(a.attrib["name"] for a in self._ask("/accounts") if a.get("name"))
        if sample.kind == "player":
            return next(iter(self._ask("/clients"))).attrib["machineIdentifier" if sample.of == "id" else "name"]
        if sample.kind == "session":
            return next(s.attrib["id"] for s in self._ask("/status/sessions").iter("Session"))
        if sample.kind == "playlist":
            found = next(iter(self._ask("/playlists")))
        else:
            number = {"photo_album": 14}.get(sample.kind) or TYPE_NUMBERS[sample.kind]
            found = next(iter(self._ask("/library/all", type=number)))
        return found.attrib["ratingKey" if sample.of == "id" else "title"]

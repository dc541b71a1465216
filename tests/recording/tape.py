"""Cassettes as files: how requests are told apart, what is normalised, how one is opened and written.

Matching is by method, host, path, query and Plex's headers: the pages of a list share one address and differ in
`X-Plex-Container-Start` only, commands for two players in `X-Plex-Target-Client-Identifier` only, and two users' lists
in the token only.
"""

from __future__ import annotations

import copy
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

import yaml
from vcr import serialize
from vcr.cassette import Cassette
from vcr.matchers import host, method, path, query
from vcr.record_mode import RecordMode
from vcr.request import Request
from vcr.serializers.yamlserializer import deserialize

from tests.recording.scrub import Scrubber

FOLDER = Path(__file__).parents[2] / "cassettes"
PLEX_URL = "http://plex.invalid:32400"
"""Where Plex is in every cassette, whatever it was recorded from."""
MATCHED_HEADERS = (
    "X-Plex-Container-Start",
    "X-Plex-Container-Size",
    "X-Plex-Target-Client-Identifier",
    "X-Plex-Token",
)
_NORMAL = {
    "commandID": "0",  # counts up within a process
    # A player is told where to fetch from: the same server that the request goes to.
    "address": "plex.invalid",
    "port": "32400",
    "protocol": "http",
}


def plex_headers(asked: Request, stored: Request) -> None:
    """vcrpy matcher: the headers by which Plex tells requests to one address apart."""
    for name in MATCHED_HEADERS:
        assert asked.headers.get(name) == stored.headers.get(name), name


MATCH_ON = (method, host, path, query, plex_headers)


def normalised(request: Request) -> Request:
    """vcrpy filter: a request without what differs between two runs of the same code."""
    parts = urlsplit(request.uri)
    if not any(f"{name}=" in parts.query for name in _NORMAL):
        return request
    pairs = [(name, _NORMAL.get(name, value)) for name, value in parse_qsl(parts.query, keep_blank_values=True)]
    kept = copy.copy(request)
    kept.uri = urlunsplit(parts._replace(query=urlencode(pairs)))
    return kept


class _ReadableDumper(getattr(yaml, "CSafeDumper", yaml.SafeDumper)):
    """Texts of several lines as they are, so that a cassette can be reviewed and its changes be read."""


def _block_text(dumper: Any, text: str) -> Any:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None)


_ReadableDumper.add_representer(str, _block_text)


class Serializer:
    """vcrpy's YAML with readable bodies."""

    deserialize = staticmethod(deserialize)

    @staticmethod
    def serialize(cassette: dict[str, Any]) -> str:
        """The file's text; the label first, where a reader looks."""
        ordered = {name: cassette[name] for name in ("metadata", "version", "interactions") if name in cassette}
        return yaml.dump(ordered, Dumper=_ReadableDumper, sort_keys=False, allow_unicode=True, width=1 << 20)


class Persister:
    """Reads cassettes as UTF-8; vcrpy's own takes the locale's word for it."""

    @staticmethod
    def load_cassette(cassette_path: str, serializer: Any) -> Any:
        """Requests, responses and the label."""
        return serialize.deserialize(Path(cassette_path).read_text(encoding="utf-8"), serializer)


def path_of(tool: str, behaviour: str, folder: Path = FOLDER) -> Path:
    """Where the cassette of one behaviour of one tool lies."""
    return folder / tool / f"{behaviour}.yaml"


def blank() -> Cassette:
    """An empty cassette to record on; `save` gives it a file."""
    return Cassette(path="", record_mode=RecordMode.ALL, match_on=MATCH_ON, before_record_request=normalised)


def save(recorded: Cassette, file: Path, scrubber: Scrubber, *, recorded_from: str, recorded_at_s: int) -> None:
    """Write a recording, scrubbed and labelled. `recorded_from` is `standin <version>` or `pms <version>`."""
    label = {"recorded_from": recorded_from, "recorded_at_s": recorded_at_s}
    write(file, list(scrubber.interactions(recorded.data)), label)


def write(file: Path, interactions: Sequence[tuple[Request, dict[str, Any]]], label: dict[str, Any]) -> None:
    """Write a cassette as it is."""
    kept = {
        "requests": [request for request, _ in interactions],
        "responses": [response for _, response in interactions],
        "metadata": label,
    }
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(serialize.serialize(kept, Serializer), encoding="utf-8")


def load(file: Path) -> Cassette:
    """A cassette to play: each answer once, in the order recorded; what is missing is refused, never fetched."""
    if not file.is_file():
        raise FileNotFoundError(f"no cassette {file}; make it with: make record")
    return Cassette.load(
        path=str(file),
        persister=Persister,
        serializer=Serializer,
        record_mode=RecordMode.NONE,
        match_on=MATCH_ON,
        before_record_request=normalised,
    )

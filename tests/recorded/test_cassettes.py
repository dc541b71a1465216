"""The cassettes as files: nothing private in them, each labelled, each somebody's."""

from __future__ import annotations

import json
import re

import pytest
import requests
import yaml

from plex_mcp.standin import StandIn
from plex_mcp.tools._catalogue import load_tools
from tests.recording import canaries, tape
from tests.recording.behaviour import all_behaviours
from tests.recording.leaks import leaks_in_file

CASSETTES = sorted(tape.FOLDER.glob("*/*.yaml"))
NAMES = [f"{file.parent.name}/{file.stem}" for file in CASSETTES]


@pytest.mark.parametrize("file", CASSETTES, ids=NAMES)
def test_a_cassette_and_its_snapshot_hold_nothing_private(file: tape.Path) -> None:
    """Source: plex-wire section 7. Tokens, hardware and network addresses, hosts, e-mails, paths, and every canary."""
    assert leaks_in_file(file, canaries.ALL) == []
    assert leaks_in_file(file.with_suffix(".json"), canaries.ALL) == []


def test_the_canaries_were_there_to_be_found() -> None:
    """What was recorded did hold them: each kind is on the wire of a planted stand-in."""
    with canaries.planted(), StandIn(library="small") as plex:
        canaries.plant(plex)
        film = plex.library.find("Sintel", "movie")
        wire = "".join(
            requests.get(f"{plex.url}{path}", headers={"X-Plex-Token": plex.token}, timeout=5).text
            for path in ("/", "/accounts", "/clients", "/status/sessions", f"/library/metadata/{film.rating_key}")
        )
        assert [canary for canary in (canaries.MACHINE, canaries.FOLDER, "10.77.66.") if canary not in wire] == []
        assert [person[0] for person in canaries.PEOPLE if person[0] not in wire] == []
        assert canaries.PEOPLE[0][2] in wire
        assert canaries.SESSION.format(1) in wire
        assert canaries.PLAYER_ID.format(2) in wire
        assert plex.token == canaries.PEOPLE[0][3]


@pytest.mark.parametrize("file", CASSETTES, ids=NAMES)
def test_a_cassette_says_what_it_was_recorded_from(file: tape.Path) -> None:
    """A recording of the stand-in proves only our side, and must not pass for one of Plex."""
    cassette = yaml.safe_load(file.read_text(encoding="utf-8"))
    assert re.fullmatch(r"standin \d+\.\d+\.\d+|pms \d+(\.\d+)+(-\w+)?", cassette["metadata"]["recorded_from"])
    assert cassette["metadata"]["recorded_at_s"] > 1_700_000_000


def test_every_behaviour_has_its_cassette_and_every_cassette_its_behaviour() -> None:
    assert sorted(NAMES) == sorted(f"{tool}/{behaviour.name}" for tool, behaviour in all_behaviours())


def test_every_tool_is_recorded_answering_and_failing() -> None:
    shown: dict[str, set[str]] = {}
    for file in CASSETTES:
        answer = json.loads(file.with_suffix(".json").read_text(encoding="utf-8"))["answer"]
        shown.setdefault(file.parent.name, set()).add("failing" if "error" in answer else "answering")
    assert shown == {tool: {"answering", "failing"} for tool in load_tools()}

"""What ships is pinned by hash and stands under licences that a home lab and a company can use."""

from __future__ import annotations

import configparser
import re

from tests.supply_chain import REQUIREMENTS, licence_of, pinned

PERMISSIVE = {"MIT", "BSD-2-Clause", "BSD-3-Clause", "Apache-2.0", "MPL-2.0", "PSF-2.0", "Unlicense", "ISC"}


def test_every_run_time_requirement_is_pinned_with_hashes() -> None:
    assert len(pinned()) > 20
    assert [name for name, (_version, hashes) in pinned().items() if not hashes] == []


def test_what_the_package_declares_is_what_is_pinned() -> None:
    config = configparser.ConfigParser()
    config.read(REQUIREMENTS.parent / "setup.cfg")
    declared = {re.split(r"[>=<;\[ ]", line)[0] for line in config["options"]["install_requires"].split("\n") if line}
    assert declared - set(pinned()) == set()


def test_every_licence_is_permissive() -> None:
    found = {name: licence_of(name) for name in pinned()}
    unknown = {
        name: licence
        for name, licence in found.items()
        if licence is not None and not set(re.split(r" (?:OR|AND) ", licence)) <= PERMISSIVE
    }
    assert unknown == {}


def test_pins_are_installed_without_looking_for_what_they_need() -> None:
    """They are complete, so there is nothing to find: a pip that looks nevertheless takes `coverage[toml]` for another
    package than the pinned `coverage` on the day a newer one is published, and refuses it for want of a hash.
    """
    root = REQUIREMENTS.parent
    places = ("Makefile", "Containerfile", "README.md")
    lines = [line for place in places for line in (root / place).read_text().splitlines() if "--require-hashes" in line]
    assert len(lines) >= len(places)
    assert [line for line in lines if "--no-deps" not in line] == []

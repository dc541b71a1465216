"""Private values planted in the stand-in while it is recorded, each unlike anything a cassette may hold.

So the check in CI knows what to look for without knowing anything about anybody.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any
from unittest import mock

from plex_mcp.standin import StandIn

MACHINE = "c4naryc4naryc4naryc4naryc4naryc4naryc4na"
SERVER = "Quillfeather Tower"
FOLDER = "/volume9/canary-"
PEOPLE = (
    # name, user name, e-mail, token, picture, plex.tv id
    (
        "Quillonette",
        "quillonette77",
        "quillonette@canary.example.net",
        "cAnAry_OwNeR-t0k3n01",
        "c4nar1a0000000aa",
        38114471,
    ),
    ("Perpetuella", "", "", "cAnAry_MaNaGeD-t0k32", "c4nar1a0000000bb", 38114472),
    ("Ysoldette", "ysoldette88", "ysoldette@canary.example.net", "cAnAry_FrIeNd-t0k3n3", "c4nar1a0000000cc", 38114473),
)
PIN = "7413"
PLAYER = "Quillonette's {}"
PLAYER_ID = "canaryplayer{:02d}"
ADDRESS = "10.77.66.{}"
SESSION = "canarysession{:02d}"

ALL = (
    MACHINE,
    SERVER,
    FOLDER,
    "canary",
    "10.77.66",
    *(value for person in PEOPLE for value in map(str, person) if value),
)
"""What no cassette and no snapshot may hold, in any case of letters."""


@contextmanager
def planted() -> Iterator[None]:
    """Stand-ins that are made inside have a household of canaries; `plant` does the rest to each of them."""
    from plex_mcp.standin import server
    from plex_mcp.standin.users import User, household

    def people(seed: int) -> tuple[User, ...]:
        made = []
        for user, (name, username, email, token, picture, plextv_id) in zip(household(seed), PEOPLE, strict=True):
            account_id = 1 if user.is_owner else plextv_id
            changed: dict[str, Any] = {"title": name, "username": username, "email": email, "token": token}
            changed |= {"uuid": picture, "plextv_id": plextv_id, "account_id": account_id}
            # Only the owner's token is the same at plex.tv.
            changed["account_token"] = token if user.is_owner else token[::-1]
            if user.pin:
                changed["pin"] = PIN
            made.append(replace(user, **changed))
        return tuple(made)

    with mock.patch.object(server, "household", people):
        yield


def plant(plex: StandIn) -> dict[str, str]:
    """Canaries for machines, addresses, sessions and files; returns player's own name → canary name."""
    plex.home.machine_identifier = MACHINE
    names = {}
    for number, (known_as, player) in enumerate(list(plex.players.items()), 1):
        names[player.title] = PLAYER.format(player.title.rpartition(" ")[2] + f" {number}")
        player.title, player.address = names[player.title], ADDRESS.format(number)
        player.machine_identifier = PLAYER_ID.format(number)
        plex.players[player.machine_identifier] = plex.players.pop(known_as)
    for session in plex.sessions:
        session.session_id = SESSION.format(session.key)
    for section in plex.library.sections.values():
        section.path = section.path.replace("/data/", FOLDER)
    for item in plex.library.items.values():
        for media in item.media:
            media.file = media.file.replace("/data/", FOLDER)
    return names

"""What in Plex's answers is private, by its place: one table, by which cassettes are scrubbed and then checked.

A kind is what a value gets replaced as. The same value gets the same replacement throughout a cassette, so that a
session still finds its player and a share its user.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from xml.sax.saxutils import unescape

FAKES = {
    "token": "scrubbed-token-{}",
    "machine": "scrubbed-machine-{}",
    "session": "scrubbed-session-{}",
    "uuid": "00000000-0000-4000-8000-{:012d}",
    "person": "Person {}",
    "email": "person-{}@example.invalid",
    "account": "9000{:05d}",
    "player": "Player {}",
    "server": "Server {}",
    "address": "0.0.0.{}",
    "host": "host-{}.invalid",
    "path": "/scrubbed/{}",
    "place": "Place {}",
    "degrees": "0.0",
    "pin": "0000",
    "features": "scrubbed-features",
}
"""Kind → replacement, numbered by first appearance. No real address is in 0.0.0.0/8, no real name ends in .invalid."""

FAKE_PATTERNS = {
    kind: re.compile(re.sub(r"\\{[^}]*\\}", r"[0-9]+", re.escape(fake)) + (r"(\.\w{1,5})?" if kind == "path" else ""))
    for kind, fake in FAKES.items()
}

_ANYWHERE = {
    "accessToken": "token",
    "authToken": "token",
    "authenticationToken": "token",
    "authentication_token": "token",
    "token": "token",
    "serverToken": "token",
    "X-Plex-Token": "token",
    "machineIdentifier": "machine",
    "clientIdentifier": "machine",
    "client-identifier": "machine",
    "serverMachineIdentifier": "machine",
    "X-Plex-Client-Identifier": "machine",
    "X-Plex-Target-Client-Identifier": "machine",
    "deviceIdentifier": "machine",
    "uuid": "uuid",
    "librarySectionUUID": "uuid",
    "certificateUUID": "uuid",
    "myPlexUsername": "person",
    "username": "person",
    "fullName": "person",
    "ownerName": "person",
    "sourceTitle": "person",
    "email": "email",
    "invitedEmail": "email",
    "address": "address",
    "publicAddress": "address",
    "remotePublicAddress": "address",
    "localAddresses": "address",
    "file": "path",
    "path": "path",
    "folder": "path",
    "pin": "pin",
    "sessionId": "session",
    "accountID": "account",
    "userID": "account",
    "accountId": "account",
    "userId": "account",
    "ownerId": "account",
    "ownerFeatures": "features",  # with what a household takes part in, by UUID
    "latitude": "degrees",
    "longitude": "degrees",
    "lat": "degrees",
    "lng": "degrees",
}
_IN_ELEMENT = {
    ("MediaContainer", "friendlyName"): "server",
    ("Server", "name"): "player",  # in /clients a player is a <Server>
    ("Server", "host"): "address",
    ("SharedServer", "name"): "server",
    ("resource", "name"): "server",
    ("resource", "publicAddress"): "address",
    ("Player", "title"): "player",
    ("Device", "name"): "player",
    ("User", "title"): "person",
    ("User", "id"): "account",
    ("Account", "name"): "person",
    ("Account", "id"): "account",
    ("Session", "id"): "session",
    ("TranscodeSession", "key"): "session",
    ("user", "title"): "person",
    ("user", "friendlyName"): "person",
    ("user", "id"): "account",
    ("SharedServer", "title"): "person",
    # plex.tv's own numbers for a share, for a server in it and for a library of that.
    ("SharedServer", "id"): "account",
    ("Server", "id"): "account",
    ("Section", "id"): "account",
    ("Geolocation", "country"): "place",
    ("Geolocation", "city"): "place",
    ("Place", "tag"): "place",
}
_LIBRARY_PATH = re.compile(r"/(library|hubs|playlists|playQueues|photo|:|media|status|transcode|resources|system)/")
LOCAL_ACCOUNTS_BELOW = 1_000_000
"""Ids that a server gives its own accounts (1 is the owner) say nothing about anybody; plex.tv's ids do."""

VERSIONS = {"version", "platformVersion", "productVersion", "myPlexVersion", "X-Plex-Version", "mediaTagVersion"}
"""Attributes whose values may look like an address and are none."""


CONSTANT = {"degrees", "pin", "features"}
"""Kinds whose values are all replaced by the same: nothing is joined by them, so nothing is learnt."""


def kind_of(element: str, attribute: str, value: str) -> str | None:
    """What a value is private as, None when it is not. `element` is empty for headers, queries and JSON."""
    kind = _IN_ELEMENT.get((element, attribute)) or _ANYWHERE.get(attribute)
    if kind is None or not value or value.endswith(".invalid"):
        return None
    if kind == "account" and not (value.isdigit() and int(value) >= LOCAL_ACCOUNTS_BELOW):
        return None
    if kind == "path" and _LIBRARY_PATH.match(value):
        return None
    if kind == "token" and value.isdigit() and len(value) < 6:
        return None
    return "email" if kind == "person" and "@" in value else kind


TAG = re.compile(r"""<([A-Za-z][\w.-]*)((?:\s+[\w:.-]+\s*=\s*(?:"[^"]*"|'[^']*'))+)\s*/?>?""")
ATTRIBUTE = re.compile(r"""([\w:.-]+)(\s*=\s*)("[^"]*"|'[^']*')""")
MEMBER = re.compile(r'"([\w:.-]+)"(\s*:\s*)("(?:[^"\\]|\\.)*"|\d+)')


def attributes_of(body: str) -> Iterator[tuple[str, str, str]]:
    """(element, attribute, value) of all there are in an XML text, even a broken one; of JSON, with no element."""
    for tag in TAG.finditer(body):
        for found in ATTRIBUTE.finditer(tag[2]):
            yield tag[1], found[1], unescape(found[3][1:-1], {"&quot;": '"', "&apos;": "'"})
    if body.lstrip()[:1] in {"{", "["}:
        for found in MEMBER.finditer(body):
            yield "", found[1], found[3].strip('"')

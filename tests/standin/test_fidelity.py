"""The stand-in's element and attribute names against those recorded from Plex, both ways."""

import json
from collections.abc import Iterator
from fnmatch import fnmatchcase
from pathlib import Path
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

import pytest
from plexapi import audio, collection, photo, playlist, video
from plexapi.base import PlexObject
from plexapi.server import PlexServer

from plex_mcp.standin import Clock, StandIn
from tests.standin.derive_names import KEPT, derive
from tests.standin.exceptions import ADDED, LACKING
from tests.standin.names import FORM_OF, FORMS, names_of
from tests.standin.ours import REQUESTS, answers

ABOVE = [folder / "shared" / "plex-recordings" for folder in Path(__file__).parents]
RECORDINGS = next((folder for folder in ABOVE if folder.is_dir()), ABOVE[0])


@pytest.fixture(scope="module")
def plex() -> Iterator[StandIn]:
    with StandIn(clock=Clock(lambda: 1_760_000_000.0)) as standin:
        yield standin


@pytest.fixture(scope="module")
def ours(plex: StandIn) -> dict[str, list[Element]]:
    return answers(plex)


@pytest.fixture(scope="module")
def recorded() -> dict[str, set[str]]:
    return {label: set(names) for label, names in json.loads(KEPT.read_text(encoding="utf-8")).items()}


@pytest.fixture(scope="module")
def sent(ours: dict[str, list[Element]]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for form, roots in ours.items():
        found |= names_of(form, roots)
    return found


def reason(label: str, name: str, exceptions: tuple) -> str | None:
    for pattern, names, why in exceptions:
        if fnmatchcase(label, pattern) and (name in names or names == ("*",)):
            return why
    return None


def lacking(recorded: dict[str, set[str]], sent: dict[str, set[str]]) -> list[tuple[str, str]]:
    return [(label, name) for label, names in recorded.items() for name in sorted(names - sent.get(label, set()))]


def added(recorded: dict[str, set[str]], sent: dict[str, set[str]]) -> list[tuple[str, str]]:
    """A name may come in any form in which some recording has it: recordings are few, and lists vary."""
    anywhere: dict[str, set[str]] = {}
    for label, names in recorded.items():
        anywhere.setdefault(label.rpartition(" ")[2], set()).update(names)
    return sorted(
        {
            (element, name)
            for label, names in sent.items()
            for element in [label.rpartition(" ")[2]]
            for name in names - anywhere.get(element, set())
        }
    )


def test_every_recorded_form_is_asked_for() -> None:
    assert set(FORMS) == set(REQUESTS)


def test_what_plex_sends_is_sent_or_excused(recorded: dict[str, set[str]], sent: dict[str, set[str]]) -> None:
    assert [pair for pair in lacking(recorded, sent) if reason(*pair, LACKING) is None] == []
    matched = sum(len(names & sent.get(label, set())) for label, names in recorded.items())
    assert matched > 1600


def test_nothing_is_sent_that_plex_does_not(recorded: dict[str, set[str]], sent: dict[str, set[str]]) -> None:
    assert [pair for pair in added(recorded, sent) if reason(*pair, ADDED) is None] == []


def test_every_exception_is_still_needed(recorded: dict[str, set[str]], sent: dict[str, set[str]]) -> None:
    for exceptions, pairs in ((LACKING, lacking(recorded, sent)), (ADDED, added(recorded, sent))):
        unused = [
            (pattern, name)
            for pattern, names, _ in exceptions
            for name in names
            if not any(fnmatchcase(label, pattern) and name in (found, "*") for label, found in pairs)
        ]
        assert unused == []


def test_streams_roles_chapters_and_guids_come_only_where_plex_sends_them(sent: dict[str, set[str]]) -> None:
    """Partial items lack them: code that takes a list's item for a whole one must fail here as it would at Plex."""
    for kind in ("Video:movie", "Video:episode"):
        assert not {"Chapter", "Marker", "Guid"} & sent[f"list {kind}"]
    assert not {"@id", "@role", "@filter"} & sent["list Role"]
    assert "Stream" not in sent["list Part"]
    assert "Stream" not in sent["children Part"]
    assert "Stream" in sent["full Part"]
    assert {"Chapter", "Marker", "Guid", "Producer", "Rating"} <= sent["full Video:movie"]


@pytest.mark.skipif(not RECORDINGS.is_dir(), reason="the recordings are not part of this repository")
def test_the_kept_names_are_those_of_the_recordings(recorded: dict[str, set[str]]) -> None:
    assert {label: set(names) for label, names in derive(RECORDINGS).items()} == recorded


CLASSES = {
    "Video:movie": video.Movie,
    "Video:episode": video.Episode,
    "Directory:show": video.Show,
    "Directory:season": video.Season,
    "Track:track": audio.Track,
    "Directory:album": audio.Album,
    "Directory:artist": audio.Artist,
    "Photo:photo": photo.Photo,
    "Directory:photo": photo.Photoalbum,
    "Playlist:playlist": playlist.Playlist,
    "Directory:collection": collection.Collection,
}
# recorded file → its form and the kind of its items
PARSED = {
    "metadata_movie_full": ("full", "Video:movie"),
    "metadata_show_full": ("full", "Directory:show"),
    "metadata_episode_full": ("full", "Video:episode"),
    "metadata_track": ("full", "Track:track"),
    "stub_collection_161": ("full", "Directory:collection"),
    "stub_playlist_168": ("full", "Playlist:playlist"),
    "metadata_children_seasons": ("children", "Directory:season"),
    "stub_albums": ("children", "Directory:album"),
    "section_recentlyAdded_movies": ("list", "Video:movie"),
    "section_shows": ("list", "Directory:show"),
    "section_all_episodes_page": ("list", "Video:episode"),
    "stub_artists": ("list", "Directory:artist"),
    "stub_photo_album": ("children", "Photo:photo"),
}
# attributes that plexapi fills from what LACKING excuses
UNSHARED = {"primaryExtraKey", "showOrdering"}


def filled(kind: str, elements: list[Element], server: PlexServer) -> set[str]:
    """The attributes that python-plexapi fills in, over all elements of a kind."""
    found: set[str] = set()
    for element in elements:
        parsed: PlexObject = CLASSES[kind](server, element)
        names = {n for n in vars(parsed) if not n.startswith("_")}
        names |= {
            n
            for n in (
                "genres",
                "directors",
                "writers",
                "roles",
                "media",
                "guids",
                "ratings",
                "countries",
                "collections",
                "similar",
                "locations",
                "moods",
            )
            if hasattr(type(parsed), n)
        }
        found |= {name for name in names if getattr(parsed, name, None) not in (None, [], "", {})}
    return found


def of_kind(root: Element, kind: str) -> list[Element]:
    tag, _, of = kind.partition(":")
    return [e for e in root.iter(tag) if e.get("type") == of and e.get("ratingKey")]


@pytest.mark.skipif(not RECORDINGS.is_dir(), reason="the recordings are not part of this repository")
@pytest.mark.parametrize("name", PARSED)
def test_plexapi_finds_the_same_attributes_in_both(name: str, plex: StandIn, ours: dict[str, list[Element]]) -> None:
    form, kind = PARSED[name]
    assert FORM_OF[name] == form
    server = PlexServer(plex.url, plex.token, timeout=5)
    path = next(RECORDINGS.rglob(f"{name}.xml"))
    theirs = filled(kind, of_kind(ElementTree.parse(path).getroot(), kind), server)
    mine = filled(kind, [e for root in ours[form] for e in of_kind(root, kind)], server)
    assert len(theirs) > 10
    assert theirs - mine - UNSHARED == set()
    server._session.close()

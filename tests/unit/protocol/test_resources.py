"""The resources over the sample household."""

from __future__ import annotations

import json

import pytest

from plex_mcp.errors import InvalidArgument, NotFound, PlexUnavailable
from plex_mcp.resources._catalogue import load_resources
from plex_mcp.resources._resource import Resource
from plex_mcp.tools._catalogue import load_tools
from tests.unit.protocol.conftest import Household

RESOURCES = load_resources()


def test_the_catalogue_is_sorted_and_every_resource_reads_tools_that_exist_and_do_not_write() -> None:
    assert list(RESOURCES) == sorted(RESOURCES)
    reading = load_tools(read_only=True)
    for resource in RESOURCES.values():
        assert resource.needs
        assert set(resource.needs) <= set(reading)


@pytest.mark.parametrize("uri", [one.uri for one in RESOURCES.values() if not one.is_template])
def test_a_plain_address_gives_what_its_tool_answers(household: Household, uri: str) -> None:
    resource = next(one for one in RESOURCES.values() if one.uri == uri)
    content = resource.read(household.views)
    assert content.mime_type == "application/json"
    assert content.text is not None
    assert "items" in json.loads(content.text)
    assert [name for name, _ in household.asked] == list(resource.needs)


@pytest.mark.parametrize("named", ["1", "Movies", "movies"])
def test_a_library_is_found_by_id_and_by_name_and_shows_the_newest(household: Household, named: str) -> None:
    content = RESOURCES["library"].read(household.views, id=named)
    library = json.loads(content.text or "")
    assert (library["library_id"], library["title"], library["media_type"]) == ("1", "Movies", "movie")
    assert 1 <= len(library["newest"]["items"]) <= 20
    assert {item["type"] for item in library["newest"]["items"]} == {"movie"}


def test_an_unknown_library_names_those_there_are(household: Household) -> None:
    with pytest.raises(NotFound, match=r"1 \(Movies\), 2 \(TV Shows\)"):
        RESOURCES["library"].read(household.views, id="99")


def film_id(household: Household) -> str:
    found = household.views.read("search_media", query="Sintel", media_type="movie")["items"]
    return str(found[0]["media_id"])


def test_an_item_is_its_details(household: Household) -> None:
    content = RESOURCES["item"].read(household.views, media_id=film_id(household))
    assert json.loads(content.text or "")["title"] == "Sintel"


def test_a_poster_is_a_small_picture(household: Household) -> None:
    content = RESOURCES["poster"].read(household.views, media_id=film_id(household))
    assert content.data is not None
    assert (content.mime_type, content.data[1:4]) == ("image/png", b"PNG")
    assert len(content.data) <= 100_000
    assert household.asked[-1][1]["include"] == ["poster"]


def test_an_item_without_a_picture_says_so(household: Household, monkeypatch: pytest.MonkeyPatch) -> None:
    views = household.views
    without = views.outcome("get_media_details", media_id=film_id(household))
    monkeypatch.setattr(type(views), "outcome", lambda *_, **__: without)
    with pytest.raises(NotFound, match="no poster"):
        RESOURCES["poster"].read(views, media_id="2")


@pytest.mark.parametrize(("media_id", "error"), [("99999999", NotFound), ("abc", InvalidArgument)])
def test_a_wrong_item_is_refused_as_its_tool_refuses_it(
    household: Household, media_id: str, error: type[Exception]
) -> None:
    for name in ("item", "poster"):
        with pytest.raises(error):
            RESOURCES[name].read(household.views, media_id=media_id)


def test_a_failed_read_is_never_an_empty_content(household: Household) -> None:
    household.failure = PlexUnavailable("Plex cannot be reached.")
    for resource in RESOURCES.values():
        variables = {"id": "1"} if resource.name == "library" else {"media_id": "1"} if resource.is_template else {}
        with pytest.raises(PlexUnavailable):
            resource.read(household.views, **variables)


@pytest.mark.parametrize(
    ("typed", "expected"), [("", ["1", "2", "3", "4", "5"]), ("2", ["2"]), ("mov", ["1"]), ("tv", ["2"]), ("zz", [])]
)
def test_ids_of_libraries_complete_by_id_and_by_name(household: Household, typed: str, expected: list[str]) -> None:
    assert RESOURCES["library"].completers["id"](household.views, typed) == expected


@pytest.mark.parametrize(
    ("uri", "found"),
    [
        ("plex://item/5", {"media_id": "5"}),
        ("plex://item/a%20b", {"media_id": "a b"}),
        ("plex://item/5/poster", None),
        ("plex://item/", None),
        ("plex://item/5?x", None),
        ("plex://item/5#x", None),
        ("Plex://item/5", None),
        ("xplex://item/5", None),
    ],
)
def test_an_address_fits_its_template_whole_or_not_at_all(uri: str, found: dict[str, str] | None) -> None:
    assert RESOURCES["item"].match(uri) == found


def test_dots_and_brackets_of_an_address_stand_for_themselves() -> None:
    odd = Resource(name="o", title="O", description="-", uri="test://a.b/(c)", mime_type=None, read=lambda views: None)  # type: ignore[arg-type,return-value]
    assert odd.match("test://a.b/(c)") == {}
    assert odd.match("test://axb/(c)") is None

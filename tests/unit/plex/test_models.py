"""List elements become items: lean, cleaned, and never an exception."""

from __future__ import annotations

from xml.etree.ElementTree import Element, fromstring

import pytest
from hypothesis import given
from hypothesis import strategies as st
from plexapi.exceptions import UnknownType

from plex_mcp.plex.models import Item, build_item, same_library_unsaid

_TEXT = st.text(st.characters(blacklist_categories=("Cs",)), max_size=60)


def element(**attributes: str) -> Element:
    return Element("Video", {"ratingKey": "7", "type": "movie", "title": "A title", **attributes})


def test_a_movie_is_told_in_whole_minutes_one_decimal_and_dates() -> None:
    found = build_item(
        element(
            year="1963",
            duration="6780000",
            audienceRating="7.949",
            rating="9.1",
            contentRating="NR",
            addedAt="1790000000",
            viewOffset="3390000",
            librarySectionTitle="Movies",
        )
    )
    assert found == Item(
        media_id="7",
        type="movie",
        title="A title",
        year=1963,
        minutes=113,
        rating=7.9,
        content_rating="NR",
        added="2026-09-21",
        progress_pct=50,
        library="Movies",
    )


@pytest.mark.parametrize(
    ("attributes", "expected"),
    [
        ({"viewCount": "2"}, {"watched": True}),
        ({"type": "show", "leafCount": "10", "viewedLeafCount": "4"}, {"count": 10, "unwatched": 6, "watched": False}),
        ({"type": "show", "leafCount": "10", "viewedLeafCount": "10"}, {"unwatched": None, "watched": True}),
        ({"type": "show", "leafCount": "0"}, {"count": 0, "watched": False}),
        ({"type": "season", "index": "0", "parentTitle": "S"}, {"season": 0, "show": "S"}),
        (
            {"type": "episode", "index": "5", "parentIndex": "2", "grandparentTitle": "S", "year": "1999"},
            {"season": 2, "episode": 5, "show": "S", "year": None},
        ),
        ({"type": "track", "grandparentTitle": "Various", "originalTitle": "Her"}, {"artist": "Her"}),
        ({"type": "album", "parentTitle": "Them", "leafCount": "9"}, {"artist": "Them", "count": 9}),
        ({"type": "playlist", "leafCount": "3"}, {"count": 3}),
        ({"type": "collection", "childCount": "4"}, {"count": 4}),
        ({"viewOffset": "999999999", "duration": "10"}, {"progress_pct": 99}),
        ({"viewOffset": "1", "duration": "100000"}, {"progress_pct": 1}),
        ({"rating": "0", "duration": "-1", "year": "soon"}, {"rating": None, "minutes": None, "year": None}),
        ({"title": ""}, {"title": "(untitled)"}),
    ],
)
def test_each_type_says_where_it_stands_and_what_was_seen(
    attributes: dict[str, str], expected: dict[str, object]
) -> None:
    found = build_item(element(**attributes))
    assert {name: getattr(found, name) for name in expected} == expected


@pytest.mark.parametrize("attributes", [{"ratingKey": ""}, {"ratingKey": "x1"}, {"type": "tag"}, {"ratingKey": "../1"}])
def test_what_has_no_id_is_passed_over(attributes: dict[str, str]) -> None:
    with pytest.raises(UnknownType):
        build_item(element(**attributes))


@given(
    st.dictionaries(
        st.sampled_from(
            [
                "title",
                "year",
                "duration",
                "audienceRating",
                "rating",
                "contentRating",
                "addedAt",
                "viewOffset",
                "viewCount",
                "leafCount",
                "index",
                "viewedLeafCount",
                "parentIndex",
                "grandparentTitle",
                "parentTitle",
                "originallyAvailableAt",
                "librarySectionTitle",
            ]
        ),
        _TEXT,
    ),
    st.sampled_from(["movie", "show", "season", "episode", "artist", "album", "track", "photo", "clip", "playlist"]),
)
def test_no_attribute_can_break_an_item(attributes: dict[str, str], kind: str) -> None:
    found = build_item(element(**{**attributes, "type": kind}))
    assert found.media_id == "7"
    assert len(found.title) <= 120
    assert found.title.isprintable() or {"\u200c", "\u200d"} & set(found.title)


def test_library_is_said_only_where_it_differs() -> None:
    one = Item(media_id="1", type="movie", title="A", library="Movies")
    other = Item(media_id="2", type="movie", title="B", library="Kids")
    assert [item.library for item in same_library_unsaid([one, one])] == [None, None]
    assert [item.library for item in same_library_unsaid([one, other])] == ["Movies", "Kids"]


def test_an_element_of_a_real_servers_shape_is_read() -> None:
    """Attribute names as recorded servers send them, with content of our own."""
    found = build_item(
        fromstring(
            '<Video ratingKey="134703" key="/library/metadata/134703" guid="plex://movie/0" slug="a-film" studio="S" '
            'type="movie" title="A Film" originalTitle="Un film" contentRating="PG" summary="" audienceRating="6.9" '
            'year="2024" thumb="/t" art="/a" duration="9610350" originallyAvailableAt="2024-11-20" '
            'addedAt="1735865761" '
            'updatedAt="1738403771" chapterSource="media"><Media id="1"><Part id="1" file="/secret/path.mkv" /></Media>'
            '<Genre tag="Romance" /><Genre tag="Musical" /><Genre tag="Fantasy" /><Genre tag="Drama" /></Video>'
        )
    )
    assert (found.minutes, found.genres, found.rating) == (160, ("Romance", "Musical", "Fantasy"), 6.9)
    assert "secret" not in repr(found)

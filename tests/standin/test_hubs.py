"""Search over everything, and the rows of the home screen."""

import pytest
from plexapi.exceptions import BadRequest
from plexapi.server import PlexServer


def test_every_hub_is_there_even_when_empty(get) -> None:
    hubs = get("/hubs/search?query=nosferatu")
    assert [(h.get("type"), h.get("size")) for h in hubs] == [
        ("movie", "1"),
        ("show", "0"),
        ("episode", "0"),
        ("artist", "0"),
        ("album", "0"),
        ("track", "0"),
        ("photoalbum", "0"),
        ("photo", "0"),
        ("actor", "0"),
        ("director", "0"),
        ("genre", "0"),
        ("collection", "0"),
        ("playlist", "0"),
    ]


def test_a_hub_holds_three_unless_a_limit_is_given_and_says_when_there_is_more(get) -> None:
    hub = next(h for h in get("/hubs/search?query=the") if h.get("type") == "movie")
    assert (hub.get("size"), hub.get("more")) == ("3", "1")
    hub = next(h for h in get("/hubs/search?query=the&limit=50") if h.get("type") == "movie")
    assert int(hub.get("size")) > 3
    assert hub.get("more") == "0"


def test_search_finds_by_the_start_of_any_word_without_accents(server: PlexServer) -> None:
    assert {i.title for i in server.search("kilom")} >= {"Café Kilometre"}
    assert "Häxan" in {i.title for i in server.search("haxan")}


def test_a_wrong_spelling_is_guessed_and_marked(get) -> None:
    hub = next(h for h in get("/hubs/search?query=nosferatoo") if h.get("type") == "movie")
    assert [(v.get("title"), v.get("reason")) for v in hub] == [("Nosferatu", "spellcheck")]


def test_people_and_genres_come_as_tags_that_lead_to_their_films(server: PlexServer, get) -> None:
    hub = next(h for h in get("/hubs/search?query=cary%20grant") if h.get("type") == "actor")
    tag = hub[0]
    assert (tag.get("tag"), tag.get("count")) == ("Cary Grant", "2")
    assert {i.title for i in server.fetchItems(tag.get("key"))} == {"Charade", "His Girl Friday"}


def test_search_needs_words(server: PlexServer) -> None:
    with pytest.raises(BadRequest, match="400"):
        server.query("/hubs/search?query=")


def test_the_home_screen_starts_with_continue_watching(server: PlexServer) -> None:
    hubs = server.library.hubs()
    assert hubs[0].hubIdentifier == "home.continue"
    assert hubs[0].items()[0].title == "Nora's Log"
    assert {h.title for h in hubs} >= {"Recently Added in Movies", "Recent Playlists"}
    assert [h.title for h in server.library.section("Movies").hubs()] == [
        "Continue Watching",
        "Recently Added in Movies",
    ]


def test_recently_added_mixes_films_seasons_and_albums(server: PlexServer) -> None:
    found = server.library.recentlyAdded()
    assert {i.type for i in found} == {"movie", "season", "album", "photo"}
    assert [i.addedAt for i in found] == sorted((i.addedAt for i in found), reverse=True)

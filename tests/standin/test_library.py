"""Libraries, lists and details as python-plexapi sees them."""

from xml.etree import ElementTree

import pytest
import requests
from plexapi.exceptions import BadRequest, NotFound
from plexapi.server import PlexServer

from plex_mcp.standin import StandIn


def titles(items: list) -> list[str]:
    return [item.title for item in items]


def test_sections_are_listed_with_their_types(server: PlexServer) -> None:
    assert [(s.type, s.title) for s in server.library.sections()] == [
        ("movie", "Movies"),
        ("show", "TV Shows"),
        ("artist", "Music"),
        ("photo", "Photos"),
        ("movie", "Home Videos"),
    ]


def test_every_movie_comes_once_over_several_pages(server: PlexServer, plex: StandIn) -> None:
    found = server.library.section("Movies").search(container_size=7)
    assert sorted(item.ratingKey for item in found) == sorted(
        item.rating_key for item in plex.library.sections[1].of_kind("movie")
    )


def test_a_page_is_cut_by_headers_and_by_query_alike(get) -> None:
    by_query = get("/library/sections/1/all?X-Plex-Container-Start=3&X-Plex-Container-Size=2")
    by_header = get("/library/sections/1/all", X_Plex_Container_Start="3", X_Plex_Container_Size="2")
    assert [v.get("title") for v in by_query] == [v.get("title") for v in by_header]
    assert (by_query.get("size"), by_query.get("offset"), by_query.get("totalSize")) == ("2", "3", "26")


def test_a_limit_caps_the_total(get) -> None:
    page = get("/library/sections/1/all?limit=4&X-Plex-Container-Start=0&X-Plex-Container-Size=3")
    assert (len(page), page.get("totalSize")) == (3, "4")
    assert len(get("/library/sections/1/all?limit=4")) == 4


def test_size_zero_tells_the_total_alone(get) -> None:
    page = get("/library/sections/2/all?type=4&X-Plex-Container-Start=0&X-Plex-Container-Size=0")
    assert (len(page), page.get("totalSize")) == (0, "52")


def test_one_query_reaches_over_all_libraries(server: PlexServer) -> None:
    assert {i.title for i in server.library.search(libtype="movie", title="garden")} == {"Garden in the rain"}
    assert len(server.library.search(libtype="track")) == 27


def test_a_title_is_found_without_its_accent(server: PlexServer) -> None:
    assert titles(server.library.section("Movies").search(title="haxan")) == ["Häxan"]


def test_lists_are_lean_and_details_full(server: PlexServer, plex: StandIn) -> None:
    item = plex.library.find("His Girl Friday", "movie")
    lean = server.library.section("Movies").search(title="Girl Friday")[0]
    full = server.fetchItem(item.rating_key)
    assert [r.tag for r in lean.roles] == [r.tag.name for r in item.roles[:3]]
    assert [(r.tag, r.role) for r in full.roles] == [(r.tag.name, r.character) for r in item.roles]
    assert lean.media[0].parts[0].streams == []
    assert len(full.media[0].parts[0].streams) == len(item.media[0].profile.streams)
    assert full.chapters == []
    full.reload()
    assert [c.title for c in full.chapters] == [name for name, _ in item.chapters]
    assert full.isFullObject()


def test_versions_and_languages_come_through(server: PlexServer, plex: StandIn) -> None:
    film = server.fetchItem(plex.library.find("Big Buck Bunny").rating_key)
    assert [m.videoResolution for m in film.media] == ["4k", "1080"]
    assert [s.languageCode for s in film.audioStreams()] == ["eng", "deu", "fra", "eng"]


def test_unknown_keys_are_404_and_a_batch_skips_them(server: PlexServer) -> None:
    with pytest.raises(NotFound):
        server.fetchItem(99_999)
    assert len(server.fetchItems("/library/metadata/1,99999,2")) == 2


def test_a_show_has_seasons_specials_and_all_its_episodes(server: PlexServer) -> None:
    show = server.library.section("TV Shows").get("The Lighthouse Keepers")
    assert [s.seasonNumber for s in show.seasons()] == [0, 1, 2, 3]
    assert len(show.episodes()) == show.leafCount == 17
    assert show.episode(season=2, episode=3).title == "Paraffin"


def test_artists_albums_and_tracks_nest(server: PlexServer) -> None:
    artist = server.library.section("Music").get("The Paper Lanterns")
    assert sorted(titles(artist.albums())) == ["Harbour Songs", "Winter Almanac"]
    assert titles(artist.album("Winter Almanac").tracks())[0] == "First Frost"


def test_photo_albums_hold_photos(server: PlexServer) -> None:
    album = server.library.section("Photos").get("Hill walk")
    assert titles(album.photos())[0] == "Stile"


def test_similar_films_share_a_genre(server: PlexServer) -> None:
    film = server.library.section("Movies").get("Nosferatu")
    found = server.fetchItems(f"/library/metadata/{film.ratingKey}/similar")
    assert all({"Horror", "Fantasy"} & {g.tag for g in server.fetchItem(i.ratingKey).genres} for i in found)
    assert found


def test_storage_and_durations_add_up(server: PlexServer, plex: StandIn) -> None:
    section = server.library.section("Movies")
    media = [m for i in plex.library.sections[1].of_kind("movie") for m in i.media]
    assert (section.totalStorage, section.totalDuration) == (
        sum(m.size_bytes for m in media),
        sum(m.duration_ms for m in media),
    )


def test_recently_added_is_newest_first(server: PlexServer, plex: StandIn) -> None:
    found = server.library.section("Movies").recentlyAdded(maxresults=3)
    newest = sorted(plex.library.sections[1].of_kind("movie"), key=lambda i: -i.added_at)[:3]
    assert [i.ratingKey for i in found] == [i.rating_key for i in newest]


def test_a_guest_sees_only_what_was_shared(plex: StandIn, session: requests.Session) -> None:
    guest = PlexServer(plex.url, plex.guest_token, session=session)
    assert titles(guest.library.sections()) == ["Movies", "TV Shows"]
    song = plex.library.find("Gulls").rating_key
    for hidden in (f"/library/metadata/{song}", "/library/sections/3", "/library/sections/3/all", "/hubs/sections/3"):
        with pytest.raises(NotFound):
            guest.query(hidden)
    assert guest.library.search(libtype="track") == []


@pytest.mark.parametrize("path", ["sections/1/all?type=4", "sections/2/genre?type=1", "all?type=99"])
def test_a_type_that_is_not_there_is_refused(server: PlexServer, path: str) -> None:
    with pytest.raises(BadRequest, match="400"):
        server.query(f"/library/{path}")


def test_an_unknown_filter_is_refused(server: PlexServer) -> None:
    with pytest.raises(BadRequest, match="400"):
        server.query("/library/sections/1/all?gnere=5")


@pytest.mark.parametrize(
    ("odd", "plain"),
    [
        ("/hubs?count=many", "/hubs"),
        ("/library/sections/1/all?limit=-1", "/library/sections/1/all"),
        ("/hubs/search?query=the&limit=all", "/hubs/search?query=the"),
        ("/status/sessions/history/all?viewedAt%3E=lately", "/status/sessions/history/all"),
        ("/playQueues/1201?window=wide", "/playQueues/1201"),
    ],
)
def test_a_number_that_is_none_counts_as_absent(odd: str, plain: str, get) -> None:
    assert ElementTree.tostring(get(odd)) == ElementTree.tostring(get(plain))


@pytest.mark.parametrize("path", ["/library/sections/x/all", "/library/metadata/x", "/playlists/x", "/playQueues/x"])
def test_a_key_that_is_no_number_is_404(path: str, server: PlexServer) -> None:
    with pytest.raises(NotFound):
        server.query(path)


def test_the_shelves_of_a_library_are_cuts_of_all_of_it(server: PlexServer, get) -> None:
    films = server.library.section("Movies").all()

    def shelf(name: str, section: int = 1) -> list[str]:
        return [found.get("ratingKey") for found in get(f"/library/sections/{section}/{name}")]

    by_addition = [str(film.ratingKey) for film in sorted(films, key=lambda film: film.addedAt, reverse=True)]
    assert shelf("recentlyAdded")[:5] == by_addition[:5]
    released = [film.get("originallyAvailableAt") for film in get("/library/sections/1/newest")]
    assert released == sorted(released, reverse=True)
    assert set(shelf("unwatched")) == {str(film.ratingKey) for film in films if not film.viewCount}
    assert shelf("search?query=spring&type=1") == [str(film.ratingKey) for film in films if "Spring" in film.title]
    assert {found.get("type") for found in get("/library/sections/2/recentlyAdded")} == {"episode"}
    begun = {show.get("title") for show in get("/library/sections/2/unwatched")}
    assert begun == {show.title for show in server.library.section("TV Shows").all() if not show.isPlayed}


def test_playlists_are_found_by_title_kind_and_library(get) -> None:
    every = [found.get("title") for found in get("/playlists")]
    assert every == sorted(every)
    assert [found.get("title") for found in get(f"/playlists?title={every[0].lower()}")] == every[:1]
    either = [found.get("title") for smart in (0, 1) for found in get(f"/playlists?smart={smart}")]
    assert sorted(either) == every
    kinds = {found.get("playlistType") for found in get("/playlists?playlistType=audio")}
    assert kinds <= {"audio"}
    assert [found.get("title") for found in get("/playlists?sectionID=99")] == []

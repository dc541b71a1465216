"""The small hand-written library: what a demo shows and most tests read."""

from datetime import UTC, datetime, timedelta

from plex_mcp.standin.content.films import FILMS, HOME_VIDEOS, Film
from plex_mcp.standin.content.music import ARTISTS, PHOTO_ALBUMS
from plex_mcp.standin.content.shows import SHOWS, Show
from plex_mcp.standin.library import Library
from plex_mcp.standin.model import Item, Marker, Section
from plex_mcp.standin.profiles import FLAC, JPEG, MP3, video

VERSIONS = {
    "4k-many": video(
        "4k",
        audio=("eng", "deu", "fra"),
        subtitles=("eng", "deu", "fra", "spa"),
        channels=6,
        hdr=True,
        dolby_vision=True,
    ),
    "4k-hdr": video("4k", audio=("eng",), subtitles=("eng", "nld"), channels=6, hdr=True),
    "1080-many": video(
        "1080", audio=("eng", "deu", "fra"), subtitles=("eng", "deu", "spa"), channels=6, forced="eng", beside="nld"
    ),
    "1080": video("1080", audio=("eng",), subtitles=("eng",), channels=2),
    "720": video("720", audio=("eng",), channels=2),
    "square-480": video("480", audio=("eng",), subtitles=("eng",), channels=1, square=True),
    "square-silent": video("720", audio=("eng",), subtitles=("eng", "deu"), channels=1, square=True),
}


def small_library(now_s: float, seed: int = 1) -> Library:
    """About 180 items in five sections; the same keys each time, dates relative to ``now_s``."""
    library = Library(now_s, seed)
    movies = library.section("movie", "Movies")
    shows = library.section("show", "TV Shows")
    music = library.section("artist", "Music")
    photos = library.section("photo", "Photos")
    home = library.section("movie", "Home Videos", agent="com.plexapp.agents.none")
    for film in FILMS:
        _add_film(library, movies, film)
    for show in SHOWS:
        _add_show(library, shows, show)
    _add_music(library, music)
    _add_photos(library, photos)
    for title, minutes, days in HOME_VIDEOS:
        clip = library.add(home, "movie", title, added_days_ago=days)
        clip.guid = f"com.plexapp.agents.none://{clip.rating_key}?lang=xn"
        library.add_media(clip, VERSIONS["1080"], int(minutes * 60_000), f"{home.path}/{title}.mp4")
    _add_collections(library)
    _add_playlists(library)
    return library


def _describe(item: Item, length_ms: int) -> None:
    """Chapters about every quarter, and credits at the end."""
    names = ("Opening", "Complications", "The Middle of Things", "Finale")
    item.chapters = tuple((name, length_ms * n // 4) for n, name in enumerate(names))
    item.markers = (Marker("credits", int(length_ms * 0.96), length_ms, final=True),)


def _add_film(library: Library, section: Section, film: Film) -> None:
    item = library.add(section, "movie", film.title, added_days_ago=film.days)
    item.summary, item.tagline, item.studio = film.summary, film.tagline, film.studio
    item.released, item.year, item.content_rating = film.released, int(film.released[:4]), film.content_rating
    item.original_title, item.edition = film.original_title, film.edition
    item.audience_rating, item.rating = film.rating, round(film.rating - 0.4, 1)
    item.guids = (f"imdb://tt9{item.rating_key:06d}", f"tmdb://{900000 + item.rating_key}")
    for kind, names in (
        ("genre", film.genres),
        ("director", film.directors),
        ("writer", film.writers),
        ("country", (film.country,)),
        ("producer", film.directors[:1]),
        ("collection", film.collections),
    ):
        library.set_tags(item, kind, names)
    library.set_cast(item, film.cast)
    length_ms = int(film.minutes * 60_000)
    for version in film.versions:
        file = f"{section.path}/{film.title} ({item.year})/{film.title} ({item.year}) {version}.mkv"
        library.add_media(item, VERSIONS[version], length_ms, file)
    _describe(item, length_ms)


def _add_show(library: Library, section: Section, spec: Show) -> None:
    count = sum(map(len, spec.seasons.values()))
    show = library.add(section, "show", spec.title, added_days_ago=spec.days + 20 * count)
    show.summary, show.studio, show.content_rating = spec.summary, spec.studio, spec.content_rating
    show.released, show.year, show.index = spec.first_aired, int(spec.first_aired[:4]), 1
    show.tagline, show.rating = spec.tagline, round(spec.rating - 0.3, 1)
    show.audience_rating, show.duration_ms = spec.rating, spec.minutes * 60_000
    show.guids = (f"tvdb://{800000 + show.rating_key}", f"tmdb://{900000 + show.rating_key}")
    for kind, names in (
        ("genre", spec.genres),
        ("collection", spec.collections),
        ("network", (spec.studio,)),
        ("country", (spec.country,)),
    ):
        library.set_tags(show, kind, names)
    library.set_cast(show, spec.cast)
    aired = datetime.fromisoformat(spec.first_aired).replace(tzinfo=UTC)
    for number, titles in spec.seasons.items():
        days = spec.days + (count if number == 0 else 0)
        season_days = days + 6 * sum(len(t) for n, t in spec.seasons.items() if n > number)
        season = library.add(
            section, "season", f"Season {number}" if number else "Specials", parent=show, added_days_ago=season_days
        )
        season.index, season.content_rating = number, spec.content_rating
        season.summary = f"{len(titles)} episodes of {spec.title}." if number else ""
        season.year = show.year + max(number - 1, 0)
        for n, title in enumerate(titles, 1):
            episode = library.add(
                section, "episode", title, parent=season, added_days_ago=season_days + 6 * (len(titles) - n)
            )
            date = aired + timedelta(days=365 * max(number - 1, 0) + 7 * (n - 1))
            episode.released, episode.year, episode.index = date.date().isoformat(), date.year, n
            episode.content_rating = spec.content_rating
            episode.audience_rating = round(spec.rating - 0.1 * (n % 4), 1)
            episode.rating = round(spec.rating - 0.5, 1) if n % 3 else None
            episode.original_title = f"{spec.title} ({spec.first_aired[:4]})" if n == 1 else None
            library.set_cast(episode, [(spec.cast[n % len(spec.cast)][0], "In passing")])
            episode.summary = f"Chapter {n} of season {number} of {spec.title}, told in {spec.minutes} minutes."
            episode.guids = (f"tvdb://{700000 + episode.rating_key}",)
            library.set_tags(episode, "director", (spec.directors[n % len(spec.directors)],))
            library.set_tags(episode, "writer", (spec.directors[(n + 1) % len(spec.directors)],))
            length_ms = spec.minutes * 60_000 + n * 1_000
            file = f"{section.path}/{spec.title}/Season {number:02d}/{spec.title} - S{number:02d}E{n:02d} - {title}.mkv"
            library.add_media(episode, VERSIONS[spec.profile], length_ms, file)
            _describe(episode, length_ms)
            episode.markers = (Marker("intro", 30_000, 75_000), *episode.markers)


def _add_music(library: Library, section: Section) -> None:
    for name, genres, summary, albums in ARTISTS:
        artist = library.add(section, "artist", name, added_days_ago=max(album[2] for album in albums))
        artist.summary, artist.index = summary, 1
        library.set_tags(artist, "genre", genres)
        for title, year, days, tracks in albums:
            album = library.add(section, "album", title, parent=artist, added_days_ago=days)
            album.year, album.released, album.studio, album.index = year, f"{year}-04-02", "Kitchen Table Records", 1
            library.set_tags(album, "genre", genres)
            for n, track_title in enumerate(tracks, 1):
                track = library.add(section, "track", track_title, parent=album, added_days_ago=days)
                track.index, track.year = n, year
                track.guids = (f"mbid://{library.digest('mbid', track.rating_key, length=32)}",)
                library.set_tags(track, "mood", ("Calm", "Bright") if n % 2 else ("Rousing",))
                profile = FLAC if year >= 2018 else MP3
                file = f"{section.path}/{name}/{title}/{n:02d} - {track_title}.{profile.container}"
                library.add_media(track, profile, 150_000 + 23_000 * n + year % 7 * 1_000, file)


def _add_photos(library: Library, section: Section) -> None:
    for title, days, names in PHOTO_ALBUMS:
        album = library.add(section, "photoalbum", title, added_days_ago=days)
        album.index = 1
        for name in names:
            photo = library.add(section, "photo", name, parent=album, added_days_ago=days)
            taken = datetime.fromtimestamp(photo.added_at, UTC).date().isoformat()
            photo.index, photo.released, photo.year = 1, taken, int(taken[:4])
            library.add_media(photo, JPEG, 0, f"{section.path}/{title}/{name}.jpg")


def _add_collections(library: Library) -> None:
    """Make a collection item for each collection tag, of the kind of its members."""
    members: dict[tuple[int, str], list[Item]] = {}
    for item in library.items.values():
        for tag in item.tags.get("collection", ()):
            members.setdefault((item.section.key, tag.name), []).append(item)
    for (section_key, name), items in members.items():
        collection = library.add(library.sections[section_key], "collection", name, added_days_ago=50)
        collection.guid = f"collection://{library.digest('collection', name, length=32)}"
        collection.members = sorted(items, key=lambda item: item.released or "")
        collection.summary, collection.index = f"{len(items)} titles.", collection.rating_key
        collection.content_rating = items[0].content_rating


def _add_playlists(library: Library) -> None:
    find = library.find
    library.playlist(
        "Rainy Sunday",
        "video",
        [find(t, "movie") for t in ("Charade", "Sherlock Jr.", "Spring", "The General")],
        summary="For when the garden can wait.",
    )
    library.playlist("Fresh Tracks", "audio", list(find("Slow Weather").leaves()), smart=True)
    library.playlist("Bedtime", "video", list(find("Pip & Moss").leaves())[:4], owner_id=11_000_002)

"""Libraries of any size, made from a seed: the same each time, with realistic spreads and item sizes.

Nine tenths of the items are in one movie section, so that "100k" has 90,000 to filter and sort; the rest are episodes
and tracks. Seasons, shows, albums and artists come on top.
"""

import gc
import random
from collections.abc import Sequence
from typing import TypeVar

from plex_mcp.standin.library import Library
from plex_mcp.standin.model import Item, Marker, Role, Section, Tag
from plex_mcp.standin.profiles import FLAC, MP3, video

T = TypeVar("T")
# Tables are read by row.
# fmt: off
_ADJECTIVES = (
    "Silent", "Amber", "Hollow", "Distant", "Crooked", "Paper", "Electric", "Frozen", "Borrowed", "Burning", "Copper",
    "Second", "Velvet", "Broken", "Northern", "Secret", "Restless", "Golden", "Quiet", "Last", "Élan", "Naïve",
)
_NOUNS = (
    "Harbour", "Orchard", "Machine", "River", "Lantern", "Garden", "Signal", "Mountain", "Archive", "Carnival",
    "Winter", "Island", "Theatre", "Railway", "Compass", "Kitchen", "Observatory", "Bridge",
    "Forest", "Café", "Voyage", "Letter",
)
_SHAPES = ("The {a} {n}", "{a} {n}", "A {a} {n}", "{n} of the {a} {m}", "The {n} and the {m}", "{a} {n}: {m}")
_GENRES = (
    "Drama", "Comedy", "Thriller", "Action", "Romance", "Documentary", "Horror", "Crime", "Adventure", "Family",
    "Science Fiction", "Fantasy", "Mystery", "Animation", "History", "Music", "War", "Western",
)
_FIRST = ("Ada", "Björn", "Chiara", "Dmitri", "Elif", "Farah", "Goro", "Hana", "Ines", "Joaquín", "Katya", "Luca",
          "Maud", "Noor", "Oskar", "Petra", "Quinn", "Rosa", "Søren", "Tomás", "Uma", "Viktor", "Wanda", "Yara", "Zoë")
_LAST = ("Almeida", "Bergström", "Castel", "Dvořák", "Eriksen", "Fontaine", "Grau", "Hargreaves", "Ito", "Janssen",
         "Kowalski", "Lindqvist", "Moreau", "Nakamura", "Okonkwo", "Petrov", "Quist", "Rossi", "Silva", "Takács")
_COUNTRIES = ("United States of America", "France", "Germany", "Japan", "United Kingdom", "Brazil", "India", "Sweden")
_RATINGS = ("G", "PG", "PG-13", "R", "NR", None)
_STUDIOS = tuple(f"{adjective} {end}" for adjective in _ADJECTIVES[:12] for end in ("Pictures", "Film"))
_SUMMARY = (
    "A {role} returns to the {place} after many years and finds that {twist}.",
    "When {twist}, a {role} and an old rival have one night at the {place} to put it right.",
    "Nobody at the {place} believed the {role}, until {twist}; then everyone had always known.",
)
_ROLES = ("cartographer", "piano tuner", "night nurse", "retired detective", "lighthouse keeper", "translator", "cook")
_TWISTS = ("the letters had never been sent", "the river changes its course", "a stranger knows the song",
           "the archive burns down", "the town votes to forget", "the last train does not stop", "winter will not end")
_PROFILES = (
    (video("1080", audio=("eng", "deu"), subtitles=("eng", "deu"), channels=6), 50),
    (video("1080", audio=("eng",), subtitles=("eng",)), 20),
    (video("720", audio=("eng", "spa"), subtitles=("eng",)), 12),
    (video("4k", audio=("eng", "fra"), subtitles=("eng", "fra", "spa"), channels=6, hdr=True), 10),
    (video("480", audio=("jpn",), subtitles=("eng",)), 5), (video("sd", audio=("eng",)), 3),
)
_VIDEOS = [profile for profile, share in _PROFILES for _ in range(share)]  # in a hundred files
# fmt: on


class _Material:
    """What items are put together from; tags and cast lists are made once and shared."""

    def __init__(self, library: Library, seed: int) -> None:
        self.library = library
        self.chance = random.Random(seed)  # noqa: S311 - repeatable content
        self.summaries = [self._summary() for _ in range(400)]
        self.genres = [library.tag("genre", name) for name in _GENRES]
        self.countries = [(library.tag("country", name),) for name in _COUNTRIES]
        people = [f"{first} {last}" for first in _FIRST for last in _LAST]
        self.chance.shuffle(people)
        self.directors = [(library.tag("director", name),) for name in people]
        self.writers = [(library.tag("writer", name),) for name in people]
        actors = [library.tag("actor", name) for name in people * 2]
        self.casts = [tuple(Role(tag, "Role") for tag in actors[n : n + 6]) for n in range(len(people))]

    def pick(self, choices: Sequence[T]) -> T:
        """One of them, at half the cost of ``random.choice``, which counts when it is asked a million times."""
        return choices[int(self.chance.random() * len(choices))]

    def _summary(self) -> str:
        shapes = self.chance.sample(_SUMMARY, 2)
        return " ".join(
            shape.format(role=self.pick(_ROLES), place=self.pick(_NOUNS).lower(), twist=self.pick(_TWISTS))
            for shape in shapes
        )

    def title(self) -> str:
        """A title; over a hundred thousand items some come more than once, as in life."""
        return self.pick(_SHAPES).format(a=self.pick(_ADJECTIVES), n=self.pick(_NOUNS), m=self.pick(_NOUNS))

    def genre_tags(self) -> tuple[Tag, ...]:
        """One to three genres; the difference of two throws favours the first ones, as libraries do."""
        chance = self.chance.random
        places = {int(abs(chance() - chance()) * len(_GENRES)) for _ in range(3)}
        return tuple(self.genres[n] for n in sorted(places))

    def dress(self, item: Item) -> None:
        """Genres, cast, ratings: what films and shows have in common."""
        chance = self.chance
        item.tags = {"genre": self.genre_tags(), "country": self.pick(self.countries)}
        item.roles = self.pick(self.casts)
        item.summary, item.studio = self.pick(self.summaries), self.pick(_STUDIOS)
        item.content_rating = self.pick(_RATINGS)
        item.audience_rating = round(min(9.8, max(1.5, chance.gauss(6.6, 1.1))), 1)
        item.year = 2025 - int(abs(chance.gauss(0, 20)))
        day = int(chance.random() * 336)
        item.released = f"{item.year}-{day // 28 + 1:02d}-{day % 28 + 1:02d}"


def generated_library(size: int, now_s: float, seed: int = 1) -> Library:
    """``size`` playable items: nine tenths films, the others episodes and tracks, half and half."""
    library = Library(now_s, seed)
    made = _Material(library, seed)
    movies = library.section("movie", "Movies")
    shows = library.section("show", "TV Shows")
    music = library.section("artist", "Music")
    was_on = gc.isenabled()
    gc.disable()  # a hundred thousand new objects that all stay: collecting among them only costs time
    try:
        rest = size // 10
        for _ in range(size - rest):
            _film(made, movies)
        _episodes(made, shows, rest // 2)
        _tracks(made, music, rest - rest // 2)
        library.count_tags()
    finally:
        if was_on:
            gc.enable()
    return library


def _film(made: _Material, section: Section) -> None:
    library, chance = made.library, made.chance
    item = library.add(section, "movie", made.title(), added_days_ago=chance.random() ** 2 * 2000)
    made.dress(item)
    item.rating = round(max(1.0, (item.audience_rating or 5) - 0.5), 1)
    item.tags["director"], item.tags["writer"] = made.pick(made.directors), made.pick(made.writers)
    item.guids = (f"imdb://tt9{item.rating_key:07d}", f"tmdb://{9_000_000 + item.rating_key}")
    length_ms = int(min(240, max(40, chance.gauss(104, 20))) * 60_000)
    profile = made.pick(_VIDEOS)
    library.add_media(item, profile, length_ms, f"{section.path}/{item.title} ({item.year}).{profile.container}")
    item.markers = (Marker("credits", int(length_ms * 0.95), length_ms, final=True),)


def _episodes(made: _Material, section: Section, count: int) -> None:
    library, chance = made.library, made.chance
    done = 0
    while done < count:
        show = library.add(section, "show", made.title(), added_days_ago=900 + chance.random() * 900)
        made.dress(show)
        minutes = made.pick((22, 30, 44, 58))
        show.duration_ms, show.index = minutes * 60_000, 1
        age = chance.random() * 800
        for number in range(1, chance.randint(2, 5)):
            season = library.add(section, "season", f"Season {number}", parent=show, added_days_ago=age)
            season.index = number
            for n in range(1, min(10, count - done) + 1):
                episode = library.add(
                    section, "episode", made.title(), parent=season, added_days_ago=max(age - n * 7, 0.1)
                )
                episode.index, episode.summary, episode.year = n, made.pick(made.summaries), show.year
                episode.content_rating, episode.audience_rating = show.content_rating, show.audience_rating
                episode.released = f"{show.year}-{(n - 1) % 12 + 1:02d}-15"
                profile = made.pick(_VIDEOS)
                library.add_media(
                    episode,
                    profile,
                    minutes * 60_000 + n * 1000,
                    f"{section.path}/{show.title}/S{number:02d}E{n:02d}.mkv",
                )
                done += 1
            if done >= count:
                return


def _tracks(made: _Material, section: Section, count: int) -> None:
    library, chance = made.library, made.chance
    done = 0
    while done < count:
        artist = library.add(section, "artist", f"{made.pick(_ADJECTIVES)} {made.pick(_LAST)}")
        artist.summary, artist.index = made.pick(made.summaries), 1
        artist.tags = {"genre": made.genre_tags()}
        for _ in range(3):
            age = chance.random() * 1500
            album = library.add(section, "album", made.title(), parent=artist, added_days_ago=age)
            album.year, album.studio, album.index = 2025 - int(chance.random() * 50), made.pick(_STUDIOS), 1
            album.released = f"{album.year}-03-01"
            for n in range(1, min(10, count - done) + 1):
                track = library.add(section, "track", made.title(), parent=album, added_days_ago=age)
                track.index = n
                profile = made.pick((FLAC, MP3))
                library.add_media(
                    track,
                    profile,
                    120_000 + int(chance.random() * 240_000),
                    f"{section.path}/{artist.title}/{album.title}/{n:02d}.{profile.container}",
                )
                done += 1
            if done >= count:
                return

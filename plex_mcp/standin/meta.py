"""The ``Meta`` block: which filters, sorts and fields a library knows, as ``includeMeta=1`` asks for."""

from plex_mcp.standin.model import SECTION_KINDS, TYPE_NUMBERS, Section
from plex_mcp.standin.xml import element

# Tables are read by row.
# fmt: off
# filter, its kind, title
_MOVIE_FILTERS = (
    ("genre", "string", "Genre"), ("year", "integer", "Year"), ("decade", "integer", "Decade"),
    ("contentRating", "string", "Content Rating"), ("collection", "string", "Collection"),
    ("director", "string", "Director"), ("actor", "string", "Actor"), ("writer", "string", "Writer"),
    ("producer", "string", "Producer"), ("country", "string", "Country"), ("studio", "string", "Studio"),
    ("resolution", "string", "Resolution"), ("hdr", "boolean", "HDR"), ("unwatched", "boolean", "Unwatched"),
    ("inProgress", "boolean", "In Progress"), ("unmatched", "boolean", "Unmatched"),
    ("audioLanguage", "string", "Audio Language"), ("subtitleLanguage", "string", "Subtitle Language"),
    ("label", "string", "Labels"),
)
_SHOW_FILTERS = (
    ("genre", "string", "Genre"), ("year", "integer", "Year"), ("contentRating", "string", "Content Rating"),
    ("studio", "string", "Studio"), ("network", "string", "Network"), ("country", "string", "Country"),
    ("collection", "string", "Collection"), ("director", "string", "Director"), ("actor", "string", "Actor"),
    ("writer", "string", "Writer"), ("producer", "string", "Producer"), ("unwatchedLeaves", "boolean", "Unwatched"),
    ("unmatched", "boolean", "Unmatched"),
)
_EPISODE_FILTERS = (
    ("year", "integer", "Year"), ("collection", "string", "Collection"), ("resolution", "string", "Resolution"),
    ("unwatched", "boolean", "Unwatched"), ("inProgress", "boolean", "In Progress"),
    ("audioLanguage", "string", "Audio Language"), ("subtitleLanguage", "string", "Subtitle Language"),
    ("unmatched", "boolean", "Unmatched"),
)
_MUSIC_FILTERS = (
    ("genre", "string", "Genre"), ("collection", "string", "Collection"), ("unmatched", "boolean", "Unmatched"),
)
_ALBUM_FILTERS = (("genre", "string", "Genre"), ("year", "integer", "Year"), ("decade", "integer", "Decade"),
                  ("studio", "string", "Record Label"))
_TRACK_FILTERS = (("mood", "string", "Mood"),)
_FILTERS = {
    "movie": _MOVIE_FILTERS, "show": _SHOW_FILTERS, "season": (), "episode": _EPISODE_FILTERS,
    "artist": _MUSIC_FILTERS, "album": _ALBUM_FILTERS, "track": _TRACK_FILTERS, "photoalbum": (),
    "photo": (("year", "integer", "Year"),),
}
# key, default direction, title
_TITLE = ("titleSort", "asc", "Title")
_RANDOM = ("random", "desc", "Randomly")
_SHOW_ORDER = ("show.titleSort,season.index:nullsLast,episode.index:nullsLast,"
               "episode.originallyAvailableAt:nullsLast,episode.titleSort,episode.id")
_RATINGS = (("originallyAvailableAt", "desc", "Release Date"), ("rating", "desc", "Critic Rating"),
            ("audienceRating", "desc", "Audience Rating"))
_ADDED = ("addedAt", "desc", "Date Added")
_VIEWED = ("lastViewedAt", "desc", "Date Viewed")
_SORTS = {
    "movie": (_TITLE, *_RATINGS, ("duration", "desc", "Duration"), _ADDED, _VIEWED,
              ("mediaHeight", "asc", "Resolution"), _RANDOM),
    "show": (_TITLE, *_RATINGS, ("unviewedLeafCount", "desc", "Unwatched"), _ADDED,
             ("episode.addedAt", "desc", "Last Episode Date Added"), _VIEWED, _RANDOM),
    "season": (("show.titleSort,index", "asc", "Show"), _RANDOM),
    "episode": ((_SHOW_ORDER, "asc", "Show"), *_RATINGS, _ADDED, _VIEWED, _RANDOM),
    "artist": (_TITLE, ("userRating", "desc", "Rating"), _ADDED, _VIEWED, ("viewCount", "desc", "Plays"), _RANDOM),
    "album": (("artist.titleSort,album.titleSort", "asc", "Album Artist"), _TITLE,
              ("originallyAvailableAt", "desc", "Release Date"), _ADDED, _VIEWED, _RANDOM),
    "track": (("artist.titleSort,album.titleSort,track.index", "asc", "Album Artist"), _TITLE, _ADDED, _VIEWED,
              ("viewCount", "desc", "Plays"), ("duration", "desc", "Duration"), _RANDOM),
    "photoalbum": (_TITLE, _ADDED), "photo": (("originallyAvailableAt", "desc", "Date Taken"), _TITLE, _ADDED),
}
# key, type, title, subtype
_MOVIE_FIELDS = (
    ("title", "string", "Title", None), ("studio", "string", "Studio", None),
    ("userRating", "integer", "Rating", "rating"), ("contentRating", "tag", "Content Rating", None),
    ("year", "integer", "Year", "year"), ("decade", "integer", "Decade", "decade"),
    ("originallyAvailableAt", "date", "Release Date", None), ("duration", "integer", "Duration", "duration"),
    ("unmatched", "boolean", "Unmatched", None), ("duplicate", "boolean", "Duplicate", None),
    ("genre", "tag", "Genre", None), ("collection", "tag", "Collection", None), ("director", "tag", "Director", None),
    ("writer", "tag", "Writer", None), ("producer", "tag", "Producer", None), ("actor", "tag", "Actor", None),
    ("country", "tag", "Country", None), ("addedAt", "date", "Date Added", None),
    ("viewCount", "integer", "Plays", None), ("lastViewedAt", "date", "Last Played", None),
    ("unwatched", "boolean", "Unwatched", None), ("resolution", "resolution", "Resolution", None),
    ("hdr", "boolean", "HDR", "hdr"), ("mediaSize", "integer", "File Size", "fileSize"),
    ("mediaBitrate", "integer", "Bitrate", "bitrate"), ("subtitleLanguage", "subtitleLanguage", "Subtitle Language",
    None), ("audioLanguage", "audioLanguage", "Audio Language", None), ("inProgress", "boolean", "In Progress", None),
    ("trash", "boolean", "Trash", None), ("label", "tag", "Label", None),
)
_SHOW_FIELDS = (*(field for field in _MOVIE_FIELDS if field[0] in {
    "title", "studio", "userRating", "contentRating", "year", "viewCount", "lastViewedAt", "genre", "collection",
    "director", "writer", "producer", "actor", "country", "addedAt", "unmatched"}),
    ("network", "tag", "Network", None), ("unwatchedLeaves", "boolean", "Unwatched Episodes", None))
_EPISODE_FIELDS = (*(field for field in _MOVIE_FIELDS if field[0] in {
    "title", "addedAt", "originallyAvailableAt", "year", "userRating", "viewCount", "lastViewedAt", "unwatched",
    "inProgress", "duplicate", "hdr", "resolution", "mediaSize", "mediaBitrate", "subtitleLanguage", "audioLanguage",
    "trash", "unmatched"}), ("location", "tag", "Folder Location", None))
_ARTIST_FIELDS = tuple(field for field in _MOVIE_FIELDS if field[0] in {
    "title", "userRating", "genre", "collection", "country", "addedAt", "viewCount", "lastViewedAt", "unmatched"})
_ALBUM_FIELDS = tuple(field for field in _MOVIE_FIELDS if field[0] in {
    "title", "userRating", "year", "decade", "studio", "genre", "addedAt", "originallyAvailableAt", "viewCount",
    "lastViewedAt"})
_TRACK_FIELDS = (("title", "string", "Title", None), ("mood", "tag", "Mood", None), ("userRating", "integer", "Rating",
    "rating"), ("viewCount", "integer", "Plays", None), ("lastViewedAt", "date", "Last Played", None),
    ("addedAt", "date", "Date Added", None), ("trash", "boolean", "Trash", None))
_FIELDS = {
    "movie": _MOVIE_FIELDS, "show": _SHOW_FIELDS, "season": (), "episode": _EPISODE_FIELDS, "artist": _ARTIST_FIELDS,
    "album": _ALBUM_FIELDS, "track": _TRACK_FIELDS, "photoalbum": (), "photo": _TRACK_FIELDS[:1],
}
_TITLES = {
    "movie": "Movies", "show": "TV Shows", "season": "Seasons", "episode": "Episodes", "artist": "Artists",
    "album": "Albums", "track": "Tracks", "photoalbum": "Albums", "photo": "Photos",
}
_OPERATORS = {
    "tag": (("=", "is"), ("!=", "is not")),
    "integer": (("=", "is"), ("!=", "is not"), (">>=", "is greater than"), ("<<=", "is less than")),
    "string": (("=", "contains"), ("!=", "does not contain"), ("==", "is"), ("!==", "is not"), ("<=", "begins with"),
               (">=", "ends with")),
    "boolean": (("=", "is true"), ("!=", "is false")),
    "date": (("<<=", "is before"), (">>=", "is after")),
    "subtitleLanguage": (("=", "is"), ("!=", "is not")),
    "audioLanguage": (("=", "is"), ("!=", "is not")),
    "resolution": (("=", "is"),),
}
# fmt: on


def filter_titles(kind: str) -> dict[str, str]:
    """Filter → title, of one kind of item."""
    return {name: title for name, _, title in _FILTERS.get(kind, ())}


def sort_keys(kind: str) -> tuple[str, ...]:
    """The sorts that a kind of item knows."""
    return tuple(key for key, _, _ in _SORTS.get(kind, ()))


def types_xml(section: Section, active: str | None) -> str:
    """The ``Type`` elements of a section."""
    return "".join(_type_xml(section, kind, active == kind) for kind in SECTION_KINDS[section.kind]) + element(
        "Type", {"key": f"/library/sections/{section.key}/folder", "type": "folder", "title": "Folders", "active": 0}
    )


def meta_xml(section: Section, active: str) -> str:
    """The whole ``Meta`` block of a section's list."""
    return element("Meta", {}, [types_xml(section, active), field_types_xml()])


def field_types_xml() -> str:
    """Which operators each type of field takes."""
    return "".join(
        element("FieldType", {"type": name}, [element("Operator", {"key": key, "title": title}) for key, title in ops])
        for name, ops in _OPERATORS.items()
    )


def _type_xml(section: Section, kind: str, active: bool) -> str:
    base = f"/library/sections/{section.key}"
    suffix = f"?type={TYPE_NUMBERS[kind]}" if section.kind != "movie" else ""
    parts = [
        element(
            "Filter",
            {
                "filter": name,
                "filterType": of,
                "key": f"{base}/{name}{suffix}",
                "title": title,
                "type": "filter",
            },
        )
        for name, of, title in _FILTERS[kind]
    ]
    for n, (key, direction, title) in enumerate(_SORTS[kind]):
        first, _, rest = key.partition(",")
        parts.append(
            element(
                "Sort",
                {
                    "active": 1 if active and n == 0 else None,
                    "activeDirection": direction if active and n == 0 else None,
                    "default": direction if n == 0 else None,
                    "defaultDirection": direction,
                    "descKey": f"{first}:desc,{rest}" if rest else f"{first}:desc",
                    "firstCharacterKey": f"{base}/firstCharacter" if key == "titleSort" else None,
                    "key": key,
                    "title": title,
                },
            )
        )
    level = "" if section.kind == "movie" else f"{kind}."
    parts += [
        element("Field", {"key": level + key, "subType": sub, "title": title, "type": of})
        for key, of, title, sub in _FIELDS[kind]
    ]
    return element(
        "Type",
        {
            "key": f"{base}/all?type={TYPE_NUMBERS[kind]}",
            "type": kind,
            "title": _TITLES[kind],
            "active": active,
        },
        parts,
    )

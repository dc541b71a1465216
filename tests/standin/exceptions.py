"""Where the stand-in's names differ from the recordings on purpose: (which elements, which names, why).

``LACKING``: recorded from Plex, not sent here. ``ADDED``: sent here, in no recording for that kind of element.
Every line must still be needed; the fidelity test says when one is not.
"""

_TRAILERS = "the library has no trailers, so nothing is an extra of anything"
_OLD_AGENT = "only items of the agents from before 2020 have it"
_OLD_SERVER = "recorded from server 0.9.16; newer ones answer a search with partial items, as lists do"
_USER_CHOICE = "a viewing preference that is only sent once somebody has changed it"
_SKIPS = "nobody here skips anything: players report skips, which no tool reads"
_SIBLING = "sent for the other kinds of item in the same answer; only this kind happens not to be in a recording of it"
_PLEXAPI = "python-plexapi reads it; the recordings have no item that would carry it"
_SPARSE = "the recorded item came from a local or old agent and has hardly any attributes; new agents fill these"

LACKING = (
    ("full Extras", ("@size",), _TRAILERS),
    ("full Video:episode", ("Extras",), _TRAILERS),
    ("* Video:movie", ("@primaryExtraKey", "@hasPremiumPrimaryExtra", "@hasPremiumExtras"), _TRAILERS),
    ("* MediaContainer", ("@banner",), _OLD_AGENT),
    ("* Directory:show", ("@banner",), _OLD_AGENT),
    ("* Directory:*", ("@skipCount",), _SKIPS),
    ("* Video:*", ("@skipCount",), _SKIPS),
    ("list Directory:show", ("@flattenSeasons", "@showOrdering", "@skipChildren"), _USER_CHOICE),
    ("list Media", ("@displayOffset",), "a correction for interlaced recordings; there are none"),
    ("full Stream:3", ("@headerCompression", "@selected"), "no subtitle is compressed or chosen beforehand"),
    ("children Directory:photo", ("*",), "photo albums are one level deep here"),
    ("hubs Playlist:playlist", ("@titleSort",), "no playlist's title begins with an article"),
    ("providers MediaContainer", ("@startState",), "only sent while the server starts"),
    ("root MediaContainer", ("@requestParametersInCookie",), "gone since server 1.25"),
    ("search Director", ("@id",), _OLD_SERVER),
    ("search Writer", ("@id",), _OLD_SERVER),
    ("search Directory:show", ("Location", "OnDeck"), _OLD_SERVER),
    ("search Location", ("*",), _OLD_SERVER),
    ("search OnDeck", ("*",), _OLD_SERVER),
    ("search Part", ("Stream",), _OLD_SERVER),
    ("search Stream:*", ("*",), _OLD_SERVER),
    ("session Stream:2", ("@bitrateMode",), _OLD_AGENT),
)
ADDED = (
    ("Chapter", ("@tag",), "chapters with names; the recorded ones have none"),
    ("Collection", ("@id", "@filter"), "full details give every tag its id, as Genre and Country show"),
    ("Device", ("@clientIdentifier",), _PLEXAPI),
    ("Directory", ("@durationTotal", "@storageTotal"), _PLEXAPI),
    (
        "Directory:album",
        ("@art", "@leafCount", "@originallyAvailableAt", "@studio", "@viewedLeafCount", "@year", "Genre"),
        _SPARSE,
    ),
    ("Directory:artist", ("@art", "@titleSort"), _SPARSE),
    ("Directory:season", ("@contentRating", "@parentSlug", "@year", "Image", "UltraBlurColors"), _SPARSE),
    ("*", ("@librarySectionID", "@librarySectionKey", "@librarySectionTitle", "@librarySectionUUID"), _SIBLING),
    ("Directory:*", ("@reason",), "why a search found it, as Plex's documentation of hubs has it"),
    ("Hub", ("Photo",), _SIBLING),
    ("MediaContainer", ("@claimed",), "in Plex's published description of /identity"),
    ("Stream:3", ("@decision", "@location"), "a burnt-in subtitle; the recorded sessions show none"),
    (
        "Video:episode",
        ("@sessionKey", "@viewOffset", "Player", "Session", "TranscodeSession", "User"),
        "an episode being played; only films and tracks were recorded so",
    ),
    ("Video:movie", ("@editionTitle", "@lastRatedAt", "@playlistItemID", "@userRating", "Chapter", "Marker"), _PLEXAPI),
)

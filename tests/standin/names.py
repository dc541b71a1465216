"""The names in Plex's answers: which attributes and children each kind of element has, and nothing of their content."""

from collections.abc import Iterable
from xml.etree.ElementTree import Element

# what a recorded file answers, by file name → the form that its elements have there
FORMS = {
    "list": (
        "section_all_episodes_page",
        "section_recentlyAdded_movies",
        "section_shows",
        "stub_movies",
        "stub_tv_shows",
        "stub_artists",
        "stub_photo_library",
    ),
    "children": (
        "metadata_children_seasons",
        "stub_tv_seasons",
        "stub_tv_episodes",
        "stub_albums",
        "stub_tracks",
        "stub_photo_album",
    ),
    "full": (
        "metadata_movie_full",
        "metadata_show_full",
        "metadata_episode_full",
        "metadata_episode_chapters_markers",
        "metadata_track",
        "stub_movie_108",
        "stub_collection_161",
        "stub_playlist_168",
    ),
    "mixed": ("library_onDeck", "library_recentlyAdded"),
    "sections": ("library_sections",),
    "menu": ("section_directory_menu", "section_details_with_meta"),
    "meta": ("library_movies_filtertypes",),
    "choices": ("section_genre",),
    "search": ("HUB_SEARCH",),
    "hubs": ("hubs",),
    "session": ("status_sessions_track_directplay", "session_base", "no_sessions"),
    "transcodes": ("transcode_sessions",),
    "playlists": ("playlists",),
    "playlist items": ("playlist_items",),
    "root": ("plex_server_base",),
    "identity": ("identity",),
    "clients": ("clients", "plex_server_clients"),
    "servers": ("servers",),
    "devices": ("devices",),
    "accounts": ("plex_server_accounts",),
    "providers": ("media_providers", "providers_free_root_attrs"),
    "player": ("player_plexhtpc_resources",),
    "token": ("security_token",),
}
FORM_OF = {name: form for form, names in FORMS.items() for name in names}


def label(element: Element) -> str:
    """``Video:movie``, ``Stream:2``, ``Hub``: what elements are compared with others of the same kind."""
    kind = element.get("streamType") if element.tag == "Stream" else None
    if element.tag in ("Video", "Directory", "Track", "Photo", "Playlist") and element.get("ratingKey"):
        kind = element.get("type")
    return f"{element.tag}:{kind}" if kind else element.tag


def names_of(form: str, roots: Iterable[Element]) -> dict[str, set[str]]:
    """``{"full Video:movie": {"@title", "Media", …}}``: attributes with an @, children without."""
    found: dict[str, set[str]] = {}
    for root in roots:
        _collect(form, root, found)
    return found


def _collect(form: str, element: Element, found: dict[str, set[str]]) -> None:
    names = found.setdefault(f"{form} {label(element)}", set())
    names |= {f"@{name}" for name in element.attrib}
    for child in element:
        names.add(child.tag)
        _collect(form, child, found)

"""How the household is when the server starts: what has been seen, and what is playing."""

from plex_mcp.standin.household import Household
from plex_mcp.standin.model import Item
from plex_mcp.standin.users import User

_DAY_S = 86_400
# title, share seen, days ago
_OWNER_BEGUN: tuple[tuple[str, float, float], ...] = (("Charade", 0.42, 0.3), ("Metropolis", 0.71, 3.0))
_MILA_BEGUN: tuple[tuple[str, float, float], ...] = (("Big Buck Bunny", 0.5, 1.0),)
_OWNER_SEEN: tuple[tuple[str, float], ...] = (
    ("His Girl Friday", 9),
    ("Sintel", 40),
    ("The General", 2),
    ("Spring", 11),
    ("Häxan", 90),
)
# user number, show, season, episodes seen, days since the last
_FOLLOWED: tuple[tuple[int, str, int, int, float], ...] = (
    (0, "The Lighthouse Keepers", 1, 6, 20),
    (0, "The Lighthouse Keepers", 2, 4, 0.9),
    (0, "Orbital Gardeners", 1, 3, 5),
    (1, "Pip & Moss", 1, 3, 0.5),
    (2, "Café Kilometre", 1, 2, 2.5),
    (0, "An Index of Small Crimes", 1, 1, 150),
)


def seed_views(home: Household) -> None:
    """What each user has watched and begun."""
    owner, mila, jonas = home.users
    for title, days in _OWNER_SEEN:
        _seen(home, owner, home.library.find(title, "movie"), days)
    _seen(home, jonas, home.library.find("Charade", "movie"), 6)
    for number, title, season, count, days in _FOLLOWED:
        show = home.library.find(title, "show")
        episodes = next(child for child in show.children if child.index == season).children[:count]
        for n, episode in enumerate(episodes):
            _seen(home, home.users[number], episode, days + 0.8 * (len(episodes) - 1 - n))
    third = home.library.find("The Lighthouse Keepers", "show").children[2].children[4]
    _begun(home, owner, third, 0.35, 0.1)
    for user, rows in ((owner, _OWNER_BEGUN), (mila, _MILA_BEGUN)):
        for title, share, days in rows:
            _begun(home, user, home.library.find(title, "movie"), share, days)
    home.views.rate(1, home.library.find("The General", "movie"), 9.0, _at(home, 2))
    home.views.rate(1, home.library.find("The Lighthouse Keepers", "show").children[1], 8.0, _at(home, 19))


def seed_sessions(home: Household) -> None:
    """Two people watching: the owner a film straight from disk, a friend an episode converted on the way.

    Both repeat what they play, so that a server left running still has somebody watching.
    """
    players, queues = home.playback.players, home.queues
    owner, _, jonas = home.users
    film = queues.of_items([home.library.find("Night of the Living Dead", "movie")], repeat=2)
    home.playback.start(players["androidtv-living-room"], owner, film, offset_ms=1_320_000)
    show = home.library.find("Café Kilometre", "show")
    episodes = queues.of_items(list(show.leaves()), 2, repeat=2)
    home.playback.start(
        players["web-kitchen-laptop"], jonas, episodes, offset_ms=305_000, state="paused", transcoding=True
    )


def _at(home: Household, days: float) -> int:
    return home.library.now_s - int(days * _DAY_S)


def _seen(home: Household, user: User, item: Item, days: float) -> None:
    home.views.scrobble(user.account_id, item, _at(home, days))


def _begun(home: Household, user: User, item: Item, share: float, days: float) -> None:
    home.views.progress(user.account_id, item, int((item.duration_ms or 0) * share), _at(home, days))

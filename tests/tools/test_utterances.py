"""What a household asks a chatbot: the calls that answer it, each built from the ones before, and what they must say.

A call's arguments may point into an earlier answer: `$0.items.0.media_id` is the first item's id of the first answer.
Facts point the same way: `1.item.title`. The commands to players alone are in test_playback_utterances.py.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from plex_mcp.plex import commands
from plex_mcp.standin import Clock
from tests.tools.household import Household, household


@dataclass(frozen=True)
class Said:
    """`calls` name a tool and its arguments; `facts` what stands where in the answers; `lacks` texts in none."""

    utterance: str
    calls: tuple[tuple[str, dict[str, Any]], ...]
    facts: dict[str, Any] = field(default_factory=dict)
    lacks: tuple[str, ...] = ()


TABLE = (
    # The sample of the survey.
    Said(
        "play the latest episode of The Lighthouse Keepers on the living room TV",
        (
            ("search_media", {"query": "the lighthouse keepers", "media_type": "show"}),
            (
                "control_playback",
                {"action": "play", "media_id": "$0.items.0.media_id", "episode": "latest", "client": "living room tv"},
            ),
        ),
        {"0.total": 1, "1.item.title": "Wreckers", "1.session.client": "Living Room TV", "1.confirmed": True},
    ),
    Said(
        "continue The Lighthouse Keepers on the TV",
        (
            ("search_media", {"query": "lighthouse keepers", "media_type": "show"}),
            ("control_playback", {"action": "play", "media_id": "$0.items.0.media_id", "client": "tv"}),
        ),
        {"1.item.title": "Nora's Log", "1.session.position_s": 925},
    ),
    Said(
        "play season 2 episode 5 of the Lighthouse Keepers on the TV",
        (
            ("search_media", {"show": "the Lighthouse Keepers", "season": 2, "episode": 5}),
            ("control_playback", {"action": "play", "media_id": "$0.items.0.media_id", "client": "tv"}),
        ),
        {"0.items.0.title": "Nora's Log", "1.item.episode": 5, "1.session.client": "Living Room TV"},
    ),
    Said(
        "play the movie Sintel, the new one",
        (
            ("search_media", {"query": "Sintel", "media_type": "movie", "sort": "newest"}),
            ("control_playback", {"action": "play", "media_id": "$0.items.0.media_id", "client": "tv"}),
        ),
        {"0.items.0.year": 2010, "1.item.title": "Sintel"},
    ),
    Said("pause", (("control_playback", {"action": "pause", "client": "tv"}),), {"0.session.state": "paused"}),
    Said(
        "skip ahead 10 minutes",
        (("control_playback", {"action": "seek", "offset": 600, "client": "tv"}),),
        {"0.session.position_s": 1920},
    ),
    Said(
        "go back to 1h20",
        (("control_playback", {"action": "seek", "position": 4800, "client": "tv"}),),
        {"0.session.position_s": 4800},
    ),
    Said(
        "turn on the subtitles",
        (("control_playback", {"action": "set_streams", "subtitle_language": "en", "client": "tv"}),),
        {"0.action": "set_streams", "0.client": "Living Room TV"},
    ),
    Said(
        "what can I play on?",
        (("list_clients", {}),),
        {
            "0.total": 5,
            "0.items.*.name": {"Living Room TV", "Den HTPC", "Study Plexamp", "Bedroom Roku", "Kitchen Laptop"},
        },
    ),
    Said(
        "who is watching now?",
        (("get_playback_status", {}),),
        {"0.items.*.user": {"Robin", "Jonas"}, "0.total": 2},
        ("127.0.0.1", "192.168."),
    ),
    Said(
        "is anyone transcoding? is the server busy?",
        (("get_playback_status", {}),),
        {"0.transcodes": 1, "0.items.1.stream": "transcode"},
    ),
    Said("what's playing in the kids' room?", (("get_playback_status", {"client": "kids"}),), {"0.items": []}),
    Said(
        "stop Jonas's stream",
        (
            ("get_playback_status", {"user": "jonas"}),
            ("control_playback", {"action": "stop", "session_id": "$0.items.0.session_id"}),
        ),
        {"0.total": 1, "1.confirmed": True, "1.channel": "terminate"},
    ),
    Said(
        "what should I watch tonight under 2 hours?",
        (
            (
                "search_media",
                {
                    "media_type": "movie",
                    "watched": "unwatched",
                    "max_minutes": 120,
                    "min_rating": 7,
                    "sort": "random",
                    "limit": 8,
                },
            ),
        ),
        {"0.items.#": 8},
        ('"watched":true', "Metropolis"),
    ),
    Said(
        "a twenties comedy we haven't seen",
        (
            (
                "search_media",
                {
                    "genre": "Comedy",
                    "year_min": 1920,
                    "year_max": 1929,
                    "watched": "unwatched",
                    "content_rating": "G,NR",
                },
            ),
        ),
        {"0.items.*.title": {"Safety Last!", "Sherlock Jr."}},
    ),
    # More of the same kind.
    Said("what's new this week?", (("get_recently_added", {"days": 7}),), {"0.items.0.title": "Wing It!"}),
    Said(
        "any new episodes of Orbital Gardeners?",
        (("get_recently_added", {"library": "TV Shows", "days": 30}),),
        {"0.items.*.title": {"The Lighthouse Keepers", "Orbital Gardeners", "Café Kilometre", "Pip & Moss"}},
    ),
    Said(
        "what was I watching?", (("get_on_deck", {}),), {"0.items.0.title": "Nora's Log", "0.items.0.progress_pct": 35}
    ),
    Said(
        "which films have I not finished?",
        (("get_on_deck", {"media_type": "movie"}),),
        {"0.items.*.title": {"Charade", "Metropolis"}},
    ),
    Said(
        "what comes next for Jonas?",
        (("get_on_deck", {"user": "Jonas"}),),
        {},
        ("Charade", "Metropolis"),
    ),
    Said(
        "what did Mila watch this month?",
        (("get_watch_history", {"user": "Mila", "days": 31}),),
        {"0.total": 3, "0.items.*.show": {"Pip & Moss"}},
    ),
    Said(
        "when did we last see The General?",
        (
            ("search_media", {"query": "the general"}),
            ("get_watch_history", {"media_id": "$0.items.0.media_id"}),
        ),
        {"1.items.0.title": "The General", "1.items.0.user": "Robin", "1.total": 1},
    ),
    Said(
        "what do I have?",
        (("list_libraries", {}),),
        {"0.items.*.title": {"Movies", "TV Shows", "Music", "Photos", "Home Videos"}},
    ),
    Said(
        "who is in Charade, and who directed it?",
        (
            ("search_media", {"query": "charade"}),
            ("get_media_details", {"media_id": "$0.items.0.media_id"}),
        ),
        {"1.cast.0.name": "Cary Grant", "1.directors.0": "Stanley Donen"},
    ),
    Said(
        "is Sintel in 4K, and does it have German subtitles?",
        (
            ("search_media", {"query": "sintel", "media_type": "movie"}),
            ("get_media_details", {"media_id": "$0.items.0.media_id", "include": ["versions"]}),
        ),
        {"1.versions.0.resolution": "4k", "1.subtitle_languages.?": "Deutsch"},
    ),
    Said(
        "how many episodes of The Lighthouse Keepers have we left?",
        (
            ("search_media", {"query": "lighthouse keepers", "media_type": "show"}),
            ("get_media_details", {"media_id": "$0.items.0.media_id"}),
        ),
        {"0.items.0.unwatched": 7, "1.unwatched": 7, "1.next_episode.title": "Nora's Log"},
    ),
    Said(
        "which episodes are in season 3?",
        (("search_media", {"query": "Lighthouse Keepers season 3"}),),
        {"0.items.*.title": {"The New Keeper", "Dead Reckoning", "Wreckers"}},
    ),
    Said(
        "what films with Buster Keaton do we have?",
        (("search_media", {"actor": "Buster Keaton"}),),
        {"0.items.*.title": {"The General", "Sherlock Jr."}},
    ),
    Said(
        "anything by Fritz Lang?", (("search_media", {"director": "fritz lang"}),), {"0.items.*.title": {"Metropolis"}}
    ),
    Said(
        "the best rated film we own",
        (("search_media", {"media_type": "movie", "sort": "rating", "limit": 1}),),
        {"0.items.0.title": "Metropolis"},
    ),
    Said(
        "a film we loved and have not seen for ages",
        (("search_media", {"media_type": "movie", "sort": "oldest_watched", "limit": 1}),),
        {"0.items.0.title": "Häxan"},
    ),
    Said("find haxan", (("search_media", {"query": "haxan"}),), {"0.items.0.title": "Häxan"}),
    Said(
        "play the album Winter Almanac in the study",
        (
            ("search_media", {"query": "winter almanac", "media_type": "album"}),
            ("control_playback", {"action": "play", "media_id": "$0.items.0.media_id", "client": "Study Plexamp"}),
        ),
        {"0.items.0.artist": "The Paper Lanterns", "1.session.item.title": "First Frost"},
    ),
    Said(
        "play the rainy sunday playlist on the TV",
        (
            ("search_media", {"query": "rainy sunday", "media_type": "playlist"}),
            ("control_playback", {"action": "play", "media_id": "$0.items.0.media_id", "client": "tv"}),
        ),
        {"1.session.item.title": "Charade"},
    ),
    Said(
        "what songs are on Jökull?",
        (
            ("search_media", {"query": "jokull"}),
            ("get_media_details", {"media_id": "$0.items.0.media_id", "include": ["children"]}),
        ),
        {"1.children.*.title": {"Ís", "Vatn", "Steinn", "Ljós"}},
    ),
    Said(
        "which photos are of the seaside?",
        (("search_media", {"media_type": "photo", "query": "deckchairs"}),),
        {"0.items.0.type": "photo"},
    ),
    Said(
        "show me our home videos",
        (("search_media", {"media_type": "clip"}),),
        {"0.items.*.title": {"First snow on the hill", "Garden in the rain"}},
    ),
    Said(
        "what is in the Midnight Horror collection?",
        (
            ("search_media", {"query": "midnight horror", "media_type": "collection"}),
            ("get_media_details", {"media_id": "$0.items.0.media_id", "include": ["children"]}),
        ),
        {"1.children_total": 6},
    ),
    Said(
        "something like Nosferatu",
        (
            ("search_media", {"query": "nosferatu"}),
            ("get_media_details", {"media_id": "$0.items.0.media_id", "include": ["similar"]}),
        ),
        {"1.similar.?.type": "movie"},
    ),
    Said(
        "mark the last Lighthouse Keepers episode as watched",
        (
            ("search_media", {"query": "Lighthouse Keepers S02E05"}),
            ("set_watch_state", {"media_id": "$0.items.0.media_id", "state": "watched"}),
        ),
        {"1.watched": True, "1.title": "Nora's Log"},
    ),
    Said(
        "give Nosferatu four stars",
        (
            ("search_media", {"query": "nosferatu"}),
            ("set_watch_state", {"media_id": "$0.items.0.media_id", "rating": 8}),
        ),
        {"1.user_rating": 8.0},
    ),
)


@pytest.fixture
def home(monkeypatch: pytest.MonkeyPatch) -> Iterator[Household]:
    monkeypatch.setattr(commands, "PAUSES_S", (0.0, 0.0))
    now_s = time.time()  # what "this week" means is today's
    with household(clock=Clock(lambda: now_s)) as running:
        running.client.session.mount("https://plex.tv/", running.plex.plextv_adapter())
        yield running


def at(answers: Any, path: str) -> Any:
    """What stands at a path: `*` every entry, as a set; `?` any of them, as a list; `#` how many."""
    step, _, rest = path.partition(".")
    if step == "#":
        return len(answers)
    if step in {"*", "?"}:
        found = [at(entry, rest) if rest else entry for entry in answers]
        return set(found) if step == "*" else found
    inside = answers[int(step)] if isinstance(answers, list) else answers[step]
    return at(inside, rest) if rest else inside


def resolved(arguments: dict[str, Any], answers: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        name: at(answers, value[1:]) if isinstance(value, str) and value.startswith("$") else value
        for name, value in arguments.items()
    }


@pytest.mark.parametrize("said", TABLE, ids=lambda said: said.utterance)
def test_what_people_ask_is_answered_in_two_calls_at_most(home: Household, said: Said) -> None:
    assert 1 <= len(said.calls) <= 2
    answers: list[dict[str, Any]] = []
    for name, arguments in said.calls:
        answers.append(home.call(name, **resolved(arguments, answers)))
    for path, expected in said.facts.items():
        found = at(answers, path)
        if "?" in path:
            assert expected in found, (path, answers)
        else:
            assert found == expected, (path, answers)
    text = json.dumps(answers, ensure_ascii=False, separators=(",", ":"))
    for forbidden in (*said.lacks, home.plex.token, home.plex.guest_token):
        assert forbidden not in text


def test_the_table_is_long_enough_and_says_nothing_twice() -> None:
    utterances = [said.utterance for said in TABLE]
    assert len(utterances) == len(set(utterances)) >= 30
    tools = {name for said in TABLE for name, _ in said.calls}
    assert len(tools) == 10

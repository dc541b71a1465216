"""The prompts over the sample household, and what completes their arguments."""

from __future__ import annotations

from typing import Any

import pytest

from plex_mcp.completions import complete_genre, complete_library, complete_show, suggested
from plex_mcp.errors import InvalidArgument, NotFound, PlexUnavailable
from plex_mcp.prompts._catalogue import load_prompts
from plex_mcp.tools._catalogue import load_tools
from tests.unit.protocol.conftest import Household

PROMPTS = load_prompts()
SHOW = "The Lighthouse Keepers"


def texts(messages: list[dict[str, Any]]) -> list[str]:
    assert all(message["role"] == "user" and message["content"]["type"] == "text" for message in messages)
    return [message["content"]["text"] for message in messages]


def test_the_catalogue_is_sorted_and_every_prompt_reads_tools_that_exist_and_do_not_write() -> None:
    assert list(PROMPTS) == sorted(PROMPTS) == ["catch_me_up", "tonights_pick", "whats_new", "who_is_watching"]
    reading = load_tools(read_only=True)
    for prompt in PROMPTS.values():
        assert prompt.needs
        assert set(prompt.needs) <= set(reading)


def test_tonights_pick_reads_what_is_begun_and_what_is_unseen_as_wished(household: Household) -> None:
    said = texts(PROMPTS["tonights_pick"].build(household.views, genre="Comedy", max_minutes="120", library=""))
    assert "of the genre Comedy and at most 120 minutes" in said[0]
    assert [name for name, _ in household.asked] == ["get_on_deck", "search_media"]
    searched = household.asked[1][1]
    assert (searched["genre"], searched["max_minutes"], searched["watched"]) == ("Comedy", 120, "unwatched")
    assert "library" not in searched
    assert '"items"' in said[1]
    assert '"items"' in said[2]


def test_whats_new_passes_its_wishes_on(household: Household) -> None:
    said = texts(PROMPTS["whats_new"].build(household.views, library="Movies", days="30"))
    assert household.asked == [("get_recently_added", {"library": "Movies", "days": 30, "limit": 30})]
    assert '"items"' in said[1]


def test_who_is_watching_shows_what_plays(household: Household) -> None:
    assert '"items"' in texts(PROMPTS["who_is_watching"].build(household.views))[1]


def test_catch_me_up_shows_the_show_and_warns_of_spoilers(household: Household) -> None:
    said = texts(PROMPTS["catch_me_up"].build(household.views, show=SHOW.lower()))
    assert "Tell nothing of next_episode" in said[0]
    assert '"next_episode"' in said[1]
    assert household.asked[-1][0] == "get_media_details"


def test_catch_me_up_asks_when_several_could_be_meant(household: Household) -> None:
    said = texts(PROMPTS["catch_me_up"].build(household.views, show="e"))
    assert "ask me which" in said[1]


@pytest.mark.parametrize(
    ("prompt", "arguments", "error", "says"),
    [
        ("catch_me_up", {"show": "no such show at all"}, NotFound, "no show"),
        ("catch_me_up", {"show": " "}, InvalidArgument, "title"),
        ("catch_me_up", {"show": "\x07"}, InvalidArgument, "show must be"),
        ("catch_me_up", {"show": "x" * 101}, InvalidArgument, "show must be"),
        ("tonights_pick", {"genre": "Nope"}, InvalidArgument, "Comedy"),
        ("tonights_pick", {"max_minutes": "long"}, InvalidArgument, "whole number"),
        ("whats_new", {"days": "0"}, InvalidArgument, "days"),
        ("whats_new", {"library": "Nope"}, (InvalidArgument, NotFound), "Movies"),
    ],
)
def test_a_wrong_wish_is_refused_with_what_would_be_right(
    household: Household, prompt: str, arguments: dict[str, str], error: type[Exception], says: str
) -> None:
    with pytest.raises(error, match=says):
        PROMPTS[prompt].build(household.views, **arguments)


@pytest.mark.parametrize(
    ("prompt", "arguments", "call"),
    [
        ("catch_me_up", {"show": SHOW}, 'search_media with {"query": "The Lighthouse Keepers"'),
        ("tonights_pick", {}, "get_on_deck"),
        ("whats_new", {}, "get_recently_added"),
        ("who_is_watching", {}, "get_playback_status"),
    ],
)
def test_while_plex_is_away_the_prompt_says_so_and_names_the_call(
    household: Household, prompt: str, arguments: dict[str, str], call: str
) -> None:
    household.failure = PlexUnavailable("Plex cannot be reached.")
    said = texts(PROMPTS[prompt].build(household.views, **arguments))
    assert "could not be read ahead (Plex cannot be reached.)" in said[1]
    assert call in said[1]


def test_libraries_complete_by_their_beginning_first(household: Household) -> None:
    assert complete_library(household.views, "m") == ["Movies", "Music", "Home Videos"]


def test_genres_complete_from_what_the_library_holds(household: Household) -> None:
    found = complete_genre(household.views, "c")
    assert found[0] == "Comedy"
    assert "Science Fiction" in found
    assert complete_genre(household.views, "zzz") == []


def test_shows_complete_from_plexs_search_or_the_newest(household: Household) -> None:
    assert complete_show(household.views, "light") == [SHOW]
    assert SHOW in complete_show(household.views, " ")
    assert complete_show(household.views, "x" * 5000) == []


@pytest.mark.parametrize(
    ("typed", "expected"),
    [("", ["Ab", "ba", "B"]), ("b", ["ba", "B", "Ab"]), ("B ", ["ba", "B", "Ab"]), ("ab", ["Ab"]), ("x", [])],
)
def test_matches_at_the_beginning_come_before_matches_inside(typed: str, expected: list[str]) -> None:
    assert suggested(typed, ["Ab", "ba", "B", "ba"]) == expected

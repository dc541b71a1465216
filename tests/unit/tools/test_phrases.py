"""A season and an episode inside a sentence."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plex_mcp.plex.models import Item
from plex_mcp.tools._phrases import EpisodePhrase, by_closeness, episode_phrase, title_and_year


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("Silver Creek S02E05", EpisodePhrase("Silver Creek", 2, 5)),
        ("silver creek s2e5", EpisodePhrase("silver creek", 2, 5)),
        ("silver creek s02 e05", EpisodePhrase("silver creek", 2, 5)),
        ("Silver Creek, season 2 episode 5", EpisodePhrase("Silver Creek", 2, 5)),
        ("Silver Creek season 2, episode 5", EpisodePhrase("Silver Creek", 2, 5)),
        ("season 2 episode 5 of Silver Creek", EpisodePhrase("Silver Creek", 2, 5)),
        ("episode 5 of season 2 of Silver Creek", EpisodePhrase("Silver Creek", 2, 5)),
        ("Silver Creek 2x05", EpisodePhrase("Silver Creek", 2, 5)),
        ("Silver Creek - Staffel 2 Folge 5", EpisodePhrase("Silver Creek", 2, 5)),
        ("Silver Creek season 2", EpisodePhrase("Silver Creek", 2, None)),
        ("season 2 of Silver Creek", EpisodePhrase("Silver Creek", 2, None)),
        ("Silver Creek S02", EpisodePhrase("Silver Creek", 2, None)),
        ("News season 2024 episode 12", EpisodePhrase("News", 2024, 12)),
    ],
)
def test_the_ways_people_say_an_episode_are_understood(said: str, meant: EpisodePhrase) -> None:
    assert episode_phrase(said) == meant


@pytest.mark.parametrize(
    "title",
    [
        "Apollo 13",
        "Se7en",
        "2001: A Space Odyssey",
        "Open Season",
        "S02E05",
        "season 2",
        "Series 7",
        "Area 51x9",
        "Ocean's 8",
    ],
)
def test_titles_with_numbers_are_left_alone(title: str) -> None:
    assert episode_phrase(title) is None


@given(st.text(max_size=120))
def test_any_text_is_either_a_phrase_with_a_show_or_none(text: str) -> None:
    phrase = episode_phrase(text)
    assert phrase is None or phrase.show.strip()


def test_what_was_said_comes_before_what_contains_it() -> None:
    titles = ["General Hospital", "A Soldier's General", "The General", "General, The"]
    items = tuple(Item(media_id=str(n), type="movie", title=title) for n, title in enumerate(titles))
    assert [item.title for item in by_closeness(items, "the general")] == [
        "The General",
        "General Hospital",
        "General, The",
        "A Soldier's General",
    ]


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("Metropolis (1927)", ("Metropolis", 1927)),
        ("metropolis 1927", ("metropolis", 1927)),
        ("Blade Runner 2049", ("Blade Runner", 2049)),
        ("1917", ("1917", None)),
        ("Apollo 13", ("Apollo 13", None)),
        ("Se7en", ("Se7en", None)),
    ],
)
def test_a_year_behind_a_title_is_told_apart(said: str, meant: tuple[str, int | None]) -> None:
    assert title_and_year(said) == meant

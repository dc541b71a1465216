"""Text from libraries is data: cleaned, cut, compared as people say it."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plex_mcp.plex.text import clean, date_of, decimal, fold, minutes_of, timestamp_of, whole, without_article


@given(st.text(max_size=400), st.integers(min_value=1, max_value=200))
def test_cleaned_text_has_no_hidden_characters_and_never_exceeds_its_limit(text: str, limit: int) -> None:
    cleaned = clean(text, limit)
    assert len(cleaned) <= limit
    assert "\n" not in cleaned
    hidden = {c for c in cleaned if unicodedata.category(c) in {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}}
    assert hidden <= {"\u200c", "\u200d"}


@pytest.mark.parametrize(
    ("raw", "cleaned"),
    [
        ("Plain title", "Plain title"),
        ("two\nlines\tand  blanks ", "two lines and blanks"),
        ("\u202ereversed\u202c", "reversed"),
        ("in\U000e0069\U000e0067visible", "invisible"),
        ("zero\u200bwidth\ufeff", "zerowidth"),
        ("👩\u200d🚀 Amélie 日本語", "👩\u200d🚀 Amélie 日本語"),
        (None, ""),
    ],
)
def test_clean_drops_what_cannot_be_seen_and_keeps_what_can(raw: str | None, cleaned: str) -> None:
    assert clean(raw) == cleaned


def test_a_long_text_is_cut_and_says_so() -> None:
    assert clean("a" * 500, 10) == "a" * 9 + "…"
    assert clean("\u200b" * 5 + "b" * 500, 10) == "b" * 9 + "…"


@pytest.mark.parametrize(
    ("said", "title"),
    [
        ("amelie", "Amélie"),
        ("safety last", "Safety Last!"),
        ("its a wonderful life", "It's a Wonderful Life"),
        ("SPIDER MAN", "Spider-Man"),
        ("pip moss", "Pip & Moss"),
    ],
)
def test_titles_are_compared_without_case_accents_and_punctuation(said: str, title: str) -> None:
    assert fold(said) == fold(title)


@pytest.mark.parametrize(
    ("title", "rest"),
    [
        ("The General", "General"),
        ("a trip to the moon", "trip to the moon"),
        ("Die Hard", "Hard"),
        ("Amen", "Amen"),
        ("The", "The"),
        ("It", "It"),
    ],
)
def test_leading_articles_are_taken_off_whole_words_only(title: str, rest: str) -> None:
    assert without_article(title) == rest


@pytest.mark.parametrize("text", [None, "", "x", "nan", "inf", "-inf", "1e400", "12x"])
def test_odd_numbers_are_unknown_not_errors(text: str | None) -> None:
    assert whole(text) is None
    assert decimal(text) is None


def test_numbers_written_as_fractions_are_read() -> None:
    assert whole("3.0") == 3
    assert decimal("7.25") == 7.25


@pytest.mark.parametrize("epoch_s", [None, 0, -5, 10**15])
def test_odd_times_are_unknown_not_errors(epoch_s: int | None) -> None:
    assert date_of(epoch_s) is None
    assert timestamp_of(epoch_s) is None


def test_times_are_utc_and_run_times_whole_minutes() -> None:
    assert timestamp_of(1_790_000_000) == "2026-09-21T14:13:20Z"
    assert date_of(1_790_000_000) == "2026-09-21"
    assert (minutes_of(None), minutes_of(0), minutes_of(20_000), minutes_of(90 * 60_000)) == (None, None, 1, 90)


def test_blanks_that_are_no_ascii_blank_are_blanks() -> None:
    assert clean("\u00a0Big\u00a0Buck\u3000Bunny\u2003") == "Big Buck Bunny"
    assert clean("\u00a0") == ""

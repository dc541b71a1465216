"""Names of players and languages, as people say them."""

from __future__ import annotations

import pytest

from plex_mcp.plex.languages import language_code, same_language
from plex_mcp.plex.names import listed, matching, quoted

PLAYERS = ["Living Room TV", "Bedroom TV", "Jonas's iPhone", "Café Beamer", "リビング"]


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ("living room tv", ["Living Room TV"]),
        ("Living  Room", ["Living Room TV"]),
        ("TV living", ["Living Room TV"]),
        ("livingroomtv", ["Living Room TV"]),
        ("TV", ["Living Room TV", "Bedroom TV"]),
        ("jonas iphone", ["Jonas's iPhone"]),
        ("jonass iphone", ["Jonas's iPhone"]),
        ("Jonas\u2019s iPhone", ["Jonas's iPhone"]),
        ("cafe beamer", ["Café Beamer"]),
        ("リビング", ["リビング"]),
        ("living", ["Living Room TV"]),
        ("livin", []),
        ("room tv bed", []),
        ("...", []),
        ("", []),
    ],
)
def test_players_match_by_whole_words(wanted: str, found: list[str]) -> None:
    assert matching(wanted, PLAYERS, str) == found


def test_the_whole_name_beats_its_being_part_of_another() -> None:
    assert matching("tv", ["TV", "Bedroom TV"], str) == ["TV"]


@pytest.mark.parametrize(
    "name", ["de", "DE", "deu", "ger", "German", "german", "Deutsch", "de-AT", "de_CH", "German (Austria)"]
)
def test_all_names_of_a_language_are_one(name: str) -> None:
    assert language_code(name) == "de"
    assert same_language(name, (None, "ger", None))
    assert same_language(name, ("de", None, None))
    assert same_language(name, (None, None, "Deutsch"))


@pytest.mark.parametrize(
    ("one", "other"), [("pt-BR", "por"), ("zh", "chi"), ("日本語", "ja"), ("Français", "fre"), ("no", "nob")]
)
def test_names_in_other_scripts_and_old_codes_meet(one: str, other: str) -> None:
    assert same_language(one, (other,))


@pytest.mark.parametrize(("one", "other"), [("de", "nl"), ("en", "enm"), ("gibberish", "de"), ("", "de"), ("de", "")])
def test_other_languages_do_not(one: str, other: str) -> None:
    assert not same_language(one, (other, None))


def test_a_language_that_the_table_lacks_still_matches_itself() -> None:
    assert same_language("Klingon", ("tlh", "Klingon"))


def test_lists_in_errors_are_bounded_and_counted() -> None:
    assert listed(["a", "b"]) == "a, b"
    assert listed([str(n) for n in range(15)]).endswith("8, 9 and 5 more")


def test_what_is_repeated_is_bounded_and_on_one_line() -> None:
    assert quoted("x" * 10_000) == f'"{"x" * 59}…"'
    assert quoted("a\n\x1b[31mb\u202e") == '"a [31mb"'

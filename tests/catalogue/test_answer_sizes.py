"""What a default answer weighs in tokens, on a library of ten thousand items, beside its budget."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from typing import Any

import pytest
import quicktok

from tests.tools.household import Household, household

LIST, DETAILS, HARD_CAP = 1500, 700, 20_000
DEFAULTS: list[tuple[str, dict[str, Any], int]] = [
    ("search_media", {"query": "the"}, LIST),
    ("search_media", {"media_type": "movie"}, LIST),
    ("search_media", {"media_type": "show"}, LIST),
    ("search_media", {"media_type": "episode"}, LIST),
    ("search_media", {"media_type": "artist"}, LIST),
    ("search_media", {"media_type": "album"}, LIST),
    ("search_media", {"media_type": "track"}, LIST),
    ("get_recently_added", {}, LIST),
    ("get_recently_added", {"media_type": "episode"}, LIST),
    ("get_on_deck", {}, LIST),
    ("get_watch_history", {}, LIST),
    ("list_libraries", {}, LIST),
    ("list_clients", {}, LIST),
    ("get_playback_status", {}, LIST),
    ("get_media_details", {"media_id": "movie"}, DETAILS),
    ("get_media_details", {"media_id": "show"}, DETAILS),
    ("get_media_details", {"media_id": "season"}, DETAILS),
    ("get_media_details", {"media_id": "episode"}, DETAILS),
    ("get_media_details", {"media_id": "artist"}, DETAILS),
    ("get_media_details", {"media_id": "album"}, DETAILS),
    ("get_media_details", {"media_id": "track"}, DETAILS),
]
LARGEST: list[tuple[str, dict[str, Any]]] = [
    ("search_media", {"media_type": "episode", "limit": 50}),
    ("get_recently_added", {"limit": 50}),
    ("get_on_deck", {"limit": 50}),
    ("get_watch_history", {"limit": 50}),
    (
        "get_media_details",
        {"media_id": "season", "include_chapters": True, "include": ["children", "versions", "similar"]},
    ),
    ("get_media_details", {"media_id": "movie", "include_chapters": True, "include": ["versions", "similar"]}),
]


def tokens(value: Any) -> int:
    return len(quicktok.get_encoding("o200k_base").encode(json.dumps(value, ensure_ascii=False, separators=(",", ":"))))


@pytest.fixture(scope="module", params=["small", "10k"])
def home(request: pytest.FixtureRequest) -> Iterator[Household]:
    with household(library=request.param) as running:
        yield running


def answer(home: Household, name: str, arguments: dict[str, Any]) -> dict[str, Any]:
    kind = arguments.get("media_id")
    if kind is not None:
        longest = max(home.plex.library.of_kind(kind)[:200], key=lambda item: len(item.roles) + len(item.children))
        arguments = {**arguments, "media_id": str(longest.rating_key)}
    return home.call(name, **arguments)


@pytest.mark.parametrize(("name", "arguments", "budget"), DEFAULTS, ids=str)
def test_a_default_answer_stays_within_its_budget(
    home: Household, name: str, arguments: dict[str, Any], budget: int, capsys: pytest.CaptureFixture[str]
) -> None:
    found = answer(home, name, arguments)
    size = tokens(found)
    with capsys.disabled():
        count = f", {len(found['items'])} items" if "items" in found else ""
        sys.stdout.write(f"\n  {name} {arguments}: {size} tokens of {budget}{count}")
    assert 0 < size <= budget


@pytest.mark.parametrize(("name", "arguments"), LARGEST, ids=str)
def test_the_largest_answers_stay_far_from_what_clients_refuse(
    home: Household, name: str, arguments: dict[str, Any]
) -> None:
    assert tokens(answer(home, name, arguments)) <= HARD_CAP / 3


@pytest.mark.parametrize(("name", "arguments", "budget"), DEFAULTS, ids=str)
def test_nothing_unset_is_written(home: Household, name: str, arguments: dict[str, Any], budget: int) -> None:
    def leaves(value: Any) -> Iterator[Any]:
        if isinstance(value, dict):
            for part in value.values():
                yield from leaves(part)
        elif isinstance(value, list):
            for part in value:
                yield from leaves(part)
        else:
            yield value

    found = answer(home, name, arguments)
    assert None not in list(leaves({key: value for key, value in found.items() if key != "items"}))
    for item in found.get("items", []):
        assert all(value not in (None, "", []) for value in item.values())

"""Two levels, one answer: Fresh, Stale or Miss."""

from __future__ import annotations

from typing import Any

import pytest
from structlog.testing import capture_logs

from plex_mcp.calls.cache import Fresh, Miss, Stale, TieredCache
from plex_mcp.calls.entry import CacheKey, Packed, pack
from plex_mcp.secret import Secret
from plex_mcp.tools._tool import Image
from tests.fakes import Clock, list_playing, list_titles
from tests.unit.calls.caching import ARGUMENTS, Fixture


def test_an_empty_cache_misses() -> None:
    assert Fixture().lookup() == Miss()


def test_what_is_stored_is_fresh_until_its_ttl_then_stale_until_its_retention_then_gone() -> None:
    it = Fixture(CACHE_STALE_RETENTION="100")
    it.store()
    it.clock.now += 59.9
    found = it.lookup()
    assert isinstance(found, Fresh)
    assert found.tier == "hit_l1"
    it.clock.now += 0.2
    assert isinstance(it.lookup(), Stale)
    it.clock.now += 99.8
    assert isinstance(it.lookup(), Stale)
    it.clock.now += 0.2
    assert it.lookup() == Miss()


def test_a_setting_overrides_the_tools_own_ttl() -> None:
    it = Fixture(CACHE_TTL_SEARCH="7")
    from dataclasses import replace

    assert it.cache.ttl_s(replace(list_titles, ttl_setting="cache_ttl_search_s")) == 7.0
    assert it.cache.ttl_s(list_titles) == 60.0
    assert it.cache.ttl_s(replace(list_titles, ttl_s=0.0)) == 0.0


def test_redis_keeps_an_answer_for_ttl_and_retention_from_when_plex_was_asked() -> None:
    it = Fixture(CACHE_STALE_RETENTION="100")
    it.store(stored_at=it.clock() - 10)
    assert it.shared.expiries_s == [150.0]


def test_a_tools_own_retention_undercuts_the_general_one_and_never_raises_it() -> None:
    assert Fixture().cache.retention_s(list_playing) == 300.0
    assert Fixture(CACHE_STALE_RETENTION="10").cache.retention_s(list_playing) == 10.0


def test_another_process_finds_in_redis_what_this_one_stored_pictures_included() -> None:
    here = Fixture()
    here.store(images=(Image(b"\x89PNG", "image/png"),))
    there = Fixture(here.shared)
    found = there.lookup()
    assert isinstance(found, Fresh)
    assert found.tier == "hit_l2"
    assert (
        found.entry.outcome.body == b'"structuredContent":{"titles":["A"],"as_of":"2027-01-15T08:00:00Z"},"pictures":1'
    )
    assert found.entry.images == (Image(b"\x89PNG", "image/png"),)
    loads = there.shared.loads
    assert isinstance(there.lookup(), Fresh)
    assert there.shared.loads == loads, "once read, an answer is in the process"


def test_the_newer_of_two_copies_wins() -> None:
    it = Fixture()
    it.store(b'{"titles":["old"]}')
    it.clock.now += 70
    newer = Packed(it.clock() - 1, 60.0, b'{"titles":["new"]}')
    it.shared.held[it.key.redis_name()] = pack(newer)
    found = it.lookup()
    assert isinstance(found, Fresh)
    assert b"new" in found.entry.outcome.structured
    it.shared.held[it.key.redis_name()] = pack(Packed(it.clock() - 30, 60.0, b'{"titles":["older"]}'))
    it.clock.now += 60
    found = it.lookup()
    assert isinstance(found, Stale)
    assert b"new" in found.entry.outcome.structured


def test_an_answer_that_was_asked_for_earlier_does_not_replace_a_newer_one() -> None:
    it = Fixture()
    it.store(b'{"titles":["after the command"]}')
    it.store(b'{"titles":["before"]}', stored_at=it.clock() - 2)
    found = it.lookup()
    assert isinstance(found, Fresh)
    assert b"after" in found.entry.outcome.structured
    assert len(it.shared.expiries_s) == 1, "nor in Redis"


def test_outdated_answers_are_stale_copies_until_they_are_loaded_again() -> None:
    it = Fixture()
    it.store()
    it.clock.now += 1
    it.cache.outdate(list_titles)
    assert it.cache.recent(it.key, list_titles) is None
    assert isinstance(it.lookup(), Stale)
    it.store(b'{"titles":["B"]}', stored_at=it.clock() - 1)
    assert isinstance(it.lookup(), Stale), "it was asked for before"
    it.store(b'{"titles":["B"]}')
    assert isinstance(it.lookup(), Fresh)


def test_another_replica_learns_from_redis_what_is_outdated() -> None:
    it = Fixture()
    it.store()
    it.clock.now += 1
    it.cache.outdate(list_titles)
    other = Fixture(it.shared)
    other.clock.now += 2
    assert isinstance(other.lookup(), Stale)
    other.store(b'{"titles":["B"]}')
    assert isinstance(other.lookup(), Fresh)


@pytest.mark.parametrize("odd", [b"nan", b"inf", b"soon", b"", b"99999999999"])
def test_odd_bytes_about_what_is_outdated_cost_one_load_at_most(odd: bytes) -> None:
    it = Fixture()
    it.store()
    it.shared.held[it.key.outdated_name()] = odd
    other = Fixture(it.shared)
    other.lookup()
    other.store()
    assert isinstance(other.lookup(), Fresh)


def test_corrupt_bytes_in_redis_are_a_miss() -> None:
    it = Fixture()
    it.shared.held[it.key.redis_name()] = b"not ours"
    with capture_logs() as lines:
        assert it.lookup() == Miss()
    assert lines == [
        {"event": "cache.entry_corrupt", "tool": "list_titles", "check": "shape", "log_level": "warning"},
    ]


def test_an_answer_asked_for_before_a_command_is_not_fresh_whoever_stores_it_after() -> None:
    reading = Fixture()
    commanding, third = Fixture(reading.shared), Fixture(reading.shared)
    asked_at = reading.clock()
    commanding.clock.now += 1.123456789
    commanding.cache.outdate(list_titles)
    commanding.store(b'{"titles":["after"]}')
    reading.clock.now += 2
    third.clock.now += 2
    assert isinstance(third.lookup(), Fresh), "what the command knew is"
    reading.store(b'{"titles":["before"]}', stored_at=asked_at)
    late = Fixture(reading.shared)
    late.clock.now += 3
    assert isinstance(late.lookup(), Stale)
    found = commanding.lookup()
    assert isinstance(found, Fresh)
    assert b"after" in found.entry.outcome.structured


def test_the_process_keeps_no_more_bytes_than_it_may_and_drops_the_least_recently_used() -> None:
    it = Fixture(CACHE_L1_MAX_BYTES="50000")
    keys = [it.cache.key(list_titles, {**ARGUMENTS, "limit": limit}) for limit in range(1, 11)]
    for key in keys:
        it.cache.store(key, list_titles, b'{"titles":["%s"]}' % (b"x" * 4000), (), stored_at=it.clock())
        assert it.cache.recent(keys[0], list_titles), "the one in use stays"
    kept = [key for key in keys if it.cache.recent(key, list_titles)]
    held = sum(entry.size_bytes() for key in kept if (entry := it.cache.recent(key, list_titles)))
    assert kept == [keys[0], *keys[-len(kept) + 1 :]]
    assert 40_000 < held <= 50_000


def test_of_two_answers_of_one_instant_the_later_is_kept() -> None:
    it = Fixture()
    it.store(b'{"titles":["read"]}')
    it.store(b'{"titles":["re-read by a command"]}')
    found = it.lookup()
    assert isinstance(found, Fresh)
    assert b"command" in found.entry.outcome.structured


def test_an_answer_that_just_fits_is_kept() -> None:
    needed = Fixture().cache.store(Fixture().key, list_titles, b"{}", (), stored_at=Clock()()).size_bytes()
    for room, kept in ((needed, 1), (needed - 1, 0)):
        it = Fixture(CACHE_L1_MAX_BYTES=str(room))
        it.store(b"{}")
        assert len(it.cache) == kept


def test_an_answer_larger_than_the_whole_room_is_served_and_not_kept() -> None:
    it = Fixture(CACHE_L1_MAX_BYTES="1000")
    it.store()
    assert len(it.cache) == 0
    found = it.lookup()
    assert isinstance(found, Fresh)
    assert found.tier == "hit_l2"


def test_a_new_token_sees_nothing_of_what_the_old_one_was_shown(tmp_path: Any) -> None:
    path = tmp_path / "token"
    path.write_text("first-token")
    it = Fixture()
    object.__setattr__(it.cache._settings, "plex_token", Secret.from_file(path))
    before = it.cache.key(list_titles, ARGUMENTS)
    path.write_text("second-token-of-other-length")
    assert it.cache.key(list_titles, ARGUMENTS) != before


def test_another_threads_key_is_of_the_new_token_too_while_it_is_rotated(monkeypatch: pytest.MonkeyPatch) -> None:
    """At whatever point of taking it up the other thread comes in between."""
    it = Fixture()
    others: list[CacheKey] = []
    object.__setattr__(it.cache._settings, "plex_token", Secret("the-new-token"))

    def interrupted(cache: TieredCache, name: str, value: Any) -> None:
        object.__setattr__(cache, name, value)
        if len(others) < 1:
            others.append(it.cache.key(list_titles, ARGUMENTS))

    monkeypatch.setattr(TieredCache, "__setattr__", interrupted)
    mine = it.cache.key(list_titles, ARGUMENTS)
    assert others == [mine] != [it.key]


def test_an_answer_from_redis_costs_one_round_trip() -> None:
    here = Fixture()
    here.store()
    there = Fixture(here.shared)
    here.shared.loads = 0
    assert isinstance(there.lookup(), Fresh)
    assert here.shared.loads == 1


@pytest.mark.parametrize("tool", [list_titles, list_playing])
def test_the_hot_path_asks_no_redis(tool: Any) -> None:
    it = Fixture()
    key = it.cache.key(tool, tool.parse({}))
    it.cache.store(key, tool, b'{"titles":[]}', (), stored_at=it.clock())
    it.shared.loads = 0
    assert it.cache.recent(key, tool)
    assert it.shared.loads == 0

"""Of one answer each asks for its part; and how far the process trusts its copy of what others change."""

from __future__ import annotations

import json
from typing import Any

import pytest

from plex_mcp.calls.cache import Fresh, Stale
from plex_mcp.calls.entry import Packed, pack
from tests.fakes import list_playing, list_titles
from tests.unit.calls.caching import Fixture


class TestViews:
    def entry(self, it: Fixture, *titles: str) -> Any:
        key = it.cache.key(list_playing, {"user": "anna"})
        body = json.dumps({"titles": titles}).encode()
        return it.cache.store(key, list_playing, body, (), stored_at=it.clock())

    def test_all_arguments_share_one_answer_and_see_their_part_of_it(self) -> None:
        it = Fixture()
        entry = self.entry(it, "anna: A", "ben: B")
        assert it.cache.key(list_playing, {"user": "anna"}) == it.cache.key(list_playing, {"user": None})
        seen = it.cache.present(entry, list_playing, {"user": "anna"})
        assert json.loads(seen.structured) == {"titles": ["anna: A"], "as_of": "2027-01-15T08:00:00Z"}
        assert seen.body == b'"structuredContent":' + seen.structured + b',"pictures":0'
        assert it.cache.present(entry, list_playing, {"user": "anna"}) is seen, "cut once"
        assert json.loads(it.cache.present(entry, list_playing, {"user": None}).structured)["titles"] == [
            "anna: A",
            "ben: B",
        ]

    def test_room_is_kept_for_the_views_of_an_answer_that_is_never_sent_whole(self) -> None:
        it = Fixture()
        entry = self.entry(it, "anna: A")
        assert entry.outcome.body == b""
        assert entry.size_bytes() == len(entry.outcome.structured) + 16 * 4096 + 1500
        whole = it.cache.store(it.key, list_titles, b'{"titles":[]}', (), stored_at=it.clock())
        assert whole.size_bytes() == len(whole.outcome.body) + len(whole.outcome.structured) + 1500

    def test_views_are_bounded(self) -> None:
        it = Fixture()
        entry = self.entry(it, "a", "b")
        for number in range(40):
            it.cache.present(entry, list_playing, {"user": f"b{number}"})
        assert len(entry.views) == 16

    @pytest.mark.parametrize(("more", "kept"), [(0, True), (1, False)])
    def test_a_view_of_more_than_four_kilobytes_is_cut_anew_each_time(self, more: int, kept: bool) -> None:
        it = Fixture()
        around = '"structuredContent":{"titles":[""],"as_of":"2027-01-15T08:00:00Z"},"pictures":0'
        entry = self.entry(it, "a" * (4096 - len(around) + more))
        seen = it.cache.present(entry, list_playing, {"user": None})
        assert len(seen.body) == 4096 + more
        assert (it.cache.present(entry, list_playing, {"user": None}) is seen) is kept

    def test_a_stale_view_is_marked(self) -> None:
        it = Fixture()
        entry = self.entry(it, "anna: A", "ben: B")
        seen = it.cache.present_stale(entry, list_playing, {"user": "ben"}, "Plex is down")
        assert seen.outcome == "stale"
        assert json.loads(seen.structured) == {
            "titles": ["ben: B"],
            "as_of": "2027-01-15T08:00:00Z",
            "stale": True,
            "note": "Plex is down; this is a copy from 2027-01-15T08:00:00Z and may be out of date.",
        }

    def test_the_process_trusts_its_copy_for_a_few_seconds_then_asks_redis_again(self) -> None:
        it = Fixture()
        self.entry(it, "anna: A")
        key = it.cache.key(list_playing, {"user": None})
        it.clock.now += 4.75
        assert it.cache.recent(key, list_playing)
        it.clock.now += 0.25
        assert it.cache.recent(key, list_playing) is None
        found = it.cache.lookup(key, list_playing)
        assert isinstance(found, Fresh)
        assert found.tier == "hit_l1", "Redis holds the same"
        assert it.cache.recent(key, list_playing), "confirmed, and trusted again"
        it.clock.now += 6
        it.shared.held[key.redis_name()] = pack(Packed(it.clock() - 1, 30.0, b'{"titles":["anna: B"]}'))
        found = it.cache.lookup(key, list_playing)
        assert isinstance(found, Fresh)
        assert b"anna: B" in found.entry.outcome.structured, "what another replica wrote after a command"

    def test_with_redis_down_a_copy_is_used_while_it_is_fresh(self) -> None:
        it = Fixture()
        self.entry(it, "anna: A")
        it.shared.down = True
        it.clock.now += 10
        assert isinstance(it.cache.lookup(it.cache.key(list_playing, {"user": None}), list_playing), Fresh)

    def test_a_copy_that_redis_does_not_have_any_more_is_a_stale_copy_at_best(self) -> None:
        """Another replica deletes what its command has made untrue."""
        it = Fixture()
        self.entry(it, "anna: A")
        key = it.cache.key(list_playing, {"user": None})
        it.shared.held.clear()
        assert it.cache.recent(key, list_playing), "trusted for a few seconds"
        it.clock.now += 5.1
        assert isinstance(it.cache.lookup(key, list_playing), Stale)
        self.entry(it, "anna: B")
        assert isinstance(it.cache.lookup(key, list_playing), Fresh)

    def test_another_tools_copy_is_fresh_by_its_ttl_whatever_redis_has_evicted(self) -> None:
        it = Fixture()
        it.store()
        it.shared.held.clear()
        it.clock.now += 50
        assert isinstance(it.lookup(), Fresh)

"""What is loaded at the start, and when the process counts as started."""

from __future__ import annotations

import threading
from typing import Any

from structlog.testing import capture_logs

from plex_mcp.calls.warmup import WarmUp
from plex_mcp.errors import PlexUnavailable
from tests.fakes import WAIT_S, Clock, list_titles, show_poster

DOWN = PlexUnavailable("down")


class TestWarmUp:
    def run(self, call: Any, tools: Any = None) -> tuple[WarmUp, Clock]:
        clock = Clock(0.0)
        warm_up = WarmUp(tools or {"list_libraries": list_titles}, call, monotonic=clock)
        warm_up._gives_up_at = 20.0
        warm_up._run()
        return warm_up, clock

    def test_it_calls_with_the_keys_of_a_call_without_arguments(self) -> None:
        calls: list[Any] = []
        warm_up, _ = self.run(lambda tool, arguments, info: calls.append((tool, arguments, info.client_name)))
        assert calls == [(list_titles, list_titles.parse({}), "warm-up")]
        assert warm_up.is_over()

    def test_the_log_tells_what_was_warmed_and_what_was_not(self) -> None:
        clock = Clock(100.0)

        def call(tool: Any, arguments: Any, info: Any) -> None:
            clock.now += 0.5061
            if tool is show_poster:
                raise DOWN

        tools = {"list_libraries": list_titles, "get_recently_added": show_poster, "get_on_deck": list_titles}
        warm_up = WarmUp(tools, call, monotonic=clock)
        with capture_logs() as lines:
            warm_up._run()
        assert lines == [
            {
                "event": "warmup.tool_failed",
                "tool": "get_recently_added",
                "code": "PLEX_UNAVAILABLE",
                "log_level": "warning",
            },
            {"event": "warmup.ended", "warm": 2, "took_s": 1.52, "log_level": "info"},
        ]

    def test_its_thread_has_a_name_and_keeps_no_process_alive(self) -> None:
        seen: list[threading.Thread] = []
        warm_up = WarmUp({"get_on_deck": list_titles}, lambda *_: seen.append(threading.current_thread()))
        warm_up.start()
        assert warm_up._over.wait(WAIT_S)
        assert [(thread.name, thread.daemon) for thread in seen] == [("warm-up", True)]

    def test_a_tool_that_fails_does_not_stop_the_next(self) -> None:
        asked: list[str] = []

        def fail(*_: Any) -> None:
            asked.append("x")
            raise DOWN

        warm_up, _ = self.run(fail, {"list_libraries": list_titles, "get_on_deck": list_titles})
        assert len(asked) == 2
        assert warm_up.is_over()

    def test_it_counts_as_over_after_twenty_seconds(self) -> None:
        clock, gate, began = Clock(0.0), threading.Event(), threading.Event()

        def hang(*_: Any) -> None:
            began.set()
            assert gate.wait(WAIT_S)

        warm_up = WarmUp({"list_libraries": list_titles, "get_on_deck": list_titles}, hang, monotonic=clock)
        assert not warm_up.is_over()
        warm_up.start()
        assert began.wait(WAIT_S)
        assert not warm_up.is_over()
        clock.now = 20.0
        assert warm_up.is_over()
        gate.set()
        assert warm_up._over.wait(WAIT_S)

    def test_it_may_be_skipped(self) -> None:
        warm_up = WarmUp({}, lambda *_: None)
        warm_up.skip()
        assert warm_up.is_over()

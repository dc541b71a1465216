"""Progress over server-sent events: a call in a thread of its own, its request's thread writing what it reports.

The answer becomes a stream only when the call first reports something or takes long, so an early failure keeps its
HTTP status. The number of streams is bounded; beyond it a call is answered plainly, without progress.
"""

from __future__ import annotations

import contextvars
import math
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue
from typing import Any

from plex_mcp.protocol.jsonrpc import to_json_bytes
from plex_mcp.protocol.reply import EVENTS_TYPE, Reply

COMMIT_AFTER_S = 15.0
"""A stream begins at the latest after this long, so that proxies see life."""

HEARTBEAT_S = 2.0
"""Between comments on a quiet stream. Writing is how a client that left is noticed, so well under a call's deadline."""

Work = Callable[["Progress"], Reply]


@dataclass(slots=True)
class Progress:
    """One call's way to report. Calling it is safe from any thread; what does not increase is dropped (a MUST)."""

    token: str | int
    events: SimpleQueue[bytes | Reply]
    cancelled: threading.Event = field(default_factory=threading.Event)
    _last: float = -math.inf
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __call__(self, progress: float, total: float | None = None, message: str = "") -> None:
        params: dict[str, Any] = {"progressToken": self.token, "progress": progress}
        if total is not None:
            params["total"] = total
        if message:
            params["message"] = message
        notification = {"jsonrpc": "2.0", "method": "notifications/progress", "params": params}
        with self._lock:
            if progress <= self._last or self.cancelled.is_set():
                return
            self._last = progress
            self.events.put(to_json_bytes(notification))


class Streams:
    """The bounded set of calls that may report progress. Threads start with the first call, never before a fork."""

    def __init__(self, *, limit: int, commit_after_s: float = COMMIT_AFTER_S, heartbeat_s: float = HEARTBEAT_S) -> None:
        self._free = threading.BoundedSemaphore(limit)
        self._pool = ThreadPoolExecutor(max_workers=limit, thread_name_prefix="progress")
        self._commit_after_s = commit_after_s
        self._heartbeat_s = heartbeat_s

    def run(self, work: Work, *, token: str | int, cancels: bool) -> Reply | None:
        """Run `work` and give its reply, as a stream if it reports. None when all streams are taken.

        `cancels`: a client that closes the stream cancels the call (2026-07-28); it does not before.
        """
        if not self._free.acquire(blocking=False):
            return None
        progress = Progress(token, SimpleQueue())
        context = contextvars.copy_context()
        try:
            self._pool.submit(context.run, self._work, work, progress)
        except RuntimeError:  # the interpreter is shutting down
            self._free.release()
            return None
        try:
            first = progress.events.get(timeout=self._commit_after_s)
        except Empty:
            first = b""
        if isinstance(first, Reply):
            return first
        return Reply(200, content_type=EVENTS_TYPE, stream=self._events(first, progress, cancels=cancels))

    def _work(self, work: Work, progress: Progress) -> None:
        try:
            progress.events.put(work(progress))
        finally:
            self._free.release()

    def _events(self, first: bytes | Reply, progress: Progress, *, cancels: bool) -> Iterator[bytes]:
        event = first
        try:
            while True:
                if isinstance(event, Reply):
                    yield _event(event.body or b"")
                    return
                yield _event(event) if event else b": ping\n\n"
                try:
                    event = progress.events.get(timeout=self._heartbeat_s)
                except Empty:
                    event = b""
        except GeneratorExit:
            if cancels:
                progress.cancelled.set()
            raise


def _event(data: bytes) -> bytes:
    # One line: our JSON is compact and escapes line breaks.
    return b"event: message\ndata: " + data + b"\n\n"

"""What came in: by path, how many at once, what nobody should have asked for."""

import threading
from collections import Counter, deque

_RECENT = 2000


class Counters:
    """Counts since the start or the last ``reset()``; reading them needs no lock.

    ``requests`` all requests · ``by_path`` route template (``/library/metadata/{ids}``) → requests · ``paths`` the
    newest 2,000 as ``"GET /path?query"`` · ``bytes_sent`` of answers, heads and all, packed where gzip was asked for ·
    ``unknown_paths`` paths answered 404 for want of a route · ``tokens_in_urls`` targets that carried a token ·
    ``connections_now`` and ``connections_peak`` · ``in_flight_now`` and ``in_flight_peak`` (read, but not yet answered
    to the last byte) · ``failures`` tracebacks of the stand-in's own bugs.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.connections_now = 0
        self.in_flight_now = 0
        self.reset()

    def reset(self) -> None:
        """Start counting anew; peaks start from what is open now."""
        with self._lock:
            self.requests = 0
            self.bytes_sent = 0
            self.by_path: Counter[str] = Counter()
            self.paths: deque[str] = deque(maxlen=_RECENT)
            self.unknown_paths: list[str] = []
            self.tokens_in_urls: list[str] = []
            self.failures: list[str] = []
            self.connections_peak = self.connections_now
            self.in_flight_peak = self.in_flight_now

    def opened(self) -> None:
        """A connection was accepted."""
        with self._lock:
            self.connections_now += 1
            self.connections_peak = max(self.connections_peak, self.connections_now)

    def closed(self) -> None:
        """A connection ended."""
        with self._lock:
            self.connections_now -= 1

    def begin(self, method: str, target: str, template: str | None) -> None:
        """A request has been read."""
        with self._lock:
            self.requests += 1
            self.in_flight_now += 1
            self.in_flight_peak = max(self.in_flight_peak, self.in_flight_now)
            self.by_path[template or "unknown"] += 1
            self.paths.append(f"{method} {target}")
            if template is None:
                self.unknown_paths.append(f"{method} {target}")
            if "x-plex-token=" in target.lower():
                self.tokens_in_urls.append(target)

    def end(self, sent_bytes: int = 0) -> None:
        """Its answer has been sent."""
        with self._lock:
            self.in_flight_now -= 1
            self.bytes_sent += sent_bytes

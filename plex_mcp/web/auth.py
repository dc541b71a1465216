"""Bearer tokens: who may call, how often a token may call, and how often an address may guess.

A valid token is never refused because of its address: behind an ingress all callers may share one, and whoever guesses
there would lock everybody out. So guessing is answered with 429, not slowed down: it is the length of the token that
makes it hopeless.
"""

from __future__ import annotations

import hmac
import ipaddress
import math
import threading
import time
from collections.abc import Callable
from http import HTTPStatus

import structlog
from cachetools import TTLCache
from flask import Blueprint, request

from plex_mcp.settings import Settings
from plex_mcp.web.rate import TokenRate
from plex_mcp.web.refusal import refused

log = structlog.get_logger(__name__)

FAILURES_PER_MINUTE = 10
"""Failed attempts a minute that one address is answered 401 for; then 429."""

_WINDOW_S = 60.0
_MAX_ADDRESSES = 4096  # about 1 MB at worst; the oldest is forgotten


def install_auth(blueprint: Blueprint, settings: Settings, *, clock: Callable[[], float] = time.monotonic) -> None:
    """Require a bearer token on every request of `blueprint`: 401, and 429 with `Retry-After`.

    The header only, never the query string; compared in constant time; tokens are read again when their file changes.
    """
    failures = FailedAttempts(clock=clock)
    rate = TokenRate(settings.rate_limit_per_min) if settings.rate_limit_per_min else None

    @blueprint.before_request
    def require_token() -> None:
        header = request.environ.get("HTTP_AUTHORIZATION", "")
        token = _matching_token(header, settings.auth_tokens())
        if token is None:
            raise _refusal(header, failures)
        if rate is not None and (wait_s := rate.take(token)) is not None:
            raise refused(
                "rate_limited",
                HTTPStatus.TOO_MANY_REQUESTS,
                f"More than {settings.rate_limit_per_min} calls a minute with this token; see RATE_LIMIT.",
                ("Retry-After", str(math.ceil(wait_s))),
            )


def _matching_token(header: str, tokens: tuple[str, ...]) -> str | None:
    """The accepted token that an Authorization header holds. All are compared, so that time tells nothing."""
    scheme, _, sent = header.partition(" ")
    sent_bytes = sent.strip().encode("latin-1", "replace")
    match = None
    for token in tokens:
        if hmac.compare_digest(token.encode(), sent_bytes):
            match = token
    return match if scheme.lower() == "bearer" else None


def _refusal(header: str, failures: FailedAttempts) -> Exception:
    address = address_group(request.remote_addr or "")
    count, wait_s = failures.add(address)
    if count in {1, FAILURES_PER_MINUTE + 1}:  # two lines a minute and address, however many attempts
        log.warning("auth.refused", address=address, limited=count > 1, had_token=bool(header))
    if count > FAILURES_PER_MINUTE:
        return refused(
            "guessing",
            HTTPStatus.TOO_MANY_REQUESTS,
            "Too many failed attempts from this address.",
            ("Retry-After", str(math.ceil(wait_s))),
        )
    challenge = 'Bearer realm="plex-mcp"' + (', error="invalid_token"' if header else "")
    message = "The bearer token is wrong." if header else "A bearer token is required."
    return refused("unauthorized", HTTPStatus.UNAUTHORIZED, message, ("WWW-Authenticate", challenge))


class FailedAttempts:
    """Failed attempts per address in windows of a minute, in bounded memory."""

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._windows: TTLCache[str, list[float]] = TTLCache(_MAX_ADDRESSES, ttl=_WINDOW_S, timer=clock)

    def add(self, address: str) -> tuple[int, float]:
        """Count one; return how many the window now holds and the seconds until it ends."""
        with self._lock:
            window = self._windows.get(address)
            if window is None:
                window = self._windows[address] = [0, self._clock() + _WINDOW_S]
            window[0] += 1
            return int(window[0]), max(1.0, window[1] - self._clock())


def address_group(address: str) -> str:
    """The address; of IPv6 the /64, since whoever has one address there has all of them."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return "unknown"
    if parsed.version == 4:
        return address
    return str(ipaddress.ip_network((parsed, 64), strict=False).network_address)

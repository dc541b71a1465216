"""The HTTP session that every request to Plex goes through.

It bounds what requests does not: the total time of a request (the call's deadline, watched over dripping headers and
bodies), the size of an answer, the number of connections, and where a redirect may lead (requests would carry the token
to any host). plex.tv is asked through it too: what is set for the home's own server says nothing of that one, so its
certificate is always verified, by the public authorities. Failures are raised as ours before python-plexapi can swallow
them: `PlexServer.library` takes every status for "not an owner" and asks again.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from http.cookiejar import DefaultCookiePolicy
from typing import Any
from urllib.parse import urljoin, urlsplit

import requests
import urllib3
from requests.adapters import HTTPAdapter

from plex_mcp.errors import PlexBadAnswer, PlexForbidden, PlexRefusedToken, PlexTimeout, ToolError
from plex_mcp.plex.connections import Pool, TLSPool
from plex_mcp.plex.errors import endpoint_template, from_requests, from_status, timed_out
from plex_mcp.settings import Settings
from plex_mcp.telemetry.metrics import PLEX_REQUESTS
from plex_mcp.watchdog import Watchdog

MAX_ANSWER_BYTES = 16 * 1024 * 1024
"""No page of at most 50 items comes near it; an endless body must not eat the pod's memory."""

_CHUNK_BYTES = 64 * 1024
_MAX_REDIRECTS = 3
# What may rightly answer with nothing, and players that answer `OK` where XML belongs.
_FREE_FORM = ("/:/", "/player/", "/status/sessions/terminate", "/photo/")
_COMMANDS = ("/:/", "/player/", "/status/sessions/terminate")
"""What a GET of these may change; so does whatever is no GET."""
_ROOTS_OF_MANY_NAMES = ("/api", "/myplex", "/users")
_PLEX_ROOT = re.compile(rb"(?:<\?xml[^>]*>)?\s*<MediaContainer[\s/>]")
# Plex needs none, and one that plex.tv set for one user would be sent for all.
_NO_COOKIES = DefaultCookiePolicy(allowed_domains=[])
_OUTCOMES = {outcome: PLEX_REQUESTS.labels(outcome) for outcome in ("ok", "refused", "failed", "timeout")}


@dataclass(slots=True)
class CallScope:
    """One call's use of Plex. `deadline`: the monotonic instant that no request of the call outlives; `requests`: sent
    to the server so far (those to plex.tv say nothing of it); `answered`: the first of them, counted from 1, whose
    answer was neither an error nor a redirect; `commands`: those that may have changed something, counted before they
    leave; `plex_s`: seconds spent in all of them."""

    deadline: float
    requests: int = 0
    answered: int = 0
    commands: int = 0
    plex_s: float = 0.0


_scope: ContextVar[CallScope | None] = ContextVar("plex_call_scope", default=None)


@contextmanager
def call_scope(scope: CallScope) -> Iterator[CallScope]:
    """Requests that this thread sends inside belong to `scope`."""
    token = _scope.set(scope)
    try:
        yield scope
    finally:
        _scope.reset(token)


def current_scope() -> CallScope | None:
    """The scope that this thread's requests belong to."""
    return _scope.get()


def build_session(settings: Settings) -> requests.Session:
    """A session for Plex: at most `PLEX_POOL_SIZE` connections to a host, deadlines, no environment, own errors."""
    session = _Session()
    session.trust_env = False  # no proxies, no .netrc, no CA bundle from the environment
    session.max_redirects = _MAX_REDIRECTS
    session.cookies.set_policy(_NO_COOKIES)
    # A page is 15 kB and Plex is near: packing and unpacking it takes 1 ms longer than sending it as it is (measured).
    session.headers["Accept-Encoding"] = "identity"
    if not settings.plex_verify_tls:
        # Said once, at start, by whoever turned it off; not again with every request.
        urllib3.disable_warnings(urllib3.exceptions.InsecureRequestWarning)
    adapter = _DeadlineAdapter(settings)
    session.hooks["response"].append(adapter.judge)
    session.mount("http://", adapter)
    session.mount("https://", adapter)
    return session


class _Session(requests.Session):
    def prepare_request(self, request: requests.Request) -> requests.PreparedRequest:
        """A GET that has parameters and headers alone; requests' way through all that one could have takes 0.2 ms."""
        other = request.data or request.json or request.files or request.auth or request.cookies
        if request.method != "GET" or other:
            prepared = super().prepare_request(request)
        else:
            prepared = requests.PreparedRequest()
            prepared.method = "GET"
            prepared.prepare_url(request.url, request.params)
            prepared.prepare_headers({**self.headers, **request.headers})
            prepared.hooks = self.hooks
        prepared._cookies = self.cookies  # type: ignore[attr-defined] # a redirect would fill a jar of its own
        return prepared

    def merge_environment_settings(self, *_args: Any, **_kwargs: Any) -> dict[str, Any]:  # type: ignore[override]
        """The session's own: requests merges them with the environment's, which is not looked at, for each request."""
        return {"verify": self.verify, "proxies": self.proxies, "stream": self.stream, "cert": self.cert}

    def get_redirect_target(self, resp: requests.Response) -> str | None:
        cause = None
        try:
            target: str | None = super().get_redirect_target(resp)
            if target is None or _origin(resp.url) == _origin(urljoin(resp.url, target)):
                return target
        except ValueError as error:  # not UTF-8, or a bracket that nothing closes
            cause = type(error).__name__
        raise PlexBadAnswer(
            "Plex redirects to another address, or to what is none, and the token is not sent there.",
            suggestion="Whoever runs this server should set PLEX_SERVER_URL to Plex's own address.",
            status=resp.status_code,
            endpoint=endpoint_template(resp.url),
            cause=cause,
        )


class _DeadlineAdapter(HTTPAdapter):
    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._home = _origin(requests.Request("GET", settings.plex_server_url).prepare().url or "")
        self._verify = settings.plex_ca_file or settings.plex_verify_tls
        self._watchdog = Watchdog()
        size = settings.plex_pool_size
        # pool_block: an eleventh request waits for a connection instead of opening one.
        super().__init__(pool_connections=4, pool_maxsize=size, pool_block=True, max_retries=0)

    def init_poolmanager(self, connections: int, maxsize: int, block: bool = False, **pool_kwargs: Any) -> None:
        super().init_poolmanager(connections, maxsize, block, **pool_kwargs)
        self.poolmanager.pool_classes_by_scheme = {"http": Pool, "https": TLSPool}

    def send(  # noqa: PLR0917 - requests' signature
        self,
        request: requests.PreparedRequest,
        stream: bool = False,  # noqa: ARG002 - bodies are always read here, under the watch
        timeout: Any = None,
        verify: bool | str = True,
        cert: Any = None,
        proxies: Mapping[str, str] | None = None,
    ) -> requests.Response:
        endpoint = endpoint_template(request.url or "")
        started = time.monotonic()
        scope = current_scope() or CallScope(deadline=started + self._settings.call_deadline_s)
        remaining_s = scope.deadline - started
        if remaining_s <= 0:
            raise timed_out(endpoint, "deadline")
        if self._is_home(request.url):
            verify = self._verify
            scope.requests += 1
            scope.commands += request.method != "GET" or endpoint.startswith(_COMMANDS)
        try:
            with self._watchdog.until(scope.deadline) as watch:
                try:
                    response = super().send(
                        request, True, self._timeouts(timeout, remaining_s), verify, cert, proxies or {}
                    )
                    _read_all(response, endpoint)
                except (requests.exceptions.RequestException, urllib3.exceptions.HTTPError, OSError) as error:
                    cause = type(error).__name__
                    raise (timed_out(endpoint, cause) if watch.fired else from_requests(error, endpoint)) from None
                if watch.fired:  # shut down before the end: what came may look whole without being it
                    raise timed_out(endpoint, "deadline")
        except ToolError as error:
            _OUTCOMES["timeout" if isinstance(error, PlexTimeout) else "failed"].inc()
            raise
        finally:
            scope.plex_s += time.monotonic() - started
        return response

    def judge(self, response: requests.Response, *_args: Any, **_kwargs: Any) -> None:
        """The session's hook: sees each answer, those that redirect too, before anybody else. Raise ToolError."""
        endpoint = endpoint_template(response.url or "")
        if "charset" not in response.headers.get("Content-Type", ""):
            response.encoding = "utf-8"  # what Plex speaks; requests takes text/xml without it for Latin-1
        error = _error_in(response, endpoint)
        if error is not None:
            refused = isinstance(error, PlexRefusedToken | PlexForbidden)
            _OUTCOMES["refused" if refused else "failed"].inc()
            raise error
        _OUTCOMES["ok"].inc()
        scope = current_scope()
        if scope is not None and not scope.answered and not response.is_redirect and self._is_home(response.url):
            scope.answered = scope.requests

    def _is_home(self, url: str | None) -> bool:
        return _origin(url or "") == self._home

    def _timeouts(self, wanted: Any, remaining_s: float) -> tuple[float, float]:
        """(connect, read) seconds: the least of the settings, the caller's own wish and what is left of the call."""
        wanted_s = max(wanted, key=lambda part: part or 0) if isinstance(wanted, tuple) else wanted
        limit_s = min(remaining_s, wanted_s or remaining_s)
        return min(self._settings.plex_connect_timeout_s, limit_s), min(self._settings.plex_read_timeout_s, limit_s)


def _origin(url: str) -> tuple[str, str]:
    parts = urlsplit(url)
    return parts.scheme, parts.netloc


def _read_all(response: requests.Response, endpoint: str) -> None:
    """Read the body while the watch is on, and never more than MAX_ANSWER_BYTES of it."""
    parts: list[bytes] = []
    size = 0
    try:
        for part in response.iter_content(_CHUNK_BYTES):
            size += len(part)
            if size > MAX_ANSWER_BYTES:
                raise PlexBadAnswer(  # noqa: TRY301 - the connection is to be closed, as for every other failure
                    "Plex's answer has no end.", status=response.status_code, endpoint=endpoint
                )
            parts.append(part)
    except Exception:
        # A connection that is half read goes back to nobody by itself, and the pool would be one smaller for good.
        response.close()
        raise
    response._content = b"".join(parts)  # what `.content` itself does


def _error_in(response: requests.Response, endpoint: str) -> ToolError | None:
    status = response.status_code
    # A player that is gone or deaf answers through Plex with 403, 404, 406 or 500 of its own: that is no fault of
    # Plex's, and the tool that commands players has words for each.
    if endpoint.startswith("/player/") and status in {403, 404, 406, 500}:
        return None
    error = from_status(status, endpoint, retry_after_s=_retry_after_s(response))
    if error is not None or status not in {200, 201} or endpoint.startswith(_FREE_FORM):
        return error
    if not response.content.strip():
        return PlexBadAnswer("Plex sent an empty answer.", status=status, endpoint=endpoint, cause="empty")
    # A page can be well-formed XML, and its lack of items is no "0 results".
    if "html" in response.headers.get("Content-Type", "") or _is_foreign_xml(response.content, endpoint):
        return PlexBadAnswer(
            "A web page came where Plex's answer belongs.",
            suggestion="PLEX_SERVER_URL may point to a proxy or a login page; whoever runs this server should check.",
            status=status,
            endpoint=endpoint,
            cause="html",
        )
    return None


def _is_foreign_xml(body: bytes, endpoint: str) -> bool:
    """XML whose root is not Plex's; plex.tv has roots of many names."""
    start = body[:512].lstrip(b"\xef\xbb\xbf \t\r\n")
    return start.startswith(b"<") and not endpoint.startswith(_ROOTS_OF_MANY_NAMES) and not _PLEX_ROOT.match(start)


def _retry_after_s(response: requests.Response) -> float | None:
    text = response.headers.get("Retry-After", "")
    return min(float(text), 300.0) if text.isdecimal() else None

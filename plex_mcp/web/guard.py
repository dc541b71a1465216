"""What every request passes first: Host and Origin allow-lists, the size limit; and what every answer carries.

Without the Host check any web page could rebind its own name to this address and call it from the visitor's browser.
Health endpoints are exempt: a kubelet sends the pod's address as Host, which nobody can know beforehand.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Iterable
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from flask import Flask, request
from werkzeug.middleware.proxy_fix import ProxyFix

from plex_mcp.settings import Settings
from plex_mcp.web.intake import BODY_LIMIT_BYTES
from plex_mcp.web.refusal import install_error_answers, refused
from plex_mcp.web.trace import install_trace

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

TOO_LARGE = f"The body is over {BODY_LIMIT_BYTES} bytes."

_LOOPBACK = frozenset({"localhost", "127.0.0.1", "[::1]"})
_HEADERS = (
    ("X-Content-Type-Options", "nosniff"),
    ("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"),
    ("Referrer-Policy", "no-referrer"),
)
_NO_STORE = ("Cache-Control", "no-store")
_HSTS = ("Strict-Transport-Security", "max-age=31536000")


def install_guard(app: Flask, settings: Settings) -> None:
    """Guard every route of `app`, and turn RequestRejected and whatever else is raised into small JSON bodies.

    `X-Forwarded-For` and `-Proto` count only with `TRUSTED_PROXIES`; `X-Forwarded-Host` never does: a proxy that does
    not overwrite it would let a page that rebinds DNS name any host it likes.
    """
    app.wsgi_app = _SecureHeaders(app.wsgi_app)  # type: ignore[method-assign]
    if settings.trusted_proxies:
        hops = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=0, x_port=0, x_prefix=0)  # type: ignore[method-assign]
    app.config["MAX_CONTENT_LENGTH"] = BODY_LIMIT_BYTES  # the second line, for bodies that state no length
    # A path with two slashes is not found: a redirect would answer before the token is asked for.
    app.url_map.merge_slashes = False
    hosts = allowed_hosts(settings)
    metrics_hosts = hosts | _hosts_of_address(settings.pod_ip)
    origins = frozenset(settings.allowed_origins)

    @app.before_request
    def require_safe_request() -> None:
        environ = request.environ
        path = environ["PATH_INFO"]
        if path.startswith("/health/"):
            return
        host = environ.get("HTTP_HOST", "").lower()
        if not is_listed(host, metrics_hosts if path == "/metrics" else hosts):
            raise refused("host", HTTPStatus.MISDIRECTED_REQUEST, "This Host is not served; see ALLOWED_HOSTS.")
        origin = environ.get("HTTP_ORIGIN")
        if origin is not None and not _is_allowed_origin(origin.lower(), origins, hosts):
            raise refused("origin", HTTPStatus.FORBIDDEN, "This Origin may not call; see ALLOWED_ORIGINS.")
        length = environ.get("CONTENT_LENGTH", "")
        if length.isdecimal() and int(length) > BODY_LIMIT_BYTES:
            raise refused("too_large", HTTPStatus.REQUEST_ENTITY_TOO_LARGE, TOO_LARGE)

    install_error_answers(app)
    if settings.trace_requests:
        install_trace(app)


class _SecureHeaders:
    """Adds to every answer's headers as WSGI has them: through werkzeug's it cost 28 µs."""

    def __init__(self, app: WSGIApplication) -> None:
        self._app = app

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        def start(status: str, headers: list[tuple[str, str]], exc_info: Any = None, /) -> Callable[[bytes], object]:
            headers.extend(_HEADERS)
            if not any(name.lower() == "cache-control" for name, _ in headers):  # a stream has its own
                headers.append(_NO_STORE)
            if environ["wsgi.url_scheme"] == "https":
                headers.append(_HSTS)
            return start_response(status, headers, exc_info) if exc_info else start_response(status, headers)

        return self._app(environ, start)


def allowed_hosts(settings: Settings) -> frozenset[str]:
    """Names that a Host header may hold, lower-case: loopback, the bound address, ALLOWED_HOSTS."""
    bound = settings.bind.rpartition(":")[0].lower()
    # 0.0.0.0 and [::] are no names to be called by, and browsers have let pages reach loopback through them.
    unspecified = bound in {"0.0.0.0", "[::]"}  # noqa: S104 - compared with, not bound to
    return _LOOPBACK | set(settings.allowed_hosts) | (set() if unspecified else {bound})


def name_of(host: str) -> str:
    """`host` without its port and without the root's dot; an IPv6 address keeps its brackets."""
    name, separator, port = host.rpartition(":")
    if separator and (port.isdecimal() or not port) and not (name.startswith("[") and not name.endswith("]")):
        host = name
    return host.removesuffix(".")


def is_listed(host: str, hosts: frozenset[str]) -> bool:
    """Whether a Host header (lower-case, with or without port) is in the allow-list, whose entries may name a port."""
    return host in hosts or name_of(host) in hosts


def _is_allowed_origin(origin: str, origins: frozenset[str], hosts: frozenset[str]) -> bool:
    if origin in origins:
        return True
    try:
        parts = urlsplit(origin)
        well_formed = parts.scheme in {"http", "https"} and origin == f"{parts.scheme}://{parts.netloc}"
    except ValueError:
        return False
    return well_formed and "@" not in parts.netloc and is_listed(parts.netloc, hosts)


def _hosts_of_address(address: str) -> frozenset[str]:
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return frozenset()
    return frozenset({f"[{parsed}]" if parsed.version == 6 else str(parsed)})

"""Flask, less what an application of a few fixed routes without sessions, signals or coroutines cannot need.

Each method below is Flask's with a shortcut in front; without them everything works as well, at a higher price. Prices
are Python function calls of one cached call, of which there were 565 before and which cost about 0.8 us each.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from http import HTTPStatus
from typing import Any

from flask import Flask, Request, Response, request_finished, request_started, request_tearing_down
from flask.sessions import SessionInterface
from flask.signals import appcontext_tearing_down


class _NoSession(SessionInterface):
    """Flask makes a cookie session for each request (10 calls)."""

    _none: Any = SessionInterface.null_session_class()

    def open_session(self, app: Flask, request: Request) -> Any:  # noqa: ARG002
        return self._none

    def is_null_session(self, obj: object) -> bool:  # noqa: ARG002
        return True


class _Request(Request):
    """Flask works out the blueprints twice for each request (12 calls)."""

    @property
    def blueprints(self) -> list[str]:
        rule = self.url_rule
        return [] if rule is None else _blueprints_of(rule.endpoint)


@lru_cache(maxsize=64)
def _blueprints_of(endpoint: str) -> list[str]:
    parts = endpoint.split(".")[:-1]
    return [".".join(parts[:length]) for length in range(len(parts), 0, -1)]


class LeanFlask(Flask):
    """The application. All rules are fixed paths: one with a variable in it works, without the shortcut."""

    session_interface = _NoSession()
    request_class = _Request

    def __init__(self, name: str) -> None:
        super().__init__(name, static_folder=None)
        # Flask's own answer to OPTIONS is made by the adapter, which known paths go without.
        self.config["PROVIDE_AUTOMATIC_OPTIONS"] = False
        self._routes: dict[tuple[str, str], Any] = {}

    def add_url_rule(self, rule: str, *args: Any, **options: Any) -> None:
        super().add_url_rule(rule, *args, **options)
        newest = self.url_map._rules[-1]
        if not newest.arguments:
            self._routes |= {(rule, method): newest for method in newest.methods or ()}

    def create_url_adapter(self, request: Request | None) -> Any:
        """Find the rule of a known path by one look: the adapter costs 34 calls. It answers whatever is not known."""
        if request is None:
            return None
        environ = request.environ
        rule = self._routes.get((environ["PATH_INFO"], environ["REQUEST_METHOD"]))
        if rule is None:
            return super().create_url_adapter(request)
        request.url_rule, request.view_args = rule, {}
        return None

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        """Flask looks at each function whether it is a coroutine (24 calls); none of ours is."""
        return func

    def full_dispatch_request(self) -> Response:
        """Without two signals (4 calls)."""
        if request_started.receivers or request_finished.receivers or not self._got_first_request:
            return super().full_dispatch_request()
        try:
            answer = self.preprocess_request()
            if answer is None:
                answer = self.dispatch_request()
        except Exception as error:
            answer = self.handle_user_exception(error)
        return self.process_response(self.make_response(answer))

    def do_teardown_request(self, *args: Any) -> None:
        if self.teardown_request_funcs or request_tearing_down.receivers:
            super().do_teardown_request(*args)

    def do_teardown_appcontext(self, *args: Any) -> None:
        if self.teardown_appcontext_funcs or appcontext_tearing_down.receivers:
            super().do_teardown_appcontext(*args)


class Answer(Response):
    """Finished bytes. werkzeug parses, sorts and copies the headers of each answer (60 calls).

    Whoever touches anything of it turns it into an ordinary Response, at the ordinary price.
    """

    def __init__(self, body: bytes, status: int, content_type: str) -> None:
        self._finished = body, status, content_type

    def __getattr__(self, name: str) -> Any:
        if "headers" in vars(self) or name.startswith("__"):
            raise AttributeError(name)
        body, status, content_type = self._finished
        super().__init__(body, status, content_type=content_type)
        return getattr(self, name)

    def __call__(self, environ: Any, start_response: Any) -> Any:
        if "headers" in vars(self):
            return super().__call__(environ, start_response)
        body, status, content_type = self._finished
        start_response(_STATUS_LINES[status], [("Content-Type", content_type), ("Content-Length", str(len(body)))])
        return (body,)


_STATUS_LINES = {int(status): f"{int(status)} {status.phrase}" for status in HTTPStatus}

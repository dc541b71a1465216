"""A client of few words: says exactly what it is told, in either era."""

from __future__ import annotations

import io
import json
from dataclasses import dataclass
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.conformance.fixture_app import TOKEN

LATEST = "2026-07-28"
PREFIX = "io.modelcontextprotocol/"
HANDSHAKE = ["2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25"]
SUPPORTED = [LATEST, *reversed(HANDSHAKE)]
META: dict[str, Any] = {
    f"{PREFIX}protocolVersion": LATEST,
    f"{PREFIX}clientCapabilities": {},
    f"{PREFIX}clientInfo": {"name": "tests", "version": "1"},
}
_NAMED_BY = {"tools/call": "name", "prompts/get": "name", "resources/read": "uri"}


@dataclass(frozen=True)
class Answer:
    """One HTTP answer with its JSON, if there is any."""

    response: TestResponse

    @property
    def status(self) -> int:
        return self.response.status_code

    @property
    def json(self) -> Any:
        return json.loads(self.response.data)

    @property
    def result(self) -> dict[str, Any]:
        assert "result" in self.json, self.json
        found: dict[str, Any] = self.json["result"]
        return found

    @property
    def code(self) -> int:
        assert "error" in self.json, self.json
        found: int = self.json["error"]["code"]
        return found

    @property
    def refusal(self) -> tuple[int, int]:
        """HTTP status and JSON-RPC error code."""
        return self.status, self.code


class Client:
    """Posts to `/mcp` of a Flask application, with the bearer token."""

    def __init__(self, http: FlaskClient) -> None:
        self.http = http
        self.authorization = f"Bearer {TOKEN}"

    def chunked(self, body: bytes) -> Answer:
        """A body whose length is not stated beforehand."""
        headers = {"Authorization": self.authorization, "Content-Type": "application/json"}
        # As gunicorn hands on a chunked body. werkzeug's client would measure it otherwise.
        environ = {"wsgi.input_terminated": True, "HTTP_TRANSFER_ENCODING": "chunked", "CONTENT_LENGTH": ""}
        stream = io.BytesIO(body)
        return Answer(self.http.post("/mcp", input_stream=stream, headers=headers, environ_overrides=environ))

    def send(self, body: bytes, headers: dict[str, str] | None = None, *, method: str = "POST") -> Answer:
        sent = {
            "Authorization": self.authorization,
            "Content-Type": "application/json",
            "Accept": "application/json, text/event-stream",
        } | (headers or {})
        kept = {name: value for name, value in sent.items() if value is not None}
        return Answer(self.http.open("/mcp", method=method, data=body, headers=kept))

    def post(self, message: Any, headers: dict[str, str] | None = None) -> Answer:
        return self.send(json.dumps(message).encode(), headers)

    def modern(
        self,
        method: str,
        *,
        meta: dict[str, Any] | None = None,
        headers: dict[str, Any] | None = None,
        request_id: Any = 1,
        **params: Any,
    ) -> Answer:
        """A right request of 2026-07-28; `meta` and `headers` replace parts of it, None takes one away."""
        whole = {key: value for key, value in (META | (meta or {})).items() if value is not None}
        sent = modern_headers(method, params) | (headers or {})
        return self.post(request(method, {**params, "_meta": whole}, request_id=request_id), sent)

    def legacy(self, method: str, *, version: str | None = "2025-11-25", request_id: Any = 1, **params: Any) -> Answer:
        """A right request of a handshake version; without the header when `version` is None."""
        return self.post(
            request(method, params, request_id=request_id), {"MCP-Protocol-Version": version} if version else {}
        )


def request(method: str, params: dict[str, Any] | None = None, *, request_id: Any = 1) -> dict[str, Any]:
    return {"jsonrpc": "2.0", "id": request_id, "method": method, "params": params or {}}


def modern_headers(method: str, params: dict[str, Any], version: str = LATEST) -> dict[str, Any]:
    headers = {"MCP-Protocol-Version": version, "Mcp-Method": method}
    name = params.get(_NAMED_BY.get(method, ""))
    return headers | ({"Mcp-Name": name} if isinstance(name, str) else {})


def initialize(version: str) -> dict[str, Any]:
    return {"protocolVersion": version, "capabilities": {}, "clientInfo": {"name": "tests", "version": "1"}}

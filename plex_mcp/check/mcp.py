"""One real MCP call to the server that runs beside this command."""

from __future__ import annotations

import time
from collections.abc import Iterator

import requests

from plex_mcp.check.finding import Finding, Status
from plex_mcp.settings import Settings

_WHAT = "mcp call"
_CALL = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "list_libraries", "arguments": {}}}


def findings(settings: Settings) -> Iterator[Finding]:
    """`list_libraries` through HTTP, with the first of the tokens; skipped where no server listens."""
    yield _call(settings)


def local_url(bind: str) -> str:
    """Where a process beside the server reaches it."""
    host, _, port = bind.rpartition(":")
    host = {"0.0.0.0": "127.0.0.1", "[::]": "[::1]"}.get(host, host)  # noqa: S104 - compared with, not bound to
    return f"http://{host}:{port}"


def _call(settings: Settings) -> Finding:
    url = local_url(settings.bind)
    headers = {
        "Authorization": f"Bearer {settings.auth_tokens()[0]}",
        "Accept": "application/json, text/event-stream",
        "MCP-Protocol-Version": "2025-06-18",
    }
    started = time.monotonic()
    try:
        with requests.Session() as session:
            session.trust_env = False
            answer = session.post(f"{url}/mcp", json=_CALL, headers=headers, timeout=(2, settings.call_deadline_s + 2))
            body = answer.json() if answer.status_code == 200 else {}
    except requests.ConnectionError:
        return Finding(
            _WHAT, Status.SKIP, f"no server listens at {settings.bind}", "Run `plex-mcp serve`, then check again."
        )
    except requests.Timeout:
        return _fail("no answer within the call's deadline", "Look for tool.called in the server's log.")
    except (requests.RequestException, ValueError):
        return _fail("the answer is not JSON", f"Something else listens at {settings.bind}; change BIND.")
    if answer.status_code == 401:
        return _fail(
            "the server refuses AUTH_TOKEN", "It was started with another one, or something else listens there."
        )
    if answer.status_code != 200:
        return _fail(f"HTTP {answer.status_code}", f"Is it plex-mcp that listens at {settings.bind}? See its log.")
    return _judge(body, int((time.monotonic() - started) * 1000))


def _judge(body: object, took_ms: int) -> Finding:
    result = body.get("result") if isinstance(body, dict) else None
    if not isinstance(result, dict):
        return _fail("the answer is no MCP result", "Something else listens there, or the server is older.")
    if result.get("isError"):
        return _fail("list_libraries fails", "Mend what failed above; the server's log has the details.")
    structured = result.get("structuredContent")
    if isinstance(structured, dict) and structured.get("stale"):
        advice = "It serves what it remembers while Plex cannot be reached."
        return Finding(_WHAT, Status.WARN, f"list_libraries answers with a stale copy ({took_ms} ms)", advice)
    return Finding(_WHAT, Status.OK, f"list_libraries answers ({took_ms} ms)")


def _fail(found: str, advice: str) -> Finding:
    return Finding(_WHAT, Status.FAIL, found, advice)

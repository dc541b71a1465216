"""What the server promises on the wire: id → clause and behaviour. Each has its test; each test names its promise.

`test_coverage.py` holds both directions. "spec" is the specification's page of revision 2026-07-28 where not said
otherwise; "own" is a decision of this project where the specification leaves room.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

Test = TypeVar("Test", bound=Callable[..., Any])

_HTTP = "spec basic/transports/streamable-http"
_INDEX = "spec basic/index"
_TOOLS = "spec server/tools"

REQUIREMENTS = {
    # Choosing the era, per request
    "era:envelope-is-modern": f"{_INDEX}, Per-request protocol fields: an envelope makes the request modern",
    "era:header-is-modern": f"{_HTTP}, Protocol Version Header: a header no handshake reaches makes it modern",
    "era:absent-is-2025-03-26": f"{_HTTP} 2025-11-25: without a header 2025-03-26 is assumed",
    "era:initialize-with-envelope": "spec 2026-07-28 removes initialize: 404, -32601",
    "era:contradiction": f"{_HTTP}: envelope and header disagree, in either direction: 400, -32020",
    "era:no-state": f"{_INDEX}: nothing of earlier requests is used",
    # HTTP, both eras
    "http:order": "own: Host and Origin, then token, then method, then types, then size, then JSON",
    "http:origin": f"{_HTTP}, Security: an Origin that is not allowed: 403",
    "http:host": f"{_HTTP}, Security: a Host that is not allowed: 421",
    "http:post-only": f"{_HTTP}: GET, DELETE and others: 405 with Allow: POST",
    "http:content-type": f"{_HTTP}: other than application/json: 415",
    "http:accept": "own: 406 only if JSON is excluded; a stream only where text/event-stream is accepted",
    "http:slash": "own: /mcp/ is served like /mcp, no redirect: clients refuse those that change the method",
    "http:parse-error": "JSON-RPC 2.0: unparsable: 400, -32700, no id",
    "http:invalid-request": "JSON-RPC 2.0: no request object: 400, -32600",
    "http:id": f"{_INDEX}, Requests: id is text or a whole number, and comes back as it was sent",
    "http:unreadable-id": "spec schema: null is no valid id; without a readable one the member is left out",
    "http:body-limit": "own: more than 256 KiB: 413",
    "http:notification": f"{_HTTP}: a notification: 202, no body",
    "http:notification-version": f"{_HTTP}: a notification under an unknown version: 400, -32022",
    "http:no-session": "own: no Mcp-Session-Id is given; it and Last-Event-ID are ignored",
    "http:sse-framing": f"{_HTTP}: event and data lines, no ids, no-cache, no buffering; the answer is last",
    # 2026-07-28
    "modern:envelope-required": f"{_INDEX}: version and capabilities missing: 400, -32602 that names the key",
    "modern:envelope-shape": f"{_INDEX}: a member of the envelope of the wrong shape: 400, -32602",
    "modern:client-info-optional": f"{_INDEX}: client info is a SHOULD",
    "modern:log-level": "spec server/utilities/logging: an invalid level: -32602",
    "modern:headers": f"{_HTTP}, Standard headers: missing or different: 400, -32020",
    "modern:header-base64": f"{_HTTP}, Header encoding: =?base64?…?= is decoded, strictly",
    "modern:header-duplicate": f"{_HTTP}: a repeated header: 400, -32020",
    "modern:header-whitespace": "RFC 9110 5.5: spaces around a header's value do not count",
    "modern:version": f"{_INDEX}: a version that is not served: 400, -32022 with supported and requested",
    "modern:version-after-headers": f"{_HTTP}: equality of header and body is checked first",
    "modern:discover": "spec server/discover: versions, capabilities, instructions",
    "modern:versions-agree": "spec server/discover: the error's list is among what discover lists",
    "modern:removed-methods": "spec changelog: initialize, ping, logging/setLevel, (un)subscribe: 404, -32601",
    "modern:unknown-method": f"{_INDEX}: unserved methods: 404, -32601, with the id",
    "modern:listen-unserved": "spec: subscriptions/listen only with listChanged or subscribe, which are not advertised",
    "modern:result-type": f"{_INDEX}, Results: every result has resultType",
    "modern:server-info": f"{_INDEX}, Results: every result names the server in _meta",
    "modern:cache-hints": "spec basic/caching: ttlMs and cacheScope on lists, discover and reads, on nothing else",
    "modern:unknown-resource": "spec server/resources: -32602 with data.uri",
    "modern:cursor": "spec server/utilities/pagination: an invalid cursor: -32602",
    "modern:required-capability": f"{_INDEX}: an undeclared capability that is needed: 400, -32021 with an object",
    "modern:input-required": "spec basic/patterns/mrtr: a question goes out as a result, its answer with the retry",
    "modern:status": f"{_HTTP}: the table of statuses",
    "modern:batch": f"{_HTTP}: no batches: 400, -32600",
    "modern:response": f"{_HTTP}: posted responses: 400, -32600",
    "modern:no-logging": "spec server/utilities/logging: no notifications/message",
    "progress:only-with-token": "spec basic/utilities/progress: only where a progressToken asks for it",
    "progress:increasing": "spec basic/utilities/progress: strictly increasing",
    "progress:token": "spec basic/utilities/progress: a token is text or a whole number",
    "progress:late-commit": "own: a stream begins with the first report, so that errors keep their status",
    "progress:bounded": "own: a bounded number of streams; beyond it calls are answered without progress",
    "progress:heartbeat": f"{_HTTP}: a quiet stream carries comments",
    "cancel:disconnect": "spec basic/utilities/cancellation: closing the stream cancels the call",
    "cancel:legacy-disconnect": "spec 2025-11-25 basic/transports: disconnecting is not cancelling",
    # The handshake versions
    "legacy:initialize": "spec 2025-11-25 basic/lifecycle: an offered version that is served is answered",
    "legacy:initialize-fallback": "spec 2025-11-25 basic/lifecycle: else 2025-11-25, also for 2026-07-28",
    "legacy:initialize-header": "own: initialize is taken with and without the version header",
    "legacy:initialize-params": "spec 2025-11-25 schema: params of the wrong shape: -32602",
    "legacy:completions-since-2025-03-26": "spec 2025-03-26 changelog: no completions capability before",
    "legacy:ping": "spec 2025-11-25 basic/utilities/ping: an empty result",
    "legacy:one-way": "spec 2025-11-25 basic/transports: notifications and posted responses: 202",
    "legacy:no-initialization-needed": "own: nothing is remembered, so nothing needs to have been initialized",
    "legacy:errors-are-200": "own: errors of well-formed requests: 200; clients take 4xx for a broken transport",
    "legacy:resource-not-found": "spec 2025-11-25 server/resources: -32002",
    "legacy:no-stamps": "spec 2025-11-25 schema: no resultType, no ttlMs, no stamp of the server",
    "legacy:batch": "spec 2025-03-26 basic/transports: batches are taken, answered by an array, 202 if all one-way",
    "legacy:batch-only-2025-03-26": "spec 2025-06-18 changelog: batches removed: 400, -32600",
    "legacy:batch-no-initialize": "spec 2025-03-26 basic/lifecycle: initialize must not be in a batch",
    "legacy:batch-bounds": "own: a batch holds 1 to 16 messages; an empty one is invalid",
    "legacy:batch-broken-member": "JSON-RPC 2.0: a broken member is answered by an error among the others",
    # Tools
    "tools:list": f"{_TOOLS}: sorted, all hints explicit, schemas of objects, one page, the same every time",
    "tools:schemas": f"{_TOOLS}: names, closed input schemas in the portable subset",
    "tools:call": f"{_TOOLS}: structured content and the same as text",
    "tools:unknown": f"{_TOOLS}, Error handling: an unknown tool: -32602",
    "tools:params": f"{_TOOLS}, Error handling: malformed params: -32602",
    "tools:bad-arguments": f"{_TOOLS}, Error handling (SEP-1303): bad arguments are an isError result",
    "tools:errors": f"{_TOOLS}, Error handling: failures are isError results that say what to do, without structure",
    "tools:read-only": "own: a tool withheld by READ_ONLY says so",
    "tools:bug": "own: a bug is -32603 with a request id, 200, never its text",
    # Resources, prompts, completion
    "resources:list": "spec server/resources: addresses and templates, one page each",
    "resources:read": "spec server/resources: text and blob, the address as asked",
    "resources:params": "spec schema: params of the wrong shape: -32602",
    "resources:failure": "own: a failed read is -32603 with the error's code, never an empty content",
    "prompts:list": "spec server/prompts: names, arguments",
    "prompts:get": "spec server/prompts: messages",
    "prompts:arguments": "spec server/prompts: unknown prompt, missing and unknown arguments: -32602",
    "completion:values": "spec server/utilities/completion: at most 100 values, total, hasMore",
    "completion:unknown": "spec server/utilities/completion: unknown reference or argument: -32602",
    "catalogue:absent": "own: without resources or prompts neither capability nor method is there",
    # Authentication
    "auth:challenge": "RFC 6750 and spec basic/authorization: 401 with WWW-Authenticate: Bearer, no resource_metadata",
    "auth:no-discovery": "own: well-known OAuth addresses and /register are plain 404, without a token",
}

COVERED: dict[str, list[str]] = {}


def requirement(*ids: str) -> Callable[[Test], Test]:
    """Say which promises a test holds."""

    def mark(test: Test) -> Test:
        for one in ids:
            COVERED.setdefault(one, []).append(f"{test.__module__}.{test.__name__}")
        return test

    return mark

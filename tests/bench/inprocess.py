"""One connection to the real worker, parser, application and cache, in this thread: for counting, not for timing."""

from __future__ import annotations

import io
import json
import logging
import os
import socket
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import structlog
from gunicorn.config import Config

from plex_mcp.app import build
from plex_mcp.standin import StandIn
from plex_mcp.telemetry import logs, metrics
from plex_mcp.telemetry.sink import BatchingStream
from plex_mcp.web.connection import Connection
from plex_mcp.web.exchange import freeze, trim_environ
from plex_mcp.web.worker import PatientThreadWorker

TOKEN = "a-token-of-good-length-for-counting"


@dataclass
class InProcess:
    """`call` sends one tools/call and gives the whole answer's body; everything in between runs in this thread."""

    plex: StandIn
    worker: PatientThreadWorker
    connection: Connection
    client: socket.socket

    def call(self, tool: str, **arguments: Any) -> bytes:
        return self.send(self.request(tool, **arguments))

    def request(self, tool: str, **arguments: Any) -> bytes:
        params = {"name": tool, "arguments": arguments}
        body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params}).encode()
        head = (
            "POST /mcp HTTP/1.1\r\nHost: 127.0.0.1:8000\r\nContent-Type: application/json\r\n"
            f"Authorization: Bearer {TOKEN}\r\nAccept: application/json, text/event-stream\r\n"
            f"Content-Length: {len(body)}\r\n\r\n"
        )
        return head.encode() + body

    def send(self, request: bytes) -> bytes:
        self.client.sendall(request)
        assert self.worker.handle(self.connection) is True
        return self.client.recv(1 << 20, socket.MSG_DONTWAIT).partition(b"\r\n\r\n")[2]


@contextmanager
def in_process(**settings: str) -> Iterator[InProcess]:
    """The application over a stand-in of 500 films, without Redis, with the settings' defaults."""
    with StandIn("500") as plex, socket.create_server(("127.0.0.1", 0)) as listener:
        before = logging.getLogger().handlers[:]
        logs.configure("INFO", [lambda: TOKEN], stream=BatchingStream(io.StringIO()), text=False)
        app, executor = build(
            {
                "PLEX_SERVER_URL": plex.url,
                "PLEX_TOKEN": plex.token,
                "REDIS_URL": "redis://127.0.0.1:1/0",
                "AUTH_TOKEN": TOKEN,
                "RATE_LIMIT": "100000",
                "BIND": "127.0.0.1:8000",
            }
            | settings
        )
        cfg = Config()
        worker = PatientThreadWorker(1, os.getppid(), [], None, 30, cfg, cfg.logger_class(cfg))
        worker._metrics = metrics  # what init_process does
        freeze(cfg)
        trim_environ(cfg)
        worker.wsgi = app
        client = socket.create_connection(listener.getsockname())
        server, address = listener.accept()
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
        try:
            yield InProcess(plex, worker, Connection(cfg, server, address, listener.getsockname()), client)
        finally:
            client.close()
            server.close()
            executor.close()
            logging.getLogger().handlers[:] = before
            logging.captureWarnings(False)
            structlog.reset_defaults()


def count_calls(work: Callable[[], object]) -> Counter[str]:
    """Python functions called meanwhile in this thread, by file and name. The same on every machine."""
    calls: Counter[str] = Counter()

    def note(frame: Any, event: str, _argument: object) -> None:
        if event == "call":
            code = frame.f_code
            calls[f"{code.co_filename.rpartition('site-packages/')[2]}:{code.co_qualname}"] += 1

    sys.setprofile(note)
    try:
        work()
    finally:
        sys.setprofile(None)
    return calls

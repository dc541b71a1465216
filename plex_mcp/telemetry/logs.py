"""Structured logs on standard error: JSON lines, readable text on a terminal, every line scrubbed of secrets.

Our own events go through structlog straight to the stream; other libraries' records come through the root logger into
the same format, gunicorn's by GunicornLogger.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable, Iterable
from typing import Any, TextIO, cast

import structlog
from gunicorn.glogging import Logger
from structlog.types import EventDict, Processor, WrappedLogger

from plex_mcp.telemetry.scrub import Scrubber
from plex_mcp.telemetry.sink import BatchingStream

Stream = TextIO | BatchingStream

# They log one line a request; at DEBUG that is what one asked for, at INFO it is noise.
_CHATTY = ("urllib3", "requests", "plexapi", "redis", "werkzeug", "circuitbreaker")


def configure(
    level: str, secrets: Iterable[Callable[[], str]] = (), *, stream: Stream | None = None, text: bool | None = None
) -> None:
    """Set up structlog and the standard library's logging; may be called again.

    `level` is DEBUG, INFO, WARNING or ERROR; `secrets` are asked for their values at each line; `text` forces readable
    lines (true) or JSON (false).
    """
    out = cast(TextIO, sys.stderr if stream is None else stream)
    readable = out.isatty() if text is None else text
    scrub = Scrubber(secrets)
    number = logging.getLevelNamesMapping()[level]
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="time"),
    ]
    finish: list[Processor]
    if readable:
        finish = [structlog.dev.ConsoleRenderer(colors=out.isatty(), timestamp_key="time")]
    else:
        finish = [structlog.processors.format_exc_info, _in_order, structlog.processors.JSONRenderer()]

    def scrubbed(_logger: WrappedLogger, _method: str, line: EventDict | str) -> str:
        return scrub(str(line))

    structlog.configure(
        processors=[*shared, *finish, scrubbed],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=structlog.WriteLoggerFactory(out),
        cache_logger_on_first_use=False,  # a cached one would keep the level and the secrets of an earlier call
    )
    handler = logging.StreamHandler(out)
    handler.setFormatter(_ScrubbingFormatter(scrub, shared, finish))
    root = logging.getLogger()
    for old in [known for known in root.handlers if isinstance(known.formatter, _ScrubbingFormatter)]:
        root.removeHandler(old)
    root.addHandler(handler)
    root.setLevel(number)
    for name in _CHATTY:
        _through_root(logging.getLogger(name), number if number <= logging.DEBUG else max(number, logging.WARNING))
    logging.captureWarnings(True)


def _in_order(_logger: WrappedLogger, _method: str, line: EventDict) -> EventDict:
    return {"time": line.pop("time"), "level": line.pop("level"), "event": line.pop("event"), **line}


def _through_root(logger: logging.Logger, level: int) -> None:
    """Strip a library's logger of handlers of its own, which would print past the scrubber."""
    logger.handlers.clear()
    logger.propagate = True
    logger.setLevel(level)


class _ScrubbingFormatter(structlog.stdlib.ProcessorFormatter):
    def __init__(self, scrub: Scrubber, shared: list[Processor], finish: list[Processor]) -> None:
        super().__init__(
            foreign_pre_chain=[*shared, structlog.stdlib.add_logger_name],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *finish],
        )
        self._scrub = scrub

    def format(self, record: logging.LogRecord) -> str:
        return self._scrub(super().format(record))


class GunicornLogger(Logger):
    """gunicorn's `logger_class`: its lines go where all others go. There is no access log: `tool.called` says more."""

    def setup(self, cfg: Any) -> None:
        self.cfg = cfg
        level = logging.getLevelNamesMapping().get(cfg.loglevel.upper(), logging.INFO)
        for logger in (self.error_log, self.access_log):
            _through_root(logger, level)

    @property
    def access_log_enabled(self) -> bool:
        return False

"""One format for every logger, and no secret in any line."""

from __future__ import annotations

import io
import json
import logging
import warnings
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import structlog
from gunicorn.config import Config

from plex_mcp.telemetry.logs import GunicornLogger, configure

TOKEN = "canary-9f86d081884c7d65"
Lines = Callable[[], list[dict[str, Any]]]


@pytest.fixture
def configured() -> Iterator[Callable[..., Lines]]:
    root, before = logging.getLogger(), logging.getLogger().handlers[:]
    level = root.level

    def run(level: str = "INFO", **options: Any) -> Lines:
        stream = io.StringIO()
        configure(level, [lambda: TOKEN], stream=stream, **options)
        return lambda: [json.loads(line) for line in stream.getvalue().splitlines()]

    yield run
    root.handlers[:] = before
    root.setLevel(level)
    logging.captureWarnings(False)
    structlog.reset_defaults()


def test_an_event_is_one_json_line_with_time_and_level(configured: Callable[..., Lines]) -> None:
    lines = configured()
    structlog.get_logger("any").info("tool.called", tool="get_on_deck", plex_ms=3)
    (line,) = lines()
    assert line.pop("time").endswith("Z")
    assert line == {"event": "tool.called", "level": "info", "tool": "get_on_deck", "plex_ms": 3}


def test_the_line_begins_with_when_how_bad_and_what(configured: Callable[..., Lines]) -> None:
    lines = configured()
    structlog.get_logger("any").info("tool.called", tool="x", a=1)
    assert list(lines()[0])[:3] == ["time", "level", "event"]


def test_newlines_in_values_cannot_forge_a_line(configured: Callable[..., Lines]) -> None:
    lines = configured()
    structlog.get_logger("any").warning("call.failed", client='x"}\n{"event": "forged"')
    logging.getLogger("gunicorn.error").propagate = True
    logging.getLogger("gunicorn.error").warning('x\n{"event": "forged"}')
    assert [line["level"] for line in lines()] == ["warning", "warning"]


@pytest.mark.parametrize(
    "name", ["urllib3.connectionpool", "requests", "plexapi", "redis", "gunicorn.error", "anything.else"]
)
@pytest.mark.parametrize("level", ["DEBUG", "INFO"])
def test_other_loggers_come_in_the_same_format_without_secrets(
    configured: Callable[..., Lines], name: str, level: str
) -> None:
    own = io.StringIO()
    logger = logging.getLogger(name)
    logger.handlers = [logging.StreamHandler(own)] if name in {"plexapi", "requests"} else []
    lines = configured(level)
    GunicornLogger(gunicorn_config(level))
    logger.debug('GET /x?X-Plex-Token=canary5678 "%s"', TOKEN)
    logger.error("refused %s", TOKEN)
    found = lines()
    assert [line["level"] for line in found] == (["debug", "error"] if level == "DEBUG" else ["error"])
    assert {line["logger"] for line in found} == {name}
    assert "canary" not in repr(found)
    assert own.getvalue() == ""


def gunicorn_config(level: str) -> Config:
    config = Config()
    config.set("loglevel", level.lower())
    return config


def test_libraries_are_quiet_at_info(configured: Callable[..., Lines]) -> None:
    lines = configured("INFO")
    logging.getLogger("urllib3.connectionpool").info("a line for each request")
    assert lines() == []


def test_the_traceback_of_an_exception_is_scrubbed_too(configured: Callable[..., Lines]) -> None:
    lines = configured()
    for log in (structlog.get_logger("any"), logging.getLogger("any")):
        try:
            int(f"http://plex:32400/?X-Plex-Token={TOKEN}")
        except ValueError:
            log.exception("call.failed")
    assert len(lines()) == 2
    for line in lines():
        assert "ValueError: invalid literal" in line["exception"]
        assert "canary" not in repr(line)


@pytest.mark.parametrize(("level", "seen"), [("DEBUG", 4), ("INFO", 3), ("WARNING", 2), ("ERROR", 1)])
def test_levels(configured: Callable[..., Lines], level: str, seen: int) -> None:
    lines = configured(level)
    log = structlog.get_logger("any")
    for method in (log.debug, log.info, log.warning, log.error):
        method("any.thing")
    assert len(lines()) == seen


def test_configuring_again_changes_the_level_and_does_not_double_the_lines(configured: Callable[..., Lines]) -> None:
    configured("ERROR")
    lines = configured("INFO")
    structlog.get_logger("any").info("a")
    logging.getLogger("any").info("b")
    assert [line["event"] for line in lines()] == ["a", "b"]


def test_on_a_terminal_lines_are_text(configured: Callable[..., Lines]) -> None:
    stream = io.StringIO()
    configured()
    configure("INFO", [lambda: TOKEN], stream=stream, text=True)
    structlog.get_logger("any").info("tool.called", tool="get_on_deck", token=TOKEN)
    logging.getLogger("any").warning("plain")
    assert not stream.getvalue().startswith("{")
    assert "tool=get_on_deck" in stream.getvalue()
    assert "plain" in stream.getvalue()
    assert "canary" not in stream.getvalue()


def test_warnings_of_python_are_lines_too(configured: Callable[..., Lines]) -> None:
    lines = configured()
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        logging.captureWarnings(True)
        warnings.warn(f"old {TOKEN}", stacklevel=1)
    assert [line["logger"] for line in lines()] == ["py.warnings"]
    assert "canary" not in repr(lines())

"""The composition root: what is constructed, and how often."""

from __future__ import annotations

from typing import Any

import pytest

from plex_mcp.app import build
from plex_mcp.tools import _catalogue

ENVIRON = {
    "PLEX_SERVER_URL": "http://127.0.0.1:9",
    "PLEX_TOKEN": "a-plex-token",
    "REDIS_URL": "redis://127.0.0.1:9/0",
    "AUTH_TOKEN": "a-test-token-of-good-length",
}


def test_the_catalogue_is_loaded_once_and_shared(monkeypatch: pytest.MonkeyPatch) -> None:
    loaded: list[Any] = []
    discover = _catalogue.discover
    monkeypatch.setattr(_catalogue, "discover", lambda *which: loaded.append(discover(*which)) or loaded[-1])
    _, executor = build(ENVIRON)
    assert list(executor._tools) == list(_catalogue.load_tools())
    executor.close()
    assert len(loaded) == 1 + 1, "the second is this test's own"


def test_what_is_switched_off_is_not_in_the_executors_catalogue_either() -> None:
    _, executor = build({**ENVIRON, "READ_ONLY": "true"})
    assert executor._tools
    assert all(tool.read_only for tool in executor._tools.values())
    executor.close()

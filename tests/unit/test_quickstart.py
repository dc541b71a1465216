"""What quickstart fills in and how it ends; the demonstration itself is in tests/e2e."""

from __future__ import annotations

import signal
import socket
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import pytest

from plex_mcp import quickstart as module
from plex_mcp.errors import SettingsError
from plex_mcp.quickstart import conversation
from plex_mcp.quickstart import redis as embedded

OWN = {
    "PLEX_SERVER_URL": "http://127.0.0.1:9",
    "PLEX_TOKEN": "a-plex-token",
    "REDIS_URL": "redis://127.0.0.1:9/0",
    "AUTH_TOKEN": "a-test-token-of-good-length",
    "BIND": "127.0.0.1:9",
}


class Server:
    """A process that ends as it is told to."""

    def __init__(self, *ends: Any) -> None:
        self.ends = list(ends)
        self.signals: list[str] = []
        self.returncode = 1

    def wait(self, timeout: float | None = None) -> int:
        end = self.ends.pop(0)
        if isinstance(end, BaseException):
            raise end
        return int(end)

    def poll(self) -> int | None:
        return self.returncode

    def terminate(self) -> None:
        self.signals.append("terminate")

    def kill(self) -> None:
        self.signals.append("kill")


@pytest.fixture
def start(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Run quickstart with no server behind it; the demonstration finds what it is told to."""
    handlers = {each: signal.getsignal(each) for each in (signal.SIGTERM, signal.SIGHUP)}

    def run(environ: Mapping[str, str], *, right: bool = True, once: bool = True, server: Any = None) -> int:
        run.told = {}

        @contextmanager
        def serving(filled: Mapping[str, str], url: str) -> Iterator[Any]:
            run.told |= {"environ": filled, "url": url}
            yield server

        def converse(url: str, token: str, *, only_read: bool) -> bool:
            run.told |= {"mcp": url, "token": token, "only_read": only_read}
            return right

        monkeypatch.setattr(module, "_serving", serving)
        monkeypatch.setattr(conversation, "converse", converse)
        return module.quickstart(environ, once=once)

    yield run
    for each, handler in handlers.items():
        signal.signal(each, handler)


def test_what_is_given_is_used_and_ones_own_household_is_only_read(start: Any, capsys: Any) -> None:
    assert start(OWN) == 0
    assert start.told == {
        "environ": OWN | {"LOG_LEVEL": "WARNING"},
        "url": "http://127.0.0.1:9",
        "mcp": "http://127.0.0.1:9/mcp",
        "token": OWN["AUTH_TOKEN"],
        "only_read": True,
    }
    said = capsys.readouterr().out
    assert ["yours" in line for line in said.splitlines()[:3]] == [True, True, True]
    assert OWN["PLEX_TOKEN"] not in said


def test_a_demonstration_that_went_wrong_is_no_success(start: Any) -> None:
    assert start(OWN, right=False) == 1


@pytest.mark.parametrize(("ending", "status"), [(KeyboardInterrupt(), 0), (3, 3)])
def test_it_serves_until_it_is_interrupted_or_the_server_ends(start: Any, ending: Any, status: int) -> None:
    assert start(OWN, once=False, server=Server(ending)) == status


def test_a_terminal_that_closes_ends_it_unless_nohup_wished_otherwise(start: Any) -> None:
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    start(OWN)
    assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
    signal.signal(signal.SIGHUP, signal.SIG_DFL)
    start(OWN)
    for each in (signal.SIGHUP, signal.SIGTERM):
        with pytest.raises(SystemExit) as ended:
            signal.getsignal(each)(each, None)  # type: ignore[operator, misc]
        assert ended.value.code == 0


@pytest.mark.parametrize("half", ["PLEX_SERVER_URL", "PLEX_TOKEN"])
def test_half_a_plex_is_a_fault(start: Any, half: str) -> None:
    with pytest.raises(SettingsError, match="go together"):
        start({half: OWN[half]})


def test_a_server_that_does_not_end_when_asked_is_killed(monkeypatch: pytest.MonkeyPatch) -> None:
    server = Server(subprocess.TimeoutExpired("serve", 25))
    monkeypatch.setattr(subprocess, "Popen", lambda *_, **__: server)
    monkeypatch.setattr(module, "_wait_until_warm", lambda *_: None)
    with module._serving({}, "http://127.0.0.1:9"):
        pass
    assert server.signals == ["terminate", "kill"]


def test_a_preferred_port_is_taken_only_when_it_is_free() -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        taken = listener.getsockname()[1]
        assert embedded.free_port(preferred=taken) != taken
    assert embedded.free_port(preferred=taken) == taken

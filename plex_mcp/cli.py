"""plex-mcp serve | quickstart | check."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence

from plex_mcp import __version__
from plex_mcp.errors import SettingsError
from plex_mcp.settings import EXIT_CONFIG, OPTIONS, Settings

_EXIT_UNREAD = 141  # 128 + SIGPIPE: what a shell says of any program whose reader has gone


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a sub-command; the exit status: 0 well, 1 failed, 2 wrong usage, 78 settings at fault, 141 nobody reads."""
    parser = argparse.ArgumentParser(
        prog="plex-mcp", description="The MCP endpoint of a household's Plex Media Server."
    )
    parser.add_argument("--version", action="version", version=f"plex-mcp {__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="serve | quickstart | check")
    commands.add_parser("serve", help="serve MCP over HTTP; configured by environment variables")
    quickstart = commands.add_parser(
        "quickstart", help="fill in whatever is not set, demonstrate every tool, and serve"
    )
    quickstart.add_argument(
        "--once", action="store_true", help="end after the demonstration; exit 0 only if all was right"
    )
    check = commands.add_parser("check", help="test the settings, Plex, Redis and one MCP call, and say what to do")
    check.add_argument("--json", action="store_true", help="print JSON for machines")
    chosen = parser.parse_args(arguments)
    try:
        if chosen.command == "serve":
            return _serve()
        return _for_a_reader(chosen)
    except SettingsError as error:
        return _explain(error)
    except KeyboardInterrupt:
        return 130


def _for_a_reader(chosen: argparse.Namespace) -> int:
    """What prints for somebody, who may leave before the end: `plex-mcp check --json | head`."""
    try:
        if chosen.command == "quickstart":
            from plex_mcp.quickstart import quickstart as run_quickstart

            status = run_quickstart(os.environ, once=chosen.once)
        else:
            from plex_mcp.check import main as run_check

            status = run_check(os.environ, as_json=chosen.json)
        sys.stdout.flush()
    except (BrokenPipeError, BaseExceptionGroup) as error:  # the MCP client's task groups wrap whatever passes them
        if isinstance(error, BaseExceptionGroup) and error.split(BrokenPipeError)[1]:
            raise
        # What is still buffered would be tried again when Python ends, and be complained about.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return _EXIT_UNREAD
    return status


def _serve() -> int:
    Settings.from_env(os.environ)
    from gunicorn.app.wsgiapp import WSGIApplication

    sys.argv = ["plex-mcp", "-c", "python:plex_mcp.gunicorn_conf", "plex_mcp.wsgi:app"]
    WSGIApplication("%(prog)s serve").run()
    return 0


def _explain(error: SettingsError) -> int:
    count = len(error.faults)
    print(f"plex-mcp: {count} setting{'s are' if count > 1 else ' is'} at fault:", file=sys.stderr)
    for fault in error.faults:
        print(f"  - {fault}", file=sys.stderr)
    required = ", ".join(option.name for option in OPTIONS if option.required)
    print(f"Required: {required}. To try plex-mcp without any: plex-mcp quickstart", file=sys.stderr)
    return EXIT_CONFIG

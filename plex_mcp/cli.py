"""plex-mcp serve | quickstart | check."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence

from plex_mcp import __version__
from plex_mcp.errors import SettingsError
from plex_mcp.settings import EXIT_CONFIG, OPTIONS, Settings


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a sub-command; the exit status: 0 well, 1 failed, 2 wrong usage, 78 settings at fault."""
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
        if chosen.command == "quickstart":
            from plex_mcp.quickstart import quickstart as run_quickstart

            return run_quickstart(os.environ, once=chosen.once)
        from plex_mcp.check import main as run_check

        return run_check(os.environ, as_json=chosen.json)
    except SettingsError as error:
        return _explain(error)
    except KeyboardInterrupt:
        return 130


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

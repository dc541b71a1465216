"""``python -m plex_mcp.standin``: the stand-in in a process of its own."""

import argparse
import signal
import sys
import threading
from collections.abc import Sequence

from plex_mcp.standin.server import SIZES, VERSION, StandIn


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve until interrupted; prints ``url=``, ``token=``, ``guest_token=`` … a line each, then ``ready``."""
    parser = argparse.ArgumentParser(prog="python -m plex_mcp.standin", description="A stand-in Plex Media Server")
    parser.add_argument("--port", type=int, default=0, help="0 picks a free one")
    parser.add_argument("--library", default="small", choices=["small", *SIZES])
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--version", default=VERSION, help="the server version to show")
    parser.add_argument("--latency-ms", type=float, default=0)
    parser.add_argument("--control", action="store_true", help="allow faults to be set over HTTP under /standin/")
    asked = parser.parse_args(arguments)
    ended = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: ended.set())
    with StandIn(
        asked.library, asked.seed, asked.version, control=asked.control, latency_ms=asked.latency_ms, port=asked.port
    ) as plex:
        sys.stdout.write(
            f"url={plex.url}\ntoken={plex.token}\nmanaged_token={plex.managed_token}\n"
            f"guest_token={plex.guest_token}\nmachine_identifier={plex.machine_identifier}\nready\n"
        )
        sys.stdout.flush()
        ended.wait()
    return 0


if __name__ == "__main__":
    sys.exit(main())

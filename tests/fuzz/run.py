"""Coverage-guided fuzzing with atheris: `python -m tests.fuzz.run envelope|intake|xml|tree SECONDS`.

atheris is no dependency: `make fuzz` installs it. The corpus grows in a temporary folder; what it finds is printed and
left in the working folder as crash-*, to be made into a case of `test_corpus.py` by copying it to `corpus/`.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import atheris

INSTRUMENTED = {
    "envelope": ["plex_mcp.protocol", "plex_mcp.tools._tool"],
    "intake": ["plex_mcp.web.intake"],
    "xml": ["plex_mcp.plex", "plex_mcp.tools"],
    "tree": ["plex_mcp.plex", "plex_mcp.tools"],
}


def main() -> None:
    """Runs until the seconds are over or something is found; libFuzzer ends the process."""
    name, seconds = sys.argv[1], int(sys.argv[2])
    with atheris.instrument_imports(include=INSTRUMENTED[name]):
        from tests.fuzz import targets
    targets.quiet()
    seeds = Path(__file__).parent / "corpus" / name
    with tempfile.TemporaryDirectory() as grown:
        options = [
            f"-max_total_time={seconds}",
            "-max_len=4096",
            "-timeout=20",
            "-rss_limit_mb=1024",
            "-print_final_stats=1",
        ]
        atheris.Setup([sys.argv[0], *options, grown, str(seeds)], getattr(targets, name))
        atheris.Fuzz()


if __name__ == "__main__":
    main()

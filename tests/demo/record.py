"""`make recording`: runs the demonstration in a terminal of its own and keeps what it printed.

demo.cast is the recording itself, in asciinema's format (version 2); demo.svg the picture that `draw` makes of it.
The token that the run generated is masked, so neither holds one.
"""

from __future__ import annotations

import fcntl
import json
import os
import pty
import re
import struct
import subprocess
import sys
import termios
import time
from pathlib import Path

from tests.demo.draw import draw
from tests.serving import ROOT

HERE = Path(__file__).parent
CAST, PICTURE = HERE / "demo.cast", HERE / "demo.svg"
COMMAND = ["make", "demo", "ARGS=--once"]
COLUMNS, ROWS = 100, 30
MASK = "•" * 12
_TOKEN = re.compile(r"^  Token     (\S+)\r?$", re.MULTILINE)


def record() -> str:
    """Run the demonstration; the cast. Raise RuntimeError when it does not end well."""
    terminal, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    begun = time.monotonic()
    running = subprocess.Popen(
        COMMAND,
        cwd=ROOT,
        env=kept | {"TERM": "xterm-256color", "LANG": "C.UTF-8"},
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
    )
    os.close(theirs)
    arrived: list[tuple[float, bytes]] = []
    while True:
        try:
            chunk = os.read(terminal, 65536)
        except OSError:  # how Linux says that nobody writes any more
            break
        if not chunk:
            break
        arrived.append((time.monotonic() - begun, chunk))
    os.close(terminal)
    if running.wait(timeout=60):
        raise RuntimeError(f"{' '.join(COMMAND)} ended with {running.returncode}")
    return cast_of([(0.0, f"$ {' '.join(COMMAND)}\r\n"), *_lines(arrived)])


def _lines(arrived: list[tuple[float, bytes]]) -> list[tuple[float, str]]:
    """Whole lines, each with the time at which its end arrived."""
    lines, held = [], b""
    for at_s, chunk in arrived:
        *whole, held = (held + chunk).split(b"\n")
        lines += [(round(at_s, 3), line.decode() + "\n") for line in whole]
    return lines


def cast_of(lines: list[tuple[float, str]]) -> str:
    """asciinema's format: a head, then [seconds, "o", what was printed] a line; the token masked."""
    found = _TOKEN.search("".join(text for _, text in lines))
    if found is None:
        raise RuntimeError("the demonstration prints its token no longer as it did: look at what has to be masked")
    head = {"version": 2, "width": COLUMNS, "height": ROWS, "title": "plex-mcp: make demo"}
    events = [[at_s, "o", text.replace(found[1], MASK)] for at_s, text in lines]
    return "".join(json.dumps(each, ensure_ascii=False) + "\n" for each in [head, *events])


def printed(cast: str) -> str:
    """What a cast shows in the end, as plain text."""
    _head, *events = map(json.loads, cast.splitlines())
    return re.sub(r"\x1b\[\d*m|\r", "", "".join(text for _at, _kind, text in events))


def shape(text: str) -> list[str]:
    """What of the demonstration is the same in each run: every label, question, call and way to connect, in order."""
    kept = re.findall(
        r"^(?:You: .*|     → .*|(?:Plex|Redis|Token|Starting|Serving) .*|Conn.*|  \S.*)$", text, re.MULTILINE
    )
    if found := _TOKEN.search(text):
        kept = [line.replace(found[1], MASK) for line in kept]
    # Ports, seconds and the protocol's date; the stand-in's ids in the calls stay, for they are the library's.
    return [re.sub(r":\d{4,5}\b|\d+\.\d s\b", "#", line) for line in kept]


if __name__ == "__main__":
    CAST.write_text(record(), encoding="utf-8")
    PICTURE.write_text(draw(CAST.read_text(encoding="utf-8")), encoding="utf-8")
    sys.stdout.write(f"{CAST.relative_to(ROOT)} and {PICTURE.relative_to(ROOT)} are new; `make readme` quotes them\n")

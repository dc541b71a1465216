"""An animated picture of a recorded terminal: SVG and CSS alone, no script, no package.

Lines appear when they were printed, and after each answer there is time to read it: the demonstration itself is over
in seconds. One group scrolls, one cover moves down with what is printed; that is all the animation. Where animation is
off, the picture shows the beginning.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from html import escape

_CELL, _LINE = 7.83, 18  # of a monospaced 13 px font; textLength holds other fonts to it
_MARGIN, _BAR = 18, 38
_LONGEST_PAUSE_S = 2.0  # of the recording itself: nobody waits for a start
_READ_S, _READ_ROW_S = 0.7, 0.13
_BEGIN_S, _END_S = 0.4, 6.0
_SCROLL_S = 0.3
_CLASSES = {"1": "b", "31": "r", "36": "c"}
_STYLE = """
text{font:13px 'DejaVu Sans Mono',Menlo,Consolas,'Liberation Mono',monospace;fill:#c9d1d9;white-space:pre}
.b{font-weight:700;fill:#fff}.c{fill:#6cc7e8}.r{fill:#ff7b72}.p{fill:#7ee787;font-weight:700}.d{fill:#8b949e}
.cover{transform:translateY(9999px)}.bar{transform:scaleX(0)}
@media not (prefers-reduced-motion:reduce){
"""


@dataclass(frozen=True, slots=True)
class _Row:
    at_s: float
    """When it is to be seen."""
    parts: list[tuple[str, str]]
    """(class, text) in order."""


def draw(cast: str) -> str:
    """The SVG of a cast in asciinema's format, version 2."""
    head, *events = map(json.loads, cast.splitlines())
    rows = _rows(events, head["width"])
    width = round(2 * _MARGIN + head["width"] * _CELL)
    shown = head["height"]
    height = _BAR + shown * _LINE + 2 * _MARGIN - 6
    total_s = rows[-1].at_s + _END_S
    scroll, cover = _keyframes(rows, shown, total_s)
    style = (
        f"{_STYLE}.all{{animation:s {total_s:.1f}s infinite}}"
        f".cover{{animation:k {total_s:.1f}s step-end infinite}}"
        f".bar{{animation:p {total_s:.1f}s linear infinite}}\n"
        f"@keyframes s{{{scroll}}}\n@keyframes k{{{cover}}}\n@keyframes p{{to{{transform:scaleX(1)}}}}\n}}\n"
    )
    title = f"{head['title']} (pauses for reading added)"
    box = f'width="{width}" height="{height}" viewBox="0 0 {width} {height}"'
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" {box} role="img" aria-label="{escape(head["title"])}">',
            f"<style>{style}</style>",
            f'<rect width="{width}" height="{height}" rx="10" fill="#0d1117"/>',
            f'<path d="M0 {_BAR}V10A10 10 0 0 1 10 0H{width - 10}A10 10 0 0 1 {width} 10V{_BAR}z" fill="#1c222b"/>',
            *(
                f'<circle cx="{22 + 20 * number}" cy="{_BAR // 2}" r="6" fill="{color}"/>'
                for number, color in enumerate(("#ff5f57", "#febc2e", "#28c840"))
            ),
            f'<text x="{width / 2:.0f}" y="{_BAR // 2 + 5}" text-anchor="middle" class="d">{escape(title)}</text>',
            f'<rect class="bar" y="{_BAR - 2}" width="{width}" height="2" fill="#e5a00d"/>',
            f'<svg y="{_BAR + _MARGIN - 4}" width="{width}" height="{shown * _LINE}"><g class="all">',
            *(_text(row, number) for number, row in enumerate(rows)),
            f'<rect class="cover" width="{width}" height="{(len(rows) + shown) * _LINE}" fill="#0d1117"/>',
            "</g></svg>",
            "</svg>\n",
        ]
    )


def _rows(events: list[tuple[float, str, str]], columns: int) -> list[_Row]:
    """The lines as rows of the terminal, with the times at which they are shown."""
    rows: list[_Row] = []
    shown_s, printed_s, since_blank = 0.0, 0.0, 0
    for at_s, _kind, text in events:
        shown_s += min(at_s - printed_s, _LONGEST_PAUSE_S)
        printed_s = at_s
        parts = _parts(text.rstrip("\r\n"))
        if not rows:
            shown_s = _BEGIN_S
        elif parts and not rows[-1].parts:  # the next question: first let the answer be read
            shown_s += _READ_S + _READ_ROW_S * since_blank
            since_blank = 0
        wrapped = _wrapped(parts, columns)
        rows += [_Row(shown_s, row) for row in wrapped]
        since_blank += len(wrapped)
    return rows


def _parts(line: str) -> list[tuple[str, str]]:
    """(class, text) for each run of one colour."""
    if line.startswith("$ "):
        return [("p", "$ "), ("b", line[2:])]
    parts, name = [], ""
    for piece in re.split(r"(\x1b\[\d*m)", line):
        if code := re.fullmatch(r"\x1b\[(\d*)m", piece):
            name = _CLASSES.get(code[1], "")
        elif piece:
            parts.append((name, piece))
    return parts


def _wrapped(parts: list[tuple[str, str]], columns: int) -> list[list[tuple[str, str]]]:
    """As a terminal does: at the edge, between any two characters."""
    rows: list[list[tuple[str, str]]] = [[]]
    room = columns
    for name, text in parts:
        while text:
            if not room:
                rows.append([])
                room = columns
            rows[-1].append((name, text[:room]))
            room, text = room - len(text[:room]), text[room:]  # noqa: PLW2901
    return rows


def _text(row: _Row, number: int) -> str:
    line = "".join(text for _, text in row.parts)
    if not line.strip():
        return ""
    indent = len(line) - len(line.lstrip())
    parts = [(name, text) for name, text in row.parts if text]
    inner = ""
    skip = indent
    for name, text in parts:
        kept, skip = text[skip:], max(0, skip - len(text))
        if kept:
            inner += f'<tspan class="{name}">{escape(kept, quote=False)}</tspan>' if name else escape(kept, quote=False)
    return (
        f'<text x="{_MARGIN + indent * _CELL:.1f}" y="{number * _LINE + 14}" '
        f'textLength="{(len(line) - indent) * _CELL:.1f}">{inner}</text>'
    )


def _keyframes(rows: list[_Row], shown: int, total_s: float) -> tuple[str, str]:
    """CSS keyframes of the group that scrolls and of the cover over what is not printed yet."""
    seen: dict[float, int] = {}
    for number, row in enumerate(rows):
        seen[row.at_s] = number + 1
    scroll, cover = ["0%{transform:translateY(0)}"], ["0%{transform:translateY(0)}"]
    offset = 0
    for at_s, count in seen.items():
        cover.append(f"{100 * at_s / total_s:.2f}%{{transform:translateY({count * _LINE}px)}}")
        wanted = max(0, count - shown) * _LINE
        if wanted != offset:
            scroll.append(f"{100 * at_s / total_s:.2f}%{{transform:translateY(-{offset}px)}}")
            scroll.append(f"{100 * (at_s + _SCROLL_S) / total_s:.2f}%{{transform:translateY(-{wanted}px)}}")
            offset = wanted
    scroll.append(f"to{{transform:translateY(-{offset}px)}}")
    cover.append(f"to{{transform:translateY({len(rows) * _LINE}px)}}")
    return "".join(scroll), "".join(cover)

"""Bars and curves as SVG, by a hundred lines of our own, so that no plotting package is needed."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from math import log10

WIDTH = 780
OURS = "#2f7d5b"
COLOURS = (OURS, "#8a5fb0", "#c4772b", "#9aa5b1")
_BAR, _GAP, _LABELS, _ROOM = 18, 5, 310, 350
_PANEL_W, _PANEL_H, _LEFT, _RIGHT, _ABOVE, _BELOW = 370, 170, 52, 32, 30, 26


class Page:
    """Parts from top to bottom. `y` is where the next one begins."""

    def __init__(self) -> None:
        self.y = 10.0
        self._parts: list[str] = []

    def text(self, x: float, y: float, text: str, *, style: str = "") -> None:
        self._parts.append(f'<text x="{x:.0f}" y="{y:.0f}" {style}>{escape(text)}</text>')

    def bars(self, title: str, bars: Sequence[tuple[str, float, str]], unit: str) -> None:
        """A bar each: name, value, colour."""
        if not bars:
            return
        self.text(10, self.y + 14, title, style='font-weight="bold"')
        self.y += 24
        highest = max(value for _, value, _ in bars) or 1
        for name, value, colour in bars:
            length = max(2, value / highest * _ROOM)
            self.text(_LABELS - 8, self.y + 13, name, style='text-anchor="end"')
            self._parts.append(
                f'<rect x="{_LABELS}" y="{self.y:.0f}" width="{length:.0f}" height="{_BAR}" fill="{colour}"/>'
            )
            self.text(
                _LABELS + length + 6, self.y + 13, f"{value:,.4g}{unit}" if value < 1000 else f"{value:,.0f}{unit}"
            )
            self.y += _BAR + _GAP
        self.y += 14

    def panels(self, title: str, names: Sequence[str], panels: Sequence[tuple[str, Sequence[Curve]]]) -> None:
        """Curves over a logarithmic axis, two panels side by side; each begins at zero, so that flat looks flat."""
        panels = [(unit, curves) for unit, curves in panels if any(curves)]
        if not panels:
            return
        self.text(10, self.y + 14, title, style='font-weight="bold"')
        x = 10.0
        for name, colour in zip(names, COLOURS, strict=False):
            self._parts.append(f'<rect x="{x:.0f}" y="{self.y + 24:.0f}" width="12" height="12" fill="{colour}"/>')
            self.text(x + 17, self.y + 34, name)
            x += 17 + 7 * len(name) + 24
        self.y += 44
        for number, (unit, curves) in enumerate(panels):
            self._panel(10 + number % 2 * (_PANEL_W + 10), self.y, unit, curves)
            if number % 2 or number == len(panels) - 1:
                self.y += _PANEL_H
        self.y += 14

    def _panel(self, x: float, y: float, unit: str, curves: Sequence[Curve]) -> None:
        places = sorted({place for curve in curves for place, _ in curve})
        top = _round_up(max(value for curve in curves for _, value in curve))
        left, right, above, below = x + _LEFT, x + _PANEL_W - _RIGHT, y + _ABOVE, y + _PANEL_H - _BELOW
        span = log10(places[-1] / places[0]) or 1

        def at(place: float, value: float) -> tuple[float, float]:
            return left + log10(place / places[0]) / span * (right - left), below - value / top * (below - above)

        self.text(x, y + 18, unit)
        for share in (0, 0.5, 1):
            height = at(places[0], top * share)[1]
            self._parts.append(
                f'<path d="M{left:.0f} {height:.0f}H{right:.0f}" stroke="{"#999" if not share else "#ddd"}"/>'
            )
            self.text(left - 6, height + 4, f"{top * share:,g}", style='text-anchor="end" fill="#666"')
        for place in places:
            self.text(at(place, 0)[0], below + 16, f"{place:,}", style='text-anchor="middle" fill="#666"')
        for curve, colour in reversed(list(zip(curves, COLOURS, strict=False))):
            points = [at(place, value) for place, value in curve]
            if not points:
                continue
            line = " ".join(f"{px:.1f},{py:.1f}" for px, py in points)
            self._parts.append(f'<polyline points="{line}" fill="none" stroke="{colour}" stroke-width="2"/>')
            self._parts += [f'<circle cx="{px:.1f}" cy="{py:.1f}" r="3" fill="{colour}"/>' for px, py in points]

    def svg(self) -> str:
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{self.y + 22:.0f}" '
            'font-family="DejaVu Sans, Verdana, sans-serif" font-size="12">'
            '<rect width="100%" height="100%" fill="white"/>\n' + "\n".join(self._parts) + "\n</svg>\n"
        )


Curve = Sequence[tuple[int, float]]
"""Places on the axis, and values."""


def _round_up(value: float) -> float:
    """The next of 1, 2, 3, 4, 6, 8, 10 … that is no smaller: a half of it is short to write too."""
    scale = 1.0
    while value > scale * 10:
        scale *= 10
    while value <= scale / 10 and scale > 1e-3:
        scale /= 10
    return next(step * scale for step in (1, 2, 3, 4, 6, 8, 10) if value <= step * scale)

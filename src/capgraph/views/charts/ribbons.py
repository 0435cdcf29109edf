"""The two sides of sources and uses as ribbons through the party: what comes in on the left goes out on the right.

A ribbon of its own closes the balance, so both sides are equally high: what nobody accounts for.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from capgraph.analysis.funding import Funding
from capgraph.results import Value
from capgraph.views.charts.canvas import MARGIN, WIDTH, Canvas
from capgraph.views.charts.funding import USD, Bar, balance
from capgraph.views.charts.theme import Style, mix

if TYPE_CHECKING:
    from matplotlib.patches import PathPatch

_HEIGHT, _HEAD = 330.0, 26.0
_LABELS, _BLOCK = 186.0, 9.0
_LINE = 20.0
"""The least distance of two labels."""


@dataclass(frozen=True, slots=True)
class _Ribbon:
    """One flow: its words, how much it is, and how it is filled."""

    label: str
    small: str
    amount: Decimal
    style: Style


def layout(result: Funding, sources: Sequence[Bar], uses: Sequence[Bar]) -> tuple[float, Callable[[Canvas], None]]:
    """How high the drawing is, and what draws it."""
    rows = max(sum(bool(bar.dollars) for bar in bars) for bars in (sources, uses)) + 1
    height = max(_HEIGHT, rows * (_LINE + 5)) + _HEAD
    return height, lambda canvas: _Painter(canvas, result, sources, uses).paint()


class _Painter:
    """Draws both sides and what runs between them."""

    def __init__(self, canvas: Canvas, result: Funding, sources: Sequence[Bar], uses: Sequence[Bar]) -> None:
        self.canvas, self.theme, self.voice, self.result = canvas, canvas.theme, canvas.voice, result
        sides = [self._ribbons(bars) for bars in (sources, uses)]
        totals = [sum((ribbon.amount for ribbon in side), Decimal()) for side in sides]
        if totals[0] != totals[1]:
            over = totals[0] > totals[1]
            rest = self._rest(abs(totals[0] - totals[1]), over)
            sides[1 if over else 0].append(rest)
        self.sides = sides
        self.total = max(totals)

    def _ribbons(self, bars: Sequence[Bar]) -> list[_Ribbon]:
        largest = sorted((bar for bar in bars if bar.dollars), key=lambda bar: -(bar.dollars or Decimal()))
        return [self._ribbon(bar) for bar in largest]

    def _ribbon(self, bar: Bar) -> _Ribbon:
        small = ("，" if self.voice.lang == "zh" else ", ").join(filter(None, (bar.figure, bar.small)))
        return _Ribbon(bar.label, small, bar.dollars or Decimal(), bar.look(self.theme, self.voice))

    def _rest(self, amount: Decimal, over: bool) -> _Ribbon:
        least, most = balance(self.result)
        ends = (least, most) if over else (-most, -least)
        value = Value(ends[0] if ends[0] == ends[1] else None, USD, *ends)
        words = self.voice.say(f"chart.funding.rest.{'over' if over else 'short'}")
        return _Ribbon(words, self.voice.text(value), amount, self.theme.unknown())

    def paint(self) -> None:
        canvas, middle = self.canvas, WIDTH / 2
        usable = canvas.bottom - canvas.top - _HEAD - 12
        self.scale = self._largest_scale(usable)
        top = canvas.top + _HEAD
        height = float(self.total) * self.scale
        center = top + (usable - height) / 2
        for side, (edge, sign) in zip(self.sides, ((MARGIN + _LABELS, 1), (WIDTH - MARGIN - _LABELS, -1)), strict=True):
            self._side(side, edge, sign, top, usable, center)
        canvas.box(middle - _BLOCK / 2, center, _BLOCK, height, self.theme.solid(self.theme.ink))
        name = self.result.party[self.voice.lang]
        canvas.text(middle, center - 6, name, 9.5, weight="bold", align="center")
        for key, value, x, align in (
            ("section.inflows", self.result.sources_total, MARGIN, "left"),
            ("section.outflows", self.result.uses_total, WIDTH - MARGIN, "right"),
        ):
            text = f"{self.voice.say(key)}  {self.voice.text(value)}"
            canvas.text(x, canvas.top + 10, text, 9, weight="bold", align=align)

    def _largest_scale(self, usable: float) -> float:
        """How many points a dollar may be high so that both sides with their labels fit."""
        few, many = 0.0, usable / float(self.total or 1)
        for _ in range(40):
            middle = (few + many) / 2
            few, many = (
                (middle, many) if all(sum(_rooms(side, middle)) <= usable for side in self.sides) else (few, middle)
            )
        return few

    def _side(self, side: Sequence[_Ribbon], edge: float, sign: int, top: float, usable: float, center: float) -> None:
        heights = [float(ribbon.amount) * self.scale for ribbon in side]
        rooms = _rooms(side, self.scale)
        y = top + max(0.0, (usable - sum(rooms)) / 2)
        inner = center
        for ribbon, height, room in zip(side, heights, rooms, strict=True):
            start = y + (room - height) / 2
            self._flow(ribbon, edge, sign, start, inner, height)
            x, align = (edge - 6, "right") if sign > 0 else (edge + 6, "left")
            middle = start + height / 2
            self.canvas.text(x, middle - 0.5, ribbon.label, 8, align=align, room=_LABELS - 10)
            self.canvas.text(x, middle + 7.5, ribbon.small, 6.6, self.theme.muted, align=align, room=_LABELS - 10)
            y += room
            inner += height

    def _flow(self, ribbon: _Ribbon, edge: float, sign: int, outer: float, inner: float, height: float) -> None:
        """One ribbon from its block at the edge to the middle."""
        if ribbon.style.get("hatch"):
            edge -= sign * _BLOCK
        else:
            self.canvas.box(edge - (0 if sign > 0 else _BLOCK), outer, _BLOCK, max(height, 0.6), ribbon.style)
        first, last = edge + sign * _BLOCK, WIDTH / 2 - sign * _BLOCK / 2
        self.canvas.sheet.add_patch(self._band(first, last, outer, inner, height, ribbon.style))

    def _band(self, first: float, last: float, outer: float, inner: float, height: float, style: Style) -> PathPatch:
        from matplotlib.patches import PathPatch
        from matplotlib.path import Path

        bend, low, end = (first + last) / 2, outer + height, inner + height
        there = [(first, outer), (bend, outer), (bend, inner), (last, inner)]
        back = [(last, end), (bend, end), (bend, low), (first, low), (first, outer)]
        codes = [Path.MOVETO, *[Path.CURVE4] * 3, Path.LINETO, *[Path.CURVE4] * 3, Path.CLOSEPOLY]
        fill = {**style}
        if not style.get("hatch"):
            fill["facecolor"] = mix(str(style["facecolor"]), self.theme.paper, 0.45)
        return PathPatch(Path([*there, *back], codes), zorder=0.8, **fill)


def _rooms(side: Sequence[_Ribbon], scale: float) -> list[float]:
    """How high each ribbon of a side is with its label."""
    return [max(float(ribbon.amount) * scale + 3, _LINE) for ribbon in side]

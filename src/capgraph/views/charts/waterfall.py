"""The waterfall of sources and uses: one row a flow, each bar beginning where the one before ended."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal

from capgraph.analysis.funding import Funding
from capgraph.results import Value
from capgraph.views.charts.canvas import MARGIN, WIDTH, Canvas
from capgraph.views.charts.funding import USD, Bar, balance
from capgraph.views.charts.theme import Style

_ROW, _HEADING, _SCALE = 19.0, 24.0, 18.0
_LEFT, _RIGHT = MARGIN + 218.0, WIDTH - MARGIN - 118.0


def layout(result: Funding, sources: Sequence[Bar], uses: Sequence[Bar]) -> tuple[float, Callable[[Canvas], None]]:
    """How high the drawing is, and what draws it."""
    height = _SCALE + 2 * _HEADING + _ROW * (len(sources) + len(uses) + 1) + 14
    return height, lambda canvas: _Painter(canvas, result, sources, uses).paint()


class _Painter:
    """Draws the rows from the top."""

    def __init__(self, canvas: Canvas, result: Funding, sources: Sequence[Bar], uses: Sequence[Bar]) -> None:
        self.canvas, self.theme, self.voice, self.result = canvas, canvas.theme, canvas.voice, result
        self.sources, self.uses = sources, uses
        self.total_in, self.total_out = (_total(bars) for bars in (sources, uses))
        least, most = balance(result)
        self.low = float(min(Decimal(), least, self.total_in - self.total_out))
        self.high = float(max(self.total_in, most, Decimal(1)))
        self.y = canvas.top + _SCALE

    def paint(self) -> None:
        self._scale()
        at = self._side(self.sources, Decimal(), 1, "section.inflows", self.result.sources_total)
        at = self._side(self.uses, at, -1, "section.outflows", self.result.uses_total)
        self._rest()

    def _x(self, amount: Decimal | float) -> float:
        return _LEFT + (_RIGHT - _LEFT) * (float(amount) - self.low) / (self.high - self.low)

    def _scale(self) -> None:
        from matplotlib.ticker import MaxNLocator

        bottom = self.canvas.bottom - 4
        for tick in MaxNLocator(5, steps=[1, 2, 5, 10]).tick_values(self.low, self.high):
            if self.low <= tick <= self.high:
                x = self._x(tick)
                self.canvas.line([(x, self.y + 4), (x, bottom)], self.theme.rule, 0.6, back=True)
                text = self.voice.bare(Decimal(str(tick)), USD) if tick else "0"
                self.canvas.text(x, self.y, text, 7.5, self.theme.muted, align="center")
        self.canvas.line([(self._x(0), self.y + 4), (self._x(0), bottom)], self.theme.ink, 0.9, back=True)
        self.canvas.text(MARGIN, self.y, self.voice.say("chart.usd"), 7.5, self.theme.muted)

    def _side(self, bars: Sequence[Bar], at: Decimal, sign: int, heading: str, total: Value) -> Decimal:
        """One side's rows and its total; where the cascade stands after them."""
        self.y += _HEADING
        self.canvas.text(MARGIN, self.y, self.voice.say(heading), 8.5, weight="bold")
        self.canvas.text(WIDTH - MARGIN, self.y, self.voice.text(total), 8.5, weight="bold", align="right")
        for bar in bars:
            self.y += _ROW
            at = self._row(bar, at, sign)
        return at

    def _row(self, bar: Bar, at: Decimal, sign: int) -> Decimal:
        canvas, y, indent = self.canvas, self.y, 12 if bar.part else 0
        room = _LEFT - MARGIN - indent - 12
        canvas.text(MARGIN + indent, y - 3.5, bar.label, 8.5, room=room)
        canvas.text(MARGIN + indent, y + 4, bar.small, 6.6, self.theme.muted, room=room)
        color = self.theme.ink if bar.counts else self.theme.muted
        canvas.text(WIDTH - MARGIN, y, bar.figure, 7.8, color, align="right", room=WIDTH - MARGIN - _RIGHT - 8)
        here, there = self._x(at), self._x(at + sign * (bar.dollars or Decimal()))
        if bar.dollars:
            canvas.box(min(here, there), y - 9, max(abs(there - here), 0.8), 12, bar.look(self.theme, self.voice))
        elif bar.counts:
            canvas.box(here - (14 if sign < 0 else 0), y - 9, 14, 12, self.theme.unknown())
        canvas.line([(there, y + 3 if bar.dollars else y - 9), (there, y + _ROW - 9)], self.theme.muted, 0.5, back=True)
        return at + sign * (bar.dollars or Decimal())

    def _rest(self) -> None:
        """What is left: hatched as far as it is sure, outlined as far as some flows may be the same money."""
        least, most = balance(self.result)
        self.y += _ROW + 5
        words = "over" if least > 0 else "short" if most < 0 else "open"
        label = self.voice.say(f"chart.funding.rest.{words}")
        self.canvas.text(MARGIN, self.y, label, 8.5, weight="bold", room=_LEFT - MARGIN - 8)
        low, high = (-most, -least) if most < 0 else (least, most)
        value = Value(low if low == high else None, USD, low, high)
        self.canvas.text(WIDTH - MARGIN, self.y, self.voice.text(value), 8.5, weight="bold", align="right")
        sure = least if least > 0 else most if most < 0 else Decimal()
        self._patch(Decimal(), sure, self.theme.unknown())
        edge = {"facecolor": "none", "edgecolor": self.theme.muted, "linewidth": 0.8, "linestyle": (0, (1, 1.5))}
        self._patch(min(least, sure), max(most, sure), edge)

    def _patch(self, first: Decimal, last: Decimal, style: Style) -> None:
        left, right = sorted((self._x(first), self._x(last)))
        if right > left:
            self.canvas.box(left, self.y - 9, right - left, 12, style)


def _total(bars: Sequence[Bar]) -> Decimal:
    return sum((bar.dollars for bar in bars if bar.dollars is not None), Decimal())

"""The bars and marks of a timeline, drawn on a scale of years."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING

from capgraph.clocks import DateSpan
from capgraph.ontology import Code
from capgraph.results import Value
from capgraph.views.charts import lettering
from capgraph.views.charts.canvas import MARGIN, WIDTH, Canvas, joined
from capgraph.views.charts.episodes import Episode, Payment
from capgraph.views.charts.lanes import Line, dollars
from capgraph.views.charts.theme import Style, Theme

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_LEFT = MARGIN + 196
_LANE, _HEADING, _SCALE = 20.0, 22.0, 24.0


def hatched(row: Episode) -> bool:
    """Whether some part of a bar is only promised."""
    begins = row.begins.first if row.begins else date.max
    return row.firm_from is None or (isinstance(row.firm_from, DateSpan) and row.firm_from.first > begins)


def form_of(mark: Payment) -> str:
    if isinstance(mark.effect, Code):
        return "^" if mark.effect.code in ("opens", "increases") else "v"
    return "D"


def mark_look(theme: Theme, color: str, made: bool) -> Style:
    return {
        "markersize": 4.6,
        "markerfacecolor": color if made else theme.paper,
        "markeredgecolor": color,
        "markeredgewidth": 0.9,
        "linestyle": "none",
    }


def middle_of(span: DateSpan) -> date:
    """The day on which a payment is drawn whose day is not exactly known."""
    return span.first + (span.last - span.first) / 2


class Layout:
    """Which line stands where, and which day."""

    def __init__(self, lines: Sequence[Line], window: tuple[date, date], as_of: date) -> None:
        self.window, self.as_of = window, as_of
        self.rows: list[tuple[float, Line, bool]] = []
        y, before = _SCALE, ("", "")
        for line in lines:
            heading = (line.layer, line.relation.en) != before
            y += _HEADING if heading else 0
            y += _LANE
            self.rows.append((y, line, heading))
            before = (line.layer, line.relation.en)
        self.height = y + 10


class Painter:
    """Draws the lines."""

    def __init__(self, canvas: Canvas, layout: Layout) -> None:
        self.canvas, self.theme, self.voice, self.layout = canvas, canvas.theme, canvas.voice, layout
        self.first, self.last = layout.window
        self.axes: Axes = canvas.plot(_LEFT, canvas.top, WIDTH - MARGIN - _LEFT, layout.height)

    def paint(self) -> None:
        self._scale()
        label = ""
        for y, line, heading in self.layout.rows:
            top = self.canvas.top + y
            if heading:
                words = line.relation[self.voice.lang].removeprefix("的")
                self.canvas.text(MARGIN, top - _LANE - 2, words, 8, self._color(line), "bold", room=_LEFT - MARGIN - 8)
            if heading or line.label != label:
                self.canvas.text(MARGIN, top, line.label, 8.5, room=_LEFT - MARGIN - 10)
            label = line.label
            for row in line.bars:
                self._bar(row, y - 3, line)
            for mark in line.marks:
                self._mark(mark, y - 3, line)
            self._told(line, y)

    def _color(self, line: Line) -> str:
        return self.theme.layer(self.voice.ontology, line.layer)

    def _scale(self) -> None:
        """The years, and the asked day."""
        axes, height = self.axes, self.layout.height
        axes.set_xlim(self.first.toordinal(), self.last.toordinal())
        axes.set_ylim(height, 0)
        axes.set_yticks([])
        step = max(1, (self.last.year - self.first.year) // 12)
        years = [date(year, 1, 1) for year in range(self.first.year, self.last.year + 1) if year % step == 0]
        axes.set_xticks([])
        for day in years:
            if self.first <= day <= self.last:
                axes.plot([day.toordinal()] * 2, [_SCALE, height], color=self.theme.rule, linewidth=0.6, zorder=0.5)
                axes.text(day.toordinal(), 8, str(day.year), fontsize=7.5, color=self.theme.muted, ha="center")
        if self.layout.as_of < self.last:
            now = self.layout.as_of.toordinal()
            axes.plot([now, now], [_SCALE - 2, height], color=self.theme.ink, linewidth=0.8, zorder=0.6)
            axes.text(now, _SCALE - 4, str(self.layout.as_of), fontsize=6.5, color=self.theme.ink, ha="center")

    def _x(self, day: date) -> float:
        """A day as a place on the scale, kept within the window."""
        return float(min(max(day, self.first), self.last).toordinal())

    def _bar(self, row: Episode, y: float, line: Line) -> None:
        assert row.begins is not None
        color, end = self._color(line), self._end(row)
        stops = min(end, self.layout.as_of)
        firm = row.begins if row.firm_from == "" else row.firm_from if isinstance(row.firm_from, DateSpan) else None
        solid_from = max(firm.first, row.begins.first) if firm else stops
        self._piece(row.begins.first, min(solid_from, stops), y, self.theme.promise(color))
        if firm:
            vague = min(max(firm.last, solid_from), stops)
            over = row.end.last if row.ended and isinstance(row.end, DateSpan) else stops
            self._piece(solid_from, vague, y, self.theme.tint(color))
            self._piece(vague, stops, y, self.theme.solid(color))
            self._piece(stops, min(over, self.layout.as_of), y, self.theme.tint(color))
        if end > stops:
            self.axes.plot([self._x(stops), self._x(end)], [y, y], color=color, linewidth=1.0, linestyle=(0, (1, 1.5)))
            if end <= self.last:
                self.axes.plot([self._x(end)] * 2, [y - 3, y + 3], color=color, linewidth=1.0)
        if not isinstance(row.start, DateSpan) and row.begins.first > self.first:
            left = self._x(row.begins.first)
            dots = (self.last - self.first).days * 0.016
            self.axes.plot([left - dots, left], [y, y], color=color, linewidth=1.6, linestyle=(0, (1, 1.2)))

    def _end(self, row: Episode) -> date:
        """Where a bar ends: the first day on which it no longer stands, the asked day where no end is known."""
        return row.end.first if isinstance(row.end, DateSpan) else self.layout.as_of

    def _piece(self, first: date, last: date, y: float, style: Style) -> None:
        left, right = self._x(first), self._x(last)
        if right > left:
            self.axes.barh(y, right - left, 9.5, left=left, **{"edgecolor": "none", **style})

    def _mark(self, mark: Payment, y: float, line: Line) -> None:
        assert mark.when is not None
        middle = middle_of(mark.when)
        if self.first <= middle <= self.last:
            style = mark_look(self.theme, self.theme.ink if line.bars else self._color(line), mark.made)
            self.axes.plot([middle.toordinal()], [y - 8 if line.bars else y], marker=form_of(mark), zorder=3, **style)

    # What a line says of its figures ---------------------------------------------------------------------------------

    def _told(self, line: Line, y: float) -> None:
        """The figures of every bar, within it where there is room, else beside it; without bars those of a mark."""
        taken = _LEFT
        for row in sorted(line.bars, key=lambda row: row.begins.first if row.begins else date.max):
            taken = self._figures(row, line, y, taken)
        if not line.bars:
            self._payments(line.marks, y)

    def _figures(self, row: Episode, line: Line, y: float, taken: float) -> float:
        """Write the figures of a bar; how far the line is taken after it."""
        assert row.begins is not None
        text, stop = self._said(row), min(self._end(row), self.layout.as_of)
        vague = row.firm_from.last if isinstance(row.firm_from, DateSpan) else row.begins.last
        left, right = self._place(vague), self._place(stop)
        sold = self._sold(row, line)
        needed = lettering.width(text, 7) + 8
        top = self.canvas.top + y
        if not text:
            return right
        if needed <= right - left and row.firm_from is not None:
            self.canvas.text(left + 4, top - 0.6, text, 7, self.theme.over(self._color(line)))
            self.canvas.text(right + 7, top - 0.6, sold, 7)
            return right + 7 + lettering.width(sold, 7)
        text = joined((text, sold), self.voice)
        needed = lettering.width(text, 7) + 8
        after = max(right, self._place(max(self._end(row), stop))) + 7
        if after + needed <= WIDTH - MARGIN:
            self.canvas.text(after, top - 0.6, text, 7, self.theme.ink)
            return after + needed
        before = self._place(row.begins.first) - (6 if isinstance(row.start, DateSpan) else 16)
        if before - needed > taken:
            self.canvas.text(before, top - 0.6, text, 7, self.theme.ink, align="right")
        return right

    def _sold(self, row: Episode, line: Line) -> str:
        """For how much a stake that has ended was sold, where one sale closed it."""
        sales = [mark for mark in line.marks if mark.stake == row.link and form_of(mark) == "v" and mark.made]
        amount = self._amount(sales[-1].amount) if row.ended and sales else ""
        return self.voice.say("chart.timeline.sold", amount=amount) if amount else ""

    def _payments(self, marks: Sequence[Payment], y: float) -> None:
        """The amount of a payment behind its mark, of several that of the largest behind the last."""
        shown = [day for mark in marks if mark.when and self.first <= (day := middle_of(mark.when)) <= self.last]
        text = self._amount(max(marks, key=lambda mark: dollars(mark.amount)).amount)
        if not text or not shown:
            return
        told = text if len(marks) == 1 else self.voice.say("chart.timeline.largest", amount=text)
        after, before = self._place(max(shown)) + 9, self._place(min(shown)) - 9
        fits = after + lettering.width(told, 7) <= WIDTH - MARGIN
        self.canvas.text(
            after if fits else before, self.canvas.top + y - 0.6, told, 7, align="left" if fits else "right"
        )

    def _place(self, day: date) -> float:
        """A day as a place on the sheet."""
        days = (self.last - self.first).days
        return _LEFT + (WIDTH - MARGIN - _LEFT) * (self._x(day) - self.first.toordinal()) / days

    def _said(self, row: Episode) -> str:
        percent = self._amount(row.percent) if isinstance(row.percent, Value) and row.percent.value else ""
        return joined((percent, self._amount(row.amount)), self.voice)

    def _amount(self, value: object) -> str:
        """A figure without its range, which the table has; nothing where it is unknown."""
        if not isinstance(value, Value) or (value.value is None and value.low is None and value.high is None):
            return ""
        return self.voice.text(value if value.value is None else Value(value.value, value.unit))

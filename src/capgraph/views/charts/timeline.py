"""A party over time: bars for what it held, owed and contracted, marks for what it paid and got.

A bar is filled while a thing was signed or in force and hatched while it was only promised; a gap is not held. Where a
date is known only to the month or year, the days in question are pale. Payments are triangles (a purchase, a sale) or
diamonds, hollow while they are promises.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from capgraph.clocks import DateSpan
from capgraph.errors import NotFound
from capgraph.facts import Facts
from capgraph.names import Name
from capgraph.ontology import Code, Words
from capgraph.results import Value
from capgraph.views.charts import lettering
from capgraph.views.charts.canvas import MARGIN, WIDTH, Canvas, Picture, Sign, sentences
from capgraph.views.charts.episodes import Episode, Episodes, Payment, episodes, repeated
from capgraph.views.charts.foot import foot
from capgraph.views.charts.theme import Style, Theme
from capgraph.voice import Voice

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from capgraph.graph import CapitalGraph

_LEFT = MARGIN + 196
_LANE, _HEADING, _SCALE = 20.0, 22.0, 24.0
_YEARS = 10
"""How far the picture goes back where nobody says from when."""
_AHEAD = 0.16
"""How much of the picture may lie beyond the asked day, for ends that are still to come."""
_TOP = 26


@dataclass(slots=True)
class _Line:
    """One line of the drawing: a label, the bars and marks on it, and how large it is in dollars."""

    layer: str
    relation: Words
    label: str
    bars: list[Episode] = field(default_factory=list)
    marks: list[Payment] = field(default_factory=list)

    @property
    def size(self) -> Decimal:
        values = [*(row.amount for row in self.bars), *(mark.amount for mark in self.marks)]
        return max((_usd(value) for value in values), default=Decimal())

    @property
    def first(self) -> date:
        spans = [row.begins for row in self.bars] + [row.when for row in self.marks]
        return min((span.first for span in spans if span is not None), default=date.max)


def ask(graph: CapitalGraph, party: str) -> Episodes:
    """The answer that the chart draws. Raises NotFound where the party has nothing that a date is known of."""
    result = episodes(graph.network, graph.party(party), graph.context)
    if not any(row.begins for row in result.episodes) and not any(row.when for row in result.payments):
        raise NotFound(
            f"the data know of no stake, loan, contract or payment of {party} by {graph.clocks.as_of}, as far as was "
            f"public on {graph.clocks.known_on}; there is nothing to draw"
        )
    return result


def picture(
    result: Episodes, facts: Facts, voice: Voice, *, start: str | None = None, end: str | None = None, top: int = _TOP
) -> Picture:
    """The timeline of an answer: the ``top`` largest lines, from ``start`` to ``end`` (default: ten years back, and as
    far ahead as known ends lie)."""
    clocks = result.context.clocks
    lines = _lines(result, voice)
    window = _window(lines, clocks.as_of, start, end)
    seen = [line for line in lines if _within(line, window)]
    if not seen:
        raise NotFound(f"nothing of {result.party.en} lies between {window[0]} and {window[1]}; choose other days")
    largest = sorted(seen, key=lambda line: (-line.size, line.first, line.label))[:top]
    shown = [line for line in seen if line in largest]
    painter = _Layout(shown, window, clocks.as_of)
    return Picture(
        kind="timeline",
        result=result,
        voice=voice,
        title=voice.say("chart.timeline.title", party=result.party),
        finding=_finding(result, voice),
        height=painter.height,
        paint=lambda canvas: _Painter(canvas, painter).paint(),
        signs=tuple(_signs(shown, voice)),
        remarks=tuple(_remarks(len(lines) - len(shown), voice)),
        foot=foot(result, facts, voice, basis=voice.say("chart.timeline.basis")),
    )


def _usd(value: object) -> Decimal:
    """The dollars of a figure, its bound where it has no more, nothing where it has none."""
    if not isinstance(value, Value) or value.unit != "USD":
        return Decimal()
    return value.value or value.low or value.high or Decimal()


def _window(lines: Sequence[_Line], as_of: date, start: str | None, end: str | None) -> tuple[date, date]:
    """The days that the picture spans."""
    back = as_of.replace(year=as_of.year - _YEARS, day=1)
    first = DateSpan.parse(start).first if start else max(back, min(line.first for line in lines))
    if end:
        return first, DateSpan.parse(end).last
    ends = [row.end.last for line in lines for row in line.bars if isinstance(row.end, DateSpan) and not row.ended]
    ahead = as_of + (as_of - first) * _AHEAD
    return first, max(as_of + (as_of - first) * 0.03, min(ahead, max(ends, default=as_of)))


def _within(line: _Line, window: tuple[date, date]) -> bool:
    """Whether anything on a line lies in the window."""
    bars = any(
        row.begins
        and row.begins.first <= window[1]
        and (not row.ended or not isinstance(row.end, DateSpan) or row.end.last >= window[0])
        for row in line.bars
    )
    return bars or any(row.when and row.when.last >= window[0] and row.when.first <= window[1] for row in line.marks)


def _lines(result: Episodes, voice: Voice) -> list[_Line]:
    """All lines, in the order of the layers, what begins first on top; one line for all that follows each other."""
    found: dict[tuple[str, str, str], list[_Line]] = {}
    at: dict[str, _Line] = {}
    for row in result.episodes:
        if row.begins is None:
            continue
        label = _label(row, voice)
        lanes = found.setdefault((row.layer, row.relation.en, label), [])
        lane = next((lane for lane in lanes if not any(_overlap(row, other) for other in lane.bars)), None)
        if lane is None:
            lane = _Line(row.layer, row.relation, label)
            lanes.append(lane)
        lane.bars.append(row)
        for name in row.party if row.layer == "equity" else ():
            if row.held or name.id not in at:
                at.setdefault(name.id, lane)
        at[row.link] = lane
    for mark in result.payments:
        if mark.when is not None and mark.about:
            lane = at.get(mark.stake) or at.get(mark.about)
            if lane is None:
                lane = _Line("equity", mark.direction, _name(mark, voice))
                found.setdefault(("equity", mark.direction.en, mark.about), []).append(lane)
                at[mark.about] = lane
            lane.marks.append(mark)
    order = {key: place for place, key in enumerate(dict.fromkeys((layer, relation) for layer, relation, _ in found))}
    groups = sorted(found.items(), key=lambda item: (_places(item[0][0], voice), order[item[0][:2]], item[1][0].first))
    return [line for _, lanes in groups for line in lanes]


def _places(layer: str, voice: Voice) -> int:
    return list(voice.ontology.layers).index(layer)


def _name(mark: Payment, voice: Voice) -> str:
    return mark.party[voice.lang]


def _label(row: Episode, voice: Voice) -> str:
    """Who is at the other end; where nobody is named, what it is."""
    names = [name[voice.lang] for name in row.party]
    others = (
        voice.say("chart.timeline.others", name=names[0], count=len(names) - 1) if len(names) > 1 else "".join(names)
    )
    return others or (row.what.label[voice.lang] if isinstance(row.what, Code) else "")


def _overlap(one: Episode, other: Episode) -> bool:
    """Whether two bars would lie on each other."""
    assert one.begins is not None
    assert other.begins is not None
    early, late = sorted((one, other), key=lambda row: row.begins.first if row.begins else date.max)
    if not early.ended or not isinstance(early.end, DateSpan) or late.begins is None:
        return True
    return early.end.first > late.begins.first


# Words ----------------------------------------------------------------------------------------------------------------


def _finding(result: Episodes, voice: Voice) -> str:
    told = [_twice(result.party, issuer, rows, voice) for issuer, rows in list(repeated(result).items())[:2]]
    counts = {layer: sum(row.layer == layer for row in result.episodes) for layer in ("equity", "debt", "contract")}
    promised = sum(row.promise for row in result.episodes)
    told.append(voice.say("chart.timeline.finding", party=result.party, promised=promised, **counts))
    return sentences(told, voice)


def _twice(party: Name, issuer: Name, rows: Sequence[Episode], voice: Voice) -> str:
    times = [
        voice.say("chart.timeline.time" if row.end else "chart.timeline.since", start=row.start, end=row.end)
        for row in rows
    ]
    joined = ("；" if voice.lang == "zh" else "; ").join(times)
    return voice.say("chart.timeline.twice", party=party, issuer=issuer, count=len(rows), times=joined)


def _signs(lines: Sequence[_Line], voice: Voice) -> Iterator[Sign]:
    ontology = voice.ontology
    for layer in dict.fromkeys(line.layer for line in lines):
        yield Sign(
            ontology.code("layer", layer).label[voice.lang],
            lambda theme, layer=layer: theme.solid(theme.layer(ontology, layer)),  # type: ignore[misc]
        )
    if any(_hatched(row) for line in lines for row in line.bars):
        yield Sign(voice.say("chart.timeline.sign.promised"), lambda theme: theme.promise(theme.muted))
    yield Sign(voice.say("chart.timeline.sign.inexact"), lambda theme: theme.tint(theme.muted))
    marks = [mark for line in lines for mark in line.marks]
    for form, key in (("^", "buys"), ("v", "sells"), ("D", "pays")):
        if any(_form(mark) == form for mark in marks):
            yield Sign(voice.say(f"chart.timeline.sign.{key}"), lambda theme: _mark(theme, theme.ink, made=True), form)
    if any(not mark.made for mark in marks):
        yield Sign(voice.say("chart.timeline.sign.hollow"), lambda theme: _mark(theme, theme.ink, made=False), "D")


def _remarks(left_out: int, voice: Voice) -> Iterator[str]:
    if left_out:
        yield voice.say("chart.timeline.left_out", count=left_out)


def _hatched(row: Episode) -> bool:
    """Whether some part of a bar is only promised."""
    begins = row.begins.first if row.begins else date.max
    return row.firm_from is None or (isinstance(row.firm_from, DateSpan) and row.firm_from.first > begins)


def _form(mark: Payment) -> str:
    if isinstance(mark.effect, Code):
        return "^" if mark.effect.code in ("opens", "increases") else "v"
    return "D"


def _mark(theme: Theme, color: str, made: bool) -> Style:
    return {
        "markersize": 4.6,
        "markerfacecolor": color if made else theme.paper,
        "markeredgecolor": color,
        "markeredgewidth": 0.9,
        "linestyle": "none",
    }


# Drawing --------------------------------------------------------------------------------------------------------------


class _Layout:
    """Which line stands where, and which day."""

    def __init__(self, lines: Sequence[_Line], window: tuple[date, date], as_of: date) -> None:
        self.window, self.as_of = window, as_of
        self.rows: list[tuple[float, _Line, bool]] = []
        y, before = _SCALE, ("", "")
        for line in lines:
            heading = (line.layer, line.relation.en) != before
            y += _HEADING if heading else 0
            y += _LANE
            self.rows.append((y, line, heading))
            before = (line.layer, line.relation.en)
        self.height = y + 10


class _Painter:
    """Draws the lines."""

    def __init__(self, canvas: Canvas, layout: _Layout) -> None:
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

    def _color(self, line: _Line) -> str:
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

    def _bar(self, row: Episode, y: float, line: _Line) -> None:
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

    def _mark(self, mark: Payment, y: float, line: _Line) -> None:
        assert mark.when is not None
        middle = mark.when.first + (mark.when.last - mark.when.first) / 2
        if self.first <= middle <= self.last:
            style = _mark(self.theme, self.theme.ink if line.bars else self._color(line), mark.made)
            self.axes.plot([middle.toordinal()], [y - 8 if line.bars else y], marker=_form(mark), zorder=3, **style)

    # What a line says of its figures ---------------------------------------------------------------------------------

    def _told(self, line: _Line, y: float) -> None:
        """The figures of every bar, within it where there is room, else beside it; without bars those of a mark."""
        taken = _LEFT
        for row in sorted(line.bars, key=lambda row: row.begins.first if row.begins else date.max):
            taken = self._figures(row, line, y, taken)
        if not line.bars:
            self._payment(max(line.marks, key=lambda mark: _usd(mark.amount)), y)

    def _figures(self, row: Episode, line: _Line, y: float, taken: float) -> float:
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
        text = " ".join(filter(None, (text, sold)))
        needed = lettering.width(text, 7) + 8
        after = max(right, self._place(max(self._end(row), stop))) + 7
        if after + needed <= WIDTH - MARGIN:
            self.canvas.text(after, top - 0.6, text, 7, self.theme.ink)
            return after + needed
        if left - 14 - needed > taken:
            self.canvas.text(left - 12, top - 0.6, text, 7, self.theme.ink, align="right")
        return right

    def _sold(self, row: Episode, line: _Line) -> str:
        """For how much a stake that has ended was sold, where one sale closed it."""
        sales = [mark for mark in line.marks if mark.stake == row.link and _form(mark) == "v" and mark.made]
        amount = self._amount(sales[-1].amount) if row.ended and sales else ""
        return self.voice.say("chart.timeline.sold", amount=amount) if amount else ""

    def _payment(self, mark: Payment, y: float) -> None:
        assert mark.when is not None
        text, x = self._amount(mark.amount), self._place(mark.when.first)
        if text and self.first <= mark.when.first <= self.last:
            fits = x + 10 + lettering.width(text, 7) <= WIDTH - MARGIN
            self.canvas.text(
                x + (9 if fits else -9), self.canvas.top + y - 0.6, text, 7, align="left" if fits else "right"
            )

    def _place(self, day: date) -> float:
        """A day as a place on the sheet."""
        days = (self.last - self.first).days
        return _LEFT + (WIDTH - MARGIN - _LEFT) * (self._x(day) - self.first.toordinal()) / days

    def _said(self, row: Episode) -> str:
        percent = self._amount(row.percent) if isinstance(row.percent, Value) and row.percent.value else ""
        return " · ".join(filter(None, (percent, self._amount(row.amount))))

    def _amount(self, value: object) -> str:
        """A figure without its range, which the table has; nothing where it is unknown."""
        if not isinstance(value, Value) or (value.value is None and value.low is None and value.high is None):
            return ""
        return self.voice.text(value if value.value is None else Value(value.value, value.unit))

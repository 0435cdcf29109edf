"""What sold shares would have become, had they been kept: their value over time against what the sale brought.

Every point is a day whose price the data know; between them the line is straight. Where sources differ in an input, the
range that follows is a pale band.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from capgraph.analysis.hadheld import Exit, HadHeld
from capgraph.clocks import DateSpan
from capgraph.errors import NotFound
from capgraph.facts import Facts
from capgraph.names import Name, node_ref
from capgraph.ontology import Words
from capgraph.results import Result, Value, hidden, section
from capgraph.views.charts.canvas import INNER, MARGIN, WIDTH, Canvas, Picture, Sign, sentences
from capgraph.views.charts.foot import foot
from capgraph.views.charts.theme import Theme
from capgraph.voice import Voice

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from capgraph.graph import CapitalGraph

_PRICE = "share_price"
_HEIGHT, _SIDE = 316.0, 156.0
_FORMS = ("o", "s", "D", "^", "v", "P")
_LINE = 34.0
"""The least distance of two labels at the end of the lines."""


@dataclass(frozen=True, slots=True)
class Point:
    """What the shares of one sale would have been worth on a day."""

    day: date
    holder: Name
    sold: DateSpan | None
    worth_kept: Value
    by: Words | None
    proceeds: Value
    tranche: str = hidden("")
    readings: tuple[str, ...] = hidden()
    sources: tuple[str, ...] = hidden()


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptOverTime(Result):
    """The answer for every day whose price is known, and that of the last day in full."""

    holder: Name = hidden(None)
    issuer: Name = hidden(None)
    until: DateSpan
    missed_total: Value
    exits: tuple[Exit, ...] = section(Exit)
    points: tuple[Point, ...] = section(Point)


def ask(graph: CapitalGraph, holder: str, issuer: str, *, until: str | None = None) -> KeptOverTime:
    """The answer that the chart draws: that of :meth:`~capgraph.graph.CapitalGraph.had_held` on every day with a price.

    Raises NotFound where nothing was sold, or no price tells what it would be worth.
    """
    last = graph.had_held(holder, issuer, until=until)
    points = tuple(_points(graph, holder, issuer, last))
    if not any(point.worth_kept.value is not None for point in points):
        voice = Voice(graph.ontology, "en")
        told = " ".join(voice.text(note) for note in last.notes)
        raise NotFound(f"{told} There is no curve to draw.".strip())
    return KeptOverTime(
        holder=last.holder,
        issuer=last.issuer,
        until=last.until,
        missed_total=last.missed_total,
        exits=last.exits,
        points=points,
        context=last.context,
        notes=last.notes,
    )


def _points(graph: CapitalGraph, holder: str, issuer: str, last: HadHeld) -> Iterator[Point]:
    """The worth of every sale on its days, in order."""
    known = {reading.as_of.last for reading in graph.derived.qualifying(node_ref(graph.party(issuer)), _PRICE)}
    sold = [row.sold.first for row in last.exits if row.sold]
    if not sold:
        return
    until = last.until.last
    for day in sorted({until, *(day for day in known if min(sold) <= day < until)}):
        for row in last.exits if day == until else graph.had_held(holder, issuer, until=day.isoformat()).exits:
            yield Point(
                day=day,
                holder=row.holder,
                sold=row.sold,
                worth_kept=row.worth_kept,
                by=row.by,
                proceeds=row.proceeds,
                tranche=row.tranche,
                readings=row.readings,
                sources=row.sources,
            )


def picture(result: KeptOverTime, facts: Facts, voice: Voice) -> Picture:
    """The curve of an answer."""
    return Picture(
        kind="had-held",
        result=result,
        voice=voice,
        title=voice.say("title.HadHeld", holder=result.holder, issuer=result.issuer, until=result.until),
        finding=_finding(result, voice),
        height=_HEIGHT,
        paint=lambda canvas: _Painter(canvas, result).paint(),
        signs=tuple(_signs(result, voice)),
        remarks=(*(voice.text(note) for note in result.notes), voice.say("chart.hadheld.points")),
        foot=foot(result, facts, voice, basis=_basis(result, voice)),
    )


def _basis(result: KeptOverTime, voice: Voice) -> str:
    """By which ways the worth was reckoned."""
    ways = dict.fromkeys(row.by[voice.lang] for row in result.exits if row.by)
    return ("、" if voice.lang == "zh" else ", ").join((*ways, voice.say("chart.hadheld.basis")))


def _finding(result: KeptOverTime, voice: Voice) -> str:
    told = [_sale(row, voice) for row in result.exits]
    if len(result.exits) > 1:
        told.append(voice.say("chart.hadheld.total", missed=result.missed_total))
    return sentences(told, voice)


def _sale(row: Exit, voice: Voice) -> str:
    known = row.missed.value is not None
    key = "unknown" if not known else "less" if (row.missed.value or 0) < 0 else "more"
    missed = Value(abs(row.missed.value), row.missed.unit) if row.missed.value is not None else row.missed
    values = {"holder": row.holder, "sold": row.sold, "proceeds": _plain(row.proceeds), "worth": _plain(row.worth_kept)}
    return voice.say(f"chart.hadheld.{key}", missed=missed, **values)


def _plain(value: Value) -> Value:
    return value if value.value is None else Value(value.value, value.unit)


def _signs(result: KeptOverTime, voice: Voice) -> Iterator[Sign]:
    def color(theme: Theme) -> str:
        return theme.layer(voice.ontology, "equity")

    yield Sign(voice.say("chart.hadheld.sign.worth"), lambda theme: {"color": color(theme), "linewidth": 1.6}, "line")
    yield Sign(voice.say("chart.hadheld.sign.proceeds"), lambda theme: {"color": theme.ink, "linewidth": 1.0}, "line")
    if any(point.worth_kept.low != point.worth_kept.high for point in result.points):
        yield Sign(voice.say("chart.sign.range"), lambda theme: theme.tint(color(theme)))


class _Painter:
    """Draws the lines and their labels."""

    def __init__(self, canvas: Canvas, result: KeptOverTime) -> None:
        self.canvas, self.theme, self.voice, self.result = canvas, canvas.theme, canvas.voice, result
        self.color = self.theme.layer(self.voice.ontology, "equity")
        self.width, self.height = INNER - 46 - _SIDE, _HEIGHT - 40
        self.axes: Axes = canvas.plot(MARGIN + 46, canvas.top + 14, self.width, self.height)

    def paint(self) -> None:
        self._frame()
        ends = []
        for place, row in enumerate(self.result.exits):
            points = [point for point in self.result.points if point.tranche == row.tranche]
            ends.append((self._curve(row, points, _FORMS[place % len(_FORMS)]), row))
        self._labels([(end, row) for end, row in ends if end is not None])

    def _frame(self) -> None:
        """The years, and the scale in round numbers."""
        from matplotlib.ticker import MaxNLocator

        axes, points = self.axes, self.result.points
        values = [float(end) for point in points for end in _ends(point.worth_kept) + _ends(point.proceeds)]
        first = min((row.sold.first for row in self.result.exits if row.sold), default=points[0].day)
        last = self.result.until.last
        margin = max((last - first).days * 0.02, 3)
        axes.set_xlim(first.toordinal() - margin, last.toordinal() + margin)
        axes.set_ylim(0, max(values) * 1.06)
        axes.yaxis.set_major_locator(MaxNLocator(6, steps=[1, 2, 5, 10]))
        ticks = [tick for tick in axes.get_yticks() if 0 <= tick <= max(values) * 1.06]
        axes.set_yticks(ticks, [self.voice.bare(Decimal(str(tick)), "USD") if tick else "0" for tick in ticks])
        axes.grid(axis="y", color=self.theme.rule, linewidth=0.6)
        axes.set_axisbelow(True)
        axes.axhline(0, color=self.theme.ink, linewidth=0.9)
        days = list(_ticks(first, last))
        axes.set_xticks([day.toordinal() for day, _ in days], [text for _, text in days])
        self.canvas.text(MARGIN, self.canvas.top + 6, self.voice.say("chart.usd"), 7.5, self.theme.muted)

    def _curve(self, row: Exit, points: Sequence[Point], form: str) -> float | None:
        """The line of one sale; where it ends, None where nothing of it is known."""
        known = [point for point in points if point.worth_kept.value is not None]
        start = row.sold.first if row.sold else points[0].day if points else self.result.until.last
        last = self.result.until.last.toordinal()
        if row.proceeds.value is not None:
            level = float(row.proceeds.value)
            self.axes.plot([start.toordinal(), last], [level, level], color=self.theme.ink, linewidth=1.0)
            self.axes.plot([start.toordinal()], [level], marker="v", markersize=5, color=self.theme.ink)
        if not known:
            return None
        days = [point.day.toordinal() for point in known]
        values = [float(point.worth_kept.value or 0) for point in known]
        spans = [_ends(point.worth_kept) for point in known]
        self.axes.fill_between(
            days,
            [float(min(span)) for span in spans],
            [float(max(span)) for span in spans],
            **self.theme.tint(self.color),
        )
        self.axes.plot(days, values, color=self.color, linewidth=1.6, marker=form, markersize=2.6)
        return values[-1]

    def _labels(self, ends: Sequence[tuple[float, Exit]]) -> None:
        """What each line comes to, beside its end, none over another."""
        top = self.axes.get_ylim()[1]
        floor = self.canvas.top + 14 + self.height
        x, lowest = MARGIN + 46 + self.width + 6, floor + 6
        for end, row in sorted(ends, key=lambda pair: pair[0]):
            y = min(floor - self.height * end / top, lowest)
            lowest = y - _LINE
            values = {"holder": row.holder, "sold": row.sold, "proceeds": _plain(row.proceeds)}
            after = self.canvas.text(x, y - 8, self.voice.text(_plain(row.worth_kept)), 9.5, self.color, "bold")
            self.canvas.text(x + after + 4, y - 8, self._range(row.worth_kept), 7, self.theme.muted)
            sale = self.voice.say("chart.hadheld.sale", **values)
            self.canvas.text(x, y + 2, sale, 7, self.theme.muted, room=_SIDE - 8)
            self.canvas.text(x, y + 11, row.holder[self.voice.lang], 7, self.theme.muted, room=WIDTH - MARGIN - x)

    def _range(self, value: Value) -> str:
        """The bounds of a figure, where there are any."""
        if value.low is None or value.high is None or value.low == value.high:
            return ""
        return f"{self.voice.bare(value.low, value.unit)}..{self.voice.bare(value.high, value.unit)}"


def _ends(value: Value) -> list[Decimal]:
    """The bounds of a figure, as far as they are known."""
    return [end for end in (value.value, value.low, value.high) if end is not None]


def _ticks(first: date, last: date) -> Iterator[tuple[date, str]]:
    """The days that the scale names: years, of a short time months."""
    if (last - first).days > 900:
        yield from ((date(year, 1, 1), str(year)) for year in range(first.year + 1, last.year + 1))
        return
    step = 1 if (last - first).days < 200 else 3
    months = ((year, month) for year in range(first.year, last.year + 1) for month in range(1, 13, step))
    yield from ((date(*each, 1), f"{each[0]}-{each[1]:02}") for each in months if first <= date(*each, 1) <= last)

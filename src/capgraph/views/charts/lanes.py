"""Which bars and marks share a line of a timeline: one line for all that follows each other with the same party."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from capgraph.clocks import DateSpan
from capgraph.ontology import Code, Words
from capgraph.results import Value
from capgraph.views.charts.episodes import Episode, Episodes, Payment
from capgraph.voice import Voice

_YEARS = 10
"""How far the picture goes back where nobody says from when."""
_AHEAD = 0.16
"""How much of the picture may lie beyond the asked day, for ends that are still to come."""


@dataclass(slots=True)
class Line:
    """One line of the drawing: a label, the bars and marks on it, and how large it is in dollars."""

    layer: str
    relation: Words
    label: str
    bars: list[Episode] = field(default_factory=list)
    marks: list[Payment] = field(default_factory=list)

    @property
    def size(self) -> Decimal:
        values = [*(row.amount for row in self.bars), *(mark.amount for mark in self.marks)]
        return max((dollars(value) for value in values), default=Decimal())

    @property
    def first(self) -> date:
        spans = [row.begins for row in self.bars] + [row.when for row in self.marks]
        return min((span.first for span in spans if span is not None), default=date.max)


def dollars(value: object) -> Decimal:
    """The dollars of a figure, its bound where it has no more, nothing where it has none."""
    if not isinstance(value, Value) or value.unit != "USD":
        return Decimal()
    return value.value or value.low or value.high or Decimal()


def window_of(lines: Sequence[Line], as_of: date, start: str | None, end: str | None) -> tuple[date, date]:
    """The days that the picture spans."""
    back = as_of.replace(year=as_of.year - _YEARS, day=1)
    first = DateSpan.parse(start).first if start else max(back, min(line.first for line in lines))
    if end:
        return first, DateSpan.parse(end).last
    ends = [row.end.last for line in lines for row in line.bars if isinstance(row.end, DateSpan) and not row.ended]
    ahead = as_of + (as_of - first) * _AHEAD
    return first, max(as_of + (as_of - first) * 0.03, min(ahead, max(ends, default=as_of)))


def within(line: Line, window: tuple[date, date]) -> bool:
    """Whether anything on a line lies in the window."""
    bars = any(
        row.begins
        and row.begins.first <= window[1]
        and (not row.ended or not isinstance(row.end, DateSpan) or row.end.last >= window[0])
        for row in line.bars
    )
    return bars or any(row.when and row.when.last >= window[0] and row.when.first <= window[1] for row in line.marks)


def lines_of(result: Episodes, voice: Voice) -> list[Line]:
    """All lines, in the order of the layers, what begins first on top; one line for all that follows each other."""
    found: dict[tuple[str, str, str], list[Line]] = {}
    at: dict[str, Line] = {}
    for row in result.episodes:
        if row.begins is None:
            continue
        label = _label(row, voice)
        lanes = found.setdefault((row.layer, row.relation.en, label), [])
        lane = next((lane for lane in lanes if not any(_overlap(row, other) for other in lane.bars)), None)
        if lane is None:
            lane = Line(row.layer, row.relation, label)
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
                lane = Line("equity", mark.direction, _name(mark, voice))
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
    what = row.what.label[voice.lang] if isinstance(row.what, Code) else voice.say("party.unnamed")
    return others or what


def _overlap(one: Episode, other: Episode) -> bool:
    """Whether two bars would lie on each other."""
    assert one.begins is not None
    assert other.begins is not None
    early, late = sorted((one, other), key=lambda row: row.begins.first if row.begins else date.max)
    if not early.ended or not isinstance(early.end, DateSpan) or late.begins is None:
        return True
    return early.end.first > late.begins.first

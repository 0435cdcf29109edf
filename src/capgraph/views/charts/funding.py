"""Where a party's money came from and went to: a waterfall, or two sides of ribbons that balance.

What came in runs to the right, what went out runs back, and what is left is what nobody accounts for. Flows that may be
the same money are pale; promises are hatched.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from capgraph.analysis.funding import FlowRow, Funding
from capgraph.errors import NotFound, UsageProblem
from capgraph.facts import Facts
from capgraph.names import Name
from capgraph.ontology import Code
from capgraph.results import Value
from capgraph.views.charts.canvas import Picture, Sign, sentences
from capgraph.views.charts.foot import foot
from capgraph.views.charts.theme import Style, Theme
from capgraph.voice import Voice

if TYPE_CHECKING:
    from capgraph.graph import CapitalGraph

USD = "USD"
STYLES = ("waterfall", "sankey")
_OVERLAPS = "funding.overlaps"


@dataclass(frozen=True, slots=True)
class Bar:
    """One flow as it is drawn. ``dollars`` is what it adds to the total, None where that is unknown or other money.
    ``counts`` is false for a flow that is counted in its parts or its whole."""

    label: str
    small: str
    figure: str
    dollars: Decimal | None
    counts: bool
    part: bool
    layer: str
    promise: bool
    doubtful: bool

    def look(self, theme: Theme, voice: Voice) -> Style:
        """How the flow is filled."""
        color = theme.layer(voice.ontology, self.layer)
        if self.promise:
            return theme.promise(color)
        return theme.tint(color) if self.doubtful else theme.solid(color)


def ask(graph: CapitalGraph, party: str, *, start: str | None = None, end: str | None = None) -> Funding:
    """The answer that the chart draws. Raises NotFound where no money flowed in the window."""
    result = graph.funding(party, start, end)
    if not (result.inflows or result.outflows):
        voice = Voice(graph.ontology, "en")
        told = " ".join(voice.text(note) for note in result.notes)
        raise NotFound(f"{told} There is nothing to draw.".strip())
    return result


def picture(result: Funding, facts: Facts, voice: Voice, *, style: str = "waterfall") -> Picture:
    """The sources and uses of an answer. ``style``: ``waterfall``, or ``sankey`` for ribbons that balance."""
    from capgraph.views.charts import ribbons, waterfall

    if style not in STYLES:
        raise UsageProblem(f"{style!r} is no style of a funding chart; there are: {', '.join(STYLES)}")
    sides = tuple(tuple(_bars(rows, voice)) for rows in (result.inflows, result.outflows))
    room = waterfall if style == "waterfall" else ribbons
    height, paint = room.layout(result, sides[0], sides[1])
    return Picture(
        kind="funding",
        result=result,
        voice=voice,
        title=voice.say("chart.funding.title", party=result.party, start=result.start, end=result.end),
        finding=_finding(result, voice),
        height=height,
        paint=paint,
        signs=tuple(_signs([*sides[0], *sides[1]], voice)),
        remarks=tuple(_remarks(result, style, voice)),
        foot=foot(result, facts, voice, basis=voice.say("chart.funding.basis")),
    )


def balance(result: Funding) -> tuple[Decimal, Decimal]:
    """What came in less what went out, the least and the most, as far as it is known in dollars."""
    sources, uses = result.sources_total, result.uses_total
    least = (sources.low or sources.value or Decimal()) - (uses.high or uses.value or Decimal())
    most = (sources.high or sources.value or Decimal()) - (uses.low or uses.value or Decimal())
    return least, most


def _bars(rows: Sequence[FlowRow], voice: Voice) -> Iterator[Bar]:
    """The flows of one side by date, each whole before its parts."""
    ids = {row.flow for row in rows}
    for row in rows:
        if row.within not in ids:
            yield _bar(row, voice, part=False)
            yield from (_bar(other, voice, part=True) for other in rows if other.within == row.flow)


def _bar(row: FlowRow, voice: Voice, part: bool) -> Bar:
    counts = isinstance(row.counted, Value)
    known = isinstance(row.counted, Value) and row.counted.unit == USD
    dollars = row.counted.value if known and isinstance(row.counted, Value) else None
    of = row.of[voice.lang] if isinstance(row.of, Name) else row.of
    label = voice.say("funding.label.payment", kind=row.kind, of=of) if of else voice.text(row.kind)
    others = [name[voice.lang] for name in row.counterparty] if isinstance(row.counterparty, tuple) else []
    mark = "，" if voice.lang == "zh" else ", "
    figure = voice.text(row.counted) if counts and dollars is not None else voice.text(row.amount)
    return Bar(
        label=label,
        small=mark.join(filter(None, [str(row.when or ""), *(name for name in others if name != of)])),
        figure=figure if counts else f"{figure} {voice.text(row.counted)}",
        dollars=dollars,
        counts=counts,
        part=part,
        layer=voice.ontology.kinds[row.flow.split("/")[0]].layer
        if row.flow.split("/")[0] in voice.ontology.kinds
        else "equity",
        promise=isinstance(row.status, Code) and row.status["rung"] not in ("closed", "ended"),
        doubtful=any(note.key == _OVERLAPS for note in row.remarks),
    )


def _layer(row: FlowRow, voice: Voice) -> str:
    """The layer of a flow; what a deal's headline leaves is a payment like its legs."""
    kinds = voice.ontology.kinds
    kind = kinds.get(row.flow.split("/")[0], kinds["tranche"])
    return kind.layer


def _finding(result: Funding, voice: Voice) -> str:
    least, most = balance(result)
    values = {"party": result.party, "sources": result.sources_total, "uses": result.uses_total}
    told = [voice.say("chart.funding.finding", **values)]
    if least > 0:
        told.append(voice.say("chart.funding.over", amount=_between(least, most)))
    elif most < 0:
        told.append(voice.say("chart.funding.short", amount=_between(-most, -least)))
    return sentences(told, voice)


def _between(least: Decimal, most: Decimal) -> Value:
    return Value(least if least == most else None, USD, least, most)


def _signs(bars: Sequence[Bar], voice: Voice) -> Iterator[Sign]:
    ontology = voice.ontology
    for layer in dict.fromkeys(bar.layer for bar in bars if bar.dollars):
        yield Sign(
            voice.say(f"chart.funding.sign.{layer}"),
            lambda theme, layer=layer: theme.solid(theme.layer(ontology, layer)),  # type: ignore[misc]
        )
    if any(bar.doubtful and not bar.promise for bar in bars):
        yield Sign(voice.say("chart.funding.sign.doubtful"), lambda theme: theme.tint(theme.muted))
    if any(bar.promise for bar in bars):
        yield Sign(voice.say("chart.funding.sign.promise"), lambda theme: theme.promise(theme.muted))
    yield Sign(voice.say("chart.funding.sign.unknown"), Theme.unknown)


def _remarks(result: Funding, style: str, voice: Voice) -> Iterator[str]:
    shown = {"funding.silent", "funding.foreign", "funding.undated", "funding.method"}
    if style == "sankey":
        yield voice.say("chart.funding.ribbons")
    yield from (voice.text(note) for note in result.notes if note.key in shown)

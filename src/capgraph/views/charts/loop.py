"""A circle of money as a ring: who pays whom for what, how much, and where it is thinnest.

A leg is drawn whole where all of it was paid or is in force, dashed where some of it is a promise, dotted and grey
where its amount is unknown. Its width grows with the logarithm of the amount; two strokes across mark the smallest leg.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from capgraph.analysis.loops import Loop, LoopLeg
from capgraph.errors import NotFound
from capgraph.facts import Facts
from capgraph.results import Result, Value, hidden, section
from capgraph.views.charts.canvas import WIDTH, Canvas, Picture, Sign, joined, sentences
from capgraph.views.charts.foot import foot
from capgraph.views.charts.theme import Style, Theme
from capgraph.voice import Voice

if TYPE_CHECKING:
    from capgraph.graph import CapitalGraph

_HEIGHT, _RADIUS, _DOT = 336.0, 104.0, 6.0
_CLEAR = 0.17
"""How far an arc stays away from a party, in radians."""
_DASH = (0, (3.2, 1.6))
_DOTS = (0, (1, 2))


@dataclass(frozen=True, slots=True, kw_only=True)
class LoopRing(Result):
    """One circle and its legs, as :func:`capgraph.analysis.loops.loops` has them; ``found`` counts all circles."""

    found: Value = hidden(None)
    legs: tuple[LoopLeg, ...] = section(LoopLeg)
    loops: tuple[Loop, ...] = section(Loop)


def ask(graph: CapitalGraph, *, through: str = "") -> LoopRing:
    """The circle with the largest smallest leg. Raises NotFound where no money goes round."""
    result = graph.loops(through=through, top=1)
    if not result.loops:
        by = f" through {through}" if through else ""
        told = f"no money goes round{by} at {graph.clocks.as_of} from rung {graph.scope.rung!r} up"
        raise NotFound(f"{told}; there is nothing to draw")
    return LoopRing(
        found=result.found,
        legs=result.legs,
        loops=result.loops,
        context=result.context,
        notes=result.notes,
    )


def picture(result: LoopRing, facts: Facts, voice: Voice) -> Picture:
    """The ring of an answer."""
    layers = [_layer(leg, facts, voice) for leg in result.legs]
    parties = " → ".join(name[voice.lang] for name in result.loops[0].parties)
    return Picture(
        kind="loop",
        result=result,
        voice=voice,
        title=voice.say("chart.loop.title", parties=parties),
        finding=_finding(result, voice),
        height=_HEIGHT,
        paint=lambda canvas: _Painter(canvas, result, layers).paint(),
        signs=tuple(_signs(result, layers, voice)),
        remarks=tuple(voice.text(note) for note in result.notes[:2]),
        foot=foot(result, facts, voice, basis=voice.say("chart.loop.basis")),
    )


def _size(value: Value) -> Decimal | None:
    """What is known of an amount: it, or the least that it can be."""
    return value.value if value.value is not None else value.low


def smallest(result: LoopRing) -> LoopLeg | None:
    """The smallest leg of those whose amount is known."""
    known = [leg for leg in result.legs if _size(leg.amount) is not None]
    return min(known, key=lambda leg: (_size(leg.amount) or Decimal(), leg.leg), default=None)


def _finding(result: LoopRing, voice: Voice) -> str:
    loop, least, told = result.loops[0], smallest(result), []
    if least is not None:
        values = {"mechanism": least.mechanism, "payer": least.payer, "payee": least.payee}
        whole = all(_size(leg.amount) is not None for leg in result.legs)
        key = "chart.loop.finding" if whole else "chart.loop.finding_known"
        told.append(voice.say(key, amount=loop.bottleneck if whole else least.amount, **values))
    told.append(voice.say("chart.loop.paid", amount=loop.paid) if loop.paid else voice.say("chart.loop.unpaid"))
    told.append(voice.say("chart.loop.of", count=_count(result.found)))
    return sentences(told, voice)


def _count(found: Value) -> Value:
    return Value(found.value, "", found.low, found.high)


def _layer(leg: LoopLeg, facts: Facts, voice: Voice) -> str:
    """The layer of a leg, by the first of the things that it bundles."""
    row, kind = facts.get(leg.ids[0]), voice.ontology.kinds[leg.ids[0].split("/")[0]]
    code = row[kind.refined_by] if row is not None and kind.refined_by else ""
    return voice.ontology.link_kind(kind.kind, code).layer


def _paid(leg: LoopLeg) -> bool:
    """Whether all that is known of a leg was paid or is in force."""
    return _size(leg.closed) is not None and _size(leg.closed) == _size(leg.amount)


def _signs(result: LoopRing, layers: Sequence[str], voice: Voice) -> Iterator[Sign]:
    ontology, legs = voice.ontology, result.legs
    for layer in dict.fromkeys(layers):
        mechanisms = [leg.mechanism for leg, own in zip(legs, layers, strict=True) if own == layer]
        yield Sign(
            joined(dict.fromkeys(code.label[voice.lang] for code in mechanisms), voice),
            lambda theme, layer=layer: theme.solid(theme.layer(ontology, layer)),  # type: ignore[misc]
        )
    if any(_paid(leg) for leg in legs):
        yield Sign(voice.say("chart.loop.sign.paid"), lambda theme: {"color": theme.muted, "linewidth": 3}, "line")
    if any(not _paid(leg) and _size(leg.amount) is not None for leg in legs):
        yield Sign(voice.say("chart.loop.sign.promised"), _dashed, "line")
    if any(_size(leg.amount) is None for leg in legs):
        yield Sign(voice.say("chart.loop.sign.unknown"), _dotted, "line")


def _dashed(theme: Theme) -> Style:
    return {"color": theme.muted, "linewidth": 3, "linestyle": (0, (1.1, 0.55)), "dash_capstyle": "butt"}


def _dotted(theme: Theme) -> Style:
    return {"color": theme.muted, "linewidth": 1.6, "linestyle": _DOTS}


class _Painter:
    """Draws the ring, clockwise from the top."""

    def __init__(self, canvas: Canvas, result: LoopRing, layers: Sequence[str]) -> None:
        self.canvas, self.theme, self.voice, self.result = canvas, canvas.theme, canvas.voice, result
        self.layers = {leg.leg: layer for leg, layer in zip(result.legs, layers, strict=True)}
        self.center = WIDTH / 2, canvas.top + _HEIGHT / 2 - 6
        sizes = [size for leg in result.legs if (size := _size(leg.amount))]
        self.largest = float(max(sizes, default=Decimal(1)))

    def paint(self) -> None:
        legs = self.result.legs
        step = 2 * math.pi / len(legs)
        least = smallest(self.result)
        for place, leg in enumerate(legs):
            self._arc(leg, place * step + _CLEAR, (place + 1) * step - _CLEAR, leg is least)
        for place, leg in enumerate(legs):
            x, y = self._at(place * step)
            self.canvas.sheet.plot([x], [y], marker="o", markersize=2 * _DOT, color=self.theme.ink)
            self._name(leg.payer[self.voice.lang], place * step)

    def _at(self, angle: float, radius: float = _RADIUS) -> tuple[float, float]:
        """A place on the ring by its angle clockwise from the top."""
        return self.center[0] + radius * math.sin(angle), self.center[1] - radius * math.cos(angle)

    def _name(self, name: str, angle: float) -> None:
        x, y = self._at(angle, _RADIUS + 14)
        side = math.sin(angle)
        align = "center" if abs(side) < 0.2 else "left" if side > 0 else "right"
        y += -2 if math.cos(angle) > 0.9 else 11 if math.cos(angle) < -0.9 else 3.5
        self.canvas.text(x, y, name, 10.5, weight="bold", align=align, room=200)

    def _arc(self, leg: LoopLeg, first: float, last: float, least: bool) -> None:
        """One leg from its payer to its payee, with its words at the middle."""
        size = _size(leg.amount)
        color = self.theme.layer(self.voice.ontology, self.layers[leg.leg]) if size is not None else self.theme.muted
        wide = self._width(size)
        reach = 4 + 1.6 * wide
        stop = last - reach / _RADIUS
        points = [self._at(first + (stop - first) * step / 60) for step in range(61)]
        xs, ys = zip(*points, strict=True)
        dash: Any = (
            "-" if _paid(leg) else _DOTS if size is None else (0, (_DASH[1][0] * 3 / wide, _DASH[1][1] * 3 / wide))
        )
        self.canvas.sheet.plot(
            xs, ys, color=color, linewidth=wide, linestyle=dash, solid_capstyle="butt", dash_capstyle="butt"
        )
        self._head(stop, last, wide, color)
        middle = (first + last) / 2
        if least:
            self._gate(middle, wide)
        self._words(leg, middle, least)

    def _width(self, size: Decimal | None) -> float:
        """The width of a leg: one tenth of the largest amount is two points thinner."""
        return 1.6 if not size else max(2.0, 8.0 + 2.0 * math.log10(float(size) / self.largest))

    def _head(self, start: float, end: float, wide: float, color: str) -> None:
        from matplotlib.patches import Polygon

        half = wide / 2 + 3
        corners = [self._at(start, _RADIUS - half), self._at(end), self._at(start, _RADIUS + half)]
        self.canvas.sheet.add_patch(Polygon(corners, facecolor=color, edgecolor="none", zorder=3))

    def _gate(self, angle: float, wide: float) -> None:
        """Two strokes across the leg."""
        for shift in (-0.022, 0.022):
            ends = [self._at(angle + shift, _RADIUS + part * (wide / 2 + 6)) for part in (-1, 1)]
            self.canvas.line(ends, self.theme.paper, 3.2)
            self.canvas.line(ends, self.theme.ink, 1.4)

    def _words(self, leg: LoopLeg, angle: float, least: bool) -> None:
        x, y = self._at(angle, _RADIUS + 20)
        side = math.sin(angle)
        align = "center" if abs(side) < 0.25 else "left" if side > 0 else "right"
        lines = self._lines(leg, least)
        top = y - 5.5 * (len(lines) - 1) + 3
        if align == "center":
            top = y + (8 if math.cos(angle) < 0 else -11 * (len(lines) - 1) - 2)
        for place, (text, weight, color) in enumerate(lines):
            self.canvas.text(x, top + 11 * place, text, 8.4, color, weight, align, room=205)

    def _lines(self, leg: LoopLeg, least: bool) -> list[tuple[str, str, str]]:
        """What a leg says: for what, how much, how much of it is paid, and that it is the smallest."""
        voice, ink, muted = self.voice, self.theme.ink, self.theme.muted
        amount = voice.say(f"loop.amount.{leg.period}" if leg.period else "loop.amount", amount=leg.amount)
        lines = [(leg.mechanism.label[voice.lang], "normal", muted), (amount, "bold", ink)]
        closed = _size(leg.closed)
        if not _paid(leg) and _size(leg.amount) is not None:
            none = not closed
            key = "chart.loop.none_closed" if none else "chart.loop.closed"
            lines.append((voice.say(key) if none else voice.say(key, amount=leg.closed), "normal", muted))
        if least:
            whole = all(_size(leg.amount) is not None for leg in self.result.legs)
            lines.append((voice.say("chart.loop.smallest" if whole else "chart.loop.smallest_known"), "bold", ink))
        return lines

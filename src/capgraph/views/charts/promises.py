"""What was promised, year by year, and how far it has come: paid, signed, conditional, announced, rumoured, off.

Each column holds the payments promised in one year, by the rung that they have reached since. Only paid money is
filled; the lower the rung, the paler the hatching. Of a party money in stands above the line, money out below it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING

from capgraph.errors import NotFound
from capgraph.facts import Facts
from capgraph.ontology import Code
from capgraph.results import Value
from capgraph.views.charts.canvas import INNER, MARGIN, Canvas, Picture, Sign, sentences
from capgraph.views.charts.foot import foot
from capgraph.views.charts.promised import PAID, USD, PromiseRow, Promises, promises
from capgraph.views.charts.theme import Style, Theme, mix
from capgraph.voice import Voice

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from capgraph.graph import CapitalGraph

_COLUMNS = 11
"""More years than these have no columns of their own: the earliest share one."""
_EARLY = "early"
_HEIGHT = 330.0
_HATCHES = {5: "", 4: "//////", 3: "////", 2: "///", 1: "..."}
"""By the place of a rung on the ladder; what is off it is crossed out in grey."""


def ask(graph: CapitalGraph, party: str = "") -> Promises:
    """The answer that the chart draws. Raises NotFound where nothing was promised."""
    result = promises(graph.network, graph.party(party) if party else "", graph.context)
    if not result.promises:
        whom = f" to or by {party}" if party else ""
        raise NotFound(f"by {graph.clocks.as_of} the data know of no promised payment{whom}; there is nothing to draw")
    return result


def picture(result: Promises, facts: Facts, voice: Voice) -> Picture:
    """The ladder of promises of an answer."""
    rungs = [code for code in reversed(_ladder(voice)) if any(row.rung.code == code.code for row in result.promises)]
    party = result.party
    return Picture(
        kind="promises",
        result=result,
        voice=voice,
        title=voice.say("chart.promises.title_of" if party else "chart.promises.title", party=party),
        finding=_finding(result, voice),
        height=_HEIGHT,
        paint=lambda canvas: _Painter(canvas, result, rungs).paint(),
        signs=tuple(_signs(result, rungs, voice)),
        remarks=tuple(voice.text(each) for each in result.notes),
        foot=foot(result, facts, voice, basis=voice.say("chart.promises.basis")),
    )


def _ladder(voice: Voice) -> list[Code]:
    """The rungs from the lowest up, what is off the ladder first."""
    codes = voice.ontology.codes("rung").values()
    return sorted(codes, key=lambda code: int(code["ladder"] or 0))


def _finding(result: Promises, voice: Voice) -> str:
    sides = [row for row in result.promises if not row.out], [row for row in result.promises if row.out]
    keys = ("to", "by") if result.party else ("all", "all")
    told = [_side(rows, key, result, voice) for key, rows in zip(keys, sides, strict=True) if rows]
    off = sum((_firm(row) for row in result.promises if not row.rung["ladder"]), Decimal())
    told += [voice.say("chart.promises.off", off=Value(off, USD))] if off else []
    return sentences(told, voice)


def _side(rows: Sequence[PromiseRow], key: str, result: Promises, voice: Voice) -> str:
    """What was promised one way, and how much of it has been paid."""
    promised = sum((_firm(row) for row in rows), Decimal())
    paid = sum((_firm(row) for row in rows if row.rung.code == PAID), Decimal())
    if not promised:
        return voice.say(f"chart.promises.{key}_unknown", party=result.party, count=sum(row.counted for row in rows))
    share = Value((100 * paid / promised).quantize(Decimal(1)), "percent")
    values = {"promised": Value(promised, USD), "paid": Value(paid, USD), "share": share}
    return voice.say(f"chart.promises.{key}", party=result.party, **values)


def _signs(result: Promises, rungs: Sequence[Code], voice: Voice) -> Iterator[Sign]:
    for code in rungs:
        yield Sign(code.label[voice.lang], lambda theme, code=code: look(theme, voice, code))  # type: ignore[misc]
    if any(isinstance(row.up_to, Value) for row in result.promises):
        yield Sign(voice.say("chart.promises.sign.ceiling"), _open)
    if any(row.unknown for row in result.promises):
        yield Sign(voice.say("chart.promises.sign.unknown"), Theme.unknown)


def look(theme: Theme, voice: Voice, rung: Code) -> Style:
    """How a payment on a rung is drawn: filled once it is paid, hatched before, crossed out when it is off."""
    color, place = theme.layer(voice.ontology, "equity"), int(rung["ladder"] or 0)
    if rung.code == PAID:
        return theme.solid(color)
    if not place:
        return {"facecolor": theme.paper, "edgecolor": theme.muted, "linewidth": 0.7, "hatch": "xxxx"}
    fill = mix(color, theme.paper, 0.06 + 0.07 * place)
    return {**theme.promise(color), "facecolor": fill, "hatch": _HATCHES[place], "linewidth": 0.7}


def _open(theme: Theme) -> Style:
    return {"facecolor": "none", "edgecolor": theme.muted, "linewidth": 0.8, "linestyle": (0, (1, 1.5))}


def _firm(row: PromiseRow) -> Decimal:
    """The dollars of a row."""
    known = isinstance(row.firm, Value) and row.firm.unit == USD
    return (row.firm.value or Decimal()) if known and isinstance(row.firm, Value) else Decimal()


def _ceiling(row: PromiseRow) -> Decimal:
    known = isinstance(row.up_to, Value) and row.up_to.unit == USD
    return (row.up_to.value or Decimal()) if known and isinstance(row.up_to, Value) else Decimal()


class _Painter:
    """Draws the columns."""

    def __init__(self, canvas: Canvas, result: Promises, rungs: Sequence[Code]) -> None:
        self.canvas, self.theme, self.voice = canvas, canvas.theme, canvas.voice
        self.result, self.rungs = result, rungs
        years = {row.year for row in result.promises}
        dated = sorted(int(year) for year in years if year)
        last = dated[-1] if dated else 0
        first = max(dated[0], last - _COLUMNS + 2) if dated else 1
        self.early = [str(year) for year in dated if year < first]
        self.columns = [
            *([_EARLY] if self.early else []),
            *map(str, range(first, last + 1)),
            *([""] if "" in years else []),
        ]
        self.sides = sorted({row.out for row in result.promises})

    def paint(self) -> None:
        canvas, unknown = self.canvas, any(row.unknown for row in self.result.promises)
        foot = 34 + (16 if unknown else 0)
        axes = canvas.plot(MARGIN + 46, canvas.top + 14, INNER - 46, _HEIGHT - foot - 22)
        tops = [self._stack(axes, place, out) for place in range(len(self.columns)) for out in self.sides]
        self._frame(axes, [top for top in tops if top])
        self._labels(axes)
        y = canvas.bottom - foot + 14
        for place, column in enumerate(self.columns):
            x = self._x(axes, place)
            canvas.text(x, y, self._name(column), 8.5, align="center")
            self._unknown(x, y + 16, column)
        if unknown:
            canvas.text(MARGIN, y + 16, self.voice.heading("unknown"), 7.5, self.theme.muted)

    def _x(self, axes: Axes, place: float) -> float:
        left, right = axes.get_xlim()
        return MARGIN + 46 + (INNER - 46) * (place - left) / (right - left)

    def _name(self, column: str) -> str:
        if column == _EARLY:
            return self.voice.say("chart.promises.before", year=self.columns[1])
        return column or self.voice.say("chart.promises.undated")

    def _members(self, column: str, out: bool) -> list[PromiseRow]:
        rows = [row for row in self.result.promises if row.out is out]
        return (
            [row for row in rows if row.year in self.early]
            if column == _EARLY
            else [row for row in rows if row.year == column]
        )

    def _stack(self, axes: Axes, place: int, out: bool) -> float:
        """One column on its side of the line; where it ends."""
        rows, sign, end = self._members(self.columns[place], out), -1 if out else 1, 0.0
        for rung in self.rungs:
            height = float(sum((_firm(row) for row in rows if row.rung.code == rung.code), Decimal()))
            if height:
                axes.bar(place, sign * height, 0.62, bottom=end, **look(self.theme, self.voice, rung))
                end += sign * height
        ceiling = float(sum((_ceiling(row) for row in rows), Decimal()))
        if ceiling:
            axes.bar(place, sign * ceiling, 0.62, bottom=end, **_open(self.theme))
            end += sign * ceiling
        return end

    def _frame(self, axes: Axes, ends: Sequence[float]) -> None:
        """The scale in round numbers, the line of nothing."""
        from matplotlib.ticker import MaxNLocator

        high, low = max([0.0, *ends]), min([0.0, *ends])
        room = (high - low or 1) * 0.08
        axes.set_xlim(-0.6, max(len(self.columns), 4) - 0.4)
        axes.set_ylim(low - (room if low else 0), high + room)
        axes.yaxis.set_major_locator(MaxNLocator(6, steps=[1, 2, 5, 10]))
        axes.set_xticks([])
        ticks = [tick for tick in axes.get_yticks() if low - room <= tick <= high + room]
        axes.set_yticks(ticks, [self.voice.bare(abs(Decimal(str(tick))), USD) if tick else "0" for tick in ticks])
        axes.grid(axis="y", color=self.theme.rule, linewidth=0.6)
        axes.set_axisbelow(True)
        axes.axhline(0, color=self.theme.ink, linewidth=0.9)
        self.canvas.text(MARGIN, self.canvas.top + 6, self.voice.say("chart.usd"), 7.5, self.theme.muted)
        if self.result.party is not None:
            for direction, place in [("out", 0.02) if out else ("in", 0.985) for out in self.sides]:
                axes.text(
                    0, place, self.voice.say(f"chart.promises.{direction}"), transform=axes.transAxes, fontsize=8,
                    fontweight="bold", color=self.theme.ink, va="top" if direction == "in" else "bottom",
                )  # fmt: skip

    def _labels(self, axes: Axes) -> None:
        """What was promised and how much of it is paid, at the end of every column that is large enough."""
        low, high = axes.get_ylim()
        for place, column in enumerate(self.columns):
            for out in self.sides:
                rows = self._members(column, out)
                firm = sum((_firm(row) for row in rows), Decimal())
                paid = sum((_firm(row) for row in rows if row.rung.code == PAID), Decimal())
                if firm and float(firm) > (high - low) * 0.02:
                    share = self.voice.measure((100 * paid / firm).quantize(Decimal(1)), "percent")
                    text = self.voice.say("chart.promises.label", promised=self.voice.bare(firm, USD), share=share)
                    end = float(firm + sum((_ceiling(row) for row in rows), Decimal()))
                    sign = -1 if out else 1
                    axes.annotate(
                        text, (place, sign * end), (0, sign * 3), textcoords="offset points", ha="center", fontsize=7,
                        color=self.theme.ink, va="bottom" if sign > 0 else "top", linespacing=1.15,
                    )  # fmt: skip

    def _unknown(self, x: float, y: float, column: str) -> None:
        count = sum(row.unknown for out in self.sides for row in self._members(column, out))
        if count:
            self.canvas.box(x - 12, y - 6.5, 10, 7, self.theme.unknown())
            self.canvas.text(x + 1, y, str(count), 7.5, self.theme.muted)

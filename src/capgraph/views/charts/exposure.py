"""Who stands to lose how much by whom: a heat map of one channel, with the figure in every cell and sums at both ends.

The colour grows with the logarithm of the amount. A cell is hatched where a tie is known and its amount is not, pale
with a dashed edge where only a ceiling is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from capgraph.errors import NotFound
from capgraph.facts import Facts
from capgraph.names import Name
from capgraph.results import Value
from capgraph.views.charts import lettering
from capgraph.views.charts.canvas import MARGIN, WIDTH, Canvas, Picture, Sign, sentences
from capgraph.views.charts.exposures import USD, ExposureMatrix, Pair, matrix
from capgraph.views.charts.foot import foot
from capgraph.views.charts.theme import Style, Theme, mix
from capgraph.voice import Voice

if TYPE_CHECKING:
    from capgraph.graph import CapitalGraph

_TOP = 12
_ROW, _LABELS, _SUMS, _HEAD = 24.0, 142.0, 58.0, 84.0
_LAYERS = {"equity": "equity", "commitment": "equity", "sales": "contract", "purchases": "contract"}
"""The layer whose colour a channel has; all others are those of debt."""


def ask(graph: CapitalGraph, *parties: str, channel: str = "equity") -> ExposureMatrix:
    """The answer that the chart draws. Raises NotFound where nobody is exposed through the channel."""
    nodes = [graph.party(party) for party in parties]
    result = matrix(graph.network_for(*nodes), nodes, channel, graph.context)
    if not result.pairs:
        whom = ", ".join(parties) or "anyone"
        raise NotFound(
            f"the data have no link at {graph.clocks.as_of} by which {whom} stands to lose anything by {channel}; "
            "there is nothing to draw"
        )
    return result


def picture(result: ExposureMatrix, facts: Facts, voice: Voice, *, top: int = _TOP) -> Picture:
    """The heat map of an answer, at most ``top`` parties at each end; the others have a row and a column together."""
    board = _Board.of(result.pairs, top)
    layer = _LAYERS.get(result.channel.code, "debt")
    return Picture(
        kind="exposure",
        result=result,
        voice=voice,
        title=voice.say("chart.exposure.title", channel=result.channel),
        finding=_finding(result, voice),
        height=_HEAD + _ROW * (len(board.rows) + 1) + 12,
        paint=lambda canvas: _Painter(canvas, board, layer).paint(),
        signs=tuple(_signs(board, layer, voice)),
        remarks=(*(voice.text(note) for note in result.notes), *_plus(result, voice)),
        foot=foot(result, facts, voice, basis=voice.say("chart.exposure.basis", channel=result.channel)),
    )


def _firm(pairs: Sequence[Pair]) -> Decimal:
    return sum((pair.firm.value or Decimal() for pair in pairs), Decimal())


@dataclass(frozen=True, slots=True)
class _Board:
    """The parties of both ends in the order of the picture, None for all others together."""

    pairs: tuple[Pair, ...]
    rows: tuple[Name | None, ...]
    columns: tuple[Name | None, ...]

    @classmethod
    def of(cls, pairs: Sequence[Pair], top: int) -> _Board:
        return cls(
            tuple(pairs), _ends(pairs, lambda pair: pair.exposed, top), _ends(pairs, lambda pair: pair.loses_by, top)
        )

    def cell(self, row: Name | None, column: Name | None) -> list[Pair]:
        """The pairs of one cell."""
        return [pair for pair in self.row(row) if _is(pair.loses_by, column, self.columns)]

    def row(self, row: Name | None) -> list[Pair]:
        return [pair for pair in self.pairs if _is(pair.exposed, row, self.rows)]

    def column(self, column: Name | None) -> list[Pair]:
        return [pair for pair in self.pairs if _is(pair.loses_by, column, self.columns)]


def _is(name: Name, place: Name | None, places: Sequence[Name | None]) -> bool:
    return name == place if place is not None else name not in places


def _ends(pairs: Sequence[Pair], end: Callable[[Pair], Name], top: int) -> tuple[Name | None, ...]:
    """The parties of one end, those with most firm dollars first; a last place for all that do not fit."""
    sums: dict[Name, Decimal] = {}
    for pair in pairs:
        sums[end(pair)] = sums.get(end(pair), Decimal()) + (pair.firm.value or Decimal())
    names = sorted(sums, key=lambda name: (-sums[name], name.id))
    return tuple(names[:top]) if len(names) <= top else (*names[: top - 1], None)


def _finding(result: ExposureMatrix, voice: Voice) -> str:
    largest = result.pairs[0]
    told = [voice.say("chart.exposure.finding", total=result.total, count=len(result.pairs))]
    if largest.firm.value:
        values = {"exposed": largest.exposed, "by": largest.loses_by, "amount": _plain(largest.firm)}
        told.append(voice.say("chart.exposure.largest", **values))
    return sentences(told, voice)


def _plus(result: ExposureMatrix, voice: Voice) -> Iterator[str]:
    if any(pair.firm.value and (pair.unknown or pair.with_ceiling) for pair in result.pairs):
        yield voice.say("chart.exposure.more")


def _plain(value: Value) -> Value:
    return Value(value.value, value.unit)


def _signs(board: _Board, layer: str, voice: Voice) -> Iterator[Sign]:
    low, high = _span(board)
    if high:
        for amount in dict.fromkeys((low, (low * high).sqrt(), high)):
            yield Sign(
                voice.measure(_round(amount), USD),
                lambda theme, amount=amount: theme.solid(_shade(theme, voice, layer, amount, low, high)),  # type: ignore[misc]
            )
    if any(not pair.firm.value and pair.with_ceiling for pair in board.pairs):
        yield Sign(voice.say("chart.exposure.sign.ceiling"), lambda theme: _ceiling(theme, voice, layer))
    if any(_hatched(board.cell(row, column)) for row in board.rows for column in board.columns):
        yield Sign(voice.say("chart.exposure.sign.unknown"), Theme.unknown)


def _hatched(pairs: Sequence[Pair]) -> bool:
    """Whether a cell holds ties and nothing that can be said of their amount."""
    return bool(pairs) and not _firm(pairs) and not (len(pairs) == 1 and pairs[0].with_ceiling)


def _round(amount: Decimal) -> Decimal:
    return amount.quantize(Decimal(1).scaleb(amount.adjusted() - 1)) if amount else amount


def _span(board: _Board) -> tuple[Decimal, Decimal]:
    """The least and the most of all cells."""
    sums = [_firm(board.cell(row, column)) for row in board.rows for column in board.columns]
    known = [amount for amount in sums if amount > 0]
    return (min(known), max(known)) if known else (Decimal(), Decimal())


def _shade(theme: Theme, voice: Voice, layer: str, amount: Decimal, low: Decimal, high: Decimal) -> str:
    """The colour of an amount: from pale to the layer's own, by the logarithm."""
    part = float((amount / low).ln() / (high / low).ln()) if high > low else 1.0
    return mix(theme.layer(voice.ontology, layer), theme.paper, 0.1 + 0.9 * part)


def _ceiling(theme: Theme, voice: Voice, layer: str) -> Style:
    """How a cell is drawn of which only the most is known. (Ceilings are not added: those of the lenders of one loan
    are that loan, again and again.)"""
    return {**theme.promise(theme.layer(voice.ontology, layer)), "hatch": ""}


class _Painter:
    """Draws the cells."""

    def __init__(self, canvas: Canvas, board: _Board, layer: str) -> None:
        self.canvas, self.theme, self.voice, self.board, self.layer = canvas, canvas.theme, canvas.voice, board, layer
        self.low, self.high = _span(board)
        self.left, self.top = MARGIN + _LABELS, canvas.top + _HEAD
        room = (WIDTH - MARGIN - _SUMS - self.left) / len(board.columns)
        self.cell = min(room, 58.0)

    def paint(self) -> None:
        self._heads()
        for place, row in enumerate(self.board.rows):
            y = self.top + _ROW * place
            self.canvas.text(MARGIN, y + 15, self._name(row), 8.5, room=_LABELS - 8)
            for spot, column in enumerate(self.board.columns):
                self._cell(self.board.cell(row, column), self.left + self.cell * spot, y)
            self._sum(self.board.row(row), self.left + self.cell * len(self.board.columns) + 8, y + 15, "left")
        y = self.top + _ROW * len(self.board.rows) + 15
        self.canvas.text(MARGIN, y, self.voice.heading("total"), 8.5, weight="bold")
        for spot, column in enumerate(self.board.columns):
            self._sum(self.board.column(column), self.left + self.cell * (spot + 0.5), y, "center")
        self._sum(self.board.pairs, self.left + self.cell * len(self.board.columns) + 8, y, "left")

    def _name(self, name: Name | None) -> str:
        return name[self.voice.lang] if name else self.voice.say("chart.exposure.others")

    def _heads(self) -> None:
        """Who is lost by, above the columns, slanted."""
        for spot, column in enumerate(self.board.columns):
            x = self.left + self.cell * (spot + 0.45)
            text = lettering.cut(self._name(column), 108, 8.5)
            self.canvas.sheet.text(
                x, self.top - 6, text, font=lettering.font(8.5), color=self.theme.ink, rotation=38, ha="left",
                va="bottom", rotation_mode="anchor",
            )  # fmt: skip
        x = self.left + self.cell * len(self.board.columns) + 8
        self.canvas.text(x, self.top - 6, self.voice.heading("total"), 8.5, weight="bold")
        self.canvas.text(MARGIN, self.top - 6, self.voice.say("chart.usd"), 7.5, self.theme.muted)

    def _cell(self, pairs: Sequence[Pair], x: float, y: float) -> None:
        box = (x + 0.75, y + 0.75, self.cell - 1.5, _ROW - 1.5)
        firm = _firm(pairs)
        if firm:
            color = _shade(self.theme, self.voice, self.layer, firm, self.low, self.high)
            self.canvas.box(*box, self.theme.solid(color))
            more = "+" if any(pair.unknown or pair.with_ceiling for pair in pairs) else ""
            self._figure(f"{self._short(firm)}{more}", x, y, self.theme.over(color))
        elif len(pairs) == 1 and isinstance(pairs[0].up_to, Value):
            self.canvas.box(*box, _ceiling(self.theme, self.voice, self.layer))
            self._figure(f"≤ {self._short(pairs[0].up_to.value or Decimal())}", x, y, self.theme.ink)
        elif pairs:
            self.canvas.box(*box, self.theme.unknown())
        else:
            self.canvas.box(*box, {"facecolor": self.theme.faint, "alpha": 0.55})

    def _short(self, amount: Decimal) -> str:
        """An amount in at most three digits."""
        digits = amount.adjusted() - 2
        return self.voice.bare(round(amount.scaleb(-digits)) * Decimal(1).scaleb(digits), USD)

    def _figure(self, text: str, x: float, y: float, color: str) -> None:
        size = 7.6
        while lettering.width(text, size) > self.cell - 7 and size > 5:
            size -= 0.4
        self.canvas.text(x + self.cell / 2, y + 15, text, size, color, align="center")

    def _sum(self, pairs: Sequence[Pair], x: float, y: float, align: str) -> None:
        firm = _firm(pairs)
        if firm:
            more = "+" if any(pair.unknown or pair.with_ceiling for pair in pairs) else ""
            self.canvas.text(x, y, f"{self._short(firm)}{more}", 7.8, weight="bold", align=align)
        else:
            self.canvas.text(x, y, self.voice.say("value.unknown"), 7.8, self.theme.muted, align=align)

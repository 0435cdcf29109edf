"""Who holds a company: a tree of holders, their percents laid end to end from nothing to the whole.

A holder that contains others is a pale bar with its parts within it. Holders without a percent are hatched over all
that they can be, and so is what nobody accounts for.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from capgraph.analysis.ownership import BesideOwner, Owner, Owners, UnsizedOwner
from capgraph.errors import NotFound
from capgraph.facts import Facts
from capgraph.names import node_ref
from capgraph.network import container_of
from capgraph.results import Value
from capgraph.views.charts.canvas import MARGIN, WIDTH, Canvas, Picture, Sign, joined
from capgraph.views.charts.foot import foot
from capgraph.views.charts.theme import Theme
from capgraph.voice import Voice

if TYPE_CHECKING:
    from capgraph.graph import CapitalGraph

_ROW = 22.0
_LEFT, _BARS, _RIGHT = MARGIN, 246.0, WIDTH - 172
_TOP = -1
"""Where rows hang that nothing contains."""
_WHOLE = Decimal(100)
_FOLD = 3
"""More holders than this of unknown size at one place of the tree stand on one row."""


@dataclass(frozen=True, slots=True)
class _Aside:
    """What stands beside the shares, with its percent where one is known."""

    name: str
    kinds: str
    percent: Decimal | None
    figure: str
    small: str


@dataclass(frozen=True, slots=True)
class _Line:
    """One row of the drawing. The bar runs from ``start`` over ``length`` percent; ``inner`` of it is the holder's own,
    the rest that of its parts. ``unsized`` holders of unknown size share the row, told by their ``names``."""

    name: str
    depth: int
    start: Decimal
    length: Decimal
    inner: Decimal
    low: Decimal
    high: Decimal
    figure: str
    small: str
    unsized: int = 0
    names: str = ""


def ask(graph: CapitalGraph, company: str, *, diluted: bool = False) -> Owners:
    """The answer that the chart draws. Raises NotFound where no holder is known."""
    result = graph.owners(company, diluted=diluted)
    if not (result.owners or result.unsized or result.beside):
        voice = Voice(graph.ontology, "en")
        raise NotFound(" ".join(voice.text(note) for note in result.notes) + " There is nothing to draw.")
    return result


def picture(result: Owners, facts: Facts, voice: Voice) -> Picture:
    """The ownership tree of an answer."""
    tree = _Tree(result, facts, voice)
    lines, beside = tree.lines(), tree.beside()
    height = _ROW * (len(lines) + 2) + (_ROW * (len(beside) + 1) if beside else 0) + 12
    bases = [row.basis for row in result.owners] + [row.basis for row in result.beside]
    return Picture(
        kind="owners",
        result=result,
        voice=voice,
        title=voice.say("title.Owners", issuer=result.issuer),
        finding=_finding(result, facts, voice),
        height=height,
        paint=lambda canvas: _Painter(canvas, result, lines, beside).paint(),
        signs=tuple(_signs(result, lines, voice)),
        remarks=tuple(_remarks(result, voice)),
        foot=foot(result, facts, voice, measures=bases),
    )


def _finding(result: Owners, facts: Facts, voice: Voice) -> str:
    if not result.owners:
        key = "chart.owners.unsized" if result.unsized else "chart.owners.none"
        return voice.say(key, issuer=result.issuer, count=len(result.unsized))
    named = [row for row in result.owners if _kind(facts, row) != "aggregate"] or result.owners
    largest = max(named, key=lambda row: row.percent.value or Decimal())
    return voice.say(
        "chart.owners.finding" if result.rest is not None else "chart.owners.wrong",
        issuer=result.issuer,
        count=len(result.owners),
        counted=_plain(result.counted),
        rest=_plain(result.rest) if result.rest else None,
        holder=largest.holder,
        percent=largest.percent,
    )


def _kind(facts: Facts, row: Owner) -> str:
    """The kind of party that a holder is; an aggregate is no single holder."""
    party = facts.get(node_ref(row.holder.id))
    return party.cells.get("kind", "") if party else ""


def _plain(value: Value) -> Value:
    """A value without its range, for a sentence."""
    return Value(value.value, value.unit)


def _remarks(result: Owners, voice: Voice) -> Iterator[str]:
    shown = {"ownership.oversubscribed", "ownership.wrong", "ownership.rounding", "ownership.diluted"}
    yield from (voice.text(note) for note in result.notes if note.key in shown)


def _signs(result: Owners, lines: Sequence[_Line], voice: Voice) -> Iterator[Sign]:
    def equity(theme: Theme) -> str:
        return theme.layer(voice.ontology, "equity")

    if result.owners:
        yield Sign(voice.say("chart.owners.sign.percent"), lambda theme: theme.solid(equity(theme)))
    if any(line.inner < line.length and not line.unsized for line in lines):
        yield Sign(voice.say("chart.owners.sign.parts"), lambda theme: theme.tint(equity(theme)))
    if any(line.low < line.high and not line.unsized for line in lines):
        yield Sign(voice.say("chart.sign.range"), lambda theme: {"color": theme.ink, "linewidth": 1.1}, "line")
    yield Sign(voice.say("chart.owners.sign.unknown"), Theme.unknown)
    if result.beside:
        yield Sign(voice.say("chart.owners.sign.beside"), lambda theme: theme.promise(equity(theme)))


class _Tree:
    """The holders of an answer as rows: those that contain others before what they contain."""

    def __init__(self, result: Owners, facts: Facts, voice: Voice) -> None:
        self.result = result
        self.voice = voice
        self.rows: tuple[Owner | UnsizedOwner, ...] = (*result.owners, *result.unsized)
        at = {stake: place for place, row in enumerate(self.rows) for stake in row.stakes}
        self.parts: dict[int, list[int]] = {}
        for place, row in enumerate(self.rows):
            self.parts.setdefault(_container(facts, row, at, place), []).append(place)

    def lines(self) -> tuple[_Line, ...]:
        """The rows, from the top of the tree, laid end to end from nothing on."""
        return tuple(self._level(_TOP, 0, Decimal()))

    def _level(self, parent: int, depth: int, start: Decimal) -> Iterator[_Line]:
        places = self.parts.get(parent, [])
        sized = [place for place in places if isinstance(self.rows[place], Owner)]
        ends = start
        for place in sorted(sized, key=lambda place: -self._whole(place)):
            yield from self._branch(place, depth, ends)
            ends += self._whole(place)
        # At the top those of unknown size can be in what nobody accounts for, in a container in what its parts leave.
        unsized = [place for place in places if place not in sized]
        yield from self._unsized(unsized, depth, None if parent == _TOP else start - self._own(parent))

    def _branch(self, place: int, depth: int, start: Decimal) -> Iterator[_Line]:
        """A holder with a percent, and its parts behind what is its own."""
        row, own, whole = self.rows[place], self._own(place), self._whole(place)
        assert isinstance(row, Owner)
        said = row.percent if own < whole else row.counted
        yield _Line(
            name=row.holder[self.voice.lang],
            depth=depth,
            start=start,
            length=whole,
            inner=own,
            low=whole if said.low is None else said.low,
            high=whole if said.high is None else said.high,
            figure=self.voice.text(row.percent),
            small=joined((self.voice.coded("basis", row.basis), str(row.as_of or "")), self.voice),
        )
        yield from self._level(place, depth + 1, start + own)

    def _own(self, place: int) -> Decimal:
        row = self.rows[place]
        return (row.counted.value or Decimal()) if isinstance(row, Owner) else Decimal()

    def _whole(self, place: int) -> Decimal:
        """What a holder and its parts bring together."""
        return self._own(place) + sum((self._whole(part) for part in self.parts.get(place, [])), Decimal())

    def _unsized(self, places: Sequence[int], depth: int, start: Decimal | None) -> Iterator[_Line]:
        """Those of unknown size at one place of the tree: a few each by itself, many with the same bound on one row."""
        groups: dict[Decimal, list[int]] = {}
        for place in places:
            row = self.rows[place]
            assert isinstance(row, UnsizedOwner)
            groups.setdefault(row.bounds.high or Decimal(), []).append(place)
        for high, members in groups.items():
            first = max(Decimal(), _WHOLE - high) if start is None else start
            alone = [place for place in members if len(members) <= _FOLD or place in self.parts]
            for place in alone:
                yield self._unknown([place], depth, first, high)
                yield from self._level(place, depth + 1, first)
            together = [place for place in members if place not in alone]
            if together:
                yield self._unknown(together, depth, first, high)

    def _unknown(self, places: Sequence[int], depth: int, start: Decimal, high: Decimal) -> _Line:
        names = [self.rows[place].holder[self.voice.lang] for place in places]
        many = len(places) > 1
        told = ("、" if self.voice.lang == "zh" else ", ").join(names)
        most = Value(None, "percent", high=high)
        return _Line(
            name=self.voice.say("chart.owners.more", count=len(places)) if many else names[0],
            depth=depth,
            start=start,
            length=high,
            inner=Decimal(),
            low=high,
            high=high,
            figure=self.voice.say("chart.owners.each", percent=most) if many else self.voice.text(most),
            small="",
            unsized=len(places),
            names=told if many else "",
        )

    def beside(self) -> tuple[_Aside, ...]:
        """What stands beside the shares."""
        return tuple(self._beside(row) for row in self.result.beside)

    def _beside(self, row: BesideOwner) -> _Aside:
        return _Aside(
            name=row.holder[self.voice.lang],
            kinds=self.voice.text(row.instruments),
            percent=row.percent.value if row.percent else None,
            figure=self.voice.text(row.percent),
            small=joined((self.voice.coded("basis", row.basis), str(row.as_of or "")), self.voice),
        )


def _container(facts: Facts, row: Owner | UnsizedOwner, at: Mapping[str, int], place: int) -> int:
    """Which row contains this one: the nearest container of one of its stakes that has a row of its own."""
    for stake in row.stakes:
        seen, fact = {stake}, facts.get(stake)
        while fact is not None and (outer := container_of(fact)) not in seen and outer:
            if at.get(outer, place) != place:
                return at[outer]
            seen.add(outer)
            fact = facts.get(outer)
    return _TOP


class _Painter:
    """Draws the rows."""

    def __init__(self, canvas: Canvas, result: Owners, lines: Sequence[_Line], beside: Sequence[_Aside]) -> None:
        self.canvas, self.theme, self.voice = canvas, canvas.theme, canvas.voice
        self.result, self.lines, self.beside = result, lines, beside
        self.color = self.theme.layer(self.voice.ontology, "equity")
        ends = [float(line.start + max(line.length, line.high)) for line in lines]
        self.most = max(100.0, *ends) if ends else 100.0

    def paint(self) -> None:
        y = self.canvas.top + _ROW
        self._scale(y)
        stems: dict[int, float] = {}
        for line in self.lines:
            y += _ROW
            self._branch(line, y, stems)
            self._row(line, y)
        y += _ROW
        self._rest(y)
        if self.beside:
            y += _ROW
            self.canvas.text(MARGIN, y, self.voice.say("chart.owners.beside"), 8, self.theme.muted, "bold")
            for entry in self.beside:
                y += _ROW
                self._aside(entry, y)

    def _x(self, percent: Decimal | float) -> float:
        return _BARS + (_RIGHT - _BARS) * min(float(percent), self.most) / self.most

    def _scale(self, y: float) -> None:
        bottom = y + _ROW * (len(self.lines) + 1) + 6
        for tick in (0, 25, 50, 75, 100):
            x = self._x(tick)
            self.canvas.line([(x, y + 4), (x, bottom)], self.theme.rule, 0.6, back=True)
            self.canvas.text(x, y, self.voice.measure(Decimal(tick), "percent"), 7.5, self.theme.muted, align="center")
        self.canvas.text(MARGIN, y, self.result.issuer[self.voice.lang], 9.5, weight="bold", room=_BARS - MARGIN - 30)
        self.canvas.text(WIDTH - MARGIN, y, self.voice.heading("percent"), 7.5, self.theme.muted, align="right")

    def _branch(self, line: _Line, y: float, stems: dict[int, float]) -> None:
        """The branch of the tree that leads to a row."""
        x = MARGIN + 4 + 13 * line.depth
        above = stems.get(line.depth, self.canvas.top + _ROW + 5)
        self.canvas.line([(x, above), (x, y - 3), (x + 7, y - 3)], self.theme.muted, 0.7)
        stems[line.depth] = y - 3
        stems[line.depth + 1] = y + 3
        for deeper in [depth for depth in stems if depth > line.depth + 1]:
            del stems[deeper]

    def _row(self, line: _Line, y: float) -> None:
        canvas, x = self.canvas, MARGIN + 15 + 13 * line.depth
        canvas.text(x, y - (3 if line.names else 0), line.name, 9, room=_BARS - x - 10)
        canvas.text(x, y + 5, line.names, 6.8, self.theme.muted, room=_BARS - x - 10)
        left, right = self._x(line.start), self._x(line.start + line.length)
        if line.unsized:
            canvas.box(left, y - 6, right - left, 6, self.theme.unknown())
        else:
            canvas.box(left, y - 9, max(right - left, 0.8), 12, self.theme.tint(self.color))
            own = self._x(line.start + line.inner)
            canvas.box(left, y - 9, max(own - left, 0.8), 12, self.theme.solid(self.color))
            self._range(line, y - 3)
        self._figure(line.figure, line.small, y)

    def _range(self, line: _Line, y: float) -> None:
        if line.low < line.high:
            self.canvas.whisker(self._x(line.start + line.low), self._x(line.start + line.high), y)

    def _figure(self, figure: str, small: str, y: float) -> None:
        room = WIDTH - MARGIN - _RIGHT - 10
        if small:
            self.canvas.text(WIDTH - MARGIN, y - 3.5, figure, 8.5, align="right", room=room)
            self.canvas.text(WIDTH - MARGIN, y + 4.5, small, 6.8, self.theme.muted, align="right", room=room)
        else:
            self.canvas.text(WIDTH - MARGIN, y, figure, 8.5, align="right", room=room)

    def _rest(self, y: float) -> None:
        """What nobody accounts for, up to the whole."""
        x = MARGIN + 4
        self.canvas.text(x + 11, y, self.voice.heading("rest"), 9, self.theme.muted)
        rest = self.result.rest
        if rest is None:
            self._figure(self.voice.say("chart.owners.contradict"), "", y)
            return
        left = self._x(self.result.counted.value or Decimal())
        if rest.value:
            self.canvas.box(left, y - 9, max(self._x(100) - left, 0.8), 12, self.theme.unknown())
        self._figure(self.voice.text(rest), "", y)

    def _aside(self, entry: _Aside, y: float) -> None:
        room = _BARS - MARGIN - 25
        self.canvas.text(MARGIN + 15, y - 3, entry.name, 9, room=room)
        self.canvas.text(MARGIN + 15, y + 5, entry.kinds, 6.8, self.theme.muted, room=room)
        if entry.percent is not None:
            width = self._x(entry.percent) - _BARS
            self.canvas.box(_BARS, y - 9, max(width, 1), 12, self.theme.promise(self.color))
        self._figure(entry.figure, entry.small, y)

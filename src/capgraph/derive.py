"""Everything that follows from the facts at one pair of clocks: preferred figures, statuses, starts and ends.

:class:`Derived` is what the network and every analysis ask; nothing else in capgraph chooses among readings or
compares a date with an asked day. :meth:`Derived.quads` writes the same answers as RDF, so that a query needs three
lines and agrees with every command.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from copy import copy
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property

import pyoxigraph as ox

from capgraph.clocks import DateSpan, period_span
from capgraph.facts import Row
from capgraph.lifetimes import CLOSED, Lifetimes
from capgraph.money import Converter, Money, Part
from capgraph.quads import DERIVED, thing_iri
from capgraph.readings import Figure, choose, qualifies, rank
from capgraph.schema import CAP, CODE
from capgraph.sources import Reading

_DECIMAL = ox.NamedNode("http://www.w3.org/2001/XMLSchema#decimal")
_CHOSEN = ox.NamedNode(f"{CAP}chosenReading")
_RIVAL = ox.NamedNode(f"{CAP}rivalReading")
_STATUS = ox.NamedNode(f"{CAP}status")
_RUNG = ox.NamedNode(f"{CAP}rung")
_PUBLIC = ox.NamedNode(f"{CAP}public")
_STANDS = ox.NamedNode(f"{CAP}stands")
_TOLD_BY = ox.NamedNode(f"{CAP}toldBy")
_TRUE = ox.Literal(True)


@dataclass(frozen=True, slots=True)
class _Aspect:
    """What the code lists say of one aspect."""

    code: str
    number: bool
    money: bool
    each_basis: bool


class Derived(Lifetimes):
    """The facts under an ontology at one pair of clocks. Figures are chosen when asked, and kept."""

    @cached_property
    def _figures(self) -> dict[tuple[str, str, str | None], Figure | None]:
        return {}

    @cached_property
    def converter(self) -> Converter:
        """The exchange rates of the data."""
        return Converter(self.facts)

    @cached_property
    def _aspects(self) -> dict[str, _Aspect]:
        return {
            code.code: _Aspect(
                code.code,
                code["valueType"] in ("decimal", ""),
                code["unitKind"] == "money",
                code["eachBasisAnswers"] == "true",
            )
            for code in self.ontology.codes("aspect").values()
        }

    # Figures ---------------------------------------------------------------------------------------------------------

    def figure(self, ref: str, aspect: str, basis: str | None = None) -> Figure | None:
        """The figure that answers for one aspect of one thing, None where none does.

        With a ``basis`` only readings of exactly that basis answer: a market of ``market_share``, the ``ceiling`` of an
        amount, a ``forecast``. Without one the order of the code lists decides.

        >>> from capgraph import clocks, ontology, share, sources, tables
        >>> facts = tables.read_folders([share.data_dir()], ontology.load()).checked()
        >>> asked = clocks.resolve(date(2026, 4, 30), None, sources.Sources(facts).latest)
        >>> figure = Derived(facts, ontology.load(), asked).figure("stake/microsoft--openai--common", "percent")
        >>> figure.value, figure.low, figure.high
        (Decimal('27'), Decimal('26.79'), Decimal('27'))
        """
        key = (ref, aspect, basis)
        if key not in self._figures:
            about = [reading for reading in self.readings(ref) if reading.aspect == aspect]
            self._figures[key] = self._chosen(about, ref, aspect, basis) if about else None
        return self._figures[key]

    def _chosen(self, about: list[Reading], ref: str, aspect: str, basis: str | None) -> Figure | None:
        policy = self.policy(aspect, self._ages(ref, aspect))
        if basis is not None:
            policy, about = policy.only(basis), [reading for reading in about if reading.basis == basis]
        return choose(about, policy, self.clocks, self._cuts(ref, aspect)) if about else None

    def _cuts(self, ref: str, aspect: str) -> tuple[date, ...]:
        """The days that part readings of one aspect: a leg changed the stake, or a split its count of shares."""
        code = self.ontology.find_code("aspect", aspect)
        splits = self.splits(ref) if code is not None and code["unitKind"] == "shares" else ()
        return (*self.changed_on(ref), *splits)

    def splits(self, ref: str) -> tuple[date, ...]:
        """The days on which the shares of a party, or of the issuer of a stake, were split."""
        row = self.facts.get(ref)
        issuer = f"party/{row['issuer']}" if row is not None and "issuer" in row.cells else ref
        events = (event for event in self.facts.mentions(issuer) if event.table == "events")
        return tuple(DateSpan.parse(event["date"]).first for event in events if event["ratio"])

    def figures(self, ref: str) -> tuple[Figure, ...]:
        """Every figure that answers for a thing, in the order of the aspects. Where the basis names what is measured,
        each basis has its own."""
        present = {(reading.aspect, reading.basis) for reading in self.readings(ref)}
        asked: dict[tuple[str, str | None], None] = {}
        for aspect, basis in sorted(present, key=lambda pair: (self._place(pair[0]), pair)):
            spec = self._aspects.get(aspect)
            if spec is None or spec.number:
                asked[aspect, basis if spec is not None and spec.each_basis else None] = None
        found = (self.figure(ref, aspect, basis) for aspect, basis in asked)
        return tuple(figure for figure in found if figure is not None)

    def _place(self, aspect: str) -> int:
        return self._places.get(aspect, len(self._places))

    @cached_property
    def _places(self) -> dict[str, int]:
        return {aspect: place for place, aspect in enumerate(self._aspects)}

    def qualifying(self, ref: str, aspect: str | None = None) -> tuple[Reading, ...]:
        """The readings that were public and speak of the asked day or earlier, whether or not they may answer."""
        public = [reading for reading in self.readings(ref) if qualifies(reading, self.clocks)]
        present = sorted({reading.aspect for reading in public})
        aspects = sorted(present, key=self._place) if aspect is None else [aspect]
        return tuple(
            reading
            for each in aspects
            for reading in rank([item for item in public if item.aspect == each], self.policy(each))
        )

    def _ages(self, ref: str, aspect: str) -> bool:
        """Whether the figure is the percent of a state, which grows stale."""
        kind = self.ontology.kinds.get(ref.split("/")[0])
        return kind is not None and not kind.flow and aspect in kind.percent_aspects

    def changed_on(self, ref: str) -> tuple[date, ...]:
        """The days on which a closed tranche changed a stake."""
        statuses = (self.status(leg.ref) for leg in self._legs(ref))
        return tuple(found.since.first for found in statuses if found and found.rung == CLOSED and found.since)

    def percent(self, ref: str) -> Figure | None:
        """The percent of a link, by the first of its kind's percent aspects that has a figure."""
        kind = self.ontology.kinds.get(ref.split("/")[0])
        return self._first(ref, kind.percent_aspects if kind else ())

    def amount(self, ref: str) -> Figure | None:
        """The amount of a link, by the first of its kind's amount aspects that has a figure."""
        kind = self.ontology.kinds.get(ref.split("/")[0])
        return self._first(ref, kind.amount_aspects if kind else ())

    def supposing(self, figure: Figure) -> Derived:
        """Everything as it would follow if this figure answered for its thing and aspect, whatever the readings say.

        What has been chosen and kept so far is shared, so that a question asked a hundred times with one figure changed
        reads nothing again.
        """
        other = copy(self)
        spec = self._aspects.get(figure.aspect)
        basis = figure.basis if spec is not None and spec.each_basis else None
        other.__dict__["_figures"] = {**self._figures, (figure.about, figure.aspect, basis): figure}
        return other

    def _first(self, ref: str, aspects: Iterable[str]) -> Figure | None:
        return next((found for aspect in aspects if (found := self.figure(ref, aspect))), None)

    # Money -----------------------------------------------------------------------------------------------------------

    def usd(self, figure: Figure) -> Decimal | None:
        """The value of a figure in dollars, None where it has no value or no rate serves it.

        The source's own dollar figure, else the rates of the data: a figure over a period and the amount of a flow take
        the average over exactly their period or date, every other the rate of its day.
        """
        return None if figure.value is None else self._in_usd(figure.value, figure)

    def _in_usd(self, amount: Decimal, figure: Figure) -> Decimal | None:
        own = figure.usd is not None and amount in (figure.value, *figure.reading.only_bound)
        if own:
            return figure.usd
        kind = self.ontology.kinds.get(figure.about.split("/")[0])
        over = period_span(figure.period, figure.as_of.last) if figure.period else None
        if over is None and kind is not None and kind.flow:
            over = figure.as_of.first, figure.as_of.last
        return self.converter.usd(amount, figure.unit, figure.as_of, over)

    def money(self, figure: Figure, amount: Decimal) -> Money:
        """An amount of a figure (its value or a bound) as money: in dollars where a rate serves it, else as it is."""
        usd = self._in_usd(amount, figure)
        return Money(amount, figure.unit) if usd is None else Money(usd, "USD")

    def part(self, ref: str) -> Part:
        """What a link brings to a total: its firm amount, else its lower bound, and the most it may reach.

        The most is the upper bound of an answer without value, else the reading with the basis ``ceiling``.
        """
        figure = self.amount(ref)
        kind = self.ontology.kinds[ref.split("/")[0]]
        ceilings = (self.figure(ref, aspect, "ceiling") for aspect in kind.amount_aspects)
        top = next((found for found in (figure, *ceilings) if found and found.value is None and found.high), None)
        up_to = self.money(top, top.high) if top and top.high is not None else None
        if figure is None:
            return Part(ref, None, up_to)
        firm = figure.value if figure.value is not None else figure.low
        return Part(ref, None if firm is None else self.money(figure, firm), up_to, floor=figure.value is None)

    # The derived graph -----------------------------------------------------------------------------------------------

    @property
    def graph(self) -> str:
        """The IRI of the derived graph of these clocks."""
        return f"{DERIVED}{self.clocks.as_of}/{self.clocks.known_on}"

    def quads(self) -> Iterator[ox.Quad]:
        """The preferred figures, statuses and lifetimes as triples put on the things themselves, in schema order.

        Per figure one property named after its aspect (``cap:percent``, ``cap:postMoney``), ``...Low`` and ``...High``
        where there is a range, ``...Unit`` where it is money, ``cap:chosenReading`` and ``cap:rivalReading``. A percent
        too old for totals is left out. ``cap:public`` marks what was known by the day of knowledge, ``cap:stands`` the
        states among it that had begun by the asked day and were not known to be over; ``cap:toldBy`` names the public
        sources that say that a thing exists.
        """
        graph = ox.NamedNode(self.graph)
        spoken_of = {row["about"] for table in ("readings", "statuses") for row in self.facts.table(table)}
        for row in self.facts.rows():
            subject = ox.NamedNode(thing_iri(row.ref))
            for predicate, value in self._standing(row):
                yield ox.Quad(subject, predicate, value, graph)
            if row.ref in spoken_of or row.table in self._tables_with_statuses:
                for predicate, value in self._statements(row):
                    yield ox.Quad(subject, predicate, value, graph)

    def _standing(self, row: Row) -> Iterator[tuple[ox.NamedNode, ox.NamedNode | ox.Literal]]:
        """Whether a thing with an id of its own was known, who told of it, and whether it stands as a state."""
        if "id" not in row.cells or not self.is_known(row.ref):
            return
        yield _PUBLIC, _TRUE
        for entry in self.facts.about("evidence", row.ref):
            source = f"source/{entry['source']}"
            if self.clocks.public(self.sources.public(source)):
                yield _TOLD_BY, ox.NamedNode(thing_iri(source))
        kind = self.ontology.kinds.get(row.ref.split("/")[0])
        if kind is not None and kind.start and not kind.flow and self.life(row).stands:
            yield _STANDS, _TRUE

    @cached_property
    def _tables_with_statuses(self) -> frozenset[str]:
        return frozenset(self.ontology.schema.by_kind[kind].name for kind in self._kinds_with_statuses)

    def _statements(self, row: Row) -> Iterator[tuple[ox.NamedNode, ox.NamedNode | ox.Literal]]:
        status = self.status(row.ref) if row.table in self._tables_with_statuses else None
        if status:
            yield _STATUS, ox.NamedNode(f"{CODE}status/{status.code}")
            yield _RUNG, ox.NamedNode(f"{CODE}rung/{status.rung}")
        for figure in self.figures(row.ref):
            spec = self._aspects.get(figure.aspect)
            if not figure.expired and self.policy(figure.aspect).place(figure.basis) is not None:
                yield from _statements_of(figure, spec is not None and spec.money)


def _statements_of(figure: Figure, money: bool) -> Iterator[tuple[ox.NamedNode, ox.NamedNode | ox.Literal]]:
    name = CAP + property_of(figure.aspect)
    if figure.value is not None:
        yield ox.NamedNode(name), _literal(figure.value)
    if figure.ranged:
        for end, bound in (("Low", figure.low), ("High", figure.high)):
            if bound is not None:
                yield ox.NamedNode(name + end), _literal(bound)
    if money:
        yield ox.NamedNode(f"{name}Unit"), ox.NamedNode(f"{CODE}unit/{figure.unit}")
    yield _CHOSEN, ox.NamedNode(thing_iri(figure.reading.id))
    for rival in figure.rivals:
        yield _RIVAL, ox.NamedNode(thing_iri(rival.id))


def property_of(aspect: str) -> str:
    """The local name of the property that carries an aspect's preferred figure.

    >>> property_of("post_money"), property_of("percent")
    ('postMoney', 'percent')
    """
    first, *rest = aspect.split("_")
    return first + "".join(part.capitalize() for part in rest)


def _literal(number: Decimal) -> ox.Literal:
    return ox.Literal(f"{number:f}", datatype=_DECIMAL)

"""What the graph's sources say of a statement: the same, something else, nothing, or nothing that can be compared.

A statement about two parties is held against the things of the same layer that join them (a sale against the stake that
was sold, its tranches and their deals); a figure of one party against the readings of that figure. A printed number
stands for an interval (code list ``claim-precision``), and it conflicts only with readings of the same moment.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from itertools import product

from capgraph.clocks import DateSpan, near
from capgraph.facts import Row, references
from capgraph.intervals import Interval, band, hull
from capgraph.names import node_id, node_ref
from capgraph.network import CapitalNetwork
from capgraph.ontology import Ontology
from capgraph.reader.dates import span_of_date
from capgraph.reader.quantities import Quantity
from capgraph.reader.statements import Statement
from capgraph.readings import RIVAL_DAYS, Reading

AGREES, CONFLICTS, NEW, OPEN = "agrees", "conflicts", "new", "open"
"""A source says the same; sources of that moment say otherwise; the graph has nothing of the kind; or what there is
cannot be compared (no date, an unknown party, another unit)."""

_SHOWN = 3
_OWN_ROUNDING = Fraction(1, 100)
"""A reading was rounded by its source too: by half of its last digit other than nought, at most by this part of it."""
_CONVERTED = Fraction(1, 20)
"""A rate is of one day: amounts in two currencies may differ by this part, and they never conflict."""
_ORDER = 2
"""A number with one end agrees with a figure at most so many times as large or as small."""
_TELLING = 100
"""A number of so many units of its last digit is telling by itself: 58.3 is, 30 is not."""
_ROUNDED = Decimal("0.2")
"""The last digit of a number counts for at most this part of it: "1 trillion" is not half a trillion."""
_ROLE = "people"


@dataclass(frozen=True, slots=True)
class Finding:
    """What the readings say of one quantity, nearest first."""

    quantity: Quantity
    verdict: str
    readings: tuple[Reading, ...]


@dataclass(frozen=True, slots=True)
class Comparison:
    """What the graph says of one statement. ``things`` are the links that it may be about; ``through`` the nodes that
    stand in for the party that the text names (a founder's company, a fund of the house)."""

    verdict: str
    findings: tuple[Finding, ...]
    things: tuple[str, ...]
    through: tuple[str, ...]
    sources: tuple[str, ...]


class Agreement:
    """The things and readings of a network, ready to be compared with statements.

    ``published``: the day of the text, from which a statement without a date speaks of a lasting state. ``source``: the
    id of the text among the sources; what it and its copies say supports nothing that they say.
    """

    def __init__(self, network: CapitalNetwork, published: date | None = None, source: str = "") -> None:
        self._network = network
        self._derived = network.derived
        self._facts = network.facts
        self._ontology: Ontology = network.ontology
        self._published = published
        self._own = self._derived.sources.origin(f"source/{source}") if source else ""
        self._houses: dict[str, tuple[str, ...]] = {}
        self._public: dict[str, tuple[Reading, ...]] = {}
        self._known: dict[str, Interval] = {}

    def compare(self, told: Statement) -> Comparison:
        """Hold one statement against the graph."""
        things, through = self._things(told)
        if told.trigger.entry.kind:
            about = self._with_deals(ref for ref in things if self._of_like(told, ref))
            readings = [reading for ref in about for reading in self._readings(ref)]
        else:
            readings = [reading for ref in things for reading in self._readings(ref) if reading.aspect == told.code]
        findings = tuple(self._finding(told, quantity, readings) for quantity in told.quantities)
        verdict = self._verdict(told, things, readings, findings)
        shown = [reading for finding in findings for reading in finding.readings]
        sources = [reading.source for reading in shown] or [
            source for ref in things[:_SHOWN] for source in self._told_by(ref)[:_SHOWN]
        ]
        named = things if told.trigger.entry.kind else ()
        return Comparison(verdict, findings, tuple(named[: 2 * _SHOWN]), through, tuple(dict.fromkeys(sources)))

    def _verdict(
        self, told: Statement, things: Sequence[str], readings: Sequence[Reading], findings: Sequence[Finding]
    ) -> str:
        verdicts = {finding.verdict for finding in findings}
        if told.trigger.entry.kind and (told.subject is None or told.object is None):
            return AGREES if AGREES in verdicts else OPEN
        if not things or (not told.trigger.entry.kind and not readings):
            return OPEN if told.stance == "negated" else NEW
        if told.stance == "negated":
            return OPEN
        if CONFLICTS in verdicts:
            return CONFLICTS
        if AGREES in verdicts or not findings:
            return AGREES
        return OPEN

    # Things ----------------------------------------------------------------------------------------------------------

    def _things(self, told: Statement) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """The known things that a statement may be about, and the nodes that stood in for those it names."""
        if not told.trigger.entry.kind:
            nodes = told.subject.nodes if told.subject else ()
            return tuple(node_ref(node) for node in nodes), ()
        named = {*(told.subject.nodes if told.subject else ()), *(told.object.nodes if told.object else ())}
        found: dict[str, None] = {}
        through: dict[str, None] = {}
        for subjects, objects in self._possible_ends(told):
            if refs := self._joining(told, subjects, objects):
                through |= dict.fromkeys(node for node in (*subjects, *objects) if node not in named)
                found |= dict.fromkeys(refs)
        return tuple(found), tuple(through)

    def _possible_ends(self, told: Statement) -> Iterator[tuple[tuple[str, ...], tuple[str, ...]]]:
        """The ends as named, then one end after the other as whoever may stand in for it."""
        subjects = told.subject.nodes if told.subject else ()
        objects = told.object.nodes if told.object else ()
        yield subjects, objects
        if not (subjects and objects):
            return
        for member in self._stand_ins(subjects):
            yield (member,), objects
        for member in self._stand_ins(objects):
            yield subjects, (member,)

    def _stand_ins(self, nodes: Sequence[str]) -> list[str]:
        """The house of a party and the organizations in which a person has a role."""
        for node in nodes:
            if node not in self._houses:
                roles = (link.target for link in self._network.links_from(node) if link.kind.layer == _ROLE)
                house = sorted(self._network.house(node) - {node})
                self._houses[node] = tuple(dict.fromkeys([*roles, *house]))
        return list(dict.fromkeys(member for node in nodes for member in self._houses[node]))

    def _joining(self, told: Statement, subjects: Sequence[str], objects: Sequence[str]) -> tuple[str, ...]:
        """The things of the statement's kind, then of its layer, that join two parties; those known by the day of
        knowledge. With one party only, the things of the kind at that end."""
        layer = self._ontology.kinds[told.kind].layer
        found: dict[str, None] = {}
        pairs = product(subjects or ("",), objects or ("",))
        refs = [ref for pair in pairs for ref in self._index.get(pair, ())]
        for ref in refs:
            kind = ref.split("/")[0]
            same = kind == told.kind or (bool(subjects) and bool(objects) and self._ontology.kinds[kind].layer == layer)
            if same and self._derived.is_known(ref) and self._refined(told, ref):
                found[ref] = None
        return tuple(sorted(found, key=lambda ref: (ref.split("/")[0] != told.kind, ref)))

    def _refined(self, told: Statement, ref: str) -> bool:
        """Whether a thing bears the code that the statement names (a relation of that sort)."""
        row, kind = self._facts.get(ref), self._ontology.kinds[told.kind]
        return not told.code or row is None or row.table != kind.table or row[kind.refined_by] == told.code

    @cached_property
    def _index(self) -> dict[tuple[str, str], dict[str, None]]:
        """The ends of every link, both or either alone -> the links. A tranche stands at the ends of its stake too,
        and between its payer and whoever its deal is about; alone at the to-end only whoever stands there itself."""
        index: dict[tuple[str, str], dict[str, None]] = {}
        for kind in self._ontology.kinds.values():
            for row in self._facts.table(kind.table):
                own = {("", target) for _, target in self._own_ends(row)}
                for source, target in self._ends(row):
                    for pair in ({(source, target), (source, "")} | own) - {("", "")}:
                        index.setdefault(pair, {})[row.ref] = None
        return index

    def _ends(self, row: Row) -> Iterator[tuple[str, str]]:
        kind = self._ontology.kinds[self._facts.schema.tables[row.table].kind]
        sources = self._walk(row, kind.from_end)
        yield from self._own_ends(row)
        for ref in references(self._facts.schema.tables[row.table], row):
            other = self._facts.get(ref)
            if other is None or not kind.flow or other.table == row.table:
                continue
            if ref.split("/")[0] in self._ontology.kinds:
                yield from self._ends(other)
            else:
                told_of = [node_id(each) for each in references(self._facts.schema.tables[other.table], other)]
                yield from product(sources, [node for node in told_of if "/" not in node])

    def _own_ends(self, row: Row) -> Iterator[tuple[str, str]]:
        kind = self._ontology.kinds[self._facts.schema.tables[row.table].kind]
        sources, targets = (self._walk(row, columns) for columns in (kind.from_end, kind.to_end))
        yield from product(sources or [""], targets or [""])

    def _walk(self, row: Row, columns: Sequence[str]) -> list[str]:
        if not columns:
            return [node_id(row.ref)]
        column = self._facts.schema.tables[row.table].column(columns[0])
        refs = [column.refers_to(item) for item in row.list(columns[0])]
        if len(columns) == 1:
            return [node_id(ref) for ref in refs]
        rows = [self._facts.get(ref) for ref in refs]
        return [end for step in rows if step is not None for end in self._walk(step, columns[1:])]

    def _of_like(self, told: Statement, ref: str) -> bool:
        """Whether what a thing is worth compares with a statement: what was paid with payments, not with holdings."""
        return not self._ontology.kinds[told.kind].flow or self._ontology.kinds[ref.split("/")[0]].flow

    def _with_deals(self, things: Iterable[str]) -> dict[str, None]:
        """The things and the deals of which some are a part."""
        found = dict.fromkeys(things)
        for ref in list(found):
            row = self._facts.get(ref)
            if row is not None and row.cells.get("deal"):
                found[f"deal/{row['deal']}"] = None
        return found

    def _told_by(self, ref: str) -> list[str]:
        told = self._derived.sources
        sources = [f"source/{row['source']}" for row in self._facts.about("evidence", ref)]
        others = [source for source in sources if not (self._own and told.origin(source) == self._own)]
        return [source for source in others if self._network.scope.clocks.public(told.public(source))]

    # Readings --------------------------------------------------------------------------------------------------------

    def _readings(self, ref: str) -> tuple[Reading, ...]:
        """The public readings of a thing that are not the text's own. One of a year that is not over does not answer
        yet, but a text of that year may speak of the same."""
        if ref not in self._public:
            clocks = self._network.scope.clocks
            self._public[ref] = tuple(
                reading
                for reading in self._derived.readings(ref)
                if reading.numeric
                and reading.as_of.first <= clocks.as_of
                and clocks.public(reading.known)
                and not (self._own and reading.origin == self._own)
            )
        return self._public[ref]

    def _interval_of(self, reading: Reading) -> Interval:
        if reading.id not in self._known:
            self._known[reading.id] = _interval_of(reading)
        return self._known[reading.id]

    def _finding(self, told: Statement, quantity: Quantity, readings: Sequence[Reading]) -> Finding:
        like = [reading for reading in readings if self._alike(quantity, reading)]
        same = [reading for reading in like if self._same_time(told, reading) is not False]
        whole = not told.trigger.entry.kind or (told.subject is not None and told.object is not None)
        agreeing = [
            reading
            for reading in same
            if self._agrees(quantity, reading, whole, self._same_time(told, reading) is True)
        ]
        if agreeing:
            return Finding(quantity, AGREES, self._nearest(quantity, agreeing))
        direct = self._direct(told)
        against = [
            reading
            for reading in same
            if self._same_time(told, reading, now=True)
            and reading.unit == quantity.unit
            and self._answers(reading)
            and (direct is None or reading.about in direct)
        ]
        if against and told.stance == "asserted" and whole and quantity in (told.close or told.quantities):
            return Finding(quantity, CONFLICTS, self._nearest(quantity, against))
        return Finding(quantity, OPEN if readings else NEW, self._nearest(quantity, like))

    def _direct(self, told: Statement) -> dict[str, None] | None:
        """The things between the parties as named, not their stand-ins; None for a figure of one party."""
        if not told.trigger.entry.kind:
            return None
        pairs = product(told.subject.nodes if told.subject else (), told.object.nodes if told.object else ())
        return self._with_deals(ref for pair in pairs for ref in self._index.get(pair, ()))

    def _answers(self, reading: Reading) -> bool:
        return self._derived.policy(reading.aspect).place(reading.basis) is not None

    def _alike(self, quantity: Quantity, reading: Reading) -> bool:
        """Whether a reading is of the same sort: money with money, the price of one share with such prices."""
        each = reading.aspect in ("price_per_share", "share_price")
        return each == quantity.each and any(
            unit == reading.unit or (self._is_money(unit) and self._is_money(reading.unit))
            for unit in units_of(quantity)
        )

    def _is_money(self, unit: str) -> bool:
        code = self._ontology.find_code("unit", unit)
        return code is not None and code["unitKind"] == "money"

    def _same_time(self, told: Statement, reading: Reading, now: bool = False) -> bool | None:
        """Whether a reading speaks of the moment of a statement; None where the text leaves it open. ``now``: a lasting
        state without a date is told of the day of publication."""
        day = told.date.date if told.date else ""
        if day and day == reading.period:
            return True
        if day.startswith("FY"):
            return False
        span = span_of_date(day)
        if span is None:
            flow = told.trigger.entry.kind and self._ontology.kinds[told.kind].flow
            if not now or self._published is None or flow or told.date:
                return None
            span = DateSpan.of(self._published)
        return near(span, reading.as_of, RIVAL_DAYS)

    def _agrees(self, quantity: Quantity, reading: Reading, whole: bool, dated: bool) -> bool:
        """Whether a number and a reading may be the same.

        Where one party is not known a bound proves nothing, and a round number only with a date.
        """
        if not whole and not dated and quantity.value < _TELLING * quantity.step:
            return False
        stated = interval(quantity if whole else replace(quantity, precision="about"), self._ontology)
        if reading.unit in units_of(quantity):
            known = self._interval_of(reading)
            return self._close(stated, known) or self._close(stated, abs(known))
        worth = self._usd(quantity.value, units_of(quantity), reading)
        figure = (
            reading.value if reading.value is not None else reading.low if reading.low is not None else reading.high
        )
        known_worth = reading.usd or (figure and self._derived.converter.usd(figure, reading.unit, reading.as_of))
        if not worth or not known_worth:
            return False
        scale = Interval.of(Fraction(worth) / Fraction(quantity.value))
        near_worth = Interval.of(Fraction(known_worth) * (1 - _CONVERTED), Fraction(known_worth) * (1 + _CONVERTED))
        return self._close(stated * scale, near_worth)

    @staticmethod
    def _close(stated: Interval, known: Interval) -> bool:
        """Whether two intervals meet, and where one has no end are of the same order: "over 2" is not met by 100."""
        if not stated.meets(known):
            return False
        ends = [abs(Fraction(end)) for each in (stated, known) for end in (each.low, each.high) if not math.isinf(end)]
        return (stated.bounded and known.bounded) or not ends or max(ends) <= _ORDER * min(ends)

    def _usd(self, value: Decimal, units: Sequence[str], reading: Reading) -> Decimal | None:
        found = (self._derived.converter.usd(value, unit, reading.as_of) for unit in units)
        return next((usd for usd in found if usd is not None), None)

    def _nearest(self, quantity: Quantity, readings: Sequence[Reading]) -> tuple[Reading, ...]:
        """The readings whose figure is nearest, one an origin."""

        def away(reading: Reading) -> tuple[bool, Fraction, str]:
            figure = next((number for number in (reading.value, reading.low, reading.high) if number is not None), None)
            distance = abs(Fraction(figure) - Fraction(quantity.value)) if figure is not None else Fraction(0)
            return reading.unit not in units_of(quantity), distance, reading.id

        kept: dict[str, Reading] = {}
        for reading in sorted(readings, key=away):
            kept.setdefault(reading.origin, reading)
        return tuple(kept.values())[:_SHOWN]


def units_of(quantity: Quantity) -> tuple[str, ...]:
    """The units that a text may mean: a yen sign alone is yen or yuan."""
    return tuple(quantity.unit.split("/"))


def interval(quantity: Quantity, ontology: Ontology) -> Interval:
    """What a printed number may stand for, by the code of its precision; of a range the whole of it."""
    code = ontology.code("claim-precision", quantity.precision)
    start, end = (Decimal(code[name]) if code[name] else None for name in ("bandFrom", "bandTo"))
    half = min(quantity.step, abs(quantity.value) * _ROUNDED) / 2 if code["halfStep"] == "true" else Decimal(0)
    ends = [quantity.value] if quantity.high is None else [quantity.value, quantity.high]
    return hull(band(value, start, end, code["openBand"] == "true", half) for value in ends)


def _interval_of(reading: Reading) -> Interval:
    """What a reading allows: its bounds, and its figure with the rounding of its source."""
    low, high = reading.bounds
    if reading.value is not None:
        half = min(_weight(reading.value) / 2, abs(Fraction(reading.value)) * _OWN_ROUNDING)
        own = Interval(Fraction(reading.value) - half, Fraction(reading.value) + half)
        return hull([own, *(Interval.of(bound) for bound in (low, high) if bound is not None)])
    return Interval(-math.inf if low is None else Fraction(low), math.inf if high is None else Fraction(high))


def _weight(number: Decimal) -> Fraction:
    """The weight of the last digit that is not nought: 10 of 1230, 0.1 of 57.1."""
    return Fraction(10) ** int(number.normalize().as_tuple().exponent)

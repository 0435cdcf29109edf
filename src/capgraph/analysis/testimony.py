"""What independent sources say of one input of a claim: which readings speak of its date, and of which moment.

Independent of a text is every source that neither is the text, nor copies it, nor goes back to the same origin as it.
The text and its like are taken out of the facts before anything is asked (:func:`world_without`), so nothing that only
they say can come back through a status, a figure or a query.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from capgraph.analysis.claimed import Input
from capgraph.clocks import Clocks, DateSpan, near, period_months, period_span
from capgraph.derive import Derived
from capgraph.facts import Facts
from capgraph.intervals import Interval, hull, printed
from capgraph.money import USD
from capgraph.ontology import Ontology
from capgraph.readings import RIVAL_DAYS
from capgraph.sources import Reading, Sources

_MOMENTS = 6
"""At most so many moments of one input are looked at, the latest."""


@dataclass(frozen=True, slots=True)
class Said:
    """What one origin says of an input at one moment: ``value`` is all that its number may stand for, ``written`` the
    number itself with its bounds. ``trust`` is the place of its confidence, 1 for primary."""

    value: Interval
    written: Interval
    as_of: DateSpan
    trust: int
    origin: str
    readings: tuple[str, ...]
    sources: tuple[str, ...]


Moment = tuple[Said, ...]


@dataclass(frozen=True, slots=True)
class Testimony:
    """The moments at which independent sources speak of an input, the latest first. ``timed``: what they say depends on
    the day. ``elsewhen`` are the days of which they speak otherwise."""

    moments: tuple[Moment, ...]
    timed: bool
    elsewhen: tuple[Said, ...]


def dependent_sources(facts: Facts, text: str) -> frozenset[str]:
    """The sources that cannot support the claims of a text: itself, its copies, and what has the same origin."""
    sources = Sources(facts)
    own = sources.origin(f"source/{text}")
    found = {f"source/{text}"}
    for row in facts.table("sources"):
        if sources.origin(row.ref) == own or text in _chain(facts, row["id"]):
            found.add(row.ref)
    return frozenset(ref for ref in found if ref in facts)


def _chain(facts: Facts, id: str) -> Iterable[str]:
    """The names through which a source goes back to its origin, itself first."""
    seen: dict[str, None] = {}
    while id and id not in seen:
        seen[id] = None
        row = facts.get(f"source/{id}")
        id = row["origin"] if row is not None else ""
    return seen


def world_without(facts: Facts, ontology: Ontology, clocks: Clocks, text: str) -> Derived:
    """Everything that follows from what independent sources had published by the day of knowledge."""
    sources = Sources(facts)
    later = {row.ref for row in facts.table("sources") if not clocks.public(sources.public(row.ref))}
    return Derived(facts.without(dependent_sources(facts, text) | later), ontology, clocks)


def happens(derived: Derived, ref: str) -> bool:
    """Whether a thing happens once (a payment, a deal, an event), so that its figures are of no particular day."""
    kind = derived.ontology.kinds.get(ref.split("/")[0])
    if kind is not None:
        return kind.flow
    row = derived.facts.get(ref)
    return row is not None and ("announced" in row.cells or "date" in row.cells)


def testimony(derived: Derived, given: Input, unit: str) -> Testimony:
    """What independent sources say of an input, in a unit (empty: in the input's own, else in that of the readings).

    With a period only readings over that period speak of it. The figures of what happens once are of no particular day.
    Everywhere else the readings whose date overlaps the claimed one speak of it, or, where there are none, the nearest
    within :data:`~capgraph.readings.RIVAL_DAYS`. Readings of different days are different moments.
    """
    public = _speaking(derived, given)
    once = happens(derived, given.about)
    if given.period or once:
        chosen = [reading for reading in public if not given.period or _over(reading, given)]
        groups = [chosen] if chosen else []
    else:
        chosen = _nearest(public, given.as_of)
        groups = _moments(chosen)
    ids = {reading.id for reading in chosen}
    target = given.unit or unit or (public[0].unit if public else "")
    moments = (_said(derived, group, given, target) for group in groups)
    rest = _said(derived, [reading for reading in public if reading.id not in ids], given, target)
    return Testimony(tuple(moment for moment in moments if moment)[:_MOMENTS], not (given.period or once), rest)


def _speaking(derived: Derived, given: Input) -> list[Reading]:
    """The readings that were public and may answer for the input, of whatever day, the best first."""
    policy = derived.policy(given.aspect)
    return [
        reading
        for reading in derived.qualifying(given.about, given.aspect)
        if (reading.basis == given.basis if given.basis else policy.place(reading.basis) is not None)
    ]


def _over(reading: Reading, given: Input) -> bool:
    if reading.period == given.period:
        return True
    alike = period_months(reading.period) == period_months(given.period) > 0
    return alike and near(reading.as_of, given.as_of, 0)


def _nearest(readings: Sequence[Reading], day: DateSpan) -> list[Reading]:
    gaps = {reading.id: gap(reading.as_of, day) for reading in readings}
    closest = min(gaps.values(), default=RIVAL_DAYS + 1)
    return [reading for reading in readings if gaps[reading.id] == closest <= RIVAL_DAYS]


def gap(one: DateSpan, other: DateSpan) -> int:
    """The days between two dates, 0 where they overlap."""
    return max(0, (max(one.first, other.first) - min(one.last, other.last)).days)


def _moments(readings: Sequence[Reading]) -> list[list[Reading]]:
    """Readings by the moment that they speak of, the latest first: each date that holds no narrower one, with all
    readings whose date overlaps it. A reading of a whole year speaks of every day of it."""
    spans = sorted({reading.as_of for reading in readings}, reverse=True)
    narrow = [
        span
        for span in spans
        if not any(span.first <= other.first and other.last <= span.last and other != span for other in spans)
    ]
    return [[reading for reading in readings if near(reading.as_of, span, 0)] for span in narrow]


def _said(derived: Derived, readings: Sequence[Reading], given: Input, unit: str) -> Moment:
    """What the readings of a moment say, copies of one statement once."""
    found: dict[tuple[str, Interval, DateSpan], Said] = {}
    for reading in readings:
        numbers = _in_unit(derived, reading, given, unit)
        if numbers is None:
            continue
        written = _interval(*numbers)
        value = written if numbers[0] is None else hull([written, printed(numbers[0])])
        key = (reading.origin, written, reading.as_of)
        first = found.get(key)
        found[key] = Said(
            value,
            written,
            reading.as_of,
            min(derived.policy(reading.aspect).distrust(reading), first.trust if first else 99),
            reading.origin,
            (*(first.readings if first else ()), reading.id),
            tuple(dict.fromkeys((*(first.sources if first else ()), reading.source))),
        )
    return tuple(found.values())


Numbers = tuple[Decimal | None, Decimal | None, Decimal | None]


def _interval(value: Decimal | None, low: Decimal | None, high: Decimal | None) -> Interval:
    """Value and bounds as one interval; a bound that is missing beside a value is the value."""
    least, most = (value if low is None else low), (value if high is None else high)
    if least is None or most is None:
        one_sided = Interval.above(least) if least is not None else Interval.below(most or Decimal(0))
        return hull([one_sided, Interval.of(least if least is not None else most or Decimal(0))])
    return Interval.of(least, most)


def _in_unit(derived: Derived, reading: Reading, given: Input, unit: str) -> Numbers | None:
    """A reading's value and bounds in a unit, None where nothing tells them in it.

    Money is converted by the dollar figure that the source itself gives, else at the rate of the date that the claim
    speaks of, else at that of the reading; figures over a period at the average over it.
    """
    numbers = (reading.value, reading.low, reading.high)
    if reading.unit == unit:
        return numbers
    if unit == USD and reading.usd is not None and reading.value is not None:
        return (reading.usd, None, None)
    rates = [_rate(derived, reading, given, each) for each in (reading.unit, unit)]
    if rates[0] is None or rates[1] is None:
        return None
    factor = rates[0] / rates[1]
    value, low, high = (None if number is None else _rounded(Fraction(number) * factor) for number in numbers)
    return value, low, high


def _rate(derived: Derived, reading: Reading, given: Input, unit: str) -> Fraction | None:
    """US dollars for one unit of a currency; None for any other unit, or without a rate."""
    over = period_span(reading.period, reading.as_of.last) if reading.period else None
    for span in (given.as_of, reading.as_of):
        rate = derived.converter.usd(Decimal(1), unit, span, over)
        if rate is not None:
            return Fraction(rate)
    return None


def _rounded(number: Fraction) -> Decimal:
    """A converted number to four significant digits: a rate says no more."""
    plain = Decimal(number.numerator) / Decimal(number.denominator)
    return plain if plain == 0 else round(plain, 3 - plain.adjusted())

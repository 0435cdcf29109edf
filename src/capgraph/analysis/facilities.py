"""How much of a loan was raised, or paid back, within a window of days."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from capgraph.clocks import DateSpan
from capgraph.derive import Derived
from capgraph.facts import Row
from capgraph.lifetimes import StatusAt
from capgraph.money import Money
from capgraph.network import CapitalNetwork
from capgraph.readings import Figure, choose
from capgraph.results import Value
from capgraph.sources import Reading

DRAWN, LIMIT, INCREASE, ENDED = "drawn", "limit", "increase", "ended"


@dataclass(frozen=True, slots=True)
class Raised:
    """Money raised or paid back with a loan: when, on which rung, how much.

    ``measure`` says what the amount is of: ``drawn``, ``limit`` (the size of an issue, or what may be drawn), or
    ``increase`` of either.
    """

    when: DateSpan | None
    status: StatusAt
    amount: Value
    firm: Money | None
    up_to: Money | None
    measure: str
    floor: bool


def raised(network: CapitalNetwork, row: Row, start: date | None, end: date | None) -> Raised | None:
    """What a loan brought within a window, None where it brought nothing in it.

    - A loan that had not been drawn before the window brings what was drawn by its end: the last level and increases
      after it, else the size of the issue.
    - One that had brings the increases of the window that sources give, else the rise of what was drawn.
    - Where only its limit rose, that is a ceiling, and no money raised yet.
    """
    status = network.derived.status(row.ref)
    if status is None or status.ladder < network.ladder or not network.derived.is_known(row.ref):
        return None
    derived, inside = network.derived, _overlaps(status.since, start, end)
    before = _level(derived, row.ref, DRAWN, _day_before(start)) if start else None
    if before is None and inside:
        return _whole(derived, row.ref, status, end)
    rises = [reading for reading in _increases(derived, row.ref, DRAWN) if _overlaps(reading.as_of, start, end)]
    if rises:
        return _increase(derived, status, rises)
    now = _level(derived, row.ref, DRAWN, end) if before is not None and end is not None else None
    if before is not None and now is not None and _rise(before, now) > 0:
        amount = Value(_rise(before, now), now.unit, readings=(*before.readings, *now.readings))
        return Raised(now.as_of, status, amount, derived.money(now, _rise(before, now)), None, INCREASE, False)
    limits = [reading for reading in _increases(derived, row.ref, LIMIT) if _overlaps(reading.as_of, start, end)]
    if limits and before is not None:
        found = _increase(derived, status, limits[:1])
        return replace(found, firm=None, up_to=found.firm, amount=_as_ceiling(found.amount), measure=LIMIT)
    return None


def repaid(network: CapitalNetwork, row: Row, start: date | None, end: date | None) -> Raised | None:
    """What was paid back with a loan that ended within a window: what was last drawn, else its size."""
    status = network.derived.status(row.ref)
    if status is None or status.rung != ENDED or not network.derived.is_known(row.ref):
        return None
    return _whole(network.derived, row.ref, status, end) if _overlaps(status.since, start, end) else None


def _overlaps(span: DateSpan | None, start: date | None, end: date | None) -> bool:
    return span is not None and (start is None or start <= span.last) and (end is None or span.first <= end)


def _day_before(day: date) -> date:
    return date.fromordinal(day.toordinal() - 1)


def _level(derived: Derived, ref: str, aspect: str, day: date | None) -> Figure | None:
    """What answers for an aspect of a loan on a day, at the latest on the asked day."""
    asked = derived.clocks.as_of if day is None else min(day, derived.clocks.as_of)
    readings = [reading for reading in derived.readings(ref) if reading.aspect == aspect]
    return choose(readings, derived.policy(aspect), replace(derived.clocks, as_of=asked))


def _whole(derived: Derived, ref: str, status: StatusAt, end: date | None) -> Raised:
    """All of a loan by the end of a window: the last level drawn and increases since, else its limit, else unknown."""
    drawn, limit = _level(derived, ref, DRAWN, end), _level(derived, ref, LIMIT, end)
    figure = drawn or limit
    if figure is None:
        return Raised(status.since, status, Value(None, "USD"), None, None, LIMIT, False)
    amount = Value(figure.value, figure.unit, figure.low, figure.high, figure.readings)
    number = figure.value if figure.value is not None else figure.low
    firm = None if number is None else derived.money(figure, number)
    top = figure.high if number is None else None
    up_to = None if top is None else derived.money(figure, top)
    for reading in _increases(derived, ref, DRAWN) if drawn else ():
        later = reading.as_of.first > figure.as_of.last and (end is None or reading.as_of.first <= end)
        if later and reading.value is not None and amount.value is not None and reading.unit == figure.unit:
            amount = Value(amount.value + reading.value, amount.unit, readings=(*amount.readings, reading.id))
            firm = derived.money(figure, amount.value or Decimal(0))
    return Raised(status.since, status, amount, firm, up_to, figure.aspect, figure.value is None and firm is not None)


def _increases(derived: Derived, ref: str, aspect: str) -> list[Reading]:
    """The readings of an increase of an aspect, one a day, the earliest first."""
    found: dict[DateSpan, Reading] = {}
    for reading in derived.qualifying(ref, aspect):
        if reading.basis == INCREASE and reading.value is not None:
            found.setdefault(reading.as_of, reading)
    return [found[day] for day in sorted(found)]


def _increase(derived: Derived, status: StatusAt, rises: Sequence[Reading]) -> Raised:
    """Increases of one unit together, on the day of the last."""
    same = [reading for reading in rises if reading.unit == rises[0].unit]
    total = sum((reading.value for reading in same if reading.value is not None), Decimal())
    amount = Value(total, same[0].unit, readings=tuple(reading.id for reading in same))
    usd = derived.converter.usd(total, amount.unit, same[-1].as_of)
    money = Money(total, amount.unit) if usd is None else Money(usd, "USD")
    return Raised(same[-1].as_of, status, amount, money, None, INCREASE, False)


def _rise(before: Figure, now: Figure) -> Decimal:
    """By how much a level rose, nothing where the two do not compare."""
    if before.unit != now.unit or before.value is None or now.value is None:
        return Decimal(0)
    return now.value - before.value


def _as_ceiling(amount: Value) -> Value:
    return Value(None, amount.unit, None, amount.value, amount.readings)

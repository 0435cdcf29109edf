"""The return of one position, and the same return with one input at a time as another source has it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from capgraph.analysis.cashflows import YEAR, Flow, internal_rates
from capgraph.analysis.positions import Leg, Position, Version
from capgraph.analysis.valuation import Valuation, valuations
from capgraph.network import CapitalNetwork
from capgraph.results import Value

_CENT = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Payment:
    """What one leg paid, and the day on which it did; None where unknown."""

    day: date | None
    amount: Decimal | None


@dataclass(frozen=True, slots=True)
class Case:
    """One choice of all inputs of a return, amounts in US dollars.

    ``cost`` is the whole cost where a source gives it in place of the amounts of the purchases. ``worth`` is the value
    on the asked day of what is still held: nothing where all was sold, None where unknown.
    """

    buys: tuple[Payment, ...]
    sells: tuple[Payment, ...]
    cost: Decimal | None
    worth: Decimal | None
    day: date

    @property
    def paid(self) -> Decimal | None:
        """All that was paid, None where a purchase has no amount and no source gives the whole."""
        return (_total(self.buys) if self.buys else None) if self.cost is None else self.cost

    @property
    def received(self) -> Decimal | None:
        """All that sales brought, None where one has no amount."""
        return _total(self.sells)

    @property
    def flows(self) -> list[Flow] | None:
        """Every payment on its day, None where a day or an amount is unknown.

        Where only the whole cost is known, a single purchase without an amount takes what the others leave; purchases
        that all have amounts keep their proportions.
        """
        purchases = self._purchases()
        if purchases is None or self.worth is None:
            return None
        sales = [(sale.day, sale.amount) for sale in self.sells]
        dated = [*((day, -amount) for day, amount in purchases), *sales, (self.day, self.worth)]
        return [(day, amount) for day, amount in dated if day and amount is not None] if _known(dated) else None

    def _purchases(self) -> list[tuple[date | None, Decimal]] | None:
        known = [buy.amount for buy in self.buys if buy.amount is not None]
        missing = len(self.buys) - len(known)
        if self.cost is None or not self.buys:
            return None if missing or not self.buys else [(buy.day, buy.amount or Decimal()) for buy in self.buys]
        total = sum(known, Decimal())
        if missing == 1 and self.cost >= total:
            return [(buy.day, self.cost - total if buy.amount is None else buy.amount) for buy in self.buys]
        if missing or not total:
            return None
        return [(buy.day, (buy.amount or Decimal()) * self.cost / total) for buy in self.buys]


def _known(dated: Sequence[tuple[date | None, Decimal | None]]) -> bool:
    return all(day is not None and amount is not None for day, amount in dated)


def _total(payments: Sequence[Payment]) -> Decimal | None:
    amounts = [payment.amount for payment in payments]
    return None if None in amounts else sum((amount for amount in amounts if amount is not None), Decimal())


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a position.

    ``gain`` in US dollars, ``moic`` the multiple on the money paid, ``rates`` every internal rate of return in percent
    a year (none: unknown, or no rate exists, or ``short``: all payments lie within less than a year), ``years`` from
    the first purchase to the last sale or the asked day.
    """

    cost: Decimal | None
    proceeds: Decimal | None
    worth: Decimal | None
    gain: Decimal | None
    moic: Decimal | None
    rates: tuple[Decimal, ...]
    years: Decimal | None
    short: bool = False

    @property
    def known(self) -> bool:
        """Whether anything came of it that can be told."""
        return self.gain is not None or self.moic is not None

    @property
    def rate(self) -> Decimal | None:
        """The internal rate, None where there is none or more than one."""
        return self.rates[0] if len(self.rates) == 1 else None


def reckon(case: Case) -> Outcome:
    r"""Gain, multiple, internal rate and holding period of one choice of inputs.

    .. math:: gain = proceeds + worth - cost, \qquad MOIC = (proceeds + worth) / cost

    Unknown inputs make unknown results; nothing is filled in. Less than a year is not made a yearly rate (as GIPS
    demands): seventy days at nine times the cost would print millions of percent.

    >>> case = Case((Payment(date(2024, 3, 1), Decimal(3000)),), (Payment(date(2025, 10, 1), Decimal(5830)),), None,
    ...             Decimal(0), date(2026, 9, 11))
    >>> outcome = reckon(case)
    >>> outcome.gain, outcome.moic, outcome.rate, outcome.years
    (Decimal('2830'), Decimal('1.943'), Decimal('52.02'), Decimal('1.59'))
    """
    cost, proceeds, worth = case.paid, case.received, case.worth
    back = None if proceeds is None or worth is None else proceeds + worth
    gain = None if back is None or cost is None else back - cost
    moic = None if back is None or not cost else (back / cost).quantize(Decimal("0.001"))
    flows = [(day, amount) for day, amount in case.flows or () if amount]
    short = bool(flows) and (max(flows)[0] - min(flows)[0]).days < YEAR
    rates = () if short else tuple(Decimal(repr(rate * 100)).quantize(_CENT) for rate in internal_rates(flows))
    return Outcome(cost, proceeds, worth, gain, moic, rates, _years(case), short)


def _years(case: Case) -> Decimal | None:
    bought = [buy.day for buy in case.buys if buy.day is not None]
    sold = [sale.day for sale in case.sells if sale.day is not None]
    if not bought:
        return None
    last = case.day if case.worth != 0 or not sold else max(sold)
    return (Decimal((last - min(bought)).days) / YEAR).quantize(_CENT)


# One input at a time --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Change:
    """One input as another version has it, and the case that follows. ``input`` is ``cost``, ``bought``, ``paid``,
    ``sold``, ``received`` or ``worth``; ``said`` what the version says, a figure or a day."""

    input: str
    said: Version | date
    leg: str
    case: Case


@dataclass(frozen=True, slots=True)
class Worth:
    """One value of what is still held, in US dollars, by one method."""

    method: str
    version: Version


def worths_of(network: CapitalNetwork, position: Position) -> Iterator[Worth]:
    """What a position is worth on the asked day by every method, in US dollars, the one that answers first.

    The ends of its range follow it where sources differ. Nothing where no method has its inputs or no rate serves.
    """
    link = next((link for link in network.links_from(position.holder) if link.id == position.id), None)
    for place, valuation in enumerate(valuations(network, link) if link is not None else ()):
        worth = valuation.worth
        ends = sorted({worth.low, worth.high} - {worth.value, None}) if place == 0 else []  # type: ignore[type-var]
        for number in (worth.value, *ends):
            version = None if number is None else _version(network, valuation, number)
            if version is not None:
                yield Worth(valuation.method, version)


def _version(network: CapitalNetwork, valuation: Valuation, number: Decimal) -> Version | None:
    unit, figure = valuation.worth.unit, valuation.inputs[0]
    usd = network.derived.converter.usd(number, unit, valuation.as_of)
    value = Value(number, unit, number, number, valuation.worth.readings)
    return None if usd is None else Version(value, usd, figure.basis, valuation.as_of, figure.confidence, 1)


def base_case(position: Position, worths: Sequence[Worth], day: date) -> Case:
    """The case that answers: the first version of every input, days counted from the first of their spans.

    The cost is the sum of the purchases, or where one of them has no amount, the first cost that a source states with
    what was bought after it.
    """
    buys, sells = (tuple(_payment(leg) for leg in legs) for legs in (position.buys, position.sells))
    stated = None
    if not buys or _total(buys) is None:
        stated = next((total for version, total in _stated(position) if version.answers), None)
    worth = Decimal() if position.over else worths[0].version.number if worths else None
    complete = sells or not position.over
    return Case(buys, sells if complete else (Payment(None, None),), stated, worth, day)


def changes(position: Position, worths: Sequence[Worth], base: Case) -> Iterator[Change]:
    """The base case with one input at a time as another version has it, in the order of the inputs."""
    yield from _costs(position, base)
    yield from _legs(position.buys, "paid", "bought", base, "buys", len(position.buys) > 1 and base.cost is None)
    yield from _legs(position.sells, "received", "sold", base, "sells", True)
    for worth in () if position.over else worths[1:]:
        yield Change("worth", worth.version, "", replace(base, worth=worth.version.number))


def _costs(position: Position, base: Case) -> Iterator[Change]:
    """Other versions of the whole cost: what sources state, and for a single purchase what they say it cost."""
    single = position.buys[0].amounts if len(position.buys) == 1 else ()
    seen = {(base.paid, True)}
    for version, total in [*((version, version.number) for version in single), *_stated(position)]:
        if total is not None and (total, version.answers) not in seen:
            seen.add((total, version.answers))
            yield Change("cost", version.put(total), "", replace(base, cost=total))


def _stated(position: Position) -> Iterator[tuple[Version, Decimal]]:
    """The costs that sources state for the whole position, each with what was bought after its date.

    A cost stated after a sale may be that of what is left, one without a date or from before the first purchase that of
    something else: neither compares.
    """
    for version in position.costs:
        if version.number is None or version.as_of is None:
            continue
        day = version.as_of
        sold_before = any(leg.when and leg.when.last < day.first for leg in position.sells) and not position.over
        later = [leg.amount for leg in position.buys if leg.when and leg.when.first > day.last]
        earlier = not position.buys or len(later) < len(position.buys)
        if not sold_before and earlier and None not in later:
            yield version, sum((amount for amount in later if amount is not None), version.number)


def _payment(leg: Leg) -> Payment:
    return Payment(leg.when.first if leg.when else None, leg.amount)


def _legs(legs: Sequence[Leg], amount: str, when: str, base: Case, side: str, amounts: bool) -> Iterator[Change]:
    """Other amounts and the other end of the days of each leg of one side."""
    for place, leg in enumerate(legs):
        for version in leg.amounts if amounts else ():
            if version.number is not None and version.number != leg.amount:
                yield Change(amount, version, leg.id, _with(base, side, place, Payment(_day(leg), version.number)))
        if leg.when is not None and not leg.when.exact:
            yield Change(when, leg.when.last, leg.id, _with(base, side, place, Payment(leg.when.last, leg.amount)))


def _day(leg: Leg) -> date | None:
    return leg.when.first if leg.when else None


def _with(base: Case, side: str, place: int, payment: Payment) -> Case:
    payments = base.buys if side == "buys" else base.sells
    changed = (*payments[:place], payment, *payments[place + 1 :])
    return replace(base, buys=changed) if side == "buys" else replace(base, sells=changed)

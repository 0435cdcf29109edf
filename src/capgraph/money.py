"""Amounts in their own currencies, dollars where a sourced rate allows it, and totals that say what they leave out.

Amounts are exact decimals. Nothing is converted at a rate that no row of ``fx`` gives: such an amount stays on a total
line of its own currency.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from capgraph.clocks import DateSpan
from capgraph.facts import Facts

USD = "USD"
RATE_DAYS = 7
"""A day's rate serves the days after it, up to so many."""


@dataclass(frozen=True, slots=True)
class Money:
    """An exact amount of one currency.

    >>> Money(Decimal("5830000000"), "USD") + Money(Decimal("0.5"), "USD")
    Money(amount=Decimal('5830000000.5'), currency='USD')
    """

    amount: Decimal
    currency: str

    def __add__(self, other: Money) -> Money:
        """The sum. Raises ValueError for two currencies, which have no sum."""
        if self.currency != other.currency:
            raise ValueError(f"{self.currency} and {other.currency} have no sum")
        return Money(self.amount + other.amount, self.currency)


class Converter:
    """The exchange rates of the table ``fx``, each with its source.

    A row dated by a day is that day's rate. A row dated by a month or a year is the average over it, and serves only
    flows over exactly that period.
    """

    def __init__(self, facts: Facts) -> None:
        self._averages: dict[tuple[str, date, date], Decimal] = {}
        days: dict[str, dict[date, Decimal]] = {}
        for row in facts.table("fx"):
            span, rate = DateSpan.parse(row["date"]), Decimal(row["usd_per_unit"])
            if span.exact:
                days.setdefault(row["currency"], {})[span.first] = rate
            else:
                self._averages[row["currency"], span.first, span.last] = rate
        self._days = {currency: sorted(rates.items()) for currency, rates in days.items()}

    def usd(
        self, amount: Decimal, currency: str, span: DateSpan, over: tuple[date, date] | None = None
    ) -> Decimal | None:
        """The amount in dollars, None where no rate serves it.

        ``span`` is the date of a stock, which takes the rate of its last day or of the nearest earlier day within
        :data:`RATE_DAYS`. ``over`` is the period of a flow, first and last day, which takes the average over exactly
        that period; a flow of a single day takes that day's rate.
        """
        if currency == USD:
            return amount
        if over is not None and over[0] != over[1]:
            rate = self._averages.get((currency, *over))
        else:
            rate = self._day_rate(currency, over[1] if over else span.last)
        return None if rate is None else amount * rate

    def _day_rate(self, currency: str, day: date) -> Decimal | None:
        rates = self._days.get(currency, [])
        place = bisect_right(rates, day, key=lambda entry: entry[0])
        if place == 0:
            return None
        found, rate = rates[place - 1]
        return rate if day - found <= timedelta(days=RATE_DAYS) else None


@dataclass(frozen=True, slots=True)
class Part:
    """What one thing brings to a total: a firm amount, a ceiling, both or neither (unknown).

    ``floor``: the firm amount is only a lower bound ("more than"), so the total is "at least".
    """

    about: str
    firm: Money | None = None
    up_to: Money | None = None
    floor: bool = False


@dataclass(frozen=True, slots=True)
class Total:
    """A sum of amounts and what it does not say.

    ``firm`` holds one amount a currency, dollars for all that could be converted. ``up_to`` holds the ceilings of
    things without a firm amount, never added to it. Of ``counted`` things ``with_amount`` stand in ``firm``,
    ``with_ceiling`` only in ``up_to``; the rest is unknown. ``at_least``: some amounts are lower bounds.
    """

    rung: str
    firm: Mapping[str, Decimal]
    up_to: Mapping[str, Decimal]
    counted: int
    with_amount: int
    with_ceiling: int
    at_least: bool

    @property
    def money(self) -> tuple[Money, ...]:
        """The firm amounts, dollars first."""
        return _lines(self.firm)

    @property
    def ceilings(self) -> tuple[Money, ...]:
        """The ceilings, dollars first."""
        return _lines(self.up_to)

    @property
    def unknown(self) -> int:
        """How many things have neither an amount nor a ceiling."""
        return self.counted - self.with_amount - self.with_ceiling


def add_up(rung: str, parts: Iterable[Part]) -> Total:
    """The total of parts that stand on a rung or above.

    >>> legs = [Part("tranche/a", Money(Decimal(30), "USD")), Part("tranche/b", up_to=Money(Decimal(70), "USD"))]
    >>> total = add_up("signed", [*legs, Part("tranche/c")])
    >>> total.firm, total.up_to, f"{total.with_amount} of {total.counted}", total.unknown
    ({'USD': Decimal('30')}, {'USD': Decimal('70')}, '1 of 3', 1)
    """
    members = list(parts)
    firm = [part.firm for part in members if part.firm]
    ceilings = [part.up_to for part in members if part.up_to and not part.firm]
    at_least = any(part.floor for part in members if part.firm)
    return Total(rung, _sums(firm), _sums(ceilings), len(members), len(firm), len(ceilings), at_least)


def _sums(amounts: Iterable[Money]) -> dict[str, Decimal]:
    sums: dict[str, Decimal] = {}
    for money in amounts:
        sums[money.currency] = sums.get(money.currency, Decimal()) + money.amount
    return dict(sorted(sums.items(), key=lambda entry: (entry[0] != USD, entry[0])))


def _lines(sums: Mapping[str, Decimal]) -> tuple[Money, ...]:
    return tuple(Money(amount, currency) for currency, amount in sums.items())

"""Returns on dated money: internal rates (all of them), multiples, and gains by lot under FIFO and average cost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, localcontext
from fractions import Fraction
from itertools import pairwise

Flow = tuple[date, Decimal]
"""Money on a day: negative when paid out, positive when received."""

YEAR = 365
"""Days of a year (act/365, as Excel's XIRR counts)."""

_LOWEST, _HIGHEST = -0.9999, 1e6
_STEPS = 2000
_ROOT = 1e-9


def internal_rates(flows: Sequence[Flow]) -> tuple[float, ...]:
    r"""Every annual rate at which dated payments are worth nothing together, lowest first.

    .. math:: \sum_k a_k (1 + r)^{-(d_k - d_0)/365} = 0

    Parameters
    ----------
    flows : day and amount of each payment, in any order.

    Returns
    -------
    Rates as fractions (0.37 for 37 percent), between -0.9999 and a million. Empty where the payments never change sign
    (no rate exists) or all fall on one day. With more than one change of sign there may be several rates, each as right
    as the others, or none.

    Notes
    -----
    Payments that change sign once have exactly one rate (Descartes); pyxirr finds it. Otherwise the rates are bracketed
    on 2,000 even steps of :math:`\log(1+r)` and refined by Brent's method, since a Newton iteration would return the
    one that lies nearest to its guess and keep silent about the rest.

    Examples
    --------
    The example of Excel's help page on XIRR, 37.3362535 percent there:

    >>> days = [date(2008, 1, 1), date(2008, 3, 1), date(2008, 10, 30), date(2009, 2, 15), date(2009, 4, 1)]
    >>> amounts = [Decimal(amount) for amount in (-10000, 2750, 4250, 3250, 2750)]
    >>> [round(rate, 6) for rate in internal_rates(list(zip(days, amounts)))]
    [0.373363]

    References
    ----------
    .. [1] Microsoft, XIRR function, support.microsoft.com.
    .. [2] Brent, Algorithms for Minimization without Derivatives, 1973, chapter 4.
    """
    dated = [(day, amount) for day, amount in _by_day(flows) if amount]
    changes = sum((one < 0) != (other < 0) for (_, one), (_, other) in pairwise(dated))
    if not changes:
        return ()
    return _only_rate(dated) if changes == 1 else _all_rates(dated)


def _by_day(flows: Sequence[Flow]) -> list[Flow]:
    """The flows of each day together, in order."""
    days: dict[date, Decimal] = {}
    for day, amount in flows:
        days[day] = days.get(day, Decimal()) + amount
    return sorted(days.items())


def _only_rate(dated: Sequence[Flow]) -> tuple[float, ...]:
    import pyxirr

    rate = pyxirr.xirr([day for day, _ in dated], [float(amount) for _, amount in dated])
    # Where money all but vanishes or explodes within days, its iteration may end beside the root or out of bounds.
    if rate is None or not _LOWEST <= rate <= _HIGHEST or not _is_root(dated, float(rate)):
        return _all_rates(dated)
    return (float(rate),)


def _is_root(dated: Sequence[Flow], rate: float) -> bool:
    """Whether the payments are worth nothing at a rate, next to all the money that moves."""
    first = dated[0][0]
    terms = [float(amount) * float((1 + rate) ** (-(day - first).days / YEAR)) for day, amount in dated]
    return abs(sum(terms)) <= _ROOT * sum(abs(term) for term in terms)


def _all_rates(dated: Sequence[Flow]) -> tuple[float, ...]:
    import numpy as np
    from scipy.optimize import brentq

    years = np.array([(day - dated[0][0]).days / YEAR for day, _ in dated])
    amounts = np.array([float(amount) for _, amount in dated])

    def worth(growth: float) -> float:
        return float(amounts @ np.exp(-growth * years))

    grid = np.linspace(np.log1p(_LOWEST), np.log1p(_HIGHEST), _STEPS)
    values = np.exp(-np.outer(grid, years)) @ amounts
    found = [float(grid[at]) for at in np.flatnonzero(values == 0)]
    for at in np.flatnonzero(values[:-1] * values[1:] < 0):
        found.append(float(brentq(worth, grid[at], grid[at + 1], xtol=1e-14)))
    return tuple(float(np.expm1(growth)) for growth in sorted(found))


# Lots -----------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Trade:
    """Shares bought (positive) or sold (negative) on a day and the money that they cost or brought, never negative.

    Shares of all trades stand on one split basis.
    """

    day: date
    shares: Fraction
    money: Decimal


@dataclass(frozen=True, slots=True)
class Sold:
    """Shares of one purchase sold in one sale, with their part of the cost and of the proceeds."""

    bought: date
    sold: date
    shares: Fraction
    cost: Decimal
    proceeds: Decimal

    @property
    def gain(self) -> Decimal:
        return self.proceeds - self.cost


def fifo(trades: Sequence[Trade]) -> tuple[tuple[Sold, ...], tuple[Trade, ...]]:
    """Match sales with purchases, first in, first out.

    Parameters
    ----------
    trades : purchases and sales in any order, all on one split basis; on one day purchases come first.

    Returns
    -------
    What was sold, lot by lot, and the lots that are left with what is left of their cost. Bought shares equal sold plus
    remaining shares exactly, and so do their costs.

    Raises
    ------
    ValueError where more is sold than was held.

    Examples
    --------
    >>> lots = [Trade(date(2020, 1, 1), Fraction(10), Decimal(100)),
    ...         Trade(date(2021, 1, 1), Fraction(10), Decimal(300)),
    ...         Trade(date(2022, 1, 1), Fraction(-15), Decimal(600))]
    >>> sold, left = fifo(lots)
    >>> [(int(lot.shares), lot.gain) for lot in sold], [(int(lot.shares), lot.money) for lot in left]
    ([(10, Decimal('300')), (5, Decimal('50'))], [(5, Decimal('150'))])
    """
    lots: list[Trade] = []
    sold: list[Sold] = []
    for trade in sorted(trades, key=lambda trade: (trade.day, trade.shares < 0)):
        if trade.shares >= 0:
            lots.append(trade)
            continue
        open_shares, open_money = -trade.shares, trade.money
        while open_shares:
            if not lots:
                raise ValueError(f"on {trade.day} {open_shares} more shares were sold than held")
            lot = lots.pop(0)
            shares = min(lot.shares, open_shares)
            cost, proceeds = _part(lot.money, shares, lot.shares), _part(open_money, shares, open_shares)
            sold.append(Sold(lot.day, trade.day, shares, cost, proceeds))
            open_shares, open_money = open_shares - shares, open_money - proceeds
            if shares < lot.shares:
                lots.insert(0, Trade(lot.day, lot.shares - shares, lot.money - cost))
    return tuple(sold), tuple(lots)


def average_cost(trades: Sequence[Trade]) -> Decimal:
    """The gain of all sales when each share costs the average of the shares held on the day.

    >>> average_cost([Trade(date(2020, 1, 1), Fraction(10), Decimal(100)),
    ...               Trade(date(2021, 1, 1), Fraction(10), Decimal(300)),
    ...               Trade(date(2022, 1, 1), Fraction(-15), Decimal(600))])
    Decimal('300')

    Raises ValueError where more is sold than was held.
    """
    held, cost, gain = Fraction(), Decimal(), Decimal()
    for trade in sorted(trades, key=lambda trade: (trade.day, trade.shares < 0)):
        if trade.shares >= 0:
            held, cost = held + trade.shares, cost + trade.money
            continue
        if -trade.shares > held:
            raise ValueError(f"on {trade.day} {-trade.shares - held} more shares were sold than held")
        given = _part(cost, -trade.shares, held)
        held, cost, gain = held + trade.shares, cost - given, gain + trade.money - given
    return gain


def _part(money: Decimal, shares: Fraction, of: Fraction) -> Decimal:
    """Some shares' part of an amount, to a millionth; all of it where they are all shares."""
    if shares == of:
        return money
    with localcontext(prec=50):
        share = shares / of
        return (money * share.numerator / share.denominator).quantize(Decimal("0.000001")).normalize() + Decimal(0)

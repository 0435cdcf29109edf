"""Share splits: numbers of shares and prices of different days on one basis."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

from capgraph.clocks import DateSpan, span_of
from capgraph.derive import Derived
from capgraph.sources import Reading

PRICE_DAYS = 45
"""A price this old still speaks of a day; an older one does not."""

_PRICE = "share_price"


@dataclass(frozen=True, slots=True)
class Price:
    """One price per share and the day on whose split basis it stands."""

    value: Decimal
    currency: str
    as_of: DateSpan
    basis: DateSpan
    reading: Reading


def split_factor(derived: Derived, issuer: str, of: DateSpan, to: DateSpan) -> Fraction | None:
    r"""By what a number of shares of one day has to be multiplied to stand on the split basis of another.

    .. math:: f = \prod_{of < d \le to} r_d

    over the company's splits, where one share became :math:`r_d` on day :math:`d`; its inverse where ``to`` is earlier.

    Parameters
    ----------
    derived : the facts at a pair of clocks.
    issuer : the company, ``party/id``.
    of, to : the day that the number is of, and the day on whose basis it shall stand.

    Returns
    -------
    An exact fraction; None where a split in between has no ratio, or where the dates are too vague to tell whether it
    lies in between.

    Notes
    -----
    The day of a split is the first on which shares trade split-adjusted, so a figure of that day is already on the new
    basis.

    Examples
    --------
    >>> split_factor(derived, "party/nvidia", DateSpan.parse("2019-01"), DateSpan.parse("2025-11-11"))  # doctest: +SKIP
    Fraction(40, 1)
    """
    early, late = sorted((of, to))
    factor = Fraction(1)
    for day, ratio in _splits(derived, issuer):
        if day.last <= early.first or day.first > late.last:
            continue
        if ratio is None or day.first <= early.last or day.last > late.first:
            return None
        factor *= ratio
    return factor if of == early else 1 / factor


def _splits(derived: Derived, issuer: str) -> list[tuple[DateSpan, Fraction | None]]:
    company = issuer.removeprefix("party/")
    rows = [row for row in derived.facts.table("events") if row["kind"] == "split" and row["party"] == company]
    return [(DateSpan.parse(row["date"]), ratio_of(row["ratio"])) for row in rows if row["date"]]


def ratio_of(text: str) -> Fraction | None:
    """How many shares one share became, from a ratio as the table writes it; None where it is empty.

    >>> ratio_of("4:1"), ratio_of("1:20"), ratio_of("")
    (Fraction(4, 1), Fraction(1, 20), None)
    """
    new, colon, old = text.partition(":")
    return Fraction(new) / Fraction(old) if colon else None


def prices(derived: Derived, issuer: str, span: DateSpan) -> tuple[Price, ...]:
    """The prices of a company's shares that speak of a day or a span of days, the one that answers first.

    Prices of days inside the span, the latest first; where there is none, the latest of the :data:`PRICE_DAYS` days
    before. Of one day the policy's order decides. Bounds ("low of the day") are no prices.
    """
    found = [price for reading in derived.qualifying(issuer, _PRICE) if (price := _price(derived, reading))]
    found.sort(key=lambda price: price.as_of, reverse=True)
    inside = [price for price in found if span.first <= price.as_of.first and price.as_of.last <= span.last]
    before = [price for price in found if within(price.as_of, span.first)]
    latest = [price for price in before if price.as_of == before[0].as_of]
    return tuple(inside or latest)


def within(as_of: DateSpan, day: date) -> bool:
    """Whether a figure lies on or before a day, at most :data:`PRICE_DAYS` days."""
    return timedelta(0) <= day - as_of.last <= timedelta(days=PRICE_DAYS)


def _price(derived: Derived, reading: Reading) -> Price | None:
    if reading.value is None or derived.policy(_PRICE).place(reading.basis) is None:
        return None
    adjusted = span_of(reading.basis.partition("split:")[2])
    basis = reading.as_of if adjusted is None else max(adjusted, reading.as_of)
    return Price(reading.value, reading.unit, reading.as_of, basis, reading)

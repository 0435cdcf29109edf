"""The shares of a position: its trades on one split basis, and counts that its trades do not explain."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from capgraph.analysis.cashflows import Trade
from capgraph.analysis.positions import Leg, Position
from capgraph.analysis.splits import split_factor
from capgraph.clocks import DateSpan
from capgraph.network import CapitalNetwork
from capgraph.results import Value

_SAME = Fraction(1, 100)
"""Two numbers of shares that differ by less than this part are the same, rounded."""


def trades_of(network: CapitalNetwork, position: Position) -> list[Trade] | None:
    """The trades of a position on the split basis of the asked day, None where one lacks its day, amount or shares."""
    day, trades = DateSpan.of(network.scope.clocks.as_of), []
    for leg in (*position.buys, *position.sells):
        shares = _shares(network, position, leg, day)
        if leg.when is None or leg.amount is None or shares is None:
            return None
        trades.append(Trade(leg.when.first, shares if leg.buys else -shares, leg.amount))
    return trades


def _shares(network: CapitalNetwork, position: Position, leg: Leg, basis: DateSpan) -> Fraction | None:
    """The shares of a leg on the split basis of a day, None where unknown."""
    number = leg.shares[0].number if leg.shares else None
    factor = split_factor(network.derived, f"party/{position.issuer}", leg.when, basis) if leg.when else None
    return None if number is None or factor is None else Fraction(number) * factor


def plain(shares: Fraction) -> Decimal:
    """A number of shares as a decimal.

    >>> plain(Fraction(642, 20))
    Decimal('32.1')
    """
    return Decimal(shares.numerator) / Decimal(shares.denominator)


@dataclass(frozen=True, slots=True)
class Gap:
    """Shares that must have changed hands between a count and the sale of all of them, though no tranche says so.

    ``held`` were counted on ``as_of``, ``sold`` were sold in the end, both on the split basis of the sale. ``bought``
    says that the missing shares were bought in between, and not sold.
    """

    held: Value
    as_of: DateSpan
    sold: Value
    when: DateSpan
    missing: Value
    bought: bool


def unrecorded(network: CapitalNetwork, position: Position) -> Iterator[Gap]:
    """Counts that do not fit the shares of the sale that closed the position, the latest only.

    The sale of all shares says how many there were just before. A count from after the last recorded trade before it
    that differs by more than one percent shows trades that no tranche records.
    """
    closing = next((leg for leg in position.sells if leg.effect == "closes" and leg.shares and leg.when), None)
    if closing is None or closing.when is None or closing.shares[0].number is None:
        return
    sold, when = Fraction(closing.shares[0].number), closing.when
    earlier = [leg.when for leg in position.legs if leg.closed and leg is not closing and leg.when]
    for reading in network.derived.qualifying(position.id, "shares"):
        factor = split_factor(network.derived, f"party/{position.issuer}", reading.as_of, when)
        between = all(day.last <= reading.as_of.first for day in earlier) and reading.as_of.last < when.first
        if reading.value is None or factor is None or not between:
            continue
        held = Fraction(reading.value) * factor
        missing = sold - held
        if abs(missing) > _SAME * sold:
            yield Gap(
                held=Value(plain(held), "shares", readings=(reading.id,)),
                as_of=reading.as_of,
                sold=Value(plain(sold), "shares", readings=closing.shares[0].readings),
                when=when,
                missing=Value(plain(abs(missing)), "shares"),
                bought=missing > 0,
            )
        return

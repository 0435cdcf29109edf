"""What the headline of a deal leaves for the legs whose amounts nobody gives."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from decimal import Decimal

from capgraph.clocks import DateSpan
from capgraph.derive import Derived
from capgraph.facts import Row
from capgraph.network import container_of
from capgraph.results import Value

_USD = "USD"
_OPEN_KINDS = frozenset({"equity_round", "joint_venture", "tender", "ipo", "commitment"})
"""Kinds of deals in which others may have paid whom no source names."""


@dataclass(frozen=True, slots=True)
class Remainder:
    """The rest of a deal's headline and the legs that share it; it stands on the lowest of their rungs.

    ``amount`` is in US dollars, with the range that the headline's has. ``payers`` and ``payees`` are those of all legs
    of the deal, an empty name for one that is not known. ``open``: in a round there may be others.
    """

    amount: Value
    legs: tuple[str, ...]
    as_of: DateSpan
    confidence: str
    payers: frozenset[str]
    payees: frozenset[str]
    open: bool

    def paid_by(self, members: Collection[str]) -> bool:
        """Whether the rest was surely paid by some parties: they pay every leg, and nobody else may have."""
        return not self.open and self.payers <= set(members)

    def paid_to(self, members: Collection[str]) -> bool:
        """Whether the rest surely went to some parties: every leg does."""
        return self.payees <= set(members)


def remainder(derived: Derived, deal: str) -> Remainder | None:
    """The headline of a deal less the legs whose amounts are known.

    Legs contained in another leg of the deal count within it; legs that were called off, lapsed or are only rumoured do
    not count. None where the deal has no headline, no leg lacks an amount, or the known legs come to more than the
    headline.

    Parameters
    ----------
    derived : the facts at a pair of clocks.
    deal : ``deal/id``.

    Examples
    --------
    SoftBank's sales of T-Mobile US shares from June to December 2025 came to 12.7bn, of which 9.17bn by September:

    >>> remainder(derived, "deal/softbank-t-mobile-sale-2025").amount.value                     # doctest: +SKIP
    Decimal('3530000000')
    """
    headline = derived.figure(deal, "amount")
    if headline is None or headline.value is None:
        return None
    total = derived.money(headline, headline.value)
    legs = [row for row in derived.facts.mentions(deal) if row.table == "tranches" and _counts(derived, row, deal)]
    known = {leg.ref: amount for leg in legs if (amount := _amount(derived, leg)) is not None}
    unknown = tuple(leg.ref for leg in legs if leg.ref not in known)
    rest = total.amount - sum(known.values(), Decimal())
    if total.currency != _USD or not unknown or rest <= 0:
        return None
    readings = [headline.readings, *(derived.amount(ref).readings for ref in known)]  # type: ignore[union-attr]
    ids = tuple(dict.fromkeys(id for group in readings for id in group))
    scale = total.amount / headline.value
    ends = (headline.low or headline.value, headline.high or headline.value)
    low, high = (rest + (end - headline.value) * scale for end in ends)
    row = derived.facts.get(deal)
    return Remainder(
        amount=Value(rest, _USD, low, high, ids),
        legs=unknown,
        as_of=headline.as_of,
        confidence=headline.confidence,
        payers=frozenset(leg["from_party"] for leg in legs),
        payees=frozenset(leg["to_party"] for leg in legs),
        open=row is None or row["kind"] in _OPEN_KINDS,
    )


def _counts(derived: Derived, leg: Row, deal: str) -> bool:
    """Whether a leg is one of the deal's own: promised or paid, and in no other leg of the deal."""
    status = derived.status(leg.ref)
    container = derived.facts.get(container_of(leg))
    inner = container is not None and container.cells.get("deal") == leg["deal"]
    own = f"deal/{leg['deal']}" == deal and not inner
    return own and status is not None and status.ladder > 1 and derived.is_known(leg.ref)


def _amount(derived: Derived, leg: Row) -> Decimal | None:
    """The firm amount of a leg in dollars."""
    firm = derived.part(leg.ref).firm
    return firm.amount if firm is not None and firm.currency == _USD else None

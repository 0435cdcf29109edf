"""What a contract costs its buyer once the warrant that came with it is taken off."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from capgraph.clocks import DateSpan
from capgraph.derive import Derived
from capgraph.errors import UsageProblem
from capgraph.facts import Row
from capgraph.names import Name, Names
from capgraph.readings import Figure
from capgraph.results import Context, Note, Result, Value, hidden, note, section

_NOTHING = Decimal(0)


@dataclass(frozen=True, slots=True)
class AtPrice:
    """The contract at one price of a share: the warrant's worth, what is left to pay, how much of the value comes back,
    and what is left for each unit of capacity."""

    share_price: Value
    warrant_worth: Value
    effective: Value | None
    returned: Value | None
    per_unit: Value | None


@dataclass(frozen=True, slots=True, kw_only=True)
class EffectivePrice(Result):
    """What a contract costs for a range of share prices, if all of the warrant vests and is exercised."""

    contract: Name
    warrant: Name
    value: Value | None
    shares: Value
    strike: Value
    capacity: Value | None
    latest_price: Value | None
    latest_price_of: DateSpan | None
    prices: tuple[AtPrice, ...] = section(AtPrice)
    readings: tuple[str, ...] = hidden()


def effective_price(
    derived: Derived, names: Names, contract: Row, warrant: Row, prices: Sequence[Decimal], context: Context
) -> EffectivePrice:
    r"""Take the worth of a warrant off the value of the contract that it came with.

    With ``s`` shares, strike ``k``, share price ``p`` and contract value ``v``:

    .. math:: w(p) = s \max(0, p - k), \qquad e(p) = v - w(p)

    Parameters
    ----------
    derived : the figures at a pair of clocks.
    names : names of things.
    contract : row of the contract; its preferred ``value`` and ``capacity`` (or the ceiling of it) are used.
    warrant : row of the tranche that grants the warrant; its ``shares``, and the ``price_per_share`` of its deal as the
        strike (0 where none is known, said in a note).
    prices : share prices in the currency of the strike.
    context : printed with the answer.

    Returns
    -------
    EffectivePrice, one row a price in the given order. Without a value of the contract only the warrant's worth is
    known. Raises UsageProblem where nobody says how many shares the warrant is for.
    """
    shares, strike = derived.figure(warrant.ref, "shares"), derived.figure(f"deal/{warrant['deal']}", "price_per_share")
    if shares is None or shares.value is None:
        raise UsageProblem(f"no reading says how many shares {warrant.ref} is for; add one of the aspect shares")
    value = derived.figure(contract.ref, "value")
    capacity = derived.figure(contract.ref, "capacity") or derived.figure(contract.ref, "capacity", "ceiling")
    latest = derived.figure(f"party/{warrant['from_party']}", "share_price") if warrant["from_party"] else None
    paid = strike.value if strike is not None and strike.value is not None else _NOTHING
    unit = strike.unit if strike is not None else value.unit if value is not None else "USD"
    rows = tuple(_row(price, shares.value, paid, unit, value, capacity) for price in prices)
    used = [figure for figure in (value, shares, strike, capacity, latest) if figure is not None]
    return EffectivePrice(
        contract=names.name(contract.ref),
        warrant=names.name(warrant.ref),
        value=_shown(value),
        shares=Value(shares.value, "shares", shares.low, shares.high, shares.readings),
        strike=Value(paid, unit, readings=strike.readings if strike else ()),
        capacity=_shown(capacity),
        latest_price=_shown(latest),
        latest_price_of=latest.as_of if latest else None,
        prices=rows,
        readings=tuple(dict.fromkeys(reading for figure in used for reading in figure.readings)),
        context=context,
        notes=tuple(_notes(value, strike)),
    )


def _row(
    price: Decimal, shares: Decimal, strike: Decimal, unit: str, value: Figure | None, capacity: Figure | None
) -> AtPrice:
    worth = shares * max(_NOTHING, price - strike)
    left = _less(value, worth) if value is not None and value.unit == unit else None
    back = Value(100 * worth / value.value, "percent") if left and value and value.value else None
    size = (capacity.value or capacity.high) if capacity else None
    each = Value(left.value / size, unit) if left and left.value is not None and size else None
    return AtPrice(Value(price, unit), Value(worth, unit), left, back, each)


def _less(value: Figure, worth: Decimal) -> Value:
    ends = (None if end is None else end - worth for end in (value.value, value.low, value.high))
    return Value(next(ends), value.unit, next(ends), next(ends), value.readings)


def _shown(figure: Figure | None) -> Value | None:
    return None if figure is None else Value(figure.value, figure.unit, figure.low, figure.high, figure.readings)


def _notes(value: Figure | None, strike: Figure | None) -> list[Note]:
    notes = [note("warrant.all_vests")]
    notes += [note("warrant.no_value")] if value is None else []
    notes += [note("warrant.no_strike")] if strike is None else []
    return notes

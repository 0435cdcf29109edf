"""What a party owns of companies through others, in percent and in money: one company at a time, never added up.

The parts of two companies that hold each other overlap, so there is no total; what a party stands to lose by one
company is the whole part, direct and indirect.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from capgraph.analysis.channels import Size, sizes
from capgraph.analysis.through import Chain, ThroughHolding, holdings_through
from capgraph.names import Name
from capgraph.network import CapitalNetwork
from capgraph.results import Context, Note, Value, hidden, note

WORTH = ("valuation", "market_cap")
_CENT = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Through:
    """One company of which a party owns a part through others. ``all_owned`` = ``direct`` + ``indirect``, in percent;
    ``comes_to`` is that part of what all of the company is worth (``worth_by``)."""

    party: Name
    all_owned: Value
    direct: Value
    indirect: Value
    comes_to: Value | None
    worth_by: Note | str
    links: tuple[str, ...] = hidden()
    readings: tuple[str, ...] = hidden()
    sources: tuple[str, ...] = hidden()


def through(
    network: CapitalNetwork, party: str, context: Context, to: str = ""
) -> tuple[tuple[Through, ...], tuple[Chain, ...], tuple[Note, ...]]:
    """The companies that a party owns through others, by the corrected look-through (loops count once).

    Parameters
    ----------
    network : all links at a pair of clocks. party : node id of the holder.
    to : node id of the only company of interest (then also where all of it is direct), or empty.

    Returns
    -------
    The rows, largest values first; the chains behind one asked company; what look-through has to say of its limits.
    """
    found = holdings_through(network, party, context)
    rows = [
        through_row(network, each) for each in found.shares if each.issuer.id == to or (not to and each.indirect.high)
    ]
    rows.sort(key=lambda row: (-dollars(network, row), -(row.all_owned.value or Decimal()), row.party.id))
    chains = tuple(chain for chain in found.chains if chain.issuer.id == to)
    notes = (*found.notes, note("exposure.through")) if rows else ()
    return tuple(rows), chains, notes


def through_row(network: CapitalNetwork, each: ThroughHolding) -> Through:
    """One holding through others with what it comes to in money."""
    worth = max(sizes(network, each.issuer.id, WORTH), key=lambda size: size.figure.as_of, default=None)
    readings = (*each.readings, *(worth.figure.readings if worth else ()))
    return Through(
        party=each.issuer,
        all_owned=each.share,
        direct=each.direct,
        indirect=each.indirect,
        comes_to=_times(each.share, worth) if worth else None,
        worth_by=note("exposure.size", aspect=worth.aspect, as_of=worth.figure.as_of) if worth else "",
        links=each.stakes,
        readings=tuple(dict.fromkeys(readings)),
        sources=tuple(dict.fromkeys((*each.sources, *(worth.figure.sources if worth else ())))),
    )


def _times(share: Value, worth: Size) -> Value:
    """A percent of a worth, end by end, to the cent."""
    figure = worth.figure
    pairs = ((share.value, figure.value), (share.low, figure.low), (share.high, figure.high))
    value, low, high = (
        None if part is None or whole is None else (part * whole / 100).quantize(_CENT) for part, whole in pairs
    )
    return Value(value, figure.unit, low, high, figure.readings)


def dollars(network: CapitalNetwork, row: Through) -> Decimal:
    """What a holding through others comes to in dollars, 0 where that is not known."""
    if row.comes_to is None or row.comes_to.value is None:
        return Decimal()
    size = max(sizes(network, row.party.id, WORTH), key=lambda each: each.figure.as_of)
    return row.comes_to.value * size.usd / size.figure.value if size.usd and size.figure.value else Decimal()

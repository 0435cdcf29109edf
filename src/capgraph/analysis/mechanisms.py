"""Who pays whom and for what: the links along which money runs, bundled into legs by payer, payee and mechanism."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from capgraph.analysis.measures import is_aggregate, shaping_code
from capgraph.network import CapitalNetwork, Link

BY_LAYER: Mapping[str, str] = {"equity": "equity", "debt": "loan", "contract": "purchase"}
"""What money is paid for, by the layer of the link. Layers that are not named carry no money."""

BY_CODE: Mapping[tuple[str, str], str] = {
    ("facility-kind", "lease"): "lease",
    ("contract-kind", "compute_lease"): "lease",
    ("contract-kind", "data_centre"): "lease",
    ("contract-kind", "revenue_share"): "revenue_share",
    ("contract-kind", "advisory"): "fee",
}
"""The kinds of loan and contract that are something else than their layer says."""

MECHANISMS = ("equity", "loan", "purchase", "lease", "revenue_share", "fee")

PERIODS: Mapping[str, str] = {"annual_value": "annual", "monthly_value": "monthly"}
"""Aspects of an amount that is no whole sum but a rate."""


@dataclass(frozen=True, slots=True)
class Leg:
    """All money of one mechanism from one party to another. ``links`` are sorted by id."""

    payer: str
    payee: str
    mechanism: str
    links: tuple[Link, ...]


@dataclass(frozen=True, slots=True)
class Sum:
    """What the links of a leg come to in US dollars from some rung up.

    ``amount`` adds the firm amounts of the whole thing (``period`` empty); where there is none, the amounts a year or a
    month (``period`` says which). None: no link has a firm amount of its own. Of ``counted`` links (parts contained in
    another are none) ``with_amount`` have one; where some have none the amount is at least so much. ``readings`` are
    those behind it.
    """

    amount: Decimal | None
    period: str
    counted: int
    with_amount: int
    readings: tuple[str, ...] = ()


def money_links(
    network: CapitalNetwork, since: date | None = None, heads: Mapping[str, str] | None = None
) -> list[Link]:
    """The links along which money runs, at or above the network's rung: flows, and standing loans and contracts.

    Flows count from ``since`` (default: ever) to the asked day. Stakes are left out, because a closed flow made them;
    so are things that move without money (shares, warrants, credits) and parties that are aggregates. ``heads``: who
    stands for whom where houses count as one (see :func:`heads_of_houses`).
    """
    clocks = network.scope.clocks
    flows = network.flows(since or date.min, clocks.as_of).links
    states = [link for link in network.links if not link.kind.flow and link.layer in ("debt", "contract")]
    head = heads or {}
    merged = (
        replace(link, source=head.get(link.source, link.source), target=head.get(link.target, link.target))
        for link in (*flows, *states)
    )
    return [
        link
        for link in merged
        if link.kind.money != "none"
        and link.layer in BY_LAYER
        and link.source != link.target
        and not (is_aggregate(network, link.source) or is_aggregate(network, link.target))
    ]


def heads_of_houses(network: CapitalNetwork) -> dict[str, str]:
    """Every member of a house at the asked day, with the party at its head (the one that is no member of another)."""
    houses = {node: network.house(node) for node in network.nodes}
    members = {node for head, house in houses.items() for node in house if node != head}
    return {node: head for head in sorted(houses.keys() - members) for node in sorted(houses[head]) if node != head}


def direction(link: Link) -> tuple[str, str]:
    """Who pays and who is paid: money may run against the orientation of a link (the customer pays the supplier)."""
    return (link.source, link.target) if link.kind.money == "forward" else (link.target, link.source)


def mechanism(network: CapitalNetwork, link: Link) -> str:
    """What the money of a link is for."""
    code = shaping_code(network, link)
    special = BY_CODE.get((code.scheme, code.code)) if code else None
    return special or BY_LAYER[link.layer]


def legs(network: CapitalNetwork, links: Iterable[Link]) -> list[Leg]:
    """The links bundled by payer, payee and mechanism, sorted."""
    bundles: dict[tuple[str, str, str], dict[str, Link]] = {}
    for link in links:
        bundles.setdefault((*direction(link), mechanism(network, link)), {})[link.id] = link
    return [Leg(*key, tuple(link for _, link in sorted(bundle.items()))) for key, bundle in sorted(bundles.items())]


def sum_of(network: CapitalNetwork, leg: Leg, rung: str) -> Sum:
    """What a leg comes to from a rung up. Links that know no rungs count on each.

    A link counts with its own firm amount or with its parts (the links contained in it), whichever is more, never with
    both. The amount of a thing with several parties at an end is that of the whole and stands for none of them, so it
    counts as unknown.
    """
    ladder = _ladder(network, rung)
    counted = {link.id: link for link in leg.links if not link.rung or _ladder(network, link.rung) >= ladder}
    tops = [link for link in counted.values() if link.container not in counted]
    for period in ("", "annual", "monthly"):
        firm = {id: amount for id, link in counted.items() if (amount := _firm(network, link, period)) is not None}
        if firm:
            total = sum((_with_parts(link.id, firm, counted) for link in tops), Decimal())
            known = sum(link.id in firm for link in tops)
            return Sum(total, period, len(tops), known, _readings(counted[id] for id in firm))
    return Sum(None, "", len(tops), 0)


def _firm(network: CapitalNetwork, link: Link, period: str) -> Decimal | None:
    """The firm amount of a link of its own in US dollars, over the asked period (empty: as a whole)."""
    if link.shared or link.amount is None or PERIODS.get(link.amount.aspect, "") != period:
        return None
    firm = network.derived.part(link.id).firm
    return firm.amount if firm is not None and firm.currency == "USD" else None


def _with_parts(id: str, firm: Mapping[str, Decimal], counted: Mapping[str, Link]) -> Decimal:
    """The amount of a link or of the links contained in it, whichever is more."""
    parts = (_with_parts(part, firm, counted) for part, link in counted.items() if link.container == id)
    return max(firm.get(id, Decimal()), sum(parts, Decimal()))


def _readings(links: Iterable[Link]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(id for link in links if link.amount for id in link.amount.readings))


def _ladder(network: CapitalNetwork, rung: str) -> int:
    return int(network.ontology.code("rung", rung)["ladder"] or 0)


def same_debt(one: Leg, other: Leg) -> bool:
    """Whether two legs between the same two parties are a loan and its own way back: fees, interest, repayment.

    So they are when a loan is answered by a fee, or by a payment that names the loan as what contains or overlaps it.
    """
    pair = {one.mechanism, other.mechanism}
    return pair == {"loan", "fee"} or _named_by(one, other) or _named_by(other, one)


def _named_by(loan: Leg, back: Leg) -> bool:
    if loan.mechanism not in ("loan", "lease"):
        return False
    lent = {link.id for link in loan.links}
    named = {cell for link in back.links for cell in _tied(link)}
    return bool(lent & named)


def _tied(link: Link) -> Sequence[str]:
    return (link.container, *(cell for cell in link.row.cells.get("overlaps", "").split("|")))

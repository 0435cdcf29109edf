"""Money that came to a party and money that went from it: payments, loans raised, loans repaid; each counted once.

A flow is a tranche paid in money, or a loan as far as it was raised or repaid in a window of days. What is contained in
another flow of the same party counts within it, never beside it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal

from capgraph.analysis.facilities import Raised, raised, repaid
from capgraph.analysis.remainders import Remainder, remainder
from capgraph.clocks import DateSpan
from capgraph.facts import Row, items
from capgraph.lifetimes import StatusAt
from capgraph.money import Money
from capgraph.names import Name, node_id
from capgraph.network import CapitalNetwork, container_of
from capgraph.ontology import Code, LinkKind
from capgraph.results import Value

_USD = "USD"
_NOTHING = Decimal(0)

SOURCE, USE = "source", "use"
PAYMENT, RAISED, REPAID, REST = "payment", "raised", "repaid", "rest"


@dataclass(frozen=True, slots=True)
class Flow:
    """One flow of money to or from a party.

    ``how`` is ``payment``, ``raised``, ``repaid``, or ``rest``: what the headline of a deal leaves for several legs,
    whose ids are ``legs``. ``amount`` is as the sources have it; ``firm`` what it comes to in one currency, dollars
    where a rate serves, ``up_to`` the most where nothing is firm. ``within`` is the flow of the same party that
    contains this one, ``parts`` those that it contains. ``counted`` is what it adds to a total: its firm amount less
    its parts'. ``derived``: no source gives the amount, the headline of the deal leaves it.
    """

    id: str
    row: Row
    side: str
    how: str
    when: DateSpan | None
    status: StatusAt
    others: tuple[str, ...]
    amount: Value
    firm: Money | None
    up_to: Money | None
    measure: str
    floor: bool = False
    derived: bool = False
    legs: tuple[str, ...] = ()
    within: str = ""
    parts: tuple[str, ...] = ()
    counted: Money | None = None
    sources: tuple[str, ...] = field(default=())

    @property
    def silent(self) -> bool:
        """Whether nothing is known of its amount."""
        return self.firm is None and self.up_to is None


@dataclass(frozen=True, slots=True)
class Flows:
    """All flows of a party, and what is no flow of money: legs in kind, legs without a day."""

    flows: tuple[Flow, ...]
    in_kind: int
    undated: int


def flows_of(network: CapitalNetwork, members: Iterable[str], start: date | None, end: date | None) -> Flows:
    """Every flow of money to and from some parties within a window of days, by day.

    Parameters
    ----------
    network : the network at a pair of clocks; flows count from its rung up.
    members : node ids, one party or a house. What one of them pays another is left out.
    start, end : first and last day of the window, None for an open end. A flow lies in the window if its status date
        may: a date that is not exact counts if one of its days does.

    Returns
    -------
    Flows. A flow enters with its firm amount less those of the flows that it contains (never less than nothing),
    whether or not these lie in the window, so that nothing counts twice and each part stands on its own rung and day.
    """
    ours = frozenset(members)
    found = list(_all(network, ours, start, end))
    in_kind = sum(flow is None for flow in found)
    flows = _rests(network, _nested([flow for flow in found if flow is not None]), ours)
    dated = [flow for flow in flows if flow.when is not None]
    inside = [flow for flow in dated if _inside(flow.when, start, end)]
    return Flows(tuple(sorted(inside, key=_place)), in_kind, len(flows) - len(dated))


def kind_of(network: CapitalNetwork, flow: Flow) -> Code:
    """What sort of flow it is: the kind of its deal or loan."""
    if flow.how in (PAYMENT, REST):
        deal = network.facts.get(f"deal/{flow.row['deal']}")
        return network.ontology.code("deal-kind", deal["kind"] if deal else "")
    return network.ontology.code("facility-kind", flow.row["kind"])


def subject_of(network: CapitalNetwork, flow: Flow) -> Name | str:
    """The company that a payment is about; nothing for a loan."""
    deal = network.facts.get(f"deal/{flow.row['deal']}") if flow.how in (PAYMENT, REST) else None
    return network.names.name(f"party/{deal['subject']}") if deal and deal["subject"] else ""


def _place(flow: Flow) -> tuple[DateSpan | None, str, bool, str]:
    return flow.when, flow.within or flow.id, bool(flow.within), flow.id  # a part follows what contains it on its day


def _inside(when: DateSpan | None, start: date | None, end: date | None) -> bool:
    return when is not None and (start is None or start <= when.last) and (end is None or when.first <= end)


# Collecting -----------------------------------------------------------------------------------------------------------


def _all(network: CapitalNetwork, ours: frozenset[str], start: date | None, end: date | None) -> Iterator[Flow | None]:
    """Every flow of the parties; None for a leg in the window that is paid in something else than money."""
    for kind in network.ontology.kinds.values():
        if kind.flow:
            for row, side in _rows(network, kind, ours):
                yield from _payment(network, kind, row, side, ours, start, end)
        elif kind.layer == "debt" and kind.money == "forward":
            for row, side in _rows(network, kind, ours):
                yield from _loan(network, kind, row, side, ours, start, end)


def _rows(network: CapitalNetwork, kind: LinkKind, ours: frozenset[str]) -> Iterator[tuple[Row, str]]:
    """The rows of a kind with one end among the parties and the other outside; a source where money comes in."""
    for column, side in ((kind.to_end[0], SOURCE), (kind.from_end[0], USE)):
        seen: dict[str, Row] = {}
        for id in sorted(ours):
            seen |= {row.ref: row for row in network.facts.naming(kind.table, column, f"party/{id}")}
        other = kind.from_end[0] if side == SOURCE else kind.to_end[0]
        for row in seen.values():
            if not (ends := _ends(network, row, other)) or not ours.issuperset(ends):
                yield row, side


def _ends(network: CapitalNetwork, row: Row, column: str) -> tuple[str, ...]:
    spec = network.facts.schema.tables[row.table].column(column)
    return tuple(node_id(spec.refers_to(item)) for item in items(spec, row[column]))


def _counts(network: CapitalNetwork, row: Row) -> StatusAt | None:
    """The status of a row that was known and stands on the asked rung or above."""
    status = network.derived.status(row.ref)
    known = network.derived.is_known(row.ref)
    return status if known and status is not None and status.ladder >= network.ladder else None


def _payment(
    network: CapitalNetwork,
    kind: LinkKind,
    row: Row,
    side: str,
    ours: frozenset[str],
    start: date | None,
    end: date | None,
) -> Iterator[Flow | None]:
    status = _counts(network, row)
    if status is None:
        return
    if network.ontology.link_kind(kind.kind, row[kind.refined_by]).money == "none":
        if _inside(status.since, start, end):
            yield None
        return
    part, figure = network.derived.part(row.ref), network.derived.amount(row.ref)
    amount = Value(figure.value, figure.unit, figure.low, figure.high, figure.readings) if figure else Value(None, _USD)
    if figure is None and part.up_to is not None:
        amount = Value(None, part.up_to.currency, None, part.up_to.amount)
    column = kind.from_end[0] if side == SOURCE else kind.to_end[0]
    yield Flow(
        id=row.ref,
        row=row,
        side=side,
        how=PAYMENT,
        when=None if status.inferred else status.since,
        status=status,
        others=tuple(end for end in _ends(network, row, column) if end not in ours),
        amount=amount,
        firm=part.firm,
        up_to=part.up_to,
        measure=figure.aspect if figure else "amount",
        floor=part.floor,
        sources=network.evidence(row.ref),
    )


def _loan(
    network: CapitalNetwork,
    kind: LinkKind,
    row: Row,
    side: str,
    ours: frozenset[str],
    start: date | None,
    end: date | None,
) -> Iterator[Flow]:
    """A loan as far as it was raised in the window, and repaid where it ended in it; for a lender the other way."""
    column = kind.from_end[0] if side == SOURCE else kind.to_end[0]
    others = tuple(end for end in _ends(network, row, column) if end not in ours)
    back = USE if side == SOURCE else SOURCE
    for way, how, found in ((side, RAISED, raised), (back, REPAID, repaid)):
        money = found(network, row, start, end)
        if money is not None:
            yield _of_loan(network, row, way, how, others, money)


def _of_loan(network: CapitalNetwork, row: Row, side: str, how: str, others: tuple[str, ...], money: Raised) -> Flow:
    return Flow(
        id=row.ref,
        row=row,
        side=side,
        how=how,
        when=money.when,
        status=money.status,
        others=others,
        amount=money.amount,
        firm=money.firm,
        up_to=money.up_to,
        measure=money.measure,
        floor=money.floor,
        sources=network.evidence(row.ref),
    )


# What is contained in what --------------------------------------------------------------------------------------------


def _nested(flows: Sequence[Flow]) -> list[Flow]:
    """The flows with what contains them, what they contain, and what is left of each to count."""
    listed = {(flow.side, flow.id): flow for flow in flows}
    within = {key: flow.row for key, flow in listed.items()}
    above = {key: _container(key[0], row, listed) for key, row in within.items()}
    parts: dict[tuple[str, str], list[str]] = {}
    for (side, id), container in above.items():
        if container:
            parts.setdefault((side, container), []).append(id)
    found = []
    for key, flow in listed.items():
        inside = tuple(sorted(parts.get(key, ())))
        counted = _left(flow, [listed[key[0], part] for part in inside])
        found.append(replace(flow, within=above[key], parts=inside, counted=counted))
    return found


def _container(side: str, row: Row, listed: Mapping[tuple[str, str], Flow]) -> str:
    """The nearest flow of the same side that contains a row, empty where none does."""
    seen, container = {row.ref}, container_of(row)
    while container and container not in seen:
        if (side, container) in listed:
            return container
        seen.add(container)
        above = next((flow.row for (_, id), flow in listed.items() if id == container), None)
        container = container_of(above) if above is not None else ""
    return ""


def _left(flow: Flow, parts: Sequence[Flow]) -> Money | None:
    """The firm amount of a flow less those of its parts in the same currency, never less than nothing."""
    if flow.firm is None:
        return None
    inside = [part.firm.amount for part in parts if part.firm is not None and part.firm.currency == flow.firm.currency]
    return Money(max(_NOTHING, flow.firm.amount - sum(inside, _NOTHING)), flow.firm.currency)


# What headlines leave -------------------------------------------------------------------------------------------------


def _rests(network: CapitalNetwork, flows: Sequence[Flow], ours: frozenset[str]) -> list[Flow]:
    """The flows with what the headlines of their deals leave for legs without an amount.

    Only where every leg of the deal is the party's on that side; what it pays in a round or a venture, which others may
    have joined, is nobody's guess. A single leg without an amount takes the rest; for several the rest stands on a line
    of its own.
    """
    known = {(flow.side, flow.id): flow for flow in flows}
    for key, flow in list(known.items()):
        deal = f"deal/{flow.row['deal']}" if flow.how == PAYMENT else ""
        rest = remainder(network.derived, deal) if deal and flow.silent and not flow.within else None
        if rest is None or not (rest.paid_to(ours) if flow.side == SOURCE else rest.paid_by(ours)):
            continue
        if not all((flow.side, leg) in known for leg in rest.legs):
            continue  # one of them stands below the asked rung, and so does the rest
        if len(rest.legs) == 1:
            known[key] = _filled(flow, rest)
        else:
            known.setdefault(
                (flow.side, deal), _several(flow, deal, rest, [known[flow.side, leg] for leg in rest.legs])
            )
    return list(known.values())


def _filled(flow: Flow, rest: Remainder) -> Flow:
    amount = rest.amount
    money = Money(amount.value or _NOTHING, amount.unit)
    return replace(flow, amount=amount, firm=money, counted=money, derived=True)


def _several(flow: Flow, deal: str, rest: Remainder, legs: Sequence[Flow]) -> Flow:
    """One line for the rest that several legs share: on the lowest of their rungs, on the latest of their days."""
    lowest = min(legs, key=lambda leg: (leg.status.ladder, leg.id))
    days = [leg.when for leg in legs if leg.when is not None]
    filled = _filled(flow, rest)
    when = max(days) if len(days) == len(legs) else None
    return replace(filled, id=deal, how=REST, when=when, status=lowest.status, others=(), legs=rest.legs, sources=())

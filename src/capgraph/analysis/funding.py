"""What a party's money came from and went to, what paid for what, and what nobody accounts for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import networkx as nx

from capgraph.analysis.moneyflows import PAYMENT, REPAID, REST, SOURCE, USE, Flow, Flows, flows_of, kind_of, subject_of
from capgraph.analysis.paidfor import End, Tie, ties_of
from capgraph.clocks import DateSpan
from capgraph.money import Part, add_up
from capgraph.names import Name
from capgraph.network import CapitalNetwork
from capgraph.ontology import Code, Words
from capgraph.results import Context, Note, Result, Value, hidden, note, section

_USD = "USD"
_NOTHING = Decimal(0)
_STATED = "stated"


@dataclass(frozen=True, slots=True)
class FlowRow:
    """One flow of money. ``counted`` is what it adds to the totals; a flow whose parts are listed counts in them."""

    when: DateSpan | None
    kind: Code
    of: Name | str
    counterparty: tuple[Name, ...] | Words
    status: Code
    amount: Value
    measure: Code | str
    counted: Value | Words
    remarks: tuple[Note, ...]
    how: str = hidden("")
    flow: str = hidden("")
    within: str = hidden("")
    readings: tuple[str, ...] = hidden()
    sources: tuple[str, ...] = hidden()


@dataclass(frozen=True, slots=True)
class RungTotal:
    """All flows of one side on one rung in one currency."""

    side: Words
    rung: Code
    total: Value
    up_to: Value | str
    with_amount: int
    counted: int


@dataclass(frozen=True, slots=True)
class LinkRow:
    """That one flow paid for another, as sources say or as amounts and dates suggest."""

    use: Note
    use_amount: Value
    paid_from: Note
    when: DateSpan | None
    amount: Value
    basis: Code
    statements: int
    use_id: str = hidden("")
    origin_id: str = hidden("")
    links: tuple[str, ...] = hidden()
    sources: tuple[str, ...] = hidden()


@dataclass(frozen=True, slots=True)
class Explained:
    """One use, and how much of it the flows linked to it can have paid."""

    use: Note
    when: DateSpan | None
    amount: Value
    stated: Value
    inferred: Value
    unexplained: Value
    use_id: str = hidden("")


@dataclass(frozen=True, slots=True)
class Funding(Result):
    """The sources and uses of a party's money within a window."""

    party: Name
    start: DateSpan | Words
    end: DateSpan
    sources_total: Value
    uses_total: Value
    gap: Value
    covered: Value
    inflows: tuple[FlowRow, ...] = section(FlowRow)
    outflows: tuple[FlowRow, ...] = section(FlowRow)
    totals: tuple[RungTotal, ...] = section(RungTotal)
    paid_for: tuple[LinkRow, ...] = section(LinkRow)
    explained: tuple[Explained, ...] = hidden()


def funding(
    network: CapitalNetwork, party: str, context: Context, start: date | None = None, end: date | None = None
) -> Funding:
    r"""Sources and uses of a party's money within a window of days.

    .. math:: gap = \sum uses - \sum sources

    Parameters
    ----------
    network : the network at a pair of clocks. Its rung says from where up a flow counts; with ``group`` in its scope
        the party's house is taken as one, and what its members pay each other is left out.
    party : node id.
    context : what the answer says about how it was asked.
    start, end : first and last day of the window (defaults: no first day, the asked day).

    Returns
    -------
    Funding. *Sources* are payments received (sales of stakes, money put in by investors) and loans as far as they were
    raised in the window; *uses* are payments made and loans paid back. A flow lies in the window by the date of its
    status. What is contained in another flow of the party counts once. Where flows may overlap in part, totals run from
    the least (all that may be the same money counted once) to the sum. Totals take dollars; what no rate converts
    stands on lines of its own currency and enters neither gap nor cover. ``covered`` is sources in percent of uses. A
    link between a source and a use says that the one paid for the other, not with how much: ``explained`` shows how
    much of a use its linked sources could have paid at most.

    Notes
    -----
    Income of the running business, dividends, interest, taxes and contracts are no flows of this graph. A gap is what
    the data do not account for, not money that is missing.

    Examples
    --------
    >>> funding(network, "softbank-group", context, date(2025, 1, 1), date(2025, 12, 31)).gap   # doctest: +SKIP
    """
    last = end or network.scope.clocks.as_of
    members = network.house(party) if network.scope.group else frozenset((party,))
    found = flows_of(network, members, start, last)
    sides = {side: [flow for flow in found.flows if flow.side == side] for side in (SOURCE, USE)}
    sources, uses = (total_of(sides[side]) for side in (SOURCE, USE))
    everything = flows_of(network, members, None, None)
    ties = ties_of(network, found.flows, everything.flows)
    return Funding(
        party=network.node(party).name,
        start=DateSpan.of(start) if start else _words(network, "funding.beginning"),
        end=DateSpan.of(last),
        sources_total=sources,
        uses_total=uses,
        gap=_minus(uses, sources),
        covered=_percent(sources, uses),
        inflows=tuple(_row(network, flow, sides[SOURCE]) for flow in sides[SOURCE]),
        outflows=tuple(_row(network, flow, sides[USE]) for flow in sides[USE]),
        totals=tuple(row for side in (SOURCE, USE) for row in _totals(network, side, sides[side])),
        paid_for=tuple(_link(network, tie) for tie in ties),
        explained=tuple(_explained(ties)),
        context=context,
        notes=(*_verdict(sources, uses), *_notes(network, party, found, everything, sides)),
    )


# Totals ---------------------------------------------------------------------------------------------------------------


def total_of(flows: Sequence[Flow]) -> Value:
    """The dollars of some flows together, as a range where some may be the same money; unknown without any amount.

    The least is the largest sum over flows of which no two overlap (a heaviest set of independent nodes of the graph of
    overlaps): whatever is common to others, at least these are different money.
    """
    counted = {flow.id: flow.counted.amount for flow in flows if flow.counted and flow.counted.currency == _USD}
    if not counted:
        return Value(None, _USD) if flows else Value(_NOTHING, _USD, _NOTHING, _NOTHING)
    total = sum(counted.values(), _NOTHING)
    least = total - sum((_common(counted, group) for group in _overlapping(flows, counted)), _NOTHING)
    return Value(total, _USD, total, total) if least == total else Value(None, _USD, least, total)


def _overlapping(flows: Sequence[Flow], counted: Iterable[str]) -> list[nx.Graph[str]]:
    """The groups of flows that overlap, as connected graphs."""
    graph: nx.Graph[str] = nx.Graph()
    ids = set(counted)
    for flow in flows:
        for other in flow.row.list("overlaps") if "overlaps" in flow.row.cells else ():
            if flow.id in ids and other in ids:
                graph.add_edge(flow.id, other)
    return [graph.subgraph(group) for group in nx.connected_components(graph)]


def _common(counted: dict[str, Decimal], group: nx.Graph[str]) -> Decimal:
    """How much of a group of overlapping flows may be counted twice."""
    apart = nx.complement(group)
    weights = {id: int(counted[id]) for id in group}
    nx.set_node_attributes(apart, weights, "weight")
    _, heaviest = nx.max_weight_clique(apart, weight="weight")
    return Decimal(sum(weights.values()) - heaviest)


def _minus(one: Value, other: Value) -> Value:
    """A difference of totals with its range."""
    ends = one.low, one.high, other.low, other.high
    if one.value is not None and other.value is not None:
        return Value(one.value - other.value, _USD, one.value - other.value, one.value - other.value)
    if None in ends:
        return Value(None, _USD)
    low, high = (one.low or _NOTHING) - (other.high or _NOTHING), (one.high or _NOTHING) - (other.low or _NOTHING)
    return Value(None, _USD, low, high)


def _percent(sources: Value, uses: Value) -> Value:
    """Sources in percent of uses."""
    if uses.value is None or not uses.value:
        return Value(None, "percent")

    def part(number: Decimal | None) -> Decimal | None:
        return None if number is None else (number / (uses.value or Decimal(1)) * 100).quantize(Decimal("0.1"))

    return Value(part(sources.value), "percent", part(sources.low), part(sources.high))


def _totals(network: CapitalNetwork, side: str, flows: Sequence[Flow]) -> Iterator[RungTotal]:
    """One line a rung and currency, the surest rung first."""
    rungs = sorted({flow.status.rung for flow in flows}, key=lambda rung: _ladder(network, rung), reverse=True)
    for rung in rungs:
        group = [flow for flow in flows if flow.status.rung == rung]
        total = add_up(rung, (_part(flow) for flow in group if not _within_counted(flow, flows)))
        currencies = list(dict.fromkeys((*total.firm, *total.up_to))) or [_USD]
        for currency in currencies:
            firm = total.firm.get(currency)
            value = total_of(group) if currency == _USD and firm else Value(firm, currency)
            ceiling = total.up_to.get(currency)
            yield RungTotal(
                side=_words(network, f"funding.side.{side}"),
                rung=network.ontology.code("rung", rung),
                total=value,
                up_to="" if ceiling is None else Value(ceiling, currency),
                with_amount=total.with_amount,
                counted=total.counted,
            )


def _ladder(network: CapitalNetwork, rung: str) -> int:
    return int(network.ontology.code("rung", rung)["ladder"] or 6)


def _part(flow: Flow) -> Part:
    return Part(flow.id, flow.counted, flow.up_to if flow.firm is None else None, floor=flow.floor)


def _within_counted(flow: Flow, flows: Sequence[Flow]) -> bool:
    """Whether a flow without an amount lies within one that has one: it is no gap in what is known."""
    return flow.silent and any(other.id == flow.within and not other.silent for other in flows)


# Rows -----------------------------------------------------------------------------------------------------------------


def _row(network: CapitalNetwork, flow: Flow, flows: Sequence[Flow]) -> FlowRow:
    others = tuple(network.node(other).name for other in flow.others)
    counted: Value | Words = Value(None, _USD)
    if flow.counted is not None:
        counted = Value(flow.counted.amount, flow.counted.currency)
        if flow.parts and not flow.counted.amount:
            counted = _words(network, "funding.in_parts")
    elif _within_counted(flow, flows):
        counted = _words(network, "funding.in_whole")
    return FlowRow(
        when=flow.when,
        kind=kind_of(network, flow),
        of=subject_of(network, flow),
        counterparty=others or _words(network, "party.unnamed"),
        status=network.ontology.code("status", flow.status.code),
        amount=flow.amount,
        measure="" if flow.how in (PAYMENT, REST) else _measure(network, flow.measure),
        counted=counted,
        remarks=tuple(_remarks(flow, flows)),
        how=flow.how,
        flow=flow.id,
        within=flow.within,
        readings=flow.amount.readings,
        sources=flow.sources,
    )


def _measure(network: CapitalNetwork, measure: str) -> Code:
    """What an amount of a loan is of: drawn, its limit, or an increase."""
    scheme = "aspect" if network.ontology.find_code("aspect", measure) else "basis"
    return network.ontology.code(scheme, measure)


def _remarks(flow: Flow, flows: Sequence[Flow]) -> Iterator[Note]:
    whole = next((other for other in flows if other.id == flow.within and other.side == flow.side), None)
    if whole is not None:
        yield note("funding.part_of", amount=whole.amount)
    parts = [other for other in flows if other.id in flow.parts]
    inside = sum((part.firm.amount for part in parts if part.firm), _NOTHING)
    if flow.firm is not None and parts and inside > flow.firm.amount:
        yield note("funding.parts_exceed", amount=Value(inside, flow.firm.currency))
    if flow.how == REPAID:
        yield note("funding.repaid")
    if flow.derived:
        yield note("funding.rest" if flow.how == PAYMENT else "funding.rest_of", legs=len(flow.legs))
    overlaps = [other for other in flows if other.id in _overlaps(flow) or flow.id in _overlaps(other)]
    if overlaps:
        yield note("funding.overlaps", amounts=tuple(other.amount for other in overlaps))


def _overlaps(flow: Flow) -> tuple[str, ...]:
    return flow.row.list("overlaps") if "overlaps" in flow.row.cells else ()


# What paid for what ---------------------------------------------------------------------------------------------------


def _link(network: CapitalNetwork, tie: Tie) -> LinkRow:
    return LinkRow(
        use=tie.use.label,
        use_amount=tie.use.amount,
        paid_from=tie.origin.label,
        when=tie.origin.when,
        amount=tie.origin.amount,
        basis=network.ontology.code("funding-basis", tie.basis),
        statements=len(tie.links),
        use_id=tie.use.id,
        origin_id=tie.origin.id,
        links=tie.links,
        sources=tuple(dict.fromkeys(source for link in tie.links for source in network.evidence(link))),
    )


def _explained(ties: Sequence[Tie]) -> Iterator[Explained]:
    """Every use with what is linked to it, each origin once: as stated where a source says so, else as inferred."""
    for use in dict.fromkeys(tie.use for tie in ties):
        linked = [tie for tie in ties if tie.use == use]
        stated = {tie.origin for tie in linked if tie.basis == _STATED}
        inferred = {tie.origin for tie in linked} - stated
        sums = [_sum(stated), _sum(inferred)]
        yield Explained(
            use=use.label,
            when=use.when,
            amount=use.amount,
            stated=sums[0],
            inferred=sums[1],
            unexplained=_unexplained(use, sums),
            use_id=use.id,
        )


def _sum(ends: Iterable[End]) -> Value:
    """Some flows together in dollars; at least the known ones where one has no amount in dollars."""
    amounts = [end.usd for end in ends]
    known = sum((amount for amount in amounts if amount is not None), _NOTHING)
    return Value(None, _USD, known) if None in amounts else Value(known, _USD)


def _unexplained(use: End, sums: Sequence[Value]) -> Value:
    """What is left of a use after all that is linked to it, never less than nothing; the most where it is open."""
    if use.usd is None:
        return Value(None, _USD)
    left = max(_NOTHING, use.usd - sum((each.value or each.low or _NOTHING for each in sums), _NOTHING))
    return Value(left, _USD) if all(each.value is not None for each in sums) else Value(None, _USD, None, left)


# Notes ----------------------------------------------------------------------------------------------------------------


def _verdict(sources: Value, uses: Value) -> Iterator[Note]:
    """In words, which side is larger, where that is beyond doubt."""
    gap = _minus(uses, sources)
    if gap.low is None or gap.high is None:
        return
    if gap.low > 0:
        yield note("funding.short", amount=gap)
    elif gap.high < 0:
        yield note("funding.long", amount=_minus(sources, uses))


def _notes(
    network: CapitalNetwork, party: str, found: Flows, everything: Flows, sides: dict[str, list[Flow]]
) -> Iterator[Note]:
    name = network.node(party).name
    if not found.flows:
        yield note("funding.nothing", party=name)
        if everything.flows:
            days = [flow.when for flow in everything.flows if flow.when]
            yield note("funding.elsewhere", party=name, first=min(days), last=max(days))
        return
    yield note("funding.method")
    for side, flows in sides.items():
        foreign = sorted({flow.counted.currency for flow in flows if flow.counted} - {_USD})
        if foreign:
            units = tuple(network.ontology.code("unit", currency) for currency in foreign)
            yield note("funding.foreign", side=_words(network, f"funding.side.{side}"), currencies=units)
        bounds = sum(flow.floor and flow.firm is not None for flow in flows)
        if bounds:
            yield note("funding.floor", side=_words(network, f"funding.side.{side}"), count=bounds)
        silent = [flow for flow in flows if flow.silent and not _within_counted(flow, flows)]
        if silent:
            yield note("funding.silent", side=_words(network, f"funding.side.{side}"), count=len(silent))
    if found.in_kind:
        yield note("funding.in_kind", count=found.in_kind)
    if found.undated:
        yield note("funding.undated", count=found.undated)


def _words(network: CapitalNetwork, key: str) -> Words:
    words = network.ontology.words(key)
    assert words is not None, key
    return words

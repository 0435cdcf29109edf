"""Which flow of money paid for which, as the table ``funding`` has it, seen from one party."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from capgraph.analysis.moneyflows import PAYMENT, SOURCE, USE, Flow, kind_of, subject_of
from capgraph.clocks import DateSpan
from capgraph.facts import Row
from capgraph.network import CapitalNetwork, container_of
from capgraph.results import Note, Value, note

_USD = "USD"


@dataclass(frozen=True, slots=True)
class End:
    """One end of a funding link: its name in words, its day, its amount as told and in dollars."""

    id: str
    label: Note
    when: DateSpan | None
    amount: Value
    usd: Decimal | None

    def __hash__(self) -> int:
        return hash(self.id)


@dataclass(frozen=True, slots=True)
class Tie:
    """That an origin paid for a use; ``links`` are the rows that say so, on one basis (``stated`` or ``inferred``)."""

    use: End
    origin: End
    basis: str
    links: tuple[str, ...]


def ties_of(network: CapitalNetwork, inside: Sequence[Flow], everything: Sequence[Flow]) -> tuple[Tie, ...]:
    """Every funding link with an end among some flows, by use; stated ones first.

    Parameters
    ----------
    network : the network at a pair of clocks.
    inside : the flows of a party within a window; a link counts if its use or its origin is one of them.
    everything : all flows of the party, to find the other end.

    Notes
    -----
    A use that lies in another flow of the party stands for that one, so that all that paid for a purchase in parts
    comes together. Links of several sources between the same ends are one.
    """
    ends = _Ends(network, inside, everything)
    found: dict[tuple[str, str, str], list[Row]] = {}
    for row in network.facts.table("funding"):
        use, origin = ends.use(row["use"]), ends.origin(row["origin"])
        ours = {use.id, row["use"], origin.id} & ends.inside
        if network.derived.is_known(row.ref) and ours:
            found.setdefault((use.id, origin.id, row["basis"]), []).append(row)
    ties = [
        Tie(ends.use(rows[0]["use"]), ends.origin(rows[0]["origin"]), basis, tuple(row.ref for row in rows))
        for (_, _, basis), rows in found.items()
    ]
    order = list(network.ontology.codes("funding-basis"))
    late = DateSpan.parse("9999")
    return tuple(
        sorted(ties, key=lambda tie: (tie.use.id, order.index(tie.basis), tie.origin.when or late, tie.origin.id))
    )


class _Ends:
    """The ends of funding links as flows of the party where they are such, else as the rows that they are."""

    def __init__(self, network: CapitalNetwork, inside: Sequence[Flow], everything: Sequence[Flow]) -> None:
        self.network = network
        self.inside = {flow.id for flow in inside}
        self.flows = {(flow.side, flow.id): flow for flow in (*everything, *inside)}

    def use(self, ref: str) -> End:
        """The end that a use stands for: the outermost flow of the party that it is or lies in.

        What another spent may be what the party received, so flows of both sides come into question.
        """
        flow = next((flow for each in self._upwards(ref) if (flow := self._flow(each, USE, SOURCE))), None)
        while flow is not None and (flow.side, flow.within) in self.flows:
            flow = self.flows[flow.side, flow.within]
        return self._of_row(ref) if flow is None else self._of_flow(flow)

    def origin(self, ref: str) -> End:
        """The end that an origin stands for: a flow of the party, or a leg of the deal that it names."""
        flow = next((flow for each in (ref, *self._legs(ref)) if (flow := self._flow(each, SOURCE, USE))), None)
        return self._of_row(ref) if flow is None else self._of_flow(flow)

    def _flow(self, ref: str, *sides: str) -> Flow | None:
        return next((self.flows[side, ref] for side in sides if (side, ref) in self.flows), None)

    def _upwards(self, ref: str) -> Iterator[str]:
        """A thing, the legs of it if it is a deal, and whatever contains it."""
        seen: set[str] = set()
        while ref and ref not in seen:
            seen.add(ref)
            yield ref
            yield from self._legs(ref)
            row = self.network.facts.get(ref)
            ref = container_of(row) if row is not None else ""

    def _legs(self, ref: str) -> Iterator[str]:
        """The legs of a deal, outermost first."""
        if ref.startswith("deal/"):
            rows = self.network.facts.naming("tranches", "deal", ref)
            yield from (row.ref for row in sorted(rows, key=lambda row: (bool(row["contained_in"]), row.ref)))

    def _of_flow(self, flow: Flow) -> End:
        usd = flow.firm.amount if flow.firm is not None and flow.firm.currency == _USD else None
        subject = subject_of(self.network, flow)
        label = note("funding.label.payment", kind=kind_of(self.network, flow), of=subject)
        if flow.how != PAYMENT:
            label = note("funding.label.loan", kind=kind_of(self.network, flow))
        return End(flow.id, label, flow.when, flow.amount, usd)

    def _of_row(self, ref: str) -> End:
        """An end that is no flow of the party: another's payment or loan, or one below the asked rung."""
        network, row = self.network, self.network.facts.get(ref)
        deal = network.facts.get(f"deal/{row['deal']}") if row is not None and "deal" in row.cells else row
        figure = network.derived.amount(ref) if ref.split("/")[0] in network.ontology.kinds else None
        amount = Value(figure.value, figure.unit, figure.low, figure.high, figure.readings) if figure else None
        firm = network.derived.part(ref).firm if figure else None
        status = network.derived.status(ref)
        if deal is not None and deal.table == "deals":
            code = network.ontology.code("deal-kind", deal["kind"])
            label = note("funding.label.payment", kind=code, of=network.names.name(f"party/{deal['subject']}"))
        else:
            code = network.ontology.code("facility-kind", row["kind"] if row is not None else "")
            label = note("funding.label.loan", kind=code)
        usd = firm.amount if firm is not None and firm.currency == _USD else None
        return End(ref, label, status.since if status else None, amount or Value(None, _USD), usd)

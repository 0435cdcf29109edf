"""Every payment that was promised, by the year of its announcement and how far it has come since."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from capgraph.analysis.remainders import remainder
from capgraph.clocks import DateSpan, span_of
from capgraph.facts import Row
from capgraph.lifetimes import StatusAt
from capgraph.money import Money, Part, add_up
from capgraph.names import Name
from capgraph.network import CapitalNetwork, container_of
from capgraph.ontology import Code, Words
from capgraph.readings import Figure
from capgraph.results import Context, Note, Result, Value, hidden, note, section

USD = "USD"
PAID = "closed"


@dataclass(frozen=True, slots=True)
class PromiseRow:
    """The payments promised in one year that stand on one rung now, in one currency.

    ``direction`` is told where the question is about a party: what it is to receive, or (``out``) what it is to pay.
    ``firm`` adds the amounts that are known, ``up_to`` the ceilings of those that have only one. ``jointly`` counts
    those whose amounts are known only together, as what the headline of their deal leaves.
    """

    year: str
    direction: Words | str
    rung: Code
    firm: Value | str
    up_to: Value | str
    counted: int
    with_amount: int
    jointly: int
    with_ceiling: int
    unknown: int
    out: bool = hidden(False)
    tranches: tuple[str, ...] = hidden()
    readings: tuple[str, ...] = hidden()
    sources: tuple[str, ...] = hidden()


@dataclass(frozen=True, slots=True, kw_only=True)
class Promises(Result):
    """What was promised and what became of it. ``promised`` adds all firm amounts in dollars, ``paid`` those paid."""

    party: Name | None = hidden(None)
    promised: Value
    paid: Value
    promises: tuple[PromiseRow, ...] = section(PromiseRow)


@dataclass(frozen=True, slots=True)
class _Leg:
    """One promised payment, or several whose amount is known only together. ``part`` is what it adds once the legs
    contained in it are taken out."""

    refs: tuple[str, ...]
    year: str
    out: bool
    rung: str
    part: Part
    readings: tuple[str, ...]
    sources: tuple[str, ...]
    overlaps: bool

    @property
    def currency(self) -> str:
        money = self.part.firm or self.part.up_to
        return money.currency if money else USD


def promises(network: CapitalNetwork, party: str, context: Context) -> Promises:
    """Every payment that was ever promised, by the year of its announcement and the rung reached at the clocks.

    Only money counts: legs in shares, warrants, services are left out. Of a leg that contains others only what they
    leave is its own. Legs without an amount whose deal has a headline count together with what the others leave of it,
    on the lowest of their rungs (:func:`~capgraph.analysis.remainders.remainder`). With ``group`` in the scope a party
    is its house, and what its members pay each other is left out.

    Parameters
    ----------
    network : the network at a pair of clocks. party : node id, or empty for everyone.
    context : printed with the answer; the answer itself holds every rung.
    """
    house = network.house(party) if party and network.scope.group else frozenset({party} if party else ())
    legs, others = _Reader(network, house).legs()
    ladder = {code: place for place, code in enumerate(network.ontology.codes("rung"))}
    groups: dict[tuple[str, bool, str, str], list[_Leg]] = {}
    for leg in legs:
        groups.setdefault((leg.year, leg.out, leg.rung, leg.currency), []).append(leg)
    ordered = sorted(groups, key=lambda key: (key[0] or "9999", key[1], -ladder[key[2]], key[3] != USD, key[3]))
    rows = [_row(network, groups[key], told=bool(party)) for key in ordered]
    dollars = [row for row in rows if isinstance(row.firm, Value) and row.firm.unit == USD]
    return Promises(
        party=network.node(party).name if party else None,
        promised=_sum(dollars),
        paid=_sum(row for row in dollars if row.rung.code == PAID),
        promises=tuple(rows),
        context=replace(context, rung=next(iter(ladder))),
        notes=tuple(_notes(network, legs, others)),
    )


def _sum(rows: Iterable[PromiseRow]) -> Value:
    firm = [row.firm for row in rows if isinstance(row.firm, Value)]
    return Value(sum((value.value or Decimal() for value in firm), Decimal()), USD)


class _Reader:
    """Reads the promised payments to or by a house (empty: of everyone) from the facts."""

    def __init__(self, network: CapitalNetwork, house: frozenset[str]) -> None:
        self.network, self.derived, self.house = network, network.derived, house
        self.rungs: dict[str, StatusAt] = {}
        self.rows: dict[str, Row] = {}
        self.others = 0
        for row in network.facts.table("tranches"):
            self._read(row)

    def _read(self, row: Row) -> None:
        inside = [row[end] in self.house for end in ("from_party", "to_party")]
        if self.house and (all(inside) or not any(inside)):
            return
        status = self.derived.status(row.ref)
        if status is None or not self.derived.is_known(row.ref):
            return
        if self.network.ontology.link_kind("tranche", row["medium"]).money == "none":
            self.others += 1
            return
        self.rows[row.ref], self.rungs[row.ref] = row, status

    def legs(self) -> tuple[list[_Leg], int]:
        """The payments, and how many legs are none."""
        parts, joint = self._parts(), list(self._joint())
        shared = {ref for leg in joint for ref in leg.refs}
        own = [self._leg((ref,), part, self.derived.amount(ref)) for ref, part in parts.items() if ref not in shared]
        return [*own, *joint], self.others

    def _leg(self, refs: tuple[str, ...], part: Part, figure: Figure | None, more: tuple[str, ...] = ()) -> _Leg:
        first = self.rows[refs[0]]
        said = [source for ref in refs for source in self.network.evidence(ref)]
        rungs = [self.rungs[ref] for ref in refs]
        return _Leg(
            refs=refs,
            year=self._year(first, rungs[0].since),
            out=bool(self.house) and first["to_party"] not in self.house,
            rung=min(rungs, key=lambda status: status.ladder).rung,
            part=part,
            readings=(*(figure.readings if figure else ()), *more),
            sources=tuple(dict.fromkeys((*(figure.sources if figure else ()), *said))),
            overlaps=any(self.rows[ref]["overlaps"] for ref in refs),
        )

    def _year(self, row: Row, since: DateSpan | None) -> str:
        """The year in which a payment was promised: that of its deal's announcement, else of its status."""
        deal = self.network.facts.get(f"deal/{row['deal']}")
        said = span_of(deal["announced"]) if deal is not None else None
        span = said or since
        return str(span.first.year) if span else ""

    def _joint(self) -> Iterator[_Leg]:
        """What the headlines of deals leave for their legs without an amount, where all of these are asked for."""
        for deal in dict.fromkeys(row["deal"] for row in self.rows.values()):
            rest = remainder(self.derived, f"deal/{deal}")
            if rest is not None and set(rest.legs) <= set(self.rows) and rest.amount.value is not None:
                part = Part(f"deal/{deal}", Money(rest.amount.value, USD))
                yield self._leg(rest.legs, part, None, rest.amount.readings)

    def _parts(self) -> dict[str, Part]:
        """What each leg adds to a total: less what the legs contained in it add. A leg that is contained in a deal
        whose own legs have amounts is in them already, and is left out."""
        wholes = {ref: self.derived.part(ref) for ref in self.rows}
        inside: dict[str, Decimal] = {}
        doubled = set()
        for ref, row in self.rows.items():
            outer, firm = container_of(row), wholes[ref].firm
            if outer.startswith("deal/"):
                doubled |= {ref} if self._amounts_of(outer, wholes, ref) else set()
            elif outer in self.rows and firm is not None and firm.currency == USD:
                inside[outer] = inside.get(outer, Decimal()) + firm.amount
        found = {ref: part for ref, part in wholes.items() if ref not in doubled}
        for ref, amount in inside.items():
            firm = wholes[ref].firm
            if ref in found and firm is not None and firm.currency == USD:
                found[ref] = replace(found[ref], firm=Money(max(Decimal(), firm.amount - amount), USD))
        return found

    def _amounts_of(self, deal: str, wholes: Mapping[str, Part], ref: str) -> bool:
        """Whether another leg of a deal has an amount."""
        legs = (other for other, row in self.rows.items() if f"deal/{row['deal']}" == deal and other != ref)
        return any(wholes[other].firm for other in legs)


def _row(network: CapitalNetwork, group: Sequence[_Leg], told: bool) -> PromiseRow:
    """One row: what was promised in a year, stands on a rung, and is in one currency."""
    first, total = group[0], add_up(group[0].rung, (leg.part for leg in group))
    joint = [leg for leg in group if len(leg.refs) > 1 or leg.part.about != leg.refs[0]]
    jointly = sum(len(leg.refs) for leg in joint)
    firm, up_to = total.firm.get(first.currency), total.up_to.get(first.currency)
    return PromiseRow(
        year=first.year,
        direction=(network.ontology.words(f"chart.promises.{'out' if first.out else 'in'}") or "") if told else "",
        rung=network.ontology.code("rung", first.rung),
        firm="" if firm is None else Value(firm, first.currency),
        up_to="" if up_to is None else Value(up_to, first.currency),
        counted=total.counted - len(joint) + jointly,
        with_amount=total.with_amount - len(joint),
        jointly=jointly,
        with_ceiling=total.with_ceiling,
        unknown=total.unknown,
        out=first.out,
        tranches=tuple(ref for leg in group for ref in leg.refs),
        readings=tuple(dict.fromkeys(id for leg in group for id in leg.readings)),
        sources=tuple(dict.fromkeys(id for leg in group for id in leg.sources)),
    )


def _notes(network: CapitalNetwork, legs: Sequence[_Leg], others: int) -> Iterator[Note]:
    yield note("chart.promises.cohorts")
    silent = sum(leg.part.firm is None for leg in legs)
    if silent:
        yield note("chart.promises.silent", count=silent, counted=sum(len(leg.refs) for leg in legs))
    if others:
        yield note("chart.promises.other", count=others)
    foreign = {leg.part.firm.currency for leg in legs if leg.part.firm and leg.part.firm.currency != USD}
    if foreign:
        yield note(
            "exposure.no_rate", currencies=tuple(network.ontology.code("unit", code) for code in sorted(foreign))
        )
    overlapping = sum(leg.overlaps for leg in legs)
    if overlapping:
        yield note("chart.promises.overlaps", count=overlapping)

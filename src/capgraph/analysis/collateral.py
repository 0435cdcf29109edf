"""Loans on shares of one party: loan to value, how far the shares must fall, and what would have to be paid or sold.

Without a trigger in the data there is no call, only loan to value against the price; a trigger that the user assumes is
marked as assumed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from capgraph.analysis.channels import exposures, inside_another
from capgraph.analysis.contagion import percent_of
from capgraph.analysis.pledges import (
    HUNDRED,
    Security,
    call_price,
    fall_to_trigger,
    loan_to_value,
    sale_back_to,
    securities,
    spiral,
)
from capgraph.clocks import DateSpan
from capgraph.errors import UsageProblem
from capgraph.names import Name
from capgraph.network import CapitalNetwork
from capgraph.ontology import Code
from capgraph.readings import Figure
from capgraph.results import Context, Note, Result, Value, hidden, note, section

FALLS = tuple(Decimal(percent) / 100 for percent in range(0, 100, 10))
"""The falls of the collateral at which loan to value is printed."""
_CENT = Decimal("0.01")
_TOP = 10


@dataclass(frozen=True, slots=True)
class PledgedLoan:
    """One loan and the shares that secure it.

    ``collateral_value`` is the worth of the whole stake, ``at_limit`` the loan to value if all of the ``limit`` were
    drawn. ``trigger`` is the loan to value of a call, in percent, ``fall_to_call`` how far the shares must fall until
    then and ``price_at_call`` the price of a share then, where the shares and the trigger are known.
    """

    loan: Name
    party: Name
    pledged: Name | str
    debt: Value | None
    debt_is: Note | str
    limit: Value | str
    collateral_value: Value | None
    value_is: Note | str
    loan_to_value: Value | None
    at_limit: Value | str
    trigger: Value | None
    fall_to_call: Value | str
    price_at_call: Value | str
    recourse: Code
    matures: DateSpan | None
    remarks: tuple[Note, ...]
    link: str = hidden("")
    readings: tuple[str, ...] = hidden()
    sources: tuple[str, ...] = hidden()


@dataclass(frozen=True, slots=True)
class Rung:
    """The loan to value after one fall of the shares. With a trigger: what must be paid back to come down to it
    (``pay_back``), or what must be sold to come down to the target (``sell``), of shares at the price then."""

    loan: Name
    fall: Value
    collateral_value: Value
    loan_to_value: Value | Note
    pay_back: Value | str
    sell: Value | str
    passed: bool | str


@dataclass(frozen=True, slots=True)
class FreeHolding:
    """Another stake of the party, which it could sell."""

    party: Name
    amount: Value | None
    amount_is: Note | str
    links: tuple[str, ...] = hidden()
    readings: tuple[str, ...] = hidden()
    sources: tuple[str, ...] = hidden()


@dataclass(frozen=True, slots=True, kw_only=True)
class Margin(Result):
    """The loans of a party that are secured on shares."""

    party: Name = hidden(None)
    loans: tuple[PledgedLoan, ...] = section(PledgedLoan)
    ladder: tuple[Rung, ...] = hidden()
    free: tuple[FreeHolding, ...] = hidden()


def margin(
    network: CapitalNetwork,
    party: str,
    context: Context,
    *,
    trigger: Decimal | None = None,
    target: Decimal | None = None,
    impact: Decimal | None = None,
) -> Margin:
    """How far the collateral of a party's loans on shares must fall until more must be posted.

    With debt D, n shares pledged, value V of the collateral, trigger m and target t (both loan to value)::

        LTV = D / V      fall to the call = 1 - D / (m V)      price of the call = D / (n m)
        pay back = D - m V      sale back to the target = (D - t V) / (1 - t)

    Parameters
    ----------
    network : all links at a pair of clocks.
    party : node id of who pledged.
    context : printed with the answer.
    trigger : a loan to value of a call, above 0 and at most 1, to assume where the data have none.
    target : the loan to value to which forced sales lead, in 0..1 (default: the trigger).
    impact : the fall of the price if all collateral were sold at once, 0..1; with it forced sales spiral.

    Returns
    -------
    Margin. The data mostly do not tell how many shares are pledged: then the whole stake is taken, and loan to value is
    a lower bound. Without a trigger the ladder gives loan to value only.

    Raises
    ------
    UsageProblem for a trigger, target or impact outside its range, or a target or impact without any trigger.

    References
    ----------
    SoftBank's own definition of loan to value for stakes and asset-backed finance; methods as in margin lending.
    """
    _check(trigger, target, impact)
    found = [each for each in securities(network, network.links_from(party)) if each.link.source == party]
    if trigger is None and (target is not None or impact is not None) and all(each.part is None for each in found):
        raise UsageProblem("a target or an impact means nothing without a trigger; give one with --trigger")
    return Margin(
        party=network.node(party).name,
        loans=tuple(_loan(network, each, trigger) for each in found),
        ladder=tuple(rung for each in found for rung in _ladder(network, each, trigger, target)),
        free=tuple(_free(network, party, found)) if found else (),
        context=context,
        notes=tuple(_notes(network, party, found, trigger, target, impact)),
    )


def _check(trigger: Decimal | None, target: Decimal | None, impact: Decimal | None) -> None:
    for name, part in (("trigger", trigger), ("target", target), ("impact", impact)):
        if part is not None and not 0 <= part <= 1:
            raise UsageProblem(f"the {name} lies in 0..1 (0% to 100%), not at {part}")
    if trigger is not None and trigger == 0:
        raise UsageProblem("a trigger lies above 0")
    if trigger is not None and target is not None and target > trigger:
        raise UsageProblem("a target above the trigger would end no call")


# Rows -----------------------------------------------------------------------------------------------------------------


def _loan(network: CapitalNetwork, each: Security, assumed: Decimal | None) -> PledgedLoan:
    row = each.link.row
    part = each.part or assumed
    sums, value = each.sums, each.value
    ratio = loan_to_value(sums[0].amount, sums[1].amount) if sums else None
    fall = fall_to_trigger(sums[0].amount, sums[1].amount, part) if sums and part else None
    loan = network.facts.get(each.loan) if each.loan else None
    limit = network.derived.figure(each.loan, "limit") if loan and each.debt and each.debt.aspect != "limit" else None
    return PledgedLoan(
        loan=network.names.name(each.loan or each.link.id),
        party=network.node(each.link.target).name,
        pledged=row["asset"] or "",
        debt=Value(each.debt.value, each.debt.unit, each.debt.low, each.debt.high) if each.debt else None,
        debt_is=_figure_note(network, each),
        limit=Value(limit.value, limit.unit, limit.low, limit.high) if limit else "",
        collateral_value=value.worth if value else None,
        value_is=_value_note(each),
        loan_to_value=percent_of(ratio / HUNDRED) if ratio is not None else None,
        at_limit=_at_limit(each, limit),
        trigger=Value(part * HUNDRED, "percent") if part else None,
        fall_to_call=percent_of(max(fall, Decimal(0))) if fall is not None else "",
        price_at_call=_price(network, each, part),
        recourse=network.ontology.code("recourse", row["recourse"]),
        matures=DateSpan.parse(loan["matures"]) if loan and loan["matures"] else None,
        remarks=tuple(_remarks(each, assumed)),
        link=each.link.id,
        readings=each.readings,
        sources=each.sources,
    )


def _at_limit(each: Security, limit: Figure | None) -> Value | str:
    """The loan to value if the whole limit were drawn, where limit and drawn debt are in one currency."""
    if each.sums is None or each.debt is None or not each.debt.value or limit is None or limit.value is None:
        return ""
    if limit.unit != each.debt.unit:
        return ""
    debt, value = each.sums
    return percent_of(limit.value / each.debt.value * debt.amount / value.amount)


def _figure_note(network: CapitalNetwork, each: Security) -> Note | str:
    if each.debt is None:
        return ""
    return note("exposure.figure", aspect=network.ontology.code("aspect", each.debt.aspect), as_of=each.debt.as_of)


def _value_note(each: Security) -> Note | str:
    if each.value is None:
        return ""
    dates = [figure.as_of for figure in each.value.inputs]
    return note(f"holdings.by.{each.value.method}", first=dates[0], second=dates[-1])


def _price(network: CapitalNetwork, each: Security, part: Decimal | None) -> Value | str:
    """The price of a share at which the call comes, where the number of shares is known."""
    shares = network.derived.figure(f"stake/{each.link.row['stake']}", "shares") if each.stake else None
    if not part or each.debt is None or each.debt.value is None or shares is None or not shares.value:
        return ""
    return Value(call_price(each.debt.value, shares.value, part).quantize(_CENT), each.debt.unit)


def _remarks(each: Security, assumed: Decimal | None) -> Iterator[Note]:
    if each.stake is not None:
        yield note("margin.whole_stake")
    if each.part is None and assumed is not None:
        yield note("margin.assumed")
    if not each.loan:
        yield note("margin.no_loan")


def _ladder(network: CapitalNetwork, each: Security, assumed: Decimal | None, target: Decimal | None) -> Iterator[Rung]:
    if each.sums is None:
        return
    debt, value = each.sums
    part = each.part or assumed
    for fall in FALLS:
        left = value.amount * (1 - fall)
        ratio = loan_to_value(debt.amount, value.amount, fall)
        assert ratio is not None
        passed = part is not None and ratio > part * HUNDRED
        due = debt.amount - part * left if part is not None and passed else None
        goal = part if target is None else target
        sale = sale_back_to(debt.amount, left, goal) if goal is not None and passed and goal < 1 else None
        yield Rung(
            loan=network.names.name(each.loan or each.link.id),
            fall=Value(fall * HUNDRED, "percent"),
            collateral_value=Value(left.quantize(_CENT), value.currency),
            loan_to_value=percent_of(ratio / HUNDRED),
            pay_back=Value(due.quantize(_CENT), debt.currency) if due is not None else "",
            sell=Value(sale.quantize(_CENT), debt.currency) if sale is not None else "",
            passed=passed if part is not None else "",
        )


def _free(network: CapitalNetwork, party: str, pledged: Sequence[Security]) -> Iterator[FreeHolding]:
    """The largest stakes of the party that secure none of these loans."""
    taken = {each.stake.id for each in pledged if each.stake}
    found = [
        each
        for each in exposures(network, network.links_from(party))
        if each.exposed == party and each.channel.code == "equity" and each.link.id not in taken and each.amount
    ]
    outer = [each for each in found if not inside_another(each, found)]
    outer.sort(key=lambda each: (-(each.usd or Decimal()), each.id))
    for each in outer[:_TOP]:
        yield FreeHolding(
            network.node(each.to).name, each.amount, each.by or "", (each.link.id,), each.readings, each.sources
        )


def _notes(
    network: CapitalNetwork,
    party: str,
    found: Sequence[Security],
    trigger: Decimal | None,
    target: Decimal | None,
    impact: Decimal | None,
) -> Iterator[Note]:
    name = network.node(party).name
    if not found:
        yield note("margin.none", party=name)
        promised = [link for link in network.promised if link.source == party and "stake" in link.kind.to_end]
        if promised:
            yield note("margin.promised", count=len(promised))
        return
    if all(each.part is None for each in found) and trigger is None:
        yield note("margin.no_trigger")
    if any(each.sums is None for each in found):
        yield note("margin.unknown")
    for each in found:
        yield from _spiral(network, each, trigger, target, impact)


def _spiral(
    network: CapitalNetwork, each: Security, assumed: Decimal | None, target: Decimal | None, impact: Decimal | None
) -> Iterator[Note]:
    """Where forced sales that move the price would end, from the fall at which the call comes and a tenth beyond it."""
    part = each.part or assumed
    if impact is None or part is None or each.sums is None:
        return
    debt, value = each.sums
    fall = max(Decimal(0), fall_to_trigger(debt.amount, value.amount, part)) + Decimal("0.1")
    left = value.amount * (1 - min(fall, Decimal(1)))
    if left <= 0:
        return
    end = spiral(debt.amount, left, part, part if target is None else target, impact)
    yield note(
        "margin.spiral" if end.cured else "margin.spiral_out",
        loan=network.names.name(each.loan or each.link.id),
        fall=percent_of(min(fall, Decimal(1))),
        sold=Value(end.sold.quantize(_CENT), debt.currency),
        rounds=end.rounds,
        further=percent_of(end.fall),
    )

"""Measures of what a party holds, borrows and buys: shares of its portfolio, limits of single names, loan to value."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction

from capgraph.analysis.funding import total_of
from capgraph.analysis.moneyflows import RAISED, SOURCE, USE, Flow, kind_of, subject_of
from capgraph.analysis.rule_subject import Asset, Input, Measured, Subject
from capgraph.names import Name
from capgraph.results import Note, Value, note
from capgraph.rulebook import Rule

_USD = "USD"
_HUNDRED = Fraction(100)
_MOVABLE = ("class_share", "largest_share")
"""Shares that a sale in favour of the other assets lowers by just what is sold."""


def plain(number: Fraction) -> Decimal:
    """An exact number as it is printed, to two places.

    >>> plain(Fraction(200, 3))
    Decimal('66.67')
    """
    return (Decimal(number.numerator) / Decimal(number.denominator)).quantize(Decimal("0.01")).normalize() + Decimal(0)


def _of_assets(subject: Subject, rule: Rule, low: Fraction | None, high: Fraction | None, *missing: Note) -> Measured:
    """A share of the portfolio, and what of it has no value."""
    notes = [*missing]
    silent, held = sum(asset.worth is None for asset in subject.assets), len(subject.assets)
    thin = (held - silent) * 100 < rule.coverage * held
    if not held:
        notes.append(note("rules.no_assets"))
    if silent:
        least = Value(rule.coverage, "percent")
        notes.append(note("rules.thin" if thin else "rules.unvalued", count=silent, held=held, least=least))
    if subject.beside:
        notes.append(note("rules.beside", count=subject.beside))
    whole = subject.total(rule.after_loans) if rule.measure in _MOVABLE else None
    point = low if low == high else None
    return Measured(point, low, high, (), tuple(notes), of_assets=True, thin=thin, whole=whole)


def class_share(subject: Subject, rule: Rule) -> Measured:
    """The part of the portfolio in one class, by value; assets of unknown class may be of any, which gives a range."""
    weights = subject.weights(rule.after_loans)
    if not weights:
        return _of_assets(subject, rule, None, None)
    low = sum((part for asset, part in weights if _class_of(asset) == rule.asset_class), Fraction())
    unknown = [(asset, part) for asset, part in weights if asset.asset_class is None]
    open_part = sum((part for _, part in unknown), Fraction())
    names = tuple(asset.issuer for asset, _ in unknown)
    part = Value(plain(open_part), "percent")
    missing = [note("rules.unclassed", count=len(names), part=part, largest=names[0])] if names else []
    return _of_assets(subject, rule, low, low + open_part, *missing)


def _class_of(asset: Asset) -> str:
    return asset.asset_class.name if asset.asset_class else ""


def largest_share(subject: Subject, rule: Rule) -> Measured:
    """The part of the largest company in all that is held, by value."""
    largest = max((part for _, part in subject.weights(rule.after_loans)), default=None)
    return _of_assets(subject, rule, largest, largest)


def sum_above(subject: Subject, rule: Rule) -> Measured:
    """The parts of all companies that are each more than a threshold, together."""
    weights = subject.weights(rule.after_loans)
    value = sum((part for _, part in weights if part > Fraction(rule.above)), Fraction()) if weights else None
    return _of_assets(subject, rule, value, value)


def names(subject: Subject, rule: Rule) -> Measured:  # noqa: ARG001 (every measure is called so)
    """How many companies are held through shares, valued or not."""
    count = Fraction(len(subject.assets)) if subject.assets else None
    return Measured(count, count, count, (), () if subject.assets else (note("rules.no_assets"),), of_assets=True)


# Borrowing and buying -------------------------------------------------------------------------------------------------


def ltv(subject: Subject, rule: Rule) -> Measured:  # noqa: ARG001
    """The loan to value that the party gives by its own definition."""
    figure = subject.network.derived.figure(f"party/{subject.party}", "ltv")
    if figure is None or figure.value is None:
        return Measured(missing=(note("rules.no_ltv"),))
    item = note("rules.ltv")
    value = Value(figure.value, "percent", figure.low, figure.high, figure.readings)
    given = Input(item, value, "", "", figure.as_of, figure.readings, figure.sources)
    ends = (figure.low or figure.value, figure.high or figure.value)
    return Measured(Fraction(figure.value), Fraction(ends[0]), Fraction(ends[1]), (given,))


def _dollars(flow: Flow) -> Fraction:
    counted = flow.counted
    return Fraction(counted.amount) if counted is not None and counted.currency == _USD else Fraction()


def debt_share(subject: Subject, rule: Rule) -> Measured:
    """Loans raised in percent of money spent, both in a window of months that ends on the asked day."""
    flows = subject.flows(rule.months)
    spent, raised = [f for f in flows if f.side == USE], [f for f in flows if f.side == SOURCE and f.how == RAISED]
    total, borrowed = total_of(spent), total_of(raised)
    missing = _silent(spent, USE) + _silent(raised, SOURCE)
    ends = (total.low, total.high, borrowed.low, borrowed.high)
    if None in ends or not total.low:
        return Measured(missing=(note("rules.nothing_spent", months=rule.months), *missing))
    low, high = (
        Fraction(part or 0) / Fraction(of or 1) * _HUNDRED for part, of in ((ends[2], ends[1]), (ends[3], ends[0]))
    )
    inputs = [_flow_input(subject, flow) for flow in (*raised, *spent) if _dollars(flow)]
    return Measured(low if low == high else None, low, high, tuple(inputs), tuple(missing))


def largest_use_share(subject: Subject, rule: Rule) -> Measured:
    """The part of the company that took most of the money spent, in a window of months that ends on the asked day."""
    spent = [flow for flow in subject.flows(rule.months) if flow.side == USE]
    total = sum(map(_dollars, spent), Fraction())
    if not total:
        return Measured(missing=(note("rules.nothing_spent", months=rule.months), *_silent(spent, USE)))
    by_name: dict[Name, Fraction] = {}
    for flow in spent:
        about = subject_of(subject.network, flow)
        if isinstance(about, Name) and _dollars(flow):
            by_name[about] = by_name.get(about, Fraction()) + _dollars(flow)
    ranked = sorted(by_name.items(), key=lambda pair: (-pair[1], pair[0].id))
    inputs = [Input(name, Value(plain(part / total * _HUNDRED), "percent")) for name, part in ranked]
    return Measured.of(ranked[0][1] / total * _HUNDRED if ranked else Fraction(), inputs, _silent(spent, USE))


def _silent(flows: Sequence[Flow], side: str) -> list[Note]:
    silent = sum(flow.silent and not flow.within for flow in flows)
    return [note("rules.silent_flows", count=silent, side=note(f"funding.side.{side}"))] if silent else []


def _flow_input(subject: Subject, flow: Flow) -> Input:
    label = note("funding.label.loan", kind=kind_of(subject.network, flow))
    if flow.side == USE:
        label = note("funding.label.payment", kind=kind_of(subject.network, flow), of=subject_of(subject.network, flow))
    value = Value(plain(_dollars(flow)), _USD, readings=flow.amount.readings)
    side = note(f"funding.side.{flow.side}")
    return Input(label, value, "", side, flow.when, flow.amount.readings, flow.sources)

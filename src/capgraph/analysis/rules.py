"""Whether a party keeps portfolio rules: each with its verdict, its inputs, the class of each asset and why."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from capgraph.analysis import rule_conduct, rule_shares
from capgraph.analysis.rule_shares import plain
from capgraph.analysis.rule_subject import Asset, Input, Measured, Subject
from capgraph.analysis.stories import words
from capgraph.clocks import DateSpan
from capgraph.names import Name
from capgraph.network import CapitalNetwork
from capgraph.ontology import Words
from capgraph.results import Context, Note, Result, Value, hidden, note, section
from capgraph.rulebook import Rule, Rulebook

KEPT, BROKEN, OPEN = "kept", "broken", "open"

FUNCTIONS: Mapping[str, Callable[[Subject, Rule], Measured]] = {
    each.__name__: each
    for each in (
        rule_shares.class_share,
        rule_shares.largest_share,
        rule_shares.sum_above,
        rule_shares.names,
        rule_shares.ltv,
        rule_shares.debt_share,
        rule_shares.largest_use_share,
        rule_conduct.exits,
        rule_conduct.reentries,
        rule_conduct.holding_years,
        rule_conduct.people_lost,
        rule_conduct.people_in_field,
    )
}
"""The function of each measure of :data:`capgraph.rulebook.MEASURES`."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """One rule and whether it is kept, broken, or cannot be computed (then ``missing`` says what is missing).

    ``trade`` is what would have to be moved within the portfolio for a broken share to meet its limit.
    """

    book: Words
    law: Words | str
    rule: Words
    bound: tuple[Note, ...]
    measured: Value
    verdict: Words
    trade: Value | str
    missing: tuple[Note, ...]
    why: Words | str
    id: str = hidden("")
    outcome: str = hidden("")
    readings: tuple[str, ...] = hidden()
    sources: tuple[str, ...] = hidden()


@dataclass(frozen=True, slots=True)
class AssetRow:
    """A company held: what the rules on the portfolio looked at."""

    issuer: Name
    worth: Value
    share: Value
    share_after_loans: Value
    asset_class: Words | str
    because: Note | str
    as_of: DateSpan | str
    book: str = hidden("")
    readings: tuple[str, ...] = hidden()
    sources: tuple[str, ...] = hidden()


@dataclass(frozen=True, slots=True)
class RuleInput:
    """One thing that a rule on borrowing, patience or people looked at."""

    rule: Words
    item: Name | Note
    value: Value | str
    asset_class: Words | str
    because: Note | str
    as_of: DateSpan | str
    id: str = hidden("")
    readings: tuple[str, ...] = hidden()
    sources: tuple[str, ...] = hidden()


@dataclass(frozen=True, slots=True)
class Rules(Result):
    """The verdicts of rule files on one party."""

    party: Name
    kept: int
    broken: int
    not_computable: int
    verdicts: tuple[Verdict, ...] = section(Verdict)
    assets: tuple[AssetRow, ...] = hidden()
    considered: tuple[RuleInput, ...] = hidden()


def rules(network: CapitalNetwork, party: str, books: Sequence[Rulebook], context: Context) -> Rules:
    """Whether a party keeps the rules of some rule files.

    Parameters
    ----------
    network : the network at a pair of clocks. With ``group`` in its scope the party's house is taken as one. Its rung
        says from where up money counts as spent or borrowed.
    party : node id.
    books : the rule files, read; a class of an asset comes from a source or from a criterion that the file states.
    context : what the answer says about how it was asked.

    Returns
    -------
    Rules, in the order of the files. A limit counts as kept where it is just met. Where unknown inputs leave a range,
    a rule is kept or broken only if the whole range is; otherwise it is not computable, and what is missing is said.
    Shares are those of direct stakes by value on the asked day, in percent of all that have a value in dollars.

    Notes
    -----
    Stakes without a value are left out of shares and counted beside; where more than half of the companies have none
    (or what a rule's ``coverage`` says), its shares are no ground for a verdict. Promised stakes do not count, pledged
    ones do (with ``after_loans`` less the loans that they secure).

    Examples
    --------
    >>> [(row.id, row.outcome) for row in rules(network, "softbank-group", books, context).verdicts]   # doctest: +SKIP

    References
    ----------
    .. [1] Directive 2009/65/EC, article 52 (5/10/40).
    """
    subjects = [Subject(network, party, book) for book in books]
    found = [(each, rule, FUNCTIONS[rule.measure](each, rule)) for each in subjects for rule in each.book.rules]
    outcomes = [_outcome(rule, measured) for _, rule, measured in found]
    return Rules(
        party=network.node(party).name,
        kept=outcomes.count(KEPT),
        broken=outcomes.count(BROKEN),
        not_computable=outcomes.count(OPEN),
        verdicts=tuple(_verdict(each, rule, measured) for each, rule, measured in found),
        assets=tuple(row for each in _with_assets(found) for row in _assets(each)),
        considered=tuple(_input(rule, each) for _, rule, measured in found for each in measured.inputs),
        context=context,
        notes=(note("rules.method"),),
    )


Found = tuple[Subject, Rule, Measured]


def _with_assets(found: Sequence[Found]) -> list[Subject]:
    """For which files the assets are listed: those that class them; else the first that looks at them."""
    looking = list({id(subject): subject for subject, _, measured in found if measured.of_assets}.values())
    return [subject for subject in looking if subject.book.classes] or looking[:1]


def _assets(subject: Subject) -> Iterator[AssetRow]:
    shares, after = ({asset.issuer.id: part for asset, part in subject.weights(loans)} for loans in (False, True))
    for asset in subject.assets:
        worth = None if asset.worth is None else plain(asset.worth)
        title: Words | str = asset.asset_class.title if asset.asset_class else ""
        if subject.book.classes and asset.asset_class is None:
            title = words(subject.network, "rules.no_class")
        yield AssetRow(
            issuer=asset.issuer,
            worth=Value(worth, "USD", readings=asset.readings),
            share=_percent(shares.get(asset.issuer.id)),
            share_after_loans=_percent(after.get(asset.issuer.id)),
            asset_class=title,
            because=asset.why,
            as_of=asset.as_of or "",
            book=subject.book.id,
            readings=asset.readings,
            sources=asset.sources,
        )


def _percent(part: Fraction | None) -> Value:
    return Value(None if part is None else plain(part), "percent")


def _outcome(rule: Rule, measured: Measured) -> str:
    """Kept or broken where the whole range is; open where it is not, or where too little is known."""
    low, high = measured.low, measured.high
    if low is None or high is None or measured.thin:
        return OPEN
    least, most = (None if limit is None else Fraction(limit) for limit in (rule.at_least, rule.at_most))
    if (most is not None and low > most) or (least is not None and high < least):
        return BROKEN
    kept = (most is None or high <= most) and (least is None or low >= least)
    return KEPT if kept else OPEN


def _verdict(subject: Subject, rule: Rule, measured: Measured) -> Verdict:
    network, book, outcome = subject.network, subject.book, _outcome(rule, measured)
    source = f"source/{rule.source or book.source}"
    given: Sequence[Input | Asset] = subject.assets if measured.of_assets else measured.inputs
    ids = tuple(dict.fromkeys(id for each in given for id in each.readings))
    told = tuple(dict.fromkeys(source for each in given for source in each.sources))
    return Verdict(
        book=book.title,
        law=rule.law or "",
        rule=rule.title,
        bound=tuple(_limits(rule)),
        measured=_value(measured, rule, ids),
        verdict=words(network, f"rules.{outcome}"),
        trade=_trade(rule, measured) if outcome == BROKEN else "",
        missing=measured.missing,
        why=rule.why or rule.reference or book.reference or "",
        id=f"{book.id}/{rule.id}",
        outcome=outcome,
        readings=ids,
        sources=(source, *told) if source in network.facts else told,
    )


def _trade(rule: Rule, measured: Measured) -> Value | str:
    """The dollars between a share and its limit, as a range where the share is one."""
    low, high, whole = measured.low, measured.high, measured.whole
    if whole is None or low is None or high is None:
        return ""
    if rule.at_most is not None and low > Fraction(rule.at_most):
        ends = low - Fraction(rule.at_most), high - Fraction(rule.at_most)
    else:
        ends = Fraction(rule.at_least or 0) - high, Fraction(rule.at_least or 0) - low
    least, most = (plain(end * whole / 100) for end in ends)
    return Value(least if least == most else None, "USD", least, most)


def _limits(rule: Rule) -> list[Note]:
    pairs = (("rules.at_least", rule.at_least), ("rules.at_most", rule.at_most))
    return [note(key, limit=Value(limit, rule.unit)) for key, limit in pairs if limit is not None]


def _value(measured: Measured, rule: Rule, readings: tuple[str, ...]) -> Value:
    numbers = (measured.value, measured.low, measured.high)
    value, low, high = (None if number is None else plain(number) for number in numbers)
    return Value(value, rule.unit, low, high, readings)


def _input(rule: Rule, given: Input) -> RuleInput:
    return RuleInput(
        rule=rule.title,
        item=given.item,
        value=given.value,
        asset_class=given.asset_class,
        because=given.why,
        as_of=given.as_of or "",
        id=rule.id,
        readings=given.readings,
        sources=given.sources,
    )

"""Two parties side by side: figures, what they hold, what they stand to lose, where money came from, rules."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from capgraph.analysis.channels import Exposure, exposures, inside_another
from capgraph.analysis.exposure import ExposureTotal, channel_totals
from capgraph.analysis.funding import Funding, funding
from capgraph.analysis.moneyflows import RAISED
from capgraph.analysis.overlap import PortfolioOverlap, portfolio_overlap
from capgraph.analysis.register import instrument
from capgraph.analysis.rules import Rules, rules
from capgraph.analysis.stories import words
from capgraph.clocks import DateSpan, months_after
from capgraph.names import Name, node_ref
from capgraph.network import CapitalNetwork
from capgraph.ontology import Code, Words
from capgraph.readings import Figure
from capgraph.results import Context, Note, Result, Value, hidden, note, section
from capgraph.rulebook import Rulebook

_USD = "USD"
MONTHS = 12
"""How far back money is compared where nobody says."""


@dataclass(frozen=True, slots=True)
class FigureRow:
    """One figure of both parties, each with its period or day."""

    aspect: Code
    first: Figure | str
    first_of: DateSpan | str
    second: Figure | str
    second_of: DateSpan | str
    readings: tuple[str, ...] = hidden()
    sources: tuple[str, ...] = hidden()


@dataclass(frozen=True, slots=True)
class HoldingRow:
    """A company that one or both hold."""

    issuer: Name
    first_percent: Value | str
    first_worth: Value | str
    second_percent: Value | str
    second_worth: Value | str
    both: bool
    readings: tuple[str, ...] = hidden()
    sources: tuple[str, ...] = hidden()


@dataclass(frozen=True, slots=True)
class ChannelRow:
    """What both stand to lose through one channel on one rung, in one currency."""

    channel: Code
    rung: Code | str
    first: Value | str
    first_counted: int
    second: Value | str
    second_counted: int


@dataclass(frozen=True, slots=True)
class MoneyRow:
    """One total of the money that came and went."""

    money: Words
    first: Value
    second: Value


@dataclass(frozen=True, slots=True)
class RuleRow:
    """One rule and how both fare by it."""

    rule: Words
    bound: tuple[Note, ...]
    first: Words
    first_measured: Value
    second: Words
    second_measured: Value
    id: str = hidden("")


@dataclass(frozen=True, slots=True)
class Comparison(Result):
    """Two parties side by side."""

    one: Name
    other: Name
    common: int
    common_weight: Decimal | None
    cosine: Decimal | None
    jaccard: Decimal | None
    figures: tuple[FigureRow, ...] = section(FigureRow)
    holdings: tuple[HoldingRow, ...] = section(HoldingRow)
    channels: tuple[ChannelRow, ...] = section(ChannelRow)
    money: tuple[MoneyRow, ...] = section(MoneyRow)
    verdicts: tuple[RuleRow, ...] = section(RuleRow)


def compare(
    network: CapitalNetwork,
    one: str,
    other: str,
    books: Sequence[Rulebook],
    context: Context,
    start: date | None = None,
    end: date | None = None,
) -> Comparison:
    """Two parties side by side on the asked day.

    Parameters
    ----------
    network : the network at a pair of clocks. With ``group`` in its scope each of the two is taken with its house.
    one, other : node ids.
    books : the rule files by which both are judged.
    context : what the answer says about how it was asked.
    start, end : the window in which money is compared (default: the twelve months to the asked day).

    Returns
    -------
    Comparison. Worths in US dollars where the data allow it; ``common_weight``, ``cosine`` and ``jaccard`` as in
    :func:`capgraph.analysis.concentration.overlap`. Everything is the same as the commands for one party give it.
    Exchanging the two parties exchanges the columns.

    Examples
    --------
    >>> compare(network, "softbank-group", "microsoft", books, context).jaccard              # doctest: +SKIP
    """
    last = end or network.scope.clocks.as_of
    first = start or months_after(last, -MONTHS)
    merged = network.grouped(one, other) if network.scope.group else network
    shared = portfolio_overlap(merged, one, other, context)
    spent = [funding(network, party, context, first, last) for party in (one, other)]
    judged = [rules(network, party, books, context) for party in (one, other)]
    return Comparison(
        one=network.node(one).name,
        other=network.node(other).name,
        common=len(shared.common),
        common_weight=shared.common_weight,
        cosine=shared.cosine,
        jaccard=shared.jaccard,
        figures=tuple(_figures(network, one, other)),
        holdings=tuple(_holdings(merged, one, other)),
        channels=tuple(_channels(merged, one, other)),
        money=tuple(_money(network, *spent)),
        verdicts=tuple(_verdicts(*judged)),
        context=context,
        notes=tuple(_notes(shared, first, last)),
    )


def _notes(shared: PortfolioOverlap, first: date, last: date) -> Iterator[Note]:
    yield note("compare.window", start=first, end=last)
    yield from shared.notes


# Figures --------------------------------------------------------------------------------------------------------------


def _figures(network: CapitalNetwork, one: str, other: str) -> Iterator[FigureRow]:
    """Every figure of a party as a whole that one of them has, in the order of the aspects."""
    found = [
        {figure.aspect: figure for figure in network.derived.figures(node_ref(party)) if not _partial(network, figure)}
        for party in (one, other)
    ]
    aspects = [aspect for aspect in network.ontology.codes("aspect") if aspect in found[0] or aspect in found[1]]
    for aspect in aspects:
        pair = [figures.get(aspect) for figures in found]
        known = [figure for figure in pair if figure]
        yield FigureRow(
            aspect=network.ontology.code("aspect", aspect),
            first=pair[0] or "",
            first_of=_when(pair[0]),
            second=pair[1] or "",
            second_of=_when(pair[1]),
            readings=tuple(id for figure in known for id in figure.readings),
            sources=tuple(dict.fromkeys(source for figure in known for source in figure.sources)),
        )


def _when(figure: Figure | None) -> DateSpan | str:
    """The period that a figure is over, else the day that it is of."""
    return "" if figure is None else figure.period or figure.as_of


def _partial(network: CapitalNetwork, figure: Figure) -> bool:
    """Whether a figure is of a part of the party that its basis names."""
    return network.ontology.code("aspect", figure.aspect)["eachBasisAnswers"] == "true"


# Holdings -------------------------------------------------------------------------------------------------------------


def _holdings(network: CapitalNetwork, one: str, other: str) -> Iterator[HoldingRow]:
    """Every company that one of them holds: those that both hold first, then by value."""
    held = [_by_issuer(network, party) for party in (one, other)]

    def rank(issuer: str) -> tuple[bool, Decimal, str]:
        worths = [_dollars(stakes.get(issuer, [])) or Decimal() for stakes in held]
        return not (issuer in held[0] and issuer in held[1]), -sum(worths, Decimal()), issuer

    for issuer in sorted({*held[0], *held[1]}, key=rank):
        pair = [stakes.get(issuer, []) for stakes in held]
        both = [each for stakes in pair for each in stakes]
        yield HoldingRow(
            issuer=network.node(issuer).name,
            first_percent=_percent(pair[0]),
            first_worth=_worth(pair[0]),
            second_percent=_percent(pair[1]),
            second_worth=_worth(pair[1]),
            both=bool(pair[0] and pair[1]),
            readings=tuple(dict.fromkeys(id for each in both for id in each.readings)),
            sources=tuple(dict.fromkeys(source for each in both for source in each.sources)),
        )


def _by_issuer(network: CapitalNetwork, party: str) -> dict[str, list[Exposure]]:
    found: dict[str, list[Exposure]] = {}
    for each in exposures(network, network.links_from(party)):
        if each.exposed == party and instrument(network, each.link) is not None and not each.link.kind.flow:
            found.setdefault(each.to, []).append(each)
    return found


def _dollars(stakes: Sequence[Exposure]) -> Decimal | None:
    known = [each.usd for each in stakes if each.usd is not None and not inside_another(each, stakes)]
    return sum(known, Decimal()) if known else None


def _worth(stakes: Sequence[Exposure]) -> Value | str:
    return Value(_dollars(stakes), _USD) if stakes else ""


def _percent(stakes: Sequence[Exposure]) -> Value | str:
    """The percent of shares held, of one stake as the sources have it, of several their sum."""
    known = [each.percent for each in stakes if each.percent and each.certain and not inside_another(each, stakes)]
    if not stakes:
        return ""
    if len(known) == 1:
        return known[0]
    values = [value.value for value in known]
    total = None if None in values or not values else sum((value for value in values if value is not None), Decimal())
    return Value(total, "percent")


# Exposures ------------------------------------------------------------------------------------------------------------


def _channels(network: CapitalNetwork, one: str, other: str) -> Iterator[ChannelRow]:
    """The totals of both by channel, rung and currency, in the order of the channels."""
    totals = [{_key(total): total for total in _totals(network, party)} for party in (one, other)]
    order = list(network.ontology.codes("channel"))
    for key in sorted({*totals[0], *totals[1]}, key=lambda key: (order.index(key[0]), key[1:])):
        pair = [each.get(key) for each in totals]
        known = next(total for total in pair if total is not None)
        yield ChannelRow(
            channel=known.channel,
            rung=known.rung,
            first=pair[0].firm if pair[0] else "",
            first_counted=pair[0].counted if pair[0] else 0,
            second=pair[1].firm if pair[1] else "",
            second_counted=pair[1].counted if pair[1] else 0,
        )


def _totals(network: CapitalNetwork, party: str) -> Iterator[ExposureTotal]:
    links = (*network.links_from(party), *network.links_to(party))
    return channel_totals(network, exposures(network, links, exposed=party))


def _key(total: ExposureTotal) -> tuple[str, str, str]:
    unit = total.firm.unit if isinstance(total.firm, Value) else ""
    return total.channel.code, total.rung.code if isinstance(total.rung, Code) else "", unit


# Money and rules ------------------------------------------------------------------------------------------------------


def _money(network: CapitalNetwork, first: Funding, second: Funding) -> Iterator[MoneyRow]:
    for name in ("sources_total", "uses_total", "gap"):
        yield MoneyRow(words(network, f"field.{name}"), getattr(first, name), getattr(second, name))
    borrowed = [_borrowed(each) for each in (first, second)]
    yield MoneyRow(words(network, "compare.borrowed"), *borrowed)


def _borrowed(of: Funding) -> Value:
    """The loans among the sources, in dollars, without regard to what may overlap."""
    loans = [row.counted for row in of.inflows if row.how == RAISED and isinstance(row.counted, Value)]
    dollars = [value.value for value in loans if value.unit == _USD and value.value is not None]
    return Value(sum(dollars, Decimal()) if dollars or not of.inflows else None, _USD)


def _verdicts(first: Rules, second: Rules) -> Iterator[RuleRow]:
    for one, other in zip(first.verdicts, second.verdicts, strict=True):
        yield RuleRow(one.rule, one.bound, one.verdict, one.measured, other.verdict, other.measured, one.id)

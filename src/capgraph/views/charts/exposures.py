"""Who stands to lose how much by whom through one channel: a matrix of parties."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from capgraph.analysis.channels import Exposure, exposures, inside_another
from capgraph.clocks import DateSpan
from capgraph.errors import UsageProblem
from capgraph.money import Money, Part, add_up
from capgraph.names import Name
from capgraph.network import CapitalNetwork
from capgraph.ontology import Code
from capgraph.results import Context, Note, Result, Value, hidden, note, section

USD = "USD"


@dataclass(frozen=True, slots=True)
class Pair:
    """What one party stands to lose by another: the firm dollars together, ceilings apart.

    Of ``counted`` exposures ``with_amount`` stand in ``firm`` and ``with_ceiling`` only in ``up_to``; the rest has no
    amount in dollars. ``size_as_of`` is the oldest date among them.
    """

    exposed: Name
    loses_by: Name
    firm: Value
    up_to: Value | str
    counted: int
    with_amount: int
    with_ceiling: int
    unknown: int
    size_as_of: DateSpan | str
    links: tuple[str, ...] = hidden()
    readings: tuple[str, ...] = hidden()
    sources: tuple[str, ...] = hidden()


@dataclass(frozen=True, slots=True, kw_only=True)
class ExposureMatrix(Result):
    """The pairs of one channel, the largest first. ``total`` adds the firm dollars of all of them."""

    channel: Code
    total: Value
    pairs: tuple[Pair, ...] = section(Pair)


def matrix(network: CapitalNetwork, parties: Sequence[str], channel: str, context: Context) -> ExposureMatrix:
    """What parties stand to lose by others through one channel.

    Channels overlap (a loan secured on shares, the shares themselves), so a matrix has one and sums are of one. A thing
    inside another one of the same pair is not added to it, a yearly or monthly rate to nothing. A loan of several
    lenders whose parts are not known is a ceiling for each of them.

    Parameters
    ----------
    network : the network at a pair of clocks, houses merged where they are asked for.
    parties : node ids of those that are exposed; empty for everyone.
    channel : a code of the list ``channel``. Raises UsageProblem for another, or for one without amounts.
    """
    codes = network.ontology.codes("channel")
    sized = [code.code for code in codes.values() if code["sizeAspect"] or code["layer"]]
    if channel not in sized:
        raise UsageProblem(f"{channel!r} is no channel with amounts; there are: {', '.join(sized)}")
    groups: dict[tuple[str, str], list[Exposure]] = {}
    for each in exposures(network):
        if each.channel.code == channel and (not parties or each.exposed in parties) and each.exposed != each.to:
            groups.setdefault((each.exposed, each.to), []).append(each)
    pairs = [_pair(network, ends, group) for ends, group in groups.items()]
    pairs.sort(key=lambda pair: (-(pair.firm.value or Decimal()), pair.exposed.id, pair.loses_by.id))
    return ExposureMatrix(
        channel=codes[channel],
        total=Value(sum((pair.firm.value or Decimal() for pair in pairs), Decimal()), USD),
        pairs=tuple(pairs),
        context=context,
        notes=tuple(_notes(network, pairs, [each for group in groups.values() for each in group])),
    )


def _pair(network: CapitalNetwork, ends: tuple[str, str], group: Sequence[Exposure]) -> Pair:
    outer = [each for each in group if not inside_another(each, group)]
    total = add_up(network.scope.rung, map(_part, outer))
    firm, up_to = total.firm.get(USD), total.up_to.get(USD)
    foreign = sum(1 for each in outer if (money := _part(each).firm) is not None and money.currency != USD)
    low = None if firm is None or not total.at_least else firm
    dates = [each.as_of for each in outer if each.as_of is not None]
    return Pair(
        exposed=network.node(ends[0]).name,
        loses_by=network.node(ends[1]).name,
        firm=Value(firm, USD, low, None if low is not None else firm),
        up_to="" if up_to is None else Value(up_to, USD),
        counted=total.counted,
        with_amount=total.with_amount - foreign,
        with_ceiling=total.with_ceiling,
        unknown=total.unknown + foreign,
        size_as_of=min(dates, default=""),
        links=tuple(each.link.id for each in outer),
        readings=_once(id for each in outer for id in each.readings),
        sources=_once(id for each in outer for id in each.sources),
    )


def _part(each: Exposure) -> Part:
    """What an exposure brings to a sum."""
    money = each.money if each.adds else None
    if money is None:
        return Part(each.link.id)
    firm = money.value if money.value is not None else money.low
    ceiling = Money(money.high, money.unit) if money.value is None and money.high is not None else None
    floor = money.value is None
    return Part(each.link.id, None if firm is None else Money(firm, money.unit), ceiling, floor=floor)


def _once(ids: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(ids))


def _notes(network: CapitalNetwork, pairs: Sequence[Pair], found: Sequence[Exposure]) -> Iterator[Note]:
    yield note("chart.exposure.channel")
    unknown = sum(pair.unknown for pair in pairs)
    if unknown:
        yield note("chart.exposure.unknown", count=unknown, counted=sum(pair.counted for pair in pairs))
    if any(not each.adds for each in found):
        yield note("chart.exposure.rates")
    currencies = {each.money.unit for each in found if each.money and each.money.unit != USD}
    if currencies:
        units = tuple(network.ontology.code("unit", code) for code in sorted(currencies))
        yield note("exposure.no_rate", currencies=units)

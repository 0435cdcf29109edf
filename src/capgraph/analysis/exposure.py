"""What a party stands to lose by others, channel by channel, and who stands to lose by it.

Totals add direct positions only, one channel at a time: the channels overlap (a loan secured on shares, the shares
themselves), so they are never added to each other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TYPE_CHECKING

from capgraph.analysis.channels import Exposure, Size, exposures, inside_another, measured, sizes
from capgraph.analysis.concentration import concentration
from capgraph.analysis.register import counts, instrument
from capgraph.analysis.shares import Dependence, dependences
from capgraph.clocks import DateSpan
from capgraph.money import Money, Part, add_up
from capgraph.names import Name, node_id
from capgraph.network import CapitalNetwork
from capgraph.ontology import Code
from capgraph.readings import Figure
from capgraph.results import Context, Note, Result, Value, hidden, note, section

if TYPE_CHECKING:
    from capgraph.analysis.indirect import Through
    from capgraph.analysis.through import Chain

_CENT = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class ExposureRow:
    """One exposure. ``amount`` is in its own currency, ``usd`` in dollars where the source or a sourced rate gives it;
    ``own_share`` is the amount in percent of ``share_of``, the size of the party that is exposed."""

    channel: Code
    party: Name
    percent: Value | str | None
    amount: Value | str | None
    usd: Value | str
    amount_is: Note | str
    rung: Code | str
    own_share: Value | str
    share_of: Note | str
    remarks: tuple[Note, ...]
    link: str = hidden("")
    readings: tuple[str, ...] = hidden()
    sources: tuple[str, ...] = hidden()


@dataclass(frozen=True, slots=True)
class ExposureTotal:
    """The sum of one channel on one rung in one currency: firm amounts, and apart from them ceilings.

    Of ``counted`` exposures ``with_amount`` stand in ``firm``, ``with_ceiling`` only in ``up_to``, ``unknown`` in
    neither. ``own_share`` is the firm sum in percent of ``share_of``."""

    channel: Code
    rung: Code | str
    firm: Value | str
    up_to: Value | str
    counted: int
    with_amount: int
    with_ceiling: int
    unknown: int
    own_share: Value | str
    share_of: Note | str


@dataclass(frozen=True, slots=True)
class OwnSize:
    """One figure of the party's own size."""

    aspect: Code
    value: Figure
    size_as_of: DateSpan
    readings: tuple[str, ...] = hidden()
    sources: tuple[str, ...] = hidden()


@dataclass(frozen=True, slots=True)
class ConcentrationRow:
    """How concentrated the known dollar amounts of a channel are; ``left_out`` have no firm amount in dollars."""

    channel: Code
    counted: int
    left_out: int
    herfindahl: Decimal
    effective_number: Decimal
    largest: Name
    top: Value


@dataclass(frozen=True, slots=True, kw_only=True)
class Exposures(Result):
    """What a party stands to lose by others."""

    party: Name = hidden(None)
    exposures: tuple[ExposureRow, ...] = section(ExposureRow)
    channel_totals: tuple[ExposureTotal, ...] = section(ExposureTotal)
    sizes: tuple[OwnSize, ...] = hidden()
    through: tuple[Through, ...] = hidden()
    chains: tuple[Chain, ...] = hidden()
    spread: tuple[ConcentrationRow, ...] = hidden()
    dependences: tuple[Dependence, ...] = hidden()


@dataclass(frozen=True, slots=True, kw_only=True)
class Exposed(Result):
    """Who stands to lose by a party."""

    party: Name = hidden(None)
    exposures: tuple[ExposureRow, ...] = section(ExposureRow)
    channel_totals: tuple[ExposureTotal, ...] = section(ExposureTotal)
    spread: tuple[ConcentrationRow, ...] = hidden()
    dependences: tuple[Dependence, ...] = hidden()


def exposure(network: CapitalNetwork, party: str, context: Context, to: str = "") -> Exposures:
    """The exposures of a party, by channel, and what it owns through others (:func:`.indirect.through`).

    Parameters, references: as :func:`direct_exposure`.
    """
    from capgraph.analysis.indirect import through  # scipy, for those who look through holdings

    direct = direct_exposure(network, party, context, to)
    owned, chains, notes = through(network, party, context, to)
    return replace(direct, through=owned, chains=chains, notes=(*direct.notes, *notes))


def direct_exposure(network: CapitalNetwork, party: str, context: Context, to: str = "") -> Exposures:
    """The direct exposures of a party, by channel.

    Equity: the stakes it holds, at the value that answers. Promised payment: legs it has promised to pay. Credit: what
    it has lent; of a loan of several lenders only a source tells the part of one, else the whole is its upper bound.
    Guarantee: what it answers for. Collateral: its debt that hangs on shares it has pledged. Sales and purchases: its
    contracts, by their whole value; yearly and monthly rates are shown and enter no total. Dependency: no amount.

    Parameters
    ----------
    network : all links at a pair of clocks; merged houses, where the scope asks for them, are up to the caller.
    party : node id. to : node id of the only other party of interest, or empty.
    context : printed with the answer.

    Returns
    -------
    Exposures: each amount in its own currency, in dollars where a sourced rate exists, and in percent of the party's
    own size (net asset value, market value, valuation; backlog for sales), each with its date. A stake or loan inside
    another one of the table is not added to it.

    References
    ----------
    Concentration: sum of squared shares of the dollar amounts and its inverse, see
    :func:`capgraph.analysis.concentration.concentration`.
    """
    links = (*network.links_from(party), *network.links_to(party))
    rows = _ranked(network, exposures(network, links, exposed=party, to=to))
    return Exposures(
        party=network.node(party).name,
        exposures=tuple(_row(network, each, each.to, rows) for each in rows),
        channel_totals=tuple(channel_totals(network, rows)),
        sizes=tuple(_size_row(size) for size in sizes(network, party)),
        spread=tuple(_spread(network, rows, lambda each: each.to)),
        dependences=dependences(network, party, to),
        context=context,
        notes=tuple(_notes(network, party, rows, f"exposure.none{'_to' if to else ''}", to)),
    )


def exposed_to(network: CapitalNetwork, party: str, context: Context) -> Exposed:
    """Who stands to lose by a party, by channel: the same exposures seen from the other end.

    Percents are of the size of the party that is exposed. Parameters and errors: as :func:`exposure`.
    """
    links = (*network.links_from(party), *network.links_to(party))
    rows = _ranked(network, exposures(network, links, to=party))
    return Exposed(
        party=network.node(party).name,
        exposures=tuple(_row(network, each, each.exposed, rows) for each in rows),
        channel_totals=tuple(channel_totals(network, rows, own_size=False)),
        spread=tuple(_spread(network, rows, lambda each: each.exposed)),
        dependences=dependences(network, party),
        context=context,
        notes=tuple(_notes(network, party, rows, "exposure.none_back")),
    )


# Rows -----------------------------------------------------------------------------------------------------------------


def _ranked(network: CapitalNetwork, found: Iterable[Exposure]) -> list[Exposure]:
    """By channel, largest dollar amounts first, then other amounts, bounds, and what has none."""
    places = {code: place for place, code in enumerate(network.ontology.codes("channel"))}

    def place(each: Exposure) -> tuple[int, int, Decimal, Decimal, tuple[str, str, str]]:
        known = each.amount is not None
        value = each.amount.value if each.amount else None
        bound = (each.amount.high or each.amount.low) if each.amount else None
        kind = 0 if each.usd is not None else 1 if value is not None else 2 if known and bound else 3
        size = each.usd or value or bound or Decimal(0)
        percent = each.percent.value if each.percent and each.percent.value is not None else Decimal(0)
        return places[each.channel.code], kind, -size, -percent, each.id

    return sorted(found, key=place)


def _row(network: CapitalNetwork, each: Exposure, other: str, rows: Sequence[Exposure]) -> ExposureRow:
    part = measured(network, each)
    in_dollars = each.usd is not None and each.amount is not None and each.amount.unit != "USD"
    return ExposureRow(
        channel=each.channel,
        party=network.node(other).name,
        percent=each.percent or (None if instrument(network, each.link) and not each.link.kind.flow else ""),
        amount=each.amount if each.sized else "",
        usd=Value(each.usd, "USD") if in_dollars else "",
        amount_is=each.by or "",
        rung=_rung(network, each),
        own_share=part[0] if part else "",
        share_of=_size_note(part[1]) if part else "",
        remarks=tuple(_remarks(network, each, rows)),
        link=each.link.id,
        readings=tuple(dict.fromkeys((*each.readings, *(part[1].figure.readings if part else ())))),
        sources=each.sources,
    )


def _rung(network: CapitalNetwork, each: Exposure) -> Code | str:
    return network.ontology.code("rung", each.link.rung) if each.link.rung else ""


def _size_note(size: Size) -> Note:
    return note("exposure.size", aspect=size.aspect, as_of=size.figure.as_of)


def _remarks(network: CapitalNetwork, each: Exposure, rows: Sequence[Exposure]) -> Iterator[Note]:
    code = instrument(network, each.link)
    if code is not None and not counts(network, each.link):
        yield note("exposure.instrument", instrument=code)
    if inside_another(each, rows):
        yield note("exposure.inside")
    if not each.adds:
        yield note("exposure.rate")
    for flag in ("date_inexact", "end_not_public", "promise_old"):
        if flag in each.link.flags:
            yield note(f"flag.{flag}")


def _size_row(size: Size) -> OwnSize:
    return OwnSize(size.aspect, size.figure, size.figure.as_of, size.figure.readings, size.figure.sources)


# Totals ---------------------------------------------------------------------------------------------------------------


def channel_totals(network: CapitalNetwork, rows: Sequence[Exposure], own_size: bool = True) -> Iterator[ExposureTotal]:
    """The totals of some exposures of one party, by channel and rung; what lies inside another is not added to it."""
    groups: dict[tuple[str, str], list[Exposure]] = {}
    for each in rows:
        if each.sized and not inside_another(each, rows):
            groups.setdefault((each.channel.code, each.link.rung), []).append(each)
    ladder = {code: place for place, code in enumerate(network.ontology.codes("rung"))}
    places = {code: place for place, code in enumerate(network.ontology.codes("channel"))}
    for key in sorted(groups, key=lambda key: (places[key[0]], -ladder.get(key[1], -1))):
        yield from _lines(network, groups[key], own_size)


def _lines(network: CapitalNetwork, group: Sequence[Exposure], own_size: bool) -> Iterator[ExposureTotal]:
    """One line a currency of the sum of a group."""
    things: dict[str, list[Exposure]] = {}
    for each in group:
        things.setdefault(each.link.id, []).append(each)
    total = add_up(network.scope.rung, (_part(network, shared) for shared in things.values()))
    first = group[0]
    for currency in dict.fromkeys((*total.firm, *total.up_to)) or ("",):
        firm, up_to = total.firm.get(currency), total.up_to.get(currency)
        share = _share(network, first, firm, currency) if own_size and firm else None
        yield ExposureTotal(
            channel=first.channel,
            rung=_rung(network, first),
            firm=_total_value(firm, currency, total.at_least),
            up_to=Value(up_to, currency) if up_to is not None else "",
            counted=total.counted,
            with_amount=total.with_amount,
            with_ceiling=total.with_ceiling,
            unknown=total.unknown,
            own_share=share[0] if share else "",
            share_of=_size_note(share[1]) if share else "",
        )


def _total_value(firm: Decimal | None, currency: str, at_least: bool) -> Value | str:
    if firm is None:
        return ""
    return Value(None, currency, low=firm) if at_least else Value(firm, currency)


def _part(network: CapitalNetwork, shared: Sequence[Exposure]) -> Part:
    """What a thing brings to a total: its amount, a lower bound, or only a ceiling. Rates bring nothing; a thing that
    several parties share brings its whole amount once."""
    each = shared[0]
    if len(shared) > 1:
        return network.derived.part(each.link.id) if each.adds else Part(each.link.id)
    money = each.money if each.adds else None
    if money is None:
        return Part(each.link.id)
    firm = money.value if money.value is not None else money.low
    ceiling = Money(money.high, money.unit) if money.value is None and money.high is not None else None
    return Part(each.link.id, None if firm is None else Money(firm, money.unit), ceiling, floor=money.value is None)


def _share(network: CapitalNetwork, each: Exposure, firm: Decimal, currency: str) -> tuple[Value, Size] | None:
    for size in sizes(network, each.exposed, each.channel.attributes.get("sizeAspect", ())):
        part = size.part(firm, currency)
        if part is not None:
            return Value((part * 100).quantize(_CENT), "percent", readings=size.figure.readings), size
    return None


def _spread(
    network: CapitalNetwork, rows: Sequence[Exposure], key: Callable[[Exposure], str]
) -> Iterator[ConcentrationRow]:
    """The concentration of each channel with at least two dollar amounts."""
    for channel in dict.fromkeys(each.channel.code for each in rows):
        group = [each for each in rows if each.channel.code == channel and not inside_another(each, rows)]
        amounts: dict[str, Decimal] = {}
        known = [each for each in group if each.adds and each.money and each.money.unit == "USD" and each.money.value]
        for each in known:
            assert each.money is not None
            amounts[key(each)] = amounts.get(key(each), Decimal()) + (each.money.value or Decimal())
        found = concentration(amounts)
        if found is not None and found.count > 1:
            yield ConcentrationRow(
                channel=network.ontology.code("channel", channel),
                counted=len(known),
                left_out=len(group) - len(known),
                herfindahl=found.index.quantize(Decimal(1)),
                effective_number=found.effective.quantize(_CENT),
                largest=network.node(found.largest).name,
                top=Value((found.top * 100).quantize(_CENT), "percent"),
            )


def _house(network: CapitalNetwork, party: str) -> list[str]:
    """Whose links have been merged into a party's: the ends that its links have by their rows."""
    named: set[str] = set()
    for link in (*network.links_from(party), *network.links_to(party)):
        end = link.kind.from_end if link.source == party else link.kind.to_end
        if len(end) == 1 and not link.shared:
            column = network.facts.schema.tables[link.row.table].column(end[0])
            named |= {node_id(column.refers_to(item)) for item in link.row.list(end[0])}
    return sorted(named - {party})


def _notes(network: CapitalNetwork, party: str, rows: Sequence[Exposure], nothing: str, to: str = "") -> Iterator[Note]:
    name = network.node(party).name
    if not rows:
        yield note(nothing, party=name, **({"to": network.node(to).name} if to else {}))
        if not network.dated:
            yield note("stress.nothing_then")
        apart = len(network.unstarted_at(party)) + len(network.promised_at(party))
        if apart:
            yield note("exposure.hidden", count=apart)
        return
    yield note("exposure.channels")
    members = _house(network, party)
    if network.scope.group and members:
        yield note("exposure.house", members=tuple(network.node(member).name for member in members))
    if any(each.amount is not None and each.amount.value is None for each in rows):
        yield note("exposure.bounds")
    if any(inside_another(each, rows) for each in rows):
        yield note("exposure.inside_total")
    currencies = {each.money.unit for each in rows if each.money and each.money.unit != "USD"}
    if currencies:
        yield note("exposure.no_rate", currencies=tuple(sorted(currencies)))

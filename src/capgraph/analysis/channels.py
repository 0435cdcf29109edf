"""Who stands to lose by whom, through which channel and with how much: the links of a network as exposures.

Which links carry a channel, and which end of them stands to lose, is said by the code list ``channel``. How much each
is worth follows here, one way a channel. Exposure, stress and the models all start from these.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal

from capgraph.analysis.measures import is_aggregate
from capgraph.analysis.pledges import securities
from capgraph.analysis.register import counts, register
from capgraph.analysis.valuation import in_usd, valuations
from capgraph.clocks import DateSpan
from capgraph.names import node_ref
from capgraph.network import CapitalNetwork, Link
from capgraph.ontology import Code
from capgraph.readings import Figure
from capgraph.results import Note, Value, note

USD = "USD"
_CENT = Decimal("0.01")
_RATES = ("annual_value", "monthly_value")
"""Aspects that are no sum but a rate: they are shown, and enter no total."""


@dataclass(frozen=True, slots=True)
class Exposure:
    """One party that stands to lose by another.

    ``amount`` is None where nothing is known; its value is None where only a bound is. ``usd`` is its value in dollars
    where the source or a rate of the data gives it. ``by`` says what the amount is and of when, ``percent`` is that of
    a stake. ``sized``: such a tie has an amount at all, known or not. ``adds``: it may enter a total (it is a sum, not
    a rate). ``certain``: the loss follows the fall one for one (shares, not rights on shares). ``less`` are the ids of
    the stakes that have been taken out of the amount, because they stand beside it.
    """

    channel: Code
    exposed: str
    to: str
    link: Link
    amount: Value | None
    usd: Decimal | None
    by: Note | None
    as_of: DateSpan | None
    percent: Value | None
    sized: bool
    adds: bool
    certain: bool
    readings: tuple[str, ...]
    sources: tuple[str, ...]
    less: frozenset[str] = frozenset()

    @property
    def id(self) -> tuple[str, str, str]:
        """What orders exposures: the thing, then who is exposed to whom."""
        return self.link.id, self.exposed, self.to

    @property
    def money(self) -> Value | None:
        """The amount in dollars where it is known in dollars, else as it is."""
        if self.usd is None or self.amount is None or self.amount.unit == USD:
            return self.amount
        return Value(self.usd, USD, readings=self.amount.readings)


def exposures(
    network: CapitalNetwork, links: Iterable[Link] | None = None, *, exposed: str = "", to: str = ""
) -> tuple[Exposure, ...]:
    """Every exposure that links carry (default: all of the network's), in the order of the channels, then by id.

    ``exposed`` and ``to`` are node ids: only those of this party, only those to this one.

    Of a stake of holders named only together those parts are taken out that stand among the links themselves.
    """
    wanted = network.links if links is None else tuple(dict.fromkeys(links))
    places = {code: place for place, code in enumerate(network.ontology.codes("channel"))}
    given = {link.id for link in wanted}
    sized = (
        _SIZES[code.code](network, code, link, *ends)
        for link in wanted
        for code, ends in _carried(network, link)
        if exposed in ("", ends[0]) and to in ("", ends[1])
    )
    found = [_unnamed(network, exposure, given) for exposure in sized]
    return tuple(sorted(found, key=lambda each: (places[each.channel.code], *each.id)))


def _carried(network: CapitalNetwork, link: Link) -> Iterator[tuple[Code, tuple[str, str]]]:
    """The channels that a link carries, each with who is exposed and to whom."""
    for code in network.ontology.codes("channel").values():
        if carries(code, link):
            ends = (link.source, link.target)
            yield code, ends if code["exposedEnd"] == "from" else (ends[1], ends[0])


def carries(channel: Code, link: Link) -> bool:
    """Whether a link carries a channel: by its class or the code that refines it, or by its layer. A promise carries
    one only if it is of money."""
    named = channel.attributes.get("onLink", ())
    refining = link.row[link.kind.refined_by] if link.kind.refined_by else ""
    if not (link.kind.iri in named or (refining and refining in named) or link.layer == channel["layer"]):
        return False
    return not (link.kind.flow and link.kind.money == "none")


# Amounts, one way a channel -------------------------------------------------------------------------------------------


def _stake(network: CapitalNetwork, channel: Code, link: Link, exposed: str, other: str) -> Exposure:
    values = valuations(network, link)
    chosen = values[0] if values else None
    usd = in_usd(network, chosen) if chosen is not None and chosen.worth.value is not None else None
    dates = [figure.as_of for figure in chosen.inputs] if chosen else []
    by = note(f"holdings.by.{chosen.method}", first=dates[0], second=dates[-1]) if chosen else None
    percent = _value(link.percent) if link.percent and not link.percent.expired else None
    readings = (*(chosen.worth.readings if chosen else ()), *(percent.readings if percent else ()))
    sources = (*(chosen.sources if chosen else ()), *link.sources)
    return Exposure(
        channel=channel,
        exposed=exposed,
        to=other,
        link=link,
        amount=chosen.worth if chosen else None,
        usd=usd,
        by=by,
        as_of=chosen.as_of if chosen else None,
        percent=percent,
        sized=True,
        adds=True,
        certain=counts(network, link),
        readings=tuple(dict.fromkeys(readings)),
        sources=tuple(dict.fromkeys(sources)),
    )


def _unnamed(network: CapitalNetwork, each: Exposure, given: Collection[str]) -> Exposure:
    """What is left of the stake of holders named only together, without those of its parts that are given."""
    amount = each.amount
    if amount is None or not is_aggregate(network, each.exposed):
        return each
    parts = [link for link in network.links_to(each.to) if link.container == each.link.id and link.id in given]
    entry = register(network, each.to).entry(each.link.id) if parts else None
    if entry is None or not entry.own or not entry.parts.value:
        return each
    left = entry.net.value / entry.own.value
    value, low, high, usd = (
        end if end is None else (end * left).quantize(_CENT)
        for end in (amount.value, amount.low, amount.high, each.usd)
    )
    return replace(
        each,
        amount=Value(value, amount.unit, low, high, amount.readings),
        usd=usd,
        percent=Value(entry.net.value, "percent", entry.net.low, entry.net.high, each.link.readings),
        by=note("exposure.less_parts", by=each.by or "", percent=Value(entry.parts.value, "percent")),
        less=frozenset(link.id for link in parts if link.percent is not None and not link.percent.expired),
    )


def _promise(network: CapitalNetwork, channel: Code, link: Link, exposed: str, other: str) -> Exposure:
    """A debt, guarantee, contract or promised payment: its own amount, a lender's part of it, or the most it can be."""
    whole = link.amount or _ceiling(network, link)
    own = network.derived.figure(link.id, "share", exposed) if link.shared else whole
    amount, by = (_value(own), _by(network, own)) if own is not None else (None, None)
    if own is None and whole is not None:
        amount = Value(None, whole.unit, high=whole.high if whole.high is not None else whole.value)
        by = note("exposure.shared", amount=_value(whole), as_of=whole.as_of)
    shown = own or whole
    return Exposure(
        channel=channel,
        exposed=exposed,
        to=other,
        link=link,
        amount=amount,
        usd=network.derived.usd(own) if own is not None else None,
        by=by,
        as_of=shown.as_of if shown else None,
        percent=_value(link.percent) if link.percent and link.percent.aspect == "percent" else None,
        sized=bool(link.kind.amount_aspects),
        adds=shown is None or shown.aspect not in _RATES,
        certain=True,
        readings=tuple(dict.fromkeys((*(shown.readings if shown else ()), *link.readings))),
        sources=tuple(dict.fromkeys((*(shown.sources if shown else ()), *link.sources))),
    )


def _pledge(network: CapitalNetwork, channel: Code, link: Link, exposed: str, other: str) -> Exposure:
    """A pledge of shares: the debt that hangs on them."""
    found = securities(network, (link,))
    debt = found[0].debt if found else None
    return Exposure(
        channel=channel,
        exposed=exposed,
        to=other,
        link=link,
        amount=_value(debt) if debt else None,
        usd=network.derived.usd(debt) if debt else None,
        by=_by(network, debt),
        as_of=debt.as_of if debt else None,
        percent=None,
        sized=True,
        adds=True,
        certain=True,
        readings=found[0].readings if found else (),
        sources=found[0].sources if found else link.sources,
    )


_SIZES: Mapping[str, Callable[[CapitalNetwork, Code, Link, str, str], Exposure]] = {
    "equity": _stake,
    "commitment": _promise,
    "credit": _promise,
    "guarantee": _promise,
    "collateral": _pledge,
    "sales": _promise,
    "purchases": _promise,
    "dependency": _promise,
}


def _ceiling(network: CapitalNetwork, link: Link) -> Figure | None:
    """The most that the amount of a thing may reach, where nothing tells the amount itself."""
    found = (network.derived.figure(link.id, aspect, "ceiling") for aspect in link.kind.amount_aspects)
    return next((figure for figure in found if figure is not None), None)


def _by(network: CapitalNetwork, figure: Figure | None) -> Note | None:
    """What an amount is and of when."""
    if figure is None:
        return None
    key = "exposure.figure" if figure.value is not None or figure.low is not None else "exposure.ceiling"
    return note(key, aspect=network.ontology.code("aspect", figure.aspect), as_of=figure.as_of)


def _value(figure: Figure) -> Value:
    """A figure as sources have it; a ceiling is a bound and no value."""
    return Value(figure.value, figure.unit, figure.low, figure.high, figure.readings)


# What is added once ---------------------------------------------------------------------------------------------------


def inside_another(exposure: Exposure, others: Iterable[Exposure]) -> bool:
    """Whether the thing lies inside another one of these that has an amount, and so must not be added to it."""
    outer, own = exposure.link.container, exposure.link.id
    return bool(outer) and any(other.link.id == outer and other.amount and own not in other.less for other in others)


# The size of a party --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Size:
    """One figure of what a party is worth or has on order."""

    aspect: Code
    figure: Figure
    usd: Decimal | None

    def part(self, amount: Decimal, unit: str) -> Decimal | None:
        """An amount as a fraction of the size, None where they share no currency."""
        own = self.figure.value
        if unit == self.figure.unit and own:
            return amount / own
        return amount / self.usd if unit == USD and self.usd else None


def size_aspects(network: CapitalNetwork) -> tuple[str, ...]:
    """The aspects that measure a party's size, by the code list of channels."""
    codes = network.ontology.codes("channel").values()
    return tuple(dict.fromkeys(aspect for code in codes for aspect in code.attributes.get("sizeAspect", ())))


def sizes(network: CapitalNetwork, party: str, aspects: Iterable[str] | None = None) -> tuple[Size, ...]:
    """What the data know of a party's size, in the order of the aspects."""
    wanted = size_aspects(network) if aspects is None else aspects
    found = ((aspect, network.derived.figure(node_ref(party), aspect)) for aspect in wanted)
    return tuple(
        Size(network.ontology.code("aspect", aspect), figure, network.derived.usd(figure))
        for aspect, figure in found
        if figure is not None and figure.value
    )


def measured(network: CapitalNetwork, exposure: Exposure) -> tuple[Value, Size] | None:
    """An exposure as a percent of the size of who is exposed, by the first size in a common currency; None without."""
    money = exposure.money
    if money is None or money.value is None or not exposure.adds:
        return None
    for size in sizes(network, exposure.exposed, exposure.channel.attributes.get("sizeAspect", ())):
        part = size.part(money.value, money.unit)
        if part is not None:
            readings = (*money.readings, *size.figure.readings)
            return Value((part * 100).quantize(Decimal("0.01")), "percent", readings=readings), size
    return None

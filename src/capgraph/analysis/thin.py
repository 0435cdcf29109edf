"""Gaps that follow from more than one column: the rest of a company, what a deal leaves, old percents and promises,
only ceilings, companies without worth or votes, what rests on a single unverified source; and how each is measured."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property

from capgraph.analysis.channels import Exposure, exposures
from capgraph.analysis.dependents import sources_of, usd_of
from capgraph.analysis.register import Register, counts, register
from capgraph.analysis.valuation import whole_of
from capgraph.money import USD
from capgraph.names import node_ref
from capgraph.network import CapitalNetwork, Link
from capgraph.ontology import Code
from capgraph.readings import EXPIRED_MONTHS, Figure, older

UNVERIFIED = "unverified"
_NOTHING = Decimal(0)


@dataclass(frozen=True, slots=True)
class Gap:
    """One gap of one thing. ``subject`` is what one finding would fill: a company, a deal, a source, or the thing
    itself. ``usd`` is what it could move, in dollars, ``bound`` where that is only the upper end and the others of the
    subject share it; None where nothing is known."""

    kind: str
    ref: str
    subject: str
    measure: str
    usd: Decimal | None
    bound: bool = False
    readings: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()


class Worth:
    """What links, companies and deals amount to in dollars, reckoned once."""

    def __init__(self, network: CapitalNetwork) -> None:
        self.network = network
        self._registers: dict[str, Register] = {}

    @cached_property
    def exposures(self) -> tuple[Exposure, ...]:
        """All exposures of the network."""
        return exposures(self.network)

    @cached_property
    def _by_link(self) -> dict[str, Decimal]:
        """The largest amount in dollars with which a link stands among the exposures."""
        found: dict[str, Decimal] = {}
        for each in self.exposures:
            money = each.money
            if money is not None and money.unit == USD:
                known = money.high if money.value is None else money.value
                found[each.link.id] = max(found.get(each.link.id, _NOTHING), known or _NOTHING)
        return found

    def of_link(self, link: Link) -> Decimal | None:
        """The amount of a link: that of its exposure, else of the payment."""
        known = self._by_link.get(link.id)
        if known is not None or not link.kind.flow:
            return known
        part = self.network.derived.part(link.id)
        money = part.firm or part.up_to
        return money.amount if money is not None and money.currency == USD else None

    def at_stake(self, link: Link) -> tuple[Decimal | None, str]:
        """The amount of a link and the measure that it is: a ceiling where nothing tells the amount itself."""
        top = ceiling_of(self.network, link)
        if top is not None and top.high is not None:
            usd = usd_of(self.network, top, top.high)
            return usd, _or_none("ceiling", usd)
        usd = self.of_link(link)
        return usd, _or_none("amount", usd)

    def company(self, node: str) -> tuple[Decimal | None, Figure | None]:
        """What all of a company is worth, and the figure that says so; a figure older than 36 months bounds nothing."""
        figure = whole_of(self.network, node_ref(node))
        if figure is None or older(figure.as_of, EXPIRED_MONTHS, self.network.scope.clocks.as_of):
            return None, None
        return self.network.derived.usd(figure), figure

    def register(self, node: str) -> Register:
        """The share register of a company."""
        if node not in self._registers:
            self._registers[node] = register(self.network, node)
        return self._registers[node]

    def rest(self, node: str) -> tuple[Decimal | None, tuple[str, ...]]:
        """What nobody accounts for of a company, at most, in dollars. None for a listed company, whose other holders
        are the public, and where the percents contradict each other or nothing says what it is worth."""
        book, (worth, figure) = self.register(node), self.company(node)
        if self.listed(node) or not book.computable or worth is None or figure is None:
            return None, ()
        return worth * book.rest.high / 100, figure.readings

    def listed(self, node: str) -> bool:
        """Whether the shares of a party are listed: the data have its ticker."""
        row = self.network.facts.get(node_ref(node))
        return row is not None and bool(row.cells.get("ticker"))

    def left_of_deal(self, ref: str) -> tuple[Decimal | None, tuple[str, ...]]:
        """The amount of a deal less those of its legs that are known, never below nothing."""
        figure = self.network.derived.figure(ref, "amount")
        whole = usd_of(self.network, figure, figure.value) if figure is not None and figure.value is not None else None
        if figure is None or whole is None:
            return None, ()
        legs = [row for row in self.network.facts.mentions(ref) if row.table == "tranches" and not row["contained_in"]]
        known = _NOTHING
        for leg in legs:
            firm = self.network.derived.part(leg.ref).firm
            known += firm.amount if firm is not None and firm.currency == USD else _NOTHING
        return max(_NOTHING, whole - known), figure.readings


def measured(worth: Worth, code: Code, link: Link) -> Gap:
    """A gap of a link with what it could move, by the measure of its code."""
    measure = code["measuredBy"] or "none"
    if measure == "rest":
        usd, readings = worth.rest(link.target)
        return Gap(code.code, link.id, node_ref(link.target), _or_none(measure, usd), usd, True, readings, link.sources)
    deal = f"deal/{link.row['deal']}" if link.row.cells.get("deal") else ""
    if measure == "deal":
        usd, readings = worth.left_of_deal(deal) if deal else (None, ())
        return Gap(code.code, link.id, deal or link.id, _or_none(measure, usd), usd, True, readings, link.sources)
    usd, measure = worth.at_stake(link) if measure == "amount" else (None, "none")
    return Gap(code.code, link.id, link.id, measure, usd, measure == "ceiling", link.readings, link.sources)


def _or_none(measure: str, usd: Decimal | None) -> str:
    return "none" if usd is None else measure


def thin(network: CapitalNetwork, links: Sequence[Link]) -> Iterator[Gap]:
    """Every gap that no single class declares."""
    worth = Worth(network)
    for link in links:
        yield from _of_link(network, worth, link)
    yield from _known_from_one(network, links)
    held = {link.target: link for link in links if not link.kind.flow and counts(network, link)}
    for company in held:
        yield from _of_company(network, worth, company)
    yield from _ownerless(network, worth, links)


# Links ----------------------------------------------------------------------------------------------------------------


def ceiling_of(network: CapitalNetwork, link: Link) -> Figure | None:
    """The most that an amount may reach, where nothing tells the amount itself."""
    if link.amount is not None and (link.amount.value is not None or link.amount.low is not None):
        return None
    found = (network.derived.figure(link.id, aspect, "ceiling") for aspect in link.kind.amount_aspects)
    return link.amount or next((figure for figure in found if figure is not None), None)


def _of_link(network: CapitalNetwork, worth: Worth, link: Link) -> Iterator[Gap]:
    usd, measure = worth.at_stake(link)
    if measure == "ceiling":
        yield Gap("ceiling", link.id, link.id, measure, usd, True, link.readings, link.sources)
    if "promise_old" in link.flags:
        deal = f"deal/{link.row['deal']}" if link.row.cells.get("deal") else link.id
        yield Gap("promise", link.id, deal, _or_none("amount", usd), usd, False, link.readings, link.sources)
    percent = link.percent
    if percent is not None and (percent.stale or percent.expired) and counts(network, link):
        kind = "expired" if percent.expired else "stale"
        position, readings = _position(worth, link, percent)
        yield Gap(kind, link.id, link.id, _or_none("amount", position), position, False, readings, link.sources)
    source = _only_source(network, link.id)
    if source:
        yield Gap("single", link.id, source, _or_none("amount", usd), usd, False, link.readings, (source,))


def _position(worth: Worth, link: Link, percent: Figure) -> tuple[Decimal | None, tuple[str, ...]]:
    """What an old percent comes to at what the company is worth: the value that would be in doubt."""
    whole, figure = worth.company(link.target)
    if whole is None or figure is None or percent.value is None:
        return worth.of_link(link), percent.readings
    return whole * percent.value / 100, (*percent.readings, *figure.readings)


def _only_source(network: CapitalNetwork, ref: str) -> str:
    """The source on which a thing rests, if there is a single origin and all that it says is unverified; else empty."""
    rows = list(sources_of(network, ref))
    origins = {network.derived.sources.origin(f"source/{row['source']}") for row in rows}
    if len(origins) != 1 or any(row.cells.get("confidence", UNVERIFIED) != UNVERIFIED for row in rows):
        return ""
    return min(f"source/{row['source']}" for row in rows)


def _known_from_one(network: CapitalNetwork, links: Sequence[Link]) -> Iterator[Gap]:
    """The parties and products that only one unverified source knows: they have no evidence of their own, so they rest
    on that of their links."""
    by_node: dict[str, set[str]] = {}
    for link in links:
        for node in (link.source, link.target):
            by_node.setdefault(node, set()).add(_only_source(network, link.id))
    for node, found in sorted(by_node.items()):
        own = [row for row in sources_of(network, node_ref(node)) if f"source/{row['source']}" not in found]
        if len(found) == 1 and "" not in found and not own:
            source = next(iter(found))
            yield Gap("single", node_ref(node), source, "none", None, sources=(source,))


# Companies ------------------------------------------------------------------------------------------------------------


def _of_company(network: CapitalNetwork, worth: Worth, company: str) -> Iterator[Gap]:
    ref, book = node_ref(company), worth.register(company)
    value, _ = worth.company(company)
    usd, readings = worth.rest(company)
    if not worth.listed(company) and book.computable and book.rest.value > 0 and not book.unsized:
        yield Gap("holders", ref, ref, _or_none("rest", usd), usd, True, readings)
    if value is None and book.entries and not all(_own_value(network, each.link) for each in book.entries):
        yield Gap("worth", ref, ref, "none", None)
    told = [network.derived.figure(each.link.id, "votes_percent") for each in (*book.entries, *book.unsized)]
    if any(told) and not all(told):
        known = tuple(id for figure in told if figure is not None for id in figure.readings)
        yield Gap("votes", ref, ref, "none", None, readings=known)


def _ownerless(network: CapitalNetwork, worth: Worth, links: Sequence[Link]) -> Iterator[Gap]:
    """The companies that nobody is known to hold, by what they stand to lose by others. Shares of listed companies are
    left out: whoever manages them mostly holds them for others; so are subsidiaries, whose parent is known."""
    held = {link.target for link in links if counts(network, link)}
    kinds = network.ontology.code("gap", "owners").attributes.get("onlyFor", ())
    lost: dict[str, Decimal] = {}
    for each in worth.exposures:
        money = each.money
        if money is None or money.unit != USD or money.value is None or not each.adds or worth.listed(each.to):
            continue
        if network.parents(each.exposed):
            continue
        if each.exposed not in held and network.node(each.exposed).code in kinds and not worth.listed(each.exposed):
            lost[each.exposed] = lost.get(each.exposed, _NOTHING) + money.value
    for company, usd in sorted(lost.items()):
        yield Gap("owners", node_ref(company), node_ref(company), "amount", usd)


def _own_value(network: CapitalNetwork, link: Link) -> bool:
    return network.derived.figure(link.id, "value") is not None

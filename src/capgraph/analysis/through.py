"""Ownership through others: who holds a company, and what a party holds, by all chains of holdings."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from itertools import islice, pairwise
from typing import Any, NamedTuple

from capgraph.analysis.chains import Holders, Ranges, chains, most, most_of_all
from capgraph.analysis.lookthrough import corrected, corrected_holdings
from capgraph.analysis.ownership import head, stake_sources
from capgraph.analysis.register import NONE, NOTHING, WHOLE, Share, instrument
from capgraph.analysis.structure import Structure, Structures
from capgraph.names import Name
from capgraph.network import CapitalNetwork, Link
from capgraph.results import Context, Note, Result, Value, hidden, note, section

_PLACES = Decimal("0.000001")


@dataclass(frozen=True, slots=True)
class ThroughOwner:
    """One holder of a company. ``share`` is all that it owns, directly (``direct``) and through others (``indirect``),
    with the range that disputed percents leave; ``at_most`` lets stakes of unknown percent be as large as they can."""

    holder: Name
    share: Value
    direct: Value
    indirect: Value
    at_most: Value
    stakes: tuple[str, ...] = hidden()
    readings: tuple[str, ...] = hidden()
    sources: tuple[str, ...] = hidden()


@dataclass(frozen=True, slots=True)
class ThroughHolding:
    """One company of which a party owns a part, directly and through others."""

    issuer: Name
    share: Value
    direct: Value
    indirect: Value
    at_most: Value
    stakes: tuple[str, ...] = hidden()
    readings: tuple[str, ...] = hidden()
    sources: tuple[str, ...] = hidden()


@dataclass(frozen=True, slots=True)
class Chain:
    """One chain of holdings and the part of the company that it gives; ``holder`` and ``issuer`` are its ends. A row
    without ``through`` sums what the chains not shown give."""

    holder: Name
    issuer: Name
    share: Value
    through: tuple[Name, ...]
    percents: tuple[Value, ...]
    stakes: tuple[str, ...] = hidden()
    readings: tuple[str, ...] = hidden()
    sources: tuple[str, ...] = hidden()


@dataclass(frozen=True, slots=True, kw_only=True)
class ThroughOwners(Result):
    """Who holds a company, directly and through others. Holders above one another overlap: the shares do not add up."""

    issuer: Name = hidden(None)
    shares: tuple[ThroughOwner, ...] = section(ThroughOwner)
    chains: tuple[Chain, ...] = section(Chain)


@dataclass(frozen=True, slots=True, kw_only=True)
class ThroughHoldings(Result):
    """What a party holds, directly and through others."""

    holder: Name = hidden(None)
    shares: tuple[ThroughHolding, ...] = section(ThroughHolding)
    chains: tuple[Chain, ...] = section(Chain)


def owners_through(
    network: CapitalNetwork, issuer: str, context: Context, *, diluted: bool = False, most_chains: int = 3
) -> ThroughOwners:
    """Who holds a company by all chains of holdings, loops counted once.

    The corrected measure of Baldone, Brioschi and Paleari (see :func:`capgraph.analysis.lookthrough.corrected`). Every
    holder is seen with its own stakes whole: what a house holds includes what is contained in it.

    Parameters
    ----------
    network : all links at a pair of clocks. With ``scope.group`` houses are merged, except those with the company in.
    issuer : node id of the company.
    context : printed with the answer.
    diluted : let the instruments that stand beside enter with their own percents.
    most_chains : how many chains to show for each holder that holds through others; the rest is summed.

    Returns
    -------
    ThroughOwners, largest first; percents 0..100. Registers that cannot be right and groups that own each other are
    cut: who stands behind them is not computed, and a note names their rows.

    Examples
    --------
    >>> found = owners_through(network, "openai", context)                                     # doctest: +SKIP
    >>> [(row.holder.id, row.indirect.value) for row in found.shares if row.indirect.value]    # doctest: +SKIP
    [('jensen-huang', Decimal('0.12145'))]
    """
    if network.scope.group:
        network = merged(network, issuer)
    scribe = _Scribe(network, Structures(network, diluted=diluted))
    common = scribe.structures.common
    found = []
    for holder in scribe.holders(issuer):
        structure = scribe.structures.seen_by(holder)
        cells = scribe.cells(structure, holder, issuer, scribe.span(structure, holder, issuer))
        found.append((ThroughOwner(network.node(holder).name, **cells), structure))
    found = sorted(found, key=lambda pair: (-_ordinal(pair[0].share), pair[0].holder.id))
    rows = [row for row, _ in found if row.share.high]
    shown = [
        chain
        for row, structure in found
        if row.indirect.value
        for chain in scribe.chains(structure, row.holder.id, issuer, row.share, most_chains)
    ]
    return ThroughOwners(
        issuer=network.node(issuer).name,
        shares=tuple(rows),
        chains=tuple(shown),
        context=context,
        notes=(
            *refused(common, common.above(issuer)),
            *of_itself(network, common, issuer),
            *_unsized(len(found) - len(rows)),
        ),
    )


def holdings_through(
    network: CapitalNetwork, holder: str, context: Context, *, diluted: bool = False, most_chains: int = 3
) -> ThroughHoldings:
    """What a party holds by all chains of holdings, loops counted once.

    The same measure as :func:`owners_through`, for one holder and every company below it. Parameters are the same; with
    ``scope.group`` the party's house is merged.

    Examples
    --------
    >>> found = holdings_through(network, "huawei", context)                                   # doctest: +SKIP
    >>> [(row.issuer.id, row.share.value) for row in found.shares if row.indirect.value]       # doctest: +SKIP
    [('spirit-ai', Decimal('1.43'))]
    """
    if network.scope.group:
        network = house_holdings(network, holder)
    scribe = _Scribe(network, Structures(network, diluted=diluted))
    structure = scribe.structures.seen_by(holder)
    below = sorted(structure.below(holder) - {holder})
    spans = scribe.spans(structure, holder)
    cells = ((company, scribe.cells(structure, holder, company, spans.get(company, _NOTHING))) for company in below)
    found = [ThroughHolding(network.node(company).name, **each) for company, each in cells]
    found.sort(key=lambda row: (-_ordinal(row.share), row.issuer.id))
    rows = [row for row in found if row.share.high]
    shown = [
        chain
        for row in rows
        if row.indirect.value
        for chain in scribe.chains(structure, holder, row.issuer.id, row.share, most_chains)
    ]
    return ThroughHoldings(
        holder=network.node(holder).name,
        shares=tuple(rows),
        chains=tuple(shown),
        context=context,
        notes=(
            *refused(structure, structure.below(holder)),
            *of_itself(network, structure, holder),
            *_unsized(len(found) - len(rows)),
        ),
    )


def merged(network: CapitalNetwork, company: str) -> CapitalNetwork:
    """The network with every holder merged into its house, as far up as the house leaves out one company."""
    heads = {head(network, link.source, company) for link in network.links if instrument(network, link)}
    return house_holdings(network, *sorted(each for each in heads if company not in network.house(each)))


def house_holdings(network: CapitalNetwork, *heads: str) -> CapitalNetwork:
    """The network with houses merged as holders. Who holds a subsidiary beside its house does not hold the house."""

    def of_the_house(link: Link) -> bool:
        column = link.kind.to_end[0] if link.kind.to_end else ""
        return link.target not in heads or column == "" or link.row[column] == link.target

    return network.grouped(*heads).where(lambda link: instrument(network, link) is None or of_the_house(link))


def fractions(structure: Structure) -> Holders:
    """The shares that count, as exact fractions."""
    return {
        company: [(each.holder, each.share.value / WHOLE) for each in slices]
        for company, slices in structure.slices.items()
    }


def ranges(structure: Structure, *, unknown: bool = False) -> Ranges:
    """The least and the most of every share, as fractions; ``unknown``: of unknown percents the most they can be."""
    return {
        company: [
            (each.holder, float(each.share.low / WHOLE), float((each.most if unknown else each.share).high / WHOLE))
            for each in slices
        ]
        for company, slices in structure.slices.items()
    }


def exact(structure: Structure) -> Ranges:
    """The shares that count, as ranges of one point."""
    return {
        company: [(each.holder, float(each.share.value / WHOLE), float(each.share.value / WHOLE)) for each in slices]
        for company, slices in structure.slices.items()
    }


def percent(fraction: float) -> Decimal:
    """A fraction as percent, to the sixth decimal."""
    return Decimal(repr(float(fraction) * 100)).quantize(_PLACES).normalize() + Decimal(0)


def value_of(share: Share) -> Value:
    return Value(share.value, "percent", share.low, share.high)


def _ordinal(share: Value) -> Decimal:
    return share.value or share.high or NOTHING


class _Span(NamedTuple):
    """What one holder has of one company, as fractions: the corrected share, its least and its most by what sources
    say, and the most it can be where stakes of unknown percent are as large as they can."""

    value: float
    low: float
    high: float
    most: float


_NOTHING = _Span(0.0, 0.0, 0.0, 0.0)


class _Scribe:
    """Computes and writes the rows of one network."""

    def __init__(self, network: CapitalNetwork, structures: Structures) -> None:
        self.network = network
        self.structures = structures
        self._columns: dict[tuple[int, str, str], dict[str, float]] = {}
        self._told: dict[int, tuple[Holders, Ranges, Ranges]] = {}

    # Shares ----------------------------------------------------------------------------------------------------------

    def holders(self, issuer: str) -> list[str]:
        """Everyone who may hold a part of a company."""
        above = self.structures.common.above(issuer)
        nested = (
            link.source
            for company in above
            for link in self.network.links_to(company)
            if instrument(self.network, link) and self.structures.nests(link.source)
        )
        return sorted((above | set(nested)) - {issuer})

    def column(self, structure: Structure, issuer: str, end: str = "value") -> dict[str, float]:
        """The corrected share of every holder in one company."""
        key = (id(structure), issuer, end)
        if key not in self._columns:
            place = structure.place.get(issuer)
            found = [] if place is None else corrected(structure.matrix(end), place).tolist()
            self._columns[key] = dict(zip(structure.nodes, found, strict=False))
        return self._columns[key]

    def span(self, structure: Structure, holder: str, issuer: str) -> _Span:
        """What one holder has of one company."""
        _, told, widest = self._shares(structure)
        owner = frozenset({holder})
        return _Span(
            self.column(structure, issuer).get(holder, 0.0),
            self.column(structure, issuer, "low").get(holder, 0.0),
            most(told, owner, issuer),
            most(widest, owner, issuer),
        )

    def spans(self, structure: Structure, holder: str) -> dict[str, _Span]:
        """What one holder has of every company below it, each measure solved once for all of them."""
        if holder not in structure.place:
            return {}
        place, owner = structure.place[holder], frozenset({holder})
        value, low = (corrected_holdings(structure.matrix(end), place).tolist() for end in ("value", "low"))
        _, told, widest = self._shares(structure)
        high, highest = most_of_all(told, owner), most_of_all(widest, owner)
        return {
            node: _Span(value[at], low[at], high.get(node, 0.0), highest.get(node, 0.0))
            for node, at in structure.place.items()
        }

    def _shares(self, structure: Structure) -> tuple[Holders, Ranges, Ranges]:
        """The shares of a structure: as fractions, as ranges, and as ranges with unknown percents at their widest."""
        if id(structure) not in self._told:
            self._told[id(structure)] = fractions(structure), ranges(structure), ranges(structure, unknown=True)
        return self._told[id(structure)]

    def cells(self, structure: Structure, holder: str, issuer: str, span: _Span) -> dict[str, Any]:
        """What every row says of one holder in one company."""
        held = structure.slice(holder, issuer)
        direct, total = held.share if held else NONE, percent(span.value)
        low, high = min(total, percent(span.low)), max(total, percent(span.high))
        at_most = max(high, percent(span.most))
        share = Share(low, total, high)
        return {
            "share": value_of(share),
            "direct": value_of(direct),
            "indirect": value_of(_less(share, direct)),
            "at_most": Value(at_most, "percent"),
            **behind(structure, [(holder, issuer)]),
        }

    # Chains ----------------------------------------------------------------------------------------------------------

    def chains(self, structure: Structure, holder: str, issuer: str, share: Value, limit: int) -> Iterator[Chain]:
        """The largest chains between two, and a row for what the others give."""
        total, told = share.value or NOTHING, NOTHING
        for product, chain in islice(chains(self._shares(structure)[0], holder, issuer), limit):
            worth = (product * WHOLE).quantize(_PLACES).normalize() + NOTHING
            told += worth
            pairs = list(pairwise(chain))
            slices = [each for pair in pairs if (each := structure.slice(*pair))]
            yield Chain(
                holder=self.network.node(holder).name,
                issuer=self.network.node(issuer).name,
                share=Value(worth, "percent"),
                through=tuple(self.network.node(node).name for node in chain),
                percents=tuple(value_of(each.share) for each in slices),
                **behind(structure, pairs),
            )
        if total - told > _PLACES:
            ends = self.network.node(holder).name, self.network.node(issuer).name
            yield Chain(*ends, Value(total - told, "percent"), (), ())


def behind(structure: Structure, pairs: Iterable[tuple[str, str]]) -> dict[str, tuple[str, ...]]:
    """The ids of the stakes, readings and sources behind direct holdings, given as holder and company."""
    slices = [each for holder, company in pairs if (each := structure.slice(holder, company))]
    links = [link for each in slices for link in each.links]
    readings = [id for link in links if link.percent for id in link.percent.readings]
    sources = [source for link in links for source in stake_sources(link)]
    return {
        "stakes": tuple(link.id for link in links),
        "readings": tuple(dict.fromkeys(readings)),
        "sources": tuple(dict.fromkeys(sources)),
    }


def refused(structure: Structure, reached: Iterable[str]) -> Iterator[Note]:
    """Why the owners of some companies among those reached are not computed, each reason once."""
    told: list[Note] = []
    for node in sorted(reached):
        reason = structure.cut.get(node)
        if reason is not None and reason not in told:
            told.append(reason)
    yield from told
    if told:
        yield note("lookthrough.cut")


def of_itself(network: CapitalNetwork, structure: Structure, company: str) -> Iterator[Note]:
    """What a company owns of itself, directly or around loops."""
    if company in structure.place:
        share = percent(corrected(structure.matrix(), structure.place[company])[structure.place[company]])
        if share:
            yield note("lookthrough.self", company=network.node(company).name, percent=Value(share, "percent"))


def _unsized(count: int) -> Iterator[Note]:
    if count:
        yield note("lookthrough.unsized", count=count)


def _less(total: Share, direct: Share) -> Share:
    """What comes through others: the total less what is held directly, end by end."""
    return Share(
        max(NOTHING, total.low - direct.low),
        max(NOTHING, total.value - direct.value),
        max(NOTHING, total.high - direct.high),
    )

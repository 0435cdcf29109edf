"""Who holds a company, and what a party holds: direct stakes, what stands beside, what nobody accounts for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from capgraph.analysis.register import NONE, WHOLE, Entry, Register, Share, instrument, register
from capgraph.analysis.valuation import implied_percent, in_usd, valuations
from capgraph.clocks import DateSpan
from capgraph.names import Name, node_id
from capgraph.network import CapitalNetwork, Link
from capgraph.ontology import Code
from capgraph.readings import Figure
from capgraph.results import Context, Note, Result, Value, hidden, note, section


@dataclass(frozen=True, slots=True)
class Owner:
    """One holder with a percent that counts.

    ``percent`` is what sources say, ``counted`` what enters the total: less what its parts hold, if they stand in the
    table themselves. ``disputed`` counts the independent origins that say otherwise.
    """

    holder: Name
    instruments: tuple[Code, ...]
    percent: Value
    counted: Value
    basis: str
    as_of: DateSpan | None
    confidence: str
    remarks: tuple[Note, ...]
    disputed: int = hidden(0)
    stakes: tuple[str, ...] = hidden()
    readings: tuple[str, ...] = hidden()
    sources: tuple[str, ...] = hidden()


@dataclass(frozen=True, slots=True)
class UnsizedOwner:
    """A holder without a percent, or with one too old to count: somewhere from nothing to ``bounds``."""

    holder: Name
    instruments: tuple[Code, ...]
    bounds: Value
    remarks: tuple[Note, ...]
    stakes: tuple[str, ...] = hidden()
    readings: tuple[str, ...] = hidden()
    sources: tuple[str, ...] = hidden()


@dataclass(frozen=True, slots=True)
class BesideOwner:
    """A holder of an instrument that does not count as ownership, with its own percent where one is known."""

    holder: Name
    instruments: tuple[Code, ...]
    percent: Value | None
    basis: str
    as_of: DateSpan | None
    confidence: str
    remarks: tuple[Note, ...]
    stakes: tuple[str, ...] = hidden()
    readings: tuple[str, ...] = hidden()
    sources: tuple[str, ...] = hidden()


@dataclass(frozen=True, slots=True, kw_only=True)
class Owners(Result):
    """Who holds a company. ``counted.value + rest.value`` is exactly 100, unless the percents contradict each other:
    then ``rest`` is None and a note names the rows."""

    issuer: Name = hidden(None)
    counted: Value
    rest: Value | None
    owners: tuple[Owner, ...] = section(Owner)
    unsized: tuple[UnsizedOwner, ...] = section(UnsizedOwner)
    beside: tuple[BesideOwner, ...] = section(BesideOwner)


def owners(network: CapitalNetwork, issuer: str, context: Context, *, diluted: bool = False) -> Owners:
    """The direct holders of a company and what is left.

    Every stake counts with the percent that answers at the clocks. A stake that contains others counts with what they
    leave of it, never below nothing. Stakes without a percent, or with one older than 36 months, count nothing and are
    listed with the most they can be: what nobody accounts for, and what is left of groups named only together. Then::

        counted = sum of the holders' net percents,    rest = 100 - counted

    Parameters
    ----------
    network : all links at a pair of clocks. With ``scope.group`` the houses of the holders are merged, each one row.
    issuer : node id of the company.
    context : printed with the answer.
    diluted : let warrants, convertibles, profit shares and fund interests enter with their own percents.

    Returns
    -------
    Owners, largest first; percents 0..100. Companies without any known holder give empty sections and a note.

    Examples
    --------
    >>> found = owners(network, "openai", context)                                             # doctest: +SKIP
    >>> found.owners[1].holder.en, found.owners[1].counted.value, found.rest.value             # doctest: +SKIP
    ('Microsoft', Decimal('27'), Decimal('0.20'))
    """
    whole = network
    if network.scope.group:
        network = with_houses(network, issuer)
    book = register(network, issuer, diluted=diluted)
    scribe = _Scribe(network, book)
    return Owners(
        issuer=network.node(issuer).name,
        counted=_value(book.counted),
        rest=_value(book.rest) if book.computable else None,
        owners=tuple(scribe.owner(group) for group in _groups(network, book.entries)),
        unsized=tuple(scribe.unsized(group) for group in _groups(network, _by_size(network, book.unsized))),
        beside=tuple(scribe.beside(link) for link in _by_percent(book.beside)),
        context=context,
        notes=tuple(_notes(whole, network, book, diluted)),
    )


def with_houses(network: CapitalNetwork, issuer: str) -> CapitalNetwork:
    """The network with every holder of a company merged into its house, as far up as the house leaves out the company.

    A foundation that runs the company it holds is not merged with it: the company is what the question is about.
    """
    heads = {head(network, link.source, issuer) for link in network.links_to(issuer) if instrument(network, link)}
    return network.grouped(*sorted(head for head in heads if issuer not in network.house(head)))


def head(network: CapitalNetwork, party: str, outside: str) -> str:
    """The top of a party's house, climbing while the house does not swallow another party."""
    seen = {party}
    while True:
        above = [each for each in network.parents(party) if each not in seen and outside not in network.house(each)]
        if not above:
            return party
        party = above[0]
        seen.add(party)


def own_holder(network: CapitalNetwork, link: Link) -> Name:
    """Who holds a stake by its row, whatever house it has been merged into."""
    column = link.kind.from_end[0]
    return network.names.name(network.facts.schema.tables[link.row.table].column(column).refers_to(link.row[column]))


# Rows -----------------------------------------------------------------------------------------------------------------


def _groups(network: CapitalNetwork, entries: Sequence[Entry]) -> list[list[Entry]]:
    """The entries that make one row each: every stake its own, the stakes of a house together when houses are asked."""
    groups: dict[str, list[Entry]] = {}
    for entry in entries:
        groups.setdefault(entry.holder if network.scope.group else entry.link.id, []).append(entry)
    return sorted(groups.values(), key=lambda group: -sum(entry.net.value for entry in group))


def _by_percent(links: Iterable[Link]) -> list[Link]:
    return sorted(links, key=lambda link: (-((link.percent and link.percent.value) or Decimal(0)), link.id))


def _value(share: Share, readings: tuple[str, ...] = ()) -> Value:
    return Value(share.value, "percent", share.low, share.high, readings)


class _Scribe:
    """Writes the rows of one register."""

    def __init__(self, network: CapitalNetwork, book: Register) -> None:
        self.network = network
        self.book = book

    def owner(self, group: list[Entry]) -> Owner:
        figures = [entry.figure for entry in group if entry.figure]
        own = sum((entry.own for entry in group if entry.own), NONE)
        percent = _value(own, tuple(reading for figure in figures for reading in figure.readings))
        if len(figures) == 1:
            percent = said(figures[0])
        bases = {figure.basis for figure in figures}
        return Owner(
            holder=self.network.node(group[0].holder).name,
            instruments=self._instruments(group),
            percent=percent,
            counted=_value(sum((entry.net for entry in group), NONE), percent.readings),
            basis=bases.pop() if len(bases) == 1 else "",
            as_of=min((figure.as_of for figure in figures), default=None),
            confidence=self._least_confidence(figures),
            disputed=sum(figure.disputed for figure in figures),
            remarks=_once(remark for entry in group for remark in self._remarks(entry)),
            stakes=tuple(entry.link.id for entry in group),
            readings=percent.readings,
            sources=_sources(group),
        )

    def unsized(self, group: list[Entry]) -> UnsizedOwner:
        high = min(WHOLE, max(entry.net.high for entry in group))
        implied = [found for entry in group if (found := implied_percent(self.network, entry.link))]
        remarks = [remark for entry in group for remark in self._remarks(entry)]
        remarks += [told for entry in group for told in _size(self.network, entry.link)]
        remarks += [note("ownership.implied", percent=percent) for percent in implied]
        readings = [id for percent in implied for id in percent.readings]
        readings += [id for entry in group if entry.figure for id in entry.figure.readings]
        readings += [id for entry in group for id in _size_readings(self.network, entry.link)]
        return UnsizedOwner(
            holder=self.network.node(group[0].holder).name,
            instruments=self._instruments(group),
            bounds=Value(None, "percent", Decimal(0), high),
            remarks=_once(remarks),
            stakes=tuple(entry.link.id for entry in group),
            readings=tuple(dict.fromkeys(readings)),
            sources=_sources(group),
        )

    def beside(self, link: Link) -> BesideOwner:
        figure = link.percent
        return BesideOwner(
            holder=self.network.node(link.source).name,
            instruments=tuple(code for code in [instrument(self.network, link)] if code),
            percent=said(figure) if figure else None,
            basis=figure.basis if figure else "",
            as_of=figure.as_of if figure else None,
            confidence=figure.confidence if figure else "",
            remarks=tuple(stake_remarks(self.network, link)),
            stakes=(link.id,),
            readings=figure.readings if figure else (),
            sources=stake_sources(link),
        )

    def _instruments(self, group: list[Entry]) -> tuple[Code, ...]:
        found = (instrument(self.network, entry.link) for entry in group)
        return tuple({code.code: code for code in found if code}.values())

    def _least_confidence(self, figures: Sequence[Figure]) -> str:
        order = {code.code: place for place, code in enumerate(self.network.ontology.codes("confidence").values())}
        return max((figure.confidence for figure in figures), key=lambda code: order.get(code, 0), default="")

    def _remarks(self, entry: Entry) -> Iterator[Note]:
        container = self.book.entry(entry.within)
        if container is not None:
            yield note("ownership.part_of", holder=self.network.node(container.holder).name)
        if entry.own is not None and entry.parts.high:
            exceeds = entry.parts.value > entry.own.value
            yield note("ownership.parts_exceed" if exceeds else "ownership.less_parts", percent=_value(entry.parts))
        if entry.own is None and entry.figure is not None:
            yield note("ownership.too_old", percent=said(entry.figure), as_of=entry.figure.as_of)
        else:
            yield from _doubts(entry.figure)
        yield from stake_remarks(self.network, entry.link)


def stake_remarks(network: CapitalNetwork, link: Link) -> Iterator[Note]:
    """What has to be said of a stake beside its numbers: votes, whose it is in a house, dates, where it comes from."""
    votes = network.derived.figure(link.id, "votes_percent")
    if votes is not None:
        yield note("ownership.votes", percent=said(votes))
    changes = network.derived.changed_on(link.id)
    since = [day for day in changes if link.percent and link.percent.as_of.last < day <= network.scope.clocks.as_of]
    if since:
        yield note("ownership.changed_since", days=tuple(sorted(set(since))))
    holder = own_holder(network, link)
    if node_id(holder.id) != link.source:
        yield note("ownership.through", holder=holder)
    for flag in ("date_inexact", "end_not_public"):
        if flag in link.flags:
            yield note(f"flag.{flag}")
    if link.row.derived:
        yield note("ownership.derived")


def _size(network: CapitalNetwork, link: Link) -> Iterator[Note]:
    """What is known of the size of a stake without a percent: its worth, else what was paid for it."""
    values, cost = valuations(network, link), network.derived.figure(link.id, "cost")
    if values:
        yield note("ownership.worth", worth=values[0].worth, as_of=values[0].as_of)
    elif cost is not None:
        yield note("ownership.cost", cost=said(cost))


def _size_readings(network: CapitalNetwork, link: Link) -> tuple[str, ...]:
    values, cost = valuations(network, link), network.derived.figure(link.id, "cost")
    return values[0].worth.readings if values else cost.readings if cost else ()


def _by_size(network: CapitalNetwork, entries: Sequence[Entry]) -> list[Entry]:
    """Stakes without a percent, those worth most first, then those that cost most; where neither is known, by id."""

    def rank(entry: Entry) -> tuple[Decimal, Decimal, str]:
        values, cost = valuations(network, entry.link), network.derived.figure(entry.link.id, "cost")
        worth = in_usd(network, values[0]) if values else None
        paid = network.derived.usd(cost) if cost else None
        return -(worth or Decimal(0)), -(paid or Decimal(0)), entry.link.id

    return sorted(entries, key=rank)


def _doubts(figure: Figure | None) -> Iterator[Note]:
    if figure is not None and figure.disputed:
        yield note("figure.disputed", count=figure.disputed)
    if figure is not None and figure.stale:
        yield note("figure.stale")
    if figure is not None and figure.undated:
        yield note("figure.undated")


def _once(notes: Iterable[Note]) -> tuple[Note, ...]:
    found: list[Note] = []
    for each in notes:
        if each not in found:
            found.append(each)
    return tuple(found)


def said(figure: Figure) -> Value:
    """A percent as the sources have it."""
    return Value(figure.value, figure.unit, figure.low, figure.high, figure.readings)


def stake_sources(link: Link) -> tuple[str, ...]:
    """The sources of a stake's percent, then those that say it exists."""
    return tuple(dict.fromkeys((*(link.percent.sources if link.percent else ()), *link.sources)))


def _sources(group: list[Entry]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(source for entry in group for source in stake_sources(entry.link)))


# Notes ----------------------------------------------------------------------------------------------------------------


def _notes(whole: CapitalNetwork, network: CapitalNetwork, book: Register, diluted: bool) -> Iterator[Note]:
    issuer = network.node(book.issuer).name
    yield from refusals(network, book)
    if book.empty:
        yield note("ownership.only_beside" if book.beside else "ownership.no_owners", issuer=issuer)
    if book.rounding:
        yield note("ownership.rounding", percent=_value(Share.of(WHOLE + book.rounding)))
    if book.computable and book.unsized:
        yield note("ownership.unsized", count=len(book.unsized))
    if diluted and any(not entry.link.row.derived for entry in book.entries):
        yield note("ownership.diluted")
    elif book.beside:
        yield note("ownership.beside")
    unstarted = [link for link in whole.unstarted_to(book.issuer) if instrument(whole, link)]
    if unstarted:
        yield note("ownership.unstarted_owners", holders=tuple(whole.node(link.source).name for link in unstarted))
    yield from ends_not_public(network, network.links_to(book.issuer))


def refusals(network: CapitalNetwork, book: Register) -> Iterator[Note]:
    """Why sums over a register mean nothing, with its rows by name."""
    issuer = network.node(book.issuer).name
    if book.wrong:
        yield note("ownership.wrong", issuer=issuer, stakes=book.wrong)
    if book.oversubscribed:
        stakes = tuple(entry.link.id for entry in book.entries)
        yield note("ownership.oversubscribed", issuer=issuer, percent=_value(book.counted), stakes=stakes)


def ends_not_public(network: CapitalNetwork, links: Iterable[Link]) -> Iterator[Note]:
    """A sentence for every stake that had ended by the asked day although nobody could know."""
    for link in links:
        end = network.derived.life(link.row).end
        if "end_not_public" in link.flags and end is not None and instrument(network, link):
            yield note(
                "ownership.end_not_public",
                holder=network.node(link.source).name,
                issuer=network.node(link.target).name,
                end=end.span,
                known=end.known,
            )

"""Who cannot deliver without a party or product: by technology, supply and money, directly and through others."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import MISSING, dataclass
from typing import Any

from capgraph.analysis.measures import is_aggregate, shaping_code
from capgraph.analysis.sentences import Step, citations, confidence, sentence, sources
from capgraph.analysis.walks import Arc, best_walks
from capgraph.errors import UsageProblem
from capgraph.names import Name
from capgraph.network import CapitalNetwork, Link
from capgraph.ontology import Code, Words
from capgraph.readings import Figure
from capgraph.results import Context, Note, Result, hidden, note, section

CHANNELS = ("technology", "supply", "money")
"""Through what one needs another: what it builds on, what it is delivered, what it is paid."""

NEEDS, REPLACES = "depends_on", "substitutes_for"
"""The relations that say that something is needed, and that something can take its place."""


@dataclass(frozen=True, slots=True)
class Need:
    """One link read as a need: ``who`` cannot deliver, or can deliver less, without ``what``."""

    who: str
    what: str
    channel: str
    link: Link

    @property
    def step(self) -> Step:
        """The link told from the side of whoever has the need."""
        return Step(self.link, back=self.link.source != self.who)


@dataclass(frozen=True, slots=True)
class Dependent:
    """A party or product that needs the asked one, at the end of ``links`` needs. ``next_to`` is whom it needs itself,
    through ``channel``; ``substitutes`` can take the place of that one. ``known_share`` is a share of its business that
    a source gives."""

    dependent: Name
    links: int
    next_to: Name
    channel: Code
    known_share: Figure | None
    substitutes: tuple[Name, ...]
    sentence: Note = hidden(MISSING)
    cited: tuple[Note, ...] = hidden()
    route: tuple[Name, ...] = hidden()
    ids: tuple[str, ...] = hidden()
    confidence: str = hidden("")
    readings: tuple[str, ...] = hidden()
    sources: tuple[str, ...] = hidden()


@dataclass(frozen=True, slots=True)
class Substitute:
    """What can take the place of the asked party or product, as some source says."""

    substitute: Name
    replaces: Name
    sentence: Note = hidden(MISSING)
    cited: tuple[Note, ...] = hidden()
    link: str = hidden("")
    sources: tuple[str, ...] = hidden()


@dataclass(frozen=True, slots=True)
class Dependencies(Result):
    """Who needs one party or product. ``direct`` need it themselves, ``through_others`` only by way of these."""

    thing: Name = hidden(MISSING)
    direct: int = hidden(MISSING)
    through_others: int = hidden(MISSING)
    max_hops: int = hidden(MISSING)
    dependents: tuple[Dependent, ...] = section(Dependent)
    substitutes: tuple[Substitute, ...] = section(Substitute)

    def told(self) -> tuple[tuple[int, Any], ...]:
        """The needs as sentences, direct ones first, each with its sources; then the substitutes."""
        return tuple(self._lines())

    def _lines(self) -> Iterator[tuple[int, Any]]:
        if not self.dependents:
            yield 0, note("dependency.none", thing=self.thing, max_hops=self.max_hops)
        for links in sorted({row.links for row in self.dependents}):
            rows = [row for row in self.dependents if row.links == links]
            yield 0, note("dependency.direct" if links == 1 else "dependency.through", count=len(rows), links=links)
            for row in rows:
                yield 1, note("dependency.need", channel=row.channel, sentence=row.sentence)
                yield from ((2, cited) for cited in row.cited)
        yield 0, note("dependency.substitutes" if self.substitutes else "dependency.no_substitute", thing=self.thing)
        for other in self.substitutes:
            yield 1, other.sentence
            yield from ((2, cited) for cited in other.cited)
        others = {row.next_to: row.substitutes for row in self.dependents if row.links > 1 and row.substitutes}
        if others:
            yield 0, note("dependency.on_the_way")
        for name, substitutes in sorted(others.items()):
            yield 1, note("dependency.replaceable", thing=name, substitutes=substitutes)


def dependencies(
    network: CapitalNetwork,
    thing: str,
    context: Context,
    *,
    max_hops: int = 2,
    channels: Collection[str] = CHANNELS,
    group: Collection[str] = (),
) -> Dependencies:
    """Everyone who needs a party or product, by the shortest chain of needs.

    A need runs along one link, in the direction that its channel gives:

    - technology: who ``depends_on`` what; a product needs its maker, and a maker needs its product to be there;
    - supply: in the contract layer, who pays needs who delivers;
    - money: who awaits payment needs who owes it: suppliers their customers, borrowers their lenders, payees of
      promised payments their payers. Stakes are no need: their money was paid.

    A chain passes technology and supply on; a need for money only begins one, because who loses a customer can still
    deliver to others (where it cannot, a source says that it ``depends_on`` the customer).

    Needs are as the sources tell them: no link is no proof of independence, and a chain does not say how much is lost.

    Parameters
    ----------
    thing : node id of the party or product
    max_hops : the longest chain of needs, 1 to 4
    channels : only needs of these channels
    group : further nodes that stand for the same house

    Returns a result with one row for every dependent (its shortest chain; among equals technology before supply before
    money) and the known substitutes of ``thing``. Raises UsageProblem for a wrong parameter.

    >>> [row.dependent.id for row in capgraph.load().depends("smic", max_hops=1).dependents]        # doctest: +SKIP
    ['product/huawei-ascend', 'huawei']
    """
    unknown = [channel for channel in channels if channel not in CHANNELS]
    if unknown or not 1 <= max_hops <= 4:
        raise UsageProblem(f"chains have 1 to 4 needs; the channels are: {', '.join(CHANNELS)}")
    needs = [need for need in needs_of(network) if need.channel in channels]
    arcs = _arcs(needs)
    house = {thing, *group}
    chains = _chains(arcs, thing, house, max_hops)
    rows = tuple(_row(network, [arcs[arc] for arc in chain]) for chain in chains)
    return Dependencies(
        thing=network.node(thing).name,
        direct=sum(row.links == 1 for row in rows),
        through_others=sum(row.links > 1 for row in rows),
        max_hops=max_hops,
        dependents=rows,
        substitutes=tuple(_substitutes(network, thing)),
        context=context,
        notes=(note("dependency.as_told"),),
    )


def needs_of(network: CapitalNetwork) -> list[Need]:
    """Every need that the links of a network tell of."""
    return [
        need
        for link in network.links
        for need in _needs(network, link)
        if need.who != need.what and not (is_aggregate(network, need.who) or is_aggregate(network, need.what))
    ]


def _needs(network: CapitalNetwork, link: Link) -> Iterator[Need]:
    code = shaping_code(network, link)
    if link.id in (link.source, link.target):
        # A product is both a node and the link from its maker: neither is there without the other.
        yield Need(link.target, link.source, "technology", link)
        yield Need(link.source, link.target, "technology", link)
    elif code is not None and code.scheme == "relation" and code.code == NEEDS:
        yield Need(link.source, link.target, "technology", link)
    if link.kind.money == "none" or (link.layer == "equity" and not link.kind.flow):
        return
    payer, payee = (link.source, link.target) if link.kind.money == "forward" else (link.target, link.source)
    yield Need(payee, payer, "money", link)
    if link.layer == "contract":
        yield Need(payer, payee, "supply", link)


def _arcs(needs: Iterable[Need]) -> dict[Arc, Need]:
    """The needs as arcs from who needs to what is needed; a shorter chain first, then the channel, then the id."""
    found = {}
    for need in needs:
        place = float(CHANNELS.index(need.channel))
        found[Arc(need.who, need.what, f"{need.link.id} {need.channel}", (1.0, place))] = need
    return found


def _chains(arcs: Mapping[Arc, Need], thing: str, house: Collection[str], max_hops: int) -> list[tuple[Arc, ...]]:
    """The best chain from every dependent to the thing, shortest first, then by the name of the dependent."""
    merged: dict[Arc, Arc] = {}
    for arc in arcs:
        start, end = (thing if node in house else node for node in (arc.start, arc.end))
        if start != end and start != thing:
            merged[Arc(start, end, f"{arc.key} {arc.start} {arc.end}", arc.cost)] = arc
    best = {}
    passing = [arc for arc, own in merged.items() if arcs[own].channel != "money"]
    for start in sorted({arc.start for arc in merged}):
        owed = [arc for arc, own in merged.items() if arc.start == start and arcs[own].channel == "money"]
        chain = next(best_walks([*passing, *owed], start, thing, ["add", "add"], max_hops), None)
        if chain is not None:
            best[start] = tuple(merged[arc] for arc in chain)
    return sorted(best.values(), key=lambda chain: (len(chain), chain[0].cost, chain[0].start))


def _row(network: CapitalNetwork, chain: list[Need]) -> Dependent:
    first = chain[0]
    told = sources(first.link)
    best = confidence(network, first.link)
    words = network.ontology.words(f"channel.{first.channel}")
    return Dependent(
        dependent=network.node(first.who).name,
        links=len(chain),
        next_to=network.node(first.what).name,
        channel=Code("need-channel", first.channel, words or Words(first.channel, ""), Words("", "")),
        known_share=first.link.percent,
        substitutes=tuple(name for name, _ in _replacing(network, first.what)),
        sentence=sentence(network, first.step),
        cited=citations(network, told),
        route=(network.node(first.who).name, *(network.node(need.what).name for need in chain)),
        ids=tuple(need.link.id for need in chain),
        confidence=best.code if best else "",
        readings=first.link.readings,
        sources=told,
    )


def _replacing(network: CapitalNetwork, thing: str) -> list[tuple[Name, Link]]:
    """What can take the place of a thing, each once, with the link that says so."""
    found: dict[str, Link] = {}
    for link in sorted(network.links_to(thing), key=lambda link: link.id):
        code = shaping_code(network, link)
        if code is not None and code.scheme == "relation" and code.code == REPLACES:
            found.setdefault(link.source, link)
    return [(network.node(node).name, link) for node, link in sorted(found.items())]


def _substitutes(network: CapitalNetwork, thing: str) -> Iterator[Substitute]:
    for name, link in _replacing(network, thing):
        told = sources(link)
        yield Substitute(
            substitute=name,
            replaces=network.node(thing).name,
            sentence=sentence(network, Step(link)),
            cited=citations(network, told),
            link=link.id,
            sources=told,
        )

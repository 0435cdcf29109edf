"""Who stands between two parties: gates that money from one must pass, and the smallest cuts that part two."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import MISSING, dataclass
from decimal import Decimal
from typing import Any

from capgraph.analysis.chokepoints import layer_notes
from capgraph.analysis.measures import usd_amount
from capgraph.analysis.mechanisms import direction, heads_of_houses, money_links
from capgraph.analysis.routes import Hop, hop_of
from capgraph.analysis.sentences import Step
from capgraph.analysis.separation import cheapest_cut, dominated, reachable, smallest_separator
from capgraph.errors import UsageProblem
from capgraph.names import Name
from capgraph.network import CapitalNetwork, Link
from capgraph.results import Context, Result, Value, hidden, note, section

_USD = "USD"

_SUCH_AS = 5
"""How many of those behind a gate a table names."""


# From one party -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Gate:
    """A party that all money from the source must pass on its way to so many others. ``ids`` are the links by which it
    and those behind it pay on."""

    party: Name
    commands: int
    such_as: tuple[Name, ...]
    commanded: tuple[Name, ...] = hidden()
    ids: tuple[str, ...] = hidden()
    sources: tuple[str, ...] = hidden()


@dataclass(frozen=True, slots=True)
class Gates(Result):
    """The dominators of one party's money: who stands between it and whom. ``reached`` parties can get money from it,
    ``behind_gates`` of them only through somebody named here."""

    source: Name = hidden(MISSING)
    reached: int = hidden(MISSING)
    behind_gates: int = hidden(MISSING)
    gates: tuple[Gate, ...] = section(Gate)


def gates(network: CapitalNetwork, source: str, context: Context, *, top: int = 10, group: bool = False) -> Gates:
    """The parties that every money route from a source must pass to reach others.

    Party d is a gate of v where each chain of payments from the source to v passes d (a dominator). Money runs as in
    :func:`capgraph.analysis.mechanisms.money_links`: payments, standing loans, contracts, at or above the rung.

    Examples
    --------
    >>> capgraph.load().gates("softbank-group").gates[0].party.id                                    # doctest: +SKIP
    'nvidia'

    References
    ----------
    T. Lengauer, R. E. Tarjan, "A fast algorithm for finding dominators in a flowgraph" (1979).
    """
    heads = heads_of_houses(network) if group else {}
    start = heads.get(source, source)
    money = money_links(network, heads=heads)
    arcs = {direction(link) for link in money}
    found = dominated(arcs, start)
    ranked = sorted(found.items(), key=lambda entry: (-len(entry[1]), entry[0]))
    return Gates(
        source=network.node(start).name,
        reached=len(reachable(arcs, start)),
        behind_gates=len({node for commanded in found.values() for node in commanded}),
        gates=tuple(_gate(network, node, behind, money) for node, behind in ranked[:top]),
        context=context,
        notes=(note("chokepoint.gates"),),
    )


def _gate(network: CapitalNetwork, node: str, behind: Sequence[str], money: Iterable[Link]) -> Gate:
    passing = {node, *behind}
    links = [link for link in money if direction(link)[0] in passing and direction(link)[1] in behind]
    return Gate(
        party=network.node(node).name,
        commands=len(behind),
        such_as=_names(network, behind[:_SUCH_AS]),
        commanded=_names(network, behind),
        ids=tuple(link.id for link in links),
        sources=tuple(dict.fromkeys(source for link in links for source in link.sources[:1])),
    )


def _names(network: CapitalNetwork, nodes: Iterable[str]) -> tuple[Name, ...]:
    return tuple(network.node(node).name for node in nodes)


# Between two parties --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Separators(Result):
    """How much must go before two parties are apart.

    ``parties``: the fewest other parties whose loss leaves no tie (None where the two are tied directly); ``links``:
    how many links at least; ``money_there`` and ``money_back``: the least amount whose loss stops all known money from
    the one to the other, and the other way. ``hops`` are the links of the three cuts, ``path`` 1, 2, 3 in that order.
    """

    one: Name = hidden(MISSING)
    other: Name = hidden(MISSING)
    parties: tuple[Name, ...] = hidden(MISSING)
    tied_directly: bool = hidden(MISSING)
    links: int = hidden(MISSING)
    money_there: Value = hidden(MISSING)
    money_back: Value = hidden(MISSING)
    hops: tuple[Hop, ...] = section(Hop)

    def told(self) -> tuple[tuple[int, Any], ...]:
        """The cuts as lines, each with its links and their sources."""
        return tuple(self._lines())

    def _lines(self) -> Iterator[tuple[int, Any]]:
        ends = {"one": self.one, "other": self.other}
        if self.tied_directly:
            yield 0, note("separator.direct", **ends)
        else:
            yield 0, note("separator.parties", count=len(self.parties), parties=self.parties)
        yield 0, note("separator.links", count=self.links)
        yield from self._cut(1)
        for number, payer, payee, amount in (
            (2, self.one, self.other, self.money_there),
            (3, self.other, self.one, self.money_back),
        ):
            key = "separator.money" if amount.value else "separator.no_money"
            yield 0, note(key, payer=payer, payee=payee, amount=amount)
            yield from self._cut(number)

    def _cut(self, number: int) -> Iterator[tuple[int, Any]]:
        for hop in self.hops:
            if hop.path == number:
                yield 1, hop.sentence
                yield from ((2, cited) for cited in hop.cited)


def separators(
    network: CapitalNetwork, one: str, other: str, context: Context, *, layers: Collection[str] = ()
) -> Separators:
    """The smallest cuts between two parties, by parties, by links and by money.

    Parties and links are cut in the undirected network of all links (or of ``layers``), parallel links one by one.
    Money is cut along its direction, over payments, standing loans and contracts; a link whose amount is not known in
    dollars is no part of the flow, so the sum is what is known to run. By the theorem of Ford and Fulkerson each
    smallest cut equals the largest flow.

    Raises UsageProblem for two names of one party or an unknown layer.

    Examples
    --------
    >>> capgraph.load().separators("openai", "oracle").money_there.value                             # doctest: +SKIP
    Decimal('300000000000')

    References
    ----------
    L. R. Ford, D. R. Fulkerson, "Maximal flow through a network" (1956); K. Menger, "Zur allgemeinen Kurventheorie"
    (1927).
    """
    if one == other:
        raise UsageProblem(f"a cut needs two different parties; both names mean {one!r}")
    notes = layer_notes(network, layers, "separator.layers")
    links = [link for link in network.links if (not layers or link.layer in layers) and link.source != link.target]
    pairs = {(link.source, link.target) for link in links}
    parties = smallest_separator(pairs, one, other)
    count, tie_hops = _link_cut(network, links, one, other)
    there, there_hops = _money_cut(network, one, other, 2)
    back, back_hops = _money_cut(network, other, one, 3)
    return Separators(
        one=network.node(one).name,
        other=network.node(other).name,
        parties=_names(network, parties or ()),
        tied_directly=parties is None,
        links=count,
        money_there=there,
        money_back=back,
        hops=(*tie_hops, *there_hops, *back_hops),
        context=context,
        notes=(note("separator.known_money"), *notes),
    )


def _link_cut(network: CapitalNetwork, links: Sequence[Link], one: str, other: str) -> tuple[int, list[Hop]]:
    """The fewest links whose loss leaves no tie, and these links as rows of the first cut."""
    capacities: dict[tuple[str, str], int] = {}
    for link in links:
        for pair in ((link.source, link.target), (link.target, link.source)):
            capacities[pair] = capacities.get(pair, 0) + 1
    count, crossing = cheapest_cut(capacities, one, other)
    cut = {frozenset(pair) for pair in crossing}
    return count, _hops(network, (link for link in links if frozenset((link.source, link.target)) in cut), 1)


def _money_cut(network: CapitalNetwork, payer: str, payee: str, number: int) -> tuple[Value, list[Hop]]:
    """The least known money whose loss stops all of it from payer to payee, and the links of that cut."""
    known = [(link, amount) for link in money_links(network) if (amount := usd_amount(network, link)) is not None]
    capacities: dict[tuple[str, str], int] = {}
    for link, amount in known:
        capacities[direction(link)] = capacities.get(direction(link), 0) + round(amount)
    total, crossing = cheapest_cut(capacities, payer, payee)
    cut = [link for link, _ in known if direction(link) in crossing]
    readings = tuple(dict.fromkeys(id for link in cut if link.amount for id in link.amount.readings))
    return Value(Decimal(total), _USD, readings=readings), _hops(network, cut, number)


def _hops(network: CapitalNetwork, links: Iterable[Link], number: int) -> list[Hop]:
    ordered = sorted(links, key=lambda link: (link.source, link.target, link.id))
    return [hop_of(network, number, place, Step(link)) for place, link in enumerate(ordered, 1)]

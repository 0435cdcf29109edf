"""Where the network is thin: parties that money cannot avoid, ties without a second one, things nothing replaces."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import MISSING, dataclass
from decimal import Decimal

from capgraph.analysis.mechanisms import direction, heads_of_houses, money_links
from capgraph.analysis.separation import bridges, cut_points, passages
from capgraph.errors import UsageProblem
from capgraph.names import Name
from capgraph.network import PROMISE, CapitalNetwork, Link
from capgraph.results import Context, Note, Result, Value, hidden, note, section

MAX_LENGTH = 4
"""The longest money path that is counted, in payments."""

_SUCH_AS = 3
"""How many of those cut off a table names."""

_NEEDS, _REPLACES = "depends_on", "substitutes_for"
"""The relations that say that something is needed, and that something can take its place."""

# The whole network ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Removal:
    """What the loss of one party does to money: paths through it of all, the same for paid money alone, and ordered
    pairs of others between whom no money can run any more."""

    party: Name
    paths_lost: int
    path_share: Value
    paid_paths_lost: int
    pairs_cut: int


@dataclass(frozen=True, slots=True)
class CutPoint:
    """A party whose loss splits the network: so many others lose every tie to the largest piece that is left."""

    party: Name
    cut_off: int
    such_as: tuple[Name, ...]
    all_cut_off: tuple[Name, ...] = hidden()


@dataclass(frozen=True, slots=True)
class OnlyTie:
    """Two parties whose ties (``links`` of them) are all that holds a piece of several parties to the rest."""

    one: Name
    other: Name
    links: int
    cut_off: int
    such_as: tuple[Name, ...]
    ids: tuple[str, ...] = hidden()
    sources: tuple[str, ...] = hidden()


@dataclass(frozen=True, slots=True)
class SoleProduct:
    """A product for which the data know no substitute: who makes it, what it needs, who needs it."""

    product: Name
    makers: tuple[Name, ...]
    needs: tuple[Name, ...]
    needed_by: tuple[Name, ...]
    ids: tuple[str, ...] = hidden()
    sources: tuple[str, ...] = hidden()


@dataclass(frozen=True, slots=True)
class SoleSupplier:
    """A party that others depend on and for which the data know no substitute."""

    party: Name
    needed_by: tuple[Name, ...]
    ids: tuple[str, ...] = hidden()
    sources: tuple[str, ...] = hidden()


@dataclass(frozen=True, slots=True)
class Chokepoints(Result):
    """Where the whole network is thin. ``money_paths`` counts simple money paths of 2 to ``max_length`` payments."""

    money_paths: int
    max_length: int = hidden(MISSING)
    removals: tuple[Removal, ...] = section(Removal)
    cut_points: tuple[CutPoint, ...] = section(CutPoint)
    only_ties: tuple[OnlyTie, ...] = section(OnlyTie)
    sole_products: tuple[SoleProduct, ...] = section(SoleProduct)
    sole_suppliers: tuple[SoleSupplier, ...] = section(SoleSupplier)


def chokepoints(
    network: CapitalNetwork,
    context: Context,
    *,
    layers: Collection[str] = (),
    max_length: int = MAX_LENGTH,
    top: int = 10,
    group: bool = False,
) -> Chokepoints:
    """The parties and ties that hold most together, four ways.

    - **Removals**: simple directed money paths of 2 to ``max_length`` payments that run through a party, and ordered
      pairs of others that lose their last money route. Money runs as in :func:`.mechanisms.money_links`.
    - **Cut points**: articulation points of the undirected network of all links (or of ``layers``).
    - **Only ties**: bridges of the same network; a tie that holds a single party is left out, most parties have one.
    - **Sole products and suppliers**: products, and parties that a relation says others depend on, for which no link
      names a substitute.

    Parameters
    ----------
    layers : only links of these layers for cut points and only ties
    max_length : the longest money path, 2 to 6
    top : the most rows of each kind
    group : take every house as one party

    Examples
    --------
    >>> capgraph.load().chokepoints().removals[0].party.id                                           # doctest: +SKIP
    'openai'

    References
    ----------
    J. Hopcroft, R. Tarjan, "Algorithm 447: efficient algorithms for graph manipulation" (1973).
    """
    if not 2 <= max_length <= 6 or top < 1:
        raise UsageProblem("a money path has 2 to 6 payments, and at least one row is to be shown")
    heads = heads_of_houses(network) if group else {}
    money = money_links(network, heads=heads)
    total, removals = _removals(network, money, max_length)
    links = [link for link in network.links if not layers or link.layer in layers]
    edges = {_merged(link, heads) for link in links}
    return Chokepoints(
        money_paths=total,
        max_length=max_length,
        removals=removals[:top],
        cut_points=_cut_points(network, edges)[:top],
        only_ties=_only_ties(network, links, edges, heads)[:top],
        sole_products=_sole_products(network)[:top],
        sole_suppliers=_sole_suppliers(network)[:top],
        context=context,
        notes=(
            note("chokepoint.removals"),
            note("chokepoint.no_substitute"),
            *layer_notes(network, layers, "chokepoint.layers"),
        ),
    )


def _merged(link: Link, heads: dict[str, str]) -> tuple[str, str]:
    one, other = (heads.get(end, end) for end in (link.source, link.target))
    return (one, other) if one <= other else (other, one)


def layer_notes(network: CapitalNetwork, layers: Collection[str], key: str) -> tuple[Note, ...]:
    """What to say of an answer over some layers only. Raises UsageProblem for a layer that there is not."""
    unknown = [layer for layer in layers if layer not in network.ontology.layers]
    if unknown:
        raise UsageProblem(f"there is no layer {unknown[0]!r}; there are: {', '.join(network.ontology.layers)}")
    named = tuple(network.ontology.layers[layer] for layer in layers)
    return (note(key, layers=named),) if named else ()


def _names(network: CapitalNetwork, nodes: Iterable[str]) -> tuple[Name, ...]:
    return tuple(network.node(node).name for node in nodes)


def _removals(network: CapitalNetwork, money: Sequence[Link], max_length: int) -> tuple[int, tuple[Removal, ...]]:
    total, through = passages({direction(link) for link in money}, max_length)
    paid = {direction(link) for link in money if link.rung == PROMISE}
    _, through_paid = passages(paid, max_length)
    ranked = sorted(through.items(), key=lambda entry: (-entry[1].paths, -entry[1].pairs, entry[0]))
    return total, tuple(
        Removal(
            party=network.node(node).name,
            paths_lost=passage.paths,
            path_share=_percent(passage.paths, total),
            paid_paths_lost=through_paid[node].paths if node in through_paid else 0,
            pairs_cut=passage.pairs,
        )
        for node, passage in ranked
    )


def _percent(part: int, whole: int) -> Value:
    return Value(round(Decimal(100 * part) / whole, 1) if whole else Decimal(), "percent")


def _cut_points(network: CapitalNetwork, edges: Collection[tuple[str, str]]) -> tuple[CutPoint, ...]:
    found = sorted(cut_points(edges).items(), key=lambda entry: (-len(entry[1]), entry[0]))
    return tuple(
        CutPoint(network.node(node).name, len(cut), _names(network, cut[:_SUCH_AS]), _names(network, cut))
        for node, cut in found
    )


def _only_ties(
    network: CapitalNetwork, links: Sequence[Link], edges: Collection[tuple[str, str]], heads: dict[str, str]
) -> tuple[OnlyTie, ...]:
    between: dict[tuple[str, str], list[Link]] = {}
    for link in links:
        between.setdefault(_merged(link, heads), []).append(link)
    several = [(pair, cut) for pair, cut in bridges(edges).items() if len(cut) > 1]
    return tuple(
        OnlyTie(
            one=network.node(pair[0]).name,
            other=network.node(pair[1]).name,
            links=len(between[pair]),
            cut_off=len(cut),
            such_as=_names(network, cut[:_SUCH_AS]),
            ids=tuple(sorted({link.id for link in between[pair]})),
            sources=_told_by(between[pair]),
        )
        for pair, cut in sorted(several, key=lambda entry: (-len(entry[1]), entry[0]))
    )


def _sole_products(network: CapitalNetwork) -> tuple[SoleProduct, ...]:
    """Products without a link that something can take their place, the most needed first."""
    replaceable = {link.target for link in network.links if _relation(link) == _REPLACES}
    alone = [
        row.ref for row in network.facts.table("products") if row.ref in network.nodes and row.ref not in replaceable
    ]
    found = []
    for product in alone:
        makers = [link for link in network.links_to(product) if link.id == product]
        needs = [link for link in network.links_from(product) if _relation(link) == _NEEDS]
        needed_by = [link for link in network.links_to(product) if _relation(link) == _NEEDS]
        found.append(
            SoleProduct(
                product=network.node(product).name,
                makers=_ends(network, makers, "source"),
                needs=_ends(network, needs, "target"),
                needed_by=_ends(network, needed_by, "source"),
                ids=tuple(link.id for link in (*makers, *needs, *needed_by)),
                sources=_told_by((*makers, *needs, *needed_by)),
            )
        )
    return tuple(sorted(found, key=lambda row: (-len(row.needed_by), -len(row.needs), row.product.id)))


def _sole_suppliers(network: CapitalNetwork) -> tuple[SoleSupplier, ...]:
    """Parties that others depend on without a link that something can take their place, the most needed first."""
    replaceable = {link.target for link in network.links if _relation(link) == _REPLACES}
    needed: dict[str, list[Link]] = {}
    for link in network.links:
        if _relation(link) == _NEEDS and link.target not in replaceable and network.node(link.target).kind == "party":
            needed.setdefault(link.target, []).append(link)
    return tuple(
        SoleSupplier(
            party=network.node(party).name,
            needed_by=_ends(network, links, "source"),
            ids=tuple(link.id for link in links),
            sources=_told_by(links),
        )
        for party, links in sorted(needed.items(), key=lambda entry: (-len(entry[1]), entry[0]))
    )


def _ends(network: CapitalNetwork, links: Iterable[Link], end: str) -> tuple[Name, ...]:
    return _names(network, sorted({getattr(link, end) for link in links}))


def _told_by(links: Iterable[Link]) -> tuple[str, ...]:
    """The best source of each link."""
    return tuple(dict.fromkeys(source for link in links for source in link.sources[:1]))


def _relation(link: Link) -> str:
    return link.row.cells.get("relation", "")

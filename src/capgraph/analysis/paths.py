"""How two parties are connected: the best simple paths over the links of a network."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import islice

from capgraph.analysis.measures import FORWARD_ONLY, ORDERS, arcs, best_of_parallel, counted_percent, rules, usd_amount
from capgraph.analysis.routes import Paths, paths_of
from capgraph.analysis.sentences import Step
from capgraph.analysis.walks import Arc, Count, best_walks, count_walks
from capgraph.errors import NotFound, UsageProblem
from capgraph.network import CapitalNetwork, Link
from capgraph.results import Context, Note, note
from capgraph.voice import Voice

WIDEST = 6
"""How many links a search for what would help looks ahead."""


@dataclass(frozen=True, slots=True)
class Search:
    """What a search for paths was asked: its ends and its bounds."""

    source: str
    target: str
    max_hops: int = 4
    by: str = "hops"
    layers: tuple[str, ...] = ()
    via: frozenset[str] = frozenset()
    avoid: tuple[str, ...] = ()
    directed: bool = False

    def check(self, network: CapitalNetwork, k: int) -> None:
        """Raises UsageProblem for what cannot be asked."""
        if self.by not in ORDERS:
            raise UsageProblem(f"paths cannot be ranked by {self.by!r}; there are: {', '.join(ORDERS)}")
        unknown = [layer for layer in self.layers if layer not in network.ontology.layers]
        if unknown:
            raise UsageProblem(f"there is no layer {unknown[0]!r}; there are: {', '.join(network.ontology.layers)}")
        if self.source == self.target:
            raise UsageProblem(f"a path needs two different ends; both names mean {self.source!r}")
        if k < 1 or self.max_hops < 1:
            raise UsageProblem("the number of paths and the longest path must be at least 1")
        banned = set(self.avoid) & {self.source, self.target, *self.via}
        if banned:
            raise UsageProblem(f"{min(banned)!r} cannot be an end or a stop of the path and be avoided")

    def steps(self, network: CapitalNetwork, links: Iterable[Link]) -> dict[Arc, Step]:
        """The steps that the search may take."""
        ends = (self.source, self.target)
        return arcs(network, links, self.by, ends, self.layers, self.avoid, self.directed)

    def walks(self, steps: Mapping[Arc, Step]) -> Iterator[list[Step]]:
        """The walks that fit, best first."""
        found = best_walks(steps, self.source, self.target, rules(self.by), self.max_hops, self.via)
        return ([steps[arc] for arc in walk] for walk in found)

    def leads(self, network: CapitalNetwork, more: Iterable[Link] = ()) -> bool:
        """Whether any walk fits, over these links beside those of the network."""
        return next(self.walks(self.steps(network, (*network.links, *more))), None) is not None


class NoPath(NotFound):
    """Nothing connects the two within the bounds. ``note`` says so in any language, and what would widen the search."""

    def __init__(self, told: Note, voice: Voice) -> None:
        self.note = told
        super().__init__(voice.text(told))


def paths(
    network: CapitalNetwork,
    source: str,
    target: str,
    context: Context,
    *,
    k: int = 3,
    max_hops: int = 4,
    by: str = "hops",
    layers: Collection[str] = (),
    via: Collection[str] = (),
    avoid: Collection[str] = (),
    directed: bool = False,
    distinct: bool = False,
) -> Paths:
    """The ``k`` best simple paths from one node to another over the links that stand at the network's clocks.

    All links of a path hold at the same asked day, so a path is contemporaneous. Links are walked both ways unless
    ``directed``; a sentence begins at the end where the walk starts. Parallel links are walked one by one: paths that
    differ in one link are different paths. Aggregates carry no path.

    Parameters
    ----------
    source, target : node ids
    k : how many paths
    max_hops : the longest path, in links
    by : ``hops`` (fewest links; ties of rivalry or partnership last, then lower path rank, then better evidence),
        ``amount`` (largest bottleneck, the least firm amount in US dollars along the path), ``share`` (largest product
        of percents from holder to issuer) or ``evidence`` (least doubtful weakest link, then fewest links)
    layers : only links of these layers; empty for all
    via, avoid : nodes that a path must or must not pass
    directed : walk links only along their orientation
    distinct : of parallel links take only the best, so that paths differ in the parties they pass

    Raises UsageProblem for a wrong parameter, NoPath (exit code 1) where nothing connects the two.

    Notes
    -----
    The product of shares along one path is the share held through this path alone; look-through ownership adds all
    paths. Amounts of a loan with several lenders are those of the whole. Links without an amount or percent are no
    steps when those rank; a note counts them.

    Examples
    --------
    >>> found = capgraph.load(as_of="2026-04-30").path("oracle", "softbank-group", k=2)            # doctest: +SKIP
    >>> [path.links for path in found.paths], found.hops[0].link                                    # doctest: +SKIP
    ([1, 2], 'stake/softbank-group--oracle--common')

    References
    ----------
    J. Y. Yen, "Finding the k shortest loopless paths in a network", Management Science 17 (1971); P. E. Hart,
    N. J. Nilsson, B. Raphael, "A formal basis for the heuristic determination of minimum cost paths" (1968).
    """
    ends = frozenset((source, target))
    search = Search(source, target, max_hops, by, tuple(layers), frozenset(via) - ends, tuple(avoid), directed)
    search.check(network, k)
    steps = search.steps(network, network.links)
    count = count_walks(steps, source, target, max_hops, search.via)
    found = list(islice(search.walks(best_of_parallel(steps) if distinct else steps), k))
    if not found:
        raise no_path(network, search)
    notes = _notes(network, search, count)
    return paths_of(network, found, count, context, max_hops=max_hops, by=by, notes=notes)


def _notes(network: CapitalNetwork, search: Search, count: Count) -> Iterator[Note]:
    yield note(f"path.ranked.{search.by}")
    if search.layers:
        yield note("path.layers", layers=tuple(network.ontology.layers[layer] for layer in search.layers))
    if not count.whole:
        yield note("path.stopped")
    elif count.walks > count.routes:
        yield note("path.routes", paths=count.walks, routes=count.routes)
    left_out = {"amount": usd_amount, "share": counted_percent}.get(search.by)
    if left_out:
        missing = sum(left_out(network, link) is None for link in network.links)
        yield note(f"path.left_out.{search.by}", count=missing, links=len(network.links))


# What would widen the search ------------------------------------------------------------------------------------------


def no_path(network: CapitalNetwork, search: Search) -> NoPath:
    """Says within which bounds nothing was found, and which single change would find a path."""
    hints = tuple(_hints(network, search))
    told = note(
        "path.none" if hints else "path.none_at_all",
        source=network.node(search.source).name,
        target=network.node(search.target).name,
        max_hops=search.max_hops,
        layers=tuple(network.ontology.layers[layer] for layer in search.layers or network.ontology.layers),
        as_of=network.scope.clocks.as_of,
        hints=hints,
    )
    return NoPath(told, Voice(network.ontology, "en"))


def _hints(network: CapitalNetwork, search: Search) -> Iterator[Note]:
    for hops in range(search.max_hops + 1, WIDEST + 1):
        if replace(search, max_hops=hops).leads(network):
            yield note("path.hint.hops", count=hops)
            break
    variants = {
        "layers": replace(search, layers=()),
        "directed": search if search.by in FORWARD_ONLY else replace(search, directed=False),
        "by": replace(search, by="hops"),
        "avoid": replace(search, avoid=()),
        "via": replace(search, via=frozenset()),
    }
    yield from (
        note(f"path.hint.{name}") for name, other in variants.items() if other != search and other.leads(network)
    )
    wider = {"rung": network.promised, "start": network.unstarted}
    yield from (note(f"path.hint.{name}") for name, more in wider.items() if more and search.leads(network, more))

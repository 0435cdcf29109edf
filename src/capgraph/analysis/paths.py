"""How two parties are connected: the best simple paths over the links of a network, each link told and sourced."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import MISSING, dataclass
from decimal import Decimal
from functools import reduce
from itertools import islice
from typing import Any

from capgraph.analysis.measures import FORWARD_ONLY, ORDERS, arcs, best_of_parallel, counted_percent, rules, usd_amount
from capgraph.analysis.sentences import Step, citations, confidence, doubt, joined, sentence, sources
from capgraph.analysis.walks import Count, best_walks, count_walks
from capgraph.clocks import DateSpan
from capgraph.errors import NotFound, UsageProblem
from capgraph.names import Name
from capgraph.network import CapitalNetwork, Link
from capgraph.ontology import Code
from capgraph.readings import Figure
from capgraph.results import Context, Note, Result, Value, hidden, note, section
from capgraph.voice import Voice

WHOLE = Decimal(100)

WIDEST = 6
"""How many links a search for what would help looks ahead."""


@dataclass(frozen=True, slots=True)
class Hop:
    """One link of one path, walked from ``subject`` to ``object``.

    ``backward``: against the orientation in which the link is written. It is number ``parallel`` of the ``of`` links
    between the two. ``sources`` tell of exactly this link; the first stands behind the first figure of the sentence.
    """

    path: int
    hop: int
    sentence: Note
    cited: tuple[Note, ...]
    subject: Name | None = hidden(None)
    object: Name | None = hidden(None)
    link: str = hidden("")
    layer: str = hidden("")
    rung: str = hidden("")
    status: str = hidden("")
    backward: bool = hidden(False)
    parallel: int = hidden(1)
    of: int = hidden(1)
    start: DateSpan | None = hidden(None)
    end: DateSpan | None = hidden(None)
    flags: tuple[str, ...] = hidden()
    percent: Figure | None = hidden(None)
    amount: Figure | None = hidden(None)
    confidence: str = hidden("")
    readings: tuple[str, ...] = hidden()
    sources: tuple[str, ...] = hidden()


@dataclass(frozen=True, slots=True)
class Path:
    """One path as a whole. ``weakest`` is the confidence of its least certain link, ``since`` the day from which all
    its links stand together (None where one has no start), ``bottleneck`` the least amount in US dollars along it (None
    where a link has none), ``share`` the product of its percents (None unless every link is a stake held forward).
    ``inferred``: some link has no stated start, so they stand together since then at the latest."""

    path: int
    links: int
    route: tuple[Name, ...]
    weakest: Code | None
    since: DateSpan | None
    bottleneck: Value | None
    share: Value | None
    inferred: bool = hidden(False)
    ids: tuple[str, ...] = hidden()


@dataclass(frozen=True, slots=True)
class Paths(Result):
    """The best paths between two parties. ``total`` counts all paths within the bound, a lower bound of them where
    counting stopped; ``routes`` counts those that differ in the parties they pass."""

    source: Name = hidden(MISSING)
    target: Name = hidden(MISSING)
    shown: int = hidden(MISSING)
    total: Value = hidden(MISSING)
    routes: Value = hidden(MISSING)
    max_hops: int = hidden(MISSING)
    by: str = hidden(MISSING)
    hops: tuple[Hop, ...] = section(Hop)
    paths: tuple[Path, ...] = section(Path)

    def told(self) -> tuple[tuple[int, Any], ...]:
        """The answer as lines, each with its depth."""
        return tuple(line for path in self.paths for line in self._told(path))

    def _told(self, path: Path) -> Iterator[tuple[int, Any]]:
        yield 0, _heading(path, self.by)
        for hop in self.hops:
            if hop.path == path.path:
                yield 1, hop.sentence
                yield from ((2, cited) for cited in hop.cited)


def _heading(path: Path, by: str) -> Note:
    parts = [note("path.links" if path.links > 1 else "path.link", count=path.links)]
    parts += [note("path.bottleneck", amount=path.bottleneck)] if by == "amount" else []
    parts += [note("path.share", share=path.share)] if path.share and (by == "share" or path.links > 1) else []
    parts += [note("path.weakest", confidence=path.weakest)] if path.weakest else []
    together = "path.together_by" if path.inferred else "path.together"
    parts += [note(together, since=path.since)] if path.since and path.links > 1 else []
    return note("path.heading", path=path.path, parts=joined(parts))


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

    References
    ----------
    J. Y. Yen, "Finding the k shortest loopless paths in a network", Management Science 17 (1971); P. E. Hart,
    N. J. Nilsson, B. Raphael, "A formal basis for the heuristic determination of minimum cost paths" (1968).
    """
    _check(network, source, target, k, max_hops, by, layers, via, avoid)
    steps = arcs(network, network.links, by, (source, target), layers, avoid, directed)
    passed = frozenset(via) - {source, target}
    count = count_walks(steps, source, target, max_hops, passed)
    steps = best_of_parallel(steps) if distinct else steps
    found = list(islice(best_walks(steps, source, target, rules(by), max_hops, passed), k))
    if not found:
        raise _no_path(network, source, target, max_hops, by, layers, passed, avoid, directed)
    walks = [[steps[arc] for arc in walk] for walk in found]
    return Paths(
        source=network.node(source).name,
        target=network.node(target).name,
        shown=len(walks),
        total=_counted(count.walks, count, len(walks)),
        routes=_counted(count.routes, count, 1),
        max_hops=max_hops,
        by=by,
        hops=tuple(
            _hop(network, number, place, step)
            for number, walk in enumerate(walks, 1)
            for place, step in enumerate(walk, 1)
        ),
        paths=tuple(_path(network, number, walk) for number, walk in enumerate(walks, 1)),
        context=context,
        notes=tuple(_notes(network, by, layers, count)),
    )


def _check(
    network: CapitalNetwork,
    source: str,
    target: str,
    k: int,
    max_hops: int,
    by: str,
    layers: Collection[str],
    via: Collection[str],
    avoid: Collection[str],
) -> None:
    if by not in ORDERS:
        raise UsageProblem(f"paths cannot be ranked by {by!r}; there are: {', '.join(ORDERS)}")
    unknown = [layer for layer in layers if layer not in network.ontology.layers]
    if unknown:
        raise UsageProblem(f"there is no layer {unknown[0]!r}; there are: {', '.join(network.ontology.layers)}")
    if source == target:
        raise UsageProblem(f"a path needs two different ends; both names mean {source!r}")
    if k < 1 or max_hops < 1:
        raise UsageProblem("the number of paths and the longest path must be at least 1")
    banned = set(avoid) & {source, target, *via}
    if banned:
        raise UsageProblem(f"{min(banned)!r} cannot be an end or a stop of the path and be avoided")


def _counted(number: int, count: Count, least: int) -> Value:
    """A count, or only a lower bound of it where counting stopped."""
    known = Decimal(max(number, least))
    return Value(known, "") if count.whole else Value(None, "", low=known)


def _hop(network: CapitalNetwork, path: int, place: int, step: Step) -> Hop:
    link = step.link
    told = sources(link)
    best = confidence(network, link)
    return Hop(
        path=path,
        hop=place,
        sentence=sentence(network, step),
        cited=citations(network, told),
        subject=network.node(step.start).name,
        object=network.node(step.end).name,
        link=link.id,
        layer=link.layer,
        rung=link.rung,
        status=link.status,
        backward=step.back,
        parallel=step.place,
        of=step.of,
        start=link.start,
        end=None if "end_not_public" in link.flags else link.end,
        flags=tuple(sorted(link.flags)),
        percent=link.percent,
        amount=link.amount,
        confidence=best.code if best else "",
        readings=link.readings,
        sources=told,
    )


def _path(network: CapitalNetwork, number: int, walk: Sequence[Step]) -> Path:
    links = [step.link for step in walk]
    starts = [link.start for link in links]
    dated = [start for start in starts if start is not None]
    weakest = max(links, key=lambda link: doubt(network, link))
    return Path(
        path=number,
        links=len(walk),
        route=tuple(network.node(node).name for node in (walk[0].start, *(step.end for step in walk))),
        weakest=confidence(network, weakest),
        since=max(dated, key=lambda start: (start.first, start.last)) if len(dated) == len(links) else None,
        bottleneck=_bottleneck(network, links),
        share=_share(network, walk),
        inferred=any("start_inferred" in link.flags for link in links),
        ids=tuple(link.id for link in links),
    )


def _bottleneck(network: CapitalNetwork, links: Sequence[Link]) -> Value | None:
    amounts = [(amount, link) for link in links if (amount := usd_amount(network, link)) is not None]
    if len(amounts) < len(links):
        return None
    least, link = min(amounts, key=lambda pair: pair[0])
    return Value(least, "USD", readings=link.amount.readings if link.amount else ())


def _share(network: CapitalNetwork, walk: Sequence[Step]) -> Value | None:
    """The product of the percents of a chain of stakes, in percent, with the products of their bounds."""
    if any(step.back or counted_percent(network, step.link) is None for step in walk):
        return None
    figures = [step.link.percent for step in walk if step.link.percent is not None]
    value, low, high = (_product(figures, end) for end in ("value", "low", "high"))
    readings = tuple(dict.fromkeys(reading for figure in figures for reading in figure.readings))
    return Value(value, "percent", low, min(high, WHOLE), readings)


def _product(figures: Sequence[Figure], end: str) -> Decimal:
    """The product of percents by one end of their ranges, itself in percent."""
    bounds = [getattr(figure, end) for figure in figures]
    shares = [figure.value if bound is None else bound for figure, bound in zip(figures, bounds, strict=True)]
    return reduce(lambda product, share: product * (share or 0) / WHOLE, shares, WHOLE)


def _notes(network: CapitalNetwork, by: str, layers: Collection[str], count: Count) -> Iterator[Note]:
    yield note(f"path.ranked.{by}")
    if layers:
        yield note("path.layers", layers=tuple(network.ontology.layers[layer] for layer in layers))
    if not count.whole:
        yield note("path.stopped")
    elif count.walks > count.routes:
        yield note("path.routes", paths=count.walks, routes=count.routes)
    left_out = {"amount": usd_amount, "share": counted_percent}.get(by)
    if left_out:
        missing = sum(left_out(network, link) is None for link in network.links)
        yield note(f"path.left_out.{by}", count=missing, links=len(network.links))


# What would widen the search ------------------------------------------------------------------------------------------


def _no_path(
    network: CapitalNetwork,
    source: str,
    target: str,
    max_hops: int,
    by: str,
    layers: Collection[str],
    via: frozenset[str],
    avoid: Collection[str],
    directed: bool,
) -> NoPath:
    """Says within which bounds nothing was found, and which single change would find a path."""
    forward = directed or by in FORWARD_ONLY

    def leads(longest: int = max_hops, **changes: Any) -> bool:
        asked: dict[str, Any] = {"by": by, "layers": layers, "avoid": avoid, "directed": forward, **changes}
        links, order = (*network.links, *asked.pop("more", ())), asked.pop("by")
        steps = arcs(network, links, order, (source, target), **asked)
        return next(best_walks(steps, source, target, rules(order), longest, via), None) is not None

    longer = next((hops for hops in range(max_hops + 1, WIDEST + 1) if leads(hops)), None)
    hints = [note("path.hint.hops", count=longer)] if longer else []
    variants: dict[str, dict[str, Any]] = {
        "layers": {"layers": ()} if layers else {},
        "directed": {"directed": False} if directed and by not in FORWARD_ONLY else {},
        "by": {"by": "hops", "directed": directed} if by != "hops" else {},
        "avoid": {"avoid": ()} if avoid else {},
        "rung": {"more": network.promised} if network.promised else {},
        "start": {"more": network.unstarted} if network.unstarted else {},
    }
    hints += [note(f"path.hint.{name}") for name, change in variants.items() if change and leads(**change)]
    searched = tuple(network.ontology.layers[layer] for layer in layers or network.ontology.layers)
    told = note(
        "path.none" if hints else "path.none_at_all",
        source=network.node(source).name,
        target=network.node(target).name,
        max_hops=max_hops,
        layers=searched,
        as_of=network.scope.clocks.as_of,
        hints=tuple(hints),
    )
    return NoPath(told, Voice(network.ontology, "en"))

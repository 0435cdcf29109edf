"""Paths as answers: every hop a sentence with its sources, every path with its weakest evidence and its amounts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import MISSING, dataclass
from datetime import date
from decimal import Decimal
from functools import reduce
from typing import Any

from capgraph.analysis.measures import counted_percent, usd_amount
from capgraph.analysis.sentences import Step, citations, confidence, doubt, joined, sentence, sources
from capgraph.analysis.walks import Count
from capgraph.clocks import DateSpan
from capgraph.names import Name
from capgraph.network import CapitalNetwork, Link
from capgraph.ontology import Code
from capgraph.readings import Figure
from capgraph.results import Context, Note, Result, Value, hidden, note, section

WHOLE = Decimal(100)


@dataclass(frozen=True, slots=True)
class Hop:
    """One link of one path, walked from ``subject`` to ``object``.

    ``backward``: against the orientation in which the link is written. It is number ``parallel`` of the ``of`` links
    between the two. ``sources`` tell of exactly this link; the first stands behind the first figure of the sentence.
    ``standing``: it stands at the asked day, or it is what :mod:`.between` says.
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
    standing: str = hidden("stands")
    readings: tuple[str, ...] = hidden()
    sources: tuple[str, ...] = hidden()


@dataclass(frozen=True, slots=True)
class Path:
    """One path as a whole. ``weakest`` is the confidence of its least certain link, ``since`` the day from which all
    its links stand together (None where one has no start), ``bottleneck`` the least amount in US dollars along it (None
    where a link has none), ``share`` the product of its percents (None unless every link is a stake held forward).
    ``inferred``: some link has no stated start, so they stand together since then at the latest.
    ``arrival``: the earliest day on which a walk that respects time ends."""

    path: int
    links: int
    route: tuple[Name, ...]
    weakest: Code | None
    since: DateSpan | None
    bottleneck: Value | None
    share: Value | None
    inferred: bool = hidden(False)
    arrival: date | None = hidden(None)
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
    parts += [note(together, since=path.since)] if path.since and path.links > 1 and not path.arrival else []
    parts += [note("path.arrival", arrival=path.arrival)] if path.arrival else []
    return note("path.heading", path=path.path, parts=joined(parts))


def paths_of(
    network: CapitalNetwork,
    walks: Sequence[Sequence[Step]],
    count: Count,
    context: Context,
    *,
    max_hops: int,
    by: str,
    notes: Iterable[Note],
    arrivals: Sequence[date | None] = (),
) -> Paths:
    """Walks between the same two ends as an answer. ``arrivals``: the day on which each arrives, where time matters."""
    numbered = list(enumerate(walks, 1))
    days = arrivals or [None] * len(walks)
    return Paths(
        source=network.node(walks[0][0].start).name,
        target=network.node(walks[0][-1].end).name,
        shown=len(walks),
        total=_counted(count.walks, count, len(walks)),
        routes=_counted(count.routes, count, 1),
        max_hops=max_hops,
        by=by,
        hops=tuple(
            hop_of(network, number, place, step) for number, walk in numbered for place, step in enumerate(walk, 1)
        ),
        paths=tuple(_path(network, number, walk, day) for (number, walk), day in zip(numbered, days, strict=True)),
        context=context,
        notes=tuple(notes),
    )


def _counted(number: int, count: Count, least: int) -> Value:
    """A count, or only a lower bound of it where counting stopped."""
    known = Decimal(max(number, least))
    return Value(known, "") if count.whole else Value(None, "", low=known)


def hop_of(network: CapitalNetwork, path: int, place: int, step: Step, standing: str = "stands") -> Hop:
    """One step as a row: number ``place`` of path number ``path``."""
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
        standing=standing,
        readings=link.readings,
        sources=told,
    )


def _path(network: CapitalNetwork, number: int, walk: Sequence[Step], arrival: date | None) -> Path:
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
        arrival=arrival,
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

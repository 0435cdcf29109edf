"""Paths that respect time: each link happens, or still stands, no earlier than the one before."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, timedelta
from itertools import islice

from capgraph.analysis.measures import rules
from capgraph.analysis.paths import NoPath, Search
from capgraph.analysis.routes import Paths, paths_of
from capgraph.analysis.sentences import Step
from capgraph.analysis.walks import Arc, Count, best_walks
from capgraph.errors import UsageProblem
from capgraph.network import CapitalNetwork, Link
from capgraph.results import Context, note
from capgraph.voice import Voice


def journeys(
    network: CapitalNetwork,
    source: str,
    target: str,
    context: Context,
    start: date,
    end: date,
    *,
    k: int = 3,
    max_hops: int = 4,
    layers: Collection[str] = (),
    via: Collection[str] = (),
    avoid: Collection[str] = (),
    directed: bool = False,
) -> Paths:
    """The ``k`` simple paths from one node to another that arrive first within a window of days.

    A path respects time when its links can be taken on days that never go back: a payment on the days on which it may
    have happened, a state on any day on which it stood. So a stake bought in 2019 and sold in 2021 leads nowhere in
    2023, and money paid in May cannot come from a sale in October. The arrival is the latest first day along the path:
    max over its links of the day from which they can be taken.

    Parameters
    ----------
    network : the flows and states of the window, ``network.during(start, end)``
    start, end : first and last day of the window
    k, max_hops, layers, via, avoid, directed : as in :func:`capgraph.analysis.paths.paths`

    Ranked by the day of arrival, then by the number of links, then as other paths. Dates known to the month or year
    count as possible on each of their days, so an order within such a span is possible, not certain; a note says so.
    Links without any date are no steps. Raises UsageProblem where the window ends before it starts, NoPath (exit code
    1) where no such path exists.

    Examples
    --------
    >>> graph = capgraph.load()                                                                     # doctest: +SKIP
    >>> graph.path("softbank-group", "oracle", window=("2025-01", "2025-12")).paths[0].arrival      # doctest: +SKIP
    datetime.date(2025, 3, 1)

    References
    ----------
    H. Wu, J. Cheng, S. Huang, Y. Ke, Y. Lu, Y. Xu, "Path problems in temporal graphs", VLDB 7 (2014).
    """
    if end < start:
        raise UsageProblem(f"the window ends on {end}, before it starts on {start}")
    ends = frozenset((source, target))
    search = Search(source, target, max_hops, "hops", tuple(layers), frozenset(via) - ends, tuple(avoid), directed)
    search.check(network, k)
    steps: dict[Arc, Step] = {}
    closing: dict[Arc, float] = {}
    for arc, step in search.steps(network, network.links).items():
        days = open_days(step.link, start, end)
        if days is not None:
            timed = Arc(arc.start, arc.end, arc.key, (days[0].toordinal(), *arc.cost))
            steps[timed], closing[timed] = step, days[1].toordinal()
    walks = best_walks(steps, source, target, ["max", *rules("hops")], max_hops, search.via, closing)
    found = list(islice(walks, k + 1))
    if not found:
        raise _no_journey(network, search, start, end)
    count = Count(min(len(found), k), 1, whole=len(found) <= k)
    arrivals = [date.fromordinal(int(max(arc.cost[0] for arc in walk))) for walk in found[:k]]
    told = [[steps[arc] for arc in walk] for walk in found[:k]]
    vague = any(step.link.start is not None and not step.link.start.exact for walk in told for step in walk)
    notes = [note("path.ranked.time"), note("path.window", start=start, end=end)]
    notes += [note("path.vague_order")] if vague else []
    return paths_of(network, told, count, context, max_hops=max_hops, by="time", notes=notes, arrivals=arrivals)


def _no_journey(network: CapitalNetwork, search: Search, start: date, end: date) -> NoPath:
    """Says that nothing arrives in time, and whether something would if the order of dates did not matter."""
    told = note(
        "path.none_in_time" if search.leads(network) else "path.none_in_window",
        source=network.node(search.source).name,
        target=network.node(search.target).name,
        max_hops=search.max_hops,
        start=start,
        end=end,
    )
    return NoPath(told, Voice(network.ontology, "en"))


def open_days(link: Link, start: date, end: date) -> tuple[date, date] | None:
    """The first and last day of a window on which a link can be taken, None where there is none.

    A flow can be taken on the days on which it may have happened, a state from its start to the day before its end.
    """
    if link.start is None:
        return None
    last = end
    if link.kind.flow:
        last = link.start.last
    elif link.end is not None and "end_not_public" not in link.flags:
        last = max(link.end.first - timedelta(days=1), link.start.first)
    days = max(link.start.first, start), min(last, end)
    return days if days[0] <= days[1] else None

"""The search beneath paths and dependencies: simple walks from one node to another, best first. Plain arcs in and out.

A walk is good by several measures at once, compared one after the other: each adds up along the walk (number of links,
logarithm of a share) or is as bad as its worst arc (a bottleneck, the weakest evidence).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from heapq import heappop, heappush
from typing import Literal

Rule = Literal["add", "max"]
Cost = tuple[float, ...]
Walk = tuple["Arc", ...]

FAR = 10**9
"""Further than any walk: no way leads there."""


@dataclass(frozen=True, slots=True, order=True)
class Arc:
    """One step that a walk may take. ``key`` tells parallel arcs apart; ``cost`` has one number a measure, the lower
    the better, none of them below zero where they add up."""

    start: str
    end: str
    key: str
    cost: Cost = ()


def best_walks(
    arcs: Iterable[Arc],
    source: str,
    target: str,
    rules: Sequence[Rule],
    max_hops: int,
    via: frozenset[str] = frozenset(),
    limits: Mapping[Arc, float] | None = None,
) -> Iterator[Walk]:
    """All simple walks of at most ``max_hops`` arcs from one node to another, best first, one after the other.

    Walks compare by their costs in the order of ``rules``, then by the nodes and keys that they pass, so equal walks
    always come in the same order. Walks that differ in a parallel arc are different walks. ``via``: nodes that a walk
    must pass. ``limits``: the most that the first cost of a walk may come to with this arc (a gate that closes).

    The search is best-first with a lower bound for every measure: what is spent, joined with the least that the rest
    can cost, found by one reverse Dijkstra run a measure. A walk leaves the queue only when nothing in it can be
    better, so the first ``k`` walks are the ``k`` best (A* of Hart, Nilsson & Raphael 1968 over simple walks; the same
    lists as Yen 1971).

    >>> arcs = [Arc("a", "b", "1", (1,)), Arc("a", "b", "2", (1,)), Arc("b", "c", "3", (1,)), Arc("a", "c", "4", (3,))]
    >>> [[arc.key for arc in walk] for walk in best_walks(arcs, "a", "c", ["add"], 4)]
    [['1', '3'], ['2', '3'], ['4']]
    """
    arcs = _within(list(arcs), source, target, max_hops)
    onward = _by_start(arcs)
    hops = {node: hops_to(arcs, node) for node in (target, *sorted(via))}
    if source == target or hops[target].get(source, FAR) > max_hops:
        return
    rest = [_least_rest(arcs, target, place, rule) for place, rule in enumerate(rules)]
    nothing = tuple(0.0 if rule == "add" else float("-inf") for rule in rules)
    queue: list[tuple[Cost, tuple[tuple[str, str], ...], str, Cost, Walk]] = [((), (), source, nothing, ())]
    while queue:
        _, trail, node, spent, walk = heappop(queue)
        if node == target:
            yield walk
            continue
        seen = {source, *(arc.end for arc in walk)}
        for arc in onward.get(node, ()):
            if arc.end in seen or _hops_left(arc.end, target, via - seen, hops) > max_hops - len(walk) - 1:
                continue
            cost = _joined(spent, arc.cost, rules)
            if limits is not None and cost[0] > limits[arc]:
                continue
            bound = _joined(cost, tuple(least[arc.end] for least in rest), rules)
            heappush(queue, (bound, (*trail, (arc.end, arc.key)), arc.end, cost, (*walk, arc)))


def _within(arcs: Sequence[Arc], source: str, target: str, max_hops: int) -> list[Arc]:
    """The arcs that lie on some way of at most ``max_hops`` arcs from source to target."""
    home = hops_to(arcs, target, max_hops)
    out = hops_to([Arc(arc.end, arc.start, arc.key) for arc in arcs if arc.start in home], source, max_hops)
    return [arc for arc in arcs if out.get(arc.start, FAR) + 1 + home.get(arc.end, FAR) <= max_hops]


def _joined(one: Cost, other: Cost, rules: Sequence[Rule]) -> Cost:
    return tuple(a + b if rule == "add" else max(a, b) for a, b, rule in zip(one, other, rules, strict=True))


def _by_start(arcs: Iterable[Arc]) -> dict[str, list[Arc]]:
    found: dict[str, list[Arc]] = {}
    for arc in arcs:
        found.setdefault(arc.start, []).append(arc)
    return found


def _hops_left(node: str, target: str, via: frozenset[str], hops: Mapping[str, Mapping[str, int]]) -> int:
    """The least number of arcs from a node to the target by way of the nodes that are still to be passed."""
    least = hops[target].get(node, FAR)
    if node == target:
        return FAR if via else 0
    detours = (hops[stop].get(node, FAR) + hops[target].get(stop, FAR) for stop in via if stop != node)
    return max(least, *detours) if via - {node} else least


def hops_to(arcs: Iterable[Arc], target: str, most: int = FAR) -> dict[str, int]:
    """The least number of arcs, up to ``most``, from every node that can reach the target (breadth-first, backwards).

    >>> hops_to([Arc("a", "b", "1"), Arc("b", "c", "2")], "c")
    {'c': 0, 'b': 1, 'a': 2}
    """
    back: dict[str, set[str]] = {}
    for arc in arcs:
        back.setdefault(arc.end, set()).add(arc.start)
    found = {target: 0}
    frontier = [target]
    while frontier and found[frontier[0]] < most:
        reached = sorted({start for node in frontier for start in back.get(node, ())} - found.keys())
        found.update(dict.fromkeys(reached, found[frontier[0]] + 1))
        frontier = reached
    return found


def _least_rest(arcs: Iterable[Arc], target: str, place: int, rule: Rule) -> dict[str, float]:
    """The least cost from every node to the target by one measure (Dijkstra 1959 backwards, with + or max)."""
    back: dict[str, list[tuple[str, float]]] = {}
    for arc in arcs:
        back.setdefault(arc.end, []).append((arc.start, arc.cost[place]))
    queue = [(0.0 if rule == "add" else float("-inf"), target)]
    found: dict[str, float] = {}
    while queue:
        cost, node = heappop(queue)
        if node in found:
            continue
        found[node] = cost
        for start, price in back.get(node, ()):
            if start not in found:
                heappush(queue, (cost + price if rule == "add" else max(cost, price), start))
    return found


@dataclass(frozen=True, slots=True)
class Count:
    """How many walks there are: ``routes`` differ in the nodes they pass, ``walks`` also in parallel arcs.

    ``whole`` is False where counting stopped at its limit, so that there are at least so many.
    """

    walks: int
    routes: int
    whole: bool


def count_walks(
    arcs: Iterable[Arc],
    source: str,
    target: str,
    max_hops: int,
    via: frozenset[str] = frozenset(),
    limit: int = 100_000,
) -> Count:
    """How many simple walks of at most ``max_hops`` arcs lead from one node to another.

    Depth-first over nodes, pruned by the distance to the target; ``limit`` bounds the number of nodes visited.

    >>> arcs = [Arc("a", "b", "1"), Arc("a", "b", "2"), Arc("b", "c", "3"), Arc("a", "c", "4")]
    >>> count_walks(arcs, "a", "c", 2)
    Count(walks=3, routes=2, whole=True)
    """
    arcs = _within(list(arcs), source, target, max_hops)
    wide: dict[str, dict[str, int]] = {}
    for arc in arcs:
        ends = wide.setdefault(arc.start, {})
        ends[arc.end] = ends.get(arc.end, 0) + 1
    hops = {node: hops_to(arcs, node) for node in (target, *sorted(via))}
    walks = routes = visited = 0
    stack: list[tuple[str, int, tuple[str, ...]]] = [(source, 1, (source,))]
    while stack and visited < limit:
        node, ways, trail = stack.pop()
        visited += 1
        for end, parallel in wide.get(node, {}).items():
            left = max_hops - len(trail)
            if end in trail or _hops_left(end, target, via.difference(trail), hops) > left:
                continue
            if end == target:
                walks, routes = walks + ways * parallel, routes + 1
            else:
                stack.append((end, ways * parallel, (*trail, end)))
    return Count(walks, routes, not stack)

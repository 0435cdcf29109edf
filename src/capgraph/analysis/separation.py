"""What falls apart when something is taken out of a graph. Plain nodes and arcs in, plain values out."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

Arcs = Collection[tuple[str, str]]


def dominated(arcs: Arcs, source: str) -> dict[str, list[str]]:
    """Every node that all routes from the source to some other node must pass, with all nodes that it so commands.

    Node d dominates v where each path from the source to v passes d. The result holds every dominator but the source,
    with the nodes of its part of the dominator tree below it, sorted.

    >>> dominated([("s", "a"), ("a", "b"), ("s", "c"), ("c", "b"), ("b", "d")], "s")
    {'b': ['d']}

    References
    ----------
    T. Lengauer, R. E. Tarjan, "A fast algorithm for finding dominators in a flowgraph" (1979); K. D. Cooper,
    T. J. Harvey, K. Kennedy, "A simple, fast dominance algorithm" (2001), which NetworkX uses.
    """
    import networkx as nx

    graph = _directed(arcs)
    if source not in graph:
        return {}
    above = {node: parent for node, parent in nx.immediate_dominators(graph, source).items() if node != source}
    below: dict[str, set[str]] = {}
    for node in above:
        parent = above[node]
        while parent is not None and parent != source:
            below.setdefault(parent, set()).add(node)
            parent = above[parent]
    return {node: sorted(commanded) for node, commanded in sorted(below.items())}


def cut_points(edges: Arcs) -> dict[str, list[str]]:
    """Every node whose loss splits its part of an undirected graph, with the nodes cut off from the largest piece left.

    Of pieces of the same size the one with the smallest node counts as the largest. (Articulation points, Hopcroft &
    Tarjan 1973; the pieces by one search for each of them.)

    >>> cut_points([("a", "b"), ("b", "c"), ("c", "d"), ("b", "d"), ("c", "a2")])
    {'b': ['a'], 'c': ['a2']}
    """
    import networkx as nx

    graph = _undirected(edges)
    neighbours = {node: set(graph[node]) for node in graph}
    found = {}
    for node in nx.articulation_points(graph):
        pieces, seen = [], {node}
        for start in sorted(neighbours[node]):
            if start not in seen:
                pieces.append(sorted(_piece(neighbours, start, seen)))
        pieces.sort(key=lambda piece: (-len(piece), piece))
        found[node] = sorted(end for piece in pieces[1:] for end in piece)
    return dict(sorted(found.items()))


def _piece(neighbours: Mapping[str, Collection[str]], start: str, seen: set[str]) -> list[str]:
    """All nodes that hang together with a node without passing one of the seen; they are seen then, too."""
    seen.add(start)
    piece = [start]
    for node in piece:
        ahead = [end for end in neighbours[node] if end not in seen]
        seen.update(ahead)
        piece += ahead
    return piece


def bridges(edges: Arcs) -> dict[tuple[str, str], list[str]]:
    """Every pair of nodes whose tie is the only one between two pieces, with the nodes of the smaller piece.

    >>> bridges([("a", "b"), ("b", "c"), ("c", "a"), ("c", "d"), ("d", "e")])
    {('c', 'd'): ['d', 'e'], ('d', 'e'): ['e']}
    """
    import networkx as nx

    graph = _undirected(edges)
    neighbours = {node: set(graph[node]) for node in graph}
    found = {}
    for one, other in (sorted(pair) for pair in nx.bridges(graph)):
        sides = [sorted(_piece(neighbours, start, {end})) for start, end in ((one, other), (other, one))]
        found[one, other] = min(sides, key=lambda side: (len(side), side))
    return dict(sorted(found.items()))


def cheapest_cut(
    capacities: Mapping[tuple[str, str], int], source: str, target: str
) -> tuple[int, list[tuple[str, str]]]:
    """The least capacity of arcs whose loss leaves no route from source to target, and the arcs of such a cut.

    By the theorem of Ford & Fulkerson (1956) it equals the largest flow. Of several cheapest cuts the one nearest to
    the source is returned, so the answer does not depend on the order of the arcs.

    >>> cheapest_cut({("s", "a"): 3, ("a", "t"): 2, ("s", "t"): 1}, "s", "t")
    (3, [('a', 't'), ('s', 't')])
    """
    import networkx as nx

    graph = _directed(sorted(capacities))
    if source not in graph or target not in graph:
        return 0, []
    nx.set_edge_attributes(graph, dict(capacities), "capacity")
    residual: Any = nx.algorithms.flow.preflow_push(graph, source, target)
    reached, frontier = {source}, [source]
    while frontier:
        node = frontier.pop()
        ahead = [end for end, arc in residual[node].items() if arc["flow"] < arc["capacity"] and end not in reached]
        reached.update(ahead)
        frontier += ahead
    crossing = sorted(arc for arc in capacities if arc[0] in reached and arc[1] not in reached)
    return sum(capacities[arc] for arc in crossing), crossing


def smallest_separator(edges: Arcs, one: str, other: str) -> list[str] | None:
    """The fewest nodes whose loss leaves no tie between two others (Menger 1927); None where the two are tied directly.

    >>> smallest_separator([("a", "b"), ("b", "c"), ("a", "d"), ("d", "c"), ("c", "e")], "a", "e")
    ['c']
    """
    pairs = {frozenset(edge) for edge in edges if edge[0] != edge[1]}
    if frozenset((one, other)) in pairs:
        return None
    many = len(pairs) + 1
    capacities: dict[tuple[str, str], int] = {}
    for pair in pairs:
        first, second = sorted(pair)
        for start, end in ((first, second), (second, first)):
            capacities[f"{start} out", f"{end} in"] = many
    for node in {node for pair in pairs for node in pair}:
        capacities[f"{node} in", f"{node} out"] = many if node in (one, other) else 1
    _, crossing = cheapest_cut(capacities, f"{one} in", f"{other} out")
    return sorted(start.removesuffix(" in") for start, _ in crossing)


@dataclass(frozen=True, slots=True)
class Passage:
    """What goes through a node: simple paths with it between their ends, and pairs that lose their only route."""

    paths: int
    pairs: int


def passages(arcs: Arcs, max_length: int) -> tuple[int, dict[str, Passage]]:
    """How many simple directed paths of 2 to ``max_length`` arcs there are, and what each node inside them carries.

    ``paths`` counts those paths that have the node between their ends, ``pairs`` the ordered pairs of other nodes that
    are connected by a route of any length, and by none without the node.

    >>> passages([("a", "b"), ("b", "c"), ("a", "c"), ("c", "d")], 3)
    (4, {'b': Passage(paths=2, pairs=0), 'c': Passage(paths=3, pairs=2)})
    """
    onward: dict[str, list[str]] = {}
    for start, end in sorted(set(arcs)):
        if start != end:
            onward.setdefault(start, []).append(end)
    total, through = _count_through(onward, max_length)
    whole = _reach(onward)
    found = {}
    for node in sorted(through):
        without = _reach(
            {start: [end for end in ends if end != node] for start, ends in onward.items() if start != node}
        )
        pairs = sum(
            len(ends - {node}) - len(without.get(start, set())) for start, ends in whole.items() if start != node
        )
        found[node] = Passage(through[node], pairs)
    return total, found


def _count_through(onward: Mapping[str, list[str]], max_length: int) -> tuple[int, dict[str, int]]:
    total, through = 0, dict[str, int]()
    stack: list[tuple[str, ...]] = [(start,) for start in onward]
    while stack:
        trail = stack.pop()
        if len(trail) > 2:
            total += 1
            for node in trail[1:-1]:
                through[node] = through.get(node, 0) + 1
        if len(trail) <= max_length:
            stack += [(*trail, end) for end in onward.get(trail[-1], ()) if end not in trail]
    return total, through


def _reach(onward: Mapping[str, Iterable[str]]) -> dict[str, set[str]]:
    """Which other nodes each node can reach."""
    whole: dict[str, list[str]] = {end: [] for ends in onward.values() for end in ends}
    whole.update((start, list(ends)) for start, ends in onward.items())
    return {start: set(_piece(whole, start, set())) - {start} for start in onward}


def reachable(arcs: Arcs, source: str) -> set[str]:
    """All other nodes to which some route leads from a node.

    >>> sorted(reachable([("a", "b"), ("b", "c"), ("d", "a")], "a"))
    ['b', 'c']
    """
    onward: dict[str, list[str]] = {source: []}
    for start, end in arcs:
        onward.setdefault(start, []).append(end)
        onward.setdefault(end, [])
    return set(_piece(onward, source, set())) - {source}


def _directed(arcs: Arcs) -> Any:
    import networkx as nx

    graph: Any = nx.DiGraph()
    graph.add_edges_from(arc for arc in sorted(arcs) if arc[0] != arc[1])
    return graph


def _undirected(edges: Arcs) -> Any:
    import networkx as nx

    graph: Any = nx.Graph()
    graph.add_edges_from(edge for edge in sorted(edges) if edge[0] != edge[1])
    return graph

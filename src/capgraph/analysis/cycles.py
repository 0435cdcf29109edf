"""Simple circles of bounded length in a directed graph. Plain nodes in, plain circles out."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

Successors = Mapping[str, Collection[str]]


def bounded_cycles(successors: Successors, max_length: int, through: str = "") -> Iterator[tuple[str, ...]]:
    """Every simple circle of 2 to ``max_length`` nodes once, as its nodes in order of travel.

    Each circle begins at its smallest node, or at ``through`` where only circles through that node are asked. Circles
    come sorted by their first nodes, shorter ones do not come first. Nodes compare as text.

    From every root a depth-first search walks only nodes that are larger than the root and can still come back to it
    in time: their distance to the root, found by one breadth-first search backwards, prunes the rest. The work grows
    with the number of circles found, not with the size of the graph (Gupta & Suzumura 2021; Johnson 1975 without a
    bound). A complete graph of n nodes has sum over k of C(n, k) (k - 1)! circles:

    >>> complete = lambda n: {str(i): [str(j) for j in range(n) if j != i] for i in range(n)}
    >>> [len(list(bounded_cycles(complete(n), n))) for n in (2, 3, 4, 5, 6)]
    [1, 5, 20, 84, 409]
    """
    onward = {node: sorted(set(ends) - {node}) for node, ends in successors.items()}
    backward: dict[str, list[str]] = {}
    for node, ends in onward.items():
        for end in ends:
            backward.setdefault(end, []).append(node)
    roots = [through] if through else sorted(onward)
    for root in roots:
        floor = "" if through else root
        home = _distances(backward, root, max_length - 1, floor)
        yield from _from_root(onward, root, home, max_length)


def _distances(backward: Successors, root: str, most: int, floor: str) -> dict[str, int]:
    """How many steps lead from a node to the root, at most ``most``, over nodes not below ``floor``."""
    found, frontier = {root: 0}, [root]
    for distance in range(1, most + 1):
        near = dict.fromkeys(node for end in frontier for node in backward.get(end, ()))
        frontier = [node for node in near if node >= floor and node not in found]
        found.update(dict.fromkeys(frontier, distance))
    return found


def _from_root(onward: Successors, root: str, home: Mapping[str, int], max_length: int) -> Iterator[tuple[str, ...]]:
    trail = [root]
    ahead = [iter(onward.get(root, ()))]
    while ahead:
        node = next(ahead[-1], None)
        if node is None:
            ahead.pop()
            trail.pop()
        elif node == root and len(trail) > 1:
            yield tuple(trail)
        elif node not in trail and len(trail) + home.get(node, max_length) <= max_length:
            trail.append(node)
            ahead.append(iter(onward.get(node, ())))

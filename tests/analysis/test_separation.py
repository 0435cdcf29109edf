"""What falls apart when something is taken out: published graphs, and brute force over random ones."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import combinations, pairwise, permutations

from hypothesis import given, settings
from hypothesis import strategies as st

from capgraph.analysis.separation import (
    bridges,
    cheapest_cut,
    cut_points,
    dominated,
    passages,
    reachable,
    smallest_separator,
)

Edge = tuple[str, str]

LENGAUER_TARJAN = {
    "R": "ABC", "A": "D", "B": "ADE", "C": "FG", "D": "L", "E": "H", "F": "I", "G": "IJ",
    "H": "EK", "I": "K", "J": "I", "K": "IR", "L": "H",
}  # fmt: skip
"""The flow graph of figure 1 in Lengauer & Tarjan (1979)."""

CLRS = {
    ("s", "1"): 16, ("s", "2"): 13, ("1", "3"): 12, ("2", "1"): 4, ("3", "2"): 9,
    ("2", "4"): 14, ("4", "3"): 7, ("3", "t"): 20, ("4", "t"): 4,
}  # fmt: skip
"""The flow network of figure 26.1 in Cormen, Leiserson, Rivest & Stein."""


def test_the_dominators_of_lengauer_and_tarjan() -> None:
    """Immediate dominators printed there: C of F and G, D of L, G of J, R of all others."""
    arcs = [(start, end) for start, ends in LENGAUER_TARJAN.items() for end in ends]
    assert dominated(arcs, "R") == {"C": ["F", "G", "J"], "D": ["L"], "G": ["J"]}


def test_the_cut_of_clrs_holds_23() -> None:
    total, crossing = cheapest_cut(CLRS, "s", "t")
    assert total == 23
    assert crossing == [("1", "3"), ("4", "3"), ("4", "t")], "the cut printed there"


def test_a_cut_between_what_is_not_connected_costs_nothing() -> None:
    assert cheapest_cut({("a", "b"): 5}, "b", "a") == (0, [])
    assert cheapest_cut({("a", "b"): 5}, "a", "nowhere") == (0, [])


def test_parties_that_are_tied_directly_cannot_be_separated() -> None:
    assert smallest_separator([("a", "b"), ("b", "c")], "a", "b") is None
    assert smallest_separator([("a", "b")], "a", "z") == []


PAIRS = [*combinations("abcdef", 2)]
EDGES = st.sets(st.sampled_from(PAIRS), max_size=10)
ARCS = st.sets(st.sampled_from([*permutations("abcdef", 2)]), max_size=14)


def both_ways(edges: Iterable[Edge]) -> set[Edge]:
    return {(start, end) for one, other in edges for start, end in ((one, other), (other, one))}


def without(edges: Iterable[Edge], *nodes: str) -> list[Edge]:
    return [edge for edge in edges if not set(edge) & set(nodes)]


@settings(max_examples=120, deadline=None)
@given(EDGES)
def test_a_cut_point_is_one_whose_loss_parts_two_that_hung_together(edges: set[Edge]) -> None:
    nodes = {node for edge in edges for node in edge}
    hung = {node: reachable(both_ways(edges), node) for node in nodes}
    splitting = set()
    for node in nodes:
        left = {other: reachable(both_ways(without(edges, node)), other) for other in nodes - {node}}
        if any(hung[other] - {node} - left[other] - {other} for other in left if node in hung[other]):
            splitting.add(node)
    found = cut_points(edges)
    assert set(found) == splitting
    for node, cut in found.items():
        rest = hung[node] - set(cut)
        assert rest, "the largest piece is never cut off"
        assert not any(set(edge) & set(cut) and set(edge) & rest for edge in without(edges, node))


@settings(max_examples=120, deadline=None)
@given(EDGES)
def test_a_bridge_is_a_tie_whose_loss_parts_its_ends(edges: set[Edge]) -> None:
    parting = {edge for edge in edges if edge[1] not in reachable(both_ways(edges - {edge}), edge[0])}
    found = bridges(edges)
    assert set(found) == parting
    for (one, other), cut in found.items():
        assert (one in cut) != (other in cut)


@settings(max_examples=120, deadline=None)
@given(ARCS)
def test_a_dominator_is_one_whose_loss_leaves_no_route(arcs: set[Edge]) -> None:
    found = dominated(arcs, "a")
    whole = reachable(arcs, "a")
    for node in whole:
        lost = whole - reachable(without(arcs, node), "a") - {node}
        assert found.get(node, []) == sorted(lost)


@settings(max_examples=100, deadline=None)
@given(EDGES)
def test_a_separator_parts_two_and_no_smaller_one_does(edges: set[Edge]) -> None:
    found = smallest_separator(edges, "a", "f")
    if found is None:
        assert ("a", "f") in edges
        return
    others = sorted({node for edge in edges for node in edge} - {"a", "f"})
    assert "f" not in reachable(both_ways(without(edges, *found)), "a")
    for size in range(len(found)):
        for fewer in combinations(others, size):
            assert "f" in reachable(both_ways(without(edges, *fewer)), "a")


@settings(max_examples=100, deadline=None)
@given(st.dictionaries(st.sampled_from([*permutations("abcde", 2)]), st.integers(1, 9), max_size=12))
def test_a_cut_stops_everything_and_costs_no_more_than_any_other(capacities: dict[Edge, int]) -> None:
    total, crossing = cheapest_cut(capacities, "a", "e")
    assert total == sum(capacities[arc] for arc in crossing)
    assert "e" not in reachable([arc for arc in capacities if arc not in crossing], "a")
    for size in range(4):
        for side in combinations("bcd", size):
            inside = {"a", *side}
            assert total <= sum(
                cost for (start, end), cost in capacities.items() if start in inside and end not in inside
            )


@settings(max_examples=80, deadline=None)
@given(ARCS, st.integers(2, 4))
def test_passages_count_the_paths_that_a_loss_takes(arcs: set[Edge], longest: int) -> None:
    total, found = passages(arcs, longest)

    def count(kept: Iterable[Edge]) -> int:
        have = set(kept)
        return sum(
            all(arc in have for arc in pairwise(route))
            for size in range(3, longest + 2)
            for route in permutations("abcdef", size)
        )

    assert total == count(arcs)
    for node, passage in found.items():
        at_its_ends = sum(
            all(arc in arcs for arc in pairwise(route))
            for size in range(3, longest + 2)
            for route in permutations("abcdef", size)
            if node in (route[0], route[-1])
        )
        assert passage.paths == total - count(without(arcs, node)) - at_its_ends
        pairs = {(start, end) for start in "abcdef" for end in reachable(arcs, start) if node not in (start, end)}
        left = {(start, end) for start in "abcdef" for end in reachable(without(arcs, node), start)}
        assert passage.pairs == len(pairs - left)

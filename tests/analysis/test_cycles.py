"""Bounded circles: published counts, and every circle once against brute force."""

from __future__ import annotations

from itertools import pairwise, permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from capgraph.analysis.cycles import bounded_cycles

Graph = dict[str, list[str]]


def complete(size: int) -> Graph:
    return {str(node): [str(end) for end in range(size) if end != node] for node in range(size)}


@pytest.mark.parametrize(("size", "count"), [(2, 1), (3, 5), (4, 20), (5, 84), (6, 409), (7, 2365), (8, 16064)])
def test_complete_graphs_have_as_many_circles_as_published(size: int, count: int) -> None:
    assert len(list(bounded_cycles(complete(size), size))) == count


def test_the_bound_counts_parties() -> None:
    """A complete graph of 9 has 36 circles of two, 168 more of three, 756 of four."""
    assert [len(list(bounded_cycles(complete(9), longest))) for longest in (2, 3, 4)] == [36, 204, 960]


GRAPHS = st.sets(st.sampled_from([*permutations("abcdef", 2)]), max_size=16).map(
    lambda arcs: {node: sorted(end for start, end in arcs if start == node) for node in "abcdef"}
)


def by_trying(graph: Graph, longest: int) -> set[tuple[str, ...]]:
    """All circles, each told from its smallest node, by trying every order of nodes."""
    found = set()
    for size in range(2, longest + 1):
        for nodes in permutations("abcdef", size):
            steps = pairwise((*nodes, nodes[0]))
            if nodes[0] == min(nodes) and all(end in graph[node] for node, end in steps):
                found.add(nodes)
    return found


@settings(max_examples=150, deadline=None)
@given(GRAPHS, st.integers(2, 6))
def test_every_circle_is_found_once(graph: Graph, longest: int) -> None:
    found = list(bounded_cycles(graph, longest))
    assert len(found) == len(set(found))
    assert set(found) == by_trying(graph, longest)


@settings(max_examples=80, deadline=None)
@given(GRAPHS, st.integers(2, 6), st.sampled_from("abcdef"))
def test_circles_through_a_node_are_all_circles_that_hold_it(graph: Graph, longest: int, node: str) -> None:
    found = list(bounded_cycles(graph, longest, node))
    assert all(circle[0] == node for circle in found)
    assert {frozenset(circle) for circle in found} == {
        frozenset(circle) for circle in bounded_cycles(graph, longest) if node in circle
    }
    assert len(found) == sum(node in circle for circle in bounded_cycles(graph, longest))


def test_a_long_chain_without_a_circle_is_searched_in_no_time() -> None:
    chain = {f"n{place:05}": [f"n{place + 1:05}"] for place in range(20_000)}
    assert list(bounded_cycles(chain, 6)) == []


def test_a_party_that_pays_itself_is_no_circle() -> None:
    assert list(bounded_cycles({"a": ["a", "b"], "b": ["a"]}, 5)) == [("a", "b")]

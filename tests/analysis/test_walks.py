"""The search beneath paths: published lists reproduced, laws over random graphs against brute force."""

from __future__ import annotations

from itertools import pairwise, permutations, product
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from capgraph.analysis.walks import Arc, Walk, best_walks, count_walks, hops_to

YEN = "C-D 3, C-E 2, D-F 4, E-D 1, E-F 2, E-G 3, F-G 2, F-H 1, G-H 2"
"""The graph of Yen's algorithm as the encyclopedias print it."""


def arcs_of(text: str) -> list[Arc]:
    words = (entry.split() for entry in text.split(", "))
    return [Arc(pair[0], pair[2], pair, (float(cost),)) for pair, cost in words]


def nodes(walk: Walk) -> str:
    return walk[0].start + "".join(arc.end for arc in walk)


def cost(walk: Walk) -> float:
    return sum(arc.cost[0] for arc in walk)


def test_the_three_shortest_paths_of_yens_graph_cost_5_7_and_8() -> None:
    found = list(best_walks(arcs_of(YEN), "C", "H", ["add"], 9))
    assert [(nodes(walk), cost(walk)) for walk in found[:3]] == [("CEFH", 5), ("CEGH", 7), ("CDFH", 8)]
    assert count_walks(arcs_of(YEN), "C", "H", 9).walks == len(found) == 7


def test_the_widest_path_need_not_be_the_shortest() -> None:
    wide = [Arc("a", "b", "1", (-9.0, 1.0)), Arc("b", "c", "2", (-8.0, 1.0))]
    best, second = best_walks([Arc("a", "c", "direct", (-5.0, 1.0)), *wide], "a", "c", ["max", "add"], 3)
    assert [arc.key for arc in best] == ["1", "2"]
    assert [arc.key for arc in second] == ["direct"]


def test_a_walk_must_pass_its_stops_in_any_order() -> None:
    assert {nodes(walk) for walk in best_walks(arcs_of(YEN), "C", "H", ["add"], 9, frozenset("D"))} == {
        "CDFH",
        "CEDFH",
        "CDFGH",
        "CEDFGH",
    }
    assert not list(best_walks(arcs_of(YEN), "C", "H", ["add"], 3, frozenset("DG")))


def test_a_gate_that_closes_keeps_late_walks_out() -> None:
    arcs = [Arc("a", "b", "may", (5.0,)), Arc("b", "c", "october", (10.0,)), Arc("b", "c", "march", (3.0,))]
    closing = {arcs[0]: 5.0, arcs[1]: 10.0, arcs[2]: 3.0}
    found = list(best_walks(arcs, "a", "c", ["max"], 3, limits=closing))
    assert [[arc.key for arc in walk] for walk in found] == [["may", "october"]]


@st.composite
def graphs(draw: st.DrawFn) -> list[Arc]:
    """Up to twelve arcs over five nodes, parallel ones among them, with two measures each."""
    pairs = draw(st.lists(st.sampled_from([*permutations("abcde", 2)]), min_size=1, max_size=12))
    small = st.integers(0, 4).map(float)
    return [Arc(*ends, f"k{place}", (draw(small), draw(small))) for place, ends in enumerate(pairs)]


def every_walk(arcs: list[Arc], source: str, target: str, longest: int) -> list[Walk]:
    """All simple walks by trying every sequence of nodes."""
    by_ends: dict[tuple[str, str], list[Arc]] = {}
    for arc in arcs:
        by_ends.setdefault((arc.start, arc.end), []).append(arc)
    others = sorted({arc.start for arc in arcs} | {arc.end for arc in arcs} - {source, target})
    found: list[Walk] = []
    for size in range(longest):
        for middle in permutations([node for node in others if node not in (source, target)], size):
            route = (source, *middle, target)
            choices = [by_ends.get(pair, []) for pair in pairwise(route)]
            found += product(*choices)
    return found


@settings(max_examples=150, deadline=None)
@given(graphs(), st.integers(1, 4), st.sampled_from([("add", "max"), ("max", "add"), ("add", "add")]))
def test_the_search_finds_every_walk_once_and_in_order(arcs: list[Arc], longest: int, rules: tuple[str, str]) -> None:
    found = list(best_walks(arcs, "a", "e", rules, longest))  # type: ignore[arg-type]

    def key(walk: Walk) -> tuple[object, ...]:
        costs = tuple(
            sum(arc.cost[place] for arc in walk) if rule == "add" else max(arc.cost[place] for arc in walk)
            for place, rule in enumerate(rules)
        )
        return costs, tuple((arc.end, arc.key) for arc in walk)

    assert found == sorted(every_walk(arcs, "a", "e", longest), key=key)


@settings(max_examples=100, deadline=None)
@given(graphs(), st.integers(1, 4), st.sampled_from([frozenset(), frozenset("b"), frozenset("bc")]))
def test_counting_and_listing_agree(arcs: list[Arc], longest: int, via: frozenset[str]) -> None:
    walks = list(best_walks(arcs, "a", "e", ["add", "add"], longest, via))
    count = count_walks(arcs, "a", "e", longest, via)
    assert (count.walks, count.routes, count.whole) == (len(walks), len({nodes(walk) for walk in walks}), True)


@given(graphs(), st.randoms(use_true_random=False))
def test_the_order_of_the_arcs_does_not_matter(arcs: list[Arc], chance: Random) -> None:
    before = list(best_walks(arcs, "a", "e", ["add", "max"], 4))
    chance.shuffle(arcs)
    assert list(best_walks(arcs, "a", "e", ["add", "max"], 4)) == before


def test_counting_stops_at_its_limit_and_says_so() -> None:
    arcs = [Arc(a, b, f"{a}{b}") for a in "abcdefgh" for b in "abcdefgh" if a != b]
    assert not count_walks(arcs, "a", "h", 7, limit=50).whole
    assert count_walks(arcs, "a", "h", 7).walks == 1 + 6 + 30 + 120 + 360 + 720 + 720, "orders of up to six stops"


def test_distances_count_arcs_backwards() -> None:
    assert hops_to(arcs_of(YEN), "H") == {"H": 0, "F": 1, "G": 1, "D": 2, "E": 2, "C": 3}

"""Measures of circularity: published tables, closed cases, laws over random matrices, and the sentences."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog
from tests.analysis.worlds import context, network, payments, text
from tests.latin import latin_words

from capgraph.analysis.circular_money import circularity
from capgraph.analysis.circularity import (
    circulation_share,
    finn_index,
    gradient_share,
    reciprocity,
    rewired,
    round_trip,
    share_at_least,
)
from capgraph.facts import Facts
from capgraph.graph import CapitalGraph

Flows = dict[tuple[str, str], float]

CONE_SPRING: Flows = {
    ("plants", "detritus"): 8881, ("detritus", "bacteria"): 5205, ("detritus", "feeders"): 2309,
    ("bacteria", "feeders"): 75, ("bacteria", "detritus"): 1600, ("feeders", "detritus"): 200,
    ("feeders", "carnivores"): 370, ("carnivores", "detritus"): 167,
}  # fmt: skip
"""Energy in the Cone Spring ecosystem, kcal per square metre and year (Tilly 1968)."""

OYSTER_REEF: Flows = {
    ("filter", "detritus"): 15.7915, ("filter", "predators"): 0.5135, ("detritus", "microbiota"): 8.1721,
    ("detritus", "meiofauna"): 7.2745, ("detritus", "deposit"): 0.6431, ("microbiota", "meiofauna"): 1.2060,
    ("microbiota", "deposit"): 1.2060, ("meiofauna", "detritus"): 4.2403, ("meiofauna", "deposit"): 0.6609,
    ("deposit", "detritus"): 1.9076, ("deposit", "predators"): 0.1721, ("predators", "detritus"): 0.3262,
}  # fmt: skip
"""Energy in an intertidal oyster reef (Dame & Patten 1981)."""


def ring(size: int, amount: float = 10) -> Flows:
    nodes = [f"n{place}" for place in range(size)]
    return dict.fromkeys(zip(nodes, [*nodes[1:], nodes[0]], strict=True), amount)


def test_finn_index_of_cone_spring_is_0_0919() -> None:
    inputs = {"plants": 11184.0, "detritus": 635.0}
    assert finn_index(CONE_SPRING, inputs) == pytest.approx(0.0919, abs=5e-5)
    assert sum(inputs.values()) + sum(CONE_SPRING.values()) == 30_626, "the throughflow of the published table"


def test_finn_index_of_the_oyster_reef_is_0_1102() -> None:
    assert finn_index(OYSTER_REEF, {"filter": 41.47}) == pytest.approx(0.1102, abs=5e-5)


def test_the_maximal_flow_of_clrs_is_23() -> None:
    """Cormen, Leiserson, Rivest & Stein, figure 26.1, with the sink paying back to the source."""
    pipes: Flows = {
        ("s", "1"): 16, ("s", "2"): 13, ("1", "3"): 12, ("2", "1"): 4, ("3", "2"): 9,
        ("2", "4"): 14, ("4", "3"): 7, ("3", "t"): 20, ("4", "t"): 4, ("t", "s"): 100,
    }  # fmt: skip
    assert round_trip(pipes, "s") == (23.0, 29.0)


@pytest.mark.parametrize("size", [2, 3, 5])
def test_a_closed_ring_is_circular_through_and_through(size: int) -> None:
    flows = ring(size)
    assert circulation_share(flows) == 1
    assert finn_index(flows) == pytest.approx(1)
    assert round_trip(flows, "n0") == (10.0, 10.0)
    assert reciprocity(flows) == (1 if size == 2 else 0)
    assert gradient_share(flows) == pytest.approx(1 if size == 2 else 0), "net flow does not see a pair that cancels"


def test_a_chain_is_not_circular_at_all() -> None:
    chain: Flows = {("a", "b"): 10, ("b", "c"): 7}
    assert (reciprocity(chain), circulation_share(chain), finn_index(chain)) == (0, 0, 0)
    assert gradient_share(chain) == pytest.approx(1)
    assert round_trip(chain, "a") == (0.0, 10.0)


def test_nothing_is_measured_of_nothing() -> None:
    assert (reciprocity({}), circulation_share({}), finn_index({}), gradient_share({})) == (0, 0, 0, 1)
    assert reciprocity({("a", "a"): 5}) == 0, "what a party pays itself is no flow"


FLOWS = st.dictionaries(st.sampled_from([*permutations("abcde", 2)]), st.integers(1, 40).map(float), max_size=14)


@settings(max_examples=120, deadline=None)
@given(FLOWS)
def test_every_measure_lies_between_none_and_all(flows: Flows) -> None:
    for measure in (reciprocity, circulation_share, finn_index, gradient_share):
        assert -1e-9 <= measure(flows) <= 1 + 1e-9


@settings(max_examples=120, deadline=None)
@given(FLOWS)
def test_what_is_answered_directly_circulates(flows: Flows) -> None:
    assert circulation_share(flows) >= reciprocity(flows) - 1e-9


@settings(max_examples=80, deadline=None)
@given(FLOWS)
def test_the_circulation_equals_that_of_a_linear_programme(flows: Flows) -> None:
    pairs = sorted(flows)
    if not pairs:
        return
    nodes = sorted({end for pair in pairs for end in pair})
    balance = np.array([[(payee == node) - (payer == node) for payer, payee in pairs] for node in nodes], dtype=float)
    bounds = [(0, flows[pair]) for pair in pairs]
    best = linprog([-1] * len(pairs), A_eq=balance, b_eq=np.zeros(len(nodes)), bounds=bounds, method="highs")
    assert circulation_share(flows) == pytest.approx(-best.fun / sum(flows.values()), abs=1e-9)


@settings(max_examples=80, deadline=None)
@given(FLOWS, st.floats(0.5, 100))
def test_the_unit_of_money_does_not_matter(flows: Flows, factor: float) -> None:
    scaled = {pair: 1000 * amount for pair, amount in flows.items()}
    for measure in (reciprocity, circulation_share, finn_index, gradient_share):
        assert measure(scaled) == pytest.approx(measure(flows), abs=1e-9)
    odd = {pair: factor * amount for pair, amount in flows.items()}
    for smooth in (reciprocity, finn_index, gradient_share):
        assert smooth(odd) == pytest.approx(smooth(flows), abs=1e-7)


@settings(max_examples=80, deadline=None)
@given(FLOWS)
def test_turning_all_money_round_changes_nothing(flows: Flows) -> None:
    turned = {(payee, payer): amount for (payer, payee), amount in flows.items()}
    for measure in (reciprocity, circulation_share, gradient_share, finn_index):
        assert measure(turned) == pytest.approx(measure(flows), abs=1e-7)


@settings(max_examples=60, deadline=None)
@given(FLOWS, st.integers(0, 1000))
def test_random_graphs_keep_every_degree_and_what_everyone_pays(flows: Flows, seed: int) -> None:
    for graph in rewired(flows, 3, seed):
        assert len(graph) == len(flows)
        assert all(payer != payee for payer, payee in graph)
        for node in "abcde":
            assert sum(payer == node for payer, _ in graph) == sum(payer == node for payer, _ in flows)
            assert sum(payee == node for _, payee in graph) == sum(payee == node for _, payee in flows)
            assert sorted(amount for (payer, _), amount in graph.items() if payer == node) == sorted(
                amount for (payer, _), amount in flows.items() if payer == node
            )


def test_the_same_seed_gives_the_same_random_graphs() -> None:
    flows = {pair: float(place) for place, pair in enumerate(permutations("abcde", 2), 1) if place % 3}
    assert rewired(flows, 5, 7) == rewired(flows, 5, 7)
    assert rewired(flows, 5, 7) != rewired(flows, 5, 8)


def test_how_rare_a_value_is_counts_ties() -> None:
    assert share_at_least(2, [1, 2, 3, 1]) == 0.5


# In sentences ---------------------------------------------------------------------------------------------------------


def test_a_payment_that_is_answered_shows_in_every_measure() -> None:
    world = payments(("a", "b", "2025-01-01", "100"), ("b", "a", "2025-02-01", "25"), ("b", "c", "2025-02-02", "75"))
    found = circularity(network(world), context(network(world)), graphs=5)
    values = {measure.measure.code: float(measure.value.value or 0) for measure in found.measures}
    assert values["reciprocity"] == values["circulation"] == 25
    assert [(trip.party.id, trip.ratio.value) for trip in found.round_trips] == [("a", 25), ("b", 25)]
    assert "25 % of the money is answered directly" in text(found)


def test_payments_without_an_amount_are_counted_and_left_out() -> None:
    world = payments(("a", "b", "2025-01-01", "100"), ("b", "a", "2025-02-01"))
    found = circularity(network(world), context(network(world)), graphs=2)
    assert (found.legs, found.with_amount) == (2, 1)
    assert "1 of 2 legs have an amount" in text(found)


def test_nothing_known_is_an_empty_answer(small_world: Facts) -> None:
    found = circularity(network(small_world), context(network(small_world)), graphs=2)
    assert found.round_trips == ()
    assert "0 %" in text(found)


def test_the_answer_on_the_bundled_data_is_the_same_twice_and_chinese_in_chinese(bundled: CapitalGraph) -> None:
    one, two = bundled.circularity(), bundled.circularity()
    assert one == two
    assert latin_words(bundled.render(one, lang="zh"), bundled.facts) == set()

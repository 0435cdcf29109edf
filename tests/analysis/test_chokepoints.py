"""Choke points told of a network: who must not fall, what hangs on one tie, what nothing can replace."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.analysis.worlds import chain_world, context, contract, network, paid, payments, relation, stake, text
from tests.latin import latin_words

from capgraph.analysis.chokepoints import chokepoints
from capgraph.analysis.gates import gates, separators
from capgraph.errors import UsageProblem
from capgraph.facts import Facts
from capgraph.graph import CapitalGraph


def test_the_loss_that_takes_most_money_paths_comes_first() -> None:
    world = payments(
        *((start, "c", "2025-01-01") for start in "ab"), ("c", "d", "2025-01-02"), ("d", "e", "2025-01-03")
    )
    found = chokepoints(network(world), context(network(world)))
    assert [(row.party.id, row.paths_lost, row.pairs_cut) for row in found.removals] == [("c", 4, 4), ("d", 3, 3)]
    assert found.money_paths == 5
    assert found.removals[0].path_share.value == 80


def test_paid_money_is_counted_apart_from_promises() -> None:
    world = chain_world(paid("a", "b", "2025-01-01"), contract("c", "b", "5"))
    (row,) = chokepoints(network(world), context(network(world))).removals
    assert (row.party.id, row.paths_lost, row.paid_paths_lost) == ("b", 1, 0)
    assert chokepoints(network(world, rung="closed"), context(network(world))).removals == ()


def test_cut_points_and_only_ties_name_what_they_hold() -> None:
    world = chain_world(stakes=[stake(*ends) for ends in ("ab", "bc", "ca", "cd", "de", "ef", "fd")])
    found = chokepoints(network(world), context(network(world)))
    assert [(row.party.id, row.cut_off) for row in found.cut_points] == [("c", 2), ("d", 2)]
    (tie,) = found.only_ties
    assert (tie.one.id, tie.other.id, tie.links, tie.cut_off, tie.ids) == ("c", "d", 1, 3, ("stake/c--d",))


def test_a_tie_that_holds_a_single_party_is_not_listed() -> None:
    world = chain_world(stakes=[stake(*ends) for ends in ("ab", "bc", "ca", "cd")])
    assert chokepoints(network(world), context(network(world))).only_ties == ()


def test_layers_bound_the_ties_that_count() -> None:
    world = chain_world(stakes=[stake("a", "b"), stake("b", "c")], relations=[relation("a", "depends_on", "c")])
    assert chokepoints(network(world), context(network(world))).cut_points == ()
    only = chokepoints(network(world), context(network(world)), layers=("equity",))
    assert [row.party.id for row in only.cut_points] == ["b"]


def test_products_and_suppliers_without_a_substitute(small_world: Facts) -> None:
    found = chokepoints(network(small_world), context(network(small_world)))
    assert [(row.product.id, [maker.id for maker in row.makers]) for row in found.sole_products] == [
        ("product/model-one", ["lab"])
    ]
    world = chain_world(
        relations=[relation("a", "depends_on", "b"), relation("c", "depends_on", "b"), relation("a", "depends_on", "d")]
    )
    sole = chokepoints(network(world), context(network(world))).sole_suppliers
    assert [(row.party.id, [name.id for name in row.needed_by]) for row in sole] == [("b", ["a", "c"]), ("d", ["a"])]
    other = chain_world(relations=[relation("a", "depends_on", "b"), relation("c", "substitutes_for", "b")])
    assert chokepoints(network(other), context(network(other))).sole_suppliers == ()


def test_a_gate_stands_on_every_route_of_money() -> None:
    world = payments(
        ("a", "b", "2025-01-01"), ("b", "c", "2025-01-02"), ("a", "c", "2025-01-03"), ("c", "d", "2025-01-04")
    )
    found = gates(network(world), "a", context(network(world)))
    assert [(gate.party.id, [name.id for name in gate.commanded]) for gate in found.gates] == [("c", ["d"])]
    assert (found.reached, found.behind_gates) == (3, 1)
    assert gates(network(world), "h", context(network(world))).gates == ()


def test_a_cut_names_its_links_and_their_sources() -> None:
    world = chain_world(
        paid("a", "b", "2025-01-01", "30"), paid("b", "h", "2025-01-02", "20"), paid("a", "h", "2025-01-03", "5"),
        stakes=[stake("a", "b"), stake("b", "h")],
    )  # fmt: skip
    found = separators(network(world), "a", "h", context(network(world)))
    assert ([name.id for name in found.parties], found.tied_directly, found.links) == (["b"], False, 1)
    assert (found.money_there.value, found.money_back.value) == (25, 0)
    money = [hop.link for hop in found.hops if hop.path == 2]
    assert money == ["tranche/a-h-2025-01-03", "tranche/b-h-2025-01-02"]
    assert all(hop.sources for hop in found.hops)
    assert "No known money runs from H to A" in text(found)


def test_parties_tied_directly_are_told_so() -> None:
    world = chain_world(stakes=[stake("a", "b")])
    found = separators(network(world), "a", "b", context(network(world)))
    assert (found.tied_directly, found.parties, found.links) == (True, (), 1)
    assert "tied directly" in text(found)


def test_a_house_counts_as_one() -> None:
    stakes = [stake(*ends) for ends in ("ab", "fb", "bc", "da")]
    world = chain_world(stakes=stakes, relations=[relation("f", "subsidiary_of", "a")])
    of = network(world)
    assert chokepoints(of, context(of)).only_ties == ()
    (tie,) = chokepoints(of, context(of), group=True).only_ties
    assert (tie.one.id, tie.other.id, tie.links) == ("a", "b", 2)


@pytest.mark.parametrize("how", [{"max_length": 1}, {"max_length": 7}, {"top": 0}, {"layers": ("love",)}])
def test_a_wrong_question_is_refused(how: dict[str, object]) -> None:
    with pytest.raises(UsageProblem):
        chokepoints(network(chain_world()), context(network(chain_world())), **how)  # type: ignore[arg-type]


def test_a_cut_between_a_party_and_itself_is_refused() -> None:
    with pytest.raises(UsageProblem, match="two different parties"):
        separators(network(chain_world()), "a", "a", context(network(chain_world())))


def test_an_empty_network_has_no_choke_points() -> None:
    found = chokepoints(network(chain_world()), context(network(chain_world())))
    assert (found.money_paths, found.removals, found.cut_points) == (0, (), ())
    assert "none" in text(found)


def test_answers_on_the_bundled_data_are_the_same_twice_and_chinese_in_chinese(bundled: CapitalGraph) -> None:
    for ask in (
        CapitalGraph.chokepoints,
        lambda graph: graph.gates("softbank-group"),
        lambda graph: graph.separators("softbank-group", "tsmc"),
    ):
        assert ask(bundled) == ask(bundled)
        assert latin_words(bundled.render(ask(bundled), lang="zh"), bundled.facts) == set()
        assert ask(bundled.at(as_of="2024-06-30")) != ask(bundled)
        assert ask(bundled.at(known_on="2025-06-30")) != ask(bundled)
    closed = CapitalGraph(bundled.store, bundled.ontology, replace(bundled.scope, rung="closed"))
    assert closed.chokepoints().money_paths < bundled.chokepoints().money_paths

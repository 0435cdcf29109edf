"""Who needs whom: through which channel, in which direction, how far, and what could take its place."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.analysis.worlds import chain_world, context, contract, loan, network, paid, percent, relation, stake, text
from tests.latin import latin_words

from capgraph.analysis.dependencies import Dependencies, dependencies
from capgraph.errors import UsageProblem
from capgraph.facts import Facts
from capgraph.graph import CapitalGraph
from capgraph.network import CapitalNetwork


def ask(of: CapitalNetwork, thing: str, **how: object) -> Dependencies:
    return dependencies(of, thing, context(of), **how)  # type: ignore[arg-type]


def told(found: Dependencies) -> list[tuple[str, int, str, str]]:
    return [(row.dependent.id, row.links, row.next_to.id, row.channel.code) for row in found.dependents]


def test_technology_runs_from_who_depends_to_what_is_needed() -> None:
    world = chain_world(relations=[relation("b", "depends_on", "a"), relation("c", "depends_on", "b")])
    assert told(ask(network(world), "a")) == [("b", 1, "a", "technology"), ("c", 2, "b", "technology")]
    assert told(ask(network(world), "c")) == []
    assert "nobody who needs C" in text(ask(network(world), "c"))


def test_a_customer_needs_delivery_and_a_supplier_needs_payment() -> None:
    world = chain_world(contract("a", "b", "5"))
    assert told(ask(network(world), "a")) == [("b", 1, "a", "supply")]
    assert told(ask(network(world), "b")) == [("a", 1, "b", "money")]
    stated = chain_world(relations=[relation("a", "supplies", "b"), relation("c", "customer_of", "a")])
    assert told(ask(network(stated), "a")) == [("b", 1, "a", "supply"), ("c", 1, "a", "supply")]


def test_borrowers_and_payees_of_promises_await_money() -> None:
    world = chain_world(loan("a", "b", "5"), paid("a", "c", "2025-01-01", "5"))
    assert told(ask(network(world), "a")) == [("b", 1, "a", "money")], "what was paid is owed no more"


def test_a_promise_that_is_signed_is_awaited(small_world: Facts) -> None:
    assert ("lab", 1, "house", "money") in told(ask(network(small_world), "house"))


def test_a_stake_is_no_need() -> None:
    assert told(ask(network(chain_world(stakes=[stake("a", "b")])), "a")) == []
    assert told(ask(network(chain_world(stakes=[stake("a", "b")])), "b")) == []


def test_a_product_and_its_maker_need_each_other(small_world: Facts) -> None:
    assert ("product/model-one", 1, "lab", "technology") in told(ask(network(small_world), "lab"))
    assert ("lab", 1, "product/model-one", "technology") in told(ask(network(small_world), "product/model-one"))


def test_losing_a_customer_does_not_spread() -> None:
    """a supplies b, c supplies a. If b stops paying, a can still buy from c."""
    world = chain_world(contract("a", "b", "5"), contract("c", "a", "5"))
    assert told(ask(network(world), "b", max_hops=4)) == [("a", 1, "b", "money")]
    both = chain_world(contract("a", "b", "5"), contract("c", "a", "5"), relations=[relation("a", "depends_on", "b")])
    assert told(ask(network(both), "b")) == [("a", 1, "b", "technology"), ("c", 2, "a", "money")]


def test_the_shortest_chain_of_the_strongest_channel_is_told() -> None:
    world = chain_world(contract("a", "b", "5"), relations=[relation("b", "depends_on", "a")])
    assert told(ask(network(world), "a")) == [("b", 1, "a", "technology")]
    assert told(ask(network(world), "a", channels=("supply",))) == [("b", 1, "a", "supply")]


def test_chains_are_bounded() -> None:
    world = chain_world(relations=[relation(*ends) for ends in (("b", "depends_on", "a"), ("c", "depends_on", "b"))])
    assert len(ask(network(world), "a", max_hops=1).dependents) == 1
    with pytest.raises(UsageProblem):
        ask(network(world), "a", max_hops=5)
    with pytest.raises(UsageProblem):
        ask(network(world), "a", channels=("love",))


def test_substitutes_are_named_with_their_source() -> None:
    world = chain_world(relations=[relation("b", "depends_on", "a"), relation("c", "substitutes_for", "a")])
    found = ask(network(world), "a")
    assert [(row.substitute.id, row.sources) for row in found.substitutes] == [("c", ("source/s-2025-01-01",))]
    assert "C can substitute for A" in text(found)
    assert "No source in the data names a substitute for B" in text(ask(network(world), "b"))


def test_what_stands_between_and_can_be_replaced_is_named() -> None:
    world = chain_world(
        relations=[
            relation("b", "depends_on", "a"),
            relation("c", "depends_on", "b"),
            relation("d", "substitutes_for", "b"),
        ]
    )
    assert "B: D" in text(ask(network(world), "a"))


def test_the_share_that_a_source_gives_is_told() -> None:
    share = percent("relation/b--depends-on--a", "45", aspect="backlog_share", basis="")
    world = chain_world(relations=[relation("b", "depends_on", "a")], readings=[share])
    (row,) = ask(network(world), "a").dependents
    assert row.known_share is not None
    assert row.known_share.value == 45
    assert "share of backlog 45 %" in text(ask(network(world), "a"))


def test_a_house_is_needed_as_one() -> None:
    world = chain_world(relations=[relation("f", "subsidiary_of", "a"), relation("b", "depends_on", "f")])
    assert told(ask(network(world), "a")) == []
    assert told(ask(network(world), "a", group=("f",))) == [("b", 1, "f", "technology")]


def test_answers_on_the_bundled_data_name_sources_and_are_chinese_in_chinese(bundled: CapitalGraph) -> None:
    for thing in ("tsmc", "openai", "昇腾"):
        found = bundled.depends(thing)
        assert found == bundled.depends(thing)
        assert all(row.sources for row in found.dependents if not row.ids[0].startswith("product/"))
        assert latin_words(bundled.render(found, lang="zh"), bundled.facts) == set()
    closed = CapitalGraph(bundled.store, bundled.ontology, replace(bundled.scope, rung="closed"))
    assert closed.depends("openai") != bundled.depends("openai")
    assert bundled.at(as_of="2024-06-30").depends("openai") != bundled.depends("openai")
    assert bundled.at(known_on="2025-06-30").depends("openai") != bundled.depends("openai")

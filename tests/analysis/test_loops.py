"""Money circles: what makes one, what does not, what they are called, and how much goes round at least."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from tests.analysis.worlds import chain_world, context, contract, loan, network, paid, payments, relation, stake, text
from tests.latin import latin_words

from capgraph.analysis.loops import Loops, loops
from capgraph.analysis.mechanisms import legs, money_links, sum_of
from capgraph.errors import UsageProblem
from capgraph.facts import Facts
from capgraph.graph import CapitalGraph
from capgraph.network import CapitalNetwork


def ask(of: CapitalNetwork, **how: object) -> Loops:
    return loops(of, context(of), **how)  # type: ignore[arg-type]


def told(found: Loops) -> list[tuple[str, str]]:
    """Each circle as its parties and its mechanisms."""
    return [
        (" ".join(party.id for party in loop.parties), " ".join(code.code for code in loop.mechanisms))
        for loop in found.loops
    ]


INVESTED_AND_BOUGHT = chain_world(
    paid("a", "b", "2025-01-01", "30"), contract("c", "b", "100"), contract("a", "c", "10")
)
"""a invests 30 in b, b buys for 100 from c, c for 10 from a."""


# What makes a circle --------------------------------------------------------------------------------------------------


def test_an_investment_that_comes_back_as_purchases_is_a_circle() -> None:
    found = ask(network(INVESTED_AND_BOUGHT))
    assert told(found) == [("a b c a", "equity purchase purchase")]
    assert found.loops[0].bottleneck.value == 10
    assert "A -> B -> C -> A (equity -> purchase -> purchase, smallest leg USD 10" in text(found)


def test_a_circle_begins_with_the_money_that_goes_in() -> None:
    found = ask(network(chain_world(paid("b", "a", "2025-01-01", "30"), contract("b", "a", "5"))))
    assert told(found) == [("b a b", "equity purchase")]


def test_a_loan_that_comes_back_as_a_lease_is_typed_so() -> None:
    world = chain_world(loan("a", "b", "50"), contract("a", "b", "20", kind="compute_lease"))
    assert told(ask(network(world))) == [("a b a", "loan lease")]


def test_supply_without_a_contract_closes_a_circle_of_unknown_size() -> None:
    world = chain_world(paid("a", "b", "2025-01-01", "30"), relations=[relation("a", "supplies", "b")])
    (loop,) = ask(network(world)).loops
    assert (loop.bottleneck.value, loop.bottleneck.high) == (None, Decimal(30))
    assert "smallest leg up to USD 30" in text(ask(network(world)))


def test_a_promise_makes_a_circle_that_payment_does_not() -> None:
    found = ask(network(INVESTED_AND_BOUGHT))
    assert (found.found.value, found.closed, found.loops[0].paid) == (1, 0, None)
    assert ask(network(INVESTED_AND_BOUGHT, rung="closed")).loops == ()
    rungs = {step.rung: (step.closes, step.amount.value) for step in found.loops[0].rungs}
    assert rungs["signed"] == (True, 10)
    assert rungs["closed"][0] is False


def test_no_circle_is_an_empty_answer_and_no_error() -> None:
    found = ask(network(payments(("a", "b", "2025-01-01"))))
    assert (found.loops, found.found.value) == ((), 0)
    assert "no circle" in text(found)
    assert json.loads(text(found, form="json"))["loops"] == []


# What does not --------------------------------------------------------------------------------------------------------


def test_a_loan_and_its_own_fees_are_no_circle() -> None:
    world = chain_world(loan("a", "b", "50"), contract("a", "b", "1", kind="advisory"))
    found = ask(network(world))
    assert found.loops == ()
    assert "Left out: 1 circle of a loan with its own fees or repayment" in text(found)


def test_a_loan_and_its_repayment_are_no_circle() -> None:
    lent = loan("a", "b", "50")
    back = chain_world(lent, paid("b", "a", "2025-03-01", "50", overlaps="facility/a-b"))
    assert ask(network(back)).loops == ()
    other = chain_world(lent, paid("b", "a", "2025-03-01", "50"))
    assert told(ask(network(other))) == [("b a b", "equity loan")], "buying into the lender is one"


def test_an_aggregate_is_no_party_of_a_circle() -> None:
    others = {"id": "others", "kind": "aggregate", "name": "Others"}
    world = payments(("others", "a", "2025-01-01", "5"), ("a", "others", "2025-02-01", "5"), more_parties=[others])
    assert ask(network(world)).loops == ()


def test_shares_and_stakes_move_no_money() -> None:
    shares = paid("a", "b", "2025-01-01", "5", medium="shares")
    world = chain_world(shares, paid("b", "a", "2025-02-01", "5"), stakes=[stake("a", "b")])
    assert ask(network(world)).loops == ()


# How much -------------------------------------------------------------------------------------------------------------


def test_a_part_contained_in_a_payment_counts_once() -> None:
    world = chain_world(
        paid("a", "b", "2025-01-01", "40"), paid("a", "b", "2025-02-01", "15"), contract("a", "b", "100")
    )
    whole, part = "tranche/a-b-2025-01-01", "tranche/a-b-2025-02-01"
    assert ask(network(world)).loops[0].bottleneck.value == 55
    nested = world.with_cell(part, "contained_in", whole)
    assert ask(network(nested)).loops[0].bottleneck.value == 40
    unknown = without_amount(nested, whole)
    assert ask(network(unknown)).loops[0].bottleneck.low == 15, "a container of unknown size is at least its parts"


def without_amount(facts: Facts, about: str) -> Facts:
    kept = [row for row in facts.rows() if not (row.table == "readings" and row["about"] == about)]
    return Facts(facts.schema, facts.datasets, kept)


def test_a_leg_known_in_part_is_at_least_so_much() -> None:
    world = chain_world(paid("a", "b", "2025-01-01", "30"), paid("a", "b", "2025-02-01"), contract("a", "b", "100"))
    (loop,) = ask(network(world)).loops
    assert (loop.bottleneck.value, loop.bottleneck.low) == (None, Decimal(30))
    assert "smallest leg at least USD 30" in text(ask(network(world)))


def test_a_contract_known_by_the_year_says_so() -> None:
    world = chain_world(paid("a", "b", "2025-01-01", "30"), contract("a", "b", "3", aspect="annual_value"))
    found = ask(network(world))
    assert "purchase: USD 3 a year" in text(found)
    assert (found.loops[0].bottleneck.value, found.loops[0].bottleneck.low) == (None, 3)


def test_the_amount_of_several_lenders_together_is_nobodys_own() -> None:
    world = chain_world(loan("a|c", "b", "50"), contract("a", "b", "20"))
    (loop,) = ask(network(world)).loops
    assert (loop.bottleneck.low, loop.bottleneck.high) == (None, 20)


def test_a_higher_rung_never_adds_a_circle_nor_money(bundled: CapitalGraph) -> None:
    def at(rung: str) -> dict[tuple[str, str], Decimal]:
        graph = CapitalGraph(bundled.store, bundled.ontology, replace(bundled.scope, rung=rung))
        found = loops(graph.network, graph.context, top=10_000)
        return {key: loop.bottleneck.low or Decimal() for key, loop in zip(told(found), found.loops, strict=True)}

    signed, closed = at("signed"), at("closed")
    assert closed.keys() <= signed.keys()
    assert all(closed[key] <= signed[key] for key in closed)


def test_every_circle_of_the_bundled_data_closes_and_its_bottleneck_is_its_smallest_leg(bundled: CapitalGraph) -> None:
    found = loops(bundled.network, bundled.context, top=10_000)
    assert found.shown == len(found.loops) == found.found.value
    for loop in found.loops:
        own = [leg for leg in found.legs if leg.loop == loop.loop]
        assert [leg.payer for leg in own] == list(loop.parties[:-1])
        assert [leg.payee for leg in own] == list(loop.parties[1:])
        lows = [leg.amount.low for leg in own]
        known = [low for low in lows if low is not None]
        assert loop.bottleneck.low == (min(known) if len(known) == len(lows) else None)
    assert sum(kind.count for kind in found.kinds) == len(found.loops)


def test_no_dollar_is_in_two_legs_of_the_same_parties(bundled: CapitalGraph) -> None:
    links = money_links(bundled.network)
    bundles = legs(bundled.network, links)
    ids = [(link.id, link.source, link.target) for leg in bundles for link in leg.links]
    assert len(ids) == len(set(ids))
    for leg in bundles:
        known = sum_of(bundled.network, leg, "signed")
        assert known.with_amount <= known.counted


# How it is asked ------------------------------------------------------------------------------------------------------


def test_only_circles_through_a_party() -> None:
    world = INVESTED_AND_BOUGHT
    assert len(ask(network(world), through="c").loops) == 1
    assert ask(network(world), through="d").loops == ()


def test_the_length_is_bounded_and_payments_can_be_recent_only() -> None:
    world = INVESTED_AND_BOUGHT
    assert ask(network(world), max_length=2).loops == ()
    assert ask(network(world), since=date(2025, 1, 1)).loops
    assert ask(network(world), since=date(2025, 1, 2)).loops == ()


def test_a_house_counts_as_one(small_world: Facts) -> None:
    rows = payments(("lab", "fund", "2025-05-01", "5")).rows()
    world = small_world.with_rows(row for row in rows if row.table in ("deals", "tranches", "statuses"))
    assert told(ask(network(world))) == []
    assert told(ask(network(world), group=True)) == [("house lab house", "equity equity")]


def test_a_wrong_bound_is_refused() -> None:
    of = network(chain_world())
    for how in ({"max_length": 1}, {"max_length": 9}, {"top": 0}):
        with pytest.raises(UsageProblem):
            ask(of, **how)


def test_the_answer_on_the_bundled_data_is_the_same_twice_and_chinese_in_chinese(bundled: CapitalGraph) -> None:
    assert bundled.loops() == bundled.loops()
    assert latin_words(bundled.render(bundled.loops(), lang="zh"), bundled.facts) == set()
    assert bundled.at(as_of="2024-12-31").loops() != bundled.loops()
    assert bundled.at(known_on="2025-06-30").loops() != bundled.loops()

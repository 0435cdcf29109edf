"""Loans on shares: the formulas, published figures, and when a call is computed at all."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.analysis.houses import body, context, figure, network, readings, subsidiary, world
from tests.analysis.test_stress import HALF, held, loan, pledged, thing, worth
from tests.latin import latin_words

from capgraph.analysis.collateral import Margin, margin
from capgraph.analysis.pledges import (
    call_price,
    cash_due,
    fall_to_trigger,
    loan_to_value,
    sale_back_to,
    spiral,
)
from capgraph.errors import UsageProblem
from capgraph.facts import Facts
from capgraph.results import Value

money = st.decimals(1, 10**9, places=2)
ratio = st.decimals("0.01", "0.99", places=2)


@pytest.mark.parametrize(
    ("debt", "value", "percent"),
    [("3.71", "29.81", "12.4"), ("4.81", "25.70", "18.7"), ("1.75", "15.87", "11.0")],
    ids=["2021-03", "2021-09", "2023-03"],
)
def test_the_loan_to_value_that_softbank_printed(debt: str, value: str, percent: str) -> None:
    """Net debt over equity value of holdings, trillions of yen, as its pages give both."""
    found = loan_to_value(Decimal(debt), Decimal(value))
    assert found is not None
    assert round(found, 1) == Decimal(percent)


def test_nothing_left_has_no_ratio() -> None:
    assert loan_to_value(Decimal(1), Decimal(10), Decimal(1)) is None


@given(money, money, ratio)
def test_at_the_fall_to_the_trigger_the_loan_stands_at_the_trigger(
    debt: Decimal, value: Decimal, part: Decimal
) -> None:
    fall = fall_to_trigger(debt, value, part)
    if Decimal(0) <= fall < 1:
        found = loan_to_value(debt, value, fall)
        assert found is not None
        assert abs(found - part * 100) < Decimal("1e-6")


@given(money, money, ratio)
def test_the_price_of_the_call_is_that_of_the_fall(debt: Decimal, value: Decimal, part: Decimal) -> None:
    shares = Decimal(100)
    price = value / shares
    assert abs(call_price(debt, shares, part) - price * (1 - fall_to_trigger(debt, value, part))) < Decimal("1e-6")


@given(money, money, ratio)
def test_after_the_sale_the_loan_stands_at_the_target_or_the_collateral_is_gone(
    debt: Decimal, value: Decimal, target: Decimal
) -> None:
    sold = sale_back_to(debt, value, target)
    assert 0 <= sold <= value
    if 0 < sold < value:
        assert abs((debt - sold) / (value - sold) - target) < Decimal("1e-9")
    assert cash_due(debt, value, target) >= 0


@given(money, money, ratio, st.decimals(0, 1, places=2))
def test_a_spiral_ends_and_an_impact_never_means_fewer_sales(
    debt: Decimal, value: Decimal, trigger: Decimal, impact: Decimal
) -> None:
    calm, moved = (spiral(debt, value, trigger, trigger, part) for part in (Decimal(0), impact))
    assert moved.cured or moved.value <= Decimal("1e-6") * value
    if calm.cured and moved.cured:
        assert moved.sold >= calm.sold - Decimal("1e-6")


@pytest.mark.parametrize("part", ["0", "-1", "1.1"])
def test_a_trigger_outside_its_range_is_refused(part: str) -> None:
    with pytest.raises(UsageProblem):
        fall_to_trigger(Decimal(1), Decimal(1), Decimal(part))


# On a network ---------------------------------------------------------------------------------------------------------


def ask(facts: Facts, **options: Decimal) -> Margin:
    of = network(facts)
    return margin(of, "house", context(of), **options)


def test_without_a_trigger_there_is_loan_to_value_and_no_call() -> None:
    found = ask(pledged())
    (row,) = found.loans
    assert row.loan_to_value is not None
    assert (row.loan_to_value.value, row.trigger, row.fall_to_call) == (20, None, "")
    assert {rung.pay_back for rung in found.ladder} == {""}
    assert "margin.no_trigger" in {note.key for note in found.notes}


def test_a_trigger_of_the_data_gives_the_fall_and_what_is_due() -> None:
    found = ask(pledged("50"))
    (row,) = found.loans
    assert isinstance(row.fall_to_call, Value)
    assert row.fall_to_call.value == 60
    due = [rung.pay_back.value for rung in found.ladder if isinstance(rung.pay_back, Value)]
    assert due == [5, 10, 15]


def test_an_assumed_trigger_is_marked() -> None:
    (row,) = ask(pledged(), trigger=HALF).loans
    assert "margin.assumed" in {note.key for note in row.remarks}


def test_shares_of_the_stake_give_the_price_of_the_call() -> None:
    facts = pledged("50")
    shares = figure("stake/house--chips--common", "shares", "4", "2026-06-30")
    (row,) = ask(world_with(facts, shares)).loans
    assert isinstance(row.price_at_call, Value)
    assert row.price_at_call.value == 10


def world_with(facts: Facts, *rows: dict[str, str]) -> Facts:
    """The facts and further readings."""
    extra = world(readings(*rows))
    return facts.with_rows(row for row in extra.table("readings"))


@pytest.mark.parametrize(
    "options", [{"trigger": "1.5"}, {"trigger": "0"}, {"target": "0.5"}, {"trigger": "0.3", "target": "0.4"}]
)
def test_what_makes_no_sense_is_refused(options: dict[str, str]) -> None:
    with pytest.raises(UsageProblem):
        ask(pledged(), **{name: Decimal(part) for name, part in options.items()})


def test_a_party_without_pledges_gets_an_honest_empty_answer() -> None:
    found = ask(world())
    assert found.loans == ()
    assert "margin.none" in {note.key for note in found.notes}


def test_as_of_known_on_rung_and_group_each_change_the_answer() -> None:
    fund = thing("pledges", "pledge", "f", facility="k", pledgor="fund", stake="fund--lab--common", recourse="none",
                 valid_from="2020")  # fmt: skip
    pledge = thing("pledges", "pledge", "p", facility="l", pledgor="house", stake="house--chips--common",
                   recourse="none", valid_from="2020")  # fmt: skip
    late = worth("facility/l", "30", "drawn", "2026-07-31", source="s-2026-09-01")
    facts = world(
        *held("house", "chips", "100"), *held("fund", "lab", "50"), *loan("l", "house", "bank", "20", "signed"),
        *loan("k", "fund", "bank", "5"), fund, pledge, readings(late), subsidiary("fund", "house"),
    )  # fmt: skip

    def told(**scope: object) -> str:
        of = network(facts, **{key: value for key, value in scope.items() if key != "group"})  # type: ignore[arg-type]
        return body(margin(of.grouped("house") if scope.get("group") else of, "house", context(of)))

    default = told()
    assert told(as_of="2026-07-15") != default
    assert told(known_on="2026-08-15") != default
    assert told(rung="closed") != default
    assert told(group=True) != default


def test_the_chinese_answer_holds_no_latin_word() -> None:
    facts = pledged("50")
    answer = body(ask(facts, trigger=HALF, impact=HALF), "zh")
    assert latin_words(answer, facts) <= {"trigger"}

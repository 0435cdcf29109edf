"""What sold shares would be worth, had they been kept: by hand, by every way, with every switch."""

from __future__ import annotations

import re
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.analysis.houses import body, context, figure, leg, network, readings, split, stake, subsidiary, text, world
from tests.tiny import Cells

from capgraph.analysis.hadheld import HadHeld, had_held
from capgraph.facts import Facts

STAKE = "house--chips--common"
UNTIL = "2025-11-11"


def price(value: str, as_of: str, **cells: str) -> dict[str, list[Cells]]:
    return readings(figure("party/chips", "share_price", value, as_of, **cells))


def ask(facts: Facts, holder: str = "house", as_of: str = UNTIL, **scope: object) -> HadHeld:
    of = network(facts, as_of=as_of, **scope)  # type: ignore[arg-type]
    return had_held(of, holder, "chips", context(of))


def notes(result: HadHeld) -> list[str]:
    return [note.key for note in result.notes]


def ways(result: HadHeld) -> dict[str, Decimal | None]:
    return {row.by.en: row.worth_kept.value for row in result.ways}


SOLD = (
    stake(STAKE, valid_to="2019-01-15"),
    leg("buy", STAKE, "opens", "2017-05-24", "3000", "100"),
    leg("exit", STAKE, "closes", "2019-01-15", "3600", "100"),
    split("chips", "2021-07-20", "4:1"),
    split("chips", "2024-06-10", "10:1"),
)


# By hand --------------------------------------------------------------------------------------------------------------


def test_shares_times_the_splits_since_times_the_price() -> None:
    """100 shares are 4,000 after 4:1 and 10:1; at 200 they are 800,000, less 3,600 of proceeds."""
    result = ask(world(*SOLD, price("200", "2025-11-10")))
    (row,) = result.exits
    assert (row.worth_kept.value, row.missed.value) == (800_000, 796_400)
    assert result.missed_total.value == 796_400


def test_the_proceeds_at_the_price_of_the_day_stand_in_for_the_shares() -> None:
    facts = world(
        stake(STAKE, valid_to="2019-01"),
        leg("exit", STAKE, "closes", "2019-01", "3600"),
        price("3.6", "2019-01-31", basis="split:2024-06-10"),
        price("3", "2019-01-02", basis="split:2024-06-10"),
        price("180", "2025-11-11"),
        split("chips", "2021-07-20", "4:1"),
        split("chips", "2024-06-10", "10:1"),
    )
    result = ask(facts)
    (row,) = result.exits
    assert (row.worth_kept.value, row.worth_kept.high) == (180_000, 216_000)
    assert [(other.input.en, other.missed.value) for other in result.sensitivity] == [("price then", 212_400)]


def test_the_percent_sold_of_all_shares_then_or_of_the_company_now() -> None:
    facts = world(
        stake(STAKE, valid_to="2019-01-15"),
        leg("exit", STAKE, "closes", "2019-01-15", "3600"),
        readings(
            figure("tranche/exit", "percent", "5", "2019-01-15", basis="unknown"),
            figure("party/chips", "share_count", "2000", "2018-12-31"),
            figure("party/chips", "market_cap", "900000", "2025-10-31"),
        ),
        price("400", "2025-11-11"),
        split("chips", "2024-06-10", "10:1"),
    )
    assert ways(ask(facts)) == {"percent of the shares then": 400_000, "percent of the company now": 45_000}


def test_all_ways_are_shown_and_the_first_answers() -> None:
    facts = world(
        *SOLD,
        readings(figure("tranche/exit", "percent", "5", "2019-01-15", basis="unknown")),
        readings(figure("party/chips", "market_cap", "17000000", "2025-11-11")),
        price("36", "2019-01-15"),
        price("200", "2025-11-11"),
    )
    assert ways(ask(facts)) == {
        "shares sold": 800_000,
        "proceeds at the price then": 800_000,
        "percent of the company now": 850_000,
    }
    assert ask(facts).exits[0].worth_kept.value == 800_000


# The gain elsewhere ---------------------------------------------------------------------------------------------------

LAB = "house--lab--preferred"


def funded(*, worth: str) -> Facts:
    """The proceeds of 3,600 paid for a stake of 5,000 in the lab."""
    link = {"id": "link", "use": "tranche/lab-round", "origin": "tranche/exit", "basis": "stated"}
    evidence = {"about": "funding/link", "source": "s-2019-03-01", "confidence": "reported"}
    return world(
        *SOLD,
        price("200", "2025-11-11"),
        stake(LAB),
        leg("lab-round", LAB, "opens", "2019-02-01", "5000"),
        readings(figure(f"stake/{LAB}", "value", worth, "2025-09-30")),
        {"funding": [link], "evidence": [evidence]},
    )


def test_what_the_proceeds_earned_where_they_went_is_taken_off() -> None:
    (row,) = ask(funded(worth="15000")).exits
    assert (row.elsewhere.value, row.net.value) == (7200, 796_400 - 7200)
    (row,) = ask(funded(worth="2500")).exits
    assert (row.elsewhere.value, row.net.value) == (-1800, 796_400 + 1800)


def test_without_a_link_the_gain_elsewhere_is_unknown_and_not_nothing() -> None:
    result = ask(world(*SOLD, price("200", "2025-11-11")))
    assert (result.exits[0].elsewhere.value, result.exits[0].net.value) == (None, None)
    assert "hadheld.no_use" in notes(result)


# What cannot be said --------------------------------------------------------------------------------------------------


def test_nothing_sold_misses_nothing() -> None:
    result = ask(world(stake(STAKE), leg("buy", STAKE, "opens", "2017-05-24", "3000", "100"), price("200", UNTIL)))
    assert (result.missed_total.value, result.exits) == (0, ())
    assert "hadheld.not_sold" in notes(result)


@pytest.mark.parametrize(("as_of", "known"), [("2025-09-27", True), ("2025-09-26", False)])
def test_a_price_older_than_45_days_is_no_price(as_of: str, known: bool) -> None:
    result = ask(world(*SOLD, price("200", as_of)))
    assert (result.missed_total.value is not None) is known
    assert ("hadheld.no_price" in notes(result)) is not known


def test_a_split_without_a_ratio_leaves_no_way() -> None:
    result = ask(world(*SOLD, split("chips", "2023-01-01", ""), price("200", UNTIL)))
    assert (result.exits[0].worth_kept.value, result.missed_total.value) == (None, None)


def test_before_the_sale_nothing_was_sold_and_before_all_data_nothing_was_held() -> None:
    facts = world(*SOLD, price("200", "2025-11-11"))
    assert "hadheld.not_sold" in notes(ask(facts, as_of="2018-01-01"))
    assert "returns.no_position" in notes(ask(facts, as_of="1990-01-01"))


# The switches ---------------------------------------------------------------------------------------------------------


def test_as_of_known_on_rung_and_group_each_change_the_answer() -> None:
    facts = world(
        *SOLD,
        price("200", "2025-11-11"),
        price("190", "2025-10-11"),
        stake("fund--chips--common", valid_to="2020-01-15"),
        leg("fund-exit", "fund--chips--common", "closes", "2020-01-15", "500", "10"),
        leg("next", STAKE, "reduces", "2025-10-01", "10", status="announced"),
        readings(figure("tranche/exit", "amount", "3700", "2019-01-15", source="s-2026-01-01")),
        subsidiary("fund", "house"),
    )
    default = body(ask(facts))
    assert body(ask(facts, as_of="2025-10-20")) != default
    assert body(ask(facts, known_on="2025-12-31")) != default
    assert body(ask(facts, rung="announced")) != default
    assert body(ask(facts, group=True)) != default
    assert {row.holder.id for row in ask(facts, group=True).exits} == {"house", "fund"}


def test_the_chinese_answer_holds_no_latin_word() -> None:
    answer = body(ask(funded(worth="15000")), "zh")
    assert not re.findall(r"[A-Za-z]{2,}", answer.replace("--group", ""))
    assert "少赚" in text(ask(funded(worth="15000")), "zh")


# Laws -----------------------------------------------------------------------------------------------------------------


@settings(max_examples=30, deadline=None)
@given(st.integers(2, 20), st.integers(1, 500))
def test_a_split_after_the_sale_changes_nothing_if_the_price_follows(ratio: int, dollars: int) -> None:
    """Twice the shares at half the price are the same money."""
    before = ask(world(*SOLD[:3], price(str(dollars * ratio), UNTIL)))
    after = ask(world(*SOLD[:3], split("chips", "2022-01-03", f"{ratio}:1"), price(str(dollars), UNTIL)))
    assert before.exits[0].worth_kept == after.exits[0].worth_kept
    assert before.exits[0].worth_kept.value == Fraction(100 * dollars * ratio)


@settings(max_examples=30, deadline=None)
@given(st.lists(st.integers(1, 100), min_size=1, max_size=4))
def test_what_several_sales_missed_adds_up(sales: list[int]) -> None:
    legs = [leg(f"s{at}", STAKE, "reduces", f"2019-0{at + 1}-01", "10", str(n)) for at, n in enumerate(sales)]
    result = ask(world(stake(STAKE), *legs, price("200", UNTIL)))
    assert [row.missed.value for row in result.exits] == [200 * shares - 10 for shares in sales]
    assert result.missed_total.value == 200 * sum(sales) - 10 * len(sales)

"""What a position returned: by hand, with every switch, with versions of its inputs, and on SoftBank's two exits."""

from __future__ import annotations

import re
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.analysis.houses import body, context, figure, leg, network, readings, split, stake, subsidiary, text, world
from tests.tiny import Cells, derived

from capgraph.analysis.positions import holders_of, positions
from capgraph.analysis.returns import Returns, returns
from capgraph.analysis.splits import split_factor
from capgraph.clocks import DateSpan
from capgraph.facts import Facts

STAKE = "house--chips--common"


def ask(facts: Facts, holder: str = "house", issuer: str = "chips", **scope: object) -> Returns:
    of = network(facts, **scope)  # type: ignore[arg-type]
    return returns(of, holder, issuer, context(of))


def notes(result: Returns) -> list[str]:
    return [note.key for note in result.notes]


@pytest.fixture
def sold() -> Facts:
    """Bought for 3,000 in March 2024, sold for 5,830 in October 2025; the fund had sold its own in 2019."""
    return world(
        stake(STAKE, valid_to="2025-10-15"),
        leg("buy", STAKE, "opens", "2024-03-01", "3000"),
        leg("exit", STAKE, "closes", "2025-10-15", "5830", "321"),
        stake("fund--chips--common", valid_from="2017-05-01", valid_to="2019-01-31"),
        leg("old-buy", "fund--chips--common", "opens", "2017-05-01", "4000"),
        leg("old-exit", "fund--chips--common", "closes", "2019-01-31", "3600"),
        subsidiary("fund", "house"),
    )


# By hand --------------------------------------------------------------------------------------------------------------


def test_gain_multiple_years_and_rate_by_hand(sold: Facts) -> None:
    (row,) = ask(sold).positions
    assert (row.cost.value, row.proceeds.value, row.worth.value) == (3000, 5830, 0)
    assert (row.gain.value, row.moic.value, row.held.value) == (2830, Decimal("1.943"), Decimal("1.62"))
    rate = (5830 / 3000) ** (365 / 593) - 1
    assert row.rate.value == pytest.approx(Decimal(rate * 100), abs=Decimal("0.01"))
    assert (str(row.bought), str(row.sold)) == ("2024-03-01", "2025-10-15")


def test_what_is_still_held_is_valued_on_the_asked_day() -> None:
    facts = world(
        stake(STAKE),
        leg("buy", STAKE, "opens", "2024-03-01", "3000"),
        readings(figure(f"stake/{STAKE}", "value", "4500", "2025-12-31")),
    )
    (row,) = ask(facts).positions
    assert (row.worth.value, row.gain.value, row.moic.value) == (4500, 1500, Decimal("1.500"))
    assert "still held" in text(ask(facts))


def test_legs_of_a_contained_stake_belong_to_the_position_that_contains_it() -> None:
    facts = world(
        stake(STAKE),
        stake("fund--chips--common", contained_in=STAKE),
        leg("one", STAKE, "opens", "2024-03-01", "1000"),
        leg("two", "fund--chips--common", "increases", "2024-06-01", "500"),
        subsidiary("fund", "house"),
    )
    for group in (False, True):
        (row,) = ask(facts, group=group).positions
        assert row.cost.value == 1500


def test_what_the_house_sells_to_itself_is_no_trade() -> None:
    facts = world(
        stake(STAKE),
        leg("buy", STAKE, "opens", "2024-03-01", "1000"),
        leg("inner", STAKE, "increases", "2024-06-01", "500", to_party="fund"),
        subsidiary("fund", "house"),
    )
    assert ask(facts).positions[0].cost.value == 1500
    assert ask(facts, group=True).positions[0].cost.value == 1000


def test_a_leg_without_an_amount_takes_what_the_deal_leaves() -> None:
    legs = leg("june", STAKE, "reduces", "2025-06-01", "900"), leg("dec", STAKE, "reduces", "2025-12-01", deal="june")
    facts = world(stake(STAKE), *legs, readings(figure("deal/june", "amount", "1270", "2025-12")))
    assert [row.amount.value for row in ask(facts).trades] == [900, 370]


def test_the_gain_of_partial_sales_by_lot_and_at_average_cost() -> None:
    facts = world(
        stake(STAKE),
        leg("one", STAKE, "opens", "2022-01-03", "1000", "100"),
        split("chips", "2022-06-01", "10:1"),
        leg("two", STAKE, "increases", "2023-01-03", "3000", "1000"),
        leg("part", STAKE, "reduces", "2024-01-03", "4000", "1000"),
    )
    gains = {row.method.en: row.gain.value for row in ask(facts).realised}
    assert gains == {"first in, first out": 3000, "average cost": 2000}


# The switches ---------------------------------------------------------------------------------------------------------


def test_as_of_known_on_rung_and_group_each_change_the_answer(sold: Facts) -> None:
    promise = leg("next", STAKE, "increases", "2025-12-01", "100", status="announced")
    late = leg("late", STAKE, "increases", "2024-04-01", "50", published="2026-06-01")
    facts = world_of(sold, promise, late)
    default = body(ask(facts))
    assert body(ask(facts, as_of="2025-06-30")) != default
    assert body(ask(facts, known_on="2026-05-31")) != default
    assert body(ask(facts, rung="announced")) != default
    assert body(ask(facts, group=True)) != default


def world_of(facts: Facts, *parts: dict[str, list[Cells]]) -> Facts:
    """The facts and further rows."""
    known = {row.ref for row in facts.rows()}
    return facts.with_rows(row for row in world(*parts).rows() if row.ref not in known)


def test_the_house_shows_both_exits_and_the_party_alone_one(sold: Facts) -> None:
    assert [row.holder.id for row in ask(sold).positions] == ["house"]
    assert [row.holder.id for row in ask(sold, group=True).positions] == ["fund", "house"]
    assert ask(sold, group=True).gain_total.value == 2430
    assert "returns.house" in notes(ask(sold))
    assert "returns.house" not in notes(ask(sold, group=True))


def test_a_promised_trade_is_listed_and_enters_no_figure(sold: Facts) -> None:
    facts = world_of(sold, leg("next", STAKE, "increases", "2025-12-01", "100", status="signed"))
    result = ask(facts)
    assert [row.tranche for row in result.trades][-1] == "tranche/next"
    assert result.positions == ask(sold).positions
    assert "returns.promised" in notes(result)


# Versions -------------------------------------------------------------------------------------------------------------


@pytest.fixture
def disputed(sold: Facts) -> Facts:
    """The cost of the fund's position as four sources have it, one of them net of hedges."""

    def cost(value: str, as_of: str, source: str, **cells: str) -> Cells:
        return figure("stake/fund--chips--common", "cost", value, as_of, source=source, **cells)

    return world_of(
        sold,
        readings(
            cost("2900", "2019-01", "s-2020-01-02"),
            cost("3000", "2018-09", "s-2020-01-03"),
            cost("700", "2019-01", "s-2020-01-04", basis="net-of-hedges"),
            figure("tranche/old-exit", "amount", "7000", "2019-01", source="s-2019-12-01"),
            figure("stake/fund--chips--common", "gain", "3300", "2019-01"),
        ),
    )


def test_every_version_of_an_input_is_reckoned_by_itself(disputed: Facts) -> None:
    result = ask(disputed, "fund")
    by_input = [(row.input.en, row.says.value, row.gain.value) for row in result.sensitivity]  # type: ignore[union-attr]
    assert by_input == [
        ("whole cost", 2900, 700),
        ("whole cost", 3000, 600),
        ("whole cost", 700, 2900),
        ("a sale", 7000, 3000),
    ]
    (row,) = result.positions
    assert (row.gain.value, row.gain.low, row.gain.high) == (-400, -400, 3000)
    assert (row.cost.low, row.cost.high) == (2900, 4000)
    assert [(told.gain.value, told.origins) for told in result.stated] == [(3300, 1)]


def test_a_basis_that_does_not_answer_is_shown_and_sets_no_range(disputed: Facts) -> None:
    result = ask(disputed, "fund")
    assert "net-of-hedges" in [row.basis for row in result.sensitivity]
    assert result.positions[0].cost.low == 2900


def test_an_inexact_day_counts_from_its_first_and_is_varied_to_its_last() -> None:
    facts = world(
        stake(STAKE, valid_to="2025-10"),
        leg("buy", STAKE, "opens", "2024", "1000"),
        leg("exit", STAKE, "closes", "2025-10-15", "1500"),
    )
    result = ask(facts)
    (row,) = result.positions
    assert (row.held.value, row.held.low, row.held.high) == (Decimal("1.79"), Decimal("0.79"), Decimal("1.79"))
    assert [str(each.says) for each in result.sensitivity] == ["2024-12-31"]


def test_a_stated_cost_stands_in_where_a_purchase_has_no_amount() -> None:
    facts = world(
        stake(STAKE),
        leg("one", STAKE, "opens", "2024-01-15", "500"),
        leg("two", STAKE, "increases", "2024-06-15"),
        leg("three", STAKE, "increases", "2025-06-15", "300"),
        readings(figure(f"stake/{STAKE}", "cost", "800", "2024-12-31")),
        readings(figure(f"stake/{STAKE}", "value", "2200", "2026-06-30")),
    )
    (row,) = ask(facts).positions
    assert (row.cost.value, row.gain.value) == (1100, 1100)
    assert row.rate.value is not None, "the purchase without an amount takes what the others leave of the cost"


# What cannot be said --------------------------------------------------------------------------------------------------


def test_an_unknown_amount_makes_the_gain_unknown_and_the_known_ones_the_least() -> None:
    facts = world(
        stake(STAKE, valid_to="2025-10-15"),
        leg("buy", STAKE, "opens", "2024-03-01"),
        leg("part", STAKE, "reduces", "2025-03-01", "100"),
        leg("exit", STAKE, "closes", "2025-10-15"),
    )
    result = ask(facts)
    (row,) = result.positions
    assert (row.cost.value, row.gain.value, row.moic.value, row.rate.value) == (None, None, None, None)
    assert (row.proceeds.value, row.proceeds.low) == (None, 100)
    assert result.gain_total.value is None
    assert "returns.silent" in notes(result)


def test_two_rates_are_both_named_and_none_is_chosen() -> None:
    facts = world(
        stake(STAKE, valid_to="2023-01-01"),
        leg("one", STAKE, "opens", "2021-01-01", "100"),
        leg("two", STAKE, "reduces", "2022-01-01", "230"),
        leg("three", STAKE, "increases", "2023-01-01", "132"),
    )
    result = ask(facts)
    assert result.positions[0].rate.value is None
    assert "10 %, 20 %" in text(result)


@pytest.mark.parametrize(
    ("legs", "key"),
    [
        ([("a", "opens", "2025-01-01", "100"), ("b", "closes", "2025-06-01", "150")], "returns.short"),
        ([("b", "closes", "2025-06-01", "150")], None),
        ([("a", "opens", "2023-01-01", "100"), ("b", "increases", "2024-01-01", "100")], "returns.no_rate"),
    ],
)
def test_a_missing_rate_is_explained(legs: list[tuple[str, str, str, str]], key: str | None) -> None:
    end = {"valid_to": "2025-06-01"} if legs[-1][1] == "closes" else {}
    parts = [leg(id, STAKE, effect, day, amount) for id, effect, day, amount in legs]
    worthless = readings(figure(f"stake/{STAKE}", "value", "0", "2026-06-30"))
    result = ask(world(stake(STAKE, **end), *parts, worthless))
    assert result.positions[0].rate.value is None
    assert key is None or key in notes(result)


def test_shares_that_no_purchase_explains_are_named() -> None:
    facts = world(
        stake(STAKE, valid_to="2025-10-15"),
        leg("buy", STAKE, "opens", "2024-03-01", "3000"),
        leg("exit", STAKE, "closes", "2025-10-15", "5830", "3210"),
        readings(figure(f"stake/{STAKE}", "shares", "105", "2024-12-31")),
        split("chips", "2025-02-03", "10:1"),
    )
    (gap,) = [note for note in ask(facts).notes if note.key == "returns.unrecorded_purchase"]
    assert (gap.values["held"].value, gap.values["gap"].value) == (1050, 2160)


def test_no_stake_and_a_day_before_all_data_give_an_empty_answer_that_says_so(sold: Facts) -> None:
    for result in (ask(sold, "bank"), ask(sold, as_of="1990-01-01")):
        assert result.positions == ()
        assert "returns.no_position" in notes(result)
        assert result.gain_total.value is None


@pytest.mark.parametrize("group", [False, True])
def test_the_chinese_answer_holds_no_latin_word_but_names_and_ids(disputed: Facts, group: bool) -> None:
    answer = body(ask(disputed, group=group), "zh")
    assert not re.findall(r"[A-Za-z]{2,}", answer.replace("--group", ""))


# Splits ---------------------------------------------------------------------------------------------------------------


def test_a_split_with_no_ratio_or_a_vague_day_gives_no_factor() -> None:
    def factor(day: str, ratio: str, of: str, to: str) -> float | None:
        found = split_factor(
            derived(world(split("chips", day, ratio))), "party/chips", DateSpan.parse(of), DateSpan.parse(to)
        )
        return None if found is None else float(found)

    assert factor("2021-07-20", "4:1", "2019-01", "2025-11-11") == 4
    assert factor("2021-07-20", "4:1", "2025-11-11", "2019-01") == 0.25
    assert factor("2021-07-20", "4:1", "2021-07-20", "2025") == 1
    assert factor("2021-07-20", "4:1", "2021-07-19", "2021-07-20") == 4
    assert factor("2021-07-20", "4:1", "2021", "2025") is None
    assert factor("2021", "4:1", "2021-03-01", "2025") is None
    assert factor("2021", "4:1", "2019", "2025") == 4
    assert factor("2021-07-20", "", "2019", "2025") is None
    assert factor("2021-07-20", "", "2022", "2025") == 1


day_lists = st.lists(st.integers(2000, 2024), min_size=3, max_size=3, unique=True).map(sorted)


@settings(max_examples=40)
@given(day_lists, st.dictionaries(st.integers(2000, 2024), st.integers(2, 10), max_size=3))
def test_splits_chain_and_undo_each_other(years: list[int], splits: dict[int, int]) -> None:
    of = derived(world(*(split("chips", f"{year}-06-15", f"{ratio}:1") for year, ratio in splits.items())))
    days = [DateSpan.parse(f"{year}-01-01") for year in years]
    steps = [split_factor(of, "party/chips", one, other) for one, other in pairwise(days)]
    whole = split_factor(of, "party/chips", days[0], days[-1])
    assert whole == steps[0] * steps[1]  # type: ignore[operator]
    assert split_factor(of, "party/chips", days[-1], days[0]) == 1 / whole  # type: ignore[operator]


@settings(max_examples=20)
@given(st.integers(2, 20))
def test_a_split_between_purchase_and_sale_changes_no_return(ratio: int) -> None:
    def result(*extra: dict[str, list[Cells]], factor: int = 1) -> Returns:
        return ask(
            world(
                stake(STAKE),
                leg("buy", STAKE, "opens", "2023-01-03", "1000", "100"),
                leg("part", STAKE, "reduces", "2025-01-03", "4000", str(50 * factor)),
                *extra,
            )
        )

    plain, splitted = result(), result(split("chips", "2024-06-10", f"{ratio}:1"), factor=ratio)
    assert [row.gain for row in plain.realised] == [row.gain for row in splitted.realised]
    assert [row.proceeds for row in plain.positions] == [row.proceeds for row in splitted.positions]


# The real data --------------------------------------------------------------------------------------------------------


def test_every_position_of_the_data_can_be_reckoned() -> None:
    """Whatever the data hold: no crash, gains that add up, and no rate without a purchase."""
    from capgraph.graph import load

    graph = load()
    pairs = sorted({(row["holder"], row["issuer"]) for row in graph.facts.table("stakes") if not row.derived})
    for holder, issuer in pairs:
        for row in returns(graph.network, holder, issuer, graph.context).positions:
            known = [row.cost.value, row.proceeds.value, row.worth.value, row.gain.value]
            if None not in known:
                assert row.gain.value == row.proceeds.value + row.worth.value - row.cost.value  # type: ignore[operator]
            else:
                assert row.gain.value is None
            assert row.rate.value is None or row.cost.value is not None


def test_softbank_shows_both_exits_from_nvidia_with_its_house_and_one_without() -> None:
    from capgraph.graph import load

    graph = load(group=True)
    found = positions(graph.network, holders_of(graph.network, "softbank-group"), "nvidia")
    assert [position.holder for position in found if position.over] == ["vision-fund-1", "softbank-group"]
    alone = load()
    assert [row.holder.id for row in alone.returns("softbank-group", "nvidia").positions] == ["softbank-group"]


def test_an_assumed_amount_stands_alone() -> None:
    from capgraph.graph import load

    tranche = "tranche/softbank-nvidia-exit-2019-01--sale"
    plain, assumed = (load(group=True, sets=sets) for sets in ((), (f"{tranche}.amount=4000000000",)))
    before, after = (graph.returns("softbank-group", "nvidia").positions[0].proceeds for graph in (plain, assumed))
    assert before.low != before.high
    assert (after.value, after.low, after.high) == (4_000_000_000, 4_000_000_000, 4_000_000_000)

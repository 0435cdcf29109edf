"""Intervals contain every result of the numbers in them, and say no more than that at the ends of a formula."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from capgraph.errors import UsageProblem
from capgraph.formulas import Formula
from capgraph.intervals import EVERYTHING, Interval, band, greatest, hull, least, printed

NUMBERS = st.fractions(min_value=-50, max_value=50, max_denominator=8)


@st.composite
def intervals(draw: st.DrawFn) -> tuple[Interval, Fraction]:
    """An interval of any kind, and a number in it."""
    low, high = sorted((draw(NUMBERS), draw(NUMBERS)))
    kind = draw(st.sampled_from(["closed", "open", "half", "above", "below"]))
    if kind == "above":
        return Interval.above(low - 1), low
    if kind == "below":
        return Interval.below(high + 1), high
    if low == high or kind == "closed":
        return Interval(low, high), draw(st.sampled_from([low, high, (low + high) / 2]))
    return Interval(low, high, True, kind == "open"), (low + high) / 2


@given(intervals(), intervals())
def test_the_result_of_an_operation_contains_the_result_of_every_pair_of_members(
    one: tuple[Interval, Fraction], other: tuple[Interval, Fraction]
) -> None:
    (a, x), (b, y) = one, other
    assert x in a
    assert x + y in a + b
    assert x - y in a - b
    assert x * y in a * b
    assert abs(x) in abs(a)
    assert min(x, y) in least(a, b)
    assert max(x, y) in greatest(a, b)
    assert x in hull([a, b])
    if y != 0 and b != Interval.of(0):
        assert x / y in a / b


@given(intervals(), intervals())
def test_intervals_meet_alike_from_both_sides_and_lie_apart_by_their_distance(
    one: tuple[Interval, Fraction], other: tuple[Interval, Fraction]
) -> None:
    (a, x), (b, _) = one, other
    assert a.meets(b) == b.meets(a)
    assert a.distance(b) == -b.distance(a)
    assert not (a.meets(b) and a.distance(b) != 0)
    assert a.meets(b) or x not in b
    assert not a.within(b) or x in b


FORMULAS = (
    "(x - y) / y",
    "x / (x + y)",
    "x * x - y",
    "(x + y) * (x - y)",
    "max(x, y) - x",
    "abs(x - y) / x",
    "x / y - y / x",
)
BOXES = st.tuples(*[st.fractions(min_value=1, max_value=9, max_denominator=4)] * 4)


@settings(max_examples=200)
@given(st.sampled_from(FORMULAS), BOXES, st.fractions(0, 1), st.fractions(0, 1))
def test_a_formula_contains_its_value_at_every_point_however_often_a_name_stands_in_it(
    text: str, box: tuple[Fraction, ...], right: Fraction, up: Fraction
) -> None:
    formula = Formula.parse(text)
    (x1, x2), (y1, y2) = sorted(box[:2]), sorted(box[2:])
    numbers = {"x": Interval(x1, x2), "y": Interval(y1, y2)}
    point = {"x": Interval.of(x1 + (x2 - x1) * right), "y": Interval.of(y1 + (y2 - y1) * up)}
    result, single = formula.value(numbers), formula.value(point)
    assert single.point
    assert Fraction(single.low) in result


def test_a_name_that_stands_twice_is_one_number_where_the_formula_is_monotone() -> None:
    formula = Formula.parse("(now - before) / before")
    numbers = {"now": Interval.of(38, 40), "before": Interval.of(20, 21)}
    assert formula.value(numbers) == Interval.of(Fraction(17, 21), 1)
    assert formula.way(numbers) == "corners"


def test_where_a_formula_turns_the_wide_interval_stands() -> None:
    formula = Formula.parse("x * x - x")
    numbers = {"x": Interval.of(0, 1)}
    assert formula.way(numbers) == "wide"
    assert Interval.of(Fraction(-1, 4), 0).within(formula.value(numbers))


def test_open_ends_stay_open_through_a_formula() -> None:
    over = Formula.parse("2 * x + 1").value({"x": Interval.above(5)})
    assert over == Interval.above(11)
    half_open = {"x": Interval(Fraction(3), Fraction(4), True, False), "y": Interval.of(1, 2)}
    assert Formula.parse("(x - y) / y").way(half_open) == "corners"
    assert Formula.parse("(x - y) / y").value(half_open) == Interval(Fraction(1, 2), Fraction(3), True, False)


# What a printed number may stand for ----------------------------------------------------------------------------------


def test_rounding_is_half_a_unit_of_the_last_digit() -> None:
    assert band(Decimal("5830000000"), Decimal(1), Decimal(1), half_step=Decimal(5000000)) == Interval.of(
        5825000000, 5835000000
    )


def test_over_is_open_and_has_no_upper_end() -> None:
    over = band(Decimal(5), Decimal(1), None, open_ends=True)
    assert (5 in over, Decimal("5.0001") in over, 10**30 in over) == (False, True, True)
    under = band(Decimal(5), None, Decimal(1), open_ends=True)
    assert (5 in under, -(10**30) in under) == (False, True)


def test_bands_of_negative_numbers_keep_their_ends_in_order() -> None:
    assert band(Decimal(-10), Decimal("0.9"), Decimal(1)) == Interval.of(-10, -9)


@given(st.decimals(min_value=-(10**12), max_value=10**12, places=2))
def test_a_printed_number_stands_for_itself_and_never_for_much_else(value: Decimal) -> None:
    found = printed(value)
    assert value in found
    if abs(value) >= 100:
        assert Fraction(found.high) - Fraction(found.low) <= abs(Fraction(value)) / 100


def test_a_sum_of_rounded_numbers_may_miss_by_its_rounding() -> None:
    """XBRL Calculations 1.1: 12 + 45 = 58 is consistent when all three are rounded to units."""
    half = Decimal("0.5")
    parts = {
        name: band(Decimal(number), Decimal(1), Decimal(1), half_step=half) for name, number in (("a", 12), ("b", 45))
    }
    total = Formula.parse("a + b").value(parts)
    assert total.meets(band(Decimal(58), Decimal(1), Decimal(1), half_step=half))
    assert not total.meets(band(Decimal(59), Decimal(1), Decimal(1)))


# Comparisons ----------------------------------------------------------------------------------------------------------


@given(intervals(), intervals())
def test_a_comparison_is_certain_only_where_every_pair_of_members_agrees(
    one: tuple[Interval, Fraction], other: tuple[Interval, Fraction]
) -> None:
    (a, x), (b, y) = one, other
    for sign, told in (("<", x < y), ("<=", x <= y), (">", x > y), (">=", x >= y)):
        answer = Formula.parse(f"a {sign} b").holds({"a": a, "b": b})
        assert answer is None or answer == told
    if x == y:
        assert Formula.parse("a = b").holds({"a": a, "b": b}) is True


@given(intervals(), intervals())
def test_comparisons_turned_round_say_the_same(
    one: tuple[Interval, Fraction], other: tuple[Interval, Fraction]
) -> None:
    numbers = {"a": one[0], "b": other[0]}
    assert Formula.parse("a > b").holds(numbers) == Formula.parse("b < a").holds(numbers)
    assert Formula.parse("a >= b").holds(numbers) == Formula.parse("b <= a").holds(numbers)


# Formulas as data -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    ["", "a <", "a ** b", "a.b", "a[0]", "__import__('os')", "a and b", "lambda: a", "f(a)", "max()", "abs(a, b)",
     "max(a, key=b)", "'a'", "True", "a != b", "(" * 300, "a" * 501, "1 if a else b", "a := 1", "a in b"],
)  # fmt: skip
def test_whatever_is_no_formula_is_refused(text: str) -> None:
    with pytest.raises(UsageProblem):
        Formula.parse(text)


def test_division_by_nought_is_told_and_division_across_nought_allows_everything() -> None:
    with pytest.raises(ZeroDivisionError):
        Formula.parse("1 / x").value({"x": Interval.of(0)})
    assert Formula.parse("1 / x").value({"x": Interval.of(-1, 1)}) == EVERYTHING


@pytest.mark.parametrize(
    ("text", "unit"),
    [("after - before", "points"), ("after / before", "ratio"), ("after * 2", "percent"),
     ("money * after / 100", "USD"), ("money / shares", None), ("12 * 3", ""),
     ("money + money", "USD"), ("money + shares", None)],
)  # fmt: skip
def test_units_follow_the_formula(text: str, unit: str | None) -> None:
    units = {"after": "percent", "before": "percent", "money": "USD", "shares": "shares"}
    assert Formula.parse(text).unit(units) == unit


def test_percent_and_points_do_not_mix() -> None:
    units = {"rise": "points", "growth": "percent"}
    assert Formula.parse("rise > growth").mixes_points(units)
    assert not Formula.parse("growth > growth").mixes_points(units)

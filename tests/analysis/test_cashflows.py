"""Rates, lots and average cost: published examples, and laws over random payments and trades."""

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
import pyxirr
from hypothesis import assume, example, given
from hypothesis import strategies as st

from capgraph.analysis.cashflows import Flow, Trade, average_cost, fifo, internal_rates

DAY = date(2020, 1, 1)


def flows(*payments: tuple[int, int]) -> list[Flow]:
    """Payments from (days after the first of 2020, amount)."""
    return [(DAY + timedelta(days=days), Decimal(amount)) for days, amount in payments]


def worth(payments: list[Flow], rate: float) -> float:
    """The sum of the discounted payments, relative to all money moved."""
    first = min(day for day, _ in payments)
    terms = [float(amount) * (1 + rate) ** (-(day - first).days / 365) for day, amount in payments]
    return sum(terms) / sum(abs(term) for term in terms)


# Rates ----------------------------------------------------------------------------------------------------------------


def test_the_example_of_excel_is_reproduced_to_all_printed_digits() -> None:
    """Microsoft's help page on XIRR prints 0.373362535, or 37.34 percent."""
    days = [date(2008, 1, 1), date(2008, 3, 1), date(2008, 10, 30), date(2009, 2, 15), date(2009, 4, 1)]
    payments = list(zip(days, map(Decimal, (-10000, 2750, 4250, 3250, 2750)), strict=True))
    (rate,) = internal_rates(payments)
    assert round(rate, 8) == 0.37336253
    assert internal_rates(payments[::-1]) == internal_rates(payments)


def test_a_year_at_ten_percent() -> None:
    assert internal_rates(flows((0, -100), (365, 110))) == pytest.approx((0.10,))


def test_two_rates_that_fit_are_both_reported() -> None:
    """-100 + 230 v - 132 v^2 = 0 at v = 1/1.1 and v = 1/1.2: a textbook case of two internal rates."""
    payments = flows((0, -100), (365, 230), (730, -132))
    assert internal_rates(payments) == pytest.approx((0.10, 0.20))
    single = pyxirr.xirr([day for day, _ in payments], [float(amount) for _, amount in payments])
    assert single == pytest.approx(0.10) or single == pytest.approx(0.20) or single is None


@pytest.mark.parametrize(
    "payments",
    [
        [],
        flows((0, -100)),
        flows((0, -100), (365, -10)),
        flows((0, 100), (365, 10)),
        flows((0, -100), (0, 150)),
        flows((0, -100), (0, 100), (365, 0)),
    ],
)
def test_payments_that_never_change_sign_have_no_rate(payments: list[Flow]) -> None:
    assert internal_rates(payments) == ()


def test_several_changes_of_sign_may_fit_no_rate_at_all() -> None:
    assert internal_rates(flows((0, -100), (365, 100), (730, -100))) == ()


amounts = st.integers(1, 10**9)


@given(st.lists(st.tuples(st.integers(0, 3650), st.integers(-(10**6), 10**6)), min_size=2, max_size=8))
@example([(0, 2), (7, -1)])
def test_every_reported_rate_makes_the_payments_worth_nothing(payments: list[tuple[int, int]]) -> None:
    for rate in internal_rates(flows(*payments)):
        assert abs(worth(flows(*payments), rate)) < 1e-6


@given(amounts, amounts, st.integers(365, 3650))
def test_one_purchase_and_one_sale_have_the_growth_of_the_money_as_their_rate(paid: int, got: int, days: int) -> None:
    assume(0.001 < got / paid < 1000)
    (rate,) = internal_rates(flows((0, -paid), (days, got)))
    assert rate == pytest.approx((got / paid) ** (365 / days) - 1, rel=1e-6, abs=1e-9)


# Lots -----------------------------------------------------------------------------------------------------------------


def trades(*deeds: tuple[int, int, int]) -> list[Trade]:
    """Trades from (day, shares, money)."""
    return [Trade(DAY + timedelta(days=day), Fraction(shares), Decimal(money)) for day, shares, money in deeds]


def test_lots_are_sold_in_the_order_in_which_they_were_bought() -> None:
    sold, left = fifo(trades((0, 100, 1000), (10, 100, 3000), (20, -150, 6000)))
    assert [(lot.shares, lot.cost, lot.proceeds) for lot in sold] == [(100, 1000, 4000), (50, 1500, 2000)]
    assert [(lot.shares, lot.money) for lot in left] == [(50, 1500)]


def test_average_cost_and_fifo_differ_in_between_and_agree_in_the_end() -> None:
    part = trades((0, 100, 1000), (10, 100, 3000), (20, -100, 4000))
    whole = [*part, *trades((30, -100, 5000))]
    assert (sum(lot.gain for lot in fifo(part)[0]), average_cost(part)) == (3000, 2000)
    assert sum(lot.gain for lot in fifo(whole)[0]) == average_cost(whole) == 5000


@pytest.mark.parametrize("reckon", [fifo, average_cost])
def test_more_than_was_held_cannot_be_sold(reckon: object) -> None:
    with pytest.raises(ValueError, match="1 more shares were sold than held"):
        reckon(trades((0, 100, 1000), (10, -101, 2000)))  # type: ignore[operator]


@st.composite
def histories(draw: st.DrawFn) -> list[Trade]:
    """Trades that never sell more than was held."""
    held, deeds = 0, []
    for day in range(draw(st.integers(1, 12))):
        sale = held and draw(st.booleans())
        shares = -draw(st.integers(1, held)) if sale else draw(st.integers(1, 10**6))
        held += shares
        deeds.append((day, shares, draw(amounts)))
    return trades(*deeds)


@given(histories())
def test_fifo_conserves_shares_costs_and_proceeds(history: list[Trade]) -> None:
    sold, left = fifo(history)
    bought = [trade for trade in history if trade.shares > 0]
    assert sum(lot.shares for lot in sold) + sum(lot.shares for lot in left) == sum(each.shares for each in bought)
    assert sum(lot.cost for lot in sold) + sum(lot.money for lot in left) == sum(each.money for each in bought)
    assert sum(lot.proceeds for lot in sold) == sum(each.money for each in history if each.shares < 0)


@given(histories(), st.integers(2, 40), st.integers(1, 10))
def test_a_split_changes_no_gain(history: list[Trade], new: int, old: int) -> None:
    split = [Trade(trade.day, trade.shares * Fraction(new, old), trade.money) for trade in history]
    assert [lot.gain for lot in fifo(split)[0]] == [lot.gain for lot in fifo(history)[0]]
    assert average_cost(split) == average_cost(history)


@given(histories())
def test_when_all_is_sold_both_methods_give_proceeds_less_cost(history: list[Trade]) -> None:
    held = sum(trade.shares for trade in history)
    assume(held > 0)
    whole = [*history, Trade(history[-1].day + timedelta(days=1), -held, Decimal(10**9))]
    paid = sum(trade.money for trade in whole if trade.shares > 0)
    gain = sum(trade.money for trade in whole if trade.shares < 0) - paid
    assert sum(lot.gain for lot in fifo(whole)[0]) == gain
    assert abs(average_cost(whole) - gain) <= Decimal("0.00001")

"""Clearing: published examples, and the laws of a clearing vector over random systems."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from capgraph.analysis.clearing import Clearing, Matrix, Vector, clear
from capgraph.errors import UsageProblem

amounts = st.floats(0, 100).map(lambda number: round(number, 2))


@st.composite
def systems(draw: st.DrawFn) -> tuple[Matrix, Vector, Vector]:
    """Debts among parties, assets outside, debts outside."""
    n = draw(st.integers(2, 6))
    owed = np.array([[0.0 if i == j else draw(amounts) for j in range(n)] for i in range(n)])
    return owed, np.array([draw(amounts) for _ in range(n)]), np.array([draw(amounts) for _ in range(n)])


costs = st.floats(0, 1).map(lambda number: round(number, 2))


def test_example_of_rogers_and_veraart_with_two_banks() -> None:
    banks = clear(np.array([[0, 2], [2.2, 0]]), np.array([1.0, 1.0]), alpha=0.5, beta=0.5)
    assert banks.payments.tolist() == [2, 2.2]
    assert banks.waves == ()


def test_ring_of_rogers_and_veraart_where_all_fail() -> None:
    """Section 5.1: six banks, odd ones owe 2, even ones 3; outside assets only at the even ones."""
    owed = np.zeros((6, 6))
    for place in range(6):
        owed[place, (place + 1) % 6] = 2 if place % 2 == 0 else 3
    ring = clear(owed, np.array([0.0, 0.8] * 3), alpha=0.5, beta=0.5)
    assert ring.payments == pytest.approx([4 / 15, 8 / 15] * 3)
    assert ring.waves == ((1, 3, 5), (0, 2, 4))


def test_exercise_with_three_banks_after_a_shock_of_a_tenth() -> None:
    """Big Data Finance, exercise 2 (Barucca): the first bank fails, the second survives with 17/21."""
    owed = np.array([[0.0, 4, 0], [0, 0, 3], [2, 0, 0]])
    banks = clear(owed, np.array([18.0, 18, 9]), np.array([17.0, 18, 8]))
    assert banks.equity == pytest.approx([-1, 17 / 21, 2])
    assert banks.waves == ((0,),)


def test_two_banks_whose_debts_pass_through_each_other() -> None:
    """By hand: 10 owed by the first with 1 outside, 6 owed back: it pays 1 + 6 = 7 of 10, the second its 6."""
    assert clear(np.array([[0.0, 10], [6, 0]]), np.array([1.0, 0])).payments.tolist() == [7, 6]


def test_a_default_is_a_shortfall_not_an_equality() -> None:
    exact = clear(np.array([[0.0, 0.3], [0, 0]]), np.array([0.1 + 0.2, 0]))
    assert exact.waves == ()


def test_a_party_without_debts_never_defaults() -> None:
    assert clear(np.zeros((2, 2)), np.zeros(2)).waves == ()


@pytest.mark.parametrize(
    ("owed", "assets", "alpha"),
    [
        (np.array([[0.0, -1], [0, 0]]), np.zeros(2), 1.0),
        (np.array([[1.0, 1], [0, 0]]), np.zeros(2), 1.0),
        (np.zeros((2, 2)), np.array([-1.0, 0]), 1.0),
        (np.zeros((2, 2)), np.zeros(3), 1.0),
        (np.zeros((2, 2)), np.zeros(2), 1.5),
    ],
)
def test_what_is_no_system_is_refused(owed: Matrix, assets: Vector, alpha: float) -> None:
    with pytest.raises(UsageProblem):
        clear(owed, assets, alpha=alpha)


def _inflow(owed: Matrix, cleared: Clearing) -> Vector:
    relative = np.divide(owed, cleared.due[:, None], out=np.zeros_like(owed), where=cleared.due[:, None] > 0)
    return np.asarray(relative.T @ cleared.payments)


@settings(max_examples=150, deadline=None)
@given(systems(), costs, costs)
def test_it_is_the_fixed_point_and_within_bounds(
    system: tuple[Matrix, Vector, Vector], alpha: float, beta: float
) -> None:
    owed, assets, debts = system
    cleared = clear(owed, assets, debts, alpha=alpha, beta=beta)
    inflow, failed = _inflow(owed, cleared), np.isin(np.arange(len(assets)), cleared.defaulted)
    assert ((cleared.payments >= 0) & (cleared.payments <= cleared.due + 1e-9)).all()
    assert (cleared.payments <= assets + inflow + 1e-6).all(), "limited liability"
    expected = np.where(failed, alpha * assets + beta * inflow, cleared.due)
    assert cleared.payments == pytest.approx(expected, abs=1e-6)


@settings(max_examples=100, deadline=None)
@given(systems(), costs, costs)
def test_it_is_the_greatest(system: tuple[Matrix, Vector, Vector], alpha: float, beta: float) -> None:
    """Iteration from above reaches the same vector."""
    owed, assets, debts = system
    cleared = clear(owed, assets, debts, alpha=alpha, beta=beta)
    due = owed.sum(axis=1) + debts
    relative = np.divide(owed, due[:, None], out=np.zeros_like(owed), where=due[:, None] > 0)
    payments = due.copy()
    for _ in range(5000):
        inflow = relative.T @ payments
        stands = assets + inflow >= due - 1e-9
        step = np.where(stands, due, np.minimum(payments, alpha * assets + beta * inflow))
        if np.abs(step - payments).max() < 1e-12:
            break
        payments = step
    assert cleared.payments == pytest.approx(payments, abs=1e-4)


@settings(max_examples=100, deadline=None)
@given(systems(), st.data())
def test_more_assets_never_mean_smaller_payments(system: tuple[Matrix, Vector, Vector], data: st.DataObject) -> None:
    owed, assets, debts = system
    richer = assets + np.array([data.draw(amounts) for _ in assets])
    assert (clear(owed, richer, debts).payments >= clear(owed, assets, debts).payments - 1e-6).all()


@settings(max_examples=100, deadline=None)
@given(systems())
def test_without_costs_nothing_is_lost(system: tuple[Matrix, Vector, Vector]) -> None:
    """Payments to outside and what is kept add up to the assets that came in."""
    owed, assets, debts = system
    cleared = clear(owed, assets, debts)
    kept = np.maximum(cleared.equity, 0)
    to_outside = np.divide(debts, cleared.due, out=np.zeros_like(debts), where=cleared.due > 0) * cleared.payments
    assert kept.sum() + to_outside.sum() == pytest.approx(assets.sum(), abs=1e-6)

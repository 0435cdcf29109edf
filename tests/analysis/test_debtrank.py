"""DebtRank, cascades and thresholds: published tables, and laws over random exposures."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from capgraph.analysis.clearing import Matrix, Vector
from capgraph.analysis.debtrank import furfine, linear, single
from capgraph.analysis.failures import cascade, dependency
from capgraph.errors import UsageProblem

README_CLAIMS = np.array([[0.0, 1, 0], [10, 0, 3], [3, 2, 0]])
"""The three vertices in the README of the R package NetworkRiskMeasures: claims by row, buffers, weights."""
README_BUFFER = np.array([2.0, 5, 2])
README_WEIGHTS = np.array([10.0, 100, 30])


@pytest.mark.parametrize(("place", "rank", "defaults"), [(0, 0.9285714, 2), (2, 0.6642857, 0), (1, 0.2500000, 1)])
def test_the_published_ranks_of_three_vertices(place: int, rank: float, defaults: int) -> None:
    shocked = single(README_CLAIMS, README_BUFFER, np.eye(3)[place])
    assert shocked.rank(README_WEIGHTS) == pytest.approx(rank, abs=5e-8)
    assert len(shocked.failed) == defaults


def test_the_published_stress_after_a_shock_of_a_tenth() -> None:
    shocked = single(README_CLAIMS, README_BUFFER, np.full(3, 0.1))
    assert shocked.final == pytest.approx([0.15, 0.26, 0.3])
    assert shocked.rank(README_WEIGHTS) == pytest.approx(0.1607, abs=5e-5)


def test_linear_debtrank_goes_round_a_loop_where_the_first_form_stops() -> None:
    """Two banks with claims of half their equity on each other: 0.1 grows to 0.1 / (1 - 0.25) and half of that."""
    claims, equity, shock = np.array([[0.0, 50], [50, 0]]), np.array([100.0, 100]), np.array([0.1, 0.0])
    assert linear(claims, equity, shock).final == pytest.approx([2 / 15, 1 / 15])
    assert single(claims, equity, shock).final == pytest.approx([0.125, 0.05])


def test_every_bank_uses_its_own_equity() -> None:
    """A published package gave all nodes the equity of the last one."""
    claims, equity = np.array([[0.0, 0, 10], [0, 0, 10], [0, 0, 0]]), np.array([20.0, 40, 5])
    assert linear(claims, equity, np.array([0.0, 0, 1])).final.tolist() == [0.5, 0.25, 1]


def test_beyond_eigenvalue_one_a_small_shock_ends_at_the_cap() -> None:
    claims, equity = np.array([[0.0, 150], [150, 0]]), np.array([100.0, 100])
    shocked = linear(claims, equity, np.array([0.01, 0]))
    assert shocked.final.tolist() == [1, 1]
    assert shocked.converged


def test_a_limit_on_rounds_is_told() -> None:
    claims, equity = np.array([[0.0, 99], [99, 0]]), np.array([100.0, 100])
    assert not linear(claims, equity, np.array([0.001, 0]), rounds=3).converged


def test_a_loss_equal_to_the_equity_is_a_failure() -> None:
    claims = np.array([[0.0, 5, 0], [0, 0, 4], [0, 0, 0]])
    assert furfine(claims, np.array([5.0, 4, 1]), np.array([False, False, True])).waves == ((2,), (1,), (0,))
    assert furfine(claims, np.array([5.0, 4.01, 1]), np.array([False, False, True])).waves == ((2,),)


exposures = st.integers(2, 6).flatmap(
    lambda n: st.tuples(
        st.lists(st.lists(st.floats(0, 50), min_size=n, max_size=n), min_size=n, max_size=n),
        st.lists(st.floats(1, 100), min_size=n, max_size=n),
        st.lists(st.floats(0, 1), min_size=n, max_size=n),
    )
)
Drawn = tuple[list[list[float]], list[float], list[float]]


def _arrays(drawn: Drawn) -> tuple[Matrix, Vector, Vector]:
    claims = np.array(drawn[0])
    np.fill_diagonal(claims, 0)
    return claims, np.array(drawn[1]), np.array(drawn[2])


@settings(max_examples=150, deadline=None)
@given(exposures)
def test_distress_never_exceeds_one_and_never_shrinks(drawn: Drawn) -> None:
    claims, equity, shock = _arrays(drawn)
    for form in (linear, single):
        shocked = form(claims, equity, shock)
        assert (shocked.final <= 1).all()
        assert (shocked.final >= shock - 1e-12).all()
        assert 0 <= shocked.rank(equity) <= 1


@settings(max_examples=150, deadline=None)
@given(exposures, st.floats(0, 1))
def test_a_larger_shock_never_leaves_less_distress(drawn: Drawn, part: float) -> None:
    claims, equity, shock = _arrays(drawn)
    assert (linear(claims, equity, shock).final >= linear(claims, equity, shock * part).final - 1e-9).all()


@settings(max_examples=100, deadline=None)
@given(exposures)
def test_the_linear_form_solves_the_linear_system_while_nothing_fails(drawn: Drawn) -> None:
    claims, equity, shock = _arrays(drawn)
    small = shock * 1e-3
    rates = claims / equity[:, None]
    if np.abs(np.linalg.eigvals(rates)).max() < 0.8:
        solved = np.linalg.solve(np.eye(len(equity)) - rates, small)
        if (solved < 1).all():
            assert linear(claims, equity, small).final == pytest.approx(solved, abs=1e-8)


@settings(max_examples=100, deadline=None)
@given(exposures, st.floats(0, 1))
def test_a_larger_part_lost_never_means_fewer_failures(drawn: Drawn, part: float) -> None:
    claims, equity, shock = _arrays(drawn)
    start = shock > 0.7
    down = {place for wave in furfine(claims, equity, start).waves for place in wave}
    fewer = {place for wave in furfine(claims, equity, start, loss_given_default=part).waves for place in wave}
    assert fewer <= down


@pytest.mark.parametrize("equity", [[0.0, 1], [-1.0, 1]])
def test_a_party_without_equity_is_refused(equity: list[float]) -> None:
    with pytest.raises(UsageProblem):
        linear(np.zeros((2, 2)), np.array(equity), np.zeros(2))


def test_a_shock_outside_its_range_is_refused() -> None:
    with pytest.raises(UsageProblem):
        linear(np.zeros((2, 2)), np.ones(2), np.array([1.5, 0]))


# Thresholds: the European example of Elliott, Golub and Jackson -------------------------------------------------------

COUNTRIES = ("France", "Germany", "Greece", "Italy", "Portugal", "Spain")
DEBTS = np.array(
    [
        [0.0, 174862, 1960, 40311, 6679, 27015],
        [198304, 0, 2663, 227813, 2271, 54178],
        [39458, 32977, 0, 2302, 8077, 1001],
        [329550, 133954, 444, 0, 2108, 29938],
        [21817, 30208, 51, 3188, 0, 78005],
        [115162, 146096, 292, 26939, 21620, 0],
    ]
)
"""Claims of the banks of one country (column) on another (row), end of 2011, millions of dollars (BIS, table 9B)."""
GDP_2008 = np.array([11.98745, 15.27615, 1.468619, 9.65272, 1.058577, 6.698745])
GDP_2011 = np.array([11.61506276, 14.88284519, 1.267782427, 9.20083682, 1, 6.251046025])
PRINTED = np.array(
    [
        [0.71, 0.13, 0.13, 0.17, 0.07, 0.11],
        [0.18, 0.71, 0.13, 0.11, 0.09, 0.14],
        [0.00, 0.00, 0.67, 0.00, 0.00, 0.00],
        [0.07, 0.12, 0.03, 0.69, 0.03, 0.05],
        [0.01, 0.00, 0.02, 0.00, 0.67, 0.02],
        [0.03, 0.03, 0.02, 0.02, 0.14, 0.68],
    ]
)


def _europe() -> Matrix:
    """A third of each country's debt is held by the others, in proportion to their claims."""
    return dependency(DEBTS.T / DEBTS.sum(axis=1) / 3)


def _waves(matrix: Matrix, theta: float) -> list[set[str]]:
    thresholds = theta * (matrix @ GDP_2008)
    failures = cascade(matrix, GDP_2011, thresholds, thresholds / 2)
    return [{COUNTRIES[place] for place in wave} for wave in failures.waves]


def test_the_dependency_matrix_of_europe() -> None:
    assert (_europe().round(2) == PRINTED).all()
    assert _europe().sum(axis=0) == pytest.approx(np.ones(6))


def test_the_waves_of_failures_in_europe() -> None:
    assert _waves(_europe(), 0.90) == [{"Greece"}]
    assert _waves(_europe(), 0.93) == [{"Greece"}]
    assert _waves(_europe(), 0.935) == [{"Greece"}, {"Portugal"}, {"Spain"}, {"France"}, {"Germany", "Italy"}]
    assert set().union(*_waves(_europe(), 0.94)) == set(COUNTRIES)


def test_the_printed_table_rests_on_a_mistyped_entry() -> None:
    """With .20 for .02 as Spain's part of Italy, France and Germany fall together and Italy last, as printed."""
    mistyped = _europe().round(2)
    mistyped[5, 3] = 0.20
    assert _waves(mistyped, 0.935) == [{"Greece"}, {"Portugal"}, {"Spain"}, {"France", "Germany"}, {"Italy"}]


def test_two_digits_change_the_waves_so_distance_is_reported() -> None:
    assert _waves(_europe(), 0.94) != _waves(_europe().round(2), 0.94)
    thresholds = 0.94 * (_europe() @ GDP_2008)
    failures = cascade(_europe(), GDP_2011, thresholds, 0 * thresholds)
    assert abs(failures.distance).min() < 0.02


@settings(max_examples=100, deadline=None)
@given(exposures, st.floats(0.2, 1.0), st.floats(0.2, 1.0))
def test_a_higher_threshold_never_means_fewer_failures(drawn: Drawn, one: float, other: float) -> None:
    claims, values, _ = _arrays(drawn)
    matrix = dependency(claims / (claims.sum(axis=0).max() + 1) * 0.9)
    start = matrix @ values
    low, high = sorted((one, other))
    failed = [
        {place for wave in cascade(matrix, values * 0.8, theta * start, start / 4).waves for place in wave}
        for theta in (low, high)
    ]
    assert failed[0] <= failed[1]


def test_holdings_that_leave_nothing_to_outsiders_are_refused() -> None:
    with pytest.raises(UsageProblem):
        dependency(np.array([[0.0, 1], [0, 0]]))

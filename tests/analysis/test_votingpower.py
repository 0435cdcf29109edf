"""Voting power: published tables, known limits, and what must hold for any weights."""

from fractions import Fraction
from itertools import permutations
from math import factorial

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from capgraph.analysis.votingpower import (
    MOST_LARGE,
    banzhaf,
    banzhaf_with_ocean,
    shapley_shubik,
    shapley_with_ocean,
)
from capgraph.errors import UsageProblem

# Published tables -----------------------------------------------------------------------------------------------------


def test_the_council_of_the_european_economic_community_of_1958() -> None:
    """France, Germany and Italy 4 votes each, Belgium and the Netherlands 2, Luxembourg 1; 12 of 17 win."""
    weights = [4, 4, 4, 2, 2, 1]
    assert shapley_shubik(weights, 12) == [Fraction(14, 60)] * 3 + [Fraction(9, 60)] * 2 + [0]
    assert banzhaf(weights, 12) == [Fraction(5, 21)] * 3 + [Fraction(3, 21)] * 2 + [0]


def test_the_security_council_of_the_united_nations() -> None:
    """Five permanent members with a veto, ten others, nine votes to pass: as weights 7 and 1 with quota 39. A permanent
    member has 421/2145 of the power, another 4/2145 (Shapley and Shubik 1954, for the Council of 15)."""
    powers = shapley_shubik([7] * 5 + [1] * 10, 39)
    assert powers == [Fraction(421, 2145)] * 5 + [Fraction(4, 2145)] * 10


def test_the_banzhaf_index_of_the_security_council() -> None:
    """848 of 5,080 swings for a permanent member, 84 for another (Straffin 1994)."""
    powers = banzhaf([7] * 5 + [1] * 10, 39)
    assert powers == [Fraction(848, 5080)] * 5 + [Fraction(84, 5080)] * 10


def test_nassau_county_gave_three_districts_no_power() -> None:
    """Banzhaf 1965: 31, 31, 28, 21, 2, 2 votes, 58 to win."""
    assert banzhaf([31, 31, 28, 21, 2, 2], 58) == [Fraction(1, 3)] * 3 + [0] * 3


@pytest.mark.parametrize("block", [1, 10, 25, 40, 49])
def test_one_block_in_an_ocean_has_w_over_1_minus_w(block: int) -> None:
    """Milnor and Shapley 1978, simple majority."""
    power = shapley_with_ocean([block], 100 - block, 50)[0]
    assert power == pytest.approx(block / (100 - block))


def test_a_block_above_the_quota_has_all_power() -> None:
    assert shapley_with_ocean([60, 10], 30, 50) == pytest.approx([1, 0])
    assert banzhaf_with_ocean([60, 10], 30, 50) == [1, 0]


def test_many_small_voters_tend_to_an_ocean() -> None:
    off = []
    for small in (10, 40):
        powers = shapley_shubik([small, small // 2, *[1] * small], small * 5 // 4 + 1)
        limit = shapley_with_ocean([1, 0.5], 1, 1.25)
        off.append(abs(float(powers[0]) - limit[0]) + abs(float(powers[1]) - limit[1]))
    assert off[1] < off[0] / 2 < 0.05


# Laws -----------------------------------------------------------------------------------------------------------------

_WEIGHTS = st.lists(st.integers(0, 9), min_size=1, max_size=6)


@settings(deadline=None)
@given(_WEIGHTS, st.integers(1, 20))
def test_the_index_counts_orders_of_arrival(weights: list[int], quota: int) -> None:
    pivots = [0] * len(weights)
    for order in permutations(range(len(weights))):
        total = 0
        for place in order:
            total += weights[place]
            if total >= quota:
                pivots[place] += 1
                break
    expected = [Fraction(pivot, factorial(len(weights))) for pivot in pivots]
    assert shapley_shubik(weights, quota) == expected


@settings(deadline=None)
@given(_WEIGHTS, st.integers(1, 20))
def test_power_sums_to_one_grows_with_weight_and_is_nothing_without_votes(weights: list[int], quota: int) -> None:
    wins = sum(weights) >= quota
    for index in (shapley_shubik, banzhaf):
        powers = index(weights, quota)
        assert sum(powers) == (1 if wins else 0)
        ranked = sorted(zip(weights, powers, strict=True))
        assert [power for _, power in ranked] == sorted(powers)
        assert all(power == 0 for weight, power in ranked if weight == 0)


@settings(deadline=None)
@given(st.lists(st.floats(0.1, 20), min_size=1, max_size=5), st.floats(1, 60))
def test_large_holders_and_ocean_share_all_power(weights: list[float], ocean: float) -> None:
    quota = (sum(weights) + ocean) / 2
    powers = shapley_with_ocean(weights, ocean, quota)
    assert 0 <= sum(powers) <= 1 + 1e-9
    assert all(power >= -1e-12 for power in powers)
    assert [power for _, power in sorted(zip(weights, powers, strict=True))] == pytest.approx(sorted(powers), abs=1e-9)


@settings(deadline=None)
@given(_WEIGHTS, st.integers(0, 20))
def test_without_an_ocean_the_value_is_the_index(weights: list[int], quota: int) -> None:
    powers = shapley_with_ocean(weights, 0, quota)
    assert powers == pytest.approx([float(power) for power in shapley_shubik(weights, quota + 1)])


def test_wrong_votes_are_refused() -> None:
    for wrong in (lambda: shapley_shubik([-1, 2], 1), lambda: banzhaf([1], 0), lambda: shapley_with_ocean([1], -1, 1)):
        with pytest.raises(UsageProblem):
            wrong()
    with pytest.raises(UsageProblem, match="too many"):
        shapley_with_ocean([1.0] * (MOST_LARGE + 1), 50, 50)

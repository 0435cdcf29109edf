"""Concentration and overlap: published numbers and laws."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from capgraph.analysis.concentration import concentration, overlap

portfolios = st.dictionaries(st.sampled_from("abcdefgh"), st.decimals(0, 10**12, places=2), max_size=8)


def test_the_example_of_the_merger_guidelines() -> None:
    four = concentration({"a": Decimal(30), "b": Decimal(30), "c": Decimal(20), "d": Decimal(20)})
    assert four is not None
    assert four.index == 2600
    assert four.top == Decimal("0.3")


def test_nothing_has_no_concentration() -> None:
    assert concentration({}) is None
    assert concentration({"a": Decimal(0)}) is None
    with pytest.raises(ValueError, match="below"):
        concentration({"a": Decimal(-1)})


@given(portfolios)
def test_the_effective_number_lies_between_one_and_the_count(amounts: dict[str, Decimal]) -> None:
    found = concentration(amounts)
    if found is not None:
        slack = Decimal("1e-9")
        assert 1 - slack <= found.effective <= found.count + slack
        assert found.top * found.top <= found.herfindahl + slack
        assert found.herfindahl <= found.top + slack
        assert found.normalised is None or -slack <= found.normalised <= 1 + slack


@given(portfolios, portfolios)
def test_overlap_is_symmetric_and_bounded(one: dict[str, Decimal], other: dict[str, Decimal]) -> None:
    there, back = overlap(one, other), overlap(other, one)
    assert there == back
    for measure in (there.weight, there.cosine, there.jaccard):
        assert measure is None or 0 <= measure <= 1


@given(portfolios.filter(lambda amounts: any(amounts.values())))
def test_a_portfolio_overlaps_wholly_with_itself(amounts: dict[str, Decimal]) -> None:
    same = overlap(amounts, amounts)
    assert same.weight == pytest.approx(1)
    assert same.cosine == pytest.approx(1)
    assert same.jaccard == 1


def test_a_holding_of_unknown_size_is_held_and_has_no_weight() -> None:
    shared = overlap({"a": Decimal(1), "b": None}, {"b": Decimal(1)})
    assert shared.common == ("b",)
    assert shared.weight == 0
    assert shared.jaccard == Decimal("0.5")

"""Look-through ownership: published cases, closed forms, laws over random matrices; then companies of the data."""

from decimal import Decimal
from itertools import islice

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.analysis.shares import context_of, network_of

from capgraph.analysis import final, through
from capgraph.analysis.chains import chains, most
from capgraph.analysis.lookthrough import (
    Lens,
    Matrix,
    Vector,
    corrected,
    corrected_holdings,
    cut,
    faults,
    final_owners,
    matrix,
    upstream,
    values,
    walk_sum,
)
from capgraph.errors import UsageProblem
from capgraph.graph import CapitalGraph
from capgraph.network import CapitalNetwork


def shares(*cells: tuple[int, int, float]) -> Matrix:
    """A matrix from holder, company, fraction."""
    holders, companies, fractions = zip(*cells, strict=True)
    return matrix(np.array(holders), np.array(companies), np.array(fractions, float), max(*holders, *companies) + 1)


# Published cases and closed forms -----------------------------------------------------------------------------------


def test_beams_mutual_holdings_of_80_and_10() -> None:
    """Beams, Advanced Accounting, ch. 9: P holds 80 percent of S, S 10 percent of P. P's outside owners have 97.83
    percent of what P is worth alone and 78.26 percent of S, S's outside owners 2.17 and 21.74."""
    mutual = shares((0, 1, 0.8), (1, 0, 0.1))
    assert final_owners(mutual, 0)[1] == pytest.approx([0.9 / 0.92, 0.02 / 0.92])
    assert final_owners(mutual, 1)[1] == pytest.approx([0.72 / 0.92, 0.2 / 0.92])


def test_two_companies_that_hold_90_percent_of_each_other() -> None:
    """The walk sum counts loops through the holder and exceeds 1; corrected, each has 90 percent of the other and 81
    percent of itself (Baldone, Brioschi, Paleari 1998)."""
    pair = shares((0, 1, 0.9), (1, 0, 0.9))
    assert walk_sum(pair, 1) == pytest.approx([0.9 / 0.19, 0.81 / 0.19])
    assert corrected(pair, 1) == pytest.approx([0.9, 0.81])


@pytest.mark.parametrize("size", [2, 3, 7])
@pytest.mark.parametrize("stake", [0.1, 0.5, 0.95])
def test_a_ring_has_a_closed_form(size: int, stake: float) -> None:
    """Unknown owners of the company d steps up a ring own (1 - s) s^d / (1 - s^n) of a company."""
    ring = shares(*((place, (place + 1) % size, stake) for place in range(size)))
    steps = np.arange(size)
    owned = final_owners(ring, 0)[1][-steps % size]
    assert owned == pytest.approx((1 - stake) * stake**steps / (1 - stake**size))


def test_treasury_stock_is_shared_by_the_others() -> None:
    """Who holds p of a company that holds t of itself owns p / (1 - t) of it."""
    treasury = shares((0, 1, 0.3), (1, 1, 0.25))
    assert final_owners(treasury, 1)[0][0] == pytest.approx(0.3 / 0.75)
    assert corrected(treasury, 1) == pytest.approx([0.3 / 0.75, 0.25])


@pytest.mark.parametrize("height", [1, 3, 10])
def test_a_pyramid_thins_out(height: int) -> None:
    pyramid = shares(*((place, place + 1, 0.51) for place in range(height)))
    assert corrected_holdings(pyramid, 0)[height] == pytest.approx(0.51**height)


def test_values_through_a_pyramid_are_counted_gross_and_net() -> None:
    """Elliott, Golub and Jackson (2014), eqs. 1-3: v = (1 - column sum) V; market values sum to what there is."""
    chain = shares((0, 1, 0.5), (1, 2, 0.5))
    gross, market, held = values(chain, np.array([0.0, 0.0, 100.0]))
    assert gross == pytest.approx([25, 50, 100])
    assert market == pytest.approx([25, 25, 50])
    assert held == pytest.approx([25, 50, 0])


# What has no answer ---------------------------------------------------------------------------------------------------


def test_a_closed_ring_is_found_by_structure_where_a_solver_notices_nothing() -> None:
    core = shares((0, 1, 1 / 3), (2, 1, 2 / 3), (0, 2, 0.7), (1, 2, 0.3), (1, 0, 0.6), (2, 0, 0.4), (0, 3, 0.2))
    nonsense = np.linalg.inv(np.eye(4) - core.toarray())
    assert np.abs(nonsense).max() > 1e10
    assert [list(group) for group in faults(core).closed] == [[0, 1, 2]]
    with pytest.raises(UsageProblem, match="1 groups own each other completely"):
        Lens(core)


def test_a_ring_with_one_outside_owner_is_open() -> None:
    ring = shares((0, 1, 1.0), (1, 2, 1.0), (2, 0, 0.999), (3, 0, 0.001))
    assert not faults(ring)
    assert final_owners(ring, 1)[0] == pytest.approx([0, 0, 0, 1])


def test_oversubscribed_and_negative_shares_are_named_and_can_be_cut() -> None:
    wrong = shares((0, 1, 0.6), (2, 1, 0.5), (0, 3, -0.1), (1, 4, 0.5))
    found = faults(wrong)
    assert (list(found.oversubscribed), list(found.negative), list(found.places)) == ([1], [3], [1, 3])
    known, unknown = final_owners(cut(wrong, found.places), 4)
    assert (known[1], unknown[4]) == (0.5, 0.5)


def test_a_sum_of_one_in_binary_fractions_is_not_oversubscribed() -> None:
    assert not faults(shares(*((place, 10, 0.1) for place in range(10)), (11, 12, 0.7), (13, 12, 0.2), (14, 12, 0.1)))


# Laws -----------------------------------------------------------------------------------------------------------------


@st.composite
def matrices(draw: st.DrawFn, size: int = 6) -> Matrix:
    """Random shares, loops and own shares among them, at least two percent of each company unknown."""
    weights = draw(st.lists(st.lists(st.integers(0, 5), min_size=size, max_size=size), min_size=size, max_size=size))
    known = draw(st.lists(st.floats(0, 0.98), min_size=size, max_size=size))
    w = np.array(weights, float).T
    sums = np.where(w.sum(axis=0) == 0, 1, w.sum(axis=0))
    return Matrix(w / sums * np.array(known))


@settings(deadline=None)
@given(matrices())
def test_final_owners_sum_to_one(w: Matrix) -> None:
    for company in range(w.shape[0]):
        known, unknown = final_owners(w, company)
        assert known.sum() + unknown.sum() == pytest.approx(1)
        assert min(known.min(), unknown.min()) >= 0


@settings(deadline=None)
@given(matrices())
def test_corrected_equals_deleting_the_holders_own_owners(w: Matrix) -> None:
    for holder in range(w.shape[0]):
        alone = cut(w, np.array([holder]))
        for company in range(w.shape[0]):
            if company != holder:
                assert corrected(w, company)[holder] == pytest.approx(walk_sum(alone, company)[holder])


@settings(deadline=None)
@given(matrices())
def test_rows_and_columns_of_the_measure_agree_and_lie_within_one(w: Matrix) -> None:
    columns = np.array([corrected(w, company) for company in range(w.shape[0])]).T
    rows = np.array([corrected_holdings(w, holder) for holder in range(w.shape[0])])
    assert rows == pytest.approx(columns)
    assert columns.min() >= 0
    assert columns.max() <= 1
    walks = np.array([walk_sum(w, company) for company in range(w.shape[0])]).T
    assert (walks >= columns - 1e-12).all()


@settings(deadline=None)
@given(matrices())
def test_a_dense_inverse_says_the_same(w: Matrix) -> None:
    size = w.shape[0]
    leontief = np.linalg.inv(np.eye(size) - w.toarray())
    expected = (leontief - np.eye(size)) / np.diag(leontief)[:, None]
    assert pytest.approx(expected) == np.array([corrected(w, company) for company in range(size)]).T


@settings(deadline=None)
@given(matrices(), st.floats(0.1, 1))
def test_more_shares_never_make_the_walk_sum_smaller(w: Matrix, factor: float) -> None:
    smaller = Matrix(w * factor)
    for company in range(w.shape[0]):
        assert (walk_sum(smaller, company) <= walk_sum(w, company) + 1e-12).all()


@settings(deadline=None)
@given(matrices(), st.permutations(range(6)))
def test_names_and_order_of_companies_do_not_matter(w: Matrix, order: list[int]) -> None:
    renamed = Matrix(w.toarray()[np.ix_(order, order)])
    for company in range(w.shape[0]):
        assert corrected(renamed, company) == pytest.approx(corrected(w, order[company])[order])


@settings(deadline=None)
@given(matrices())
def test_what_all_outside_owners_have_is_what_there_is(w: Matrix) -> None:
    external = np.arange(1.0, w.shape[0] + 1)
    gross, market, held = values(w, external)
    assert market.sum() == pytest.approx(external.sum())
    assert gross == pytest.approx(external + held)


def hub(spokes: int) -> Matrix:
    """A house that has half of many companies, which have its shares: the house comes first."""
    places, house = np.arange(1, spokes + 1), np.zeros(spokes, dtype=np.int64)
    shares = np.r_[np.full(spokes, 0.5), np.full(spokes, 0.8 / spokes)]
    return matrix(np.r_[house, places], np.r_[places, house], shares, spokes + 1)


def test_the_factors_of_a_large_core_grow_with_its_holdings_and_not_with_their_square() -> None:
    small, large = Lens(hub(500)), Lens(hub(2_000))
    assert large.entries <= 2 * 4 * small.entries
    right = np.arange(2_001.0)
    found, back = large.solve(right), large.solve_back(right)
    assert np.allclose(found - large.w @ found, right, atol=1e-12 * found.max())
    assert np.allclose(back - large.w.T @ back, right, atol=1e-12 * back.max())


def test_the_measure_is_the_chance_of_a_walk_to_meet_the_holder() -> None:
    w = shares((0, 1, 0.4), (1, 2, 0.5), (2, 0, 0.3), (0, 2, 0.2), (2, 1, 0.3), (3, 0, 0.4), (1, 0, 0.2))
    draw, met, rounds = np.random.default_rng(1), 0, 20_000
    dense = w.toarray()
    steps = [np.append(dense[:, company], 1 - dense[:, company].sum()) for company in range(4)]
    for _ in range(rounds):
        place = 2
        while True:
            place = int(draw.choice(5, p=steps[place]))
            if place in (0, 4):
                break
        met += place == 0
    assert corrected(w, 2)[0] == pytest.approx(met / rounds, abs=0.01)


# Chains and ranges ----------------------------------------------------------------------------------------------------


def _holders(w: Matrix) -> dict[str, list[tuple[str, Decimal]]]:
    dense = w.toarray()
    return {
        str(company): [
            (str(holder), Decimal(repr(float(dense[holder, company])))) for holder in np.flatnonzero(dense[:, company])
        ]
        for company in range(w.shape[0])
    }


@settings(deadline=None)
@given(matrices(4))
def test_chains_come_largest_first_and_sum_to_the_corrected_share(w: Matrix) -> None:
    half = Matrix(w * 0.5)
    expected = corrected(half, 1)[0]
    found = [float(product) for product, _ in islice(chains(_holders(half), "0", "1"), 1500)]
    assert found == sorted(found, reverse=True)
    assert sum(found) <= expected + 1e-9
    assert sum(found) == pytest.approx(expected, abs=1e-3)


def test_chains_never_pass_through_their_holder() -> None:
    pair = {"b": [("a", Decimal("0.9"))], "a": [("b", Decimal("0.9"))]}
    assert list(chains(pair, "a", "b")) == [(Decimal("0.9"), ("a", "b"))]


def _ranges(low: Vector, high: Vector) -> dict[str, list[tuple[str, float, float]]]:
    size = low.shape[0]
    return {
        str(company): [
            (str(holder), float(low[holder, company]), float(high[holder, company]))
            for holder in range(size)
            if high[holder, company]
        ]
        for company in range(size)
    }


@settings(deadline=None)
@given(matrices(5))
def test_without_ranges_the_most_is_the_share_itself(w: Matrix) -> None:
    dense = w.toarray()
    assert most(_ranges(dense, dense), frozenset({"0"}), "1") == pytest.approx(corrected(w, 1)[0], abs=1e-9)


@settings(deadline=None)
@given(matrices(5), st.lists(st.floats(0, 1), min_size=25, max_size=25))
def test_no_choice_within_the_ranges_exceeds_the_most(w: Matrix, factors: list[float]) -> None:
    high = w.toarray()
    low = high * 0.3
    chosen = Matrix(low + (high - low) * np.array(factors).reshape(5, 5))
    assert corrected(chosen, 1)[0] <= most(_ranges(low, high), frozenset({"0"}), "1") + 1e-9


def test_the_most_never_gives_a_company_more_than_100_percent_of_owners() -> None:
    both = {"c": [("a", 0.2, 0.9), ("b", 0.3, 0.9)]}
    assert most(both, frozenset({"a"}), "c") == pytest.approx(0.7)
    assert most(both, frozenset({"a", "b"}), "c") == pytest.approx(1)


# Answers --------------------------------------------------------------------------------------------------------------


def owners(network: CapitalNetwork, issuer: str) -> dict[str, Decimal | None]:
    found = through.owners_through(network, issuer, context_of(network))
    return {row.holder.id: row.share.value for row in found.shares}


def ends(network: CapitalNetwork, issuer: str) -> dict[tuple[str, str], Decimal | None]:
    found = final.final(network, issuer, context_of(network))
    assert sum(row.share.value or 0 for row in found.ends) == 100
    assert (found.accounted.value or 0) + (found.unaccounted.value or 0) == 100
    return {(row.owner.id, row.stands_for.key.removeprefix("lookthrough.")): row.share.value for row in found.ends}


def test_shares_through_others_add_to_direct_ones_with_their_chains() -> None:
    network = network_of(["a b 50", "b c 40", "a c 10", "d c 20"])
    found = through.owners_through(network, "c", context_of(network))
    row = next(row for row in found.shares if row.holder.id == "a")
    assert (row.share.value, row.direct.value, row.indirect.value) == (30, 10, 20)
    told = [(chain.share.value, [name.id for name in chain.through]) for chain in found.chains]
    assert told == [(20, ["a", "b", "c"]), (10, ["a", "c"])]
    held = through.holdings_through(network, "a", context_of(network))
    assert {row.issuer.id: row.share.value for row in held.shares} == {"b": 50, "c": 30}


def test_chains_not_shown_are_summed() -> None:
    network = network_of(["a b 80", "b a 10", "b c 50", "c b 10"])
    found = through.owners_through(network, "c", context_of(network), most_chains=1)
    mine = [chain for chain in found.chains if chain.holder.id == "a"]
    total = next(row.share.value for row in found.shares if row.holder.id == "a")
    assert [bool(chain.through) for chain in mine] == [True, False]
    assert sum(chain.share.value or 0 for chain in mine) == total


def test_final_owners_and_the_unknown_owners_of_each_company_sum_to_100() -> None:
    found = ends(network_of(["person b 30", "b c 60"], kinds={"person": "person"}), "c")
    assert found == {("person", "itself"): 18, ("b", "unknown"): 42, ("c", "unknown"): 40}


def test_a_company_whose_holders_have_no_percent_is_unknown_and_one_without_holders_is_an_end() -> None:
    assert ends(network_of(["a b ?", "b c 60"]), "c") == {("b", "unknown"): 60, ("c", "unknown"): 40}
    assert ends(network_of(["b c 60"]), "c") == {("b", "itself"): 60, ("c", "unknown"): 40}
    assert ends(network_of(["b c 60"]), "b") == {("b", "itself"): 100}


def test_a_holder_is_seen_with_its_own_block_whole_and_a_vehicle_with_its_own_stake() -> None:
    stakes: list[str | dict[str, str]] = [
        "house b 13",
        {"holder": "fund", "issuer": "b", "percent": "11", "contained_in": "house"},
    ]
    assert owners(network_of(stakes), "b") == {"house": 13, "fund": 11}
    assert owners(network_of(stakes, relations=["fund < house"]), "b") == {"house": 13, "fund": 11}
    assert ends(network_of(stakes), "b") == {("fund", "itself"): 11, ("house", "itself"): 2, ("b", "unknown"): 87}
    assert ends(network_of(stakes, relations=["fund < house"]), "b") == {("house", "itself"): 13, ("b", "unknown"): 87}


def test_ranges_and_unknown_percents_bound_the_share() -> None:
    network = network_of(["a b 40..50", "b c 10..20", "a d ?", "d c 30"])
    row = through.owners_through(network, "c", context_of(network)).shares
    share = next(each for each in row if each.holder.id == "a")
    assert (share.share.low, share.share.value, share.share.high) == (4, 4, 10)
    assert share.at_most.value == 40


def test_an_oversubscribed_company_is_cut_and_other_answers_stand() -> None:
    network = network_of(["x b 60", "y b 53", "b c 50", "a c 10"])
    found = through.owners_through(network, "c", context_of(network))
    assert {row.holder.id: row.share.value for row in found.shares} == {"b": 50, "a": 10}
    assert [told.key for told in found.notes][:2] == ["ownership.oversubscribed", "lookthrough.cut"]
    assert ends(network, "c") == {("b", "refused"): 50, ("a", "itself"): 10, ("c", "unknown"): 40}
    assert owners(network_of(["x b 60", "y b 53", "d c 50"]), "c") == {"d": 50}


def test_a_closed_loop_is_cut_and_its_stakes_are_named() -> None:
    network = network_of(["a b 100", "b a 100", "b c 40"])
    found = through.owners_through(network, "c", context_of(network))
    assert {row.holder.id: row.share.value for row in found.shares} == {"b": 40}
    told = next(told for told in found.notes if told.key == "lookthrough.closed")
    assert told.values["stakes"] == ("stake/b--a--common", "stake/a--b--common")
    assert ends(network, "c") == {("b", "refused"): 40, ("c", "unknown"): 60}


def test_what_a_company_owns_of_itself_is_told() -> None:
    network = network_of(["a b 80", "b a 10"])
    found = through.owners_through(network, "a", context_of(network))
    told = next(told for told in found.notes if told.key == "lookthrough.self")
    assert told.values["percent"].value == 8


def test_houses_are_merged_as_holders_and_not_as_companies() -> None:
    stakes = ["daughter c 20", "house c 10", "stranger daughter 30"]
    network = network_of(stakes, relations=["daughter < house"], group=True)
    assert owners(network, "c") == {"house": 30}
    held = through.holdings_through(network, "house", context_of(network))
    assert {row.issuer.id: row.share.value for row in held.shares} == {"c": 30}


def test_the_clocks_change_the_chains() -> None:
    stakes = [
        {"holder": "a", "issuer": "b", "percent": "50", "as_of": "2025-03-31", "valid_to": "2026-01-01"},
        "b c 40",
    ]
    assert owners(network_of(stakes, as_of="2026-06-30"), "c") == {"b": 40}
    assert owners(
        network_of(
            [stakes[0], {"holder": "b", "issuer": "c", "percent": "40", "as_of": "2025-03-31"}], as_of="2025-12-31"
        ),
        "c",
    ) == {
        "b": 40,
        "a": 20,
    }


# The real data --------------------------------------------------------------------------------------------------------


def test_the_final_owners_of_every_company_of_the_data_sum_to_100(bundled: CapitalGraph) -> None:
    for issuer in ("openai", "boston-dynamics", "smic-south", "spacex", "weights-and-biases", "anthropic"):
        ends(bundled.network, issuer)


def test_direct_shares_of_the_data_are_part_of_the_look_through(bundled: CapitalGraph) -> None:
    found = through.owners_through(bundled.network, "openai", bundled.context)
    assert all((row.share.value or 0) >= (row.direct.value or 0) for row in found.shares)
    assert all(row.at_most.value is not None and row.at_most.value >= (row.share.high or 0) for row in found.shares)
    assert {row.holder.id for row in found.shares} >= {"microsoft", "softbank-group", "openai-foundation"}


def test_upstream_stops_at_those_whom_nobody_holds() -> None:
    assert sorted(upstream(shares((0, 1, 0.5), (1, 2, 0.5), (3, 0, 0.1), (2, 4, 0.5)), 2)) == [0, 1, 2, 3]

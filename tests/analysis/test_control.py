"""Control: published cases, laws of the fixpoint, close links; then the answers and the data."""

from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.analysis.shares import context_of, network_of

from capgraph.analysis import closelinks
from capgraph.analysis import controllers as answers
from capgraph.analysis.control import (
    Votes,
    close_links_by_majority,
    close_links_by_share,
    control_pairs,
    controlled,
    controllers,
    majorities,
    ultimate,
    weakest_link,
)
from capgraph.analysis.lookthrough import corrected, matrix
from capgraph.errors import UsageProblem
from capgraph.graph import CapitalGraph
from capgraph.network import CapitalNetwork


def votes(*cells: str) -> Votes:
    """Votes from lines ``holder company percent``."""
    found: dict[str, list[tuple[str, Decimal]]] = {}
    for cell in cells:
        holder, company, percent = cell.split()
        found.setdefault(company, []).append((holder, Decimal(percent)))
    return found


def pairs(given_votes: Votes) -> set[tuple[str, str]]:
    parties = {holder for holders in given_votes.values() for holder, _ in holders} | set(given_votes)
    return {(party, company) for party in parties for company in controlled(given_votes, [party])}


# Published cases ------------------------------------------------------------------------------------------------------


def test_controlling_companies_of_the_usa_computing_olympiad() -> None:
    """USACO training problem "concom", sample: 1 2 80, 2 3 80, 3 1 20 gives the pairs 1-2, 1-3, 2-3."""
    assert pairs(votes("1 2 80", "2 3 80", "3 1 20")) == {("1", "2"), ("1", "3"), ("2", "3")}


def test_joint_stakes_of_controlled_companies_count() -> None:
    """The company control problem of Ceri, Gottlob and Tanca 1990: no stake in D is a majority, A controls it."""
    held = votes("A B 55", "A C 60", "B D 26", "C D 25", "A D 0")
    hold = controlled(held, ["A"])["D"]
    assert (hold.votes, hold.by, hold.stated) == (51, ("B", "C", "A"), False)


def test_the_weakest_link_of_la_porta_and_others() -> None:
    """11 percent of a holder of 21 percent: 11 percent of control against 2.31 of cash flow. 30 percent directly and 20
    through a firm held at 30: 50 percent of control against 36 of cash flow (La Porta and others 1999; Claessens and
    others 2000)."""
    pyramid = votes("family firm 11", "firm other 21")
    assert weakest_link(pyramid, "family", "other") == 11
    assert weakest_link(pyramid, "family", "other", cutoff=Decimal(20)) == 0
    both = votes("family other 30", "family firm 30", "firm other 20")
    assert weakest_link(both, "family", "other") == 50
    w = matrix(np.array([0, 0, 1]), np.array([2, 1, 2]), np.array([0.3, 0.3, 0.2]), 3)
    assert corrected(w, 2)[0] == pytest.approx(0.36)


def test_the_two_definitions_of_close_links_differ() -> None:
    """21 percent held with a majority-owned undertaking is a close link by the older rule, 15 percent by products is
    none; a chain of 50 and 45 percent is one by the newer rule only."""
    older = votes("a sub 60", "sub x 12", "a x 9")
    shares = {("a", "x"): Decimal("16.2"), ("a", "sub"): Decimal(60), ("sub", "x"): Decimal(12)}
    assert close_links_by_majority(older, "a", ["sub", "x"]) == {"sub": "holds", "x": "holds"}
    assert close_links_by_share(lambda *ends: shares.get(ends, Decimal(0)), "a", ["sub", "x"]) == {"sub": "holds"}
    newer = votes("a m 50", "m y 45")
    chain = {("a", "m"): Decimal(50), ("m", "y"): Decimal(45), ("a", "y"): Decimal("22.5")}
    assert close_links_by_majority(newer, "a", ["m", "y"]) == {"m": "holds"}
    assert close_links_by_share(lambda *ends: chain.get(ends, Decimal(0)), "a", ["m", "y"]) == {
        "m": "holds",
        "y": "holds",
    }


def test_a_third_party_closely_links_two() -> None:
    sisters = votes("top one 51", "top other 51")
    assert close_links_by_majority(sisters, "one", ["top", "other"]) == {"top": "held", "other": "third"}
    shares = {("top", "one"): Decimal(20), ("top", "other"): Decimal(20)}
    found = close_links_by_share(lambda *ends: shares.get(ends, Decimal(0)), "one", ["top", "other"])
    assert found == {"top": "held", "other": "third"}


# Thresholds and circles ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("percent", "controls"), [("50", False), ("50.0001", True)])
def test_half_of_the_votes_is_no_majority(percent: str, controls: bool) -> None:
    assert bool(controlled(votes(f"a b {percent}"), ["a"])) is controls


@pytest.mark.parametrize("threshold", [-1, 100, 140])
def test_a_threshold_outside_0_to_100_is_refused(threshold: int) -> None:
    with pytest.raises(UsageProblem, match="decides nothing"):
        controlled(votes("a b 60"), ["a"], threshold=Decimal(threshold))


def test_three_tenths_and_two_tenths_are_no_majority_in_binary_fractions_either() -> None:
    w = matrix(np.array([0, 0, 1]), np.array([1, 2, 2]), np.array([0.6, 0.3, 0.2]), 3)
    assert list(control_pairs(w)) == [(0, 1)]


def test_mutual_control_has_no_ultimate_controller() -> None:
    circle = votes("a b 60", "b a 60", "b c 60")
    found = controllers(circle, "c")
    assert set(found) == {"a", "b"}
    assert ultimate(lambda party: controllers(circle, party), found) == []
    top = votes("x a 60", "a b 60", "b c 60")
    assert ultimate(lambda party: controllers(top, party), controllers(top, "c")) == ["x"]


def test_smallest_majorities_have_no_idle_member() -> None:
    found = majorities([("a", Decimal(40)), ("b", Decimal(11)), ("c", Decimal(11)), ("d", Decimal(9))])
    assert found == [(("a", "b"), 51), (("a", "c"), 51)]
    assert majorities([("a", Decimal(20)), ("b", Decimal(20)), ("c", Decimal(20))]) == [(("a", "b", "c"), 60)]


# Laws -----------------------------------------------------------------------------------------------------------------

_PARTIES = "abcdef"
_CELLS = st.lists(
    st.tuples(st.sampled_from(_PARTIES), st.sampled_from(_PARTIES), st.integers(1, 80)),
    max_size=14,
    unique_by=lambda c: c[:2],
)


def _as_votes(cells: list[tuple[str, str, int]]) -> Votes:
    return votes(*(f"{holder} {company} {percent}" for holder, company, percent in cells if holder != company))


@settings(deadline=None)
@given(_CELLS, st.randoms(use_true_random=False))
def test_the_order_of_votes_does_not_matter(cells: list[tuple[str, str, int]], random: object) -> None:
    shuffled = list(cells)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    for party in _PARTIES:
        one, other = (controlled(_as_votes(each), [party]) for each in (cells, shuffled))
        assert {key: (hold.votes, set(hold.by)) for key, hold in one.items()} == {
            key: (hold.votes, set(hold.by)) for key, hold in other.items()
        }


@settings(deadline=None)
@given(_CELLS)
def test_control_is_a_fixpoint_and_the_least(cells: list[tuple[str, str, int]]) -> None:
    given_votes = _as_votes(cells)
    for party in _PARTIES:
        members = {party, *controlled(given_votes, [party])}
        for company, holders in given_votes.items():
            joint = sum((percent for holder, percent in holders if holder in members), Decimal(0))
            assert (company in members - {party}) is (joint > 50 and company != party)
        naive, before = {party}, set[str]()
        while naive != before:
            before = set(naive)
            for company, holders in given_votes.items():
                if sum(percent for holder, percent in holders if holder in naive) > 50:
                    naive.add(company)
        assert naive == members


@settings(deadline=None)
@given(_CELLS)
def test_control_is_transitive_and_grows_with_partners_and_lower_thresholds(cells: list[tuple[str, str, int]]) -> None:
    given_votes = _as_votes(cells)
    for party in _PARTIES:
        mine = set(controlled(given_votes, [party]))
        for company in mine:
            assert set(controlled(given_votes, [company])) - {party} <= mine
        assert mine - {"a"} <= set(controlled(given_votes, [party, "a"]))
        assert mine <= set(controlled(given_votes, [party], threshold=Decimal(30)))


@settings(deadline=None)
@given(_CELLS)
def test_who_controls_and_what_is_controlled_agree_and_so_do_all_pairs(cells: list[tuple[str, str, int]]) -> None:
    given_votes = _as_votes(cells)
    found = pairs(given_votes)
    assert found == {(party, company) for company in _PARTIES for party in controllers(given_votes, company)}
    ends = [(_PARTIES.index(h), _PARTIES.index(c), p / 100) for h, c, p in cells if h != c]
    holders, companies, fractions = zip(*ends, strict=True) if ends else ((), (), ())
    w = matrix(np.array(holders, int), np.array(companies, int), np.array(fractions, float), len(_PARTIES))
    assert {(_PARTIES[holder], _PARTIES[company]) for holder, company in control_pairs(w) if holder != company} == found


# Answers --------------------------------------------------------------------------------------------------------------


def told(network: CapitalNetwork, party: str, *, together: tuple[str, ...] = ()) -> dict[str, tuple[str, object]]:
    found = answers.control(network, party, context_of(network), together=together)
    return {row.company.id: (row.grounds.key.removeprefix("control.by."), row.votes.value) for row in found.companies}


def test_votes_that_a_source_tells_go_before_shares() -> None:
    stakes: list[str | dict[str, str]] = [
        {"holder": "a", "issuer": "b", "percent": "30", "votes": "79"},
        "c b 60",
        "b d 55",
    ]
    assert told(network_of(stakes), "a") == {"b": ("votes", 79), "d": ("shares", 55)}
    silent = {"holder": "a", "issuer": "b", "percent": "60", "votes": "0"}
    assert told(network_of([silent]), "a") == {}


def test_control_says_the_economic_share_behind_it() -> None:
    network = network_of(["a b 51", "b c 51"])
    found = answers.control(network, "a", context_of(network))
    row = next(row for row in found.companies if row.company.id == "c")
    assert row.economic is not None
    assert (row.economic.value, [each.key for each in row.remarks]) == (Decimal("26.01"), ["control.minority"])


def test_a_subsidiary_is_controlled_whatever_the_votes_and_the_row_says_so() -> None:
    network = network_of(["top b 26", "x b 30"], relations=["b < top"])
    assert told(network, "top") == {"b": ("stated", 26)}
    found = answers.controllers(network, "b", context_of(network))
    assert [(row.party.id, row.ultimate) for row in found.controllers] == [("top", True)]
    assert [[name.id for name in row.members] for row in found.majorities] == [["top", "x"]]


def test_parties_that_act_together_control_together() -> None:
    network = network_of(["a b 26", "c b 25"])
    assert told(network, "a") == {}
    assert told(network, "a", together=("c",)) == {"b": ("shares", 51)}


def test_a_disputed_majority_says_so_at_either_end() -> None:
    unsure = network_of(["a b 40..60"])
    found = answers.control(unsure, "a", context_of(unsure))
    assert (found.companies, [each.key for each in found.notes]) == ((), ["control.nothing", "control.possible"])
    reading = {"id": "x", "about": "stake/a--b--common", "aspect": "percent", "as_of": "2026-06-30", "value": "49"}
    reading |= {"unit": "percent", "basis": "outstanding", "source": "s-2026-07-01", "confidence": "estimate"}
    disputed = network_of(["a b 51"], readings=[reading])
    row = answers.control(disputed, "a", context_of(disputed)).companies[0]
    assert "control.unsure" in [each.key for each in row.remarks]


def test_those_named_only_together_do_not_vote_as_one() -> None:
    network = network_of(["crowd b 60", "a b 20"], kinds={"crowd": "aggregate"})
    found = answers.controllers(network, "b", context_of(network))
    assert ([row.holder.id for row in found.voters], found.controllers) == (["a"], ())
    assert found.voters[0].shapley.value == 25


def test_a_house_votes_as_one_when_asked() -> None:
    stakes, bonds = ["daughter b 30", "house b 25"], ["daughter < house"]
    assert told(network_of(stakes, relations=bonds), "house") == {"daughter": ("stated", None), "b": ("shares", 55)}
    assert told(network_of(stakes, relations=bonds, group=True), "house") == {"b": ("shares", 55)}


def test_contradictory_registers_do_not_stop_control() -> None:
    network = network_of(["a b 60", "c b 55"])
    assert told(network, "a") == {"b": ("shares", 60)}
    notes = [each.key for each in answers.controllers(network, "b", context_of(network)).notes]
    assert "control.too_many_votes" in notes


def test_control_ends_with_the_stake() -> None:
    stake = {"holder": "a", "issuer": "b", "percent": "60", "as_of": "2025-06-30", "valid_to": "2026-01-01"}
    assert told(network_of([stake], as_of="2025-12-31"), "a") == {"b": ("shares", 60)}
    assert told(network_of([stake], as_of="2026-01-01"), "a") == {}


def test_close_links_are_told_for_both_definitions() -> None:
    network = network_of(["a m 50", "m y 45", "top one 51", "top other 51"])
    found = closelinks.close_links(network, "a", context_of(network))
    assert [(row.party.id, bool(row.by_majority), bool(row.by_share)) for row in found.links] == [
        ("m", True, True),
        ("y", False, True),
    ]


# The real data --------------------------------------------------------------------------------------------------------


def test_every_controlled_company_of_the_data_has_its_grounds_and_sources(bundled: CapitalGraph) -> None:
    for party in ("softbank-group", "elon-musk", "openai-foundation", "huawei"):
        found = bundled.control(party)
        assert found.companies
        assert all(row.stakes and row.sources for row in found.companies)


def test_controllers_of_the_data_speak_both_languages(bundled: CapitalGraph) -> None:
    found = bundled.controllers("openai")
    assert "OpenAI Foundation" in bundled.render(found, "table", "en")
    assert "沙普利值" in bundled.render(found, "table", "zh")
    assert sum(row.shapley.value or 0 for row in found.voters) <= 100

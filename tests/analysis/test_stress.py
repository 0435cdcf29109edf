"""Shocks: a case of six parties worked by hand, each rule by itself, laws over random worlds, scenario files."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from itertools import permutations
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.analysis.houses import Rows, body, context, figure, network, readings, stake, subsidiary, world
from tests.latin import latin_words
from tests.tiny import Cells

from capgraph.analysis import models, scenarios
from capgraph.analysis.contagion import Outcome, Trigger, spread
from capgraph.analysis.stress import Shock, shock
from capgraph.errors import DataProblem, UsageProblem
from capgraph.facts import Facts
from capgraph.graph import CapitalGraph
from capgraph.network import CapitalNetwork, Link
from capgraph.results import Value
from capgraph.share import data_dir

DAY = "2026-06-30"
HALF = Decimal("0.5")
PARENT: list[Cells] = [{"id": "parent", "kind": "company", "name": "Parent", "name_zh": "控股公司"}]


def worth(about: str, value: str, aspect: str = "value", as_of: str = DAY, **cells: str) -> Cells:
    return figure(about, aspect, value, as_of, **cells)


def held(holder: str, issuer: str, value: str = "", instrument: str = "common", **cells: str) -> list[Rows]:
    """A stake, with its value where it is given."""
    id = f"{holder}--{issuer}--{instrument}"
    row = stake(id, valid_from="2020", **cells)
    return [row, readings(worth(f"stake/{id}", value))] if value else [row]


def thing(table: str, kind: str, id: str, status: str = "", /, **cells: str) -> Rows:
    """A row of a table with its evidence and, where it has one, its status."""
    about = f"{kind}/{id}"
    rows: Rows = {
        table: [{"id": id, **cells}],
        "evidence": [{"about": about, "source": "s-2020-01-01", "confidence": "reported"}],
    }
    if status:
        rows["statuses"] = [{"about": about, "status": status, "date": "2020-01-01", "source": "s-2020-01-01"}]
    return rows


def loan(id: str, borrower: str, lenders: str, drawn: str = "", status: str = "drawn") -> list[Rows]:
    found = [thing("facilities", "facility", id, status, kind="loan", title=id, borrower=borrower, lenders=lenders,
                   arranged="2020")]  # fmt: skip
    return [*found, readings(worth(f"facility/{id}", drawn, "drawn"))] if drawn else found


def contract(id: str, supplier: str, customer: str, value: str = "", status: str = "signed") -> list[Rows]:
    found = [thing("contracts", "contract", id, status, kind="cloud", title=id, suppliers=supplier, customers=customer,
                   announced="2020")]  # fmt: skip
    return [*found, readings(worth(f"contract/{id}", value))] if value else found


def sized(party: str, value: str, aspect: str = "market_cap", as_of: str = DAY) -> Rows:
    return readings(worth(f"party/{party}", value, aspect, as_of))


# The case of six ------------------------------------------------------------------------------------------------------

SIX = [
    *held("house", "chips", "400"),
    *held("fund", "chips", "150"),
    *held("parent", "house", "300"),
    *held("fund", "house", "120"),
    *held("parent", "fund", "90"),
    *held("lab", "parent", "50"),
    *held("bank", "lab", "10"),
    sized("house", "1000", "nav"),
    sized("fund", "600", "nav"),
    sized("parent", "2000"),
]
"""Chips fall by half. By hand, round by round:

1. house 200.00 and fund 75.00, forced;
2. house has lost 200 of a net asset value of 1000: parent 60.00, fund 24.00; fund 75 of 600: parent 11.25; all forced;
3. parent 71.25 of a market value of 2000: lab 1.78, at risk; fund 24 of 600: parent 3.60, forced;
4. parent 3.60 of 2000: lab 0.09, at risk; nobody knows the size of lab, so bank learns nothing.
"""
BY_HAND = [
    (1, "chips", "fund", "forced", "75.00"),
    (1, "chips", "house", "forced", "200.00"),
    (2, "fund", "parent", "forced", "11.25"),
    (2, "house", "fund", "forced", "24.00"),
    (2, "house", "parent", "forced", "60.00"),
    (3, "fund", "parent", "forced", "3.60"),
    (3, "parent", "lab", "at_risk", "1.78"),
    (4, "parent", "lab", "at_risk", "0.09"),
]
FALL = Trigger("fall", "chips", HALF)


def steps(outcome: Outcome) -> list[tuple[int, str, str, str, str]]:
    return sorted(
        (loss.round, loss.cause, loss.party, loss.certainty, f"{loss.amount.value:f}" if loss.amount else "")
        for loss in outcome.losses
    )


def test_six_parties_to_the_cent() -> None:
    outcome = spread(network(world(*SIX, parties=PARENT)), [FALL])
    assert steps(outcome) == BY_HAND
    assert (outcome.rounds, outcome.limited, outcome.stopped) == (4, False, ("lab",))


def test_six_parties_in_any_order_of_their_links() -> None:
    whole = network(world(*SIX, parties=PARENT))
    links: tuple[Link, ...] = whole.links
    first, *others = links
    for order in permutations(others):
        assert steps(spread(whole.with_links((*order, first)), [FALL])) == BY_HAND


def test_a_limit_on_rounds_is_told() -> None:
    outcome = spread(network(world(*SIX, parties=PARENT)), [FALL], rounds=2)
    assert (outcome.rounds, outcome.limited) == (2, True)
    assert steps(outcome) == [step for step in BY_HAND if step[0] <= 2]


def ask(of: CapitalNetwork | Facts, *triggers: Trigger, recovery: str = "", rounds: int = 10) -> Shock:
    network_of = of if isinstance(of, CapitalNetwork) else network(of)
    part = Decimal(recovery) if recovery else None
    return shock(network_of, triggers, context(network_of), recovery=part, rounds=rounds)


def cells(found: Shock) -> Iterator[tuple[str, str, str, str]]:
    for hop in found.hops:
        amounts = (f"{cell.value}" if isinstance(cell, Value) and cell.value is not None else bool(cell) * "?"
                   for cell in (hop.forced, hop.at_risk))  # fmt: skip
        yield hop.channel.code, hop.party.id, *amounts


# Each rule by itself --------------------------------------------------------------------------------------------------


def test_a_fall_alone_touches_no_loan_and_no_contract() -> None:
    facts = world(*held("house", "lab", "100"), *loan("l", "lab", "bank", "50"), *contract("c", "chips", "lab", "70"))
    assert list(cells(ask(facts, Trigger("fall", "lab", HALF)))) == [("equity", "house", "50.00", "")]


DEFAULT = Trigger("default", "lab")


def test_a_default_puts_at_risk_what_is_known_and_forces_nothing() -> None:
    facts = world(
        *held("house", "lab", "100"),
        *loan("l", "lab", "bank", "50"),
        *contract("sold", "chips", "lab", "70"),
        *contract("bought", "lab", "house"),
    )
    assert list(cells(ask(facts, DEFAULT))) == [
        ("equity", "house", "", "100.00"),
        ("credit", "bank", "", "50"),
        ("sales", "chips", "", "70"),
        ("purchases", "house", "", ""),
    ]


def test_a_stated_recovery_forces_the_losses_of_lenders_and_holders() -> None:
    facts = world(*held("house", "lab", "100"), *loan("l", "lab", "bank", "50"))
    assert list(cells(ask(facts, DEFAULT, recovery="0.4"))) == [
        ("equity", "house", "100.00", ""),
        ("credit", "bank", "30.00", ""),
    ]
    assert ("equity", "house", "", "100.00") in cells(ask(facts, DEFAULT, recovery="1"))


def test_one_of_several_lenders_has_an_upper_bound_and_the_sum_counts_the_loan_once() -> None:
    found = ask(world(*loan("l", "lab", "bank|house", "50")), DEFAULT)
    assert [hop.at_risk.high for hop in found.hops if isinstance(hop.at_risk, Value)] == [50, 50]
    assert [total.at_risk.value for total in found.round_totals if isinstance(total.at_risk, Value)] == [50]


def test_the_part_of_one_lender_counts_where_a_source_tells_it() -> None:
    share = worth("facility/l", "20", "share", basis="bank")
    found = ask(world(*loan("l", "lab", "bank|house", "50"), readings(share)), DEFAULT)
    assert ("credit", "bank", "", "20") in cells(found)


def test_a_guarantor_is_called_and_the_cover_of_a_defaulted_guarantor_falls_away() -> None:
    pledge = thing("guarantees", "guarantee", "g", guarantor="house", obligor="lab", secures="contract/c",
                   valid_from="2020")  # fmt: skip
    facts = world(*contract("c", "chips", "lab"), pledge, readings(worth("guarantee/g", "30", "amount")))
    assert ("guarantee", "house", "", "30") in cells(ask(facts, DEFAULT))
    assert ("guarantee", "lab", "", "") in cells(ask(facts, Trigger("default", "house")))


def test_a_promised_payment_may_not_come() -> None:
    promise: Rows = thing("tranches", "tranche", "t", "signed", deal="d", from_party="house", to_party="lab",
                          medium="cash")  # fmt: skip
    deal: Rows = {"deals": [{"id": "d", "kind": "equity_round", "subject": "lab"}]}
    facts = world(promise, deal, readings(worth("tranche/t", "25", "amount")))
    assert list(cells(ask(facts, Trigger("default", "house")))) == [("commitment", "lab", "", "25")]


def test_rights_on_shares_are_at_risk_where_shares_are_lost() -> None:
    facts = world(*held("house", "lab", "100"), *held("fund", "lab", "10", "warrant"))
    assert list(cells(ask(facts, Trigger("fall", "lab", HALF)))) == [
        ("equity", "house", "50.00", ""),
        ("equity", "fund", "", "5.00"),
    ]


def test_a_forced_loss_stays_forced_only_over_net_assets_of_the_same_time() -> None:
    chain = [*held("house", "chips", "400"), *held("parent", "house", "300")]
    for size, column in (
        (sized("house", "1000", "nav"), "forced"),
        (sized("house", "1000", "nav", "2025-06-30"), "at_risk"),
        (sized("house", "1000"), "at_risk"),
    ):
        outcome = spread(network(world(*chain, size, parties=PARENT)), [FALL])
        assert [(loss.party, loss.certainty) for loss in outcome.losses] == [("house", "forced"), ("parent", column)]


def test_a_stake_inside_the_holders_own_is_not_lost_twice() -> None:
    facts = world(
        *held("house", "chips", "400"),
        *held("fund", "chips", "100", contained_in="house--chips--common"),
        *held("house", "fund", "80"),
        sized("fund", "100", "nav"),
    )
    outcome = spread(network(facts), [FALL])
    assert [(loss.round, loss.party, str(loss.amount and loss.amount.value)) for loss in outcome.losses] == [
        (1, "fund", "50.00"),
        (1, "house", "200.00"),
    ]
    assert [total.forced.value for total in ask(facts, FALL).round_totals if isinstance(total.forced, Value)] == [200]


def test_losses_that_reach_the_whole_size_are_a_default() -> None:
    facts = world(
        *held("house", "chips", "400"), sized("house", "200", "nav"), *loan("l", "house", "bank", "50"),
        *held("parent", "house", "90"), parties=PARENT,
    )  # fmt: skip
    found = ask(facts, FALL)
    assert ("credit", "bank", "", "50") in cells(found)
    assert "stress.further_defaults" in {note.key for note in found.notes}
    almost = spread(network(facts), [Trigger("fall", "chips", Decimal("0.4999"))])
    assert almost.defaults == ()


def test_a_lost_contract_takes_its_value_from_the_supplier() -> None:
    facts = world(*contract("c", "chips", "lab", "70"), *contract("other", "chips", "lab", "5"))
    found = ask(facts, Trigger("lost", contract="contract/c"))
    assert list(cells(found)) == [("sales", "chips", "", "70"), ("purchases", "lab", "", "")]


def test_a_yearly_rate_is_no_sum() -> None:
    facts = world(*contract("c", "chips", "lab"), readings(worth("contract/c", "9", "annual_value")))
    found = ask(facts, DEFAULT)
    assert list(cells(found)) == [("sales", "chips", "", "")]
    assert "stress.rate" in str(found.hops[0].unknown)


def test_who_depends_is_listed_without_an_amount() -> None:
    row = thing("relations", "relation", "r", subject="party/house", relation="depends_on", object="party/lab",
                valid_from="2020")  # fmt: skip
    assert list(cells(ask(world(row), DEFAULT))) == [("dependency", "house", "", "")]
    assert ask(world(row), Trigger("fall", "lab", HALF)).hops == ()


def pledged(trigger: str = "") -> Facts:
    row = thing("pledges", "pledge", "p", facility="l", pledgor="house", stake="house--chips--common",
                recourse="none", valid_from="2020")  # fmt: skip
    told = [worth("facility/l", trigger, "ltv_trigger", unit="percent")] if trigger else []
    return world(*held("house", "chips", "100"), *loan("l", "house", "bank", "20"), row, readings(*told))


def test_a_call_comes_only_where_a_trigger_is_known_and_passed() -> None:
    def call(facts: Facts, part: str) -> list[tuple[str, str, str, str]]:
        found = ask(facts, Trigger("fall", "chips", Decimal(part)))
        return [cell for cell in cells(found) if cell[0] == "collateral"]

    assert call(pledged(), "0.9") == [("collateral", "house", "", "")]
    assert call(pledged("50"), "0.6") == [("collateral", "house", "", "")]
    assert call(pledged("50"), "0.75") == [("collateral", "house", "7.50", "")]


# Honest empty answers and wrong use -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("facts", "key"),
    [
        (world(), "stress.none_unlinked"),
        (world(*held("lab", "chips", "10")), "stress.none_linked"),
    ],
)
def test_a_shock_that_reaches_nobody_says_why(facts: Facts, key: str) -> None:
    found = ask(facts, Trigger("fall", "lab", HALF))
    assert found.hops == ()
    assert key in {note.key for note in found.notes}


def test_a_date_before_all_data_says_so() -> None:
    found = ask(network(world(*SIX, parties=PARENT), "1990-01-01"), FALL)
    assert {"stress.nothing_then", "stress.none_unlinked"} <= {note.key for note in found.notes}


@pytest.mark.parametrize(
    ("triggers", "recovery", "rounds"),
    [
        ([], "", 10),
        ([Trigger("fall", "chips", Decimal("1.2"))], "", 10),
        ([Trigger("fall", "chips", Decimal("-0.1"))], "", 10),
        ([FALL], "2", 10),
        ([FALL], "", 0),
        ([Trigger("lost", contract="contract/nosuch")], "", 10),
    ],
)
def test_what_makes_no_sense_is_refused(triggers: list[Trigger], recovery: str, rounds: int) -> None:
    with pytest.raises(UsageProblem):
        ask(world(*SIX, parties=PARENT), *triggers, recovery=recovery, rounds=rounds)


def test_as_of_known_on_rung_and_group_each_change_the_answer() -> None:
    facts = world(
        *SIX,
        *loan("l", "chips", "bank", "50", status="signed"),
        *loan("late", "chips", "lab", "7"),
        readings(worth("stake/house--chips--common", "380", as_of="2026-05-31", source="s-2026-06-30"),
                 worth("stake/house--chips--common", "401", as_of="2026-07-31", source="s-2026-08-01")),
        subsidiary("fund", "house"),
        parties=PARENT,
    )  # fmt: skip
    plan = (Trigger("default", "chips"),)
    default = body(ask(network(facts), *plan))
    assert body(ask(network(facts, as_of="2026-06-15"), *plan)) != default
    assert body(ask(network(facts, known_on="2026-07-15"), *plan)) != default
    assert body(ask(network(facts, rung="closed"), *plan)) != default
    assert body(ask(network(facts).grouped("chips", "house"), *plan)) != default


def test_the_chinese_answer_holds_no_latin_word() -> None:
    facts = world(*SIX, *loan("l", "chips", "bank|lab", "50"), *contract("c", "lab", "chips", "9"), parties=PARENT)
    answer = ask(facts, FALL, Trigger("default", "chips"))
    assert latin_words(body(answer, "zh"), facts) <= {"recovery"}


# Laws -----------------------------------------------------------------------------------------------------------------

NODES = ("house", "fund", "lab", "bank", "chips")
stakes = st.dictionaries(
    st.tuples(st.sampled_from(NODES), st.sampled_from(NODES)).filter(lambda ends: ends[0] != ends[1]),
    st.integers(1, 400),
    max_size=10,
)
parts = st.integers(0, 100).map(lambda percent: Decimal(percent) / 100)


def random_world(amounts: dict[tuple[str, str], int]) -> Facts:
    rows = [row for (holder, issuer), value in amounts.items() for row in held(holder, issuer, str(value))]
    return world(*rows, *(sized(node, "500", "nav") for node in NODES))


def lost(outcome: Outcome) -> dict[str, Decimal]:
    """What each party loses, whether forced or at risk."""
    sums: dict[str, Decimal] = {}
    for loss in outcome.losses:
        if loss.amount is not None and loss.amount.value is not None:
            sums[loss.party] = sums.get(loss.party, Decimal()) + loss.amount.value
    return sums


@settings(max_examples=60, deadline=None)
@given(stakes, parts, parts)
def test_a_larger_fall_never_means_a_smaller_loss(
    amounts: dict[tuple[str, str], int], one: Decimal, two: Decimal
) -> None:
    of, (small, large) = network(random_world(amounts)), sorted((one, two))
    less, more = (lost(spread(of, [Trigger("fall", "chips", part)], rounds=6)) for part in (small, large))
    assert all(more.get(party, Decimal()) >= amount - Decimal("0.10") for party, amount in less.items())


@settings(max_examples=60, deadline=None)
@given(stakes, parts)
def test_nobody_loses_more_than_it_holds_and_no_value_falls_below_nothing(
    amounts: dict[tuple[str, str], int], part: Decimal
) -> None:
    outcome = spread(network(random_world(amounts)), [Trigger("fall", "chips", part)], rounds=50)
    held_by: dict[str, int] = {}
    for (holder, _), value in amounts.items():
        held_by[holder] = held_by.get(holder, 0) + value
    assert all(amount <= held_by[party] + 1 for party, amount in lost(outcome).items())
    assert all(0 <= fallen <= 1 for _, fallen in outcome.fallen)


@settings(max_examples=40, deadline=None)
@given(stakes, parts, st.randoms(use_true_random=False))
def test_the_order_of_links_does_not_matter(amounts: dict[tuple[str, str], int], part: Decimal, chance: object) -> None:
    of = network(random_world(amounts))
    shuffled = list(of.links)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    plan = [Trigger("fall", "chips", part)]
    assert steps(spread(of.with_links(shuffled), plan)) == steps(spread(of, plan))


# Models on a network --------------------------------------------------------------------------------------------------


def run(facts: Facts, name: str, *triggers: Trigger, recovery: str = "") -> models.ModelAnswer:
    of = network(facts)
    return models.model(of, name, triggers, context(of), recovery=Decimal(recovery) if recovery else None)


def test_a_model_is_refused_with_the_list_of_what_is_missing() -> None:
    facts = world(*loan("l", "lab", "bank", "50"))
    found = run(facts, "clearing", DEFAULT)
    assert not found.ran
    assert [(row.party.id, row.kind.key) for row in found.missing] == [("lab", "model.need.assets")]
    assert "model.refused" in {note.key for note in found.notes}
    assert not run(world(), "clearing", DEFAULT).ran


def test_clearing_pays_what_is_there() -> None:
    """Lab owes 50 and loses 60 percent of 100 in cash: 40 is paid. With half lost in the default 20 is."""
    facts = world(*loan("l", "lab", "bank", "50"), sized("lab", "100", "cash"))
    fall = Trigger("fall", "lab", Decimal("0.6"))
    assert [
        (row.party.id, row.before_shock.value, row.after_shock.value) for row in run(facts, "clearing", fall).outcome
    ] == [("lab", 50, 40)]
    assert [row.after_shock.value for row in run(facts, "clearing", fall, recovery="0.5").outcome] == [20]


def test_debtrank_passes_distress_from_holding_to_holding() -> None:
    """House holds 400 of chips with 1000 of its own: it loses 20 percent of that; parent 300 of house: 60 of 2000."""
    facts = world(*held("house", "chips", "400"), *held("parent", "house", "300"), sized("house", "1000", "nav"),
                  sized("chips", "800"), sized("parent", "2000"), parties=PARENT)  # fmt: skip
    found = {row.party.id: row.lost.value for row in run(facts, "debtrank", FALL).outcome}
    assert found == {"chips": 50, "house": 20, "parent": 3}


def test_thresholds_let_a_holder_fail_with_what_it_holds() -> None:
    facts = world(
        *held("house", "chips"), readings(worth("stake/house--chips--common", "50", "percent", basis="outstanding",
        unit="percent")), sized("chips", "200"), sized("house", "150"),
    )  # fmt: skip
    found = {row.party.id: (row.wave, row.after_shock.value) for row in run(facts, "thresholds", FALL).outcome}
    assert found["chips"][0] == 1
    assert found["house"][0] in (1, 2)


@pytest.mark.parametrize("name", models.MODELS)
def test_the_bundled_data_run_a_model_or_name_what_it_lacks(bundled: CapitalGraph, name: str) -> None:
    found = bundled.shock(defaults=["openai"], model=name)
    assert isinstance(found, models.ModelAnswer)
    assert found.ran or found.missing


def test_a_model_that_there_is_not_and_a_lost_contract_are_refused() -> None:
    with pytest.raises(UsageProblem, match="no model"):
        run(world(), "magic", DEFAULT)
    with pytest.raises(UsageProblem, match="lost contracts"):
        run(world(), "clearing", Trigger("lost", contract="contract/c"))


# Scenario files -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "part"), [("50%", "0.5"), (" 12.5 % ", "0.125"), ("40", "0.4"), ("0", "0"), ("100", "1")]
)
def test_percents_are_read(text: str, part: str) -> None:
    assert scenarios.part_of(text) == Decimal(part)


@pytest.mark.parametrize("text", ["", "half", "-5%", "101%", "0.5", "5%%", "１0%x"])
def test_what_is_no_percent_is_refused(text: str) -> None:
    with pytest.raises(UsageProblem):
        scenarios.part_of(text)


def written(folder: Path, text: str) -> Path:
    file = folder / "case.yaml"
    file.write_text(text, encoding="utf-8")
    return file


def test_a_scenario_is_read(tmp_path: Path) -> None:
    found = scenarios.read(written(tmp_path, "title: Case\nshocks:\n  - fall: arm\n    by: 50%\n  - default: x\n"
                                             "  - lose-contract: c\nrecovery: 40%\nrounds: 3\n"))  # fmt: skip
    assert found.items == (
        scenarios.Item("fall", "arm", HALF),
        scenarios.Item("default", "x"),
        scenarios.Item("lose-contract", "c"),
    )
    assert (found.recovery, found.rounds, found.titles["zh"]) == (Decimal("0.4"), 3, "Case")


@pytest.mark.parametrize(
    ("text", "line", "wrong"),
    [
        ("shocks: [", 1, "no YAML"),
        ("", 1, "no mapping"),
        ("title: x\n", 1, "needs a list"),
        ("shocks:\n  - fall: arm\n", 2, "by how much"),
        ("shocks:\n  - default: arm\n    by: 5%\n", 2, "by how much"),
        ("shocks:\n  - fall: arm\n    by: 150%\n", 3, "outside"),
        ("shocks:\n  - fall: arm\n    by: lots\n", 3, "no percent"),
        ("shocks:\n  - fall: arm\n    default: x\n    by: 5%\n", 2, "exactly one"),
        ("shocks:\n  - default: x\nspeed: 3\n", 3, "unknown key"),
        ("shocks:\n  - default: x\nrounds: none\n", 3, "no number of rounds"),
        ("shocks:\n  - default: x\nrecovery: 400%\n", 3, "outside"),
        ("shocks:\n  - default: [a]\n", 2, "names no party"),
        ("shocks:\n  - default: x\nshocks:\n  - default: y\n", 3, "twice"),
    ],
)
def test_a_wrong_scenario_is_told_by_file_and_line(tmp_path: Path, text: str, line: int, wrong: str) -> None:
    with pytest.raises(DataProblem) as caught:
        scenarios.read(written(tmp_path, text))
    problem = caught.value.problems[0]
    assert (problem.file, problem.line) == (str(tmp_path / "case.yaml"), line if line > 1 else problem.line)
    assert wrong in str(problem)


def test_a_scenario_that_there_is_not_names_those_that_ship() -> None:
    with pytest.raises(UsageProblem, match="openai-defaults"):
        scenarios.find("nosuch", data_dir() / "scenarios")


@pytest.mark.parametrize("file", sorted((data_dir() / "scenarios").glob("*.yaml")), ids=lambda file: file.stem)
def test_shipped_scenarios_run_and_have_titles_in_both_languages(bundled: CapitalGraph, file: Path) -> None:
    assert {"en", "zh"} <= set(scenarios.read(file).titles)
    found = bundled.shock(scenario=file)
    assert isinstance(found, Shock)
    assert found.hops


# The bundled data -----------------------------------------------------------------------------------------------------


def test_a_default_on_the_bundled_data_reaches_two_rounds_or_says_why(bundled: CapitalGraph) -> None:
    found = bundled.shock(defaults=["openai"])
    assert isinstance(found, Shock)
    said = {note.key for note in found.notes}
    assert found.rounds >= 2 or said & {"stress.stopped", "stress.unheld", "stress.untold"}


def test_every_step_on_the_bundled_data_stands_in_one_column(bundled: CapitalGraph) -> None:
    found = bundled.shock(defaults=["coreweave"], recovery=Decimal("0.4"))
    assert isinstance(found, Shock)
    for hop in found.hops:
        assert sum(bool(cell) for cell in (hop.forced, hop.at_risk, hop.unknown)) == 1, hop
        assert hop.readings or hop.sources or hop.link.startswith("relation/"), hop

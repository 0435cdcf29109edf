"""Portfolio rules: files and their mistakes, measures by hand, verdicts under unknown inputs, the three laws."""

from __future__ import annotations

import re
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.analysis.houses import Rows, body, context, figure, leg, network, readings, stake, subsidiary, text, world
from tests.analysis.test_funding import loan, payment
from tests.analysis.test_timeline import post

from capgraph import rulebook
from capgraph.analysis.rules import FUNCTIONS, Rules, Verdict, rules
from capgraph.errors import DataProblem, UsageProblem
from capgraph.facts import Facts
from capgraph.graph import load
from capgraph.ontology import load as load_ontology
from capgraph.rulebook import MEASURES

CLASSES = """
classes:
  proven: {title: {en: proven, zh: 确定性}, where: {listed: true}}
  speculative: {title: {en: speculative, zh: 潜力}, where: {listed: false}}
"""


def book(path: Path, facts: Facts, *lines: str, classes: str = "", name: str = "rules.yaml") -> rulebook.Rulebook:
    """A rule file with these rules, read back."""
    entries = "\n".join(f"  - {{id: r{at}, title: {{en: r{at}, zh: 规则}}, {line}}}" for at, line in enumerate(lines))
    file = path / name
    file.write_text(f"title: {{en: Book, zh: 规则书}}\n{classes}\nrules:\n{entries}\n", encoding="utf-8")
    return rulebook.read(file, facts, load_ontology())


@pytest.fixture
def ask(tmp_path: Path):  # type: ignore[no-untyped-def]
    """Ask rules, given as the inside of a YAML mapping, of a party in a small world."""

    def asked(facts: Facts, *lines: str, party: str = "house", classes: str = "", **scope: object) -> Rules:
        of = network(facts, **scope)  # type: ignore[arg-type]
        return rules(of, party, [book(tmp_path, facts, *lines, classes=classes)], context(of))

    return asked


def only(result: Rules) -> Verdict:
    (row,) = result.verdicts
    return row


def holdings(*worths: float | None, listed: int = 0) -> list[Rows]:
    """Stakes of the house in companies c0, c1, ... of these values; the first ``listed`` of them are listed."""
    parts: list[Rows] = []
    for at, worth in enumerate(worths):
        party = {"id": f"c{at}", "kind": "company", "name": f"C{at}", "name_zh": f"司{at}"}
        parts.append({"parties": [{**party, **({"ticker": f"X:{at}"} if at < listed else {})}]})
        parts.append(stake(f"house--c{at}--common", valid_from="2020"))
        if worth is not None:
            parts.append(readings(figure(f"stake/house--c{at}--common", "value", str(worth), "2026-06-30")))
    return parts


# The files ------------------------------------------------------------------------------------------------------------


def test_every_measure_has_a_function_and_every_function_a_measure() -> None:
    assert set(FUNCTIONS) == set(MEASURES)


def test_the_bundled_files_are_right_and_say_everything_in_both_languages() -> None:
    graph = load()
    for path in rulebook.bundled():
        read = rulebook.read(path, graph.facts, graph.ontology)
        said = [read.title, *(each.title for each in read.classes)]
        said += [words for rule in read.rules for words in (rule.title, rule.law, rule.why, rule.reference) if words]
        for words in said:
            assert words.en, path
            assert not re.search("[A-Za-z]", words.zh), words.zh
        assert all(rule.source or read.source or read.reference or rule.why for rule in read.rules), path


def test_the_three_laws_are_one_file() -> None:
    graph = load()
    (laws,) = [rulebook.read(rulebook.find("three-laws"), graph.facts, graph.ontology)]
    assert list(dict.fromkeys(rule.law.en for rule in laws.rules if rule.law)) == [
        "long term over short term",
        "balance over a single bet",
        "ability over vision",
    ]


WRONG = [
    ("", ["x.yaml:1: .*a rule file is a mapping"]),
    ("- one", ["x.yaml:1: .*a rule file is a mapping"]),
    ("title: T", ["x.yaml:1:rules: .*lacks 'rules'"]),
    ("title: T\nrules: []", ["x.yaml:2:rules: .*at least one entry"]),
    ("title: [", ["x.yaml:1: .*no YAML"]),
    ("title: T\ntitle: U\nrules: [{id: a, title: A, measure: names, at_least: 1}]", ["x.yaml:2:title: .*stands twice"]),
    ("title: {en: T}\nrules: [{id: a, title: A, measure: names, at_least: 1}]", ["x.yaml:1:zh: .*lacks 'zh'"]),
    ("title: T\nrulez: x\nrules: [{id: a, title: A, measure: names, at_least: 1}]", ["x.yaml:2:rulez: .*no 'rulez'"]),
    (
        "title: T\nrules:\n- {id: a, title: A, measure: magic, at_most: 1}",
        ["x.yaml:3:measure: .*no such thing, got 'magic'; right would be: one of class_share"],
    ),
    ("title: T\nrules:\n- {id: a, title: A, measure: names}", ["x.yaml:3:at_least: .*needs a limit"]),
    (
        "title: T\nrules:\n- {id: a, title: A, measure: largest_share, at_most: 130}",
        ["x.yaml:3:at_most: .*got '130'; right would be: a plain number from 0 up to 100"],
    ),
    ("title: T\nrules:\n- {id: a, title: A, measure: names, at_most: many}", ["x.yaml:3:at_most: .*got 'many'"]),
    (
        "title: T\nrules:\n- {id: a, title: A, measure: names, at_least: 9, at_most: 3}",
        ["x.yaml:3:at_least: .*at least 9 and at most 3"],
    ),
    (
        "title: T\nrules:\n- {id: a, title: A, measure: names, at_least: 1}\n"
        "- {id: a, title: B, measure: exits, at_most: 1}",
        ["x.yaml:4:id: .*stands twice"],
    ),
    (
        "title: T\nrules:\n- {id: a, title: A, measure: names, at_most: 1, months: 3}",
        ["x.yaml:3:months: .*no 'months'"],
    ),
    ("title: T\nrules:\n- {id: a, title: A, measure: debt_share, at_most: 1}", ["x.yaml:3:months: .*lacks 'months'"]),
    (
        "title: T\nrules:\n- {id: a, title: A, measure: class_share, class: odd, at_most: 1}",
        ["x.yaml:3:class: .*got 'odd'"],
    ),
    (
        "title: T\nassets: {nobody: {class: x, source: none}}\nrules: [{id: a, title: A, measure: names, at_most: 1}]",
        ["x.yaml:2:nobody: .*no such party", "x.yaml:2:class: .*", "x.yaml:2:source: .*got 'none'"],
    ),
    (
        "title: T\nclasses:\n  a: {title: A, where: {figure: {aspect: nett}}}\n"
        "rules: [{id: a, title: A, measure: names, at_most: 1}]",
        ["x.yaml:3:aspect: .*got 'nett'"],
    ),
    (
        "title: T\nrules:\n"
        "- {id: a, title: A, measure: people_lost, fields: [moon], roles: [king], months: 3, at_most: 1}",
        ["x.yaml:3:fields: .*got 'moon'", "x.yaml:3:roles: .*got 'king'"],
    ),
]


@pytest.mark.parametrize(("content", "says"), WRONG)
def test_every_mistake_is_named_with_its_line_and_what_would_be_right(
    tmp_path: Path, content: str, says: list[str]
) -> None:
    file = tmp_path / "x.yaml"
    file.write_text(content, encoding="utf-8")
    with pytest.raises(DataProblem) as caught:
        rulebook.read(file, world(), load_ontology())
    lines = str(caught.value).splitlines()
    for pattern in says:
        assert any(re.search(pattern, line) for line in lines), lines
    assert caught.value.exit_code == 3


def test_a_file_that_is_not_there_is_refused_with_the_names_of_those_that_are() -> None:
    with pytest.raises(UsageProblem, match="no rule file 'nothing'; give a path or one of: borrowing, three-laws"):
        rulebook.find("nothing")


# Shares ---------------------------------------------------------------------------------------------------------------


def test_the_tightest_portfolio_that_5_10_40_allows(ask) -> None:  # type: ignore[no-untyped-def]
    """Four names of 10 percent and twelve of 5 percent: 16 names, the fewest that the directive's limits allow."""
    lines = ("measure: largest_share, at_most: 10", "measure: sum_above, above: 5, at_most: 40",
             "measure: names, at_least: 16")  # fmt: skip
    worths = [10] * 4 + [5] * 12
    facts = world(*holdings(*worths))
    assert [row.outcome for row in ask(facts, *lines).verdicts] == ["kept", "kept", "kept"]
    assert [row.measured.value for row in ask(facts, *lines).verdicts] == [10, 40, 16]
    fifteen = world(*holdings(*worths[:-1]))
    assert [row.outcome for row in ask(fifteen, *lines).verdicts] == ["broken", "broken", "broken"]


def test_70_30_by_hand(ask) -> None:  # type: ignore[no-untyped-def]
    lines = (
        "measure: class_share, class: proven, at_least: 70",
        "measure: class_share, class: speculative, at_most: 30",
    )
    kept = ask(world(*holdings(40, 30, 30, listed=2)), *lines, classes=CLASSES)
    assert [(row.measured.value, row.outcome) for row in kept.verdicts] == [(70, "kept"), (30, "kept")]
    broken = ask(world(*holdings(40, 29, 31, listed=2)), *lines, classes=CLASSES)
    assert [(row.measured.value, row.outcome) for row in broken.verdicts] == [(69, "broken"), (31, "broken")]


def test_what_would_have_to_move_for_a_share_to_meet_its_limit(ask) -> None:  # type: ignore[no-untyped-def]
    lines = ("measure: class_share, class: proven, at_least: 70", "measure: largest_share, at_most: 30",
             "measure: sum_above, above: 5, at_most: 40")  # fmt: skip
    result = ask(world(*holdings(400, 290, 310, listed=2)), *lines, classes=CLASSES)
    assert [getattr(row.trade, "value", row.trade) for row in result.verdicts] == [10, 100, ""]
    moved = ask(world(*holdings(400, 300, 300, listed=2)), lines[0], classes=CLASSES)
    assert (only(moved).outcome, only(moved).trade) == ("kept", "")


def test_a_class_comes_from_a_source_before_a_criterion_and_says_so(ask) -> None:  # type: ignore[no-untyped-def]
    facts = world(*holdings(70, 30, listed=1), {"sources": [{"id": "expert", "publisher": "Expert"}]})
    classes = CLASSES + "assets: {c0: {class: speculative, source: expert}}\n"
    result = ask(facts, "measure: class_share, class: speculative, at_most: 30", classes=classes)
    assert only(result).measured.value == 100
    assert [row.because.key for row in result.assets] == ["rules.why.source", "rules.why.criterion"]  # type: ignore[union-attr]
    assert "as expert has it" in text(result)


@pytest.mark.parametrize(("limit", "outcome"), [(50, "broken"), (70, "open"), (90, "kept")])
def test_an_unknown_class_leaves_a_range_and_a_verdict_only_outside_it(ask, limit: int, outcome: str) -> None:  # type: ignore[no-untyped-def]
    """60 are proven, 20 of unknown class, 20 speculative: proven are 60 to 80 percent."""
    classes = """
classes:
  proven: {title: proven, where: {listed: true, figure: {aspect: net_income, above: 0}}}
  speculative: {title: speculative, where: {listed: false}}
"""
    facts = world(*holdings(60, 20, 20, listed=2), readings(figure("party/c0", "net_income", "5", "2026-03-31")))
    row = only(ask(facts, f"measure: class_share, class: proven, at_most: {limit}", classes=classes))
    assert (row.measured.value, row.measured.low, row.measured.high, row.outcome) == (None, 60, 80, outcome)
    assert "rules.unclassed" in [note.key for note in row.missing]


def test_with_too_few_values_there_is_no_verdict(ask) -> None:  # type: ignore[no-untyped-def]
    facts = world(*holdings(100, None, None))
    row = only(ask(facts, "measure: largest_share, at_most: 50"))
    assert (row.measured.value, row.outcome, row.missing[0].key) == (100, "open", "rules.thin")
    row = only(ask(facts, "measure: largest_share, at_most: 50, coverage: 33"))
    assert (row.outcome, row.missing[0].key) == ("broken", "rules.unvalued")


def test_loans_on_shares_are_taken_off_their_value(ask) -> None:  # type: ignore[no-untyped-def]
    debt = loan("margin", "house", "drawn", "2025-01-01", ("drawn", "40", "2026-03-31", ""))
    pledge = {"id": "p", "facility": "margin", "pledgor": "house", "stake": "house--c0--common", "valid_from": "2025"}
    evidence = {"about": "pledge/p", "source": "s-2020-01-01", "confidence": "reported"}
    facts = world(*holdings(100, 40), debt, {"pledges": [pledge], "evidence": [evidence]})
    assert only(ask(facts, "measure: largest_share, at_most: 65")).outcome == "broken"
    row = only(ask(facts, "measure: largest_share, at_most: 65, after_loans: true"))
    assert (row.measured.value, row.outcome) == (60, "kept")


def test_a_stake_inside_another_counts_once_and_rights_stand_beside(ask) -> None:  # type: ignore[no-untyped-def]
    inside = stake("house--c0--preferred", valid_from="2020", contained_in="house--c0--common")
    right = stake("house--lab--warrant", valid_from="2020")
    worth = readings(figure("stake/house--c0--preferred", "value", "40", "2026-06-30"),
                     figure("stake/house--lab--warrant", "value", "900", "2026-06-30"))  # fmt: skip
    row = only(ask(world(*holdings(50, 50), inside, right, worth), "measure: largest_share, at_most: 50"))
    assert (row.measured.value, row.outcome) == (50, "kept")
    assert "rules.beside" in [note.key for note in row.missing]


@settings(max_examples=30, deadline=None)
@given(st.lists(st.integers(1, 10**9), min_size=1, max_size=6), st.integers(0, 6))
def test_the_classes_of_all_assets_add_up_to_the_whole(worths: list[int], listed: int) -> None:
    from capgraph.analysis.rule_subject import Subject

    facts = world(*holdings(*worths, listed=listed))
    of = network(facts)
    read = rulebook.Rulebook("b", "b", rulebook.Words("b", "b"), "", None, (), (), ())
    weights = Subject(of, "house", read).weights()
    assert sum(part for _, part in weights) == Fraction(100)
    assert max(part for _, part in weights) == Fraction(max(worths) * 100, sum(worths))


# Borrowing and buying -------------------------------------------------------------------------------------------------


def test_borrowing_in_percent_of_spending(ask) -> None:  # type: ignore[no-untyped-def]
    facts = world(
        payment("out", "house", "lab", "2026-01-01", "200"),
        loan("bond", "house", "drawn", "2026-02-01", ("limit", "90", "2026-02-01", "")),
        loan("old", "house", "drawn", "2020-02-01", ("limit", "900", "2020-02-01", "")),
    )
    row = only(ask(facts, "measure: debt_share, months: 24, at_most: 45"))
    assert (row.measured.value, row.outcome) == (45, "kept")
    assert only(ask(world(), "measure: debt_share, months: 24, at_most: 45")).outcome == "open"


def test_loans_that_may_be_the_same_money_leave_a_range(ask) -> None:  # type: ignore[no-untyped-def]
    facts = world(
        payment("out", "house", "lab", "2026-01-01", "100"),
        loan("one", "house", "drawn", "2026-02-01", ("limit", "40", "2026-02-01", "")),
        loan("two", "house", "drawn", "2026-02-01", ("limit", "30", "2026-02-01", ""), overlaps="facility/one"),
    )
    row = only(ask(facts, "measure: debt_share, months: 24, at_most: 50"))
    assert (row.measured.low, row.measured.high, row.outcome) == (40, 70, "open")


def test_the_single_bet_is_the_company_that_took_most_of_the_money(ask) -> None:  # type: ignore[no-untyped-def]
    facts = world(
        payment("lab", "house", "lab", "2026-01-01", "60"),
        leg("chips", "house--chips--common", "opens", "2026-01-01", "40"),
        stake("house--chips--common"),
    )
    result = ask(facts, "measure: largest_use_share, months: 12, at_most: 50")
    assert (only(result).measured.value, only(result).outcome) == (60, "broken")
    assert [row.item.id for row in result.considered] == ["lab", "chips"]  # type: ignore[union-attr]


def test_the_loan_to_value_is_the_partys_own(ask) -> None:  # type: ignore[no-untyped-def]
    facts = world(readings(figure("party/house", "ltv", "20.6", "2025-12-31")))
    assert only(ask(facts, "measure: ltv, at_most: 25")).outcome == "kept"
    assert only(ask(facts, "measure: ltv, at_most: 20")).outcome == "broken"
    assert [note.key for note in only(ask(world(), "measure: ltv, at_most: 25")).missing] == ["rules.no_ltv"]


# Patience and people --------------------------------------------------------------------------------------------------


@pytest.fixture
def twice() -> Facts:
    """The fund held chips from 2017 to January 2019, the house from March 2024 to October 2025."""
    return world(
        stake("fund--chips--common", valid_to="2019-01-31"),
        leg("f-buy", "fund--chips--common", "opens", "2017-01-31", "1"),
        leg("f-exit", "fund--chips--common", "closes", "2019-01-31", "1"),
        stake("house--chips--common", valid_to="2025-03-01"),
        leg("h-buy", "house--chips--common", "opens", "2024-03-01", "1"),
        leg("h-exit", "house--chips--common", "closes", "2025-03-01", "1"),
        subsidiary("fund", "house"),
    )


def test_the_house_sold_and_bought_again_the_party_alone_did_not(ask, twice: Facts) -> None:  # type: ignore[no-untyped-def]
    alone, house = (only(ask(twice, "measure: reentries, at_most: 0", group=group)) for group in (False, True))
    assert (alone.measured.value, alone.outcome) == (0, "kept")
    assert (house.measured.value, house.outcome) == (1, "broken")
    assert only(ask(twice, "measure: exits, at_most: 1", group=True)).measured.value == 2
    assert only(ask(twice, "measure: exits, months: 24, at_most: 1", group=True)).measured.value == 1


@pytest.mark.parametrize(("statistic", "years"), [("shortest", 1), ("median", 1.5), ("longest", 2)])
def test_how_long_closed_positions_had_been_held(ask, twice: Facts, statistic: str, years: float) -> None:  # type: ignore[no-untyped-def]
    row = only(ask(twice, f"measure: holding_years, statistic: {statistic}, at_least: 2", group=True))
    assert float(row.measured.value or 0) == pytest.approx(years, abs=0.01)


PEOPLE = "fields: [ai_lab], roles: [scientist, founder]"


@pytest.fixture
def staffed() -> Facts:
    return world(
        stake("house--lab--preferred", valid_from="2020"),
        post("ann", "lab", "scientist", "2020-01-01", "2026-01-31"),
        post("bob", "lab", "founder", "2020-01-01"),
        post("cyn", "lab", "scientist", "2020-01-01", "2025-06-30"),
        post("cyn", "lab", "founder", "2025-07-01"),
        post("dan", "house", "scientist", "2013", "2025-12-31"),
        post("eve", "chips", "scientist", "2013", "2025-12-31"),
        post("fay", "lab", "scientist", "2013", "2021-12-31"),
        parties=[
            {"id": name, "kind": "person", "name": name.title()} for name in ("ann", "bob", "cyn", "dan", "eve", "fay")
        ],
    )


def test_who_left_the_party_or_what_it_holds_in_the_field_is_lost(ask, staffed: Facts) -> None:  # type: ignore[no-untyped-def]
    result = ask(staffed, f"measure: people_lost, {PEOPLE}, months: 24, at_most: 0")
    assert sorted(row.item.id for row in result.considered) == ["ann", "dan"]  # type: ignore[union-attr]
    assert only(result).outcome == "broken"


def test_a_field_without_a_name_is_unknown_and_not_empty(ask, staffed: Facts) -> None:  # type: ignore[no-untyped-def]
    line = f"measure: people_in_field, {PEOPLE}, at_least: 2"
    assert (only(ask(staffed, line)).measured.value, only(ask(staffed, line)).outcome) == (2, "kept")
    nobody = world(stake("house--lab--preferred", valid_from="2020"))
    assert (only(ask(nobody, line)).outcome, only(ask(nobody, line)).missing[0].key) == ("open", "rules.field_unknown")
    assert only(ask(world(), line)).missing[0].key == "rules.no_fields"


# The switches ---------------------------------------------------------------------------------------------------------


def test_as_of_known_on_rung_and_group_each_change_the_answer(ask) -> None:  # type: ignore[no-untyped-def]
    facts = world(
        *holdings(60, 40),
        readings(figure("stake/house--c1--common", "value", "90", "2026-08-31", source="s-2026-09-05")),
        payment("plan", "house", "lab", "2026-08-01", "50", status="announced"),
        payment("out", "house", "lab", "2026-08-01", "50"),
        loan("bond", "house", "drawn", "2026-08-01", ("limit", "10", "2026-08-01", "")),
        stake("fund--lab--common", valid_from="2021"),
        readings(figure("stake/fund--lab--common", "value", "500", "2026-06-30")),
        subsidiary("fund", "house"),
    )
    lines = "measure: largest_share, at_most: 50", "measure: debt_share, months: 12, at_most: 50"
    default = body(ask(facts, *lines))
    assert body(ask(facts, *lines, as_of="2026-07-31")) != default
    assert body(ask(facts, *lines, known_on="2026-09-01")) != default
    assert body(ask(facts, *lines, rung="announced")) != default
    assert body(ask(facts, *lines, group=True)) != default


def test_before_all_data_nothing_is_computable(ask) -> None:  # type: ignore[no-untyped-def]
    row = only(ask(world(*holdings(60, 40)), "measure: largest_share, at_most: 50", as_of="1990-01-01"))
    assert (row.outcome, [note.key for note in row.missing]) == ("open", ["rules.no_assets"])


def test_the_chinese_answer_holds_no_latin_word(ask, staffed: Facts) -> None:  # type: ignore[no-untyped-def]
    names = {"Ann", "Bob", "Cyn", "Dan", "Eve", "Fay"}
    result = ask(staffed, f"measure: people_lost, {PEOPLE}, months: 24, at_most: 0",
                 "measure: class_share, class: proven, at_least: 70", classes=CLASSES)  # fmt: skip
    assert set(re.findall(r"[A-Za-z]{2,}", body(result, "zh"))) <= names


# The real data --------------------------------------------------------------------------------------------------------


def test_the_three_laws_catch_softbanks_return_and_metas_loss() -> None:
    def outcomes(party: str) -> dict[str, str]:
        return {row.id: row.outcome for row in load(group=True).rules(party, ["three-laws"]).verdicts}

    assert outcomes("softbank-group")["three-laws/no-return"] == "broken"
    assert outcomes("meta")["three-laws/people-kept"] == "broken"


def test_every_bundled_rule_can_be_asked_of_every_kind_of_party() -> None:
    graph = load()
    for party in ("softbank-group", "openai", "nvidia", "jpmorgan", "sam-altman", "us-government", "vision-fund-1"):
        result = graph.rules(party)
        assert result.kept + result.broken + result.not_computable == len(result.verdicts) == 14
        for row in result.verdicts:
            assert row.outcome != "open" or row.missing or row.measured.low != row.measured.high, (party, row.id)

"""Two parties side by side: the same numbers as the commands for one, and nothing lost when they change places."""

from __future__ import annotations

import re
from datetime import date

import pytest
from tests.analysis.houses import body, context, figure, network, readings, stake, subsidiary, text, world
from tests.analysis.test_funding import loan, payment

from capgraph import rulebook
from capgraph.analysis.compare import Comparison, compare
from capgraph.errors import UsageProblem
from capgraph.facts import Facts
from capgraph.graph import load
from capgraph.ontology import Words

BOOK = rulebook.Rulebook(
    id="book",
    file="book.yaml",
    title=Words("Book", "规则书"),
    source="",
    reference=None,
    classes=(),
    assets=(),
    rules=(
        rulebook.Rule(
            id="half",
            title=Words("half", "一半"),
            law=None,
            measure="largest_share",
            at_least=None,
            at_most=rulebook.COVERAGE,
            source="",
            reference=None,
            why=None,
            line=1,
        ),
    ),
)


def ask(facts: Facts, one: str = "house", other: str = "bank", **scope: object) -> Comparison:
    of = network(facts, **scope)  # type: ignore[arg-type]
    return compare(of, one, other, [BOOK], context(of))


@pytest.fixture
def pair() -> Facts:
    """The house holds 60 of chips and 40 of the lab, the bank 30 of the lab; the house bought, the bank lent."""
    return world(
        stake("house--chips--common", valid_from="2020"),
        stake("house--lab--common", valid_from="2020"),
        stake("bank--lab--common", valid_from="2020"),
        readings(
            figure("stake/house--chips--common", "value", "60", "2026-06-30"),
            figure("stake/house--lab--common", "value", "40", "2026-06-30"),
            figure("stake/house--lab--common", "percent", "8", "2026-06-30"),
            figure("stake/bank--lab--common", "value", "30", "2026-06-30"),
            figure("party/house", "cash", "5", "2026-06-30"),
            figure("party/bank", "revenue", "7", "2026-06-30", period="2026-Q2"),
        ),
        payment("out", "house", "lab", "2026-02-01", "20"),
        loan("bond", "house", "drawn", "2026-03-01", ("limit", "15", "2026-03-01", ""), lenders="bank"),
    )


def test_what_both_hold_stands_first_then_the_rest_by_value(pair: Facts) -> None:
    result = ask(pair)
    assert [(row.issuer.id, row.both) for row in result.holdings] == [("lab", True), ("chips", False)]
    lab = result.holdings[0]
    assert (lab.first_percent.value, lab.first_worth.value, lab.second_worth.value) == (8, 40, 30)  # type: ignore[union-attr]
    assert (result.common, result.holdings[1].second_worth) == (1, "")
    assert result.common_weight is not None
    assert float(result.common_weight) == 0.4


def test_money_rules_and_figures_stand_side_by_side(pair: Facts) -> None:
    result = ask(pair)
    assert [(row.money.en, row.first.value, row.second.value) for row in result.money] == [
        ("sources", 15, 0),
        ("uses", 20, 15),
        ("uses less sources", 5, 15),
        ("of the sources borrowed", 15, 0),
    ]
    assert [(row.first.en, row.second.en) for row in result.verdicts] == [("broken", "broken")]
    assert [(row.aspect.code, str(row.first_of), str(row.second_of)) for row in result.figures] == [
        ("revenue", "", "2026-Q2"),
        ("cash", "2026-06-30", ""),
    ]
    assert [(row.channel.code, row.first_counted, row.second_counted) for row in result.channels] == [
        ("equity", 2, 1),
        ("credit", 0, 1),
    ]


def swapped(result: Comparison) -> dict[str, list[tuple[object, ...]]]:
    """The rows of an answer with their two columns exchanged."""
    return {
        "figures": [(row.aspect.code, row.second, row.second_of, row.first, row.first_of) for row in result.figures],
        "holdings": [
            (row.issuer.id, row.second_percent, row.second_worth, row.first_percent, row.first_worth)
            for row in result.holdings
        ],
        "channels": [(row.channel.code, row.second, row.first) for row in result.channels],
        "money": [(row.money.en, row.second, row.first) for row in result.money],
        "verdicts": [(row.id, row.second, row.second_measured, row.first) for row in result.verdicts],
    }


def test_exchanging_the_parties_exchanges_the_columns(pair: Facts) -> None:
    there, back = ask(pair), ask(pair, "bank", "house")
    columns = {
        "figures": [(row.aspect.code, row.first, row.first_of, row.second, row.second_of) for row in back.figures],
        "holdings": [
            (row.issuer.id, row.first_percent, row.first_worth, row.second_percent, row.second_worth)
            for row in back.holdings
        ],
        "channels": [(row.channel.code, row.first, row.second) for row in back.channels],
        "money": [(row.money.en, row.first, row.second) for row in back.money],
        "verdicts": [(row.id, row.first, row.first_measured, row.second) for row in back.verdicts],
    }
    assert columns == swapped(there)
    assert (there.common_weight, there.cosine, there.jaccard) == (back.common_weight, back.cosine, back.jaccard)


def test_as_of_known_on_rung_and_group_each_change_the_answer(pair: Facts) -> None:
    more = world(
        payment("plan", "house", "lab", "2026-04-01", "9", status="announced"),
        readings(figure("party/house", "cash", "6", "2026-07-31", source="s-2026-09-05")),
        stake("fund--lab--common", valid_from="2020"),
        readings(figure("stake/fund--lab--common", "value", "50", "2026-06-30")),
        subsidiary("fund", "house"),
    )
    known = {row.ref for row in pair.rows()}
    facts = pair.with_rows(row for row in more.rows() if row.ref not in known)
    default = body(ask(facts))
    assert body(ask(facts, as_of="2026-01-31")) != default
    assert body(ask(facts, known_on="2026-09-01")) != default
    assert body(ask(facts, rung="announced")) != default
    assert body(ask(facts, group=True)) != default


def test_the_chinese_answer_holds_no_latin_word(pair: Facts) -> None:
    answer = body(ask(pair), "zh").replace("--from", "").replace("--to", "")
    assert not re.findall(r"[A-Za-z]{2,}", answer)
    assert "母公司与银行对比" in text(ask(pair), "zh")


def test_the_numbers_are_those_of_the_commands_for_one_party() -> None:
    graph = load()
    window = (date(2025, 1, 1), date(2025, 12, 31))
    result = graph.compare("softbank-group", "nvidia", *window)
    for at, party in enumerate(("softbank-group", "nvidia")):
        money = {row.money.en: (row.first, row.second)[at] for row in result.money}
        alone = graph.funding(party, *window)
        assert (money["sources"], money["uses"]) == (alone.sources_total, alone.uses_total)
        verdicts = [(row.first, row.second)[at] for row in result.verdicts]
        assert verdicts == [row.verdict for row in graph.rules(party).verdicts]


def test_a_house_is_not_compared_with_its_own_member() -> None:
    with pytest.raises(UsageProblem, match="one house"):
        load(group=True).compare("softbank-group", "vision-fund-2")

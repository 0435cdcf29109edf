"""Named questions: what each file must say, what each answers on a world made for them, and on the bundled data."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pyoxigraph as ox
import pytest
import rdflib

from capgraph import asking, ontology
from capgraph.bindings import Solutions
from capgraph.clocks import DateSpan
from capgraph.errors import DataProblem, UnknownName, UsageProblem
from capgraph.graph import CapitalGraph, load
from capgraph.parameters import CODED, READERS, bound, terms, values_blocks
from capgraph.questions import Question, question, questions
from capgraph.reader.answers import TextRead
from capgraph.results import Value, reading_ids, source_ids
from capgraph.sparql import Query
from tests.engines import TooSlow, in_rdflib, rows_from, rows_of, within

FIXTURE = Path(__file__).parent / "fixtures" / "questions"
EXPECTED: Mapping[str, Any] = json.loads((FIXTURE / "expected.json").read_text(encoding="utf-8"))
SHELF = questions(ontology.load())
NAMES = list(SHELF)
LATIN = re.compile(r"[A-Za-z]")


@cache
def world() -> CapitalGraph:
    """The small world in which every question has an answer."""
    return load(FIXTURE / "data")


def facts_of(graph: CapitalGraph, name: str, values: Mapping[str, str]) -> asking.Asked:
    """The facts of a question without its step."""
    return asking.ask(graph, replace(SHELF[name], step=None), values)


def told(graph: CapitalGraph, asked: asking.Asked) -> list[dict[str, Any]]:
    """Rows as JSON has them, without names, empty cells and what a figure repeats of its row."""
    rows = [json.loads(line) for line in graph.render(asked.facts, "jsonl").splitlines()]
    return [
        {
            key: value
            for key, value in row.items()
            if value not in ("", None, []) and not key.endswith(("_name", "_readings"))
        }
        for row in rows
    ]


# The files ------------------------------------------------------------------------------------------------------------


def test_there_are_the_28_questions_in_order() -> None:
    assert [each.number for each in SHELF.values()] == list(range(1, 29))
    assert len(set(NAMES)) == 28
    assert set(EXPECTED) == set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_a_question_says_what_it_asks_in_both_languages(name: str) -> None:
    asked = SHELF[name]
    words = [asked.title, asked.description, *(parameter.meaning for parameter in asked.parameters)]
    words += [asked.step.words] if asked.step else []
    for each in words:
        assert each.en
        assert each.zh
        assert not LATIN.search(each.zh)


@pytest.mark.parametrize("name", NAMES)
def test_a_question_runs_anywhere_as_it_stands(name: str) -> None:
    results = ox.Store().query(SHELF[name].text)
    assert isinstance(results, ox.QuerySolutions)
    rdflib.Graph().query(SHELF[name].text)


@pytest.mark.parametrize("name", NAMES)
def test_an_open_parameter_can_be_filled_by_hand(name: str) -> None:
    text = re.sub(r"# (VALUES )", r"\1", SHELF[name].text)
    assert isinstance(ox.Store().query(text), ox.QuerySolutions)


@pytest.mark.parametrize("name", NAMES)
def test_every_column_and_parameter_has_a_heading_in_both_languages(name: str) -> None:
    results = ox.Store().query(SHELF[name].text)
    assert isinstance(results, ox.QuerySolutions)
    columns = {variable.value for variable in results.variables} - {"readings", "sources"}
    columns = {column for column in columns if not column.endswith(("_unit", "_low", "_high"))}
    for column in columns | {parameter.name for parameter in SHELF[name].parameters}:
        words = ontology.load().words(f"field.{column}")
        assert words is not None, column
        assert words.zh
        assert not LATIN.search(words.zh)


@pytest.mark.parametrize("name", NAMES)
def test_the_rows_of_a_question_have_one_order(name: str) -> None:
    assert "ORDER BY" in SHELF[name].text
    values = EXPECTED[name]["asked"]
    assert told(world(), facts_of(world(), name, values)) == told(world(), facts_of(world(), name, values))


@pytest.mark.parametrize("name", NAMES)
def test_what_a_question_needs_is_a_column_or_an_aspect(name: str) -> None:
    model = ontology.load()
    assert SHELF[name].needs or name == "none"
    for need in SHELF[name].needs:
        table, _, aspect = need.partition(":")
        if aspect:
            assert model.find_code("aspect", aspect) is not None, need
        else:
            table, _, column = need.partition(".")
            assert column in model.schema.tables[table].header, need


# Answers on the small world -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", NAMES)
def test_the_facts_of_a_question_on_the_small_world(name: str) -> None:
    assert told(world(), facts_of(world(), name, EXPECTED[name]["asked"])) == EXPECTED[name]["rows"]


@pytest.mark.parametrize("name", NAMES)
def test_every_row_says_what_stands_behind_it(name: str) -> None:
    facts = facts_of(world(), name, EXPECTED[name]["asked"]).facts
    assert reading_ids(facts) or source_ids(facts)
    for row in facts.rows:  # type: ignore[attr-defined]
        assert row.readings or row.sources or name == "identified"
    assert "[reading/" in (text := world().render(facts, evidence=True)) or "[source/" in text


@pytest.mark.parametrize("name", NAMES)
def test_an_answer_reads_in_chinese(name: str) -> None:
    text = world().render(facts_of(world(), name, EXPECTED[name]["asked"]).facts, lang="zh")
    head = text.split("\n\n")[0] + re.split(r"\n-{3,}", text.split("\n\n")[-1])[0].split("\n")[0]
    assert not LATIN.search(head.split("数据版本")[0])


def step(name: str) -> tuple[Any, ...]:
    """What the step of a question makes of the small world."""
    asked = asking.ask(world(), SHELF[name], EXPECTED[name]["asked"])
    assert SHELF[name].step is not None
    assert any(note.key == "question.step" for note in asked.facts.notes)
    return asked.answers


def test_owners_go_on_to_what_nobody_accounts_for() -> None:
    (owners,) = step("owners")
    assert (owners.counted.value, owners.rest.value) == (31, 69)  # 20 of Cloud and 11 of the house; the fund is in it


def test_stake_changes_go_on_to_compare_both_days() -> None:
    (changes,) = step("stake-changes")
    assert "House holds common shares of Chips" in world().render(changes)


def test_exposure_paths_go_on_to_the_shortest_and_to_the_strongest() -> None:
    shortest, strongest = step("exposure-paths")
    assert shortest.paths[0].links == 2
    assert strongest.paths[0].bottleneck.value == 33_000_000_000  # the lesser of 300 bn of supply and 33 bn of stake


def test_look_through_goes_on_to_every_quarter_end() -> None:
    (series,) = step("look-through")
    assert [str(row.day) for row in series.quarters] == ["2025-06-30", "2025-09-30", "2025-12-31"]
    assert [row.share for row in series.quarters[:2]] == [None, None]
    last = series.quarters[2].share
    assert (last.low, last.value, last.high) == (10, 11, 11)  # the fund's 4 are inside the house's 11


def test_control_goes_on_to_who_controls_with_less_than_half_of_the_shares() -> None:
    (control,) = step("control")
    (son,) = control.controllers
    assert (son.party.id, son.votes.value, son.economic.value, son.ultimate) == ("son", 55, 30, True)


def test_circles_go_on_to_circles_of_signed_and_of_paid_money() -> None:
    signed, paid = step("circles")
    assert [len(answer.loops) for answer in (signed, paid)] == [1, 1]
    assert signed.loops[0].bottleneck.value == 1_000_000_000  # Cloud paid 1 bn, Lab buys for 300 bn


def test_collateral_goes_on_to_the_loss_and_to_what_must_be_posted() -> None:
    shock, margin = step("collateral")
    text = world().render(shock)
    assert "USD 8 bn" in text  # 40 % of 20 bn
    assert "USD 1.8 bn" in text  # 9 bn over 12 bn is 75 %; back to 60 % takes 9 - 0.6 * 12
    assert "USD 1.8 bn" in world().render(margin)


def test_failure_goes_on_round_by_round() -> None:
    (shock,) = step("failure")
    text = world().render(shock)
    assert "USD 100 bn" in text  # a fifth of 500 bn
    assert "USD 300 bn" in text  # what Lab was to buy


def test_known_then_goes_on_to_what_became_public_later() -> None:
    (changes,) = step("known-then")
    text = world().render(changes)
    assert re.search(r"ended +House holds common shares of Chips", text)


def test_effective_price_takes_the_warrant_off_the_contract() -> None:
    (answer,) = step("effective-price")
    at_strike, at_200, at_1000 = answer.prices
    assert (at_strike.warrant_worth.value, at_strike.effective.value) == (0, 90_000_000_000)
    assert at_200.warrant_worth.value == 100_000_000 * (200 - answer.strike.value) == 19_999_000_000
    assert at_200.effective.value == 70_001_000_000
    assert round(at_200.returned.value, 4) == round(100 * at_200.warrant_worth.value / 90_000_000_000, 4)
    assert round(at_200.per_unit.value * 6) == 70_001_000_000
    assert at_1000.effective.value < 0, "a warrant may be worth more than the contract"


def weighed(read: TextRead) -> list[tuple[str, str]]:
    """The numbers of a sentence that readings can bear on, each with what they make of it."""
    return [(part.value, part.verdict) for each in read.candidates for part in each.parts if part.verdict]


def test_check_sentence_goes_on_to_the_figures_of_the_sentence() -> None:
    (read,) = step("check-sentence")
    (said,) = read.candidates
    assert (said.subject.id, said.object.id, said.kind, said.verdict) == ("house", "chips", "tranche", "agrees")
    assert weighed(read) == [("32100000", "agrees"), ("5830000000", "agrees")]
    assert set(said.readings) >= {"reading/q07", "reading/q08"}


@pytest.mark.parametrize(
    ("sentence", "verdicts"),
    [
        ("House sold its 23.1 million Chips shares for 5.83 billion dollars.", ["open", "agrees"]),
        ("House sold its 23.1 million Chips shares for 5.83 billion dollars in October 2025.", ["conflicts", "agrees"]),
        ("House sold its 32.1 million Chips shares for 58.3 billion dollars.", ["agrees", "open"]),
        ("House sold its 32.1 million Chips shares in 2024.", ["open"]),
        ("母公司以58.3亿美元出售3210万股芯片公司股票。", ["agrees", "agrees"]),
        ("Lab buys from Cloud for over 250 billion dollars.", ["agrees"]),
    ],
)
def test_the_verdicts_on_a_sentence_follow_its_figures(sentence: str, verdicts: list[str]) -> None:
    (read,) = asking.ask(world(), SHELF["check-sentence"], {"sentence": sentence}).answers
    assert [verdict for _, verdict in weighed(read)] == verdicts  # type: ignore[arg-type]


def test_a_sentence_that_names_nobody_says_that_its_step_found_nothing() -> None:
    asked = asking.ask(world(), SHELF["check-sentence"], {"sentence": "It rained."})
    assert asked.answers == ()
    assert "question.step_empty" in {note.key for note in asked.facts.notes}


def test_chokepoints_go_on_to_removals_by_signed_and_by_paid_money() -> None:
    signed, paid = step("chokepoints")
    assert signed.context.rung == "signed"
    assert paid.context.rung == "closed"


def test_the_two_clocks_and_the_rung_reach_a_question() -> None:
    def held(as_of: str, known_on: str | None = None) -> set[str]:
        return {
            row["stake"] for row in told(world(), facts_of(world().at(as_of, known_on), "stakes", {"party": "house"}))
        }

    sold = "stake/house--chips--common"
    assert sold in held("2025-09-30")
    assert sold not in held("2025-10-31")
    assert sold in held("2025-10-31", "2025-11-10"), "its end was not public yet"


# Answers on the bundled data ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", NAMES)
def test_a_question_has_rows_on_the_bundled_data_or_names_what_they_lack(bundled: CapitalGraph, name: str) -> None:
    facts = facts_of(bundled, name, {}).facts
    lacking = [note for note in facts.notes if note.key == "question.needs"]
    assert facts.rows or lacking  # type: ignore[attr-defined]
    assert bool(facts.rows) != bool(lacking)  # type: ignore[attr-defined]


def test_an_answer_without_rows_counts_the_cells_that_it_rests_on() -> None:
    facts = facts_of(world(), "share-pledges", {"issuer": "lab"}).facts
    (lacking,) = (note for note in facts.notes if note.key == "question.needs")
    assert "pledges.stake 1/1" in lacking.values["cells"]
    assert "readings:ltv 0/32" in lacking.values["cells"]
    (empty,) = (note for note in facts.notes if note.key == "question.empty")
    assert empty.values["cells"] == "readings:ltv"


def test_softbank_sold_its_shares_of_nvidia_with_sources(bundled: CapitalGraph) -> None:
    rows = told(bundled, facts_of(bundled, "support", {}))
    assert len(rows) >= 3
    assert {row["value"] for row in rows} == {32_100_000}
    assert "tranche/softbank-nvidia-exit-2025-10--sale" in {row["about"] for row in rows}


# Parameters -----------------------------------------------------------------------------------------------------------


def test_names_resolve_in_any_language() -> None:
    assert told(world(), facts_of(world(), "stakes", {"party": "母公司"})) == EXPECTED["stakes"]["rows"]
    with pytest.raises(UnknownName):
        facts_of(world(), "stakes", {"party": "nobody"})


@pytest.mark.parametrize(
    "typed",
    [
        '" } ?s ?p ?o } #',
        "' . } UNION { ?s ?p ?o",
        '""" } } DROP ALL #',
        "\\",
        '\\"',
        "\n} SERVICE <http://127.0.0.1/> {",
        "<http://127.0.0.1/>",
        "?x",
        "软银“清仓”",
    ],
)
def test_whatever_is_typed_stays_one_term(typed: str) -> None:
    asked = SHELF["check-sentence"]
    query, given = asking.prepare(world(), asked, {"sentence": typed})
    assert [term.value for term in given["sentence"]] == [typed]
    again = bound(query.text, {"sentence": terms(world(), "text", "x")})
    assert again == bound(asked.text, {"sentence": terms(world(), "text", "x")}), "nothing but the block changed"
    assert Solutions.read(world().sparql(query, "tsv")).rows == ()


@pytest.mark.parametrize(
    ("type", "typed", "written"),
    [
        ("party", "house", "<https://w3id.org/capgraph/id/party/house>"),
        ("thing", "contract/lab-chips", "<https://w3id.org/capgraph/id/contract/lab-chips>"),
        ("date", "2025", '"2025-12-31"^^<http://www.w3.org/2001/XMLSchema#date>'),
        ("since", "2025-10", '"2025-10-01"^^<http://www.w3.org/2001/XMLSchema#date>'),
        ("date", "known-on", '"2026-02-20"^^<http://www.w3.org/2001/XMLSchema#date>'),
        ("number", "0.5", '"0.5"^^<http://www.w3.org/2001/XMLSchema#decimal>'),
        ("code-rung", "signed", "<https://w3id.org/capgraph/code/rung/signed>"),
    ],
)
def test_a_value_becomes_a_term_of_its_type(type: str, typed: str, written: str) -> None:
    assert [str(term) for term in terms(world(), type, typed)] == [written]


def test_lists_give_several_terms_and_nothing_gives_none() -> None:
    assert len(terms(world(), "parties", "house, lab")) == 2
    assert len(terms(world(), "code-rung", "signed,closed")) == 2
    assert terms(world(), "party", "") == []


@pytest.mark.parametrize(
    ("type", "typed"),
    [
        ("date", "yesterday"),
        ("number", "1e9"),
        ("number", "ten"),
        ("thing", "house"),
        ("code-rung", "sure"),
        ("since", "2025-13"),
    ],
)
def test_a_value_of_the_wrong_type_is_told(type: str, typed: str) -> None:
    with pytest.raises(UsageProblem):
        terms(world(), type, typed)


def test_a_parameter_that_there_is_not_is_told_with_those_that_there_are() -> None:
    with pytest.raises(UsageProblem, match="stakes has no parameter 'holder'; it takes: party"):
        facts_of(world(), "stakes", {"holder": "house"})


def test_every_type_is_used_or_known() -> None:
    types = {parameter.type for each in SHELF.values() for parameter in each.parameters}
    assert {type for type in types if not type.startswith(CODED)} <= set(READERS)


def test_a_block_in_a_comment_is_open_until_somebody_fills_it() -> None:
    text = "SELECT * {\n  # VALUES ?x { 1 }\n  ?x ?y ?z }"
    (block,) = values_blocks(text)["x"]
    assert not block.active
    assert bound(text, {"x": []}) == text
    assert "\n  VALUES ?x { " in bound(text, {"x": terms(world(), "number", "2")})


def test_a_question_is_found_by_name_or_number_and_a_near_miss_is_named() -> None:
    model = ontology.load()
    assert question(model, "20") is question(model, "look-through")
    with pytest.raises(UsageProblem, match="Did you mean stakes"):
        question(model, "staks")
    with pytest.raises(UsageProblem, match="lists them"):
        question(model, "29")


@pytest.mark.parametrize(
    ("header", "message"),
    [
        ("# parameter x: party = a", "write `type = default"),
        ("# parameter x: planet = a ; b ; c", "there is no type 'planet'"),
        ("# parameter x: party = a ; b ; c", "nothing takes the parameter x"),
        ("# then: walk", "then: write `name"),
    ],
)
def test_a_header_that_cannot_be_read_is_told_with_its_file(header: str, message: str) -> None:
    with pytest.raises(DataProblem, match=message) as caught:
        Question.read(f"# title: t\n{header}\nASK {{}}", "mine", place="my.rq")
    assert "my.rq" in str(caught.value)


def test_a_header_may_run_over_several_lines() -> None:
    asked = Question.read("# title: one\n#   two\n# description: three\n\nASK {} # title: no", "mine")
    assert asked.title.en == "one two"
    assert asked.description.en == "three"


def test_the_list_of_questions_names_what_follows_a_query() -> None:
    listed = asking.listing(world())
    assert [row.number for row in listed.questions] == list(range(1, 29))
    assert {row.number for row in listed.questions if row.then} == {2, 10, *range(19, 29)}
    assert "ask NAME" in world().render(listed)
    assert "命名问题" in world().render(listed, lang="zh")


# Values ---------------------------------------------------------------------------------------------------------------


def test_figures_and_dates_are_values_of_answers() -> None:
    row = facts_of(world(), "stakes", {"party": "house"}).facts.rows[1]  # type: ignore[attr-defined]
    assert row.percent == Value(row.percent.value, "percent", row.percent.low, row.percent.high)
    assert row.start == DateSpan.parse("2025-03-31")
    assert row.shares is None, "unknown stays unknown"


# Another engine -------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def small_copy() -> rdflib.Graph:
    return in_rdflib(world().rdf)


@pytest.mark.parametrize("name", NAMES)
def test_rdflib_gives_the_same_rows_on_the_small_world(small_copy: rdflib.Graph, name: str) -> None:
    query, _ = asking.prepare(world(), SHELF[name], EXPECTED[name]["asked"])
    ours = Solutions.read(world().sparql(query, "tsv"))
    with within(60):
        theirs = small_copy.query(query.text)
        assert rows_from(theirs) == rows_of(ours)
    assert [str(variable) for variable in theirs.vars or ()] == list(ours.variables)


@pytest.fixture(scope="module")
def large_copy(bundled: CapitalGraph) -> rdflib.Graph:
    return in_rdflib(bundled.rdf)


PAGE = (Path(__file__).parent.parent / "docs" / "sparql.md").read_text(encoding="utf-8")
LATE = set(re.findall(r"`([a-z0-9-]+)`", PAGE.split("Late in rdflib:", 1)[1].split("\n\n", 1)[0]))
"""The questions for which rdflib may not come back in time, as the page names them."""


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_rdflib_gives_the_same_rows_on_the_bundled_data(
    bundled: CapitalGraph, large_copy: rdflib.Graph, name: str
) -> None:
    query: Query = asking.prepare(bundled, SHELF[name], {})[0]
    try:
        with within(20):
            theirs = rows_from(large_copy.query(query.text))
    except TooSlow:
        assert name in LATE
        return
    assert theirs == rows_of(Solutions.read(bundled.sparql(query, "tsv")))


def test_most_questions_come_back_from_rdflib() -> None:
    assert set(NAMES) > LATE
    assert len(LATE) <= len(NAMES) / 2


# The page about it ----------------------------------------------------------------------------------------------------


def _documented() -> list[str]:
    return re.findall(r"^```sparql\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)


@pytest.mark.parametrize("text", _documented(), ids=lambda text: text.split()[0].lower() + str(len(text)))
def test_the_queries_of_the_documentation_find_something(bundled: CapitalGraph, text: str) -> None:
    assert bundled.query(text).rows  # type: ignore[attr-defined]

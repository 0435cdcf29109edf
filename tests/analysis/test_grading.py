"""The evidence grade: a rule with laws, worked by hand, and over random witnesses."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.analysis.doubtful import doubtful, percent
from tests.analysis.worlds import context, network

from capgraph.analysis.evidence import evidence, statements_behind
from capgraph.analysis.grading import Witness, grade, place_of, strengths
from capgraph.analysis.ownership import owners
from capgraph.facts import Facts
from capgraph.graph import load
from capgraph.ontology import load as load_ontology
from capgraph.rendering import render
from capgraph.results import Grade, Result, reading_ids, source_ids

WITNESSES = st.lists(st.builds(Witness, st.sampled_from("abcd"), st.integers(0, 3), st.integers(1, 4)), max_size=6)


def place(*witnesses: Witness) -> int:
    return place_of(NETWORK, witnesses)


NETWORK = network(doubtful())
LETTERS = [code.code for code in load_ontology().codes("grade").values()]


@pytest.mark.parametrize(
    ("witnesses", "letter"),
    [
        ([], "none"),
        ([("a", 1)], "A"),
        ([("a", 2), ("b", 2)], "B"),
        ([("a", 2), ("b", 3)], "C"),
        ([("a", 2)], "C"),
        ([("a", 3), ("b", 4)], "D"),
        ([("a", 4)] * 9, "D"),
        ([("a", 4), ("b", 1)], "A"),
    ],
)
def test_the_grade_of_a_fact_is_the_first_whose_conditions_hold(witnesses: list[tuple[str, int]], letter: str) -> None:
    assert LETTERS[place(*(Witness(origin, 0, order) for origin, order in witnesses))] == letter


@given(WITNESSES)
def test_another_independent_primary_source_never_lowers_a_grade(witnesses: list[Witness]) -> None:
    assert place(*witnesses, Witness("new", 0, 1)) <= place(*witnesses)


@given(WITNESSES, st.integers(1, 4))
def test_another_independent_source_never_lowers_a_grade(witnesses: list[Witness], order: int) -> None:
    assert place(*witnesses, Witness("new", 0, order)) <= place(*witnesses)


@given(WITNESSES.filter(bool), st.data())
def test_copies_of_one_wire_never_raise_a_grade(witnesses: list[Witness], data: st.DataObject) -> None:
    wire = data.draw(st.sampled_from(witnesses))
    nearest = min(each.distance for each in witnesses if each.origin == wire.origin)
    copies = data.draw(st.lists(st.builds(Witness, st.just(wire.origin), st.integers(nearest, 5), st.integers(1, 4))))
    assert place(*witnesses, *copies) >= place(*witnesses)


@given(WITNESSES, st.randoms())
def test_the_order_of_the_witnesses_never_matters(witnesses: list[Witness], random: object) -> None:
    shuffled = list(witnesses)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert place(*shuffled) == place(*witnesses)
    assert sorted(strengths(shuffled)) == sorted(strengths(witnesses))


def test_a_newspaper_that_copies_a_filing_takes_nothing_from_it() -> None:
    filing, copy = Witness("filing", 0, 1), Witness("filing", 1, 2)
    assert LETTERS[place(filing, copy)] == "A"
    assert LETTERS[place(copy)] == "C"


# Of answers -----------------------------------------------------------------------------------------------------------


def graded(facts: Facts, party: str = "lab") -> Grade:
    net = network(facts)
    return grade(net, owners(net, party, context(net)))


def test_an_answer_has_the_grade_of_its_weakest_fact() -> None:
    told = graded(doubtful())
    assert (told.grade.code, told.thing) == ("D", "stake/fund--lab")
    assert told.aspect is not None
    assert told.aspect.code == "percent"
    assert {code.code: count for code, count in told.counts} == {"A": 1, "D": 1}
    assert (told.facts, told.origins, told.disputed) == (2, 2, 1)
    assert told.age_days == 458, "from 10 June 2025 to 11 September 2026"


def test_a_primary_source_for_the_weakest_fact_raises_the_answer() -> None:
    better = percent("p9", "stake/fund--lab", "10", source="s-2025-06-22", as_of="2025-06-10", confidence="primary")
    assert graded(doubtful(readings=[better])).grade.code == "A"


def test_copies_of_the_wire_leave_the_answer_where_it_is() -> None:
    wires = [{"id": f"copy-{name}", "published": "2025-06-21", "origin": "s-2025-06-20"} for name in "ab"]
    rows = [percent(f"c{name}", "stake/fund--lab", "10", source=f"copy-{name}", as_of="2025-06-10",
                    confidence="reported") for name in "ab"]  # fmt: skip
    told = graded(doubtful(sources=wires, readings=rows))
    assert (told.grade.code, told.thing) == ("D", "stake/fund--lab")


def test_who_denies_a_figure_is_no_support_for_it() -> None:
    other = percent("p9", "stake/fund--lab", "12", source="s-2025-06-22", as_of="2025-06-09", confidence="reported")
    told = graded(doubtful(readings=[other]))
    assert told.disputed == 2
    assert told.grade.code in ("C", "D")


def test_without_sources_there_is_no_evidence() -> None:
    bare = doubtful()
    facts = Facts(bare.schema, bare.datasets, [each for each in bare.rows() if each.table in ("parties", "sources")])
    told = graded(facts)
    assert (told.grade.code, told.facts, told.origins, told.weakest) == ("none", 0, 0, None)


def test_the_existence_of_a_thing_rests_on_its_evidence() -> None:
    net = network(doubtful())
    told = grade(net, evidence(net, "relation/fund-of", context(net)))
    assert (told.grade.code, told.facts, told.aspect) == ("C", 1, None)


def behind(net: object, result: Result, form: str, lang: str = "en") -> str:
    told = statements_behind(net, reading_ids(result), source_ids(result))  # type: ignore[arg-type]
    return render(result, form, lang, load_ontology(), told, grade(net, result))  # type: ignore[arg-type]


def test_the_grade_stands_before_the_statements_in_every_form_that_has_room() -> None:
    net = network(doubtful())
    result = owners(net, "lab", context(net))
    for form in ("table", "md"):
        text = behind(net, result, form)
        assert text.index("Evidence grade D") < text.index("reading/p1")
    assert "证据等级：丁" in behind(net, result, "table", "zh")
    assert json.loads(behind(net, result, "json"))["grade"]["counts"] == {"A": 1, "D": 1}
    assert "grade" not in behind(net, result, "csv").splitlines()[0]


def test_every_answer_of_the_real_data_has_a_grade() -> None:
    graph = load()
    asked = (
        graph.owners("openai"),
        graph.exposure("microsoft"),
        graph.path("oracle", "softbank-group"),
        graph.returns("softbank-group", "nvidia"),
        graph.disputes(),
        graph.gaps(),
        graph.stats(),
    )
    for result in asked:
        told = graph.grade(result)
        assert told.facts == sum(count for _, count in told.counts)
        assert (told.facts == 0) == (told.grade.code == "none")
        assert told.origins <= told.facts * 20

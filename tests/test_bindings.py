"""What a query brought back, read as an answer: names, codes, figures, dates, and what stands behind a row."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest

from capgraph.bindings import field_name
from capgraph.bounded import Limits
from capgraph.clocks import DateSpan
from capgraph.facts import Facts
from capgraph.graph import CapitalGraph
from capgraph.names import Name
from capgraph.network import Scope
from capgraph.ontology import Ontology
from capgraph.publishing import inert, published
from capgraph.results import Value, reading_ids, source_ids
from capgraph.store import Store, graph_of, with_derived
from tests.tiny import at


@pytest.fixture
def graph(small_world: Facts, model: Ontology) -> CapitalGraph:
    """The world of seven parties with its RDF in memory."""
    facts = with_derived(small_world, model)
    return CapitalGraph(Store(facts, "tiny", None, graph_of(facts, model)), model, Scope(at()))


def rows(graph: CapitalGraph, text: str) -> list[Any]:
    return list(graph.query(text).rows)  # type: ignore[attr-defined]


def test_terms_become_the_values_of_answers(graph: CapitalGraph) -> None:
    (row,) = rows(
        graph,
        """SELECT * { VALUES (?party ?code ?thing ?term ?other ?number ?double ?yes ?day ?month ?text ?zh ?none) {
           (party:house rung:signed stake:house--lab cap:holder <http://example.org/a/b> 1.50 2.5e3 true
            "2025-10-31"^^xsd:date "2025-10"^^xsd:gYearMonth "=1+1" "母公司"@zh UNDEF) } }""",
    )
    assert row.party == Name("house", "House", "母公司")
    assert (row.code.scheme, row.code.code) == ("rung", "signed")
    assert (row.thing, row.other) == ("stake/house--lab", "http://example.org/a/b")
    assert row.term == Name("cap:holder", "holder", "持有人")
    assert (row.number, row.double, row.yes) == (Decimal("1.5"), 2500, True)
    assert (row.day, row.month) == (DateSpan.parse("2025-10-31"), DateSpan.parse("2025-10"))
    assert (row.text, row.zh, row.none) == ("=1+1", "母公司", "")


def test_a_number_with_its_unit_and_bounds_is_one_figure(graph: CapitalGraph) -> None:
    (row,) = rows(graph, "SELECT ?n ?n_low ?n_unit { VALUES (?n ?n_low ?n_unit) { (7 5 unit:USD) } }")
    assert row.n == Value(Decimal(7), "USD", Decimal(5), None)
    assert not hasattr(row, "n_unit")
    assert "USD 7 (5..7)" in graph.render(
        graph.query("SELECT ?n ?n_low ?n_unit { VALUES (?n ?n_low ?n_unit) { (7 5 unit:USD) } }")
    )


def test_readings_and_sources_stand_behind_a_row_and_open_as_evidence(graph: CapitalGraph) -> None:
    text = """SELECT ?stake (GROUP_CONCAT(STR(?reading)) AS ?readings) (SAMPLE(?source) AS ?sources)
              { ?reading a cap:Reading ; cap:about ?stake ; dct:source ?source } GROUP BY ?stake"""
    result = graph.query(text)
    assert reading_ids(result) == ("reading/r1", "reading/r2")
    assert len(source_ids(result)) == 1
    assert "r1" not in graph.render(result)
    assert "reading/r1" in graph.render(result, evidence=True)


def test_a_query_without_such_columns_is_credited_with_the_readings_it_names(graph: CapitalGraph) -> None:
    result = graph.query("SELECT ?r ?s { ?r a cap:Reading ; dct:source ?s } ORDER BY ?r")
    assert reading_ids(result) == ("reading/r1", "reading/r2")
    assert source_ids(result) == ("source/s-2026-01-15", "source/s-2026-01-20")


def test_any_variable_can_be_a_column(graph: CapitalGraph) -> None:
    result = graph.query("SELECT ?class ?1 { VALUES (?class ?1) { (1 2) } }")
    assert json.loads(graph.render(result, "jsonl")) == {"class_": 1, "v1": 2, "readings": [], "sources": []}
    assert [field_name(name) for name in ("a", "lambda", "2b")] == ["a", "lambda_", "v2b"]


def test_yes_and_no_and_graphs_are_answers_too(graph: CapitalGraph) -> None:
    assert json.loads(graph.render(graph.query("ASK { party:house a cap:Investor }"), "json"))["holds"] is True
    assert json.loads(graph.render(graph.query("ASK { party:house a cap:Bank }"), "jsonl"))["holds"] is False
    (row,) = rows(
        graph,
        "CONSTRUCT { party:house cap:x ?lab } WHERE { party:house cap:holdsStakeIn ?lab FILTER(?lab = party:lab) }",
    )
    assert (row.subject.id, row.predicate, row.object.id) == ("house", "cap:x", "lab")


def test_several_things_in_one_text_are_a_list_in_a_fixed_order(graph: CapitalGraph) -> None:
    (row,) = rows(graph, 'SELECT (GROUP_CONCAT(STR(?l); SEPARATOR=" ") AS ?lenders) { facility:loan cap:lender ?l }')
    assert [lender.id for lender in row.lenders] == ["bank", "bank-two"]


def test_a_column_that_mixes_texts_and_large_numbers_is_shown(graph: CapitalGraph) -> None:
    result = graph.query('SELECT ?a { VALUES ?a { 5830000000 "2026-02" } }')
    assert "5,830,000,000" in graph.render(result)


def test_an_empty_answer_keeps_its_columns(graph: CapitalGraph) -> None:
    result = graph.query("SELECT ?a ?b { ?a cap:none ?b }")
    assert graph.render(result, "csv").split() == ["a,b,readings,sources"]
    assert "none" in graph.render(result)


def test_a_cut_answer_says_so_in_both_languages(graph: CapitalGraph) -> None:
    result = graph.query("SELECT ?s { ?s ?p ?o }", Limits(rows=3))
    assert "the first 3 rows" in graph.render(result)
    assert "前 3 行" in graph.render(result, lang="zh")


def test_both_clocks_and_assumptions_reach_a_query(graph: CapitalGraph) -> None:
    text = (
        "SELECT ?stake ?percent { ?stake cap:stands true . OPTIONAL { ?stake cap:percent ?percent } } ORDER BY ?stake"
    )

    def stands(asked: CapitalGraph) -> dict[str, object]:
        return {row.stake: row.percent for row in rows(asked, text) if row.stake.startswith("stake/")}

    whole = {"stake/fund--lab": "", "stake/house--lab": 11}
    assert stands(graph) == whole
    assert stands(graph.at("2025-10-31", "2025-11-10")) == {
        "stake/fund--lab": "",
        "stake/house--lab": "",
        "stake/house--chips": "",  # it had ended, and nobody could know
    }
    scope = Scope(graph.clocks, without=("stake/fund--lab",), sets=("stake/house--lab.percent=5",))
    assert stands(CapitalGraph(graph.store, graph.ontology, scope)) == {"stake/house--lab": 5}
    assert stands(graph) == whole, "an assumption leaves nothing behind"


def test_published_answers_name_their_data_and_clocks(graph: CapitalGraph) -> None:
    turtle = graph.published(graph.sparql("CONSTRUCT { ?s a cap:Bank } WHERE { ?s a cap:Bank }"))
    assert turtle.startswith("# capgraph tiny, as of 2026-09-11, known on 2026-09-11\n")
    document = json.loads(graph.published(graph.sparql("SELECT ?s { ?s a cap:Bank } ORDER BY ?s")))
    assert document["head"]["link"] == ["https://w3id.org/capgraph/graph/derived/2026-09-11/2026-09-11?data=tiny"]
    assert [row["s"]["value"].rsplit("/")[-1] for row in document["results"]["bindings"]] == ["bank", "bank-two"]


def test_no_cell_of_a_published_csv_runs_in_a_spreadsheet(graph: CapitalGraph) -> None:
    outcome = graph.sparql('SELECT ?a ?b { VALUES (?a ?b) { ("=HYPERLINK(1)" -5) ("@x" 2.5) } }', "csv")
    assert published(outcome, graph.context, "").split() == ["a,b", "'=HYPERLINK(1),-5", "'@x,2.5"]
    assert inert('a\n"+1 ""x"""\n') == 'a\n"\'+1 ""x"""\n'


def test_a_query_is_taken_apart_with_the_triples_that_each_pattern_meets(graph: CapitalGraph) -> None:
    text = """SELECT ?s { ?s cap:holder ?h OPTIONAL { ?s cap:percent ?x } MINUS { ?s cap:validTo ?to }
              FILTER NOT EXISTS { ?s cap:containedIn ?c . ?c a ?k } ?h cap:holdsStakeIn+ ?y }"""
    result = graph.explain(text)
    found = [(row.within.key.split(".")[1], row.pattern, row.matches) for row in result.patterns]  # type: ignore[attr-defined]
    assert ("main", "?s cap:holder ?h", 3) in found
    assert ("optional", "?s cap:percent ?x", 1) in found
    assert ("minus", "?s cap:validTo ?to", 1) in found
    assert ("not_exists", "?s cap:containedIn ?c", 1) in found
    assert {note.key for note in result.notes} == {"explain.use_minus", "explain.all_pairs"}
    assert not [word for word in graph.render(result, lang="zh").split() if word.isalpha() and word in ("main", "form")]

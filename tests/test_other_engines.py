"""What ``docs/sparql.md`` says of other engines is so: each difference is shown by data of a line and a query."""

from __future__ import annotations

import re
from dataclasses import dataclass

import pyoxigraph as ox
import pytest
import rdflib

from tests.conftest import REPOSITORY

PREFIXES = {"": "http://example.org/", "xsd": "http://www.w3.org/2001/XMLSchema#"}
HEAD = "".join(f"PREFIX {name}: <{space}>\n" for name, space in PREFIXES.items())
CHAIN = 1_500
"""Links of a chain that is longer than rdflib can follow by recursion."""

Rows = list[tuple[str | None, ...]]


@dataclass(frozen=True)
class Difference:
    """A row of the page's table: what each engine makes of a query. An exception stands for what rdflib raises."""

    matter: str
    data: str
    query: str
    oxigraph: Rows
    rdflib: Rows | type[BaseException]
    remedy: str = ""
    """A query that both answer alike, where the page names a way out."""


DIFFERENCES = [
    Difference("lexical forms", ":a :v 49.00 .", "SELECT ?v { :a :v ?v }", [("49",)], [("49.00",)]),
    Difference(
        "equal decimals",
        ":a :v 1.5 . :b :v 1.50 .",
        "SELECT (COUNT(DISTINCT ?v) AS ?n) { ?x :v ?v }",
        [("1",)],
        [("2",)],
        "SELECT (COUNT(DISTINCT ?n) AS ?m) { ?x :v ?v BIND (xsd:double(?v) AS ?n) }",
    ),
    Difference(
        "digits of decimals",
        "",
        "SELECT (1.0 / 3 AS ?third) {}",
        [("0.333333333333333333",)],
        [("0.3333333333333333333333333333",)],
        "SELECT (ROUND(1000 / 3.0) AS ?third) {}",
    ),
    Difference(
        "size of decimals",
        ":a :v 100000000000000000000.0 .",
        "SELECT (?v + ?v AS ?sum) { :a :v ?v }",
        [(None,)],
        [("200000000000000000000.0",)],
        "SELECT (xsd:double(?v) + xsd:double(?v) AS ?sum) { :a :v ?v }",
    ),
    Difference(
        "partial dates compared",
        ':a :day "2024"^^xsd:gYear . :b :day "2025"^^xsd:gYear .',
        'SELECT ?x { ?x :day ?day FILTER (?day < "2025"^^xsd:gYear) }',
        [("http://example.org/a",)],
        [],
        "SELECT ?x { ?x :day ?day FILTER (xsd:integer(STR(?day)) < 2025) }",
    ),
    Difference(
        "a day and a time compared",
        ':a :day "2025-10-31"^^xsd:date .',
        'SELECT ?x { ?x :day ?day FILTER (?day < "2025-10-31T12:00:00"^^xsd:dateTime) }',
        [],
        [("http://example.org/a",)],
        'SELECT ?x { ?x :day ?day FILTER (?day <= "2025-10-31"^^xsd:date) }',
    ),
    Difference(
        "`GROUP_CONCAT` with a gap",
        ":a :p :b , :c . :b :q :x .",
        "SELECT (GROUP_CONCAT(STR(?q)) AS ?list) { :a :p ?b OPTIONAL { ?b :q ?q } }",
        [(None,)],
        [("http://example.org/x",)],
        'SELECT (REPLACE(GROUP_CONCAT(COALESCE(STR(?q), "")), " ", "") AS ?list) { :a :p ?b OPTIONAL { ?b :q ?q } }',
    ),
    Difference(
        "`OPTIONAL` over a property from VALUES",
        ":a :p :b . :b :q :x .",
        "SELECT ?b ?r ?x { VALUES ?r { :q :s } :a :p ?b OPTIONAL { ?b ?r ?x } }",
        [
            ("http://example.org/b", "http://example.org/q", "http://example.org/x"),
            ("http://example.org/b", "http://example.org/s", None),
        ],
        [("http://example.org/b", "http://example.org/q", "http://example.org/x")],
        "SELECT ?b ?x ?y { :a :p ?b OPTIONAL { ?b :q ?x } OPTIONAL { ?b :s ?y } }",
    ),
    Difference(
        "order by an expression without a value",
        ":a :p :b , :c . :b :q 1 .",
        "SELECT ?b { :a :p ?b OPTIONAL { ?b :q ?n } } ORDER BY (?n + 1)",
        [("http://example.org/c",), ("http://example.org/b",)],
        TypeError,
        "SELECT ?b { :a :p ?b OPTIONAL { ?b :q ?n } } ORDER BY (COALESCE(?n + 1, 0))",
    ),
    Difference(
        "alternatives in a path",
        ":a :p :b ; :q :b .",
        "SELECT ?x { :a :p|:q ?x }",
        [("http://example.org/b",)],
        [("http://example.org/b",), ("http://example.org/b",)],
        "SELECT DISTINCT ?x { :a :p|:q ?x }",
    ),
    Difference(
        "a path of no length from nowhere",
        ":a :p :b .",
        "SELECT ?x { :nowhere :p* ?x }",
        [],
        [("http://example.org/nowhere",)],
        "SELECT ?x { :nowhere :p+ ?x }",
    ),
    Difference(
        "a long path",
        "".join(f":n{place} :p :n{place + 1} .\n" for place in range(CHAIN)),
        "SELECT (COUNT(?x) AS ?n) { :n0 :p+ ?x }",
        [(str(CHAIN),)],
        RecursionError,
    ),
    Difference(
        "a sum over a text",
        ':a :v "much" .',
        "SELECT (SUM(?v) AS ?sum) { ?x :v ?v }",
        [(None,)],
        Exception,
        "SELECT (SUM(?v) AS ?sum) { ?x :v ?v FILTER (ISNUMERIC(?v)) }",
    ),
    Difference(
        "language of `GROUP_CONCAT`",
        ':a :p "x"@en .',
        "SELECT (LANG(?list) AS ?lang) { { SELECT (GROUP_CONCAT(?t) AS ?list) { :a :p ?t } } }",
        [("en",)],
        [("",)],
        "SELECT (LANG(?list) AS ?lang) { { SELECT (GROUP_CONCAT(STR(?t)) AS ?list) { :a :p ?t } } }",
    ),
]


def in_oxigraph(data: str, query: str) -> Rows:
    store = ox.Store()
    store.load(HEAD + data, format=ox.RdfFormat.TURTLE)
    found = store.query(HEAD + query)
    assert isinstance(found, ox.QuerySolutions)
    return [tuple(None if term is None else term.value for term in row) for row in found]  # type: ignore[union-attr]


def in_rdflib(data: str, query: str) -> Rows:
    graph = rdflib.Graph()
    graph.parse(data=HEAD + data, format="turtle")
    return [tuple(None if term is None else str(term) for term in row) for row in graph.query(HEAD + query)]


def ordered(rows: Rows, query: str) -> Rows:
    """Rows as they come where the query orders them, else in an order of their own."""
    return rows if "ORDER BY" in query else sorted(rows, key=repr)


@pytest.mark.parametrize("case", DIFFERENCES, ids=lambda case: case.matter)
def test_the_engines_differ_as_the_page_says(case: Difference) -> None:
    assert ordered(in_oxigraph(case.data, case.query), case.query) == ordered(case.oxigraph, case.query)
    if isinstance(case.rdflib, list):
        assert ordered(in_rdflib(case.data, case.query), case.query) == ordered(case.rdflib, case.query)
    else:
        with pytest.raises(case.rdflib):
            in_rdflib(case.data, case.query)


@pytest.mark.parametrize("case", [case for case in DIFFERENCES if case.remedy], ids=lambda case: case.matter)
def test_the_way_out_that_the_page_names_gives_the_same_in_both(case: Difference) -> None:
    mine, theirs = in_oxigraph(case.data, case.remedy), in_rdflib(case.data, case.remedy)
    assert [tuple(map(_number, row)) for row in ordered(mine, case.remedy)] == [
        tuple(map(_number, row)) for row in ordered(theirs, case.remedy)
    ]


def _number(cell: str | None) -> float | str | None:
    return float(cell) if cell and re.fullmatch(r"-?\d+(\.\d+)?([eE][+-]?\d+)?", cell) else cell


def test_unbound_terms_come_first_in_both() -> None:
    data = ":a :p :b , :c . :b :q 1 ."
    query = "SELECT ?b { :a :p ?b OPTIONAL { ?b :q ?n } } ORDER BY ?n"
    first = [("http://example.org/c",), ("http://example.org/b",)]
    assert in_oxigraph(data, query) == first
    assert in_rdflib(data, query) == first


def test_partial_dates_are_ordered_alike() -> None:
    data = ':a :day "2025"^^xsd:gYear . :b :day "2024"^^xsd:gYear .'
    query = "SELECT ?x { ?x :day ?day } ORDER BY ?day"
    assert in_oxigraph(data, query) == in_rdflib(data, query) == [("http://example.org/b",), ("http://example.org/a",)]


def test_columns_that_are_not_named_come_in_another_order() -> None:
    store, graph = ox.Store(), rdflib.Graph()
    store.load(f"{HEAD}:x :p :b . :b :q :a .", format=ox.RdfFormat.TURTLE)
    graph.parse(data=f"{HEAD}:x :p :b . :b :q :a .", format="turtle")
    query = f"{HEAD}SELECT * {{ ?z :p ?b . ?b :q ?a }}"
    found = store.query(query)
    assert isinstance(found, ox.QuerySolutions)
    mine, theirs = [name.value for name in found.variables], [str(name) for name in graph.query(query).vars or ()]
    assert mine == sorted(theirs)
    assert mine != theirs


def test_a_triple_of_two_graphs_counts_twice_in_our_union_and_once_in_rdflib() -> None:
    quads = "<http://example.org/a> <http://example.org/p> <http://example.org/b> <http://example.org/{}> .\n"
    store, dataset = ox.Store(), rdflib.Dataset(default_union=True)
    for name in ("one", "two"):
        store.load(quads.format(name), format=ox.RdfFormat.N_QUADS)
        dataset.parse(data=quads.format(name), format="nquads")
    query = "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"
    (mine,) = store.query(query, use_default_graph_as_union=True)  # type: ignore[misc]
    (theirs,) = dataset.query(query)
    assert (mine[0].value, str(theirs[0])) == ("2", "1")  # type: ignore[index]


MEASURED = {"column order of `SELECT *`", "the union of all graphs"}
"""Rows of the page that have a test of their own above."""


def test_each_row_of_the_page_has_a_test_and_each_test_a_row() -> None:
    page = (REPOSITORY / "docs" / "sparql.md").read_text(encoding="utf-8")
    part = page.split("| matter | Oxigraph | rdflib 7.6 |", 1)[1].split("\n\n", 1)[0]
    told = [line.split("|")[1].strip() for line in part.splitlines() if line.startswith("| ")]
    assert told == [*(case.matter for case in DIFFERENCES), *sorted(MEASURED)]

"""Every rule of ``ontology/shapes.ttl`` is broken by its own fixture, and only by that.

``fixtures/shapes/base`` is a small valid graph as tables. ``fixtures/shapes/breaking/<rule>.ru`` is a SPARQL update on
it that breaks one rule (with the prefixes below; it speaks of the facts as one graph).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import pyoxigraph as ox
import pyshacl
import pytest
import rdflib

from capgraph import ontology as model
from capgraph.checks import Violation, violations
from capgraph.errors import DataProblem
from capgraph.quads import GRAPH, RULES_GRAPH
from capgraph.schema import CODE, RDF_TYPE, THING, CellType
from capgraph.shapes import SH, SHAPE, Shapes, load_shapes
from capgraph.share import ontology_dir
from capgraph.store import open_store

FIXTURES = Path(__file__).parent / "fixtures" / "shapes"
CELL_TYPES = get_args(CellType)
RULES = ox.NamedNode(RULES_GRAPH)
FACTS = ox.NamedNode(f"{GRAPH}base/all")
PROLOGUE = """
BASE <https://w3id.org/capgraph/>
PREFIX cap: <https://w3id.org/capgraph/ontology#>
PREFIX dct: <http://purl.org/dc/terms/>
PREFIX org: <http://www.w3.org/ns/org#>
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
PREFIX xsd: <http://www.w3.org/2001/XMLSchema#>
"""
NAMES = sorted(path.stem for path in (FIXTURES / "breaking").glob("*.ru"))


@pytest.fixture(scope="module")
def shapes() -> Shapes:
    return load_shapes(ontology_dir())


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> list[ox.Quad]:
    """The valid graph: its facts in the default graph, codes and what the rules derive in their named graphs."""
    compiled = open_store([FIXTURES / "base"], model.load(), tmp_path_factory.mktemp("cache"))
    return [
        ox.Quad(quad.subject, quad.predicate, quad.object)
        if quad.graph_name.value.startswith(f"{GRAPH}base/")
        else quad
        for quad in compiled.graph
    ]


def patched(base: list[ox.Quad], update: str = "") -> ox.Store:
    """The valid graph after an update, with its facts back in a named graph."""
    graph = ox.Store()
    graph.extend(base)
    graph.update(PROLOGUE + update)
    facts = list(graph.quads_for_pattern(None, None, None, ox.DefaultGraph()))
    graph.clear_graph(ox.DefaultGraph())
    graph.extend(ox.Quad(fact.subject, fact.predicate, fact.object, FACTS) for fact in facts)
    return graph


def broken(found: list[Violation]) -> set[str]:
    return {violation.shape.id for violation in found}


def triples_without(rule: str) -> Iterator[ox.Triple]:
    for quad in ox.parse(path=ontology_dir() / "shapes.ttl", format=ox.RdfFormat.TURTLE, base_iri=model.BASE):
        if quad.subject.value != SHAPE + rule:
            yield quad.triple


def test_every_rule_has_a_fixture(shapes: Shapes) -> None:
    assert sorted(shapes.shapes) == NAMES


def test_the_base_graph_keeps_every_rule(base: list[ox.Quad], shapes: Shapes) -> None:
    assert violations(patched(base), shapes) == []


@pytest.mark.parametrize("rule", NAMES)
def test_a_fixture_breaks_its_rule_and_passes_when_the_rule_is_deleted(
    rule: str, base: list[ox.Quad], shapes: Shapes
) -> None:
    graph = patched(base, (FIXTURES / "breaking" / f"{rule}.ru").read_text(encoding="utf-8"))
    assert broken(violations(graph, shapes)) == {rule}
    assert violations(graph, Shapes(triples_without(rule))) == []


def test_every_rule_has_its_words_in_both_languages(shapes: Shapes) -> None:
    for shape in shapes.shapes.values():
        for words in (shape.name, shape.message, shape.right):
            assert words.en, shape.id
            assert re.search("[\u4e00-\u9fff]", words.zh), shape.id
        assert set(re.findall(r"\{\?(\w+)\}", shape.message.zh)) <= set(re.findall(r"\{\?(\w+)\}", shape.message.en))


def test_every_placeholder_of_a_message_is_bound_by_its_query(shapes: Shapes) -> None:
    for shape in shapes.shapes.values():
        selected = {name for select in shape.selects for name in re.findall(r"[$?](\w+)", select.split("WHERE")[0])}
        assert set(re.findall(r"\{\?(\w+)\}", shape.message.en)) <= selected, shape.id


def test_every_rule_is_run_by_one_engine_at_least(shapes: Shapes) -> None:
    assert {shape.id for shape in (*shapes.core, *shapes.queries)} == set(shapes.shapes)


def test_a_rule_without_a_constraint_is_refused() -> None:
    with pytest.raises(DataProblem, match="without a constraint"):
        Shapes([*_triples("empty"), *triples_without("")])


def test_a_rule_without_a_target_is_refused() -> None:
    minimum = ox.Triple(_node("empty"), ox.NamedNode("http://www.w3.org/ns/shacl#minCount"), ox.Literal(1))
    with pytest.raises(DataProblem, match="without a target"):
        Shapes([*_triples("empty"), minimum])


# Two engines, one answer: the queries are proper SHACL-SPARQL ---------------------------------------------------------

PORTABLE = (
    "container-no-cycle",
    "identifier-of-one-party",
    "part-within-whole",
    "percent-sum",
    "pledge-while-held",
    "stake-in-itself",
    "tranche-sum",
)
"""Queries of every kind (a path, a join, nested sums, absence); the others run alike, but slower."""


@pytest.mark.parametrize("rule", PORTABLE)
def test_a_shacl_processor_finds_the_nodes_that_the_embedded_engine_finds(
    rule: str, base: list[ox.Quad], shapes: Shapes
) -> None:
    graph = patched(base, (FIXTURES / "breaking" / f"{rule}.ru").read_text(encoding="utf-8"))
    facts, rules = rdflib.Graph(), rdflib.Graph()
    triples = ox.serialize((quad.triple for quad in graph if quad.graph_name != RULES), format=ox.RdfFormat.N_TRIPLES)
    facts.parse(data=triples or b"", format="nt")
    rules.parse(ontology_dir() / "shapes.ttl", publicID=model.BASE)
    _, report, _ = pyshacl.validate(facts, shacl_graph=rules, use_shapes=[SHAPE + rule], inplace=True)
    nodes = {str(node) for node in report.objects(None, rdflib.URIRef(f"{SH}focusNode"))}
    assert nodes == {violation.node for violation in violations(graph, shapes)} != set()


# Every column is covered ----------------------------------------------------------------------------------------------


def columns(base: list[ox.Quad], wanted: set[str]) -> dict[tuple[str, str], ox.NamedNode]:
    """Of each (table, property) whose cells are of a wanted type, one thing of the base graph that has it."""
    found: dict[tuple[str, str], ox.NamedNode] = {}
    have = {(quad.subject, quad.predicate.value) for quad in base if quad.graph_name == ox.DefaultGraph()}
    for table in model.load().schema.tables.values():
        for column in table.columns:
            if column.type in wanted:
                for subject, predicate in sorted(have, key=str):
                    if predicate == column.predicate and subject.value.startswith(f"{THING}{table.kind}/"):  # type: ignore[union-attr]
                        found[table.name, predicate] = subject  # type: ignore[assignment]
    return found


def test_the_base_graph_has_every_column_that_refers_or_holds_a_code(base: list[ox.Quad]) -> None:
    expected = {
        (table.name, column.predicate)
        for table in model.load().schema.tables.values()
        for column in table.columns
        if column.type in {"reference", "code"}
    }
    assert set(columns(base, {"reference", "code"})) == expected


@pytest.mark.parametrize(
    ("cell_type", "wrong", "prefix"),
    [
        ("reference", f"{THING}nothing/at-all", "reference-"),
        ("code", f"{CODE}nothing/at-all", "code-known"),
        ("code", f"{CODE}nothing/at-all", "code-of-column"),
    ],
)
def test_a_wrong_reference_or_code_is_found_in_every_column(
    cell_type: str, wrong: str, prefix: str, base: list[ox.Quad], shapes: Shapes
) -> None:
    expected = columns(base, {cell_type})
    updates = [
        f"DELETE {{ {node} <{predicate}> ?old }} INSERT {{ {node} <{predicate}> <{wrong}> }} "
        f"WHERE {{ {node} <{predicate}> ?old }}"
        for (_, predicate), node in expected.items()
    ]
    found = violations(patched(base, ";\n".join(updates)), shapes, core=cell_type == "reference")
    hits = {
        (violation.node, name)
        for violation in found
        if violation.shape.id.startswith(prefix)
        for name in violation.properties
    }
    missed = {key for key, node in expected.items() if (node.value, key[1]) not in hits}
    assert missed == set()


def test_an_empty_required_cell_is_found_in_every_column(base: list[ox.Quad], shapes: Shapes) -> None:
    schema = model.load().schema
    required = {
        (table.name, column.predicate)
        for table in schema.tables.values()
        for column in table.columns
        if column.required and column.type != "id"
    }
    nodes = {key: node for key, node in columns(base, set(CELL_TYPES)).items() if key in required}
    assert set(nodes) == required
    graph = patched(base, ";\n".join(f"DELETE WHERE {{ {node} <{key[1]}> ?old }}" for key, node in nodes.items()))
    hits = {(violation.node, name) for violation in violations(graph, shapes) for name in violation.properties}
    assert {key for key, node in nodes.items() if (node.value, key[1]) not in hits} == set()


def _node(rule: str) -> ox.NamedNode:
    return ox.NamedNode(SHAPE + rule)


def _triples(rule: str) -> list[ox.Triple]:
    return [ox.Triple(_node(rule), ox.NamedNode(RDF_TYPE), ox.NamedNode("http://www.w3.org/ns/shacl#NodeShape"))]

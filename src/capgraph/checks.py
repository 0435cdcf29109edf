"""The rules of ``ontology/shapes.ttl`` run over the facts, each violation traced back to a cell.

Core constraints go to pyshacl, over an rdflib graph in memory that holds only the properties that some core rule
mentions; rules that need a query run as whole-graph selects in the embedded engine, where they take milliseconds (the
same two engines on 100 000 triples: 12 s against 150 s for pyshacl alone). Both see the facts of all data folders and
the code lists, never what a rule of ``ontology/rules`` derived.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyoxigraph as ox

from capgraph.claim_rules import wrong_formulas
from capgraph.errors import DataProblem, Problem
from capgraph.facts import Facts, Row, items
from capgraph.ontology import Lang, Ontology
from capgraph.quads import DERIVED, bound_properties
from capgraph.schema import CODE, RDF_TYPE, THING, Column, Table
from capgraph.shapes import SH, Shape, Shapes, load_shapes

if TYPE_CHECKING:
    import rdflib

    from capgraph.store import Store


@dataclass(frozen=True, slots=True)
class Violation:
    """One node that breaks one rule.

    ``properties`` are those at fault (none: the thing as a whole), ``bindings`` what a query found, for its message.
    """

    shape: Shape
    node: str
    properties: tuple[str, ...] = ()
    value: str = ""
    bindings: Mapping[str, str] = field(default_factory=dict)


def check(
    facts: Facts,
    store: Store,
    ontology: Ontology,
    shacl: bool = True,
    lang: Lang = "en",
    folders: Sequence[Path] = (),
) -> list[Problem]:
    """What breaks the rules of meaning, as problems of cells, sorted by file, line and column.

    ``shacl=False`` runs only the rules that are queries (a second), else all rules run (several). A problem's ``wrong``
    ends with the rule's name in brackets; its level is error or warning as the rule's severity says. Files are named
    relative to their data folder, or below ``folders``, one for each data set of the facts in the same order.
    """
    places = {data.id: folder for data, folder in zip(facts.datasets, folders, strict=False)}
    found = [
        _problem(broken, facts, lang) for broken in violations(store.graph, load_shapes(ontology.folder), core=shacl)
    ]
    found += _wrong_check_digits(facts, ontology, lang)
    found += wrong_formulas(facts, ontology, lang)
    return sorted({problem if row is None else _placed(problem, row, places) for problem, row in found})


def violations(graph: ox.Store, shapes: Shapes, core: bool = True) -> list[Violation]:
    """Every violation of the rules in the facts of a graph, sorted.

    ``graph`` holds facts and code lists in named graphs; derived graphs are passed over. Without ``core`` only the
    rules that are queries run. Raises DataProblem where a query of the shapes file is no SPARQL.
    """
    facts = _facts_of(graph)
    found = list(_broken_queries(facts, shapes))
    if core:
        found += _broken_core(facts, shapes)
    return sorted(found, key=lambda broken: (broken.node, broken.shape.id, broken.properties, broken.value))


def _facts_of(graph: ox.Store) -> ox.Store:
    """The graphs of facts, codes and ontology, without those that were derived, in memory.

    Queries over a store on disk take ten times as long as this copy and queries over it; and here the union of all
    graphs is the union of the facts, which the engine answers faster than a list of graphs.
    """
    names = [name for name in graph.named_graphs() if not str(name.value).startswith(DERIVED)]
    memory = ox.Store()
    memory.bulk_extend(quad for name in names for quad in graph.quads_for_pattern(None, None, None, name))
    return memory


# Queries --------------------------------------------------------------------------------------------------------------


def _broken_queries(facts: ox.Store, shapes: Shapes) -> Iterator[Violation]:
    for shape in shapes.queries:
        for select in shape.selects:
            for row in _rows(facts, shapes.prologue + select, shape):
                path = (row["path"],) if "path" in row else ()
                yield Violation(shape, row["this"], path, row.get("value", ""), row)


def _rows(facts: ox.Store, query: str, shape: Shape) -> Iterator[dict[str, str]]:
    try:
        solutions = facts.query(query, use_default_graph_as_union=True)
    except SyntaxError as error:
        raise DataProblem(f"{shape.iri}: {error}") from error
    if not isinstance(solutions, ox.QuerySolutions):
        raise DataProblem(f"{shape.iri}: the query of a rule is a SELECT")
    names = [variable.value for variable in solutions.variables]
    for solution in solutions:
        terms = zip(names, solution, strict=True)
        yield {name: term.value for name, term in terms if isinstance(term, ox.NamedNode | ox.Literal)}


# Core constraints -----------------------------------------------------------------------------------------------------


def _broken_core(facts: ox.Store, shapes: Shapes) -> Iterator[Violation]:
    import pyshacl
    import rdflib

    rules = rdflib.Graph()
    mentioned = {RDF_TYPE}
    for triple in shapes.core_triples():
        rules.add((_in_rdflib(triple.subject), _in_rdflib(triple.predicate), _in_rdflib(triple.object)))
        if isinstance(triple.object, ox.NamedNode) and not triple.object.value.startswith(SH):
            mentioned.add(triple.object.value)
    _, report, text = pyshacl.validate(
        _for_pyshacl(facts, mentioned), shacl_graph=rules, inplace=True, meta_shacl=False
    )
    if not isinstance(report, rdflib.Graph):
        raise DataProblem(f"the SHACL processor gave up: {text}")
    owners = {part: shape for shape in shapes.core for part in shapes.parts(shape.iri)}
    for result in report.subjects(rdflib.RDF.type, rdflib.URIRef(f"{SH}ValidationResult")):
        said = {str(predicate).removeprefix(SH): value for predicate, value in report.predicate_objects(result)}
        path = said.get("resultPath")
        properties = (str(path),) if isinstance(path, rdflib.URIRef) else shapes.properties(str(path))
        shape = owners[str(said["sourceShape"])]
        yield Violation(shape, str(said["focusNode"]), properties, str(said.get("value", "")))


def _for_pyshacl(facts: ox.Store, predicates: Iterable[str]) -> rdflib.Graph:
    """The facts that use these predicates, as an rdflib graph (pyshacl is 11 times slower over a store)."""
    import rdflib

    memory = rdflib.Graph()
    for predicate in sorted(predicates):
        for fact in facts.quads_for_pattern(None, ox.NamedNode(predicate), None):
            if isinstance(fact.subject, ox.NamedNode) and fact.subject.value.startswith(THING):
                memory.add((_in_rdflib(fact.subject), _in_rdflib(fact.predicate), _in_rdflib(fact.object)))
    return memory


def _in_rdflib(term: object) -> Any:
    import rdflib

    if isinstance(term, ox.NamedNode):
        return rdflib.URIRef(term.value)
    if isinstance(term, ox.BlankNode):
        return rdflib.BNode(term.value)
    assert isinstance(term, ox.Literal)
    if term.language or term.datatype.value == str(rdflib.XSD.string):
        return rdflib.Literal(term.value, lang=term.language)
    return rdflib.Literal(term.value, datatype=rdflib.URIRef(term.datatype.value))


# As problems of cells -------------------------------------------------------------------------------------------------


def _problem(broken: Violation, facts: Facts, lang: Lang) -> tuple[Problem, Row | None]:
    shape = broken.shape
    wrong = f"{filled(shape.message[lang], broken.bindings)} [{shape.id}]"
    row = facts.get(broken.node.removeprefix(THING))
    if row is None:
        return Problem("", 0, "", broken.node, wrong, shape.right[lang], shape.level), None
    column = _column(facts.schema.tables[row.table], row, broken)
    name, shown = (column.name, row[column.name]) if column else ("", row.ref)
    return Problem(row.file, row.line, name, shown, wrong, shape.right[lang], shape.level), row


def _placed(problem: Problem, row: Row, places: Mapping[str, Path]) -> Problem:
    folder = places.get(row.dataset)
    return problem if folder is None else replace(problem, file=(folder / problem.file).as_posix())


def _column(table: Table, row: Row, broken: Violation) -> Column | None:
    """The column at fault: of several that a rule speaks of, the one that holds the value."""
    columns = [column for name in broken.properties if (column := _column_of(table, name)) is not None]
    holding = [column for column in columns if _short(broken.value) in map(_slug, items(column, row[column.name]))]
    return next(iter(holding or columns), None)


def _column_of(table: Table, predicate: str) -> Column | None:
    for column in table.columns:
        if column.predicate == predicate or (column.type == "date" and predicate in bound_properties(column.predicate)):
            return column
    return None


def filled(message: str, bindings: Mapping[str, str]) -> str:
    return re.sub(r"\{\?(\w+)\}", lambda match: _short(bindings.get(match[1], "")), message)


def _short(term: str) -> str:
    """A term as people write it: the id of a thing, a code, or the text itself."""
    for base in (THING, CODE):
        if term.startswith(base):
            return _slug(term.removeprefix(base))
    return term


def _slug(item: str) -> str:
    return item.partition("/")[2] or item


# Beyond SHACL ---------------------------------------------------------------------------------------------------------


def _wrong_check_digits(facts: Facts, ontology: Ontology, lang: Lang) -> Iterator[tuple[Problem, Row]]:
    """Identifiers whose check digits are wrong: arithmetic on 38 digits is more than SPARQL can do."""
    for row in facts.table("identifiers"):
        if row["scheme"] == "lei" and not is_lei(row["value"]):
            wrong, right = ontology.say("checks.lei_wrong", lang), ontology.say("checks.lei_right", lang)
            yield Problem(row.file, row.line, "value", row["value"], f"{wrong} [lei-check-digits]", right), row


def is_lei(text: str) -> bool:
    """Whether a text is a Legal Entity Identifier: 20 characters whose check digits fit.

    Letters count as 10 to 35, and the whole, read as one number, leaves 1 when divided by 97 (ISO 17442; ISO 7064,
    MOD 97-10).

    >>> is_lei("5493001KJTIIGC8Y1R12"), is_lei("5493001KJTIIGC8Y1R13"), is_lei("5493001KJT")
    (True, False, False)
    """
    if not re.fullmatch(r"[A-Z0-9]{18}[0-9]{2}", text):
        return False
    return int("".join(str(int(letter, 36)) for letter in text)) % 97 == 1

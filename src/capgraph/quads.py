"""Rows as RDF quads and back: one named graph per source table.

A column becomes the property that ``tables.json`` gives it. A date keeps its written precision as ``xsd:date``,
``xsd:gYearMonth`` or ``xsd:gYear`` and also yields two ``xsd:date`` bounds (``cap:validFromEarliest``,
``cap:validFromLatest``), the only ones that queries compare. Going back, bounds are left aside and every other triple
returns to its cell.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Callable, Iterable, Iterator

import pyoxigraph as ox

from capgraph.facts import Dataset, Facts, Row, items, row_ref
from capgraph.schema import CAP, CODE, RDF_TYPE, THING, Column, Schema, Table, is_number

GRAPH = "https://w3id.org/capgraph/graph/"
DERIVED = f"{GRAPH}derived/"
RULES_GRAPH = f"{DERIVED}rules"

_XSD = "http://www.w3.org/2001/XMLSchema#"
_TYPE = ox.NamedNode(RDF_TYPE)
_DECIMAL = ox.NamedNode(f"{_XSD}decimal")
_DATE = ox.NamedNode(f"{_XSD}date")
_BY_PRECISION = {4: ox.NamedNode(f"{_XSD}gYear"), 7: ox.NamedNode(f"{_XSD}gYearMonth"), 10: _DATE}

Term = ox.NamedNode | ox.Literal
Encoder = Callable[[str], Iterator[tuple[ox.NamedNode, Term]]]


def day_bounds(text: str) -> tuple[str, str]:
    """First and last day of a date cell, as ISO days.

    >>> day_bounds("2024-02"), day_bounds("2025")
    (('2024-02-01', '2024-02-29'), ('2025-01-01', '2025-12-31'))
    """
    if len(text) == 4:
        return f"{text}-01-01", f"{text}-12-31"
    if len(text) == 7:
        return f"{text}-01", f"{text}-{monthrange(int(text[:4]), int(text[5:]))[1]:02}"
    return text, text


def bound_properties(predicate: str) -> tuple[str, str]:
    """The two properties that hold the day bounds of a date property, in our own namespace."""
    local = predicate.rsplit("#", 1)[-1].rsplit("/", 1)[-1]
    return f"{CAP}{local}Earliest", f"{CAP}{local}Latest"


def thing_iri(ref: str) -> str:
    """The IRI of ``kind/id``."""
    return THING + ref


def graph_iri(row: Row) -> str:
    """The named graph of a row: data set, table, and for a folder of files the file; derived rows have their own."""
    if row.derived:
        return RULES_GRAPH
    return f"{GRAPH}{row.dataset}/{row.file.removesuffix('.csv')}"


def facts_to_quads(facts: Facts) -> Iterator[ox.Quad]:
    """The quads of all rows that were written by people (derived rows are quads already)."""
    encoders = {name: _table_encoders(table) for name, table in facts.schema.tables.items()}
    types = {name: ox.NamedNode(table.class_iri) for name, table in facts.schema.tables.items()}
    graphs: dict[str, ox.NamedNode] = {}
    for row in facts.rows():
        if row.derived:
            continue
        subject = ox.NamedNode(THING + row.ref)
        name = graph_iri(row)
        graph = graphs.setdefault(name, ox.NamedNode(name))
        yield ox.Quad(subject, _TYPE, types[row.table], graph)
        for column, encode in encoders[row.table]:
            cell = row.cells[column]
            if cell:
                for predicate, value in encode(cell):
                    yield ox.Quad(subject, predicate, value, graph)


def _table_encoders(table: Table) -> list[tuple[str, Encoder]]:
    return [(column.name, _encoder(column)) for column in table.columns]


def _encoder(column: Column) -> Encoder:
    predicate = ox.NamedNode(column.predicate)
    if column.type == "date":
        return _date_encoder(predicate)
    term = _term_maker(column)
    return lambda cell: ((predicate, term(item)) for item in items(column, cell))


def _date_encoder(predicate: ox.NamedNode) -> Encoder:
    earliest, latest = (ox.NamedNode(name) for name in bound_properties(predicate.value))

    def encode(cell: str) -> Iterator[tuple[ox.NamedNode, Term]]:
        first, last = day_bounds(cell)
        yield predicate, ox.Literal(cell, datatype=_BY_PRECISION[len(cell)])
        yield earliest, ox.Literal(first, datatype=_DATE)
        yield latest, ox.Literal(last, datatype=_DATE)

    return encode


def _term_maker(column: Column) -> Callable[[str], Term]:
    if column.type == "code":
        return lambda item: ox.NamedNode(f"{CODE}{column.scheme}/{item}")
    if column.type == "reference":
        return lambda item: ox.NamedNode(THING + column.refers_to(item))
    if column.type == "decimal":
        return lambda item: ox.Literal(item, datatype=_DECIMAL)
    if column.type == "any":
        return lambda item: ox.Literal(item, datatype=_DECIMAL) if is_number(item) else ox.Literal(item)
    if column.type == "url":
        return lambda item: ox.Literal(item, datatype=ox.NamedNode(f"{_XSD}anyURI"))
    if column.language:
        return lambda item: ox.Literal(item, language=column.language)
    return lambda item: ox.Literal(item)


def facts_from_quads(quads: Iterable[ox.Quad], schema: Schema, datasets: Iterable[Dataset] = ()) -> Facts:
    """Rebuild the rows from quads. Things without a class of our tables are passed over (labels of the ontology, say).

    Lines are 0, because a graph knows none; everything else, the file of a row included, comes back as it was.
    """
    things: dict[tuple[str, str], dict[tuple[str, str], list[str]]] = {}
    classes: dict[tuple[str, str], Table] = {}
    for quad in quads:
        if not isinstance(quad.subject, ox.NamedNode) or not isinstance(quad.graph_name, ox.NamedNode):
            continue
        key = (quad.graph_name.value, quad.subject.value)
        predicate, value = quad.predicate.value, quad.object
        if predicate == RDF_TYPE:
            table = schema.by_class.get(value.value) if isinstance(value, ox.NamedNode) else None
            if table:
                classes[key] = table
        elif isinstance(value, ox.NamedNode):
            things.setdefault(key, {}).setdefault((predicate, ""), []).append(value.value)
        elif isinstance(value, ox.Literal):
            things.setdefault(key, {}).setdefault((predicate, value.language or ""), []).append(value.value)
    rows = [_row(table, graph, things.get((graph, subject), {})) for (graph, subject), table in classes.items()]
    names = {row.dataset for row in rows if not row.derived}
    known = [dataset for dataset in datasets if dataset.id in names]
    known += [Dataset(name) for name in sorted(names - {dataset.id for dataset in known})]
    return Facts(schema, known, sorted(rows, key=schema.order_of))


def _written_date(first: str, last: str) -> str:
    """The date cell whose day bounds these are; empty where they are those of no such cell.

    >>> _written_date("2025-01-01", "2025-12-31"), _written_date("2025-10-01", "2025-10-31")
    ('2025', '2025-10')
    """
    return next((text for text in (first, first[:7], first[:4]) if text and day_bounds(text) == (first, last)), "")


def _row(table: Table, graph: str, properties: dict[tuple[str, str], list[str]]) -> Row:
    cells = {column.name: _cell_of(column, properties) for column in table.columns}
    derived = graph.startswith(DERIVED)
    dataset, _, file = graph.removeprefix(GRAPH).partition("/")
    return Row(table.name, row_ref(table, cells), cells, "" if derived else f"{file}.csv", 0, dataset, derived)


def _cell_of(column: Column, properties: dict[tuple[str, str], list[str]]) -> str:
    """The cell of a column; a date comes back from its day bounds, because not every engine keeps its precision."""
    if column.type == "date":
        ends = (properties.get((name, ""), [""])[0][:10] for name in bound_properties(column.predicate))
        written = _written_date(*ends)
        if written:
            return written
    return _cell(column, properties.get((column.predicate, column.language), []))


def _cell(column: Column, values: list[str]) -> str:
    if column.type == "code":
        values = [value.rsplit("/", 1)[-1] for value in values]
    elif column.type == "reference":
        cut = len(THING) if column.prefixed else len(f"{THING}{column.kinds[0]}/")
        values = [value[cut:] for value in values]
    return column.separator.join(sorted(values))

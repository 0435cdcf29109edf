"""What a query brought back, as an answer like any other: things by name, codes by label, figures with unit and range.

A :class:`Solutions` is the bare table of RDF terms. :class:`Reader` turns terms into the values that answers are made
of, :func:`answer` makes a :class:`~capgraph.results.Result` of them whose columns are the variables of the query.
"""

from __future__ import annotations

import dataclasses
import keyword
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pyoxigraph as ox

from capgraph.bounded import Limits, Outcome
from capgraph.clocks import DateSpan, span_in
from capgraph.names import NAMED_TABLES, Name, Names
from capgraph.ontology import Code, Ontology
from capgraph.results import Context, Note, Result, Value, hidden, note, section
from capgraph.schema import CAP, CODE, THING
from capgraph.sparql import Query, prefixes

if TYPE_CHECKING:
    from capgraph.verbs.queries import Queries

Term = ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple

_XSD = "http://www.w3.org/2001/XMLSchema#"
_NUMBERS = frozenset(f"{_XSD}{name}" for name in ("decimal", "integer", "double", "float"))
_DATES = frozenset(f"{_XSD}{name}" for name in ("date", "gYearMonth", "gYear"))
_LOCAL = re.compile(r"[\w-]+")
"""A local name that needs no escapes behind a prefix."""
_TRACES = {"readings": "reading/", "sources": "source/"}
"""The columns that say what stands behind a row, and how the ids in them begin."""


@dataclass(frozen=True, slots=True)
class Solutions:
    """The rows of a SELECT as terms, None where a variable is unbound. ``cut``: there were more."""

    variables: tuple[str, ...]
    rows: tuple[tuple[Term | None, ...], ...]
    cut: bool = False

    @classmethod
    def read(cls, outcome: Outcome) -> Solutions:
        """The rows in an outcome of format ``tsv``."""
        found = ox.parse_query_results(outcome.body, ox.QueryResultsFormat.TSV)
        assert isinstance(found, ox.QuerySolutions)
        names = tuple(variable.value for variable in found.variables)
        return cls(names, tuple(tuple(row) for row in found), outcome.cut)


@dataclass(frozen=True, slots=True)
class Reader:
    """Turns terms into values: parties and products into names, codes into codes, dates into spans.

    ``unbound`` is what a variable without a value becomes: None reads "unknown", an empty text stays empty.
    """

    ontology: Ontology
    names: Names
    unbound: Any = None

    def value(self, term: Term | None) -> Any:
        """One term as the value that answers have."""
        if term is None:
            return self.unbound
        if isinstance(term, ox.NamedNode):
            return self._thing(term.value)
        if isinstance(term, ox.Literal):
            listed = _refs(term)
            return tuple(self._thing(THING + ref) for ref in sorted(listed)) if listed else _literal(term)
        return str(term)

    def _thing(self, iri: str) -> Name | Code | str:
        if iri.startswith(THING):
            ref = iri.removeprefix(THING)
            kind = self.ontology.schema.by_kind.get(ref.split("/")[0])
            return self.names.name(ref) if kind is not None and kind.name in NAMED_TABLES else ref
        if iri.startswith(CODE) and iri.count("/") == CODE.count("/") + 1:
            scheme, notation = iri.removeprefix(CODE).split("/")
            return self.ontology.code(scheme, notation)
        label = self.ontology.class_label(iri)
        short = self.shortened(iri)
        return Name(short, label.en, label.zh) if label.en and iri.startswith(CAP) else short

    def shortened(self, iri: str) -> str:
        """An IRI with its prefix, whole where none fits."""
        cut = max(iri.rfind("/"), iri.rfind("#")) + 1
        for prefix, space in prefixes(self.ontology).items():
            if space == iri[:cut] and _LOCAL.fullmatch(iri[cut:]):
                return f"{prefix}:{iri[cut:]}"
        return iri


def _literal(term: ox.Literal) -> Decimal | bool | DateSpan | str:
    datatype = term.datatype.value
    if datatype in _NUMBERS:
        number = Decimal(term.value) if term.value not in ("INF", "-INF") else Decimal("nan")
        return number if number.is_finite() else term.value
    if datatype == f"{_XSD}boolean":
        return term.value in ("true", "1")
    if datatype in _DATES:
        return span_in(term.value) or term.value
    return term.value


def triples_of(outcome: Outcome) -> Solutions:
    """The triples of a CONSTRUCT or DESCRIBE (format ``nt``) as rows."""
    found = ox.parse(outcome.body, format=ox.RdfFormat.N_TRIPLES)
    rows = tuple((triple.subject, triple.predicate, triple.object) for triple in found)
    return Solutions(("subject", "predicate", "object"), rows, outcome.cut)


# Answers --------------------------------------------------------------------------------------------------------------


def answer(
    kind: str,
    head: Mapping[str, Any],
    solutions: Solutions,
    reader: Reader,
    context: Context,
    notes: Sequence[Note],
    blank: Collection[str] = (),
) -> Result:
    """The rows of a query as an answer.

    ``kind`` names the answer (its title is the word ``title.<kind>``, filled from ``head``). Where a variable has a
    companion ``<variable>_unit``, both and their ``_low`` and ``_high`` become one figure. ``?readings`` and
    ``?sources`` become the ids behind the row, which tables leave out and ``--evidence`` opens; a query without them
    is credited with every reading and source that it names anywhere. In the columns ``blank`` a variable without a
    value means that there is none, not that it is unknown.
    """
    figures = {name for name in solutions.variables if f"{name}_unit" in solutions.variables}
    parts = {f"{name}_{end}" for name in figures for end in ("unit", "low", "high")}
    shown = [name for name in solutions.variables if name not in parts and name not in _TRACES]
    fields: list[Any] = [(field_name(name), Any) for name in shown]
    fields += [(name, tuple[str, ...], hidden()) for name in _TRACES]
    row_type = dataclasses.make_dataclass("Row", fields, frozen=True, slots=True)
    readers = {name: replace(reader, unbound="") if name in blank else reader for name in shown}
    rows = tuple(row_type(*_cells(solutions, row, readers, figures)) for row in solutions.rows)
    return _result(kind, head, [("rows", tuple[Any, ...], section(row_type))], {"rows": rows}, context, notes)


def _cells(
    solutions: Solutions, row: Sequence[Term | None], readers: Mapping[str, Reader], figures: set[str]
) -> Iterable[Any]:
    bound = dict(zip(solutions.variables, row, strict=True))
    for name, reader in readers.items():
        yield _figure(bound, name, reader) if name in figures else reader.value(bound[name])
    for name, start in _TRACES.items():
        terms = [bound[name]] if name in bound else row
        yield tuple(sorted({ref for term in terms for ref in _refs(term) if ref.startswith(start)}))


def _figure(bound: Mapping[str, Term | None], name: str, reader: Reader) -> Any:
    """A figure from a variable and its companions; without any number the reader says what that means."""
    low, value, high = (_number(bound.get(key)) for key in (f"{name}_low", name, f"{name}_high"))
    if low is None and value is None and high is None:
        return reader.unbound
    unit = reader.value(bound[f"{name}_unit"])
    return Value(value, unit.code if isinstance(unit, Code) else "", low, high)


def _number(term: Term | None) -> Decimal | None:
    value = _literal(term) if isinstance(term, ox.Literal) else None
    return value if isinstance(value, Decimal) else None


def _refs(term: Term | None) -> list[str]:
    """The things that a term names: one IRI, or several in one text as GROUP_CONCAT joins them."""
    words = term.value.split() if isinstance(term, (ox.NamedNode, ox.Literal)) else []
    return [word.removeprefix(THING) for word in words] if all(word.startswith(THING) for word in words) else []


def yes_or_no(kind: str, head: Mapping[str, Any], outcome: Outcome, context: Context) -> Result:
    """The answer of an ASK (format ``tsv``)."""
    return _result(kind, {**head, "holds": outcome.body.strip() == b"true"}, [], {}, context, ())


def _result(
    kind: str,
    head: Mapping[str, Any],
    more: Sequence[tuple[str, Any, Any]],
    rows: Mapping[str, Any],
    context: Context,
    notes: Sequence[Note],
) -> Result:
    """An answer of its own class: header fields, of which the first is told by the title alone, and further fields."""
    first = next(iter(head))
    fields: list[Any] = [(name, Any, dataclasses.field(metadata={"hide": name == first})) for name in head]
    shape = dataclasses.make_dataclass(kind, [*fields, *more], bases=(Result,), frozen=True, slots=True)
    result = shape(**head, **rows, context=context, notes=tuple(notes))
    assert isinstance(result, Result)
    return result


def field_name(variable: str) -> str:
    """The column of a variable: its own name, changed as little as Python asks for.

    >>> field_name("holder"), field_name("from"), field_name("1")
    ('holder', 'from_', 'v1')
    """
    if not variable.isidentifier():
        return f"v{variable}"
    return f"{variable}_" if keyword.iskeyword(variable) else variable


def queried(graph: Queries, text: str | Query, limits: Limits | None) -> Result:
    """A free query as an answer: everything that it selects is shown, unbound variables are empty."""
    query = Query.parse(text) if isinstance(text, str) else text
    outcome = graph.sparql(query, "nt" if query.yields_graph else "tsv", limits)
    head = {"query": query.name}
    if query.form == "ask":
        return yes_or_no("Queried", head, outcome, graph.context)
    solutions = triples_of(outcome) if query.yields_graph else Solutions.read(outcome)
    notes = [note("query.cut", count=len(solutions.rows))] if outcome.cut else []
    return answer("Queried", head, solutions, Reader(graph.ontology, graph.network.names, ""), graph.context, notes)

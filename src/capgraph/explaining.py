"""How a query is understood, and where it will be slow: its patterns with the number of triples that each one meets."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from capgraph.bindings import Reader, Solutions
from capgraph.bounded import Limits
from capgraph.results import Note, Result, note, section
from capgraph.sparql import Query, QueryProblem, prefixes, tokens

if TYPE_CHECKING:
    from capgraph.verbs.queries import Queries

_COUNTING = 5.0
"""Seconds that counting one pattern may take."""
_MAIN = "main"
_IRI = re.compile(r"<([^<>]*)>")
_WITHIN = {"LeftJoin": "optional", "Minus": "minus", "Builtin_NOTEXISTS": "not_exists", "Builtin_EXISTS": "exists"}
"""The parts of the algebra that change what a pattern does, and the word for each."""


@dataclass(frozen=True, slots=True)
class Pattern:
    """One triple pattern: where it stands, as text, and how many triples (or pairs of a path) it meets by itself."""

    within: Note
    pattern: str
    matches: int | None


@dataclass(frozen=True, slots=True)
class Explained(Result):
    """A query taken apart."""

    query: str
    form: str
    dataset: Note
    prefixes: str
    patterns: tuple[Pattern, ...] = section(Pattern)


def explain(graph: Queries, asked: str | Query, limits: Limits | None = None) -> Explained:
    """Take a query apart.

    The patterns come from rdflib's algebra, a second reading of the same text; the engine orders them as it sees fit.
    Raises QueryProblem for a query that the engine does not understand.
    """
    query = Query.parse(asked) if isinstance(asked, str) else asked
    graph.sparql(_only_read(query), "nt" if query.yields_graph else "tsv", replace(limits or Limits(), rows=1))
    found, notes = _patterns(graph, query)
    reader = Reader(graph.ontology, graph.network.names)
    counted = []
    for within, pattern in sorted(found, key=lambda entry: entry[0] != _MAIN):
        text = _IRI.sub(lambda match: _shorter(reader, match[1]), pattern)
        counted.append(Pattern(note(f"explain.{within}"), text, _count(graph, text) if "_:" not in text else None))
    used = sorted({mark.text.split(":")[0] for mark in tokens(query.text) if mark.kind == "name"})
    known = prefixes(graph.ontology)
    return Explained(
        query=query.name,
        form=query.form.upper(),
        dataset=note("explain.union" if query.union else "explain.named"),
        prefixes=", ".join(name for name in used if name in known),
        patterns=tuple(counted),
        context=graph.context,
        notes=notes,
    )


def _shorter(reader: Reader, iri: str) -> str:
    short = reader.shortened(iri)
    return f"<{iri}>" if short == iri else short


def _only_read(query: Query) -> Query:
    """The query so that the engine reads it and does next to nothing: where it may, with one row."""
    bounded = any(mark.text.upper() in ("LIMIT", "OFFSET") for mark in tokens(query.text) if mark.kind == "word")
    return query if bounded or query.form == "ask" else replace(query, text=f"{query.text}\nLIMIT 1")


def _patterns(graph: Queries, query: Query) -> tuple[list[tuple[str, str]], tuple[Note, ...]]:
    """Each triple pattern with the part in which it stands, and what to know of the query's traps."""
    from rdflib.plugins.sparql import prepareQuery

    try:
        algebra = prepareQuery(query.text, initNs=dict(prefixes(graph.ontology))).algebra
    except Exception:  # rdflib raises what it likes on syntax that only the engine knows
        return [], (note("explain.other_reader"),)
    found = list(_walk(algebra, _MAIN))
    notes = []
    if sum(within == "not_exists" for within, _ in found) > 1:
        notes.append(note("explain.use_minus"))
    if any(_is_all_pairs(text) for _, text in found):
        notes.append(note("explain.all_pairs"))
    return found, tuple(notes)


def _walk(part: Any, within: str) -> Iterator[tuple[str, str]]:
    """The patterns below a part of rdflib's algebra, in its order."""
    name = getattr(part, "name", "")
    if name in ("BGP", "TriplesBlock"):
        for triple in part.get("triples") or ():
            yield within, " ".join(_text(term) for term in triple)
        return
    for key, child in _children(part):
        inner = _WITHIN.get(name, within) if key != "p1" else within
        yield from _walk(child, inner)


def _children(part: Any) -> Iterable[tuple[str, Any]]:
    if isinstance(part, dict):
        return [(key, value) for key, value in part.items() if isinstance(value, (dict, list)) and key != "_vars"]
    return [("", value) for value in part] if isinstance(part, list) else []


def _text(term: Any) -> str:
    return str(term.n3()) if hasattr(term, "n3") else str(term)


def _is_all_pairs(text: str) -> bool:
    """Whether a pattern is a path of any length between two variables."""
    subject, *path, value = text.split(" ")
    return subject.startswith("?") and value.startswith("?") and any(step.endswith(("+", "*")) for step in path)


def _count(graph: Queries, pattern: str) -> int | None:
    """How many solutions one pattern has by itself, None where counting takes too long."""
    query = Query.parse(f"SELECT (COUNT(*) AS ?n) WHERE {{ {pattern} }}")
    try:
        outcome = graph.sparql(query, "tsv", Limits(seconds=_COUNTING))
    except QueryProblem:
        return None
    term = Solutions.read(outcome).rows[0][0]
    return int(getattr(term, "value", "0"))

"""What a user types for a question, as RDF terms in the places where the query holds its defaults.

A parameter is a block ``VALUES ?name { ... }``. Binding replaces the terms in that block and nothing else: what
somebody typed becomes a whole term, written as the engine writes terms, and never a piece of query text.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyoxigraph as ox

from capgraph.clocks import DateSpan
from capgraph.errors import UsageProblem
from capgraph.quads import thing_iri
from capgraph.schema import is_number
from capgraph.sparql import tokens

if TYPE_CHECKING:
    from capgraph.graph import CapitalGraph

Term = ox.NamedNode | ox.Literal

_COMMENTED = re.compile(r"^[ \t]*(#[ \t]*VALUES[ \t]+\?(\w+)[ \t]*\{[^}\n]*\})", re.MULTILINE)
_XSD = "http://www.w3.org/2001/XMLSchema#"
_CLOCKS = ("as-of", "known-on")


@dataclass(frozen=True, slots=True)
class Block:
    """Where a block of values stands in a query, and whether it is active or in a comment."""

    start: int
    end: int
    active: bool


CODED = "code-"
"""The type of a parameter that is a code: ``code-`` and the name of its list."""


def _party(graph: CapitalGraph, text: str) -> list[Term]:
    return [ox.NamedNode(thing_iri(graph.network.names.resolve(text, ("party",))))]


def _parties(graph: CapitalGraph, text: str) -> list[Term]:
    return [term for name in text.split(",") for term in _party(graph, name.strip())]


def _thing(graph: CapitalGraph, text: str) -> list[Term]:
    if text not in graph.facts:
        raise UsageProblem(f"there is no {text!r}; name things as kind/id, such as contract/...")
    return [ox.NamedNode(thing_iri(text))]


def _day(graph: CapitalGraph, text: str, first: bool = False) -> list[Term]:
    """A date as its last day (its first where a period begins); the name of a clock means that clock."""
    if text in _CLOCKS:
        day = graph.clocks.as_of if text == "as-of" else graph.clocks.known_on
    else:
        span = DateSpan.parse(text)
        day = span.first if first else span.last
    return [ox.Literal(day.isoformat(), datatype=ox.NamedNode(f"{_XSD}date"))]


def _numeral(graph: CapitalGraph, text: str) -> list[Term]:  # noqa: ARG001 (one signature)
    if not is_number(text):
        raise UsageProblem(f"{text!r} is no number; write a plain one such as 0.5 or 10000000000")
    return [ox.Literal(text, datatype=ox.NamedNode(f"{_XSD}decimal"))]


READERS: Mapping[str, Callable[[CapitalGraph, str], list[Term]]] = {
    "party": _party,
    "parties": _parties,
    "thing": _thing,
    "date": _day,
    "since": lambda graph, text: _day(graph, text, first=True),
    "number": _numeral,
    "text": lambda _, text: [ox.Literal(text)],
}


def terms(graph: CapitalGraph, type: str, text: str) -> list[Term]:
    """What a user typed for a parameter of a type as RDF terms; nothing typed leaves the parameter open (no terms).

    Names resolve as everywhere. Raises UsageProblem for a value of the wrong type, UnknownName and AmbiguousName.
    """
    if not text:
        return []
    if not type.startswith(CODED):
        return READERS[type](graph, text)
    scheme = type.removeprefix(CODED)
    codes = [graph.ontology.find_code(scheme, each.strip()) for each in text.split(",")]
    if None in codes:
        raise UsageProblem(f"{text!r} is no {scheme}; there are: {', '.join(graph.ontology.codes(scheme))}")
    return [ox.NamedNode(code.iri) for code in codes if code]


def values_blocks(text: str) -> dict[str, list[Block]]:
    """The blocks ``VALUES ?name { ... }`` of one variable each, those in a comment of their own line included.

    A block in a comment belongs to a parameter that is open unless somebody gives it: an engine that met the block
    with UNDEF in it would join the slow way.
    """
    found: dict[str, list[Block]] = {}
    marks = list(tokens(text))
    for word, variable, brace in zip(marks, marks[1:], marks[2:], strict=False):
        opens = brace.text == "{" and variable.kind == "variable"
        if opens and word.kind == "word" and word.text.upper() == "VALUES":
            end = next((mark.end for mark in marks if mark.text == "}" and mark.start > brace.start), len(text))
            found.setdefault(variable.text[1:], []).append(Block(word.start, end, active=True))
    for match in _COMMENTED.finditer(text):
        found.setdefault(match[2], []).append(Block(match.start(1), match.end(), active=False))
    return found


def bound(text: str, values: Mapping[str, Sequence[Term]]) -> str:
    """The query with the terms of these parameters in their blocks. An open parameter (no terms) loses its block.

    >>> bound("ASK { VALUES ?n { 1 } ?s ?p ?n }", {"n": [ox.Literal("softbank } #")]})
    'ASK { VALUES ?n { "softbank } #" } ?s ?p ?n }'
    >>> bound("ASK { VALUES ?n { 1 } ?s ?p ?n }", {"n": []})
    'ASK {  ?s ?p ?n }'
    """
    cuts = [
        (block, name)
        for name, blocks in values_blocks(text).items()
        if name in values
        for block in blocks
        if block.active or values[name]
    ]
    for block, name in sorted(cuts, key=lambda cut: -cut[0].start):
        written = " ".join(str(term) for term in values[name])
        shown = f"VALUES ?{name} {{ {written} }}" if written else ""
        text = f"{text[: block.start]}{shown}{text[block.end :]}"
    return text

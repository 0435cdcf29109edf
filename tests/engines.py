"""The same query in another engine: rdflib over a copy of the graph, and terms as values that engines agree on."""

from __future__ import annotations

import signal
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pyoxigraph as ox
import rdflib

from capgraph.bindings import Solutions

_XSD = "http://www.w3.org/2001/XMLSchema#"
_NUMBERS = {f"{_XSD}{name}" for name in ("decimal", "integer", "double", "float")}
_STRINGS = {f"{_XSD}string", "http://www.w3.org/1999/02/22-rdf-syntax-ns#langString", "None", ""}


class TooSlow(Exception):
    """An engine did not come back in time."""


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """Stop rdflib, which runs in Python, after so many seconds of processor time, however busy the machine."""

    def stop(*_: object) -> None:
        raise TooSlow

    before = signal.signal(signal.SIGPROF, stop)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


def in_rdflib(graph: ox.Store) -> rdflib.Graph:
    """All graphs of a store as one rdflib graph in memory."""
    triples = {ox.Triple(quad.subject, quad.predicate, quad.object): None for quad in graph}
    copy = rdflib.Graph()
    copy.parse(data=ox.serialize(list(triples), format=ox.RdfFormat.N_TRIPLES) or b"", format="nt")
    return copy


def rows_of(solutions: Solutions) -> Counter[tuple[Any, ...]]:
    """The rows of our own engine as values."""
    return Counter(tuple(_of_oxigraph(term) for term in row) for row in solutions.rows)


def rows_from(result: rdflib.query.Result) -> Counter[tuple[Any, ...]]:
    """The rows of rdflib as values."""
    return Counter(tuple(_of_rdflib(term) for term in row) for row in result)


def _of_oxigraph(term: object) -> Any:
    if isinstance(term, ox.Literal):
        return _value(term.value, term.datatype.value)
    return None if term is None else getattr(term, "value", str(term))


def _of_rdflib(term: object) -> Any:
    if isinstance(term, rdflib.Literal):
        return _value(str(term), str(term.datatype))
    return None if term is None else str(term)


def _value(text: str, datatype: str) -> Any:
    """A literal by its value: numbers to six digits, texts without language, several things in one text as a set."""
    if datatype in _NUMBERS:
        return round(float(text), 6)
    if datatype == f"{_XSD}boolean":
        return text in ("true", "1")
    if datatype in _STRINGS and "/id/" in text:
        return frozenset(text.split())
    return text

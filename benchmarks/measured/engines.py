"""A graph in our store and in rdflib's memory: loading, and every named question with its defaults."""

from __future__ import annotations

import hashlib
import time
from collections import Counter
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pyoxigraph as ox
import rdflib as peer
from tests.engines import TooSlow, rows_from, rows_of, within

from benchmarks.measured.clock import RUNS, least
from capgraph import asking
from capgraph.bindings import Solutions
from capgraph.errors import UsageProblem
from capgraph.graph import CapitalGraph, load
from capgraph.questions import questions

Told = Iterator[tuple[str, Any]]


def _graph(data: str) -> CapitalGraph:
    """The graph of a data folder, the bundled one if none is named."""
    return load(data or None)


def write(folder: str, data: str) -> Told:
    """The graph as one TriG file, its triples as N-Triples, and the query of every question as it runs anywhere, None
    where its defaults name what the data do not have."""
    graph, path = _graph(data), Path(folder)
    triples = list(dict.fromkeys(ox.Triple(quad.subject, quad.predicate, quad.object) for quad in graph.rdf))
    ox.serialize(triples, str(path / "graph.nt"), format=ox.RdfFormat.N_TRIPLES)
    ox.serialize(list(graph.rdf), str(path / "graph.trig"), format=ox.RdfFormat.TRIG)
    yield "triples", len(triples)
    for name, asked in questions(graph.ontology).items():
        try:
            yield name, asking.prepare(graph, asked, {})[0].text
        except UsageProblem:
            yield name, None


def tables(data: str) -> Told:
    """From the tables on disk to a graph that can be asked, nothing kept from before."""
    before = time.perf_counter()
    size = len(_graph(data).rdf)
    yield "seconds", time.perf_counter() - before
    yield "quads", size


def oxigraph(folder: str) -> Told:
    """The engine that we embed, loading the same TriG file."""
    before = time.perf_counter()
    store = ox.Store()
    store.bulk_load(path=str(Path(folder) / "graph.trig"), format=ox.RdfFormat.TRIG)
    yield "seconds", time.perf_counter() - before
    yield "quads", len(store)


def rdflib(folder: str) -> Told:
    """rdflib, loading the same TriG file into memory."""
    before = time.perf_counter()
    dataset = peer.Dataset(default_union=True)
    dataset.parse(Path(folder) / "graph.trig", format="trig")
    yield "seconds", time.perf_counter() - before
    yield "quads", sum(1 for _ in dataset.quads())


def ask_ours(data: str, names: list[str], queries: list[str]) -> Told:
    """Each query as users run it: in a process forked for it, answers read back."""
    graph = _graph(data)
    graph.sparql("ASK {}")
    for name, text in zip(names, queries, strict=True):
        seconds, found = least(partial(_ours, graph, text))
        yield name, [seconds, len(found.rows), _digest(rows_of(found))]


def ask_rdflib(folder: str, names: list[str], queries: list[str], patience: float) -> Told:
    """Each query in one plain graph of all triples, where rdflib is quickest; None beyond ``patience`` seconds."""
    graph = peer.Graph()
    graph.parse(Path(folder) / "graph.nt", format="nt")
    graph.query("ASK {}")
    for name, text in zip(names, queries, strict=True):
        before = time.perf_counter()
        try:
            with within(patience):
                rows = rows_from(graph.query(text))
                seconds = time.perf_counter() - before
            if seconds < 1:
                seconds = min(seconds, least(partial(_theirs, graph, text), RUNS - 1)[0])
            yield name, [seconds, sum(rows.values()), _digest(rows)]
        except TooSlow:
            yield name, None
        except Exception as error:  # rdflib breaks on some legal queries; which, is a result
            yield name, [f"{type(error).__name__}: {error}"]


def _ours(graph: CapitalGraph, text: str) -> Solutions:
    return Solutions.read(graph.sparql(text, "tsv"))


def _theirs(graph: peer.Graph, text: str) -> Counter[tuple[Any, ...]]:
    return rows_from(graph.query(text))


def _digest(rows: Counter[tuple[Any, ...]]) -> str:
    """Rows by value, in no order, as one short text."""
    lines = sorted(f"{[sorted(cell) if isinstance(cell, frozenset) else cell for cell in row]} {count}"
                   for row, count in rows.items())  # fmt: skip
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:16]
